"""Packages that arrive: seals first, then covers, then contents against the list; the receipt is signed last.

1. The partner's signed list says what is coming, under which number and seals.
2. A designated representative takes the package and compares the outer seals before anybody opens anything.
3. The inner seals are compared, then items, copies and counts; only what is all there enters the register.
4. Each item is booked under our own mark; then the representative signs the receipt, and custody passes.

Whatever differs marks an incident at once, and nothing after it happens.

Source: F-03, F-04, G9-2, G9-3, G12-5, A-04.
"""

from gsomia.audit import Event
from gsomia.envelope import RELEASE_DECISION
from gsomia.errors import RefusedError
from gsomia.exchange import ExchangeError
from gsomia.flows.acts import MAX_SKEW_S
from gsomia.flows.custody import begin_copy, move_copy, show_item
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.incidents import mark_incident
from gsomia.flows.ledger import enter
from gsomia.flows.packages import enter_step, get_package, leg_of, lines_where
from gsomia.flows.people import known_person, require_office, require_own_key
from gsomia.flows.ports import Tx
from gsomia.flows.say import say
from gsomia.flows.standing import standing
from gsomia.flows.terms import check_receivable
from gsomia.ids import CopyId, HexDigest, ItemId, PartyCode, PersonId, RegisterCode
from gsomia.instants import Instant, Validity
from gsomia.parties import Act, Office, Statement, say_act, verify_act
from gsomia.registry import (
    PACKAGE_RECEIPT,
    REPRESENTATIVE,
    SPOKEN,
    Booking,
    CopyLine,
    CustodyEvent,
    CustodyKind,
    Form,
    ItemRecord,
    Leg,
    Origin,
    Package,
    PackageEvent,
    PackageReceipt,
    PackedCopy,
    Place,
    RegisterError,
    Representative,
    RepresentativeRecord,
    Suspicion,
    Transmittal,
    check_matter,
    seals_intact,
)

Found = dict[tuple[ItemId, CopyId], int]
"""What was counted: pages or pieces of each copy."""


def name_representative(
    desk: Desk, actor: Actor, person: PersonId, *, to: PartyCode, until: Instant
) -> RepresentativeRecord:
    """Appoint a designated government representative, and tell the partner the key whose signature will come.

    Raises:
        RefusedError: the actor is no security officer, or the person was not entered with the office.

    Source: G9-3.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G9-3")
    known = desk.store.run(lambda tx: known_person(tx, person))
    if Office.DESIGNATED_REPRESENTATIVE not in known.offices:
        raise RefusedError(
            "flows/office-required",
            f"`{person}` was not entered as a designated representative",
            remedy="enter people with their offices: `gsomia person add --office designated-representative`",
            clauses=("G9-3",),
        )
    now = desk.clock()
    body = Representative(party=desk.party, to=to, key=known.key, valid=Validity(start=now, until=until))
    statement = say_act(body, kind=REPRESENTATIVE, hand=actor.hand, signer=desk.unlocked.keys.statement)
    record = RepresentativeRecord(party=desk.party, to=to, person=person, key=known.key, valid=body.valid, at=now)

    def unit(tx: Tx) -> None:
        enter(tx, desk, record, event=Event.REPRESENTATIVE_NAMED, subject=person, to=to)
        say(tx, desk, statement, kind=REPRESENTATIVE, to=to, subject=person)

    desk.store.run(unit)
    desk.said(to)
    return record


def hear_transmittal(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[Transmittal]], now: Instant
) -> None:
    """A partner's package is on its way: its list is here, and nothing of it is in the register yet.

    Raises:
        ExchangeError: it is not to us, its number stands for another, or its parts disagree.
        ActError, RefusedError: an item may not come under the agreement the list names.

    Source: F-03, G12-5.
    """
    listed = statement.value.body
    _check_list(tx, desk, sender, listed, now=now)
    package = Package(number=listed.number, party=sender, to=desk.party, list=listed, at=now)
    enter(tx, desk, package, event=Event.PACKAGE_TOLD, subject=listed.number, sender=sender)
    step = PackageEvent(number=listed.number, leg=Leg.TOLD, by=None, evidence=statement.digest, intact=None, at=now)
    enter(tx, desk, step, event=Event.PACKAGE_MOVED, subject=listed.number, leg=step.leg)


def receive_package(
    desk: Desk, actor: Actor, number: RegisterCode, *, sender: PartyCode, seals: tuple[RegisterCode, ...]
) -> PackageEvent:
    """Take a package over at the door, and compare its outer seals with the list before it is opened.

    Raises:
        RefusedError: the actor is no designated representative; the seals differ, which marks an incident at once.
        RegisterError: it is not expected, or came before.

    Source: G9-3, F-04, G12-5.
    """
    _require_representative(desk, actor, sender)

    def unit(tx: Tx) -> PackageEvent:
        package = get_package(tx, number, party=sender)
        _require_leg(tx, number, Leg.TOLD)
        return _compare(tx, desk, actor, package, Leg.ARRIVED, seals=seals, listed=package.list.outer_seals)

    step = desk.store.run(unit)
    _refuse_difference(step, what="the outer seals")
    return step


def open_package(
    desk: Desk,
    actor: Actor,
    number: RegisterCode,
    *,
    sender: PartyCode,
    seals: tuple[RegisterCode, ...],
    found: Found,
) -> tuple[ItemId, ...]:
    """Open a package whose outer seals were whole: compare inner seals and contents, then enter what is in it.

    Returns:
        the items that are to be booked now.

    Raises:
        RefusedError: inner seals or contents differ from the list, which marks an incident at once; nothing is entered.
        RegisterError: it has not arrived with its seals whole, or was opened before.

    Source: F-03, G12-5.
    """
    require_office(desk, actor, Office.CONTROL_OFFICER, clause="G12-5")

    def unit(tx: Tx) -> tuple[PackageEvent, str, tuple[ItemId, ...]]:
        package = get_package(tx, number, party=sender)
        arrived = _require_leg(tx, number, Leg.ARRIVED)
        if not arrived.intact:
            raise RegisterError(
                "registry/seals-differ",
                f"package `{number}` came under other seals than listed and stays closed",
                remedy="the incident comes first: see `gsomia incident marks`",
                clauses=("F-04", "G12-5"),
            )
        wanted: Found = {(one.item, one.copy): one.count for one in package.list.packed}
        if not seals_intact(found=seals, set_before=package.list.inner_seals):
            step = _compare(tx, desk, actor, package, Leg.OPENED, seals=seals, listed=package.list.inner_seals)
            return step, "the inner seals", ()
        step = PackageEvent(
            number=number,
            leg=Leg.OPENED,
            by=actor.person,
            evidence=None,
            intact=found == wanted,
            at=desk.clock(),
        )
        enter(tx, desk, step, event=Event.PACKAGE_MOVED, subject=number, leg=step.leg)
        if found != wanted:
            mark_incident(tx, desk, number, what=Suspicion.CONTENTS_DIFFER, by=actor.person, party=sender)
            return step, "the contents", ()
        told = tx.latest(PackageEvent, number=number, leg=Leg.TOLD)
        for one in package.list.packed:
            _enter_copy(tx, desk, package, one, told=told)
        return step, "", tuple(dict.fromkeys(one.item for one in package.list.packed))

    step, what, items = desk.store.run(unit)
    _refuse_difference(step, what=what)
    return items


def receipt_package(desk: Desk, actor: Actor, number: RegisterCode, *, sender: PartyCode) -> PackageReceipt:
    """Sign the receipt for a package whose items are all booked; custody of every copy passes now.

    Raises:
        RefusedError: the actor is no designated representative.
        RegisterError: it is not open, or an item is not booked.

    Source: F-04, G9-2, G9-3, G12-5, G12-6, A-04.
    """
    _require_representative(desk, actor, sender)

    def ready(tx: Tx) -> tuple[Package, HexDigest, list[CopyLine]]:
        package = get_package(tx, number, party=sender)
        opened, told = _require_leg(tx, number, Leg.OPENED), tx.latest(PackageEvent, number=number, leg=Leg.TOLD)
        if not opened.intact or told is None or told.evidence is None:
            raise RegisterError(
                "registry/contents-differ",
                f"package `{number}` was not as listed, and no receipt says that it was",
                remedy="the incident comes first: see `gsomia incident marks`",
                clauses=("F-04",),
            )
        copies = lines_where(tx, package=number, counterpart=sender, place=Place.ARRIVED)
        for line in copies:
            if tx.latest(Booking, item=line.item) is None:
                raise RegisterError(
                    "registry/not-booked",
                    f"`{line.item}` of package `{number}` is not booked under our own mark",
                    remedy="`item book` each item, then sign the receipt",
                    clauses=("G4-2", "F-04"),
                )
        return package, told.evidence, copies

    package, told, _ = desk.store.run(ready)
    receipt = PackageReceipt(
        number=number,
        transmittal=told,
        party=desk.party,
        to=sender,
        copies=len(package.list.packed),
        seals_intact=True,
        at=desk.clock(),
    )
    statement = say_act(receipt, kind=PACKAGE_RECEIPT, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        for line in ready(tx)[2]:
            booking = tx.latest(Booking, item=line.item)
            event = CustodyEvent(
                item=line.item,
                copy=line.copy,
                kind=CustodyKind.BOOKED,
                custodian=desk.party,
                facility=booking.facility if booking else None,
                by=actor.person,
                to=booking.officer if booking else None,
                counterpart=sender,
                consignment=package.list.consignment,
                package=number,
                at=receipt.at,
            )
            move_copy(tx, desk, event)
        enter_step(tx, desk, number, Leg.RECEIPTED, by=actor, at=receipt.at, evidence=statement.digest, intact=True)
        say(tx, desk, statement, kind=PACKAGE_RECEIPT, to=sender, subject=number)

    desk.store.run(unit)
    desk.said(sender)
    return receipt


def _require_representative(desk: Desk, actor: Actor, sender: PartyCode) -> None:
    require_own_key(desk, actor)
    now = desk.clock()
    named = desk.store.run(lambda tx: tx.every(RepresentativeRecord, party=desk.party))
    if not any(
        one.person == actor.person
        and one.to == sender
        and one.key == actor.hand.signer.public
        and one.valid.covers(now)
        for one in named
    ):
        raise RefusedError(
            "flows/no-representative",
            f"`{actor.person}` is no designated government representative towards `{sender}`",
            remedy="a security officer names one, and the partner is told: `package representative`",
            clauses=("G9-3",),
        )


def _require_leg(tx: Tx, number: RegisterCode, leg: Leg) -> PackageEvent:
    last = leg_of(tx, number)
    if last.leg is not leg:
        raise RegisterError(
            "registry/package-out-of-turn",
            f"package `{number}` is {last.leg}, and this follows {leg}",
            remedy="receive, open, book, receipt: in that order; see `package list`",
            clauses=("G12-5",),
        )
    return last


def _compare(
    tx: Tx,
    desk: Desk,
    actor: Actor,
    package: Package,
    leg: Leg,
    *,
    seals: tuple[RegisterCode, ...],
    listed: tuple[RegisterCode, ...],
) -> PackageEvent:
    intact = seals_intact(found=seals, set_before=listed)
    step = PackageEvent(number=package.number, leg=leg, by=actor.person, evidence=None, intact=intact, at=desk.clock())
    enter(tx, desk, step, event=Event.PACKAGE_MOVED, subject=package.number, leg=leg)
    if not intact:
        mark_incident(tx, desk, package.number, what=Suspicion.SEALS_DIFFER, by=actor.person, party=package.party)
    return step


def _refuse_difference(step: PackageEvent, *, what: str) -> None:
    if step.intact is False:
        raise RefusedError(
            "flows/package-differs",
            f"{what} of package `{step.number}` are not those of the list: an incident is marked",
            remedy="leave it as it is, and see `gsomia incident marks`",
            clauses=("G12-5", "F-17"),
        )


def _enter_copy(tx: Tx, desk: Desk, package: Package, packed: PackedCopy, *, told: PackageEvent | None) -> None:
    now, listed = desk.clock(), package.list
    if tx.latest(ItemRecord, id=packed.item) is None:
        agreement = check_receivable(
            tx,
            desk,
            package.party,
            instrument=listed.instrument,
            agreement=listed.agreement,
            label=packed.label,
            decided=packed.decision.body.at,
        )
        record = ItemRecord(
            id=packed.item,
            originator=package.party,
            label=packed.label,
            form=packed.form,
            topic=packed.topic,
            purpose=packed.purpose,
            content_digest=packed.matter.digest,
            holding=None,
            matter=packed.matter,
            registrar=None,
            facility=None,
            origin=Origin(
                sender=package.party,
                instrument=listed.instrument,
                agreement=listed.agreement,
                state=standing(tx, agreement, at=now, desk=desk).state,
                consignment=listed.consignment,
                manifest=(told.evidence if told else None) or packed.matter.digest,
                package=listed.number,
            ),
            at=now,
        )
        enter(tx, desk, record, event=Event.ITEM_REGISTERED, subject=record.id, package=listed.number)
        show_item(tx, record, None)
    event = CustodyEvent(
        item=packed.item,
        copy=_free_number(tx, packed),
        kind=CustodyKind.RECEIVED,
        custodian=package.party,  # until our representative has signed
        instrument=listed.instrument,
        counterpart=package.party,
        consignment=listed.consignment,
        package=listed.number,
        at=now,
    )
    begin_copy(tx, desk, event, originator=package.party)


def _free_number(tx: Tx, packed: PackedCopy) -> CopyId:
    """The copy's own number; the next free one if a copy of that number is here already."""
    taken = {line.copy for line in lines_where(tx, item=packed.item)}
    if packed.copy not in taken:
        return packed.copy
    return str(1 + max(int(copy) for copy in taken if copy.isdigit()))


def _check_list(tx: Tx, desk: Desk, sender: PartyCode, listed: Transmittal, *, now: Instant) -> None:
    if (listed.party, listed.to) != (sender, desk.party):
        raise ExchangeError("exchange/not-addressed", "the list is not to us, or not of its sender")
    if listed.at > now.plus(seconds=MAX_SKEW_S):
        raise ExchangeError("exchange/list-disagrees", "the list is dated in the future")
    if not listed.number.startswith(f"{sender}-") or tx.latest(Package, number=listed.number) is not None:
        raise ExchangeError("exchange/number-conflict", "the number is not its sender's, or stands for another package")
    if not listed.outer_seals or not listed.inner_seals:
        raise ExchangeError("exchange/list-disagrees", "a package has two covers under seals", clauses=("G12-1",))
    if len({(one.item, one.copy) for one in listed.packed}) != len(listed.packed):
        raise ExchangeError("exchange/list-disagrees", "a copy stands on the list twice")
    for one in listed.packed:
        _check_packed(tx, desk, listed, one)


def _check_packed(tx: Tx, desk: Desk, listed: Transmittal, one: PackedCopy) -> None:
    decided = verify_act(one.decision, kind=RELEASE_DECISION)
    about = (decided.item, decided.to, decided.instrument, decided.agreement, decided.level, decided.purpose)
    told = (one.item, listed.to, listed.instrument, listed.agreement, one.label.classification, one.purpose)
    if about != told or one.label.originator != listed.party or decided.at > listed.at:
        raise ExchangeError("exchange/list-disagrees", "a line of the list and its release decision disagree")
    if one.form in SPOKEN or one.form is Form.ELECTRONIC or not one.copy.isdigit():
        raise ExchangeError("exchange/list-disagrees", "a line of the list is nothing that is carried")
    try:
        check_matter(one.matter, form=one.form)
    except RegisterError as cause:
        raise ExchangeError("exchange/list-disagrees", cause.message) from cause
    known = tx.latest(ItemRecord, id=one.item)
    if known is not None and (known.originator, known.content_digest) != (listed.party, one.matter.digest):
        raise ExchangeError("exchange/item-conflict", "another item has that id here")
    check_receivable(
        tx,
        desk,
        listed.party,
        instrument=listed.instrument,
        agreement=listed.agreement,
        label=one.label,
        decided=decided.at,
    )
