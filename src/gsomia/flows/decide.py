"""Ask for a decision without acting, record one that was acted on, replay one of a past day."""

from dataclasses import dataclass
from typing import Literal

from gsomia import canon
from gsomia.agreements import CONSENT, Agreement, Consent, ConsentAct
from gsomia.audit import Event
from gsomia.errors import LocalError
from gsomia.flows.consents import choose_consent
from gsomia.flows.desk import Desk
from gsomia.flows.facts import access_facts, get_item, onward_facts, release_facts
from gsomia.flows.ledger import enter
from gsomia.flows.levels import given_as
from gsomia.flows.parties import is_disowned, key_sets
from gsomia.flows.ports import Noted, Tx
from gsomia.flows.records import AgreementRecord, DecisionRecord, StatementRecord
from gsomia.ids import DecisionId, ItemId, PartyCode, PersonId, sha256_hex
from gsomia.instants import Instant
from gsomia.parties import (
    HybridKey,
    Office,
    SignatureError,
    claimed_digest,
    signed_by,
    verify_act,
    verify_statement,
)
from gsomia.policy import (
    AccessFacts,
    ContractorFacts,
    Decision,
    InstrumentFacts,
    OnwardFacts,
    RelayFacts,
    ReleaseFacts,
    Verdict,
    Way,
    decide_access,
    decide_contractor,
    decide_onward,
    decide_relay,
    decide_release,
    wanted_onward,
)

Question = Literal["release", "access", "onward", "relay", "contractor"]
Facts = ReleaseFacts | AccessFacts | OnwardFacts | RelayFacts | ContractorFacts
_EVENTS = {
    ("release", Verdict.PERMIT): Event.RELEASE_PERMITTED,
    ("release", Verdict.DENY): Event.RELEASE_DENIED,
    ("access", Verdict.PERMIT): Event.ACCESS_GRANTED,
    ("access", Verdict.DENY): Event.ACCESS_DENIED,
    ("onward", Verdict.PERMIT): Event.ONWARD_DECIDED,
    ("onward", Verdict.DENY): Event.ONWARD_DECIDED,
    ("contractor", Verdict.PERMIT): Event.CONTRACTOR_DECIDED,
    ("contractor", Verdict.DENY): Event.CONTRACTOR_DECIDED,
    ("relay", Verdict.PERMIT): Event.ONWARD_DECIDED,
    ("relay", Verdict.DENY): Event.ONWARD_DECIDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A decision, the facts it rests on, and the agreement it was taken under.

    Args:
        spelled: the facts in canonical bytes.
        at: for which moment it was asked, where it may be asked again.
        noted: what was read for it, where that is noted.
    """

    decision: Decision
    facts: Facts
    agreement: Agreement | None
    spelled: bytes
    at: Instant | None = None
    noted: Noted | None = None


def stands(tx: Tx, desk: Desk, answer: Answer) -> bool:
    """Whether an answer of an earlier unit would be given again: in the same second, all read for it reads the same."""
    return answer.at == desk.clock() and tx.still(answer.noted)


def ask_release(
    tx: Tx,
    desk: Desk,
    item: ItemId,
    *,
    to: PartyCode,
    decider: PersonId,
    authority: str | None,
    at: Instant | None = None,
    way: Way = Way.SEALED,
) -> Answer:
    """Would a release be permitted now, or at an instant, on what the record says today?"""
    now = at or desk.clock()
    tx.note()
    facts, agreement = release_facts(tx, desk, item, to=to, decider=decider, authority=authority, now=now, way=way)
    noted = tx.noted()
    spelled, _ = canon.spell(facts)
    decision = decide_release(facts, agreement=agreement, policies=desk.policies, digest=sha256_hex(spelled))
    return Answer(decision=decision, facts=facts, agreement=agreement, spelled=spelled, at=now, noted=noted)


def ask_release_again(
    tx: Tx, desk: Desk, answer: Answer, item: ItemId, *, to: PartyCode, decider: PersonId, authority: str | None
) -> Decision:
    """The same question in the writing unit, on the facts of that moment; the permit names the facts of `answer`.

    A first answer that `stands` is that answer.
    """
    if stands(tx, desk, answer):
        return answer.decision
    facts, agreement = release_facts(tx, desk, item, to=to, decider=decider, authority=authority, now=desk.clock())
    return decide_release(facts, agreement=agreement, policies=desk.policies, digest=answer.decision.facts)


def ask_access(tx: Tx, desk: Desk, item: ItemId, *, reader: PersonId, purpose: str) -> Answer:
    """Would a reading be permitted now?"""
    facts = access_facts(tx, desk, item, reader=reader, purpose=purpose, now=desk.clock())
    return Answer(decision=decide_access(facts), facts=facts, agreement=None, spelled=canon.encode(facts))


def ask_onward(
    tx: Tx, desk: Desk, item: ItemId, *, to: PartyCode, consent: Consent | None, at: Instant | None = None
) -> Answer:
    """Would passing an item on be permitted now, or at an instant?

    Without a consent at hand, the one that its originator said to us is presented, if there is any.

    Source: G6-1, TR-4.
    """
    now = at or desk.clock()
    facts, agreement = onward_facts(tx, desk, item, to=to, consent=consent, now=now)
    if consent is None and facts.instrument is not None:
        wanted, record = wanted_onward(facts), get_item(tx, item)
        held, _ = choose_consent(tx, given_as(tx, record), wanted, recipient=to, instrument=facts.instrument.id)
        if held is not None:
            facts, agreement = onward_facts(tx, desk, item, to=to, consent=held, now=now)
    decision = decide_onward(facts, agreement=agreement, policies=desk.policies)
    return Answer(decision=decision, facts=facts, agreement=agreement, spelled=canon.encode(facts))


def verify_consent(desk: Desk, untrusted: bytes, *, originator: PartyCode) -> Consent:
    """Prove that the originator consented; only its own statement key and a person of its own count.

    Raises:
        CanonError, SignatureError: the file is no consent of the originator.

    Source: G6-1, TR-4.
    """
    key = _consent_key(desk, untrusted, originator)
    statement = verify_statement(untrusted, accepts={CONSENT: ConsentAct}, key=key)
    if statement.value.by.office is not Office.RELEASING_AUTHORITY:
        raise SignatureError("parties/office-not-for-this", "a consent is not an act of that office")
    return verify_act(statement.value, kind=CONSENT)


def _consent_key(desk: Desk, untrusted: bytes, originator: PartyCode) -> HybridKey:
    sets, named = key_sets(desk, originator), signed_by(untrusted)
    used = next((one for one in sets.sets if one.descriptor.statement.key_ids == named), sets.current)
    if used is sets.current:
        return used.descriptor.statement
    digest = claimed_digest(untrusted)

    def counts(tx: Tx) -> bool:
        heard = tx.latest(StatementRecord, digest=digest, party=originator, direction="heard")
        return heard is not None and not is_disowned(tx, digest)

    # Under an earlier key a consent counts if it was heard while the key did, and covered before a revocation.
    return used.descriptor.statement if desk.store.run(counts) else sets.current.descriptor.statement


def record_decision(
    tx: Tx, desk: Desk, answer: Answer, *, decision_id: DecisionId, question: Question, item: ItemId, by: PersonId
) -> None:
    """Enter a decision that is acted on, permit and deny alike.

    Source: F-14, design 5 (every decision can be replayed).
    """
    record = DecisionRecord(
        id=decision_id,
        question=question,
        item=item,
        facts=answer.spelled,
        decision=answer.decision,
        by=by,
        at=desk.clock(),
    )
    event = _EVENTS[question, answer.decision.verdict]
    enter(tx, desk, record, event=event, subject=decision_id, item=item)


def replay(desk: Desk, decision_id: DecisionId) -> tuple[DecisionRecord, Decision]:
    """Decide again on the recorded facts: what was decided, and what today's rules say to the same facts.

    Raises:
        LocalError: no such decision.
    """

    def read(tx: Tx) -> tuple[DecisionRecord, Agreement | None]:
        record = tx.latest(DecisionRecord, id=decision_id)
        if record is None:
            raise LocalError("flows/unknown-decision", f"there is no decision `{decision_id}`", remedy="")
        facts = _facts(record)
        instrument = _governing(facts)
        if instrument is None:
            return record, None
        known = tx.latest(AgreementRecord, instrument=instrument.id, agreement=instrument.agreement)
        return record, known.text if known else None

    record, agreement = desk.store.run(read)
    # the bytes are named, not what they read as: a fact that was added since would change the digest
    facts, digest = _facts(record), sha256_hex(record.facts)
    if isinstance(facts, ReleaseFacts):
        return record, decide_release(facts, agreement=agreement, policies=desk.policies, digest=digest)
    if isinstance(facts, RelayFacts):
        return record, decide_relay(facts, agreement=agreement, policies=desk.policies, digest=digest)
    if isinstance(facts, OnwardFacts):
        return record, decide_onward(facts, agreement=agreement, policies=desk.policies, digest=digest)
    if isinstance(facts, ContractorFacts):
        return record, decide_contractor(facts)
    return record, decide_access(facts, digest=digest)


def _governing(facts: Facts) -> InstrumentFacts | None:
    if isinstance(facts, RelayFacts):
        return facts.relay.instrument if facts.relay else None
    return facts.instrument


def _facts(record: DecisionRecord) -> Facts:
    """The facts as they were recorded; those that were not asked for then are as if nothing was known of them."""
    if record.question == "release":
        return canon.read_back(record.facts, ReleaseFacts)
    if record.question == "relay":
        return canon.read_back(record.facts, RelayFacts)
    if record.question == "onward":
        return canon.read_back(record.facts, OnwardFacts)
    if record.question == "contractor":
        return canon.read_back(record.facts, ContractorFacts)
    return canon.read_back(record.facts, AccessFacts)
