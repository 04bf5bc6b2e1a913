"""The side that is warned: it proves every frame, has it recorded, shows it, and acknowledges what is durable.

Source: design 6 (the fast lane).
"""

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import Callable
from functools import partial

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gsomia.errors import NodeError, PartnerError
from gsomia.flows.lane import record_count, record_session
from gsomia.flows.parties import caller
from gsomia.flows.warn import StandingDecision
from gsomia.ids import HexDigest, PartyCode, hex_digest
from gsomia.instants import Instant
from gsomia.parties import HybridKey, PinnedParty, Statement, choose_statement_key, sign_statement, verify_statement
from gsomia.transport.lane_floor import Arrival, Floor
from gsomia.transport.lane_line import LaneLine
from gsomia.warning import (
    RECEIPT,
    TALLY,
    AnsweredEpoch,
    LaneClosedError,
    LaneError,
    LaneHello,
    LaneIn,
    LaneName,
    LaneTally,
    Mark,
    OpenedFrame,
    ProvenWarning,
    Way,
    answer_hello,
    begin_epoch,
    check_scope,
    lane_frames,
    lane_state,
    read_signed,
    verify_hello,
    verify_warning,
)

LOG = logging.getLogger("gsomia.lane")
HELLO_S = 10.0
ACK_PAUSE_S = 0.002
"""Acknowledgements that follow each other faster than this go together: each costs both ends a frame and a wake-up."""
MAX_LANES = 16
"""So many lanes of one partner are open at once, those included that did not begin an epoch yet."""


class LaneTaker(LaneLine):
    """The connection of a partner that warns us.

    Args:
        floor: ours.
        takers: every connection that runs, by lane: a new one of the same lane takes its place.
    """

    def __init__(self, floor: Floor, takers: dict[LaneName, "LaneTaker"]) -> None:
        super().__init__(floor, incoming=True)
        self._takers = takers
        self._peer: PartyCode | None = None
        self._certificate: bytes | None = None
        self._first: lane_frames.Hello | None = None
        self._answered: AnsweredEpoch | None = None
        self._decision: HexDigest | None = None
        self._since_s = 0.0
        self._acked_s = 0.0
        self._ack_timer: asyncio.TimerHandle | None = None
        self._in: LaneIn | None = None
        self._unacknowledged: list[Callable[[], None]] = []
        self._tallies: asyncio.Queue[bytes] = asyncio.Queue(maxsize=64)
        self._telling: asyncio.Task[None] | None = None

    def connected(self) -> None:
        """Ask whose certificate it is."""
        tls = self.transport.get_extra_info("ssl_object") if self.transport else None
        certificate = self._certificate = tls.getpeercert(binary_form=True) if tls else None
        self._since_s = asyncio.get_running_loop().time()
        self.floor.callers[certificate] += 1
        if self.floor.callers[certificate] > MAX_LANES and self.transport is not None:
            self.transport.abort()
            return
        task = self.floor.in_background(partial(caller, self.floor.desk, certificate))
        task.add_done_callback(self._identified)
        self._telling = asyncio.create_task(self._hear_tallies())

    def disconnected(self, *, was_up: bool) -> None:
        """What it sealed and did not tally stays for the next connection."""
        self.floor.callers[self._certificate] -= 1
        self.floor.callers += Counter()  # forget who has none
        self.acknowledge_no_more()
        if self._telling is not None:
            self._telling.cancel()
        if self.lane is not None and self._takers.get(self.lane) is self:
            del self._takers[self.lane]
            if self._in is not None:
                self._in.end_epoch()
        if was_up:
            self._session(ended=self.code)

    def check_law(self) -> None:
        """End at once what no longer may run: a decision that counts no more, a certificate that is no longer taken.

        Source: design 4 (Revocation closes connections at once), relay 5.4; issue 8, point 2 (within a second).
        """
        if self._decision is None:
            return
        if self._certificate not in self.floor.law.certificates:
            self.hang_up("warning/certificate-not-taken")
            return
        decision = self.floor.law.heard.get(self._decision)
        if decision is None:
            self.hang_up("warning/authorisation-unknown")
        elif decision.closed is not None:
            self.hang_up(decision.closed.code)

    def every_tick(self) -> None:
        """Whoever asked for a lane begins an epoch before long."""
        if not self.up and asyncio.get_running_loop().time() - self._since_s > HELLO_S:
            self.hang_up("warning/no-hello")

    def take(self, frame: lane_frames.Frame) -> None:
        """What the warning side says."""
        match frame:
            case lane_frames.Data():
                self._data(frame)
            case lane_frames.Tally():
                self._tally(frame.statement)
            case lane_frames.Hello():
                if self._peer is None:
                    self._first = frame
                else:
                    self._hello(frame)
            case lane_frames.Begin():
                self._begin(frame)
            case _:
                super().take(frame)

    def _identified(self, task: "asyncio.Future[PinnedParty | None]") -> None:
        peer = None if task.cancelled() or task.exception() else task.result()
        if peer is None:
            if self.transport is not None:
                self.transport.abort()
            return
        self._peer = peer.code
        if self._first is not None:
            hello, self._first = self._first, None
            self._take(hello)

    def _hello(self, frame: lane_frames.Hello) -> None:
        """Let a partner begin an epoch, if what it rests on counts now."""
        floor, peer = self.floor, self._peer
        if peer is None:
            raise LaneError("warning/frame-not-expected", "a hello of nobody")
        after: dict[str, int] = {lane[1]: number for lane, number in floor.state.epochs_in.items() if lane[0] == peer}
        key = choose_statement_key(frame.statement, keys=self._keys(peer))
        statement = verify_hello(frame.statement, key=key, sender=peer, us=floor.us, after=after)
        hello = statement.value
        lane = (peer, hello.instrument)
        if self.lane not in {None, lane}:
            raise LaneClosedError("warning/lane-of-another", "one connection is one lane")
        self.lane = lane
        self._check_decision(statement)
        self._decision = hello.authorisation
        answered = answer_hello(statement, entropy=floor.desk.entropy, signer=floor.desk.unlocked.keys.lane)

        def done() -> None:
            self._answered = answered
            self.send(lane_frames.Answer(statement=answered.statement.envelope))

        # An epoch is remembered before it is answered. While the record is down it is remembered in memory: warnings
        # are shown even so (design 2), and the head of the next file has it.
        entry = lane_state.EpochIn(lane=lane, number=hello.epoch)

        def failed(_error: NodeError) -> None:
            floor.state.apply(entry)
            done()

        floor.recorder.record(entry, done=done, failed=failed)

    def _check_decision(self, statement: Statement[LaneHello]) -> None:
        hello = statement.value
        decision = self.floor.law.heard.get(hello.authorisation)
        if decision is None:
            raise LaneClosedError("warning/authorisation-unknown", "it names a decision that was not heard here")
        named = decision.authorisation
        if (named.party, named.to, named.instrument) != (hello.sender, hello.recipient, hello.instrument):
            raise LaneClosedError("warning/lane-of-another", "the decision is about another lane")
        if decision.closed is not None:
            raise decision.closed

    def _begin(self, frame: lane_frames.Begin) -> None:
        answered, self._answered = self._answered, None
        if answered is None or self.lane is None or frame.epoch != answered.hello.value.epoch:
            raise LaneError("warning/frame-not-expected", "the half of a secret without a hello")
        floor, lane = self.floor, self.lane
        start = begin_epoch(answered, frame.wrapped)
        before = self._takers.get(lane)
        if before is not None and before is not self:
            before.hang_up("warning/called-again")
            before.acknowledge_no_more()  # the epoch to come is acknowledged here alone
        self._takers[lane] = self
        self._in = floor.lane_in(lane)
        self._in.start_epoch(start)
        self._unacknowledged.clear()
        floor.after_commit.add(self._acknowledge_soon)
        link = floor.picture.link(lane, incoming=True)
        link.epoch = start.number
        if not self.up:
            self.up = link.up = True
            link.sessions += 1
            floor.picture.moved(lane, incoming=True)
            self._session(ended=None)

    def _data(self, frame: lane_frames.Data) -> None:
        """One warning: opened, proven, held against its decision, and handed to the record.

        1. The frame opens: the partner sealed it, in this epoch, once.
        2. It names this lane's instrument and a decision of its originator that counts now and reaches us this way.
        3. The originator signed it.
        4. The decision covers it; if a hub brings it, the hub's decision too.
        """
        lane, receiving = self.lane, self._in
        if lane is None or receiving is None:
            raise LaneError("warning/frame-not-expected", "a warning before an epoch")
        # (1) sealed by the partner
        opened = receiving.open(frame, now_us=self.floor.clock_us())
        if opened.out_of_order:
            self.floor.picture.alarm("warning/out-of-order", lane[0], f"frame {opened.sequence} came out of order")
        try:
            warning = self._prove(lane, opened)
            receiving.shown(opened, warning.key)
            self.floor.arrive(
                Arrival(
                    lane=lane,
                    warning=warning,
                    marks=self.floor.picture.marks_of(warning.message, lane, out_of_order=opened.out_of_order),
                    durable=partial(receiving.durable, opened),
                )
            )
        except PartnerError as error:
            # It will never be taken: it is dealt with, on record as refused, and need not come again.
            digest = hashlib.sha256(opened.raw).digest()
            self.refuse(error, epoch=opened.epoch, sequence=opened.sequence, digest=digest)
            self._unacknowledged.append(partial(receiving.durable, opened))  # once the refusal is on record

    def _prove(self, lane: LaneName, opened: OpenedFrame) -> ProvenWarning:
        floor = self.floor
        claimed = read_signed(opened.raw)
        naming = claimed.naming
        # (2) what it names
        if naming.instrument != lane[1]:
            raise LaneError("warning/other-instrument", "the warning names another instrument than its lane")
        decision = floor.law.heard.get(hex_digest(naming.authorisation))
        if decision is None or decision.authorisation.party != naming.originator:
            raise LaneError("warning/authorisation-unknown", "the warning names no decision of its originator")
        if decision.closed is not None:
            closed = decision.closed
            raise LaneError(closed.code, closed.message, remedy=closed.remedy, clauses=closed.clauses)
        self._check_way(decision, lane)
        # (3) who said it
        key = floor.law.keys.get((naming.originator, naming.keys))
        if key is None:
            raise LaneError("warning/no-key", "no lane key of that number counts for the originator")
        warning = verify_warning(claimed, key=_frame_key(key))
        # (4) what it says
        now = Instant(floor.clock_us() // 1_000_000)
        check_scope(decision.authorisation, warning.message, now=now)
        if naming.originator != lane[0] and self._decision is not None:
            check_scope(floor.law.heard[self._decision].authorisation, warning.message, now=now)
        return warning

    def _check_way(self, decision: StandingDecision, lane: LaneName) -> None:
        named, us = decision.authorisation, self.floor.us
        straight = named.party == lane[0] and named.to == us
        by_hub = named.way is Way.HUB and named.to == lane[0] and us in named.onward
        if not (straight or by_hub) or named.instrument != lane[1]:
            raise LaneError("warning/lane-of-another", "the decision reaches us another way", clauses=("G6-1",))

    def _acknowledge_soon(self) -> None:
        """After a commit: what was refused before it is on record now, unless the record takes nothing."""
        if self.floor.recorder.recorded:
            refused, self._unacknowledged = self._unacknowledged, []
            for dealt_with in refused:
                dealt_with()
        loop = asyncio.get_running_loop()
        if self._in is None or not self._in.must_ack or self._ack_timer is not None:
            return
        if loop.time() - self._acked_s >= ACK_PAUSE_S:
            self._acknowledge()
        else:
            self._ack_timer = loop.call_later(ACK_PAUSE_S, self._acknowledge)

    def acknowledge_no_more(self) -> None:
        """The lane is another connection's now, or nobody's: what becomes durable is not acknowledged here."""
        self.floor.after_commit.discard(self._acknowledge_soon)
        if self._ack_timer is not None:
            self._ack_timer.cancel()
            self._ack_timer = None

    def _acknowledge(self) -> None:
        self._ack_timer = None
        self._acked_s = asyncio.get_running_loop().time()
        ack = self._in.ack() if self._in is not None else None
        if ack is not None:
            self.send(ack)

    def _tally(self, untrusted: bytes) -> None:
        if self._tallies.full():
            raise LaneError("warning/too-many-tallies", "tallies faster than they are read")
        self._tallies.put_nowait(untrusted)

    async def _hear_tallies(self) -> None:
        while True:
            untrusted = await self._tallies.get()
            try:
                await self._hear_tally(untrusted)
            except PartnerError as error:
                self.refuse(error, epoch=0, sequence=0, digest=hashlib.sha256(untrusted).digest())
            except NodeError as error:  # the log takes nothing: no receipt, and the sender sees that none comes
                LOG.warning("a tally is not entered: %s", error.code)

    async def _hear_tally(self, untrusted: bytes) -> None:
        floor, lane, receiving = self.floor, self.lane, self._in
        if lane is None or receiving is None:
            raise LaneError("warning/frame-not-expected", "a tally before an epoch")
        key = choose_statement_key(untrusted, keys=self._keys(lane[0]))
        tally = await floor.background(partial(verify_statement, untrusted, accepts={TALLY: LaneTally}, key=key))
        confirmed, receipt = receiving.confirm(tally.value, digest=tally.digest)
        floor.picture.unmark(confirmed, Mark.UNCONFIRMED)

        def enter() -> bytes:
            said = sign_statement(receipt, kind=RECEIPT, signer=floor.desk.unlocked.keys.lane)
            record_count(floor.desk, lane[0], tally, by=lane[0])
            record_count(floor.desk, lane[0], said, by=floor.us)
            return said.envelope

        self.send(lane_frames.Receipt(statement=await floor.background(enter)))

    def _keys(self, party: PartyCode) -> list[HybridKey]:
        keys = [key for (code, _), key in self.floor.law.keys.items() if code == party]
        if not keys:
            raise LaneClosedError("warning/no-key", f"no lane key of `{party}` counts now")
        return keys

    def _session(self, *, ended: str | None) -> None:
        floor, lane, digest = self.floor, self.lane, self._decision
        if lane is not None and digest is not None:
            floor.in_background(
                lambda: record_session(
                    floor.desk, lane[0], incoming=True, instrument=lane[1], authorisation=digest, ended=ended
                )
            )


_FRAME_KEYS: dict[bytes, Ed25519PublicKey] = {}
_MAX_FRAME_KEYS = 256


def _frame_key(key: HybridKey) -> Ed25519PublicKey:
    """The Ed25519 half, loaded once."""
    found = _FRAME_KEYS.get(key.ed25519)
    if found is None:
        if len(_FRAME_KEYS) >= _MAX_FRAME_KEYS:
            _FRAME_KEYS.clear()
        found = _FRAME_KEYS[key.ed25519] = Ed25519PublicKey.from_public_bytes(key.ed25519)
    return found
