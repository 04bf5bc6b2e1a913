"""Where agreements stand, derived from the acts in the record whenever it is asked; nothing here stores a state.

What was derived is kept at the desk for as long as no act and no text is added, so that any date is answered at once.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar, cast

from gsomia.agreements import (
    ActError,
    ActPart,
    ActRecord,
    Agreement,
    Authority,
    Fact,
    Instrument,
    Moment,
    Refusal,
    Rule,
    Standing,
    apply_act,
    build_instrument,
    effective_rules,
    facts_of_acts,
    named_authorities,
)
from gsomia.errors import LocalError, RefusedError, UnavailableError
from gsomia.flows.desk import Desk
from gsomia.flows.parties import is_disowned
from gsomia.flows.ports import Tx
from gsomia.flows.records import AgreementRecord, DisownedRecord, RefusalRecord
from gsomia.ids import HexDigest, InstrumentId
from gsomia.instants import Instant

A = TypeVar("A", ActRecord, ActPart)


@contextmanager
def our_own_act() -> Iterator[None]:
    """What would be a partner's breach is a refusal when our own people try it."""
    try:
        yield
    except ActError as error:
        raise RefusedError(
            error.code, error.message, remedy=error.remedy, clauses=error.clauses, evidence=error.evidence
        ) from error


def get_agreement(tx: Tx, instrument: InstrumentId, *, digest: HexDigest | None) -> Agreement:
    """A version of an instrument: the exact one, or the last that became known.

    Raises:
        LocalError: unknown.
    """
    record = (
        tx.latest(AgreementRecord, instrument=instrument, agreement=digest)
        if digest
        else tx.latest(AgreementRecord, instrument=instrument)
    )
    if record is None:
        raise LocalError(
            "flows/unknown-instrument", f"no instrument `{instrument}` is known here", remedy="see `agreement list`"
        )
    return record.text


def instrument_of(tx: Tx, instrument: InstrumentId, *, desk: Desk | None = None) -> Instrument:
    """Every text of an instrument with its course; with a desk, derived once while nothing is added.

    Raises:
        LocalError: unknown.
    """
    last = tx.latest(ActRecord, instrument=instrument)
    counts = tx.count(ActRecord, instrument=instrument), tx.count(AgreementRecord, instrument=instrument)
    disowned = tx.count(DisownedRecord)
    basis = (counts, disowned, last.statement if last else None, last.received if last else None)
    key = f"instrument {instrument}"
    if desk is not None:
        known = desk.memo.get(key)
        if isinstance(known, tuple) and known[0] == basis:
            return cast("Instrument", known[1])
    texts = [record.text for record in tx.every(AgreementRecord, instrument=instrument)]
    if not texts:
        get_agreement(tx, instrument, digest=None)  # unknown
    built = build_instrument(texts, _counting(tx, tx.parts(ActRecord, ActPart, instrument=instrument)))
    if desk is not None:
        desk.memo[key] = (basis, built)
    return built


def current_agreement(tx: Tx, instrument: InstrumentId, *, at: Instant, desk: Desk | None = None) -> Agreement:
    """The version of an instrument that counts: in force, else signed, else the last that became known.

    Raises:
        LocalError: unknown.
    """
    return instrument_of(tx, instrument, desk=desk).current(at=at)


def standing(tx: Tx, agreement: Agreement, *, at: Instant, desk: Desk | None = None) -> Standing:
    """Where an agreement stands at `at`, derived from the acts in the record."""
    return instrument_of(tx, agreement.id, desk=desk).standing(agreement.digest, at=at)


def named_now(tx: Tx, agreement: Agreement, *, at: Instant) -> tuple[Authority, ...]:
    """The authorities that are named by a received note (G2-5)."""
    return named_authorities(agreement, acts_of(tx, agreement), at=at, family=_family(tx, agreement))


def acts_of(tx: Tx, agreement: Agreement) -> list[ActRecord]:
    """Every act over this exact text, or over one that amendments join with it, that still counts."""
    family = _family(tx, agreement)
    if len(family) == 1:
        return _counting(tx, tx.every(ActRecord, instrument=agreement.id, agreement=agreement.digest))
    every = _counting(tx, tx.every(ActRecord, instrument=agreement.id))
    return [act for act in every if act.agreement in family]


def rules_at(tx: Tx, agreement: Agreement, *, at: Instant, desk: Desk | None = None) -> Mapping[Rule, int]:
    """Ceiling and clocks of an agreement as the arrangements that took effect leave them at `at`; the tightest counts.

    Source: G5-1, G5-2, A-12.
    """
    return rules_of(tx, agreement, standing(tx, agreement, at=at, desk=desk))


def rules_of(tx: Tx, agreement: Agreement, stands: Standing) -> Mapping[Rule, int]:
    """As `rules_at`, for whoever knows already where the agreement stands."""
    course = stands.course
    made = [act.deed for act in acts_of(tx, agreement) if act.deed is not None] if course.arrangements else []
    return {one.rule: one.value for one in effective_rules(agreement, made, course)}


def require_ceiling(tx: Tx, desk: Desk, agreement: Agreement, *, rank: int, at: Instant) -> None:
    """Hold a level against the ceiling that counted when it was decided to release it.

    Args:
        tx: the unit.
        desk: ours.
        agreement: under which it comes or goes.
        rank: of the level, by its originator's policy.
        at: the decision.

    Raises:
        RefusedError: it lies above.

    Source: G4-4, G5-2.
    """
    if rank > rules_at(tx, agreement, at=at, desk=desk)[Rule.CEILING]:
        raise RefusedError(
            "policy/above-ceiling",
            f"the level lies above the ceiling that an arrangement under `{agreement.id}` set",
            remedy="`gsomia agreement status` shows the rules that count; the originator keeps the item",
            clauses=("G4-4", "G5-2"),
        )


def facts_about(tx: Tx, agreement: Agreement) -> tuple[Fact, ...]:
    """What happened to an agreement, by the acts that count: over its text, or one that amendments join with it."""
    texts = [record.text for record in tx.every(AgreementRecord, instrument=agreement.id)]
    return facts_of_acts(acts_of(tx, agreement), texts=texts)


def facts_held(tx: Tx, *, instrument: str | None = None) -> tuple[Fact, ...]:
    """What happened to an instrument, or to every one, by the acts in the record that count."""
    keys = {} if instrument is None else {"instrument": instrument}
    texts = [record.text for record in tx.every(AgreementRecord, **keys)]
    return facts_of_acts(_counting(tx, tx.every(ActRecord, **keys)), texts=texts)


def _counting(tx: Tx, acts: list[A]) -> list[A]:
    # Design 4: what a key signed that was revoked since counts only if it was covered before.
    if not tx.count(DisownedRecord):
        return acts
    return [act for act in acts if not is_disowned(tx, act.statement)]


def _family(tx: Tx, agreement: Agreement) -> frozenset[HexDigest]:
    """Digests of the texts that amendments join with this one, itself included."""
    if tx.count(AgreementRecord, instrument=agreement.id) <= 1:
        return frozenset({agreement.digest})
    joined = instrument_of(tx, agreement.id).joined
    root = joined.get(agreement.digest, agreement.digest)
    return frozenset({root, *(digest for digest, its_root in joined.items() if its_root == root)})


def was_refused(tx: Tx, act: ActRecord) -> bool:
    """Whether the other side refused an act of ours, so that it never counts."""
    return tx.latest(RefusalRecord, subject=act.statement) is not None


def wait_for_receipts(tx: Tx, desk: Desk, agreement: Agreement) -> None:
    """Before a partner is refused because of a state: has it heard of acts whose receipts have not come back to us?

    Raises:
        UnavailableError: it may have; it says its message again in a moment.
    """
    ours = [act for act in acts_of(tx, agreement) if act.party == desk.party]
    receipted = {act.statement for act in ours if act.received is not None}
    waiting = {act.statement: act for act in ours if act.statement not in receipted}
    if any(not was_refused(tx, act) for act in waiting.values()):
        raise UnavailableError(
            "flows/receipts-outstanding",
            f"not every act of ours under `{agreement.id}` is receipted yet",
            remedy="it is repeated in a moment",
        )


def check_allowed(tx: Tx, desk: Desk, agreement: Agreement, moment: Moment) -> None:
    """Hold an act against the table before it is written.

    Raises:
        ActError: the table, a condition or the calendar does not allow it now; nothing changed.

    Source: lifecycle 3.3.
    """
    course, profile = instrument_of(tx, agreement.id, desk=desk).reached(agreement.digest, at=moment.at)
    refusal = apply_act(course, profile, moment)
    if isinstance(refusal, Refusal):
        raise ActError(
            f"agreements/{refusal.code}",
            refusal.text,
            remedy=f"see `gsomia agreement status --instrument {agreement.id}`",
            clauses=(refusal.clause,),
        )
