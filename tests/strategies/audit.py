"""Logs, leaves and notes for the record's tests; every log keeps all its nodes, as a store would."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

from gsomia.audit import (
    Checkpoint,
    Event,
    Frontier,
    InclusionReceipt,
    Leaf,
    Note,
    NoteLine,
    SignedCheckpoint,
    build_inclusion,
    encode_leaf,
    leaf_hash,
    sign_checkpoint,
    verify_checkpoint,
)
from gsomia.ids import sha256_hex
from gsomia.instants import Instant
from gsomia.parties import HybridSigner, Strength

ORIGIN = "gsomia/kor/shared/jpn"
WITNESS = "gsomia/jpn/cosigner"
NOW = Instant(1_795_000_000)
LOG_SIGNER = HybridSigner.from_seed(bytes(64), Strength.LOG)
OTHER_SIGNER = HybridSigner.from_seed(bytes([1]) * 64, Strength.LOG)
COSIGNER = HybridSigner.from_seed(bytes([2]) * 64, Strength.LOG)


@dataclass
class Log:
    """A log in memory."""

    frontier: Frontier = field(default_factory=Frontier)
    entries: list[bytes] = field(default_factory=list)
    roots: list[bytes] = field(default_factory=lambda: [Frontier().root()])
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    bodies: dict[int, bytes] = field(default_factory=dict)

    def append(self, entry: bytes) -> None:
        self.frontier, completed = self.frontier.append(leaf_hash(entry))
        self.nodes.update({(node.level, node.index): node.hash for node in completed})
        self.entries.append(entry)
        self.roots.append(self.frontier.root())

    def node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]

    def head(self, size: int) -> Checkpoint:
        return Checkpoint(origin=ORIGIN, size=size, root=self.roots[size])

    def body(self, size: int) -> bytes:
        """The one checkpoint kept for `size`; ML-DSA signs the same text differently each time."""
        if size not in self.bodies:
            self.bodies[size] = sign_checkpoint(self.head(size), signer=LOG_SIGNER, at=NOW)
        return self.bodies[size]

    def signed(self, size: int) -> SignedCheckpoint:
        return verify_checkpoint(self.body(size), origin=ORIGIN, key=LOG_SIGNER.public)

    def receipt(self, index: int, size: int) -> InclusionReceipt:
        proof = build_inclusion(index, size, self.node)
        return InclusionReceipt(leaf=self.entries[index], index=index, proof=proof, checkpoint=self.body(size))


def leaf(number: int) -> Leaf:
    """Leaf `number` of a log that is written once a second."""
    return Leaf(
        v=1,
        event=Event.DELIVERY_RECEIVED,
        at=NOW.plus(seconds=number),
        nonce=number.to_bytes(16, "big"),
        ids={"consignment": f"csg_{number}", "to": "JPN"},
        digest=sha256_hex(b"manifest"),
    )


def log_of(entries: Sequence[bytes]) -> Log:
    log = Log()
    for entry in entries:
        log.append(entry)
    return log


def leaf_log(size: int) -> Log:
    return log_of([encode_leaf(leaf(number)) for number in range(size)])


words = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=128)
id_names = st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True)
leaves = st.builds(
    Leaf,
    v=st.just(1),
    event=st.sampled_from(Event),
    at=st.integers(0, 253_402_300_799).map(Instant),
    nonce=st.binary(min_size=16, max_size=16),
    ids=st.dictionaries(id_names, words, max_size=5),
    digest=st.none() | st.binary().map(sha256_hex),
    code=st.none() | words,
)
logs = st.lists(st.binary(max_size=4), min_size=1, max_size=70, unique=True).map(log_of)
note_names = st.text(st.characters(min_codepoint=33, codec="utf-8"), min_size=1, max_size=20).filter(
    lambda name: "+" not in name and not any(char.isspace() for char in name)
)
note_texts = st.text(st.characters(min_codepoint=32, codec="utf-8") | st.just("\n"), max_size=60).map("{}\n".format)
note_lines = st.builds(
    NoteLine,
    name=note_names,
    key_id=st.binary(min_size=4, max_size=4),
    signature=st.binary(min_size=1, max_size=80),
)
notes = st.builds(Note, text=note_texts, lines=st.lists(note_lines, min_size=1, max_size=5).map(tuple))


def flip(data: bytes, position: int) -> bytes:
    """`data` with one bit of byte `position` turned over; which bit varies with the position."""
    return data[:position] + bytes([data[position] ^ 1 << position % 8]) + data[position + 1 :]
