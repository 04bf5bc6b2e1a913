"""The sending end of a lane, without a socket: what waits, what is on its way, what is acknowledged.

Nothing that is durable is dropped: it waits until the partner acknowledges it, and what an epoch did not bring over is
sealed again in the next one under the same message id. Only under back-pressure, and only by the rule of
`is_superseded`, does a waiting track point give way to a newer one of the same event.

Invariant (nothing lost): every message put here is waiting, on its way, acknowledged or superseded, and in one of them
only.

Source: design 6 (the fast lane).
"""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from gsomia.envelope import MAX_EPOCH_FRAMES, OpenError, open_frame, seal_frame
from gsomia.ids import InstrumentId, PartyCode, hex_digest
from gsomia.warning.epoch import EpochStart, LaneTally
from gsomia.warning.errors import LaneError
from gsomia.warning.lane_frames import Ack, Data
from gsomia.warning.messages import Message, is_superseded
from gsomia.warning.signed import ProvenWarning

EPOCH_US: Final = 60_000_000
"""So long an epoch is used."""
TALLY_US: Final = 1_000_000
MAX_ON_THE_WAY: Final = 8_192
"""So many frames may be unacknowledged; what comes after them waits."""
BACK_PRESSURE: Final = 256
"""From so many waiting messages on, older track points give way."""

_RANGES: Final = msgspec.msgpack.Decoder(list[tuple[int, int]])


@dataclass(slots=True, eq=False)
class _Entry:
    warning: ProvenWarning
    sealed_before: bool = False


class _Sending:
    """An epoch in use."""

    def __init__(self, start: EpochStart, *, now_us: int) -> None:
        self.start = start
        self.began_us = now_us
        self.next = 1
        self.acks_seen = 0
        self.running = hashlib.sha256(start.transcript)
        self.tallied = 0
        self.tallied_us = now_us
        self.again = 0
        self.on_the_way: dict[int, _Entry] = {}


class LaneOut:
    """One lane to one partner under one instrument.

    Args:
        sender, recipient, instrument: which lane.
    """

    def __init__(self, *, sender: PartyCode, recipient: PartyCode, instrument: InstrumentId) -> None:
        self.sender, self.recipient, self.instrument = sender, recipient, instrument
        self._waiting: deque[_Entry] = deque()
        self._tracks: dict[tuple[str, str, str], _Entry] = {}
        self._gone: set[int] = set()
        self._epoch: _Sending | None = None
        self.resent = 0
        self.superseded = 0
        self.acknowledged = 0

    @property
    def waiting(self) -> int:
        """How many messages are not sealed in the epoch in use."""
        return len(self._waiting) - len(self._gone)

    @property
    def on_the_way(self) -> int:
        """How many frames are sealed and not acknowledged."""
        return len(self._epoch.on_the_way) if self._epoch else 0

    @property
    def epoch(self) -> int:
        """The epoch in use; 0 if none is."""
        return self._epoch.start.number if self._epoch else 0

    def put(self, warning: ProvenWarning) -> ProvenWarning | None:
        """Take a durable message; the one that gives way to it, if one does.

        Source: issue 8, point 3 (back-pressure drops nothing but supersedes old track points by rule).
        """
        entry = _Entry(warning)
        self._waiting.append(entry)
        message = warning.message
        key = _track_key(message)
        older = self._tracks.get(key)
        if older is None or is_superseded(older.warning.message, by=message):
            self._tracks[key] = entry
        if older is None or self.waiting <= BACK_PRESSURE or not is_superseded(older.warning.message, by=message):
            return None
        self._gone.add(id(older))
        self.superseded += 1
        return older.warning

    def frames(self, *, room: int) -> Iterator[Data]:
        """Seal what waits, oldest first: at most `room` frames."""
        epoch = self._epoch
        while epoch is not None and room > 0 and self._waiting:
            if len(epoch.on_the_way) >= MAX_ON_THE_WAY or epoch.next > MAX_EPOCH_FRAMES:
                return
            entry = self._waiting.popleft()
            if id(entry) in self._gone:
                self._gone.discard(id(entry))
                continue
            self._forget_track(entry)
            sequence, room = epoch.next, room - 1
            epoch.next += 1
            number = epoch.start.number
            sealed = seal_frame(epoch.start.keys.data, entry.warning.raw, epoch=number, sequence=sequence)
            epoch.running.update(hashlib.sha256(sealed).digest())
            epoch.on_the_way[sequence] = entry
            if entry.sealed_before:
                self.resent += 1
                epoch.again += 1
            entry.sealed_before = True
            yield Data(epoch=number, sequence=sequence, sealed=sealed)

    def acknowledge(self, ack: Ack) -> list[ProvenWarning]:
        """The messages that are durable at the partner now; none for an epoch that is over.

        Raises:
            LaneError: not from the partner, seen before, or about frames that were never sent.
        """
        epoch = self._epoch
        if epoch is None or ack.epoch != epoch.start.number:
            return []
        if ack.sequence <= epoch.acks_seen:
            raise LaneError("warning/replayed", "an acknowledgement that was seen before")
        try:
            plain = open_frame(epoch.start.keys.back, ack.sealed, epoch=ack.epoch, sequence=ack.sequence)
            ranges = _RANGES.decode(plain)
        except (OpenError, msgspec.MsgspecError) as cause:
            raise LaneError("warning/forged", "an acknowledgement that does not open") from cause
        epoch.acks_seen = ack.sequence
        if any(not 1 <= first <= last < epoch.next for first, last in ranges):
            raise LaneError("warning/frame-malformed", "an acknowledgement of frames that were never sent")
        done = [epoch.on_the_way.pop(n, None) for first, last in ranges for n in range(first, last + 1)]
        found = [entry.warning for entry in done if entry is not None]
        self.acknowledged += len(found)
        return found

    def start_epoch(self, start: EpochStart, *, now_us: int) -> LaneTally | None:
        """Use the keys of a new epoch; the last tally of the one before, if frames of it are not tallied yet."""
        tally = self.end_epoch()
        self._epoch = _Sending(start, now_us=now_us)
        return tally

    def end_epoch(self) -> LaneTally | None:
        """Forget the keys; what was not acknowledged waits again, in its old order, before everything else."""
        epoch, self._epoch = self._epoch, None
        if epoch is None:
            return None
        for sequence in sorted(epoch.on_the_way, reverse=True):
            self._waiting.appendleft(epoch.on_the_way[sequence])
        return self._tally(epoch)

    def must_renew(self, *, now_us: int) -> bool:
        """Whether the epoch in use is as old or as full as it may be."""
        epoch = self._epoch
        if epoch is None:
            return True
        return now_us - epoch.began_us >= EPOCH_US or epoch.next > MAX_EPOCH_FRAMES

    def tally(self, *, now_us: int) -> LaneTally | None:
        """What was sealed since the last tally, if a second passed and there was something."""
        epoch = self._epoch
        if epoch is None or now_us - epoch.tallied_us < TALLY_US:
            return None
        epoch.tallied_us = now_us
        return self._tally(epoch)

    def unacknowledged(self) -> Iterable[ProvenWarning]:
        """Everything that the partner is still owed, oldest first."""
        if self._epoch is not None:
            for sequence in sorted(self._epoch.on_the_way):
                yield self._epoch.on_the_way[sequence].warning
        for entry in self._waiting:
            if id(entry) not in self._gone:
                yield entry.warning

    def _tally(self, epoch: _Sending) -> LaneTally | None:
        last = epoch.next - 1
        if last == epoch.tallied:
            return None
        tally = LaneTally(
            sender=self.sender,
            recipient=self.recipient,
            instrument=self.instrument,
            epoch=epoch.start.number,
            first=epoch.tallied + 1,
            last=last,
            running=hex_digest(epoch.running.digest()),
            again=epoch.again,
        )
        epoch.tallied = last
        return tally

    def _forget_track(self, entry: _Entry) -> None:
        key = _track_key(entry.warning.message)
        if self._tracks.get(key) is entry:
            del self._tracks[key]


def _track_key(message: Message) -> tuple[str, str, str]:
    return message.event, message.kind, message.character
