"""Disclosures by word or by sight: decided and noted by the side that speaks, booked by the side that hears.

1. The speaking side asks every rule of a release, assurance and ceiling included; a denial is recorded and ends here.
2. It enters who spoke and says the notice; the copy that now lies in heads abroad is in transit.
3. The hearing side enters the item of the speaker's party. Its registrar books it, and the receipt passes custody.
4. The hearing side names its people who heard it, and answers with their number; until then both list it incomplete.

Source: G2-4, G7-5, F-13, A-04, A-32, A-35.
"""

from dataclasses import replace

from gsomia.audit import Event
from gsomia.envelope import RELEASE_DECISION
from gsomia.exchange import ExchangeError
from gsomia.flows.acts import MAX_SKEW_S
from gsomia.flows.clock import require_clock
from gsomia.flows.custody import begin_copy, pass_custody, show_item
from gsomia.flows.decide import Answer, ask_release, record_decision
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item, is_declined, person_facts
from gsomia.flows.incidents import mark_incident
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_office, require_own_key
from gsomia.flows.ports import Tx
from gsomia.flows.release import refuse_unless_permitted, sign_decision
from gsomia.flows.say import say
from gsomia.flows.soundness import require_sound
from gsomia.flows.standing import standing
from gsomia.flows.terms import check_receivable
from gsomia.ids import HexDigest, ItemId, PartyCode, PersonId, new_consignment_id, new_decision_id
from gsomia.instants import Instant
from gsomia.parties import Act, Office, Person, Statement, say_act, verify_act
from gsomia.policy import Decision, Verdict, Way
from gsomia.registry import (
    ATTENDANCE,
    DISCLOSURE,
    FIRST_COPY,
    SPOKEN,
    Attendance,
    Booking,
    CustodyEvent,
    CustodyKind,
    Disclosure,
    DisclosureNotice,
    ItemRecord,
    Matter,
    Origin,
    RegisterError,
    RegistrarReceipt,
    Suspicion,
    check_matter,
)

OFFICES = (Office.RELEASING_AUTHORITY,)
ATTENDED_BY = (Office.CONTROL_OFFICER, Office.SECURITY_OFFICER)


def disclose_item(
    desk: Desk,
    actor: Actor,
    item: ItemId,
    *,
    to: PartyCode,
    speaker: PersonId,
    way: Way,
    place: str,
    authority: str | None = None,
) -> Disclosure:
    """Decide that an oral or visual item is disclosed to a partner, enter who speaks, and say the notice.

    Args:
        desk: ours, unlocked.
        actor: the releasing authority, who is not its registrar.
        item: of our own, of form oral or visual.
        to: who hears it.
        speaker: our person who speaks.
        way: over a line, which must be accredited for the level, or together in one place.
        place: where, or which line.
        authority: on whose behalf; our lead one if None.

    Raises:
        RefusedError: a rule says no; the denial is recorded.
        RegisterError: the item is of a form that is not spoken or shown.

    Source: G2-4, G7-5, F-13, F-14, A-32.
    """
    require_own_key(desk, actor)
    decision_id = new_decision_id(desk.entropy)

    def first(tx: Tx) -> tuple[Answer, ItemRecord]:
        require_sound(tx, desk, to=to)
        require_clock(tx, desk)
        record = get_item(tx, item)
        _check_spoken(tx, record, to=to, speaker=speaker)
        answer = ask_release(tx, desk, item, to=to, decider=actor.person, authority=authority, way=way)
        if answer.decision.verdict is Verdict.DENY:
            record_decision(tx, desk, answer, decision_id=decision_id, question="release", item=item, by=actor.person)
        return answer, record

    answer, record = desk.store.run(first)
    refuse_unless_permitted(answer.decision, decision_id=decision_id)
    decision = sign_decision(answer, decision_id, actor)
    notice = DisclosureNotice(
        number=new_consignment_id(desk.entropy),
        instrument=decision.body.instrument,
        agreement=decision.body.agreement,
        party=desk.party,
        to=to,
        item=item,
        form=record.form,
        label=record.label,
        topic=record.topic,
        purpose=record.purpose,
        matter=record.matter or Matter(),
        place=place,
        decision=decision,
        at=desk.clock(),
    )
    statement = say_act(notice, kind=DISCLOSURE, hand=actor.hand, signer=desk.unlocked.keys.statement)

    # INVARIANT (decided before it is said): the notice is queued with the permit it rests on.
    def second(tx: Tx) -> tuple[Decision, Disclosure | None]:
        again = ask_release(tx, desk, item, to=to, decider=actor.person, authority=authority, way=way)
        record_decision(tx, desk, again, decision_id=decision_id, question="release", item=item, by=actor.person)
        if again.decision.verdict is Verdict.DENY:
            return again.decision, None
        _check_spoken(tx, record, to=to, speaker=speaker)
        disclosure = _disclosure(notice, notice_digest=statement.digest, speaker=speaker)
        enter(tx, desk, disclosure, event=Event.DISCLOSURE_ENTERED, subject=item, number=notice.number)
        custody = CustodyEvent(
            item=item,
            copy=notice.number,
            kind=CustodyKind.RELEASED,
            custodian=desk.party,  # until the other side's registrar has signed
            by=actor.person,
            instrument=notice.instrument,
            counterpart=to,
            consignment=notice.number,
            at=notice.at,
        )
        begin_copy(tx, desk, custody, originator=desk.party)
        say(tx, desk, statement, kind=DISCLOSURE, to=to, subject=item)
        return again.decision, disclosure

    decided, done = desk.store.run(second)
    refuse_unless_permitted(decided, decision_id=decision_id)
    if done is None:
        msg = "a permitted disclosure is entered"
        raise RuntimeError(msg)
    desk.said(to)
    return done


def attend(desk: Desk, actor: Actor, item: ItemId, *, heard: tuple[PersonId, ...], note_taken: bool) -> Disclosure:
    """Enter which of our people heard what a partner disclosed, and tell it how many they were.

    Whoever was not cleared for it, or was declined by who disclosed it, is entered all the same, and an incident is
    marked: what was heard was heard.

    Raises:
        RegisterError: the item was not disclosed to us, nobody is named, or the attendance is known.

    Source: G2-4, G7-2, F-13, A-22.
    """
    require_office(desk, actor, *ATTENDED_BY, clause="G2-4")
    names = tuple(dict.fromkeys(heard))
    known = desk.store.run(lambda tx: _heard_here(tx, desk, item, names))
    body = Attendance(
        number=known.number,
        item=item,
        party=desk.party,
        to=known.party,
        heard=len(names),
        note_taken=note_taken,
        at=desk.clock(),
    )
    statement = say_act(body, kind=ATTENDANCE, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> Disclosure:
        before = _heard_here(tx, desk, item, names)
        done = replace(before, heard=names, hearers=len(names), note_taken=note_taken)
        enter(tx, desk, done, event=Event.DISCLOSURE_ATTENDED, subject=item, number=done.number)
        booking = tx.latest(Booking, item=item)
        if any(not _may_hear(tx, desk, person, booking, of=before.party) for person in names):
            mark_incident(tx, desk, item, what=Suspicion.HEARD_UNCLEARED, by=actor.person, party=before.party)
        say(tx, desk, statement, kind=ATTENDANCE, to=before.party, subject=item)
        return done

    done = desk.store.run(unit)
    desk.said(done.party)
    return done


def hear_disclosure(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[DisclosureNotice]], now: Instant
) -> None:
    """A partner disclosed something to us: the item is in the register, unbooked, and its attendance is open.

    Raises:
        ExchangeError: it is not to us, its number or item id stands for something else, or its parts disagree.
        ActError, RefusedError: it may not come under the agreement it names.

    Source: G2-4, F-13, A-06.
    """
    notice = statement.value.body
    _check_notice(tx, desk, sender, notice, now=now)
    agreement = check_receivable(
        tx,
        desk,
        sender,
        instrument=notice.instrument,
        agreement=notice.agreement,
        label=notice.label,
        decided=notice.decision.body.at,
    )
    origin = Origin(
        sender=sender,
        instrument=agreement.id,
        agreement=agreement.digest,
        state=standing(tx, agreement, at=now, desk=desk).state,
        consignment=notice.number,
        manifest=statement.digest,
    )
    record = ItemRecord(
        id=notice.item,
        originator=sender,
        label=notice.label,
        form=notice.form,
        topic=notice.topic,
        purpose=notice.purpose,
        content_digest=notice.matter.digest,
        holding=None,
        matter=notice.matter,
        registrar=None,
        facility=None,
        origin=origin,
        at=now,
    )
    enter(tx, desk, record, event=Event.ITEM_REGISTERED, subject=record.id, consignment=notice.number)
    disclosure = _disclosure(notice, notice_digest=statement.digest, speaker=None)
    enter(tx, desk, disclosure, event=Event.DISCLOSURE_ENTERED, subject=record.id, number=notice.number)
    custody = CustodyEvent(
        item=record.id,
        copy=FIRST_COPY,
        kind=CustodyKind.RECEIVED,
        custodian=sender,
        instrument=agreement.id,
        counterpart=sender,
        consignment=notice.number,
        at=now,
    )
    begin_copy(tx, desk, custody, originator=sender)
    show_item(tx, record, None)


def hear_attendance(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[Attendance]], _now: Instant
) -> None:
    """The hearing side says how many heard it: the disclosure is complete here too.

    Raises:
        ExchangeError: we disclosed no such thing to the sender.
    """
    body = statement.value.body
    known = tx.latest(Disclosure, number=body.number)
    ours = known is not None and (known.item, known.party, known.to) == (body.item, desk.party, sender)
    if known is None or not ours or (body.party, body.to) != (sender, desk.party):
        raise ExchangeError("exchange/attendance-of-another", "we disclosed no such thing to the sender")
    if known.is_complete:
        return
    done = replace(known, hearers=body.heard, note_taken=body.note_taken)
    enter(tx, desk, done, event=Event.DISCLOSURE_ATTENDED, subject=body.item, number=body.number)


def hear_spoken_receipt(
    tx: Tx, desk: Desk, sender: PartyCode, disclosure: Disclosure, receipt: RegistrarReceipt
) -> None:
    """The hearing side's registrar signed for what was disclosed: custody of it there has passed.

    Raises:
        ExchangeError: it is about another disclosure, or dated before it or in the future.

    Source: A-04, G9-2, G12-5.
    """
    told = (receipt.item, receipt.party, receipt.to, receipt.manifest)
    if told != (disclosure.item, disclosure.to, disclosure.party, disclosure.notice) or sender != disclosure.to:
        raise ExchangeError("exchange/receipt-of-another", "it is about no disclosure of ours to the sender")
    if not disclosure.at.plus(seconds=-MAX_SKEW_S) <= receipt.at <= desk.clock().plus(seconds=MAX_SKEW_S):
        raise ExchangeError("exchange/receipt-time", "custody cannot pass before the release or in the future")
    pass_custody(tx, desk, disclosure.item, number=disclosure.number, to=sender, at=receipt.at)


def list_disclosures(desk: Desk) -> list[Disclosure]:
    """Every disclosure, ours and partners', as it stands; the incomplete ones first.

    Source: G2-4.
    """
    latest = desk.store.run(lambda tx: {one.number: one for one in tx.every(Disclosure)})
    return sorted(latest.values(), key=lambda one: (one.is_complete, one.at.epoch_s, one.number))


def _disclosure(notice: DisclosureNotice, *, notice_digest: HexDigest, speaker: PersonId | None) -> Disclosure:
    return Disclosure(
        number=notice.number,
        item=notice.item,
        party=notice.party,
        to=notice.to,
        notice=notice_digest,
        speaker=speaker,
        heard=(),
        hearers=0,
        announced=notice.label.classification,
        form=notice.form,
        place=notice.place,
        note_taken=None,
        at=notice.at,
    )


def _check_spoken(tx: Tx, record: ItemRecord, *, to: PartyCode, speaker: PersonId) -> None:
    if record.form not in SPOKEN:
        raise RegisterError(
            "registry/not-spoken",
            f"`{record.id}` is of form `{record.form}`, which is neither said nor shown",
            remedy="register what is said or shown as an item of form oral or visual",
            clauses=("G2-3", "G2-4"),
        )
    if tx.latest(Disclosure, item=record.id, to=to) is not None:
        raise RegisterError(
            "registry/disclosed-before",
            f"`{record.id}` was disclosed to `{to}` before",
            remedy="each talk is an item of its own: register it",
            clauses=("G2-4",),
        )
    person_facts(tx, speaker)


def _heard_here(tx: Tx, desk: Desk, item: ItemId, names: tuple[PersonId, ...]) -> Disclosure:
    known = tx.latest(Disclosure, item=item)
    if known is None or known.to != desk.party:
        raise RegisterError(
            "registry/not-disclosed-here", f"nobody disclosed `{item}` to us", remedy="see `gsomia item disclosures`"
        )
    if known.is_complete:
        raise RegisterError(
            "registry/attendance-known",
            f"who heard `{item}` is on record",
            remedy="see `gsomia item disclosures`",
            clauses=("G2-4",),
        )
    if not names:
        raise RegisterError(
            "registry/no-attendance", "an attendance names who heard it", remedy="`--heard NAME`", clauses=("G2-4",)
        )
    for person in names:
        person_facts(tx, person)
    return known


def _may_hear(tx: Tx, desk: Desk, person: PersonId, booking: Booking | None, *, of: PartyCode) -> bool:
    """Whether a person of ours may hear what the party `of` discloses: cleared, our national, and not declined by it.

    Source: G2-4, G7-2, A-22.
    """
    facts, known = person_facts(tx, person), tx.latest(Person, id=person)
    level = booking.own_mark if booking else None
    cleared = any(
        (level is None or level in clearance.classifications) and clearance.is_effective(desk.clock())
        for clearance in facts.clearances
    )
    ours = known is not None and known.official and set(facts.nationalities) == {desk.party}
    return ours and cleared and not is_declined(tx, desk.party, person, originator=of)


def _check_notice(tx: Tx, desk: Desk, sender: PartyCode, notice: DisclosureNotice, *, now: Instant) -> None:
    decided = verify_act(notice.decision, kind=RELEASE_DECISION)
    about = (decided.item, decided.to, decided.instrument, decided.agreement, decided.level, decided.purpose)
    told = (
        notice.item,
        notice.to,
        notice.instrument,
        notice.agreement,
        notice.label.classification,
        notice.purpose,
    )
    if (notice.party, notice.to) != (sender, desk.party) or about != told or notice.label.originator != sender:
        raise ExchangeError("exchange/notice-disagrees", "the notice is not to us, or its parts disagree")
    if not decided.at <= notice.at <= now.plus(seconds=MAX_SKEW_S):
        raise ExchangeError("exchange/notice-time", "a disclosure is not dated before its decision or in the future")
    if notice.form not in SPOKEN:
        raise ExchangeError("exchange/notice-disagrees", "what is neither said nor shown is not disclosed")
    try:
        check_matter(notice.matter, form=notice.form)
    except RegisterError as cause:
        raise ExchangeError("exchange/notice-disagrees", cause.message) from cause
    if tx.latest(Disclosure, number=notice.number) is not None or tx.latest(ItemRecord, id=notice.item) is not None:
        raise ExchangeError("exchange/item-conflict", "another item has that id here")
