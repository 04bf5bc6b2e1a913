"""Agreements: proposed, signed by both over one digest. Notes and deeds stand in modules of their own.

Every act is a statement of both records. The state is derived from the acts whenever it is asked (`flows.standing`).
"""

from gsomia.agreements import (
    PROPOSAL,
    SIGNATURE,
    ActError,
    Agreement,
    AgreementSignature,
    Moment,
    Proposal,
    State,
)
from gsomia.agreements import Event as Deeds
from gsomia.audit import Event
from gsomia.errors import LocalError
from gsomia.flows.acts import known_text, note_received, record_heard, record_own
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.notes import give_note, hear_note
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import AgreementRecord
from gsomia.flows.standing import (
    acts_of,
    check_allowed,
    current_agreement,
    get_agreement,
    named_now,
    our_own_act,
    standing,
    wait_for_receipts,
)
from gsomia.ids import HexDigest, InstrumentId, PartyCode
from gsomia.instants import Instant
from gsomia.labels import check_table
from gsomia.parties import Act, Office, PinnedParty, Statement, say_act

__all__ = [
    "acts_of",
    "current_agreement",
    "get_agreement",
    "give_note",
    "hear_note",
    "hear_proposal",
    "hear_signature",
    "named_now",
    "note_received",
    "our_own_act",
    "propose",
    "sign",
    "standing",
    "wait_for_receipts",
]


def propose(desk: Desk, actor: Actor, agreement: Agreement, *, our_fingerprint: HexDigest) -> tuple[PartyCode, ...]:
    """Put a text to every other party of it.

    Raises:
        LocalError: we are no party, a party is not pinned, or a fingerprint differs from the pinned one.

    Source: T01.
    """
    require_office(desk, actor, Office.LIAISON_OFFICER, clause="T01")
    others = tuple(party.code for party in agreement.parties if party.code != desk.party)

    def check(tx: Tx) -> None:
        check_levels(desk, agreement)
        check_identities(tx, desk, agreement, our_fingerprint=our_fingerprint)

    with our_own_act():
        desk.store.run(check)
    keys = desk.unlocked.keys
    now = desk.clock()
    said = [
        say_act(Proposal(agreement=agreement, to=to, at=now), kind=PROPOSAL, hand=actor.hand, signer=keys.statement)
        for to in others
    ]

    def unit(tx: Tx) -> None:
        check_identities(tx, desk, agreement, our_fingerprint=our_fingerprint)
        know_text(tx, desk, agreement, now)
        for to, statement in zip(others, said, strict=True):
            record_own(tx, desk, statement, kind=PROPOSAL, to=to, subject=agreement.id)

    desk.store.run(unit)
    tell(desk, others)
    return others


def sign(
    desk: Desk, actor: Actor, instrument: InstrumentId, *, digest: HexDigest | None, our_fingerprint: HexDigest
) -> HexDigest:
    """Sign the proposed text for our government.

    Args:
        desk: ours.
        actor: a liaison officer with full powers.
        instrument: which one.
        digest: the exact version; the last proposed one if None.
        our_fingerprint: of the identities the text must name for us.

    Source: T12.
    """
    require_office(desk, actor, Office.LIAISON_OFFICER, clause="T12")
    now = desk.clock()

    def read(tx: Tx) -> Agreement:
        agreement = get_agreement(tx, instrument, digest=digest)
        check_levels(desk, agreement)
        check_identities(tx, desk, agreement, our_fingerprint=our_fingerprint)
        _check_signable(tx, desk, agreement, now)
        return agreement

    with our_own_act():
        agreement = desk.store.run(read)
    body = AgreementSignature(instrument=agreement.id, agreement=agreement.digest, party=desk.party, at=now)
    _say_to_all(desk, actor, body, agreement, kind=SIGNATURE)
    return agreement.digest


def hear_proposal(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[Proposal]], now: Instant) -> None:
    """Take note of a proposal made to us. Proposing binds nobody."""
    proposal = statement.value.body
    if proposal.to != desk.party or not proposal.agreement.has_party(sender):
        raise ActError("agreements/not-addressed", "the proposal is not to us, or not by a party", clauses=("T01",))
    _check_partner_identity(tx, proposal.agreement, sender)
    know_text(tx, desk, proposal.agreement, now)
    record_heard(tx, desk, statement, kind=PROPOSAL, sender=sender, now=now)


def hear_signature(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[AgreementSignature]], now: Instant
) -> None:
    """A party signed a text we know."""
    body = statement.value.body
    agreement = known_text(tx, body.instrument, body.agreement)
    if body.party != sender or not agreement.has_party(sender):
        raise ActError("agreements/not-a-party", "a party signs for itself only", clauses=("T12",))
    if any(act.kind == SIGNATURE and act.party == sender for act in acts_of(tx, agreement)):
        raise ActError("agreements/signed-before", "the sender has signed that text already", clauses=("T12",))
    try:
        check_allowed(tx, desk, agreement, _signing(agreement, sender, now))
    except ActError:
        wait_for_receipts(tx, desk, agreement)  # our proposal, or our last approval, may not be receipted yet
        raise
    record_heard(tx, desk, statement, kind=SIGNATURE, sender=sender, now=now)


def _check_signable(tx: Tx, desk: Desk, agreement: Agreement, now: Instant) -> None:
    if any(act.kind == SIGNATURE and act.party == desk.party for act in acts_of(tx, agreement)):
        raise ActError("agreements/signed-before", f"`{agreement.id}` is signed by us already", clauses=("T12",))
    state = standing(tx, agreement, at=now, desk=desk).state
    if state is State.NONE and _proposed_by_us(tx, desk, agreement):
        return  # the other side may know our proposal before we know that it does
    if state not in {State.PROPOSED, State.CLEARED}:
        raise ActError(
            "agreements/not-signable",
            f"`{agreement.id}` is {state}: only a proposed or a cleared text is signed",
            clauses=("T12",),
        )
    check_allowed(tx, desk, agreement, _signing(agreement, desk.party, now))


def _signing(agreement: Agreement, party: PartyCode, at: Instant) -> Moment:
    return Moment(
        id="signature", event=Deeds.SIGN, parties=(party,), at=at, matter=agreement.digest, text=agreement.digest
    )


def _proposed_by_us(tx: Tx, desk: Desk, agreement: Agreement) -> bool:
    return any(act.kind == PROPOSAL and act.party == desk.party for act in acts_of(tx, agreement))


def know_text(tx: Tx, desk: Desk, agreement: Agreement, now: Instant) -> None:
    """Enter a text, once."""
    if tx.latest(AgreementRecord, instrument=agreement.id, agreement=agreement.digest) is None:
        record = AgreementRecord(instrument=agreement.id, agreement=agreement.digest, text=agreement, at=now)
        enter(tx, desk, record, event=Event.AGREEMENT_PROPOSED, subject=agreement.id, agreement=agreement.digest)


def check_levels(desk: Desk, agreement: Agreement) -> None:
    """Hold that the table of a text can be carried out under the national policies.

    Raises:
        ActError: it cannot.

    Source: EQ-3.
    """
    # EQ-3 and law 7: ask before anyone signs, not when an item is refused.
    for refusal in check_table(agreement.table, policies=desk.policies):
        raise ActError(
            "agreements/table-does-not-hold",
            refusal.text,
            remedy="mend the `[[level]]` rows; every party in them needs a label policy here",
            clauses=(refusal.clause,),
        )


def check_identities(tx: Tx, desk: Desk, agreement: Agreement, *, our_fingerprint: HexDigest) -> None:
    """Hold that a text names the identities that are pinned here, and ours.

    Raises:
        LocalError, ActError: it names others.
    """
    ours = [party for party in agreement.parties if party.code == desk.party]
    if not ours or ours[0].fingerprint != our_fingerprint:
        raise LocalError(
            "flows/not-our-identity",
            "the agreement file does not name this node's identities",
            remedy="take `fingerprint` as `gsomia party export --json` prints it",
        )
    for party in agreement.parties:
        if party.code != desk.party:
            _check_partner_identity(tx, agreement, party.code)


def _check_partner_identity(tx: Tx, agreement: Agreement, code: PartyCode) -> None:
    named = [party.fingerprint for party in agreement.parties if party.code == code]
    # A text may name identities from before a recovery: the succession was proven step by step.
    pinned = {one.record.fingerprint for one in tx.every(PinnedParty, code=code)}
    if len(named) != 1 or named[0] not in pinned:
        raise ActError(
            "agreements/identity-differs",
            f"the agreement names another identity of `{code}` than the one pinned here",
            remedy="pin the partner first, and compare fingerprints over another channel",
        )


def _say_to_all(desk: Desk, actor: Actor, body: AgreementSignature, agreement: Agreement, *, kind: str) -> None:
    others = [party.code for party in agreement.parties if party.code != desk.party]
    statement = say_act(body, kind=kind, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        for to in others:
            record_own(tx, desk, statement, kind=kind, to=to, subject=agreement.id)

    desk.store.run(unit)
    tell(desk, others)


def tell(desk: Desk, partners: tuple[PartyCode, ...] | list[PartyCode]) -> None:
    """Wake the worker for partners to whom something was queued."""
    for partner in partners:
        desk.said(partner)
