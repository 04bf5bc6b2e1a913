"""Agreements: proposed, signed by both over one digest, completed by notes. Every act is a statement of both records.

The state is derived from the acts whenever it is asked; nothing here stores it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from gsomia.agreements import (
    NOTE,
    PROPOSAL,
    SIGNATURE,
    ActError,
    ActRecord,
    Agreement,
    AgreementSignature,
    Authority,
    Note,
    NoteSubject,
    Proposal,
    Standing,
    State,
    named_authorities,
    record_of,
    standing_of,
)
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError, UnavailableError
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import AgreementRecord
from gsomia.flows.say import say
from gsomia.ids import HexDigest, InstrumentId, PartyCode
from gsomia.instants import Instant
from gsomia.labels import check_table
from gsomia.parties import Act, Office, PinnedParty, Statement, say_act

Body = TypeVar("Body", Proposal, AgreementSignature, Note)
_EVENTS = {
    PROPOSAL: Event.AGREEMENT_PROPOSED,
    SIGNATURE: Event.AGREEMENT_SIGNED,
    NOTE: Event.AGREEMENT_NOTED,
}


@contextmanager
def our_own_act() -> Iterator[None]:
    """What would be a partner's breach is a refusal when our own people try it."""
    try:
        yield
    except ActError as error:
        raise RefusedError(
            error.code, error.message, remedy=error.remedy, clauses=error.clauses, evidence=error.evidence
        ) from error


def propose(desk: Desk, actor: Actor, agreement: Agreement, *, our_fingerprint: HexDigest) -> tuple[PartyCode, ...]:
    """Put a text to every other party of it.

    Raises:
        LocalError: we are no party, a party is not pinned, or a fingerprint differs from the pinned one.

    Source: T01.
    """
    require_office(desk, actor, Office.LIAISON_OFFICER, clause="T01")
    others = tuple(party.code for party in agreement.parties if party.code != desk.party)

    def check(tx: Tx) -> None:
        _check_levels(desk, agreement)
        _check_identities(tx, desk, agreement, our_fingerprint=our_fingerprint)

    with our_own_act():
        desk.store.run(check)
    keys = desk.unlocked.keys
    now = desk.clock()
    said = [
        say_act(Proposal(agreement=agreement, to=to, at=now), kind=PROPOSAL, hand=actor.hand, signer=keys.statement)
        for to in others
    ]

    def unit(tx: Tx) -> None:
        _check_identities(tx, desk, agreement, our_fingerprint=our_fingerprint)
        know_text(tx, desk, agreement, now)
        for to, statement in zip(others, said, strict=True):
            _record_own(tx, desk, statement, kind=PROPOSAL, to=to, subject=agreement.id)

    desk.store.run(unit)
    _tell(desk, others)
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
        _check_levels(desk, agreement)
        _check_identities(tx, desk, agreement, our_fingerprint=our_fingerprint)
        state = standing(tx, agreement, at=now).state
        if state is not State.PROPOSED and not _proposed_by_us(tx, desk, agreement):
            raise ActError(
                "agreements/not-signable",
                f"`{instrument}` is {state}: only a proposed text is signed",
                clauses=("T12",),
            )
        if any(act.kind == SIGNATURE and act.party == desk.party for act in acts_of(tx, agreement)):
            raise ActError("agreements/signed-before", f"`{instrument}` is signed by us already", clauses=("T12",))
        return agreement

    with our_own_act():
        agreement = desk.store.run(read)
    body = AgreementSignature(instrument=agreement.id, agreement=agreement.digest, party=desk.party, at=now)
    _say_to_all(desk, actor, body, agreement, kind=SIGNATURE)
    return agreement.digest


def give_note(
    desk: Desk,
    actor: Actor,
    *,
    instrument: InstrumentId,
    number: str,
    subject: NoteSubject,
    authority: str | None,
) -> tuple[PartyCode, ...]:
    """Send a diplomatic note about an instrument to its other parties.

    Source: F-25, G2-5, T13.
    """
    require_office(desk, actor, Office.LIAISON_OFFICER, clause="G2-5")
    now = desk.clock()

    def read(tx: Tx) -> Agreement:
        agreement = current_agreement(tx, instrument, at=now)
        _check_note(agreement, party=desk.party, number=number, subject=subject, authority=authority)
        state = standing(tx, agreement, at=now).state
        if subject is NoteSubject.COMPLETION and state is not State.SIGNED:
            raise ActError(
                "agreements/not-signed", f"`{instrument}` is {state}: completion follows signature", clauses=("T13",)
            )
        return agreement

    with our_own_act():
        agreement = desk.store.run(read)
    others = [party.code for party in agreement.parties if party.code != desk.party]
    for to in others:
        note = Note(
            number=number,
            instrument=agreement.id,
            agreement=agreement.digest,
            party=desk.party,
            to=to,
            subject=subject,
            authority=authority,
            sent=now,
        )
        _say_one(desk, actor, note, to=to, kind=NOTE, subject=agreement.id)
    _tell(desk, others)
    return tuple(others)


def hear_proposal(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[Proposal]], now: Instant) -> None:
    """Take note of a proposal made to us. Proposing binds nobody."""
    proposal = statement.value.body
    if proposal.to != desk.party or not proposal.agreement.has_party(sender):
        raise ActError("agreements/not-addressed", "the proposal is not to us, or not by a party", clauses=("T01",))
    _check_partner_identity(tx, proposal.agreement, sender)
    know_text(tx, desk, proposal.agreement, now)
    _record_heard(tx, desk, statement, kind=PROPOSAL, sender=sender, now=now)


def hear_signature(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[AgreementSignature]], now: Instant
) -> None:
    """A party signed a text we know."""
    body = statement.value.body
    agreement = _known_text(tx, body.instrument, body.agreement)
    if body.party != sender or not agreement.has_party(sender):
        raise ActError("agreements/not-a-party", "a party signs for itself only", clauses=("T12",))
    _record_heard(tx, desk, statement, kind=SIGNATURE, sender=sender, now=now)


def hear_note(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[Note]], now: Instant) -> None:
    """A note arrived; it counts from now (A-24)."""
    note = statement.value.body
    agreement = _known_text(tx, note.instrument, note.agreement)
    if note.party != sender or note.to != desk.party:
        raise ActError("agreements/not-addressed", "the note is not to us, or not by its sender", clauses=("F-25",))
    _check_note(agreement, party=sender, number=note.number, subject=note.subject, authority=note.authority)
    if note.subject is NoteSubject.COMPLETION:
        # What is asked is whether both signed, not whether both have heard of it: our receipt may still be on its way.
        signed = {act.party for act in acts_of(tx, agreement) if act.kind == SIGNATURE}
        if not signed >= {party.code for party in agreement.parties}:
            raise ActError("agreements/not-signed", "completion follows signature", clauses=("T13",))
    _record_heard(tx, desk, statement, kind=NOTE, sender=sender, now=now)


def note_received(tx: Tx, desk: Desk, statement: str, *, received: Instant) -> None:
    """A partner proved when it recorded an act of ours: from then on the act counts, on both sides alike."""
    act = tx.latest(ActRecord, statement=statement)
    if act is not None and act.received is None:
        entered = ActRecord(
            statement=act.statement,
            kind=act.kind,
            instrument=act.instrument,
            agreement=act.agreement,
            party=act.party,
            sent=act.sent,
            received=received,
            note=act.note,
        )
        enter(tx, desk, entered, event=Event.AGREEMENT_NOTED, subject=act.instrument, statement=statement)


def enter_act(tx: Tx, desk: Desk, act: ActRecord) -> None:
    """Enter an act of the agreement's life."""
    enter(tx, desk, act, event=_EVENTS[act.kind], subject=act.instrument, statement=act.statement)


def wait_for_receipts(tx: Tx, desk: Desk, agreement: Agreement) -> None:
    """Before a partner is refused because of a state: has it heard of acts whose receipts have not come back to us?

    Raises:
        UnavailableError: it may have; it says its message again in a moment.
    """
    ours = [act for act in acts_of(tx, agreement) if act.party == desk.party]
    if {act.statement for act in ours} != {act.statement for act in ours if act.received is not None}:
        raise UnavailableError(
            "flows/receipts-outstanding",
            f"not every act of ours under `{agreement.id}` is receipted yet",
            remedy="it is repeated in a moment",
        )


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


def current_agreement(tx: Tx, instrument: InstrumentId, *, at: Instant) -> Agreement:
    """The version of an instrument that counts: in force, else signed, else the last that became known.

    Raises:
        LocalError: unknown.
    """
    last = get_agreement(tx, instrument, digest=None)
    known = [record.text for record in tx.every(AgreementRecord, instrument=instrument)]
    for wanted in (State.IN_FORCE, State.SIGNED):
        for text in reversed(known):
            if standing(tx, text, at=at).state is wanted:
                return text
    return last


def standing(tx: Tx, agreement: Agreement, *, at: Instant) -> Standing:
    """Where an agreement stands at `at`, derived from the acts in the record."""
    return standing_of(agreement, acts_of(tx, agreement), at=at)


def named_now(tx: Tx, agreement: Agreement, *, at: Instant) -> tuple[Authority, ...]:
    """The authorities that are named by a received note (G2-5)."""
    return named_authorities(agreement, acts_of(tx, agreement), at=at)


def acts_of(tx: Tx, agreement: Agreement) -> list[ActRecord]:
    """Every recorded act over this exact text."""
    return tx.every(ActRecord, instrument=agreement.id, agreement=agreement.digest)


def _proposed_by_us(tx: Tx, desk: Desk, agreement: Agreement) -> bool:
    return any(act.kind == PROPOSAL and act.party == desk.party for act in acts_of(tx, agreement))


def know_text(tx: Tx, desk: Desk, agreement: Agreement, now: Instant) -> None:
    """Enter a text, once."""
    if tx.latest(AgreementRecord, instrument=agreement.id, agreement=agreement.digest) is None:
        record = AgreementRecord(instrument=agreement.id, agreement=agreement.digest, text=agreement, at=now)
        enter(tx, desk, record, event=Event.AGREEMENT_PROPOSED, subject=agreement.id, agreement=agreement.digest)


def _known_text(tx: Tx, instrument: InstrumentId, digest: HexDigest) -> Agreement:
    record = tx.latest(AgreementRecord, instrument=instrument, agreement=digest)
    if record is None:
        raise ActError("agreements/unknown-text", "the act is about a text this node does not know", clauses=("T12",))
    return record.text


def _check_levels(desk: Desk, agreement: Agreement) -> None:
    # EQ-3 and law 7: ask before anyone signs, not when an item is refused.
    for refusal in check_table(agreement.table, policies=desk.policies):
        raise ActError(
            "agreements/table-does-not-hold",
            refusal.text,
            remedy="mend the `[[level]]` rows; every party in them needs a label policy here",
            clauses=(refusal.clause,),
        )


def _check_identities(tx: Tx, desk: Desk, agreement: Agreement, *, our_fingerprint: HexDigest) -> None:
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
    pinned = tx.latest(PinnedParty, code=code)
    named = [party.fingerprint for party in agreement.parties if party.code == code]
    if pinned is None or [pinned.record.fingerprint] != named:
        raise ActError(
            "agreements/identity-differs",
            f"the agreement names another identity of `{code}` than the one pinned here",
            remedy="pin the partner first, and compare fingerprints over another channel",
        )


def _check_note(
    agreement: Agreement, *, party: PartyCode, number: str, subject: NoteSubject, authority: str | None
) -> None:
    if subject is not NoteSubject.AUTHORITY_NAMED:
        return
    expected = [a.named_by for a in agreement.authorities_of(party) if a.id == authority]
    if expected != [number]:
        raise ActError(
            "agreements/note-does-not-name",
            f"the agreement does not have `{authority}` named by note `{number}`",
            remedy="see `agreement show` for authorities and their note numbers",
            clauses=("G2-5",),
        )


def _say_to_all(desk: Desk, actor: Actor, body: AgreementSignature, agreement: Agreement, *, kind: str) -> None:
    others = [party.code for party in agreement.parties if party.code != desk.party]
    statement = say_act(body, kind=kind, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        for to in others:
            _record_own(tx, desk, statement, kind=kind, to=to, subject=agreement.id)

    desk.store.run(unit)
    _tell(desk, others)


def _say_one(desk: Desk, actor: Actor, body: Note, *, to: PartyCode, kind: str, subject: str) -> None:
    statement = say_act(body, kind=kind, hand=actor.hand, signer=desk.unlocked.keys.statement)
    desk.store.run(lambda tx: _record_own(tx, desk, statement, kind=kind, to=to, subject=subject))


def _record_own(
    tx: Tx,
    desk: Desk,
    statement: Statement[Act[Body]],
    *,
    kind: str,
    to: PartyCode,
    subject: str,
) -> None:
    body = statement.value.body
    if tx.latest(ActRecord, statement=statement.digest) is None:
        act = record_of(body, statement=statement.digest, kind=kind, party=desk.party, received=None)
        enter(tx, desk, act, event=_EVENTS[kind], subject=subject, statement=statement.digest)
    say(tx, desk, statement, kind=kind, to=to, subject=subject)


def _record_heard(
    tx: Tx,
    desk: Desk,
    statement: Statement[Act[Body]],
    *,
    kind: str,
    sender: PartyCode,
    now: Instant,
) -> None:
    act = record_of(statement.value.body, statement=statement.digest, kind=kind, party=sender, received=now)
    enter_act(tx, desk, act)


def _tell(desk: Desk, partners: tuple[PartyCode, ...] | list[PartyCode]) -> None:
    for partner in partners:
        desk.said(partner)
