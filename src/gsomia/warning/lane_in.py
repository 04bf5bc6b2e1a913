"""The receiving end of a lane, without a socket: which frames open, which are replays, which a tally covers.

Replay is judged by epoch and sequence number, never by a clock: a number is opened once in its epoch, and an epoch that
is over opens nothing. A frame that came out of order is still a warning: it is shown, and marked. What no tally covered
within two seconds is marked unconfirmed, never hidden.

Source: design 6 (the fast lane).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from gsomia.envelope import OpenError, open_frame, seal_frame
from gsomia.ids import HexDigest, InstrumentId, PartyCode, hex_digest
from gsomia.warning.epoch import EpochStart, LaneReceipt, LaneTally
from gsomia.warning.errors import LaneError
from gsomia.warning.lane_frames import Ack, Data

UNCONFIRMED_US: Final = 2_000_000
MAX_UNTALLIED: Final = 1 << 17
"""So many digests wait for a tally; a sender that tallies each second has a few thousand."""
KEPT_EPOCHS: Final = 4
"""A tally of an epoch that a cut ended comes on the next connection."""
_RANGES: Final = msgspec.msgpack.Encoder()

Key = tuple[str, str]
"""Originator and message id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedFrame:
    """A frame that opened: by the epoch's key the partner sealed it; whose warning it carries is not proven yet."""

    epoch: int
    sequence: int
    raw: bytes
    out_of_order: bool


@dataclass(slots=True)
class _Untallied:
    digest: bytes
    keys: list[Key]
    at_us: int
    marked: bool = False


class _Receiving:
    def __init__(self, start: EpochStart) -> None:
        self.start = start
        self.below = 1
        """Every sequence number below it was opened."""
        self.ahead: set[int] = set()
        self.durable: list[int] = []
        self.acks = 0
        self.running = hashlib.sha256(start.transcript)
        self.tallied = 0
        self.untallied: dict[int, _Untallied] = {}


class LaneIn:
    """One lane from one partner under one instrument."""

    def __init__(self, *, sender: PartyCode, recipient: PartyCode, instrument: InstrumentId) -> None:
        self.sender, self.recipient, self.instrument = sender, recipient, instrument
        self._epoch: _Receiving | None = None
        self._over: dict[int, _Receiving] = {}

    @property
    def epoch(self) -> int:
        """The epoch in use; 0 if none is."""
        return self._epoch.start.number if self._epoch else 0

    def start_epoch(self, start: EpochStart) -> None:
        """Use the keys of a new epoch; the one before opens nothing any more."""
        self.end_epoch()
        self._epoch = _Receiving(start)

    def end_epoch(self) -> None:
        """Forget the keys; digests of frames that are not tallied yet stay for the tally to come."""
        epoch, self._epoch = self._epoch, None
        if epoch is not None and epoch.untallied:
            self._over[epoch.start.number] = epoch
            while len(self._over) > KEPT_EPOCHS:
                del self._over[min(self._over)]

    def open(self, frame: Data, *, now_us: int) -> OpenedFrame:
        """Open a frame, once.

        1. It is of the epoch in use.
        2. Its number was not opened before.
        3. It opens under the epoch's key.

        Raises:
            LaneError: a step; nothing changed.

        Trust: `frame` is hostile; on return the partner sealed it in this epoch under this number.
        """
        # (1) this epoch
        epoch = self._epoch
        if epoch is None or frame.epoch != epoch.start.number:
            raise LaneError("warning/epoch-not-in-use", f"a frame of epoch `{frame.epoch}`")
        # (2) a fresh number
        sequence = frame.sequence
        if sequence < epoch.below or sequence in epoch.ahead:
            raise LaneError("warning/replayed", f"frame `{sequence}` of epoch `{frame.epoch}` came before")
        if len(epoch.untallied) >= MAX_UNTALLIED:
            raise LaneError("warning/no-tally", "frames without end and no tally")
        # (3) sealed by the partner
        try:
            raw = open_frame(epoch.start.keys.data, frame.sealed, epoch=frame.epoch, sequence=sequence)
        except OpenError as cause:
            raise LaneError("warning/forged", f"frame `{sequence}` does not open") from cause
        out_of_order = sequence != epoch.below or bool(epoch.ahead)
        if out_of_order:
            epoch.ahead.add(sequence)
            while epoch.below in epoch.ahead:
                epoch.ahead.discard(epoch.below)
                epoch.below += 1
        else:
            epoch.below += 1
        epoch.untallied[sequence] = _Untallied(hashlib.sha256(frame.sealed).digest(), [], now_us)
        return OpenedFrame(epoch=frame.epoch, sequence=sequence, raw=raw, out_of_order=out_of_order)

    def shown(self, frame: OpenedFrame, key: Key) -> None:
        """What the frame carries is on the desks: a tally that covers it confirms it there."""
        epoch = self._find(frame.epoch)
        if epoch is not None and frame.sequence in epoch.untallied:
            epoch.untallied[frame.sequence].keys.append(key)

    def durable(self, frame: OpenedFrame) -> None:
        """The frame is dealt with, on record or refused on record: it may be acknowledged."""
        if self._epoch is not None and frame.epoch == self._epoch.start.number:
            self._epoch.durable.append(frame.sequence)

    @property
    def must_ack(self) -> bool:
        """Whether something became durable since the last acknowledgement."""
        return self._epoch is not None and bool(self._epoch.durable)

    def ack(self) -> Ack | None:
        """Acknowledge what became durable since the last time."""
        epoch = self._epoch
        if epoch is None or not epoch.durable:
            return None
        ranges = _ranges(sorted(epoch.durable))
        epoch.durable.clear()
        epoch.acks += 1
        number = epoch.start.number
        sealed = seal_frame(epoch.start.keys.back, _RANGES.encode(ranges), epoch=number, sequence=epoch.acks)
        return Ack(epoch=number, sequence=epoch.acks, sealed=sealed)

    def confirm(self, tally: LaneTally, *, digest: HexDigest) -> tuple[list[Key], LaneReceipt]:
        """Hold a tally against what was opened; what it confirms on the desks, and our receipt for it.

        Args:
            tally: verified: the partner's lane key signed it, both halves.
            digest: of the statement.

        Raises:
            LaneError: it is of another lane, leaves frames out, or its digest differs from ours.

        Source: design 6 (each second a hybrid-signed tally names epoch, first and last sequence and a running digest).
        """
        if (tally.sender, tally.recipient, tally.instrument) != (self.sender, self.recipient, self.instrument):
            raise LaneError("warning/tally-of-another", "the tally is of another lane")
        epoch = self._find(tally.epoch)
        if epoch is None:
            raise LaneError("warning/tally-of-no-epoch", f"no frames of epoch `{tally.epoch}` wait for a tally")
        wanted = range(tally.first, tally.last + 1)
        if tally.first != epoch.tallied + 1 or len(wanted) > len(epoch.untallied):
            raise LaneError("warning/tally-differs", "a tally of other frames than came")
        frames = [epoch.untallied.get(number) for number in wanted]
        running = epoch.running.copy()
        for frame in frames:
            running.update(frame.digest if frame else b"")
        if hex_digest(running.digest()) != tally.running:
            raise LaneError("warning/tally-differs", "the sender tallies other frames than came")
        epoch.running, epoch.tallied = running, tally.last
        confirmed = [key for frame in frames if frame for key in frame.keys]
        for number in wanted:
            del epoch.untallied[number]
        if epoch is not self._epoch and not epoch.untallied:
            del self._over[tally.epoch]
        receipt = LaneReceipt(
            tally=digest,
            sender=self.sender,
            recipient=self.recipient,
            epoch=tally.epoch,
            last=tally.last,
            running=tally.running,
        )
        return confirmed, receipt

    def unconfirmed(self, *, now_us: int) -> list[Key]:
        """What has waited for its tally longer than it may, each told once."""
        late: list[Key] = []
        for epoch in (*self._over.values(), *((self._epoch,) if self._epoch else ())):
            for frame in epoch.untallied.values():
                if now_us - frame.at_us < UNCONFIRMED_US:
                    break
                if not frame.marked:
                    frame.marked = True
                    late += frame.keys
        return late

    def _find(self, number: int) -> _Receiving | None:
        if self._epoch is not None and self._epoch.start.number == number:
            return self._epoch
        return self._over.get(number)


def _ranges(numbers: Sequence[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
