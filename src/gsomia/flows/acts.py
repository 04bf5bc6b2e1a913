"""Acts under an agreement in the record: written with what is said of them, chained by sender, counted from receipt."""

from dataclasses import replace
from typing import TypeVar

from gsomia.agreements import (
    DEED,
    NOTE,
    PROPOSAL,
    SIGNATURE,
    ActError,
    ActRecord,
    Agreement,
    AgreementSignature,
    Deed,
    Note,
    Proposal,
    record_of,
)
from gsomia.audit import Event
from gsomia.flows.clock import require_clock
from gsomia.flows.desk import Desk
from gsomia.flows.ledger import enter
from gsomia.flows.ports import Tx
from gsomia.flows.records import AgreementRecord, StatementRecord
from gsomia.flows.say import say
from gsomia.flows.standing import acts_of, was_refused
from gsomia.ids import HexDigest, InstrumentId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import Act, Statement

Body = TypeVar("Body", Proposal, AgreementSignature, Note, Deed)
EVENTS = {
    PROPOSAL: Event.AGREEMENT_PROPOSED,
    SIGNATURE: Event.AGREEMENT_SIGNED,
    NOTE: Event.AGREEMENT_NOTED,
    DEED: Event.AGREEMENT_ACTED,
}
MAX_SKEW_S = 300
"""How far two nodes' clocks may lie apart."""


def record_own(tx: Tx, desk: Desk, statement: Statement[Act[Body]], *, kind: str, to: PartyCode, subject: str) -> None:
    """Enter an act of ours and queue it for a partner; it counts once that partner has recorded it.

    Raises:
        UnavailableError: the clock is off, and the act would carry its date.
    """
    require_clock(tx, desk)
    body = statement.value.body
    if tx.latest(ActRecord, statement=statement.digest) is None:
        act = record_of(body, statement=statement.digest, kind=kind, party=desk.party, received=None)
        enter(tx, desk, act, event=EVENTS[kind], subject=subject, statement=statement.digest)
    say(tx, desk, statement, kind=kind, to=to, subject=subject)


def record_heard(
    tx: Tx, desk: Desk, statement: Statement[Act[Body]], *, kind: str, sender: PartyCode, now: Instant
) -> None:
    """Enter a partner's act; it counts from now."""
    act = record_of(statement.value.body, statement=statement.digest, kind=kind, party=sender, received=now)
    enter(tx, desk, act, event=EVENTS[kind], subject=act.instrument, statement=statement.digest)


def note_received(tx: Tx, desk: Desk, statement: str, *, received: Instant) -> None:
    """A partner proved when it recorded an act of ours: from then on the act counts, on both sides alike."""
    act = tx.latest(ActRecord, statement=statement)
    if act is not None and act.received is None:
        entered = replace(act, received=received)
        enter(tx, desk, entered, event=Event.AGREEMENT_NOTED, subject=act.instrument, statement=statement)


def known_text(tx: Tx, instrument: InstrumentId, digest: HexDigest) -> Agreement:
    """A text of an instrument that an act names.

    Raises:
        ActError: this node does not know it.
    """
    record = tx.latest(AgreementRecord, instrument=instrument, agreement=digest)
    if record is None:
        raise ActError("agreements/unknown-text", "the act is about a text this node does not know", clauses=("T12",))
    return record.text


def previous_act(tx: Tx, desk: Desk, agreement: Agreement, to: PartyCode) -> HexDigest | None:
    """Our last act under an instrument that was said to a partner and not refused: the next one names it."""
    for act in reversed(acts_of(tx, agreement)):
        ours = act.party == desk.party and act.agreement == agreement.digest
        said = ours and tx.latest(StatementRecord, digest=act.statement, direction="own", party=to) is not None
        if said and (act.received is not None or not was_refused(tx, act)):
            return act.statement
    return None


def check_chain(
    tx: Tx, agreement: Agreement, sender: PartyCode, *, previous: HexDigest | None, sent: Instant, now: Instant
) -> None:
    """Hold a partner's act against its last one: none left out, none doubled, none dated before it.

    Raises:
        ActError: it names another act than the last we have of it, or its date runs backwards or ahead.

    Source: F-25, A-24.
    """
    acts = [act for act in acts_of(tx, agreement) if act.party == sender and act.agreement == agreement.digest]
    last = acts[-1] if acts else None
    if previous != (last.statement if last else None):
        raise ActError(
            "agreements/chain-broken",
            "the act does not follow the last one we have of its sender",
            remedy="let both sides compare `agreement show`",
            clauses=("F-25",),
        )
    if last is not None and sent < last.sent:
        raise ActError("agreements/back-dated", "the act is dated before the one it follows", clauses=("A-24",))
    if sent > now.plus(seconds=MAX_SKEW_S):
        raise ActError("agreements/dated-ahead", "the act is dated in the future", clauses=("A-24",))
