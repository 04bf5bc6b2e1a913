"""What people do with the family of instruments: confirm a country's levels, read a mark, ask for supplies.

Each question is on record with its answer, permit and refusal alike; what is refused is refused with its clause.

Source: EQ-5, EQ-6, T14.
"""

from collections.abc import Sequence

from gsomia.agreements import (
    CONFIRMATION,
    ConfirmationRecord,
    Fact,
    Family,
    FamilyDecision,
    FamilyError,
    LevelsConfirmation,
    Mapped,
    PactKind,
    PactProfile,
    apply_confirmations,
    check_order,
    map_mark,
    pacts_of,
    row_digest,
)
from gsomia.audit import Event
from gsomia.errors import LocalError
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_office, require_own_key
from gsomia.flows.ports import Tx
from gsomia.flows.records import StatementRecord
from gsomia.flows.standing import facts_held
from gsomia.ids import new_id
from gsomia.labels import LabelRefusal, NationalLevels
from gsomia.parties import Office, say_act


def confirm_levels(
    desk: Desk, actor: Actor, rows: Sequence[NationalLevels], *, country: str, source: str
) -> ConfirmationRecord:
    """Vouch, as a named official, for a country's row exactly as it stands, by a source; signed by both hands.

    Raises:
        LocalError: no such row, nothing in it, no source, or nothing to confirm.
        RefusedError: somebody else than the security officer.

    Source: EQ-6.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="EQ-6")
    official = require_own_key(desk, actor)
    row = next((one for one in confirmed_rows(desk, rows) if one.code == country), None)
    if row is None or not row.levels:
        raise LocalError(
            "flows/no-levels",
            f"the table has no levels of `{country}`",
            remedy="a row without levels needs a new table first: see `gsomia family list`",
        )
    if not row.requires_confirmation:
        raise LocalError(
            "flows/levels-usable", f"the levels of `{country}` need no confirming", remedy="see `gsomia family list`"
        )
    if not source.strip():
        raise LocalError(
            "flows/no-source", "a confirmation names its source", remedy="pass the treaty, law or note: `--basis TEXT`"
        )
    body = LevelsConfirmation(
        country=country, row=row_digest(row), official=official.name, source=source, at=desk.clock()
    )
    statement = say_act(body, kind=CONFIRMATION, hand=actor.hand, signer=desk.unlocked.keys.statement)
    record = ConfirmationRecord(country=country, statement=statement.digest, confirmation=body, by=actor.person)

    def unit(tx: Tx) -> None:
        signed = StatementRecord(
            digest=statement.digest,
            kind=CONFIRMATION,
            party=desk.party,
            direction="own",
            envelope=statement.envelope,
            at=body.at,
        )
        enter(tx, desk, signed, event=Event.STATEMENT_ISSUED, subject=statement.digest, kind=CONFIRMATION)
        enter(tx, desk, record, event=Event.LEVELS_CONFIRMED, subject=country, statement=statement.digest)

    desk.store.run(unit)
    return record


def confirmed_rows(desk: Desk, rows: Sequence[NationalLevels]) -> tuple[NationalLevels, ...]:
    """The table of levels with this node's confirmations.

    Source: EQ-6.
    """
    given = desk.store.run(lambda tx: tx.every(ConfirmationRecord))
    return apply_confirmations(rows, [record.confirmation for record in given])


def read_mark(
    desk: Desk, family: Family, rows: Sequence[NationalLevels], *, mark: str, country: str | None, by: str
) -> tuple[Mapped, FamilyDecision]:
    """How a mark of another country reads in our levels; the question is recorded with its answer.

    Raises:
        FamilyError: it does not read, with the clause; recorded.

    Source: EQ-2, EQ-3, EQ-5, EQ-6.
    """
    usable = confirmed_rows(desk, rows)
    found = map_mark(mark, country=country, own=desk.policy, pacts=pacts_of(family, usable), rows=usable)
    refusal = found if isinstance(found, LabelRefusal) else None
    decision = _record(desk, "map", subject=country or "?", refusal=refusal, by=by)
    if isinstance(found, LabelRefusal):
        raise refused(found, correlation_id=decision.id)
    return found, decision


def order_supplies(
    desk: Desk, actor: Actor, family: Family, facts: Sequence[Fact], *, instrument: str, goods: str
) -> FamilyDecision:
    """Ask whether supplies may be ordered under a cross-servicing agreement: only if one is in force.

    What is in force follows from the instrument's own history and from the acts this node holds.

    Raises:
        FamilyError: nothing is in force; recorded.
        LocalError: no such instrument of that kind.

    Source: T12 to T14, G21-1.
    """
    require_office(desk, actor, Office.LIAISON_OFFICER, clause="T14")
    profile = servicing_profile(family, instrument)
    held = desk.store.run(lambda tx: facts_held(tx, instrument=instrument))
    refusal = check_order((*facts, *held), profile, at=desk.clock())
    decision = _record(desk, "order", subject=f"{instrument} {goods}", refusal=refusal, by=actor.person)
    if refusal is not None:
        raise refused(refusal, correlation_id=decision.id)
    return decision


def servicing_profile(family: Family, instrument: str) -> PactProfile:
    """The profile of a cross-servicing agreement.

    Raises:
        LocalError: the family has none of that name and kind.
    """
    profile = family.profile(instrument)
    if profile is None or profile.kind is not PactKind.CROSS_SERVICING:
        raise LocalError(
            "flows/not-cross-servicing",
            f"`{instrument[:40]}` is no cross-servicing agreement",
            remedy="see `gsomia family list`",
        )
    return profile


def refused(refusal: LabelRefusal, *, correlation_id: str | None) -> FamilyError:
    """A refusal as the error a command ends with."""
    remedies = {
        "levels-not-confirmed": "let a security officer confirm them by a source: `gsomia family confirm`",
        "mark-without-country": "name the country: `--country CODE`",
        "nothing-in-force": "sign and bring it into force first",
    }
    remedy = remedies.get(refusal.code, "see `gsomia family list`")
    return FamilyError(
        f"agreements/{refusal.code}",
        refusal.text,
        remedy=remedy,
        clauses=(refusal.clause,),
        evidence={"correlation_id": correlation_id},
    )


def _record(desk: Desk, question: str, *, subject: str, refusal: LabelRefusal | None, by: str) -> FamilyDecision:
    decision = FamilyDecision(
        id=new_id("fam", desk.entropy),
        question="order" if question == "order" else "map",
        subject=subject[:60],
        permitted=refusal is None,
        code=refusal.code if refusal else None,
        clause=refusal.clause if refusal else None,
        by=by,
        at=desk.clock(),
    )

    def unit(tx: Tx) -> None:
        enter(tx, desk, decision, event=Event.FAMILY_ASKED, subject=decision.id, question=decision.question)

    desk.store.run(unit)
    return decision
