"""What is due about items and copies: receipts, bookings, hand-overs, marks, second persons, musters, purposes.

Each source asks for what is open by an index, or for the newest records as far back as the rule looks; none goes
through the register. What is open is decided by the rule that enforces it.

Source: registry 7.2, A-12, LEDGER-4.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from gsomia.agreements import Rule
from gsomia.flows.contradictions import convicted
from gsomia.flows.copying import waiting_orders
from gsomia.flows.desk import Desk
from gsomia.flows.dispose import open_destruction
from gsomia.flows.facts import agreement_of, get_item, is_gone
from gsomia.flows.give_back import open_return
from gsomia.flows.handover import open_offer
from gsomia.flows.house_clocks import HouseClocks
from gsomia.flows.incidents import is_overdue_taken_up
from gsomia.flows.levels import open_copies
from gsomia.flows.muster import closing_of
from gsomia.flows.packages import lines_where
from gsomia.flows.ports import Tx
from gsomia.flows.purposes import has_held
from gsomia.flows.records import BackupRecord, EpochProposal, EpochRecord
from gsomia.instants import Instant
from gsomia.parties import Facility
from gsomia.policy import (
    Clock,
    Duty,
    disposition_due,
    full_muster_due,
    incident_due,
    packing_ends,
    proposal_ends,
    receipt_due,
    remarking_due,
)
from gsomia.registry import (
    CopyLine,
    CoverApproval,
    DestructionProposal,
    Extent,
    HandOverOffer,
    ItemReturn,
    LevelNotice,
    Muster,
    MusterClosing,
    Place,
    PurposeDeed,
    PurposeLine,
    RegisterError,
    Regraded,
    ReturnProposal,
    Waiting,
    WaitingLine,
    WaitState,
)

R = TypeVar("R", DestructionProposal, ReturnProposal, CoverApproval, MusterClosing, EpochProposal)

PAGE = 500
"""Records read at a time while the newest are gone through."""


def receipts(tx: Tx, desk: Desk, now: Instant) -> Iterator[Duty]:
    """What we sent and nobody signed for yet: a tracer after so many days, an incident after more.

    Source: F-15, G12-5, A-12, LEDGER-4.
    """
    sent, clocks = {}, HouseClocks(tx, desk)
    for line in lines_where(tx, place=Place.IN_TRANSIT):
        number = line.package or line.consignment
        if number is not None and line.counterpart is not None and line.custodian == desk.party:
            sent[number] = line
    for number, line in sent.items():
        late = receipt_due(line.at, days=clocks.days(line, Rule.RECEIPT_DAYS))
        days = clocks.days(line, Rule.TRACER_DAYS)
        tracer = Duty(
            clock=Clock.RECEIPT,
            subject=number,
            since=line.at,
            due=late,
            command="package trace",
            party=line.counterpart,
            facility=line.facility,
        )
        yield tracer
        if now >= late and not is_overdue_taken_up(tx, desk, number, sent=line.at, days=days):
            yield replace(tracer, clock=Clock.UNRECEIPTED, due=incident_due(line.at, days=days))


def bookings(tx: Tx, desk: Desk, _now: Instant) -> Iterator[Duty]:
    """What arrived and no registrar of ours has signed for.

    Source: G12-5, F-04, A-04, A-12.
    """
    clocks = HouseClocks(tx, desk)
    for line in lines_where(tx, place=Place.ARRIVED):
        command = f"package open {line.package}" if line.package else f"item book {line.item} --mark M --basis TEXT"
        yield Duty(
            clock=Clock.BOOKING,
            subject=line.item,
            since=line.at,
            due=receipt_due(line.at, days=clocks.days(line, Rule.RECEIPT_DAYS)),
            command=command,
            party=line.counterpart,
            facility=line.facility,
        )


def hand_overs(tx: Tx, _desk: Desk, _now: Instant) -> Iterator[Duty]:
    """Copies that were handed over and not taken over; only the taker signs.

    Source: F-05, LEDGER-2.
    """
    for line in _waiting(tx, Waiting.HAND_OVER):
        last = next(
            (one for one in tx.newest(HandOverOffer, limit=PAGE, item=line.item) if one.copy == line.part), None
        )
        if last is None:
            continue
        try:
            offer = open_offer(tx, line.item, copy=line.part, taker=last.taker)
        except RegisterError:  # it lapsed: the copy moved in another way
            continue
        yield Duty(
            clock=Clock.HAND_OVER,
            subject=f"{line.item}/{line.part}",
            since=offer.at,
            due=None,
            command=f"item hand-over {line.item} --copy {line.part} --person {offer.taker}",
            person=offer.taker,
        )


def remarkings(tx: Tx, desk: Desk, _now: Instant) -> Iterator[Duty]:
    """Copies that still bear the mark of before a level-change notice.

    Source: F-10, G6-8, A-12.
    """
    clocks = HouseClocks(tx, desk)
    for line in _waiting(tx, Waiting.REMARKING):
        order = tx.latest(Regraded, item=line.item, notice=line.part)
        notice = tx.latest(LevelNotice, statement=line.part)
        if order is None or not open_copies(tx, order):
            continue
        agreement = agreement_of(tx, get_item(tx, line.item))
        days = clocks.length(agreement.id if agreement else None, Rule.LEVEL_CHANGE_DAYS, since=line.since)
        yield Duty(
            clock=Clock.REMARKING,
            subject=line.item,
            since=line.since,
            due=remarking_due(line.since, days=days),
            command=f"item regrade {line.item} --done COPY",
            party=notice.change.originator if notice else None,
        )


def return_answers(tx: Tx, desk: Desk, _now: Instant) -> Iterator[Duty]:
    """Items of ours that a partner gives back, for which nobody of ours has signed.

    Source: G6-9, A-04.
    """
    for line in _waiting(tx, Waiting.RETURN):
        given = tx.latest(ItemReturn, digest=line.part)
        if given is not None and given.party != desk.party:
            yield Duty(
                clock=Clock.RETURN_ANSWER,
                subject=line.item,
                since=given.at,
                due=None,
                command=f"item take-back {line.item} --party {given.party}",
                party=given.party,
            )


def copy_orders(tx: Tx, _desk: Desk, _now: Instant) -> Iterator[Duty]:
    """Orders for copies beyond the limit that wait for another person.

    Source: G14-3.
    """
    for one in waiting_orders(tx):
        yield Duty(
            clock=Clock.COPY_APPROVAL, subject=one.item, since=one.at, due=None, command=f"item approve {one.order}"
        )


def packings(tx: Tx, _desk: Desk, now: Instant) -> Iterator[Duty]:
    """Items that were decided on and are not packed yet; the decision lapses.

    Source: F-14.
    """
    seen = set()
    for one in _newest(tx, CoverApproval, until=lambda signed: packing_ends(signed) > now):
        key = (one.item, one.to)
        lines = tx.lines(CopyLine, limit=PAGE, item=one.item)
        if key not in seen and not any(line.counterpart == one.to and line.at >= one.at for line in lines):
            yield Duty(
                clock=Clock.COVER_APPROVAL,
                subject=one.item,
                since=one.at,
                due=packing_ends(one.at),
                command=f"package make --to {one.to} --copies {one.item}",
                party=one.to,
            )
        seen.add(key)


def destructions(tx: Tx, desk: Desk, now: Instant) -> Iterator[Duty]:
    """Destruction lists that wait for a second person.

    Source: G13-1, F-16.
    """
    for one in _newest(tx, DestructionProposal, until=lambda signed: proposal_ends(signed) > now):
        if open_destruction(tx, one.item, now=now) == one and not is_gone(tx, desk.party, one.item):
            yield _second(Clock.DESTRUCTION, one.item, one.at, f"item destroy {one.item}")


def returns(tx: Tx, desk: Desk, now: Instant) -> Iterator[Duty]:
    """Returns that wait for a second person.

    Source: G13-3.
    """
    for one in _newest(tx, ReturnProposal, until=lambda signed: proposal_ends(signed) > now):
        if open_return(tx, desk, one.item, now=now) == one and not is_gone(tx, desk.party, one.item):
            yield _second(Clock.RETURN, one.item, one.at, f"item return {one.item}")


def log_epochs(tx: Tx, _desk: Desk, now: Instant) -> Iterator[Duty]:
    """New epochs of a log that does not hold, waiting for a second person.

    Source: G6-7.
    """
    for log in dict.fromkeys(
        one.log for one in _newest(tx, EpochProposal, until=lambda signed: proposal_ends(signed) > now)
    ):
        last, opened = tx.latest(EpochProposal, log=log), tx.latest(EpochRecord, log=log)
        if last is not None and (opened is None or opened.at < last.at):
            yield _second(Clock.LOG_EPOCH, log, last.at, f"audit new-epoch {log}")


def convictions(tx: Tx, _desk: Desk, _now: Instant) -> Iterator[Duty]:
    """Partners whose log is convicted by two heads of its own: to be asked, and to be shown to whom it concerns.

    Source: design 5.
    """
    for one in convicted(tx):
        command = f"audit evidence {one.log} --out FILE, or audit lift {one.log} --basis DOCUMENT"
        yield Duty(clock=Clock.CONTRADICTION, subject=one.log, since=one.at, due=None, command=command, party=one.party)


def musters(tx: Tx, _desk: Desk, now: Instant) -> Iterator[Duty]:
    """Musters that are open, those that wait for a second signature, and full inventories that are due.

    Source: F-21 (half-yearly, signed by two).
    """
    for facility in {one.id: one for one in tx.every(Facility)}.values():
        last_closed = facility.at
        for muster in reversed(tx.every(Muster, facility=facility.id)):
            closed = closing_of(tx, muster.id)
            if closed is not None:
                if muster.act.body.extent is Extent.SPOT:  # it is no full inventory, and moves no clock
                    continue
                last_closed = closed.at
                break
            signed = tx.latest(MusterClosing, muster=muster.id)
            if signed is not None and now < proposal_ends(signed.at):
                second = _second(Clock.MUSTER_CLOSING, muster.id, signed.at, f"muster close {muster.id}")
                yield replace(second, facility=facility.id)
            else:
                yield Duty(
                    clock=Clock.MUSTER_OPEN,
                    subject=muster.id,
                    since=muster.at,
                    due=None,
                    command=f"muster close {muster.id}",
                    facility=facility.id,
                )
        yield Duty(
            clock=Clock.FULL_MUSTER,
            subject=facility.id,
            since=last_closed,
            due=full_muster_due(last_closed),
            command=f"muster start --facility {facility.id}",
            facility=facility.id,
        )


def purposes(tx: Tx, desk: Desk, now: Instant) -> Iterator[Duty]:
    """Purposes to be reviewed, and what was given for one that ended and waits for its disposition.

    Source: G6-9, A-16, A-17.
    """
    for line in {line.code: line for line in tx.every(PurposeLine)}.values():
        if line.deed is not PurposeDeed.CLOSED:
            yield Duty(
                clock=Clock.PURPOSE_REVIEW,
                subject=line.code,
                since=line.at,
                due=line.review_at,
                command=f"purpose renew {line.code} --review DAY",
            )
        ended = line.ended_at(now)
        if ended is not None and has_held(tx, desk, line.code):
            yield Duty(
                clock=Clock.DISPOSITION,
                subject=line.code,
                since=ended,
                due=disposition_due(ended),
                command=f"registry search --purpose {line.code}",
            )


def backups(tx: Tx, _desk: Desk, _now: Instant) -> Iterator[Duty]:
    """Backups that are kept until a day: what is destroyed here is in them until then.

    Source: A-18.
    """
    for one in tx.every(BackupRecord):
        yield Duty(clock=Clock.BACKUP, subject=one.id, since=one.at, due=one.until, command="doctor")


def _waiting(tx: Tx, what: Waiting) -> Iterator[WaitingLine]:
    after = None
    while page := tx.lines(WaitingLine, limit=PAGE, after=after, state=WaitState.WAITS, what=what):
        yield from page
        after = page[-1]


def _newest(tx: Tx, kind: type[R], *, until: Callable[[Instant], bool]) -> Iterator[R]:
    """Records of a kind, newest first, as long as `until` holds of their instant; entry times never run backwards."""
    limit = PAGE
    done = 0
    while True:
        page = tx.newest(kind, limit=limit)
        for one in page[done:]:
            if not until(one.at):
                return
            yield one
        if len(page) < limit:
            return
        done, limit = limit, 2 * limit


def _second(clock: Clock, subject: str, signed: Instant, command: str) -> Duty:
    return Duty(clock=clock, subject=subject, since=signed, due=proposal_ends(signed), command=command)


SOURCES = (
    receipts,
    bookings,
    hand_overs,
    remarkings,
    return_answers,
    copy_orders,
    packings,
    destructions,
    returns,
    log_epochs,
    convictions,
    musters,
    purposes,
    backups,
)
"""One function for each kind of thing that may be due about items and copies."""
