"""Drains the outbox: one lane of statements in order, one of consignments side by side, for every partner on its own.

In the lane of statements the more urgent goes first: after each one it is asked anew what is due, and what is urgent
does not wait out the pause after something that did not get through.

A slow partner delays nobody else. Everything said was written first; everything is repeated until it is acknowledged.
"""

import asyncio
import contextlib
import itertools
import logging
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from gsomia.audit import InclusionReceipt
from gsomia.envelope import MAX_RIDING_BYTES, RUN_SEGMENTS, sealed_segment_bytes
from gsomia.errors import NodeError, PartnerError, UnreachableError
from gsomia.exchange import ORDINARY, Delivery, MessageKind, Outgoing, Reply
from gsomia.flows import consign, cosign, dispatch
from gsomia.flows.desk import Desk
from gsomia.flows.greet import link_up
from gsomia.flows.linkup import is_linked
from gsomia.flows.refuse import record_repeated
from gsomia.flows.spare import notices_to_say, settle_unrecorded, try_to_enter, waits
from gsomia.ids import HexDigest, PartyCode
from gsomia.transport.conversation import converse
from gsomia.transport.https import Link, PartnerRefusedError, SeenOtherError
from gsomia.transport.together import Together

T = TypeVar("T")
Arrived = tuple[int, Delivery, InclusionReceipt]
"""Row, delivery, and the recipient's proof that it is there."""
_Due = tuple[int, Outgoing, bytes | None]
"""Row, what is to be said, and of a statement that is said first its envelope."""
LOG = logging.getLogger("gsomia.worker")

IN_FLIGHT = 16
"""Consignments on their way to one partner at once."""
REQUESTS = 2
"""Requests under way at once that short ones ride in: one is on the line while the partner works on the other."""
RIDING = IN_FLIGHT // REQUESTS
"""Consignments in one of them: if all rode at once, each side would wait while the other works (ADR 0059)."""
POLL_S = 0.5
"""How often a quiet lane looks for rows whose time has come."""
COSIGN_EVERY_S = 1.0
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0
"""How long statements wait after one did not get through, doubling from the first."""
ROWS_AT_ONCE = 512
AHEAD = 2
"""Segments being sealed while one goes out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    """Where consignments meet: short ones on their way out, and all of them when their proofs are here."""

    offered: Together[tuple[int, bytes], Reply | NodeError]
    """Offers, each with the link-up under which it was begun."""
    arrived: Together[Arrived, None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """A consignment whose attempt is on record, and under which link-up."""

    sending: consign.ConsignmentToSend
    link_up: int


class Worker:
    """Speaks to one partner; made on the event loop it runs on."""

    def __init__(self, desk: Desk, to: PartyCode, *, link: Link, executor: Executor) -> None:
        self._desk = desk
        self._to = to
        self._link = link
        self._executor = executor
        self._wake_carry = asyncio.Event()
        self._wake_speak = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._rest = 0
        """The number of the rest that the lane of statements takes, because nothing was due; 0 if it is at work."""
        self._rests = itertools.count(1)
        self._looking = threading.Lock()
        self._found: list[_Due] = []
        """What whoever said something found to be due during that rest."""
        self._busy: set[int] = set()
        self._full = False
        self._linking = asyncio.Lock()
        self._linked = False
        self._link_ups = 0

    def wake_speak(self) -> None:
        """There is something new to say; callable from any thread outside a unit.

        While the lane rests, whoever said it looks what is due: that spares two changes of threads.
        """
        with self._looking:  # who looked later hands over later
            rest = self._rest
            self._loop.call_soon_threadsafe(self._take_up, rest, self._look_meanwhile() if rest else [])

    def _look_meanwhile(self) -> list[_Due]:
        try:
            return dispatch.due_to_say(self._desk, self._to, limit=ROWS_AT_ONCE)
        except Exception:  # what was said is written, whatever it is: the lane looks itself
            LOG.exception("what is due for %s could not be looked up by whoever spoke", self._to)
            return []

    def _take_up(self, rest: int, found: list[_Due]) -> None:
        if rest == self._rest:  # else the lane looked since, and what was found may have been said
            self._found = found
        self._wake_speak.set()

    def wake_carry(self) -> None:
        """There is a new consignment to carry; callable from any thread."""
        self._loop.call_soon_threadsafe(self._wake_carry.set)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._carry(group))
            group.create_task(self._speak())
            group.create_task(self._cosign())

    async def _carry(self, group: asyncio.TaskGroup) -> None:
        """Consignments, side by side; one that did not get through waits on its own."""
        ways = _Ways(
            offered=Together(group, self._offer, runs=REQUESTS, largest=RIDING),
            arrived=Together(group, self._settle),
        )
        while True:
            self._wake_carry.clear()
            room = IN_FLIGHT - len(self._busy)
            link_up = self._link_ups
            fresh = await self._begin(room) if room else []
            self._full = len(fresh) == room  # more may wait: whoever comes back looks again
            for row, outgoing, sending in fresh:
                self._busy.add(row)
                begun = _Begun(sending=sending, link_up=link_up) if sending else None
                group.create_task(self._send(row, outgoing, begun, ways))
            if not fresh:
                await _pause(self._wake_carry, POLL_S)

    async def _begin(self, room: int) -> Sequence[tuple[int, Outgoing, consign.ConsignmentToSend | None]]:
        """What may go now, begun together if the partner is linked up; else each is begun on its own."""
        if self._is_linked():
            begin = partial(consign.begin_due, self._desk, self._to, busy=frozenset(self._busy), room=room)
            with contextlib.suppress(Exception):  # each is begun on its own then, and told why it fails
                return await self._in_thread(begin)
        due = await self._read(partial(dispatch.due, self._desk, self._to, limit=ROWS_AT_ONCE))
        carried = [(row, one) for row, one in due if one.kind is MessageKind.CONSIGNMENT and row not in self._busy]
        return [(row, one, None) for row, one in carried[:room]]

    async def _settle(self, arrived: Sequence[Arrived]) -> Sequence[None]:
        await self._in_thread(partial(consign.settle_consignments, self._desk, arrived))
        return [None] * len(arrived)

    async def _offer(self, begun: Sequence[tuple[int, bytes]]) -> Sequence[Reply | NodeError]:
        """What became of each; after a request that was refused or misunderstood as a whole, each goes alone."""
        going = [self._stands(link_up) for link_up, _ in begun]
        try:
            told = iter(await self._ride([offer for (_, offer), goes in zip(begun, going, strict=True) if goes]))
        except UnreachableError as error:
            return [error] * len(begun)
        again = UnreachableError("transport/not-linked", f"`{self._to}` was linked up anew", remedy="it begins again")
        return [next(told) if goes else again for goes in going]

    async def _ride(self, offers: Sequence[bytes]) -> Sequence[Reply | NodeError]:
        if len(offers) > 1:
            return await self._link.offer_together(offers)
        return [await self._link.offer(offer) for offer in offers]

    async def _speak(self) -> None:
        """Statements and proofs, the more urgent first, else as written; if one does not get through, all wait."""
        wait_s = 0.0
        while True:
            self._wake_speak.clear()
            await self._say_unrecorded()
            found, self._found = self._found, []
            waiting = found or await self._due_to_say()
            said, tried = True, 0
            for row, outgoing, envelope in waiting:
                tried = row
                said = await self._attempt(outgoing, partial(self._say, row, outgoing, envelope))
                if not said or self._wake_speak.is_set():  # something newer may go before the rest
                    break
            wait_s = 0.0 if said else min(LONGEST_WAIT_S, max(FIRST_WAIT_S, 2 * wait_s))
            if wait_s:
                await self._wait_out(wait_s, tried=tried)
            elif not waiting:
                self._rest = next(self._rests)
                await _pause(self._wake_speak, POLL_S)
                self._rest = 0

    async def _say_unrecorded(self) -> None:
        """First notices that stand in no log go out from the spare journal, and into the record once it takes them."""
        if not waits(self._desk):
            return
        try:
            kept = await self._in_thread(partial(notices_to_say, self._desk, self._to))
        except NodeError as error:  # an entry that is not of our key: `doctor` shows that something waits
            LOG.warning("the spare journal does not read: %s", error.code)
            return
        for digest, envelope in kept:
            if await self._attempt(self._outgoing(digest), partial(self._say_kept, digest, envelope)):
                LOG.warning("said to %s without a record: a first notice", self._to)
        await self._in_thread(partial(try_to_enter, self._desk))

    async def _say_kept(self, digest: HexDigest, envelope: bytes) -> None:
        try:
            await self._link.statement(envelope)
        except PartnerRefusedError as refused:
            LOG.warning("%s refused a first notice: %s", self._to, refused.code)
        await self._in_thread(partial(settle_unrecorded, self._desk, digest))

    def _outgoing(self, digest: HexDigest) -> Outgoing:
        return Outgoing(
            partner=self._to,
            kind=MessageKind.STATEMENT,
            reference=digest,
            attempts=0,
            not_before=self._desk.clock(),
        )

    async def _wait_out(self, seconds: float, *, tried: int) -> None:
        """Wait, unless something urgent was written after what did not get through."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0:
            self._wake_speak.clear()
            await _pause(self._wake_speak, left)
            if self._wake_speak.is_set():
                due = await self._due_to_say()
                first = next(iter(due), None)
                if first is not None and first[0] > tried and first[1].urgency > ORDINARY:
                    return

    async def _send(self, row: int, outgoing: Outgoing, begun: _Begun | None, ways: _Ways) -> None:
        try:
            if begun and not self._stands(begun.link_up):
                begun = None
            if not await self._attempt(outgoing, partial(self._consignment, row, outgoing, begun, ways)):
                await self._postpone(row, outgoing)
        finally:
            self._busy.discard(row)
            if self._full:
                self._wake_carry.set()

    async def _postpone(self, row: int, outgoing: Outgoing) -> None:
        try:
            await self._in_thread(partial(dispatch.postpone, self._desk, row, outgoing))
        except NodeError as error:  # a full disk: wait here, since the row does not say so
            LOG.warning("that a consignment waits could not be recorded: %s", error.code)
            await asyncio.sleep(FIRST_WAIT_S)

    async def _consignment(self, row: int, outgoing: Outgoing, begun: _Begun | None, ways: _Ways) -> None:
        if begun is None:
            link_up, begin = self._link_ups, partial(consign.begin_consignment, self._desk, outgoing.reference)
            begun = _Begun(sending=await self._in_thread(begin), link_up=link_up)
        sending = begun.sending
        delivery, count = sending.delivery, sending.header.segments
        try:
            reply = await self._first_reply(begun, ways)
            for _ in range(2 + 2 * count // RUN_SEGMENTS):  # every run, and as many repeats
                if reply.progress is None or reply.progress.next_segment >= count:
                    break
                reply = await self._run_from(sending, reply.progress.next_segment)
        except PartnerRefusedError as refused:
            await self._in_thread(partial(consign.settle_refused, self._desk, row, delivery, refused.refusal))
            return
        await ways.arrived.do((row, delivery, _receipt(reply)))

    async def _first_reply(self, begun: _Begun, ways: _Ways) -> Reply:
        """What an offer is answered; short ones with all their content ride together."""
        offer = begun.sending.offer + begun.sending.inline
        if not begun.sending.inline or len(offer) > MAX_RIDING_BYTES:
            return await self._link.offer(offer)
        told = await ways.offered.do((begun.link_up, offer))
        if isinstance(told, NodeError):
            raise told
        return told

    async def _run_from(self, sending: consign.ConsignmentToSend, first: int) -> Reply:
        last = min(first + RUN_SEGMENTS, sending.header.segments)
        size = sum(sealed_segment_bytes(sending.header, index) for index in range(first, last))
        sealed = self._sealed(sending, first, last)
        return await self._link.segments(sending.delivery.consignment, first, sealed, size=size)

    async def _sealed(self, sending: consign.ConsignmentToSend, first: int, last: int) -> AsyncIterator[bytes]:
        """Segments one after another, the next few being sealed while one goes out."""
        ahead: deque[asyncio.Task[bytes]] = deque()
        try:
            for index in range(first, last + AHEAD):
                if index < last:
                    act = partial(consign.read_segment, sending, index)
                    ahead.append(asyncio.create_task(self._in_thread(act)))
                if index >= first + AHEAD:
                    yield await ahead.popleft()
        finally:
            for task in ahead:
                task.cancel()

    async def _say(self, row: int, outgoing: Outgoing, envelope: bytes | None) -> None:
        try:
            if outgoing.kind is MessageKind.STATEMENT:
                digest = outgoing.reference
                if envelope is None:
                    envelope = await self._in_thread(partial(dispatch.statement_to_send, self._desk, digest))
                reply = await self._link.statement(envelope)
                settle = partial(dispatch.settle_statement, self._desk, row, self._to, digest, _receipt(reply))
                await self._in_thread(settle)
            else:
                proof = await self._in_thread(partial(dispatch.stage_to_send, self._desk, self._to, outgoing.reference))
                await self._link.stage(proof)
                await self._in_thread(partial(dispatch.settle, self._desk, row))
        except PartnerRefusedError as refused:
            LOG.warning("%s refused a %s: %s", self._to, outgoing.kind, refused.code)
            told = partial(dispatch.settle_statement_refused, self._desk, row, self._to, outgoing, refused.refusal)
            await self._in_thread(told)

    async def _attempt(self, outgoing: Outgoing, act: Callable[[], Awaitable[None]]) -> bool:
        """Whether it got through; what did not stays queued."""
        try:
            await self._link_up()
            await act()
        except UnreachableError:
            self._linked = False  # the partner may come back as it was before: show each other first
            return False
        except PartnerError as error:  # a receipt that proves nothing, or no answer of the protocol
            LOG.warning("%s answered a %s wrongly: %s", self._to, outgoing.kind, error.code)
            await self._record_wrong(outgoing, error)
            return False
        except NodeError as error:  # our own trouble
            LOG.warning("saying %s to %s failed: %s", outgoing.kind, self._to, error.code)
            return False
        except Exception:  # a fault of ours with one message must not silence all others
            LOG.exception("saying %s to %s failed", outgoing.kind, self._to)
            return False
        return True

    async def _record_wrong(self, outgoing: Outgoing, error: PartnerError) -> None:
        subject = outgoing.reference
        try:
            await self._in_thread(partial(record_repeated, self._desk, self._to, error, subject=subject))
        except NodeError as worse:
            LOG.warning("a wrong answer could not be recorded: %s", worse.code)

    def _is_linked(self) -> bool:
        return self._linked and is_linked(self._desk, self._to)

    def _stands(self, link_up: int) -> bool:
        """Whether what was begun under a link-up may go: what is heard in a new one may stop it, and it begins anew."""
        return self._is_linked() and link_up == self._link_ups

    async def _link_up(self) -> None:
        """Nothing is said before both sides have shown each other what they saw last (design 5)."""
        async with self._linking:
            if self._is_linked():
                return
            await converse(self._link, link_up(self._desk, self._to), run=self._in_thread)
            self._linked = True
            self._link_ups += 1
        LOG.info("linked up with %s", self._to)

    async def _cosign(self) -> None:
        while True:
            await asyncio.sleep(COSIGN_EVERY_S)
            try:
                await self._ask_cosignature(seen=None)
            except SeenOtherError as other:
                # CRASH: an answer got lost after the partner persisted what it saw: prove from there.
                with contextlib.suppress(NodeError):
                    await self._ask_cosignature(seen=other.size)
            except UnreachableError:
                self._linked = False  # its lag is shown by `doctor`; cosigning never blocks a release
            except NodeError as error:
                LOG.warning("%s did not cosign: %s", self._to, error.code)
            except Exception:  # the same: cosigning goes on with the next head
                LOG.exception("asking %s to cosign failed", self._to)

    async def _ask_cosignature(self, *, seen: int | None) -> None:
        await self._link_up()
        ask = partial(cosign.request_cosignature, self._desk, self._to, seen=seen)
        request = await self._in_thread(ask)
        if request is not None:
            lines = await self._link.add_checkpoint(request.request)
            await self._in_thread(partial(cosign.take_cosignature, self._desk, self._to, request, lines))

    async def _due_to_say(self) -> list[_Due]:
        return await self._read(partial(dispatch.due_to_say, self._desk, self._to, limit=ROWS_AT_ONCE))

    async def _read(self, act: Callable[[], list[T]]) -> list[T]:
        """What is due, or nothing while the record cannot be read: a lane looks again."""
        try:
            return await self._in_thread(act)
        except NodeError as error:
            LOG.warning("what is due for %s cannot be read: %s", self._to, error.code)
            return []

    async def _in_thread(self, act: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, act)


def _receipt(reply: Reply) -> InclusionReceipt:
    if reply.accepted is None:
        raise UnreachableError("transport/no-receipt", "the partner answered without a receipt", remedy="")
    return reply.accepted.receipt


async def _pause(wake: asyncio.Event, seconds: float) -> None:
    # `wait_for` of Python 3.11 loses a cancellation that comes as the event is set, and the worker would never end.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wake.wait()
