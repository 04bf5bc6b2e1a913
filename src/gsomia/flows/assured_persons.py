"""A person put forward by name under an assurance, and the originator's answer: declined, or declined no longer.

1. The assuring side names one person under a number of its assurance, only where a form needs the name.
2. The originator declines that number. No reason crosses; nobody's list of staff does.
3. From the unit that hears it the person reads nothing of that originator; the open reading stops at its next segment.

Source: A-22, A-35, F-24, G7-5, G7-6.
"""

from gsomia.agreements import ActError
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError, UnavailableError
from gsomia.exchange import (
    ASSURANCE_PERSON,
    ASSURANCE_PERSON_ANSWER,
    AssurancePerson,
    AssurancePersonAnswered,
    PersonAnswer,
    PersonNamed,
    last_answer,
)
from gsomia.flows.assure import standing_of
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import person_facts
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import AssuranceRecord
from gsomia.flows.say import say
from gsomia.ids import HexDigest, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.labels import ClearanceStanding
from gsomia.parties import Act, Office, Person, Statement, say_act
from gsomia.policy import AssuranceStanding, PersonFacts

ANSWERING = (Office.RELEASING_AUTHORITY, Office.SECURITY_OFFICER)


def name_person(desk: Desk, actor: Actor, digest: HexDigest, person: PersonId) -> PersonNamed:
    """Put one of our persons forward by name under an assurance of ours.

    Raises:
        LocalError: we gave no such assurance.
        RefusedError: it does not stand, all its persons are named, or the person is not cleared for its level.
        UnavailableError: somebody else was put forward meanwhile; repeat it.

    Source: F-24, G7-5, A-35.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G7-5")
    now = desk.clock()

    def read(tx: Tx) -> tuple[PersonNamed, bool]:
        known = get_assurance(tx, digest)
        if known.party != desk.party:
            raise _unknown(digest)
        stands = standing_of(tx, known, now=now)
        if stands not in {AssuranceStanding.GIVEN, AssuranceStanding.ACKNOWLEDGED}:
            raise RefusedError(
                "flows/assurance-ended",
                f"the assurance is {stands}: nobody is put forward under it",
                remedy="give a new one: `gsomia assurance give`",
                clauses=("G7-5",),
            )
        facts = person_facts(tx, person)
        if not facts.official or not _is_cleared(facts, level=known.assurance.level, now=now):
            raise RefusedError(
                "flows/person-not-assured",
                f"`{person}` is no official cleared for `{known.assurance.level}` today",
                remedy="an assurance covers cleared officials only",
                clauses=("G7-5", "G7-2"),
            )
        named = tx.every(AssurancePerson, assurance=digest, party=desk.party)
        again = next((one.named for one in named if one.person == person), None)
        if again is not None:
            return again, True
        last = max((one.named.number for one in named), default=0)
        if last >= known.assurance.persons:
            raise RefusedError(
                "flows/more-than-assured",
                f"the assurance is for {known.assurance.persons} persons, and so many are named",
                remedy="renew it for more: `gsomia assurance give … --renews`",
                clauses=("F-24",),
            )
        record = tx.latest(Person, id=person)
        body = PersonNamed(
            assurance=digest,
            number=last + 1,
            party=desk.party,
            to=known.assurance.to,
            name=record.name if record else person,
            at=now,
        )
        return body, False

    body, known_already = desk.store.run(read)
    if known_already:
        return body
    statement = say_act(body, kind=ASSURANCE_PERSON, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        # INVARIANT (a number is one person): whoever else was put forward meanwhile has it.
        if _named(tx, digest, party=desk.party, number=body.number) is not None:
            raise UnavailableError("flows/register-changed", "the register changed meanwhile", remedy="repeat it")
        _enter_named(tx, desk, statement, now, person=person)
        say(tx, desk, statement, kind=ASSURANCE_PERSON, to=body.to, subject=statement.digest)

    desk.store.run(unit)
    desk.said(body.to)
    return body


def answer_person(desk: Desk, actor: Actor, digest: HexDigest, number: int, *, declined: bool) -> PersonAnswer:
    """Decline a person whom a partner put forward, for all that we originated, or do so no longer.

    Raises:
        LocalError: no partner put anybody forward under that number.
        RefusedError: it was said before.

    Source: A-22, G7-5.
    """
    require_office(desk, actor, *ANSWERING, clause="A-22")
    now = desk.clock()

    def read(tx: Tx) -> PersonAnswer:
        known = get_assurance(tx, digest)
        named = _named(tx, digest, party=known.party, number=number)
        if known.party == desk.party or named is None:
            raise LocalError(
                "flows/unknown-assured-person",
                f"nobody was put forward to us as person {number} of `{digest}`",
                remedy="see `gsomia assurance show`",
            )
        answers = tx.every(AssurancePersonAnswered, assurance=digest, party=known.party)
        before = last_answer((one.answer for one in answers), number)
        if (before.declined if before else False) is declined:
            raise RefusedError(
                "flows/person-answered",
                f"person {number} is {'declined already' if declined else 'not declined'}",
                remedy="see `gsomia assurance show`",
                clauses=("A-22",),
            )
        turn = before.turn + 1 if before else 1
        return PersonAnswer(
            assurance=digest, number=number, party=desk.party, to=known.party, turn=turn, declined=declined, at=now
        )

    body = desk.store.run(read)
    statement = say_act(body, kind=ASSURANCE_PERSON_ANSWER, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        enter_person_answer(tx, desk, statement, now)
        say(tx, desk, statement, kind=ASSURANCE_PERSON_ANSWER, to=body.to, subject=statement.digest)

    desk.store.run(unit)
    desk.said(body.to)
    return body


def hear_person(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[PersonNamed]], now: Instant) -> None:
    """A partner put a person forward under an assurance of its own.

    Raises:
        ActError: the sender gave us no such assurance, or the number is beyond it or taken.
    """
    body = statement.value.body
    known = tx.latest(AssuranceRecord, digest=body.assurance)
    given = known is not None and (known.party, known.assurance.to) == (sender, desk.party)
    if known is None or not given or (body.party, body.to) != (sender, desk.party):
        raise ActError("agreements/unknown-assurance", "the sender gave us no such assurance", clauses=("G7-5",))
    taken = _named(tx, body.assurance, party=sender, number=body.number) is not None
    if taken or body.number > known.assurance.persons:
        raise ActError("agreements/person-not-assured", "the number is taken, or beyond it", clauses=("F-24",))
    enter_person(tx, desk, statement, now)


def hear_person_answer(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[PersonAnswer]], now: Instant
) -> None:
    """The originator declined a person of ours, or does so no longer.

    Raises:
        ActError: we put nobody forward to the sender under that number.
    """
    body = statement.value.body
    named = _named(tx, body.assurance, party=desk.party, number=body.number)
    if named is None or named.named.to != sender or (body.party, body.to) != (sender, desk.party):
        raise ActError("agreements/person-not-assured", "nobody was put forward so to the sender", clauses=("A-22",))
    enter_person_answer(tx, desk, statement, now)


def enter_person(tx: Tx, desk: Desk, statement: Statement[Act[PersonNamed]], now: Instant) -> None:
    """Enter a person put forward by a partner, or by us before a restore: then the name says who it is; once."""
    body = statement.value.body
    named = tx.every(AssurancePerson, assurance=body.assurance, party=body.party)
    if any(one.statement == statement.digest for one in named):
        return
    _enter_named(tx, desk, statement, now, person=None)


def enter_person_answer(tx: Tx, desk: Desk, statement: Statement[Act[PersonAnswer]], now: Instant) -> None:
    """Enter an answer about a person, ours or a partner's."""
    body = statement.value.body
    record = AssurancePersonAnswered(
        assurance=body.assurance, party=body.to, statement=statement.digest, answer=body, at=now
    )
    event = Event.ASSURANCE_PERSON_DECLINED if body.declined else Event.ASSURANCE_PERSON_ACCEPTED
    enter(tx, desk, record, event=event, subject=body.assurance, party=body.to)


def get_assurance(tx: Tx, digest: HexDigest) -> AssuranceRecord:
    """An assurance given or heard.

    Raises:
        LocalError: there is none of that digest.
    """
    known = tx.latest(AssuranceRecord, digest=digest)
    if known is None:
        raise _unknown(digest)
    return known


def persons_named(tx: Tx, known: AssuranceRecord) -> list[AssurancePerson]:
    """Whom the giver of an assurance put forward under it."""
    return tx.every(AssurancePerson, assurance=known.digest, party=known.party)


def _enter_named(
    tx: Tx, desk: Desk, statement: Statement[Act[PersonNamed]], now: Instant, *, person: PersonId | None
) -> None:
    body = statement.value.body
    record = AssurancePerson(
        assurance=body.assurance, party=body.party, person=person, statement=statement.digest, named=body, at=now
    )
    enter(tx, desk, record, event=Event.ASSURANCE_PERSON_NAMED, subject=body.assurance, party=body.party)


def _is_cleared(person: PersonFacts, *, level: str, now: Instant) -> bool:
    return any(
        level in one.classifications and one.standing(now) is ClearanceStanding.VALID for one in person.clearances
    )


def _named(tx: Tx, digest: HexDigest, *, party: PartyCode, number: int) -> AssurancePerson | None:
    named = tx.every(AssurancePerson, assurance=digest, party=party)
    return next((one for one in named if one.named.number == number), None)


def _unknown(digest: HexDigest) -> LocalError:
    return LocalError(
        "flows/unknown-assurance", f"no assurance `{digest}` was given or heard", remedy="see `assurance list`"
    )
