"""N nodes in one process: real keys from fixed seeds, records in memory, a clock that is set, and a post office.

The post office carries what stands in the outboxes as the worker and the partner's door do, by calling the flows. It
can lose, double, delay and reorder messages, and lose replies.
"""

import hashlib
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from importlib.resources import files
from typing import TypeVar

from gsomia import canon
from gsomia.agreements import Agreement, NoteSubject, parse_document
from gsomia.audit import CosignStatus, InclusionReceipt
from gsomia.errors import IntegrityError, NodeError, PartnerError, UnavailableError, UnreachableError
from gsomia.exchange import MessageKind, Outgoing, Reply
from gsomia.flows import agree, consign, cosign, dispatch
from gsomia.flows.dealings import deliver_again, give_statement, list_dealings
from gsomia.flows.desk import Desk
from gsomia.flows.greet import link_up
from gsomia.flows.hear import hear_statement
from gsomia.flows.linkup import answer_link, hear_epoch, is_linked, require_link
from gsomia.flows.parties import pin_partner
from gsomia.flows.refuse import record_refusal
from gsomia.flows.release import Released
from gsomia.flows.spare import notices_to_say, settle_unrecorded
from gsomia.ids import ConsignmentId, PartyCode
from gsomia.transport import PartnerRefusedError
from simulation.fragile_store import PowerCut
from simulation.sim_node import (
    JPN,
    KOR,
    KR_JP,
    LONGEST_WAIT_S,
    PURPOSE,
    REGISTRY,
    SECRET,
    START,
    TOPIC,
    UNTIL,
    USA,
    Identity,
    SimNode,
    flip,
    hand,
    identity,
    pieces,
    policies,
    seeded,
)

__all__ = [
    "JPN",
    "KOR",
    "KR_JP",
    "PURPOSE",
    "REGISTRY",
    "SECRET",
    "START",
    "TOPIC",
    "UNTIL",
    "USA",
    "Fault",
    "Identity",
    "Link",
    "PowerCut",
    "SimNode",
    "World",
    "flip",
    "hand",
    "identity",
    "pieces",
    "policies",
    "seeded",
    "world_in_force",
]

T = TypeVar("T")


class Fault(Enum):
    """What happens to a message on its way."""

    NONE = "none"
    LOST = "lost"
    REPLY_LOST = "reply lost"
    DOUBLED = "doubled"


@dataclass
class Link:
    """One node's way to another's door, with the answers and errors of the real one."""

    sender: SimNode
    to: SimNode
    faults: deque[Fault] = field(default_factory=deque)

    def offer(self, body: bytes) -> Reply:
        """Offer a consignment."""
        return self._reply(lambda: self.to.intake.offer(self.sender.party, body), body)

    def segment(self, consignment: ConsignmentId, index: int, sealed: bytes) -> Reply:
        """Send a segment."""
        return self._reply(lambda: self.to.intake.segment(self.sender.party, consignment, index, sealed), sealed)

    def statement(self, envelope: bytes) -> Reply:
        """Say a statement."""
        return self._reply(lambda: hear_statement(self.to.desk, self.sender.party, envelope), envelope)

    def stage(self, proof: bytes) -> None:
        """Prove a stage."""
        self._call(lambda: dispatch.hear_stage(self.to.desk, self.sender.party, proof), proof)

    def add_checkpoint(self, request: bytes) -> tuple[CosignStatus, bytes]:
        """Ask for a cosignature."""

        def act() -> tuple[CosignStatus, bytes]:
            decision, told = cosign.witness(self.to.desk, self.sender.party, request)
            if decision.status is CosignStatus.OTHER_SIZE or decision.signed is not None:
                return decision.status, told
            raise decision.error or PartnerError("api/not-cosigned", "not cosigned")

        return self._call(act, request)

    def question(self, path: str, body: bytes) -> bytes:
        """Ask one question of a link-up."""
        if path == "/v1/link/epoch":
            return canon.encode(self._call(lambda: hear_epoch(self.to.desk, self.sender.party, body), body, link=False))
        act = {
            "/v1/link": answer_link,
            "/v1/link/ask": list_dealings,
            "/v1/link/statement": give_statement,
            "/v1/link/again": deliver_again,
        }[path]
        return self._call(lambda: act(self.to.desk, self.sender.party, body), body, link=False)

    def _reply(self, act: Callable[[], Reply], body: bytes) -> Reply:
        return canon.decode(canon.encode(self._call(act, body)), Reply)

    def _call(self, act: Callable[[], T], body: bytes, *, link: bool = True) -> T:
        fault = self.faults.popleft() if self.faults else Fault.NONE
        if fault is Fault.LOST:
            raise _not_reached()
        answer = self._door(act, body, link=link)
        if fault is Fault.DOUBLED:
            answer = self._door(act, body, link=link)
        if fault is Fault.REPLY_LOST:
            raise _not_reached()
        return answer

    def _door(self, act: Callable[[], T], body: bytes, *, link: bool) -> T:
        try:
            if link:
                require_link(self.to.desk, self.sender.party)
            return act()
        except (UnavailableError, IntegrityError) as error:
            raise UnreachableError("transport/not-now", error.code, remedy="") from error
        except NodeError as error:
            subject = hashlib.sha256(body).hexdigest()
            raise PartnerRefusedError(
                record_refusal(self.to.desk, self.sender.party, error, subject=subject)
            ) from error


def _not_reached() -> UnreachableError:
    return UnreachableError("transport/not-reached", "lost on the way", remedy="")


class World:
    """The nodes, the time, and the post office between them."""

    def __init__(self, *parties: PartyCode) -> None:
        self.nodes = {party: SimNode(party) for party in parties}
        self.links = {
            (sender, to): Link(self.nodes[sender], self.nodes[to])
            for sender in parties
            for to in parties
            if sender != to
        }
        for node in self.nodes.values():
            node.bring_people()
        for sender, to in self.links:
            self.pin(sender, to)
        for sender, to in self.links:
            self.link_up(sender, to)

    def __getitem__(self, party: PartyCode) -> SimNode:
        return self.nodes[party]

    def pin(self, party: PartyCode, other: PartyCode) -> None:
        """One government pins another."""
        known = self.nodes[other].identity
        pin_partner(self.nodes[party].desk, known.pin_file, fingerprint=known.record.fingerprint, by="liaison")

    def wait(self, seconds: int) -> None:
        """Time passes everywhere."""
        for node in self.nodes.values():
            node.clock.now = node.clock.now.plus(seconds=seconds)

    # the post office ------------------------------------------------------------------------------------------

    def due(self, sender: PartyCode, to: PartyCode) -> list[tuple[int, Outgoing]]:
        """Rows that may be said now."""
        return dispatch.due(self.nodes[sender].desk, to, limit=64)

    def carry(self, sender: PartyCode, to: PartyCode, row: int, outgoing: Outgoing, *faults: Fault) -> bool:
        """Say one row as the worker does, meeting `faults` on the way; whether it was answered."""
        desk, link = self.nodes[sender].desk, self.links[sender, to]
        try:
            self.link_up(sender, to)
        except NodeError:
            dispatch.postpone(desk, row, outgoing)
            return False
        link.faults = deque(faults)
        try:
            if outgoing.kind is MessageKind.CONSIGNMENT:
                self._consignment(desk, link, row, outgoing.reference)
            elif outgoing.kind is MessageKind.STATEMENT:
                self._statement(desk, link, row, outgoing.reference)
            else:
                link.stage(dispatch.stage_to_send(desk, to, outgoing.reference))
                dispatch.settle(desk, row)
        except PartnerRefusedError as refused:
            dispatch.settle_statement_refused(desk, row, to, outgoing, refused.refusal)
        except NodeError:
            self.nodes[sender].linked.discard(to)
            dispatch.postpone(desk, row, outgoing)
            return False
        finally:
            link.faults.clear()
        return True

    def link_up(self, sender: PartyCode, to: PartyCode, *faults: Fault) -> None:
        """Link up as the worker does, unless it has."""
        node, link = self.nodes[sender], self.links[sender, to]
        if to in node.linked and is_linked(node.desk, to):
            return
        link.faults = deque(faults)
        talk = link_up(node.desk, to)
        try:
            question = next(talk, None)
            while question is not None:
                answer = link.question(question.path, question.body)
                try:
                    question = talk.send(answer)
                except StopIteration:
                    question = None
        finally:
            link.faults.clear()
        node.linked.add(to)

    def _consignment(self, desk: Desk, link: Link, row: int, consignment: str) -> None:
        sending = consign.begin_consignment(desk, consignment)
        delivery, count = sending.delivery, sending.header.segments
        try:
            reply = link.offer(sending.offer + sending.inline)
            while reply.progress is not None:
                index = reply.progress.next_segment
                sealed = consign.read_segment(sending, min(index, count - 1))
                reply = link.segment(delivery.consignment, index, sealed)
        except PartnerRefusedError as refused:
            consign.settle_refused(desk, row, delivery, refused.refusal)
            return
        consign.settle_consignment(desk, row, delivery, _receipt(reply))

    def _statement(self, desk: Desk, link: Link, row: int, digest: str) -> None:
        reply = link.statement(dispatch.statement_to_send(desk, digest))
        dispatch.settle_statement(desk, row, link.to.party, digest, _receipt(reply))

    def deliver(self, sender: PartyCode, to: PartyCode, *faults: Fault) -> None:
        """Say everything that is due, in order; faults meet the first of it."""
        left = list(faults)
        for digest, envelope in notices_to_say(self.nodes[sender].desk, to):
            self.links[sender, to].statement(envelope)
            settle_unrecorded(self.nodes[sender].desk, digest)
        for row, outgoing in self.due(sender, to):
            self.carry(sender, to, row, outgoing, *left)
            left = []

    def settle(self, *, rounds: int = 12) -> None:
        """Let everything be said that can be said, waiting out every pause."""
        for _ in range(rounds):
            if not any(self.nodes[sender].queued(to) for sender, to in self.links):
                return
            for sender, to in self.links:
                with suppress(NodeError):
                    self.link_up(sender, to)
            for sender, to in self.links:
                self.deliver(sender, to)
            if any(self.nodes[sender].queued(to) for sender, to in self.links):
                self.wait(LONGEST_WAIT_S)
        left = {f"{sender}-{to}": self.nodes[sender].queued(to) for sender, to in self.links}
        msg = f"the post office does not come to rest: {left}"
        raise AssertionError(msg)

    def cosign(self, owner: PartyCode, witness: PartyCode, *faults: Fault) -> bool:
        """Have one shared log cosigned as the worker does; whether it was."""
        node, link = self.nodes[owner], self.links[owner, witness]
        self.link_up(owner, witness)
        request = cosign.request_cosignature(node.desk, witness)
        if request is None:
            return True
        link.faults = deque(faults)
        try:
            status, told = link.add_checkpoint(request.request)
            if status is CosignStatus.OTHER_SIZE:
                request = cosign.request_cosignature(node.desk, witness, seen=int(told))
                assert request is not None
                status, told = link.add_checkpoint(request.request)
            cosign.take_cosignature(node.desk, witness, request, told)
        except UnreachableError:
            node.linked.discard(witness)
            return False
        finally:
            link.faults.clear()
        return True

    # what brings an agreement into force ----------------------------------------------------------------------

    def agreement(self, *, version: int = 1) -> Agreement:
        """The demo's agreement file, with the identities of this world."""
        text = files("gsomia.demo").joinpath("data", "gsomia-kr-jp-2016.toml").read_text()
        for party in (KOR, JPN):
            text = text.replace(f"@{party}@", identity(party).record.fingerprint)
        return parse_document(text.replace("version = 1", f"version = {version}").encode())

    def propose(self, by: PartyCode = KOR, *, version: int = 1) -> None:
        """Put the text to the other party."""
        node = self.nodes[by]
        agree.propose(
            node.desk,
            node.actor("liaison"),
            self.agreement(version=version),
            our_fingerprint=node.identity.record.fingerprint,
        )

    def sign(self) -> None:
        """Proposed by one side, signed by both."""
        self.propose()
        self.settle()
        for party in (KOR, JPN):
            node = self.nodes[party]
            agree.sign(
                node.desk,
                node.actor("liaison"),
                KR_JP,
                digest=None,
                our_fingerprint=node.identity.record.fingerprint,
            )
        self.settle()

    def bring_into_force(self) -> None:
        """Signed, completed by both notes, authorities named, channels accredited, assured both ways."""
        self.sign()
        for subject in (NoteSubject.COMPLETION, NoteSubject.AUTHORITY_NAMED):
            for party in (KOR, JPN):
                self.nodes[party].note(subject)
            self.settle()
        digests = []
        for party, other in ((KOR, JPN), (JPN, KOR)):
            self.nodes[party].accredit(other)
            digests.append((other, self.nodes[party].assure(other)))
        self.settle()
        for party, digest in digests:
            self.nodes[party].acknowledge(digest)
        self.settle()

    def send(self, content: bytes, *, sender: PartyCode = KOR, to: PartyCode = JPN) -> Released:
        """Register, release and deliver."""
        item = self.nodes[sender].register(content)
        released = self.nodes[sender].release(item.id, to)
        self.settle()
        return released


def world_in_force(*others: PartyCode) -> World:
    """Seoul and Tokyo with the agreement in force."""
    world = World(KOR, JPN, *others)
    world.bring_into_force()
    return world


def _receipt(reply: Reply) -> InclusionReceipt:
    if reply.accepted is None:
        raise UnreachableError("transport/no-receipt", "answered without a receipt", remedy="")
    return reply.accepted.receipt
