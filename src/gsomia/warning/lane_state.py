"""What the lanes of a node must remember over a restart, and the records from which it is made again.

A lane's journal is a list of these records. The first of a file is a `Kept` of everything that counted when the file
was begun; so one file is enough, and older ones are only kept to be read by people. Applying the records in order gives
the state; nothing else does.

Invariant (nothing lost): what an `Out` or a forwarding `In` owes a partner is owed until an `Acked` or `GaveWay` names
it.

Source: design 2 (laws 1 and 2), design 6 (the fast lane).
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec import Struct

from gsomia.ids import InstrumentId, PartyCode
from gsomia.warning.seen import SeenWarnings

LaneName = tuple[PartyCode, InstrumentId]
"""The other end of a lane, and under which instrument it runs."""
Key = tuple[str, str]
"""Originator and message id."""


class Out(Struct, frozen=True, array_like=True, tag=1):
    """A message of ours was said, to be brought over these lanes: each with the bytes it is signed in."""

    originator: str
    message: str
    serial: int
    owed: list[tuple[LaneName, bytes]]


class In(Struct, frozen=True, array_like=True, tag=2):
    """A warning came, and is owed to these lanes if we are its hub."""

    lane: LaneName
    originator: str
    message: str
    serial: int
    raw: bytes
    at_us: int
    owed: list[LaneName]


class Acked(Struct, frozen=True, array_like=True, tag=3):
    """A partner holds these."""

    lane: LaneName
    keys: list[Key]


class GaveWay(Struct, frozen=True, array_like=True, tag=4):
    """A track point that waited gave way to a newer one."""

    lane: LaneName
    key: Key


class Came(Struct, frozen=True, array_like=True, tag=5):
    """A warning came again, over this lane, and was shown once."""

    lane: LaneName
    key: Key


class NotTaken(Struct, frozen=True, array_like=True, tag=6):
    """Something on a lane was refused."""

    lane: LaneName
    code: str
    digest: bytes
    at_us: int


class EpochOut(Struct, frozen=True, array_like=True, tag=7):
    """We begin an epoch; its number is never used again."""

    lane: LaneName
    number: int


class EpochIn(Struct, frozen=True, array_like=True, tag=8):
    """A partner began an epoch; no older one begins after it."""

    lane: LaneName
    number: int


class Kept(Struct, frozen=True, array_like=True, tag=9):
    """Everything that counts, at the head of a file."""

    serial: int
    epochs_out: list[tuple[LaneName, int]]
    epochs_in: list[tuple[LaneName, int]]
    seen: dict[str, tuple[int, list[tuple[str, int]]]]
    sums: list[tuple[LaneName, bool, int, bytes]]
    owed: list[tuple[LaneName, Key, bytes]]


LaneEntry = Out | In | Acked | GaveWay | Came | NotTaken | EpochOut | EpochIn | Kept
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(LaneEntry)


def print_entry(entry: LaneEntry) -> bytes:
    """The bytes of a record."""
    return _ENCODER.encode(entry)


def read_entry(data: bytes) -> LaneEntry:
    """A record of our own journal.

    Raises:
        ValueError: it is none.

    Trust: `data` opened under the journal's key, so this node wrote it.
    """
    entry: LaneEntry = _DECODER.decode(data)
    return entry


@dataclass(slots=True)
class Sum:
    """How many messages crossed a lane once, and a digest over them in whatever order: both ends can compare it.

    It adds up the digests of the signed bytes: proof enough against a lane that lost or doubled something; against a
    forger stand the tallies.
    """

    count: int = 0
    total: int = 0

    def add(self, raw: bytes) -> None:
        """One more."""
        self.count += 1
        self.total = (self.total + int.from_bytes(hashlib.sha256(raw).digest(), "big")) % (1 << 256)


class LaneState:
    """What counts, from the records applied so far."""

    def __init__(self) -> None:
        self.serial = 0
        self.epochs_out: dict[LaneName, int] = {}
        self.epochs_in: dict[LaneName, int] = {}
        self.seen = SeenWarnings()
        self.owed: dict[LaneName, OrderedDict[Key, bytes]] = {}
        self.sent: dict[LaneName, Sum] = {}
        self.received: dict[LaneName, Sum] = {}

    def apply(self, entry: LaneEntry) -> None:  # noqa: C901  one case a kind
        """Take a record into account."""
        match entry:
            case Out():
                self.serial = max(self.serial, entry.serial)
                self.seen.add(entry.originator, entry.message, entry.serial)
                for lane, raw in entry.owed:
                    self._owe(lane, (entry.originator, entry.message), raw)
            case In():
                self.seen.add(entry.originator, entry.message, entry.serial)
                self.received.setdefault(entry.lane, Sum()).add(entry.raw)
                for lane in entry.owed:
                    self._owe(lane, (entry.originator, entry.message), entry.raw)
            case Acked():
                owed = self.owed.get(entry.lane, OrderedDict())
                for raw in [owed.pop(key) for key in entry.keys if key in owed]:
                    self.sent.setdefault(entry.lane, Sum()).add(raw)
            case GaveWay():
                self.owed.get(entry.lane, OrderedDict()).pop(entry.key, None)
            case EpochOut():
                self.epochs_out[entry.lane] = max(entry.number, self.epochs_out.get(entry.lane, 0))
            case EpochIn():
                self.epochs_in[entry.lane] = max(entry.number, self.epochs_in.get(entry.lane, 0))
            case Kept():
                self._restore(entry)
            case Came() | NotTaken():
                pass

    def merge(self, later: "LaneState") -> None:
        """Take into account what came while this could not be read."""
        self.serial = max(self.serial, later.serial)
        for mine, theirs in ((self.epochs_out, later.epochs_out), (self.epochs_in, later.epochs_in)):
            for lane, number in theirs.items():
                mine[lane] = max(number, mine.get(lane, 0))
        for originator, (_, known) in later.seen.kept().items():
            for message, serial in known:
                self.seen.add(originator, message, serial)

    def kept(self) -> Kept:
        """Everything, as the head of a new file."""
        return Kept(
            serial=self.serial,
            epochs_out=list(self.epochs_out.items()),
            epochs_in=list(self.epochs_in.items()),
            seen=self.seen.kept(),
            sums=[
                (lane, incoming, one.count, one.total.to_bytes(32, "big"))
                for incoming, sums in ((False, self.sent), (True, self.received))
                for lane, one in sums.items()
            ],
            owed=[(lane, key, raw) for lane, owed in self.owed.items() for key, raw in owed.items()],
        )

    def next_serial(self, *, now_us: int) -> int:
        """A serial above every one before: by the clock, so that it is even if the journal was lost."""
        return max(self.serial + 1, now_us)

    def next_epoch(self, lane: LaneName, *, now_us: int) -> int:
        """An epoch number above every one before on a lane of ours; by the clock, for the same reason."""
        return max(self.epochs_out.get(lane, 0) + 1, now_us // 1_000_000)

    def _owe(self, lane: LaneName, key: Key, raw: bytes) -> None:
        self.owed.setdefault(lane, OrderedDict())[key] = raw

    def _restore(self, kept: Kept) -> None:
        self.serial = kept.serial
        self.epochs_out, self.epochs_in = dict(kept.epochs_out), dict(kept.epochs_in)
        self.seen.restore(kept.seen)
        self.owed, self.sent, self.received = {}, {}, {}
        for lane, incoming, count, total in kept.sums:
            (self.received if incoming else self.sent)[lane] = Sum(count, int.from_bytes(total, "big"))
        for lane, key, raw in kept.owed:
            self._owe(lane, key, raw)
