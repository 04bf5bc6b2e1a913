"""Packages that leave: the decision in hand, two covers, a transmittal list, dispatch, and the receipt that comes back.

1. A releasing authority approves that an item goes in covers; every rule of a release is asked.
2. The control officer packs copies in hand: seals, labels that betray nothing, a number.
3. On dispatch everything is asked again; the signed list goes to the partner, and the copies are in transit.
4. The receipt of the partner's designated representative passes custody, at its time.

Source: F-03, F-04, F-14, G9-1 to G9-4, G12-1 to G12-9, A-04.
"""

from dataclasses import replace

from gsomia.agreements import Rule
from gsomia.audit import Event
from gsomia.errors import LocalError
from gsomia.exchange import ExchangeError
from gsomia.flows.acts import MAX_SKEW_S
from gsomia.flows.clock import require_clock
from gsomia.flows.couriers import changes_of_hands, require_courier, require_plan
from gsomia.flows.covers import Covers, approved, check_carried, covers_of
from gsomia.flows.custody import copy_line, move_copy
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item
from gsomia.flows.house_clocks import HouseClocks
from gsomia.flows.incidents import mark_incident
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.say import say
from gsomia.flows.soundness import require_sound
from gsomia.ids import (
    CopyId,
    HexDigest,
    ItemId,
    PartyCode,
    RegisterCode,
    new_consignment_id,
)
from gsomia.instants import Instant
from gsomia.parties import Act, Office, Statement, say_act
from gsomia.registry import (
    TRANSMITTAL,
    CopyLine,
    CustodyEvent,
    CustodyKind,
    Leg,
    Package,
    PackageEvent,
    PackageReceipt,
    PackedCopy,
    Place,
    RegisterError,
    Representative,
    RepresentativeRecord,
    Route,
    Suspicion,
    Traced,
    Transmittal,
    trace,
)

PAGE = 500


def make_package(
    desk: Desk,
    actor: Actor,
    *,
    to: PartyCode,
    copies: tuple[tuple[ItemId, CopyId], ...],
    sender: str,
    addressee: str,
    route: Route,
    outer_seals: tuple[RegisterCode, ...],
    inner_seals: tuple[RegisterCode, ...],
    level_words: frozenset[str],
) -> Covers:
    """Pack copies in two covers, with labels, seals and a number; they stay in the packer's hand until dispatch.

    Args:
        desk: ours, unlocked.
        actor: a control officer who has every copy in hand.
        to: the recipient.
        copies: which copies of which items.
        sender: our organisational address.
        addressee: the recipient's.
        route: one between governments.
        outer_seals: on the outer cover or the vehicle.
        inner_seals: on the inner cover or the crate.
        level_words: every word that tells a level, in any language.

    Raises:
        RegisterError: no two sealed covers, a label that betrays something, or a copy that is not in hand.
        RefusedError: no decision in hand, or it would be another today.

    Source: G12-1 to G12-4, F-03, G9-1.
    """
    require_office(desk, actor, Office.CONTROL_OFFICER, clause="G12-1")
    if not outer_seals or not inner_seals:
        raise RegisterError(
            "registry/two-covers",
            "a package has two covers, each under seals of its own",
            remedy="name them: `--outer-seal`, `--inner-seal`",
            clauses=("G12-1",),
        )
    now = desk.clock()
    consignment = new_consignment_id(desk.entropy)

    def unit(tx: Tx) -> Covers:
        require_clock(tx, desk)
        packed = tuple(_packed(tx, desk, actor, item, copy, to=to) for item, copy in dict.fromkeys(copies))
        if not packed:
            raise RegisterError("registry/empty-package", "a package holds something", remedy="name copies: `--copy`")
        first = packed[0].decision.body
        year = now.local_date().year
        listed = Transmittal(
            number=f"{desk.party}-{to}-{year}-{tx.number(f'package-{to}-{year}'):06d}",
            consignment=consignment,
            instrument=first.instrument,
            agreement=first.agreement,
            party=desk.party,
            to=to,
            sender=sender,
            addressee=addressee,
            route=route,
            outer_seals=outer_seals,
            inner_seals=inner_seals,
            packed=packed,
            at=now,
        )
        covers = covers_of(
            desk, Package(number=listed.number, party=desk.party, to=to, list=listed, at=now), level_words
        )
        enter(tx, desk, covers.package, event=Event.PACKAGE_MADE, subject=listed.number)
        enter_step(tx, desk, listed.number, Leg.MADE, by=actor, at=now)
        return covers

    return desk.store.run(unit)


def send_package(desk: Desk, actor: Actor, number: RegisterCode) -> Transmittal:
    """Dispatch a package: everything is asked again, the list is signed and said, the copies are in transit.

    Raises:
        RefusedError: a decision would be another today; no valid courier; equipment without its plan.
        RegisterError: it was sent before, or a copy is no longer in hand.

    Source: G9-4, G12-5, G12-7, G12-12, A-04.
    """
    require_office(desk, actor, Office.CONTROL_OFFICER, clause="G12-5")

    def ready(tx: Tx) -> Package:
        package = get_package(tx, number, party=desk.party)
        require_sound(tx, desk, to=package.to)
        require_clock(tx, desk)
        if leg_of(tx, number).leg is not Leg.MADE:
            raise RegisterError(
                "registry/package-sent", f"package `{number}` was sent before", remedy="see `package list`"
            )
        for one in package.list.packed:
            approved(tx, desk, one.item, to=package.to)
        if package.list.route is Route.HAND:
            require_courier(tx, desk, package)
        if package.list.has_equipment:
            require_plan(tx, desk, package)
        return package

    package = desk.store.run(ready)
    listed = replace(package.list, at=desk.clock())
    statement = say_act(listed, kind=TRANSMITTAL, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        sent = replace(ready(tx), list=listed)
        enter(tx, desk, sent, event=Event.PACKAGE_SENT, subject=number, to=sent.to)
        enter_step(tx, desk, number, Leg.SENT, by=actor, at=listed.at, evidence=statement.digest)
        for one in listed.packed:
            event = CustodyEvent(
                item=one.item,
                copy=one.copy,
                kind=CustodyKind.DISPATCHED,
                custodian=desk.party,  # until the representative's receipt (A-04, G9-3)
                by=actor.person,
                instrument=listed.instrument,
                counterpart=sent.to,
                consignment=listed.consignment,
                package=number,
                at=listed.at,
            )
            move_copy(tx, desk, event)
        say(tx, desk, statement, kind=TRANSMITTAL, to=sent.to, subject=number)

    desk.store.run(unit)
    desk.said(package.to)
    return listed


def hear_representative(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[Representative]], now: Instant
) -> None:
    """A partner names the key of a representative of its government.

    Raises:
        ExchangeError: it speaks for another, or to another.

    Source: G9-3.
    """
    body = statement.value.body
    if (body.party, body.to) != (sender, desk.party):
        raise ExchangeError("exchange/not-addressed", "the representative is not its sender's, or not named to us")
    record = RepresentativeRecord(party=sender, to=desk.party, person=None, key=body.key, valid=body.valid, at=now)
    enter(tx, desk, record, event=Event.REPRESENTATIVE_NAMED, subject=sender)


def hear_package_receipt(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[PackageReceipt]], _now: Instant
) -> None:
    """The partner's representative signed for a package: custody has passed at the time the receipt names.

    Raises:
        ExchangeError: it is about no package of ours to the sender, or signed by no designated representative.

    Source: F-04, G9-2, G9-3, G12-5, G12-9, A-04.
    """
    body, package = statement.value.body, tx.latest(Package, number=statement.value.body.number, party=desk.party)
    sent = tx.latest(PackageEvent, number=body.number, leg=Leg.SENT)
    if package is None or sent is None or package.to != sender:
        raise ExchangeError("exchange/receipt-of-another", "it is about no package of ours to the sender")
    told = (body.party, body.to, body.transmittal, body.copies)
    if told != (sender, desk.party, sent.evidence, len(package.list.packed)):
        raise ExchangeError("exchange/receipt-of-another", "it is about another list than the one that was sent")
    if not sent.at.plus(seconds=-MAX_SKEW_S) <= body.at <= desk.clock().plus(seconds=MAX_SKEW_S):
        raise ExchangeError("exchange/receipt-time", "custody cannot pass before the release or in the future")
    named = tx.every(RepresentativeRecord, party=sender)
    if not any(one.key == statement.value.by.key and one.valid.covers(body.at) for one in named):
        raise ExchangeError(
            "exchange/no-representative",
            "whoever signed is no designated representative of the sender",
            clauses=("G9-3",),
        )
    if leg_of(tx, body.number).leg is Leg.RECEIPTED:
        return
    enter_step(tx, desk, body.number, Leg.RECEIPTED, by=None, at=body.at, evidence=statement.digest, intact=True)
    if package.list.has_equipment:
        chain = changes_of_hands(tx, body.number)
        if not chain or chain[-1].taker != sender:
            mark_incident(tx, desk, body.number, what=Suspicion.CHAIN_GAP, by=None, party=desk.party)
    for one in package.list.packed:
        event = CustodyEvent(
            item=one.item,
            copy=one.copy,
            kind=CustodyKind.RECEIPTED,
            custodian=sender,
            consignment=package.list.consignment,
            package=body.number,
            at=body.at,
        )
        move_copy(tx, desk, event)


def get_package(tx: Tx, number: RegisterCode, *, party: PartyCode) -> Package:
    """A package by its number.

    Raises:
        LocalError: that party gave no such number, as far as it is known here.
    """
    known = tx.latest(Package, number=number, party=party)
    if known is None:
        raise LocalError(
            "flows/unknown-package",
            f"no package `{number}` of `{party}` is known here",
            remedy="see `package list`; a package whose list has not come yet waits unopened",
        )
    return known


def leg_of(tx: Tx, number: RegisterCode) -> PackageEvent:
    """How far a package is."""
    last = tx.latest(PackageEvent, number=number)
    if last is None:
        msg = "every package begins with a step"
        raise RuntimeError(msg)
    return last


def list_packages(desk: Desk) -> list[tuple[Package, PackageEvent]]:
    """Every package, ours and partners', with its last step."""

    def read(tx: Tx) -> list[tuple[Package, PackageEvent]]:
        latest = {(one.party, one.number): one for one in tx.every(Package)}
        return [(one, leg_of(tx, one.number)) for one in latest.values()]

    return desk.store.run(read)


def trace_dispatches(desk: Desk) -> list[Traced]:
    """Every dispatch that awaits its receipt, packages and consignments alike, oldest first, with what it is due.

    Source: F-15, A-12, LEDGER-4.
    """

    def read(tx: Tx) -> list[Traced]:
        found: dict[str, Traced] = {}
        clocks, now = HouseClocks(tx, desk), desk.clock()
        for line in lines_where(tx, place=Place.IN_TRANSIT):
            number = line.package or line.consignment
            if number is None or line.counterpart is None or line.custodian != desk.party:
                continue
            found[number] = trace(
                number=number,
                to=line.counterpart,
                sent=line.at,
                now=now,
                receipt_days=clocks.days(line, Rule.RECEIPT_DAYS),
                tracer_days=clocks.days(line, Rule.TRACER_DAYS),
            )
        return sorted(found.values(), key=lambda one: (one.sent.epoch_s, one.number))

    return desk.store.run(read)


def lines_where(tx: Tx, **equals: object) -> list[CopyLine]:
    """Every copy whose columns equal `equals`."""
    found: list[CopyLine] = []
    while True:
        page = tx.lines(CopyLine, limit=PAGE, after=found[-1] if found else None, **equals)
        found += page
        if len(page) < PAGE:
            return found


def _packed(tx: Tx, desk: Desk, actor: Actor, item: ItemId, copy: CopyId, *, to: PartyCode) -> PackedCopy:
    record, line = get_item(tx, item), copy_line(tx, item, copy)
    check_carried(record)
    if line.place is not Place.HELD or line.holder != actor.person:
        raise RegisterError(
            "registry/second-custodian",
            f"copy {copy} of `{item}` is not in the hand of `{actor.person}`",
            remedy="who packs has the copies in hand: `item hand-over`, `item take-out`",
            clauses=("G9-2", "G12-1"),
        )
    approval = approved(tx, desk, item, to=to)
    numbered = sum(one.copy.isdigit() for one in lines_where(tx, item=item))
    if record.matter is None:
        msg = "what is carried has particulars"
        raise TypeError(msg)
    return PackedCopy(
        item=item,
        copy=copy,
        of=numbered,
        form=record.form,
        matter=record.matter,
        label=record.label,
        topic=record.topic,
        purpose=record.purpose,
        decision=approval.decision,
    )


def enter_step(
    tx: Tx,
    desk: Desk,
    number: RegisterCode,
    leg: Leg,
    *,
    by: Actor | None,
    at: Instant,
    evidence: HexDigest | None = None,
    intact: bool | None = None,
) -> None:
    """Enter a step of a package."""
    step = PackageEvent(number=number, leg=leg, by=by.person if by else None, evidence=evidence, intact=intact, at=at)
    enter(tx, desk, step, event=Event.PACKAGE_MOVED, subject=number, leg=leg)
