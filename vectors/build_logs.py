# ruff: noqa: INP001  a program, not part of a package
"""The vectors of the record and of key wrapping; `build.py` writes them with the others.

A log of eleven fixed entries; one checkpoint of eight of them is signed once and kept, a second party cosigns it once,
and a content key is wrapped once. Everything else follows from these and is made anew each time.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from gsomia import canon
from gsomia.audit import (
    Checkpoint,
    Cosigner,
    Event,
    Frontier,
    InclusionReceipt,
    Leaf,
    build_consistency,
    build_inclusion,
    cosign,
    encode_leaf,
    leaf_hash,
    log_keys,
    print_tlog_proof,
    print_vkey,
    sign_checkpoint,
    verify_checkpoint,
)
from gsomia.envelope.suite import wrap
from gsomia.ids import sha256_hex
from gsomia.instants import Instant
from gsomia.parties import HybridSigner, Opener, Strength

OURS = "made by vectors/build.py of this repository"
ORIGIN, WITNESS = "gsomia/kor/shared/jpn", "gsomia/jpn/cosigner"
NOW = Instant.parse("2026-11-23T00:00:00Z")
LOG_SEED, OTHER_SEED, COSIGNER_SEED = bytes(range(64)), bytes(range(1, 65)), bytes(range(2, 66))
LOG, OTHER, COSIGNER = (HybridSigner.from_seed(seed, Strength.LOG) for seed in (LOG_SEED, OTHER_SEED, COSIGNER_SEED))
ENTRIES, SIGNED = 11, 8
XWING_SEED, OTHER_XWING_SEED = bytes(range(32)), bytes(range(1, 33))
HEADER_DIGEST, CONTENT_KEY = hashlib.sha256(b"a header").digest(), hashlib.sha256(b"a content key").digest()

Vector = dict[str, Any]
Draw = Callable[[str, Callable[[], Vector]], Vector]
"""The kept vector of that name, or a fresh one."""


@dataclass
class Log:
    """The log, with all its nodes and the root of every size."""

    frontier: Frontier = field(default_factory=Frontier)
    leaves: list[bytes] = field(default_factory=list)
    roots: list[bytes] = field(default_factory=lambda: [Frontier().root()])
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree."""
        return self.nodes[level, index]


def the_log() -> Log:
    """Eleven entries, the same each time."""
    log = Log()
    for number in range(ENTRIES):
        entry = Leaf(
            v=1,
            event=Event.DELIVERY_RECEIVED,
            at=NOW.plus(seconds=number),
            nonce=number.to_bytes(16, "big"),
            ids={"consignment": "csg_" + "abcdefghijk"[number] * 26, "item": "itm_" + "abcdefghijk"[number] * 26},
            digest=sha256_hex(b"manifest %d" % number),
        )
        leaf = encode_leaf(entry)
        log.frontier, completed = log.frontier.append(leaf_hash(leaf))
        log.nodes.update({(node.level, node.index): node.hash for node in completed})
        log.leaves.append(leaf)
        log.roots.append(log.frontier.root())
    return log


def b64(data: bytes) -> str:
    """Standard base64 with padding."""
    return b64encode(data).decode()


def flip(data: bytes, position: int) -> bytes:
    """One bit turned over."""
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def keys(signer: HybridSigner, seed: bytes, vkeys: list[str]) -> Vector:
    """A key as these vectors carry it."""
    public = {"ed25519_base64": b64(signer.public.ed25519), "mldsa44_base64": b64(signer.public.mldsa)}
    return {**public, "seed_base64": b64(seed), "vkeys": vkeys}


# --- checkpoints ----------------------------------------------------------------------------


def checkpoints(drawn: Draw) -> Iterator[tuple[str, Vector]]:
    """Signed notes of one log, with and without a cosignature, and what must not pass for one."""
    yield (
        "keys",
        {
            "comment": "keys of logs and of a cosigner; seeds are 32 bytes Ed25519, then 32 bytes ML-DSA-44",
            "expect": "none",
            "origin": OURS,
            "keys": {
                "log": keys(LOG, LOG_SEED, [print_vkey(key) for key in log_keys(ORIGIN, LOG.public)]),
                "other": keys(OTHER, OTHER_SEED, [print_vkey(key) for key in log_keys(ORIGIN, OTHER.public)]),
            },
            "cosigners": {
                WITNESS: keys(
                    COSIGNER,
                    COSIGNER_SEED,
                    [print_vkey(key) for key in Cosigner(name=WITNESS, key=COSIGNER.public).note_keys],
                )
            },
        },
    )
    good = drawn("checkpoints/good", _draw_checkpoint)
    yield "good", good
    cosigned = drawn("checkpoints/cosigned", lambda: _draw_cosigned(good))
    yield "cosigned", cosigned
    note = good["note"].encode()
    text, _, lines = note.rpartition(b"\n\n")
    first, second = lines.splitlines(keepends=True)
    origin, size, root = text.split(b"\n")
    wrong = {**good, "expect": "refuse", "origin": OURS, "drawn": False}

    def changed(comment: str, note: bytes, base: Vector = wrong) -> Vector:
        return {**base, "comment": comment, "note": note.decode()}

    def with_line(number: int, position: int) -> bytes:
        kept = [first, second]
        name, encoded = kept[number].rsplit(b" ", 1)
        kept[number] = name + b" " + b64(flip(b64decode(encoded), position)).encode() + b"\n"
        return text + b"\n\n" + b"".join(kept)

    yield "another-key", {**wrong, "comment": "the log is pinned under another key", "key": "other"}
    yield "another-log", {**wrong, "comment": "another log is expected", "log": "gsomia/kor/shared/usa"}
    yield "stripped-of-ml-dsa", changed("the Ed25519 line alone", text + b"\n\n" + first)
    yield "stripped-of-ed25519", changed("the ML-DSA-44 line alone", text + b"\n\n" + second)
    yield "doubled", changed("the Ed25519 line twice", text + b"\n\n" + first + first + second)
    yield "flipped-ed25519", changed("one bit of the Ed25519 signature", with_line(0, 30))
    yield "flipped-ml-dsa", changed("one bit of the ML-DSA-44 signature", with_line(1, 300))
    yield "flipped-time", changed("one bit of the time that the ML-DSA-44 signature covers", with_line(1, 11))
    flipped = b64(flip(b64decode(root), 5)).encode()
    head = b"\n".join((origin, size, flipped))
    yield "flipped-root", changed("one bit of the root", head + b"\n\n" + lines)
    yield "another-size", changed("one entry more", b"\n".join((origin, b"9", root)) + b"\n\n" + lines)
    yield "padded-size", changed("the size with a leading zero", b"\n".join((origin, b"08", root)) + b"\n\n" + lines)
    yield "extension", changed("a line after the root, which ML-DSA would not cover", text + b"\nmore\n\n" + lines)
    yield "not-a-note", changed("no empty line before the signatures", text + b"\n" + lines)
    yield from _cosigned(cosigned)


def _cosigned(cosigned: Vector) -> Iterator[tuple[str, Vector]]:
    wrong = {**cosigned, "expect": "refuse", "origin": OURS, "drawn": False}
    lines = cosigned["cosignature"].splitlines(keepends=True)
    name, encoded = lines[1].rsplit(" ", 1)
    false = f"{name} {b64(flip(b64decode(encoded), 400))}\n"
    yield "cosigned-flipped", {**wrong, "comment": "one bit of the cosignature", "cosignature": lines[0] + false}
    yield "cosigned-stripped", {**wrong, "comment": "the cosigner's Ed25519 line alone", "cosignature": lines[0]}
    yield "cosigned-doubled", {**wrong, "comment": "a cosigner's line twice", "cosignature": lines[0] + "".join(lines)}


def _draw_checkpoint() -> Vector:
    log = the_log()
    checkpoint = Checkpoint(origin=ORIGIN, size=SIGNED, root=log.roots[SIGNED])
    return {
        "comment": "exactly one Ed25519 line and one ML-DSA-44 line of the log's key name",
        "expect": "accept",
        "origin": OURS + " once; ML-DSA signatures are random",
        "log": ORIGIN,
        "key": "log",
        "size": SIGNED,
        "root_base64": b64(log.roots[SIGNED]),
        "note": sign_checkpoint(checkpoint, signer=LOG, at=NOW).decode(),
    }


def _draw_cosigned(good: Vector) -> Vector:
    signed = verify_checkpoint(good["note"].encode(), origin=ORIGIN, key=LOG.public)
    lines = cosign(signed, name=WITNESS, signer=COSIGNER, at=NOW.plus(seconds=60))
    comment = "cosigned by a witness: its Ed25519 line and its ML-DSA-44 line, of one time"
    return {**good, "comment": comment, "cosigner": WITNESS, "cosignature": lines.decode()}


# --- receipts -------------------------------------------------------------------------------


def receipts(drawn: Draw) -> Iterator[tuple[str, Vector]]:
    """Inclusion receipts as they cross (canonical JSON) and as they lie on disk (C2SP tlog-proof)."""
    log, note = the_log(), drawn("checkpoints/good", _draw_checkpoint)["note"].encode()
    true = InclusionReceipt(leaf=log.leaves[5], index=5, proof=build_inclusion(5, SIGNED, log.node), checkpoint=note)
    base = {"log": ORIGIN, "key": "log", "origin": OURS}

    def vector(comment: str, expect: str, receipt: InclusionReceipt, **changes: Any) -> Vector:  # noqa: ANN401
        forms = {"receipt": canon.encode(receipt).decode(), "tlog_proof": print_tlog_proof(receipt).decode()}
        return {"comment": comment, "expect": expect, **base, **forms, **changes}

    yield "good", vector("entry 5 of 8", "accept", true, leaf_sha256=sha256_hex(log.leaves[5]))
    first = replace(true, leaf=log.leaves[0], index=0, proof=build_inclusion(0, SIGNED, log.node))
    yield "good-first", vector("entry 0 of 8", "accept", first, leaf_sha256=sha256_hex(log.leaves[0]))
    sibling = flip(true.proof[1], 7)
    for name, comment, wrong in (
        ("flipped-entry", "one bit of the entry", replace(true, leaf=flip(true.leaf, 60))),
        (
            "flipped-proof",
            "one bit of a hash of the proof",
            replace(true, proof=(true.proof[0], sibling, true.proof[2])),
        ),
        ("another-entry", "the proof of another entry", replace(true, leaf=log.leaves[4])),
        ("another-index", "the index of another entry", replace(true, index=4)),
        ("beyond-the-log", "an index that the log does not have", replace(true, index=8)),
        ("short-proof", "a hash of the proof left out", replace(true, proof=true.proof[:-1])),
        ("long-proof", "a hash of the proof too many", replace(true, proof=(*true.proof, bytes(32)))),
        (
            "stripped-checkpoint",
            "a checkpoint without its ML-DSA-44 line",
            replace(true, checkpoint=b"".join(note.splitlines(keepends=True)[:-1])),
        ),
    ):
        yield name, vector(comment, "refuse", wrong)
    yield "another-key", vector("the log is pinned under another key", "refuse", true, key="other")
    yield "another-log", vector("another log is expected", "refuse", true, log="gsomia/kor/shared/usa")


# --- proofs ---------------------------------------------------------------------------------


def proofs() -> Iterator[tuple[str, Vector]]:
    """Inclusion and consistency proofs of RFC 9162, without signatures: every size up to eleven."""
    log = the_log()
    for size in range(1, ENTRIES + 1):
        for index in sorted({0, size // 2, size - 1}):
            path = build_inclusion(index, size, log.node)
            yield (
                f"inclusion-{index}-of-{size}",
                _inclusion(log, index, size, path, f"entry {index} is in the tree of {size}", "accept"),
            )
    path = build_inclusion(4, 7, log.node)
    yield "inclusion-flipped", _inclusion(log, 4, 7, (flip(path[0], 3), *path[1:]), "one bit of the proof", "refuse")
    yield "inclusion-elsewhere", _inclusion(log, 5, 7, path, "the proof of the entry before", "refuse")
    yield "inclusion-short", _inclusion(log, 4, 7, path[:-1], "a hash left out", "refuse")
    yield "inclusion-long", _inclusion(log, 4, 7, (*path, bytes(32)), "a hash too many", "refuse")
    yield "inclusion-beyond", _inclusion(log, 7, 7, path, "an index that the tree does not have", "refuse")
    for old, new in ((0, 7), (1, 2), (1, 8), (2, 5), (3, 7), (4, 7), (6, 7), (6, 8), (7, 7), (8, 11), (10, 11)):
        between = build_consistency(old, new, log.node) if old else ()
        yield f"consistency-{old}-{new}", _consistency(log, old, new, between, f"{new} continue {old}", "accept")
    between = build_consistency(3, 7, log.node)
    flipped = (*between[:-1], flip(between[-1], 3))
    yield "consistency-flipped", _consistency(log, 3, 7, flipped, "one bit of the proof", "refuse")
    yield "consistency-short", _consistency(log, 3, 7, between[:-1], "a hash left out", "refuse")
    yield "consistency-long", _consistency(log, 3, 7, (*between, bytes(32)), "a hash too many", "refuse")
    yield "consistency-elsewhere", _consistency(log, 4, 7, between, "the proof from another size", "refuse")
    rewritten = _consistency(log, 3, 7, between, "the old log had another root", "refuse")
    yield "consistency-rewritten", {**rewritten, "old_root_base64": b64(log.roots[2])}
    two = _consistency(log, 7, 7, (), "two roots for one size", "refuse")
    yield "consistency-two-roots", {**two, "old_root_base64": b64(log.roots[6])}


def _inclusion(log: Log, index: int, size: int, path: tuple[bytes, ...], comment: str, expect: str) -> Vector:
    return {
        "comment": comment,
        "expect": expect,
        "origin": OURS,
        "proof_of": "inclusion",
        "leaf_base64": b64(log.leaves[index]),
        "index": index,
        "size": size,
        "root_base64": b64(log.roots[size]),
        "proof_base64": [b64(sibling) for sibling in path],
    }


def _consistency(log: Log, old: int, new: int, path: tuple[bytes, ...], comment: str, expect: str) -> Vector:
    return {
        "comment": comment,
        "expect": expect,
        "origin": OURS,
        "proof_of": "consistency",
        "old_size": old,
        "old_root_base64": b64(log.roots[old]),
        "new_size": new,
        "new_root_base64": b64(log.roots[new]),
        "proof_base64": [b64(sibling) for sibling in path],
    }


# --- wrapped keys ---------------------------------------------------------------------------


def wrapped(drawn: Draw) -> Iterator[tuple[str, Vector]]:
    """A content key wrapped by HPKE for an X-Wing key that grows from one seed of 32 bytes."""
    good = drawn("wrapped/good", _draw_wrapped)
    wrong = {**good, "expect": "refuse", "origin": OURS, "drawn": False}
    sealed, info = b64decode(good["wrapped_base64"]), b64decode(good["info_base64"])
    yield "good", good
    changed = {"wrapped_base64": b64(flip(sealed, 5))}
    yield "flipped-ml-kem", {**wrong, "comment": "one bit of the ML-KEM-768 ciphertext", **changed}
    changed = {"wrapped_base64": b64(flip(sealed, 1100))}
    yield "flipped-x25519", {**wrong, "comment": "one bit of the X25519 share", **changed}
    changed = {"wrapped_base64": b64(flip(sealed, 1125))}
    yield "flipped-key", {**wrong, "comment": "one bit of the sealed content key", **changed}
    yield "another-header", {**wrong, "comment": "bound to another header", "info_base64": b64(flip(info, 25))}
    yield "another-opener", {**wrong, "comment": "another sealing key", "seed_base64": b64(OTHER_XWING_SEED)}


def _draw_wrapped() -> Vector:
    opener = Opener.from_seed(hashlib.shake_256(XWING_SEED).digest(96))
    return {
        "comment": "HPKE base mode: X-Wing, HKDF-SHA256, AES-256-GCM; 1120 bytes encapsulated, then the sealed key",
        "expect": "accept",
        "origin": OURS + " once; encapsulation is random",
        "seed_base64": b64(XWING_SEED),
        "info_base64": b64(b"gsomia-1 content key\x00" + HEADER_DIGEST),
        "wrapped_base64": b64(wrap(CONTENT_KEY, opener.public, HEADER_DIGEST)),
        "content_key_base64": b64(CONTENT_KEY),
    }
