"""The warning floor of a served node: what sources say and partners bring, on record first, then sent and shown.

Everything here runs in the node's loop, in one thread. What came in one turn of the loop is appended to the journal and
synced once; only then frames leave, desks are shown, and what came is acknowledged (group commit per loop turn). If the
journal takes nothing, sources are denied, but an authentic incoming warning is shown all the same: marked UNRECORDED,
kept in reserved room, and entered when the record is back.

Source: design 2 (laws 1 and 2, and the exception), design 6 (the fast lane).
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from gsomia.errors import LocalError, NodeError, UnavailableError
from gsomia.flows.desk import Desk
from gsomia.flows.lane import enter_late_warnings, keep_unrecorded, record_source_refusals
from gsomia.flows.ports import LaneJournal, SpareJournal
from gsomia.flows.refuse import record_repeated
from gsomia.flows.warn import NO_LAW, LaneLaw, StandingDecision
from gsomia.ids import hex_digest
from gsomia.instants import Instant
from gsomia.transport.lane_picture import Picture
from gsomia.transport.lane_recorder import LaneRecorder
from gsomia.warning import (
    Character,
    Denied,
    LaneError,
    LaneIn,
    LaneName,
    LaneOut,
    LaneState,
    Mark,
    Message,
    Naming,
    ProvenWarning,
    Route,
    Sameness,
    SourceRefusals,
    Taken,
    UnrecordedWarning,
    WarningUseError,
    Way,
    check_rate,
    check_scope,
    lane_state,
    parse_message,
    read_signed,
    sign_warning,
)

LOG = logging.getLogger("gsomia.lane")
RETRY_S = 0.5
"""So often late warnings are tried again while the log takes nothing."""
MAX_EVENTS = 4_096
MAX_RECEIPTS = 4_096
"""So many times from source to acknowledgement are kept, for the median."""

Background = Callable[[Callable[[], Any]], "asyncio.Future[Any]"]
"""Runs a flow in a thread."""


class Bringer(Protocol):
    """A connected lane to a partner."""

    def pump(self) -> None:
        """Send what waits."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A proven warning on its way to the record and the desks."""

    lane: LaneName
    warning: ProvenWarning
    marks: tuple[Mark, ...]
    durable: Callable[[], None]
    """Called when it may be acknowledged."""


class Floor:
    """What all lanes and desks of one node share.

    Args:
        desk: ours.
        journal: the lanes' record.
        spare: room that is reserved for the lanes.
        clock_us: the time in microseconds.
        background: runs flows beside the loop.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        journal: LaneJournal,
        spare: SpareJournal,
        clock_us: Callable[[], int],
        background: Background,
    ) -> None:
        self.desk = desk
        self.us = desk.party
        self.clock_us = clock_us
        self.background = background
        self.law: LaneLaw = NO_LAW
        self.state = LaneState()
        self.outs: dict[LaneName, LaneOut] = {}
        self.ins: dict[LaneName, LaneIn] = {}
        self.bringers: dict[LaneName, Bringer] = {}
        self.callers: Counter[bytes | None] = Counter()
        """How many connections of each certificate there are."""
        self.after_commit: set[Callable[[], None]] = set()
        """Called after every commit: connections acknowledge there."""
        self.picture = Picture(clock_us)
        self.recorder = LaneRecorder(
            journal,
            self.state,
            went_down=self._went_down,
            came_back=self._came_back,
            committed=self._after_commit,
        )
        self.refusals = SourceRefusals()
        self._spare = spare
        self._lost: list[Arrival] = []
        self._answers: list[Callable[[], None]] = []
        self._serial = 0
        self._tracks: dict[str, Message] = {}
        self._said_us: dict[tuple[str, str], int] = {}
        self._receipts_us: dict[LaneName, deque[int]] = {}
        self._tasks: set[asyncio.Future[Any]] = set()

    def open(self) -> None:
        """Read the journal, and begin a new file with what counts.

        Raises:
            IntegrityError: it is not what was written.
        """
        if self.recorder.begin():
            self._bring_what_is_owed()
            self._enter_late()

    def _bring_what_is_owed(self) -> None:
        for lane, owed in self.state.owed.items():
            out = self.out(lane)
            known = {warning.key for warning in out.unacknowledged()}
            for key, raw in owed.items():
                if key not in known:
                    naming = read_signed(raw).naming
                    out.put(ProvenWarning(naming=naming, message=parse_message(naming.message), raw=raw))

    def close(self) -> None:
        """Write what waits, and end."""
        self.recorder.close()
        try:
            record_source_refusals(self.desk, self.refusals.rest())
        except NodeError as error:  # nobody waits for it, and the node ends: told in the log of the process
            LOG.warning("refusals of local sources are not entered: %s", error.code)

    def enter_refusals(self) -> None:
        """Enter what local sources said in vain, when it is due."""
        due = self.refusals.due(now_us=self.clock_us())
        if not due:
            return

        def entered(task: "asyncio.Future[None]") -> None:
            if task.cancelled() or task.exception() is not None:
                self.refusals.put_back(due)

        self.in_background(partial(record_source_refusals, self.desk, due)).add_done_callback(entered)

    def out(self, lane: LaneName) -> LaneOut:
        """The sending end to a partner."""
        if lane not in self.outs:
            self.outs[lane] = LaneOut(sender=self.us, recipient=lane[0], instrument=lane[1])
        return self.outs[lane]

    def lane_in(self, lane: LaneName) -> LaneIn:
        """The receiving end from a partner."""
        if lane not in self.ins:
            self.ins[lane] = LaneIn(sender=lane[0], recipient=self.us, instrument=lane[1])
        return self.ins[lane]

    def open_lanes(self) -> dict[LaneName, StandingDecision]:
        """Whom we may warn now, under the newest decision that counts."""
        found: dict[LaneName, StandingDecision] = {}
        for decision in self.law.own:
            if decision.closed is None:
                found.setdefault((decision.authorisation.to, decision.authorisation.instrument), decision)
        return found

    # --- what a source says ---------------------------------------------------------------------

    def submit(self, untrusted: bytes, answer: Callable[[Taken | Denied], None]) -> None:
        """Take a message of ours: answered once it is durable, or denied.

        Source: design 2 (law 1), relay 5.4.
        """
        before = None
        try:
            message = parse_message(untrusted)
            before = self._tracks.get(message.event)
            self._check_own(message)
            routes = self._routes(message, untrusted)
        except NodeError as error:
            answer(_denied(error))
            return
        originator, key = message.originator, message.message
        if len(self._said_us) < MAX_EVENTS:
            self._said_us[originator, key] = self.clock_us()
        self.state.seen.add(originator, key, self._serial)
        owed = [(lane, warning.raw) for lane, warning in routes]
        entry = lane_state.Out(originator=originator, message=key, serial=self._serial, owed=owed)

        def done() -> None:
            for lane, warning in routes:
                self.put(lane, warning)
            self.picture.show(untrusted, message, via=self.us, route=Route.OWN, instrument="", marks=())
            taken = Taken(message=key, to=tuple(dict.fromkeys(lane[0] for lane, _ in routes)))
            self._answers.append(partial(answer, taken))  # partners first

        def failed(error: NodeError) -> None:
            self.state.seen.discard(originator, key)
            self._tracks.pop(message.event, None)
            if before is not None:
                self._tracks[message.event] = before
            answer(_denied(error))

        self.recorder.record(entry, done=done, failed=failed)

    def _check_own(self, message: Message) -> None:
        if message.originator != self.us:
            raise WarningUseError(
                "warning/not-ours", f"a source at this node speaks for `{self.us}`", remedy="name it as originator"
            )
        if self.state.seen.judge(self.us, message.message, self._serial + 1) is Sameness.SAME:
            raise WarningUseError("warning/said-before", "that message was said before", remedy="give each a fresh id")
        check_rate(message, last=self._tracks.get(message.event))
        self._serial = max(self._serial + 1, self.state.next_serial(now_us=self.clock_us()))
        self._tracks.pop(message.event, None)
        self._tracks[message.event] = message
        if len(self._tracks) > MAX_EVENTS:
            del self._tracks[next(iter(self._tracks))]

    def _routes(self, message: Message, canonical: bytes) -> list[tuple[LaneName, ProvenWarning]]:
        keys, now = self.desk.unlocked.keys, Instant(self.clock_us() // 1_000_000)
        routes: list[tuple[LaneName, ProvenWarning]] = []
        refused: LaneError | None = None
        for lane, decision in self.open_lanes().items():
            if self.us not in decision.authorisation.originators:
                continue
            try:
                check_scope(decision.authorisation, message, now=now)
            except LaneError as error:
                refused = error
                continue
            naming = Naming(
                originator=self.us,
                keys=keys.number,
                instrument=lane[1],
                authorisation=bytes.fromhex(decision.digest),
                serial=self._serial,
                message=canonical,
            )
            routes.append((lane, sign_warning(message, naming, signer=keys.lane)))
        # Whoever trains may train alone: without any lane its own desks see what its source says.
        if not routes and (refused is not None or message.character is not Character.EXERCISE):
            raise refused or LocalError(
                "warning/no-lane",
                "no standing pre-authorisation lets a warning of ours cross to anyone now",
                remedy="see `gsomia warn stats`; a releasing authority decides: `gsomia warn authorise`",
                clauses=("RELAY-5.4",),
            )
        return routes

    def put(self, lane: LaneName, warning: ProvenWarning) -> None:
        """Bring a durable warning to a partner, now or when the lane is up."""
        gave_way = self.out(lane).put(warning)
        if gave_way is not None:
            self.recorder.note(lane_state.GaveWay(lane=lane, key=gave_way.key))

    def acknowledged(self, lane: LaneName, warnings: list[ProvenWarning]) -> None:
        """A partner holds these."""
        if warnings:
            now, taken = self.clock_us(), self._receipts_us.setdefault(lane, deque(maxlen=MAX_RECEIPTS))
            taken.extend(now - self._said_us.pop(one.key) for one in warnings if one.key in self._said_us)
            self.recorder.note(lane_state.Acked(lane=lane, keys=[warning.key for warning in warnings]))

    # --- what a partner brings ------------------------------------------------------------------

    def arrive(self, arrival: Arrival) -> None:
        """Take a proven warning: on record, then shown, then acknowledged; twice shown never.

        Raises:
            LaneError: it is older than everything that is remembered: a replay.
        """
        warning, lane = arrival.warning, arrival.lane
        originator, message = warning.key
        same = self.state.seen.judge(originator, message, warning.naming.serial)
        if same is Sameness.TOO_OLD:
            raise LaneError("warning/replayed", "a warning older than everything that is remembered")
        if same is Sameness.SAME:
            self.picture.link(lane, incoming=True).suppressed += 1
            self.recorder.record(
                lane_state.Came(lane=lane, key=warning.key), done=arrival.durable, failed=lambda _error: None
            )
            return
        self.state.seen.add(originator, message, warning.naming.serial)
        onward = self._onward(arrival)
        entry = lane_state.In(
            lane=lane,
            originator=originator,
            message=message,
            serial=warning.naming.serial,
            raw=warning.raw,
            at_us=self.clock_us(),
            owed=onward,
        )

        def done() -> None:
            arrival.durable()
            self._show_arrival(arrival, arrival.marks)
            for other in onward:
                self.put(other, warning)

        self.recorder.record(entry, done=done, failed=lambda _error: self._lost.append(arrival))

    def _onward(self, arrival: Arrival) -> list[LaneName]:
        """The lanes on which we, as the hub, hand it on: the originator said to whom, and we decided that we do."""
        naming = arrival.warning.naming
        decision = self.law.heard.get(hex_digest(naming.authorisation))
        if decision is None or decision.authorisation.to != self.us:
            return []
        now, found = Instant(self.clock_us() // 1_000_000), []
        for lane, own in self.open_lanes().items():
            wanted = lane[0] in decision.authorisation.onward and lane[1] == naming.instrument
            if own.authorisation.way is Way.HUB and wanted and naming.originator in own.authorisation.originators:
                try:
                    check_scope(own.authorisation, arrival.warning.message, now=now)
                except LaneError as error:
                    self.refused(lane, error, incoming=False)
                else:
                    found.append(lane)
        return found

    def _keep_lost(self) -> None:
        """Law 2's exception: shown at once, kept in reserved room, acknowledged only if it is kept."""
        lost, self._lost = self._lost, []
        if not lost:
            return
        for arrival in lost:
            self._show_arrival(arrival, (*arrival.marks, Mark.UNRECORDED))
            self.picture.marked[Mark.UNRECORDED].add(arrival.warning.key)
        now = self.clock_us()
        kept = tuple(
            UnrecordedWarning(lane=one.lane[0], instrument=one.lane[1], raw=one.warning.raw, shown_us=now)
            for one in lost
        )
        try:
            for at in range(0, len(kept), 256):
                keep_unrecorded(self.desk, self._spare, kept[at : at + 256])
        except UnavailableError as error:
            self.picture.alarm(error.code, self.us, "the spare journal of the lanes takes nothing more")
            for arrival in lost:
                self.state.seen.discard(*arrival.warning.key)
        else:
            for arrival in lost:
                arrival.durable()

    def _enter_late(self) -> None:
        def entered(late: "asyncio.Future[list[UnrecordedWarning]]") -> None:
            if late.cancelled() or late.exception() is not None:
                asyncio.get_running_loop().call_later(RETRY_S, self._enter_late)
                return
            for one in late.result():
                naming = read_signed(one.raw).naming
                key = (str(naming.originator), str(parse_message(naming.message).message))
                self.picture.unmark([key], Mark.UNRECORDED)

        self.in_background(lambda: enter_late_warnings(self.desk, self._spare)).add_done_callback(entered)

    # --- the record -----------------------------------------------------------------------------

    def _after_commit(self) -> None:
        self._keep_lost()
        for act in list(self.after_commit):
            act()
        for bringer in list(self.bringers.values()):
            bringer.pump()
        answers, self._answers = self._answers, []
        for tell in answers:
            tell()

    def _went_down(self) -> None:
        self.picture.alarm(
            "warning/record-down", self.us, "the lanes' record takes nothing; warnings are shown UNRECORDED"
        )

    def _came_back(self) -> None:
        self.picture.alarm("warning/record-back", self.us, "the lanes' record takes entries again")
        self._bring_what_is_owed()
        self._enter_late()

    def refused(self, lane: LaneName, error: NodeError, *, incoming: bool, digest: bytes = b"") -> None:
        """Something on a lane was not taken: counted, noted, alarmed, and entered in the log once a minute a code."""
        self.picture.link(lane, incoming=incoming).refused += 1
        self.recorder.note(lane_state.NotTaken(lane=lane, code=error.code, digest=digest, at_us=self.clock_us()))
        self.picture.alarm(error.code, lane[0], error.message)
        self.in_background(lambda: record_repeated(self.desk, lane[0], error, subject=lane[0]))

    def look_for_unconfirmed(self) -> None:
        """Mark what no tally covered in time."""
        for one in self.ins.values():
            self.picture.mark(one.unconfirmed(now_us=self.clock_us()), Mark.UNCONFIRMED)

    def stats(self) -> dict[str, Any]:
        """How the floor is, for `warn stats`."""
        return {
            "party": self.us,
            "recorded": self.recorder.recorded,
            "unrecorded": len(self.picture.marked[Mark.UNRECORDED]),
            "unconfirmed": len(self.picture.marked[Mark.UNCONFIRMED]),
            "desks": len(self.picture.lines),
            "journal_bytes": self.recorder.size,
            "lanes": [self._lane_stats(lane, incoming=incoming) for incoming, lane in sorted(self.picture.links)],
        }

    def _lane_stats(self, lane: LaneName, *, incoming: bool) -> dict[str, Any]:
        link = self.picture.link(lane, incoming=incoming)
        crossed = (self.state.received if incoming else self.state.sent).get(lane, lane_state.Sum())
        told = {
            "party": lane[0],
            "instrument": lane[1],
            "incoming": incoming,
            "up": link.up,
            "epoch": link.epoch,
            "sessions": link.sessions,
            "messages": crossed.count,
            "digest": f"{crossed.total:064x}",
            "suppressed": link.suppressed,
            "refused": link.refused,
            "round_trip_us": link.round_trip_us,
            "offset_us": link.offset_us,
        }
        if not incoming:
            out = self.out(lane)
            told |= {
                "waiting": out.waiting,
                "on_the_way": out.on_the_way,
                "resent": out.resent,
                "superseded": out.superseded,
                "receipt_p50_us": _median(self._receipts_us.get(lane)),
            }
        return told

    def in_background(self, act: Callable[[], Any]) -> "asyncio.Future[Any]":
        """Run a flow beside the loop; what the record cannot take now is told in the log of the process."""
        task = self.background(act)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: "asyncio.Future[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            error = task.exception()
            LOG.warning("not recorded now: %s", error.code if isinstance(error, NodeError) else error)

    def _show_arrival(self, arrival: Arrival, marks: tuple[Mark, ...]) -> None:
        naming = arrival.warning.naming
        route = Route.DIRECT if naming.originator == arrival.lane[0] else Route.HUB
        self.picture.show(
            naming.message,
            arrival.warning.message,
            via=arrival.lane[0],
            route=route,
            instrument=arrival.lane[1],
            marks=marks,
        )


def _median(samples: deque[int] | None) -> int:
    return sorted(samples)[len(samples) // 2] if samples else 0


def _denied(error: NodeError) -> Denied:
    return Denied(code=error.code, text=error.message, remedy=error.remedy, clauses=error.clauses)
