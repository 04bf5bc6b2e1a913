"""Deeds of named bodies: what moves an instrument before signature, amendments, and supplementary arrangements.

A deed of all takes effect when every party has signed the same matter; until then it waits.
"""

from dataclasses import dataclass

from gsomia.agreements import (
    DEED,
    ActError,
    Agreement,
    Body,
    Deed,
    DeedKind,
    Event,
    Moment,
    Override,
    StepReport,
    loosened,
)
from gsomia.errors import UnavailableError
from gsomia.flows.acts import check_chain, known_text, previous_act, record_heard, record_own
from gsomia.flows.agree import check_identities, check_levels
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.standing import (
    check_allowed,
    current_agreement,
    get_agreement,
    named_now,
    our_own_act,
    wait_for_receipts,
)
from gsomia.ids import HexDigest, InstrumentId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import Act, Office, Statement, say_act


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedText:
    """What a deed says beside its kind and its body."""

    text: HexDigest | None = None
    """The digest it is about; the instrument's own if None."""
    steps: tuple[StepReport, ...] = ()
    rules: tuple[Override, ...] = ()
    open_points: int = 0
    words: str | None = None


def do_deed(
    desk: Desk,
    actor: Actor,
    *,
    instrument: InstrumentId,
    kind: DeedKind,
    body: Body,
    says: DeedText,
    our_fingerprint: HexDigest,
) -> Deed:
    """Record what a body of ours did about an instrument, and say it to the other parties.

    Args:
        desk: ours.
        actor: a liaison officer.
        instrument: which one.
        kind: what was done.
        body: who did it for us.
        says: what else there is to say.
        our_fingerprint: of the identities that an amended text must name for us.

    Raises:
        RefusedError: the table or a condition does not allow it; nothing is said.

    Source: lifecycle 3.3, T21, G5-1, G5-2.
    """
    require_office(desk, actor, Office.LIAISON_OFFICER, clause="A-28")
    now = desk.clock()

    def read(tx: Tx) -> tuple[Deed, tuple[PartyCode, ...]]:
        agreement = current_agreement(tx, instrument, at=now, desk=desk)
        others = tuple(party.code for party in agreement.parties if party.code != desk.party)
        deed = Deed(
            kind=kind,
            instrument=instrument,
            agreement=agreement.digest,
            party=desk.party,
            body=body,
            text=says.text or agreement.digest,
            steps=says.steps,
            rules=says.rules,
            open_points=says.open_points,
            words=says.words,
            previous=previous_act(tx, desk, agreement, others[0]),
            at=now,
        )
        _check_matter(tx, agreement, deed, now)
        if kind is DeedKind.AMEND:
            amended = get_agreement(tx, instrument, digest=deed.text)
            check_levels(desk, amended)
            check_identities(tx, desk, amended, our_fingerprint=our_fingerprint)
        check_allowed(tx, desk, agreement, deed_moment(deed, at=now))
        return deed, others

    with our_own_act():
        deed, others = desk.store.run(read)
    statement = say_act(deed, kind=DEED, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        if previous_act(tx, desk, known_text(tx, instrument, deed.agreement), others[0]) != deed.previous:
            raise UnavailableError(
                "flows/acted-meanwhile", "another act of ours was written meanwhile", remedy="give the command again"
            )
        for to in others:
            record_own(tx, desk, statement, kind=DEED, to=to, subject=instrument)

    desk.store.run(unit)
    for to in others:
        desk.said(to)
    return deed


def hear_deed(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[Deed]], now: Instant) -> None:
    """A body of a partner did something; it counts from now, or once we have done the same."""
    deed = statement.value.body
    agreement = known_text(tx, deed.instrument, deed.agreement)
    if deed.party != sender or not agreement.has_party(sender) or not agreement.has_party(desk.party):
        raise ActError("agreements/not-a-party", "a party acts for itself only", clauses=("A-28",))
    check_chain(tx, agreement, sender, previous=deed.previous, sent=deed.at, now=now)
    try:
        _check_matter(tx, agreement, deed, now)
        check_allowed(tx, desk, agreement, deed_moment(deed, at=now))
    except ActError:
        wait_for_receipts(tx, desk, agreement)
        raise
    record_heard(tx, desk, statement, kind=DEED, sender=sender, now=now)


def deed_moment(deed: Deed, *, at: Instant) -> Moment:
    """A deed as the table reads it, counting from `at`."""
    return Moment(
        id="deed",
        event=Event(deed.kind),
        parties=(deed.party,),
        at=at,
        matter=deed.matter,
        text=deed.text,
        steps=deed.steps,
        body=deed.body,
        open_points=deed.open_points,
        words=deed.words,
    )


def _check_matter(tx: Tx, agreement: Agreement, deed: Deed, now: Instant) -> None:
    if (deed.kind is DeedKind.ARRANGE) != bool(deed.rules):
        raise ActError("agreements/nothing-arranged", "an arrangement sets rules, and only it does", clauses=("G5-1",))
    looser = loosened(agreement, deed.rules)
    if looser:
        raise ActError(
            "agreements/arrangement-loosens",
            f"an arrangement may tighten a rule, never loosen it: {', '.join(looser)}",
            remedy="set the rule to what the text has, or lower",
            clauses=("G5-2",),
        )
    if deed.kind is DeedKind.ARRANGE and deed.party not in {a.party for a in named_now(tx, agreement, at=now)}:
        raise ActError(
            "agreements/authority-not-named",
            f"no authority of `{deed.party}` is named by a received note",
            remedy="send the naming note first: `agreement note … --subject ca-named`",
            clauses=("G2-5",),
        )
    if deed.kind is DeedKind.AMEND:
        known_text(tx, deed.instrument, deed.text)
