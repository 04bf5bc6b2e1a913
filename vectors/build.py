# ruff: noqa: INP001  a program, not part of a package
"""Regenerate the public vectors: `python vectors/build.py`.

Whatever is deterministic is made anew and must not differ from what is committed. ML-DSA and HPKE draw their own
randomness, so a few vectors (`"drawn": true`) are kept as they are and every variant is derived from them;
`python vectors/build.py --redraw` draws them again.
"""

import hashlib
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import build_logs
import build_relay
import msgspec
import rfc8785

from gsomia import canon
from gsomia.agreements import SIGNATURE, AgreementSignature
from gsomia.envelope import (
    RELEASE,
    RELEASE_DECISION,
    BorderDecision,
    Header,
    KeyedParty,
    ReceivedEnvelope,
    SealedPart,
    begin_sealing,
    finish_sealing,
    label_commitment,
    parse_offer,
    print_offer,
    seal_segment,
    segment_count,
)
from gsomia.ids import InstrumentId, PartyCode, new_consignment_id, new_decision_id, new_item_id, sha256_hex
from gsomia.instants import Instant
from gsomia.labels import Category, Label, LabelKind
from gsomia.parties import (
    Hand,
    HybridKey,
    HybridSigner,
    Office,
    Opener,
    PersonSigner,
    Strength,
    payload_type,
    sign_act,
    sign_statement,
)

HERE = Path(__file__).parent
OURS = "made by vectors/build.py of this repository"
DRAWN = OURS + " once; signatures and sealed bytes are random"

KOR, JPN = msgspec.convert("KOR", PartyCode), msgspec.convert("JPN", PartyCode)
INSTRUMENT = msgspec.convert("GSOMIA-KR-JP", InstrumentId)
NOW = Instant.parse("2026-11-23T00:00:00Z")
AGREEMENT = sha256_hex(b"a text")
SIGNER_SEED, OTHER_SEED = bytes(range(64)), bytes(range(1, 65))
SEALING_SEED, OTHER_SEALING_SEED = bytes(range(96)), bytes(range(1, 97))
SIGNER = HybridSigner.from_seed(SIGNER_SEED, Strength.STATEMENT)
OTHER_SIGNER = HybridSigner.from_seed(OTHER_SEED, Strength.STATEMENT)
OPENER = Opener.from_seed(SEALING_SEED)
CONTENT = "발사 징후 / 発射の兆候 / signs of a launch\n".encode()

Vector = dict[str, Any]
Files = dict[str, bytes]


def build(*, redraw: bool = False) -> Files:
    """Every vector file by its path under `vectors/`."""
    files: Files = {}

    once: dict[str, Vector] = {}

    def draw(name: str, make: Callable[[], Vector]) -> Vector:
        if name not in once:
            once[name] = drawn(name, redraw, make)
        return once[name]

    for room, made in (
        ("canon", canonical()),
        ("statements", statements(redraw)),
        ("envelopes", envelopes(redraw)),
        ("checkpoints", build_logs.checkpoints(draw)),
        ("receipts", build_logs.receipts(draw)),
        ("proofs", build_logs.proofs()),
        ("wrapped", build_logs.wrapped(draw)),
        (
            "relays",
            build_relay.relays(draw, drawn("envelopes/good", redraw, lambda: draw_envelope(wrong_commitment=False))),
        ),
    ):
        for name, vector in made:
            files[f"{room}/{name}.json"] = msgspec.json.format(msgspec.json.encode(vector), indent=1) + b"\n"
    return files


def b64(data: bytes) -> str:
    """Standard base64 with padding."""
    return b64encode(data).decode()


def flip(data: bytes, position: int) -> bytes:
    """One bit turned over."""
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


# --- canonical JSON -------------------------------------------------------------------------

GOOD: dict[str, tuple[str, dict[str, Any]]] = {
    "empty": ("an object without members", {}),
    "sorted": ("members stand in the order of their names", {"b": 1, "a": 2, "a_1": 3, "a1": 4, "aa": 5}),
    "nested": ("objects and arrays in one another, no white space", {"list": [{"b": [], "a": {}}, None, True, False]}),
    "integers": ("from -(2^53-1) to 2^53-1", {"list": [0, -1, 9007199254740991, -9007199254740991]}),
    "escapes": ("only what must be escaped is, the short way if there is one", {"text": '"\\\b\t\n\f\r\x00\x1f\x7f/'}),
    "scripts": ("text is UTF-8 as it is, never normalised", {"text": "군사Ⅱ급비밀 極秘 é e\u0301 \u2028 \U0001f680"}),
    "dsse": ("the fixed names of DSSE", {"payload": "", "payloadType": "a/b", "signatures": []}),
}
REFUSED: dict[str, tuple[str, bytes]] = {
    "not-an-object": ("an array where an object is read", b"[]"),
    "white-space": ("a space after the colon", b'{"a": 1}'),
    "newline-at-the-end": ("a newline after the value", b'{"a":1}\n'),
    "other-order": ("members out of order", b'{"b":1,"a":2}'),
    "doubled-key": ("one name twice", b'{"a":1,"a":1}'),
    "float": ("a number with a fraction", b'{"a":1.5}'),
    "float-that-is-whole": ("a whole number written as a fraction", b'{"a":1.0}'),
    "exponent": ("a number with an exponent", b'{"a":1e2}'),
    "two-to-the-53": ("an integer that a double may not hold exactly", b'{"a":9007199254740992}'),
    "beyond-64-bits": ("an integer beyond 64 bits", b'{"a":100000000000000000000}'),
    "minus-zero": ("zero has no sign", b'{"a":-0}'),
    "leading-zero": ("a number with a leading zero", b'{"a":01}'),
    "needless-escape": ("a letter written as an escape", b'{"a":"\\u0061"}'),
    "escaped-slash": ("a slash that need not be escaped", b'{"a":"\\/"}'),
    "capital-escape": ("an escape in capitals", b'{"a":"\\u001F"}'),
    "long-escape": ("a newline written the long way", b'{"a":"\\u000a"}'),
    "lone-surrogate": ("half a character", b'{"a":"\\ud800"}'),
    "not-utf8": ("a byte that is no UTF-8", b'{"a":"\xff"}'),
    "byte-order-mark": ("a mark before the value", b"\xef\xbb\xbf{}"),
    "capital-key": ("a name outside `[a-z][a-z0-9_]*`", b'{"A":1}'),
    "empty-key": ("an empty name", b'{"":1}'),
    "key-with-newline": ("a name that ends in a newline", b'{"a\\n":1}'),
    "cut-short": ("a value that is cut short", b'{"a":1'),
    "nothing": ("no bytes at all", b""),
}


def canonical() -> Iterator[tuple[str, Vector]]:
    """Bytes that are, or are not, the canonical form of an object."""
    for name, (comment, value) in GOOD.items():
        data = rfc8785.dumps(value)
        if data != canon.encode(value):
            msg = f"`{name}` is not spelled as RFC 8785 says"
            raise SystemExit(msg)
        yield (
            f"good-{name}",
            {
                "comment": comment,
                "expect": "accept",
                "origin": "bytes by the rfc8785 package, an independent implementation of RFC 8785",
                "bytes_base64": b64(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            },
        )
    for name, (comment, data) in REFUSED.items():
        yield f"refused-{name}", {"comment": comment, "expect": "refuse", "origin": OURS, "bytes_base64": b64(data)}


# --- statements -----------------------------------------------------------------------------


def public(key: HybridKey) -> Vector:
    """A hybrid key as vectors carry it."""
    return {"ed25519_base64": b64(key.ed25519), "mldsa65_base64": b64(key.mldsa)}


def statements(redraw: bool) -> Iterator[tuple[str, Vector]]:  # noqa: FBT001  passed on from the command line
    """DSSE envelopes under one hybrid key, and everything that must not pass for one."""
    keys = {"key": public(SIGNER.public), "other": public(OTHER_SIGNER.public)}
    seeds = {"key": b64(SIGNER_SEED), "other": b64(OTHER_SEED)}
    yield (
        "keys",
        {
            "comment": "public keys, and the seeds they grow from (32 bytes Ed25519, then 32 bytes ML-DSA)",
            "expect": "none",
            "origin": OURS,
            "keys": keys,
            "seeds_base64": seeds,
        },
    )
    base = {"accepts": [SIGNATURE], "expect": "refuse", "key": "key", "origin": OURS}
    good = drawn("statements/good", redraw, draw_statement)
    yield "good", good
    envelope = msgspec.json.decode(good["envelope"])
    first, second = envelope["signatures"]

    def changed(comment: str, **parts: Any) -> Vector:  # noqa: ANN401  any JSON
        return {**base, "comment": comment, "envelope": canon.encode({**envelope, **parts}).decode()}

    def bit(line: Vector, position: int) -> Vector:
        return {**line, "sig": b64(flip(b64decode(line["sig"]), position))}

    payload = b64decode(envelope["payload"])
    yield "stripped-of-ml-dsa", changed("the Ed25519 signature alone", signatures=[first])
    yield "stripped-of-ed25519", changed("the ML-DSA signature alone", signatures=[second])
    yield "unsigned", changed("no signature", signatures=[])
    yield "doubled", changed("the Ed25519 signature twice", signatures=[first, first, second])
    yield "reordered", changed("ML-DSA before Ed25519", signatures=[second, first])
    yield "flipped-ed25519", changed("one bit of the Ed25519 signature", signatures=[bit(first, 9), second])
    yield "flipped-ml-dsa", changed("one bit of the ML-DSA signature", signatures=[first, bit(second, 999)])
    yield "flipped-payload", changed("one bit of the payload", payload=b64(flip(payload, 30)))
    yield (
        "another-type",
        changed("signed as one kind, offered as another", payloadType=payload_type("note"))
        | {"accepts": [SIGNATURE, "note"]},
    )
    yield (
        "type-not-taken",
        {**good, **base, "comment": "the door does not take this kind", "accepts": ["note"]} | {"drawn": False},
    )
    yield "another-key", {**good, **base, "comment": "another key is pinned", "key": "other", "drawn": False}
    spaced = good["envelope"].replace(",", ", ", 1)
    yield "not-canonical", {**base, "comment": "a space in the envelope; the signatures are good", "envelope": spaced}


def draw_statement() -> Vector:
    """A statement with a fresh ML-DSA signature."""
    body = AgreementSignature(instrument=INSTRUMENT, agreement=AGREEMENT, party=KOR, at=NOW)
    statement = sign_statement(body, kind=SIGNATURE, signer=SIGNER)
    return {
        "accepts": [SIGNATURE],
        "comment": "exactly one Ed25519 and one ML-DSA-65 signature of the pinned key",
        "expect": "accept",
        "key": "key",
        "origin": DRAWN,
        "envelope": statement.envelope.decode(),
        "payload_sha256": statement.digest,
    }


# --- envelopes ------------------------------------------------------------------------------


def envelopes(redraw: bool) -> Iterator[tuple[str, Vector]]:  # noqa: FBT001  passed on from the command line
    """Sealed items: one that opens, and one changed at each step of the ladder."""
    yield (
        "keys",
        {
            "comment": "the sender's statement key, and seeds of sealing keys (64 bytes ML-KEM-768, then 32 X25519)",
            "expect": "none",
            "origin": OURS,
            "sender": public(SIGNER.public),
            "seeds_base64": {"recipient": b64(SEALING_SEED), "other": b64(OTHER_SEALING_SEED)},
        },
    )
    good = drawn("envelopes/good", redraw, lambda: draw_envelope(wrong_commitment=False))
    yield "good", good
    yield (
        "key-not-committed",
        drawn("envelopes/key-not-committed", redraw, lambda: draw_envelope(wrong_commitment=True)),
    )
    received, _ = parse_offer(b64decode(good["offer_base64"]))
    segment = b64decode(good["segments_base64"][0])

    def changed(comment: str, step: str, **parts: Any) -> Vector:  # noqa: ANN401  bytes of a part
        offer = print_offer(replace(received, **parts))
        wrong = {"comment": comment, "expect": "refuse", "step": step, "origin": OURS, "drawn": False}
        return {**good, **wrong, "offer_base64": b64(offer)}

    header = received.header_bytes.replace(b'"content_bytes":', b'"content_bytes":1', 1)
    yield "changed-header", changed("a header the manifest does not cover", "verify", header_bytes=header)
    position = received.statement.index(b'"payload":"') + 40
    yield (
        "flipped-manifest",
        changed("one bit of the signed manifest", "verify", statement=flip(received.statement, position)),
    )
    yield "flipped-list", changed("one bit of the segment list", "verify", segment_list=flip(received.segment_list, 3))
    yield "flipped-part", changed("one bit of the sealed part", "verify", sealed_part=flip(received.sealed_part, 3))
    yield (
        "cut-offer",
        {
            **changed("an offer cut short", "parse"),
            "offer_base64": b64(b64decode(good["offer_base64"])[:-1]),
        },
    )
    wrong = {"expect": "refuse", "origin": OURS, "drawn": False}
    yield "another-opener", {**good, **wrong, "comment": "another sealing key", "step": "open", "opener": "other"}
    yield (
        "flipped-segment",
        {
            **good,
            **wrong,
            "comment": "one bit of a sealed segment",
            "step": "segment",
            "segments_base64": [b64(flip(segment, 5))],
        },
    )


def draw_envelope(*, wrong_commitment: bool) -> Vector:
    """A sealed item, or one whose manifest commits to another content key."""
    entropy = stream(b"wrong" if wrong_commitment else b"right")
    label = Label(
        kind=LabelKind.ORIGINATOR,
        policy=KOR,
        policy_version=1,
        classification="KOR-2",
        mark="군사Ⅱ급비밀",
        restrictive=(),
        permissive=(Category(tag="Releasable To", values=("JPN", "KOR")),),
        originator=KOR,
        created_at=NOW,
    )
    salt = entropy(16)
    header = Header(
        suite="gsomia-1",
        instrument=INSTRUMENT,
        agreement=AGREEMENT,
        sender=KeyedParty(party=KOR, key=SIGNER.public.key_ids[0]),
        recipient=KeyedParty(party=JPN, key=OPENER.public.key_id),
        item=new_item_id(entropy),
        consignment=new_consignment_id(entropy),
        label_commitment=label_commitment(label, salt),
        content_bytes=len(CONTENT),
        segments=segment_count(len(CONTENT)),
    )
    decision = BorderDecision(
        id=new_decision_id(entropy),
        instrument=INSTRUMENT,
        agreement=AGREEMENT,
        item=header.item,
        to=JPN,
        level="KOR-2",
        purpose="DPRK-MISSILE-ANALYSIS",
        authority="kor-mnd",
        at=NOW,
        rules_version="2026-11",
    )
    hand = Hand(Office.RELEASING_AUTHORITY, PersonSigner.from_seed(bytes(32)))
    part = SealedPart(
        label=label,
        label_salt=salt,
        topic="MISSILE",
        decision=sign_act(decision, kind=RELEASE_DECISION, hand=hand),
        content_digest=sha256_hex(CONTENT),
        content_salt=entropy(16),
    )
    sealing = begin_sealing(header, recipient=OPENER.public, entropy=entropy)
    segments = [seal_segment(sealing.keys, CONTENT, index=0, last=True)]
    listed = b"".join(hashlib.sha256(segment).digest() for segment in segments)
    sealed = finish_sealing(sealing, part=part, segment_list=listed, signer=SIGNER)
    offer: ReceivedEnvelope = sealed.envelope
    if wrong_commitment:
        manifest = replace(sealed.statement.value, key_commitment=sha256_hex(b"another key"))
        offer = replace(offer, statement=sign_statement(manifest, kind=RELEASE, signer=SIGNER).envelope)
    vector = {
        "comment": "verifies under the sender's key and opens with the recipient's",
        "expect": "accept",
        "step": "all",
        "opener": "recipient",
        "origin": DRAWN,
        "offer_base64": b64(print_offer(offer)),
        "segments_base64": [b64(segment) for segment in segments],
        "content_sha256": sha256_hex(CONTENT),
        "item": header.item,
    }
    wrong = {"comment": "signed, but the manifest commits to another content key", "expect": "refuse", "step": "open"}
    return vector | wrong if wrong_commitment else vector


def stream(seed: bytes) -> Callable[[int], bytes]:
    """Fixed bytes that look random: what would be entropy in earnest."""
    drawn_so_far = 0

    def draw(size: int) -> bytes:
        nonlocal drawn_so_far
        drawn_so_far += 1
        return hashlib.shake_256(seed + drawn_so_far.to_bytes(8, "big")).digest(size)

    return draw


def drawn(name: str, redraw: bool, draw: Callable[[], Vector]) -> Vector:  # noqa: FBT001  as above
    """The committed vector of that name, or a fresh one."""
    path = HERE / f"{name}.json"
    if path.exists() and not redraw:
        kept: Vector = msgspec.json.decode(path.read_bytes())
        return kept
    return {**draw(), "drawn": True}


def main(arguments: list[str]) -> None:
    """Write every vector, and remove what is no longer one."""
    files = build(redraw="--redraw" in arguments)
    for path in HERE.glob("*/*.json"):
        if path.relative_to(HERE).as_posix() not in files:
            path.unlink()
    for name, data in files.items():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).write_bytes(data)


if __name__ == "__main__":
    main(sys.argv[1:])
