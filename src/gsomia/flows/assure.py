"""The three-part assurance before provision: given, acknowledged, renewed, withdrawn.

Nobody provides anything on one that is not acknowledged, has ended, was replaced or was taken back: `policy/assurance`.
Persons put forward under one are in `flows/assured_persons`.
"""

from msgspec import UNSET

from gsomia.agreements import (
    ACKNOWLEDGEMENT,
    ASSURANCE,
    Acknowledgement,
    ActError,
    Agreement,
    Assurance,
    named_authorities,
)
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError, UnavailableError
from gsomia.exchange import ASSURANCE_WITHDRAWAL, AssuranceWithdrawal, AssuranceWithdrawn
from gsomia.flows.agree import acts_of, current_agreement, get_agreement, our_own_act, standing, wait_for_receipts
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import assurance_facts, renewals
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import AcknowledgementRecord, AssuranceRecord
from gsomia.flows.say import say
from gsomia.ids import HexDigest, InstrumentId, PartyCode
from gsomia.instants import Instant, Validity
from gsomia.parties import Act, Office, Statement, say_act
from gsomia.policy import AssuranceStanding, assurance_standing

ASK_AGAIN = "its security officer gives one with `gsomia assurance give`, and `--renews` names the old one"


def give_assurance(
    desk: Desk,
    actor: Actor,
    *,
    to: PartyCode,
    instrument: InstrumentId,
    authority: str,
    persons: int,
    level: str,
    purpose: str,
    until: Instant,
    replaces: HexDigest | None = None,
) -> HexDigest:
    """Assure a partner that our persons are cleared, the purpose is official and protection is equivalent.

    Args:
        desk: ours.
        actor: our security officer.
        to: the partner.
        instrument: under which.
        authority: our competent authority, named by a received note.
        persons: how many.
        level: up to which of our levels.
        purpose: for which purpose.
        until: when it ends.
        replaces: one of ours to the same partner that it renews; the partner's acknowledgement ends that one.

    Source: G7-5, F-24, A-35 (number and level, no names).
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G7-5")
    now = desk.clock()

    def read(tx: Tx) -> Agreement:
        agreement = current_agreement(tx, instrument, at=now)
        check_authority(tx, agreement, authority=authority, party=desk.party, now=now)
        if replaces is not None and _replaceable(tx, replaces, party=desk.party, to=to, instrument=instrument) is None:
            raise LocalError(
                "flows/unknown-assurance",
                f"no assurance `{replaces}` of ours to {to} stands",
                remedy="see `assurance list`",
            )
        return agreement

    with our_own_act():
        agreement = desk.store.run(read)
    assurance = Assurance(
        instrument=instrument,
        agreement=agreement.digest,
        party=desk.party,
        to=to,
        authority=authority,
        persons=persons,
        level=desk.policy.classification(level).id,
        purpose=purpose,
        official_purpose=True,
        equivalent_protection=True,
        valid=Validity(start=now, until=until),
        replaces=replaces or UNSET,
    )
    statement = say_act(assurance, kind=ASSURANCE, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        if tx.count(AssuranceWithdrawn, assurance=statement.digest, party=desk.party):
            raise UnavailableError(
                "flows/assurance-withdrawn", "the very same one was withdrawn this second", remedy="repeat it"
            )
        enter_assurance(tx, desk, statement, now)
        say(tx, desk, statement, kind=ASSURANCE, to=to, subject=statement.digest)

    desk.store.run(unit)
    desk.said(to)
    return statement.digest


def acknowledge(desk: Desk, actor: Actor, digest: HexDigest) -> HexDigest:
    """Acknowledge a partner's assurance; only then may anything be provided on it.

    Raises:
        LocalError: no partner gave it.
        RefusedError: it ended or was withdrawn, so that there is nothing to rely on.

    Source: G7-5.
    """
    require_office(desk, actor, Office.RELEASING_AUTHORITY, Office.SECURITY_OFFICER, clause="G7-5")
    now = desk.clock()
    known = desk.store.run(lambda tx: tx.latest(AssuranceRecord, digest=digest))
    if known is None or known.party == desk.party:
        raise LocalError(
            "flows/unknown-assurance", f"no partner gave the assurance `{digest}`", remedy="see `assurance list`"
        )
    stands = desk.store.run(lambda tx: standing_of(tx, known, now=now))
    if stands not in {AssuranceStanding.GIVEN, AssuranceStanding.ACKNOWLEDGED}:
        raise RefusedError(
            "flows/assurance-ended",
            f"the assurance is {stands}: nothing is provided on it",
            remedy=f"ask {known.party} for a new one: {ASK_AGAIN}",
            clauses=("G7-5",),
        )
    acknowledgement = Acknowledgement(
        assurance=digest, instrument=known.instrument, party=desk.party, to=known.party, at=now
    )
    statement = say_act(acknowledgement, kind=ACKNOWLEDGEMENT, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        enter_acknowledgement(tx, desk, acknowledgement, now)
        say(tx, desk, statement, kind=ACKNOWLEDGEMENT, to=known.party, subject=statement.digest)

    desk.store.run(unit)
    desk.said(known.party)
    return statement.digest


def withdraw_assurance(desk: Desk, actor: Actor, digest: HexDigest) -> HexDigest:
    """Take an assurance of ours back, acknowledged or not; no ground is given. What was provided stays protected.

    Raises:
        LocalError: we gave no such assurance, or took it back before.

    Source: G7-5, G7-6, A-35.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G7-5")

    def read(tx: Tx) -> AssuranceRecord:
        known = tx.latest(AssuranceRecord, digest=digest)
        if known is None or known.party != desk.party or tx.count(AssuranceWithdrawn, assurance=digest):
            raise LocalError(
                "flows/unknown-assurance", f"no assurance `{digest}` of ours stands", remedy="see `assurance list`"
            )
        return known

    known = desk.store.run(read)
    to, now = known.assurance.to, desk.clock()
    body = AssuranceWithdrawal(assurance=digest, instrument=known.instrument, party=desk.party, to=to, at=now)
    statement = say_act(body, kind=ASSURANCE_WITHDRAWAL, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        enter_assurance_withdrawal(tx, desk, statement, now)
        say(tx, desk, statement, kind=ASSURANCE_WITHDRAWAL, to=to, subject=statement.digest)

    desk.store.run(unit)
    desk.said(to)
    return statement.digest


def standing_of(tx: Tx, known: AssuranceRecord, *, now: Instant) -> AssuranceStanding:
    """How an assurance stands, ours or a partner's; both sides derive the same from the same acts.

    Source: G7-5, F-24.
    """
    among = tx.every(AssuranceRecord, party=known.party)
    return assurance_standing(assurance_facts(tx, known, renewed=renewals(among)), now=now)


def hear_assurance(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[Assurance]], now: Instant) -> None:
    """A partner's authority assures us; a body without a note cannot."""
    assurance = statement.value.body
    if assurance.party != sender or assurance.to != desk.party:
        raise ActError(
            "agreements/not-addressed", "the assurance is not to us, or not by its sender", clauses=("G7-5",)
        )
    agreement = get_agreement(tx, assurance.instrument, digest=assurance.agreement)
    try:
        check_authority(tx, agreement, authority=assurance.authority, party=sender, now=now)
    except ActError:
        wait_for_receipts(tx, desk, agreement)
        raise
    replaced = assurance.replaces
    if isinstance(replaced, str):
        known = _replaceable(tx, replaced, party=sender, to=desk.party, instrument=assurance.instrument)
        if known is None:
            raise ActError("agreements/unknown-assurance", "it renews none that the sender gave", clauses=("G7-5",))
    enter_assurance(tx, desk, statement, now)


def hear_acknowledgement(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[Acknowledgement]], now: Instant
) -> None:
    """A partner acknowledged an assurance of ours."""
    body = statement.value.body
    given = tx.latest(AssuranceRecord, digest=body.assurance)
    about = (desk.party, sender) if given is None else (given.party, given.assurance.to)
    if given is None or about != (body.to, body.party) or body.instrument != given.instrument or sender != body.party:
        raise ActError("agreements/unknown-assurance", "no such assurance was given to the sender", clauses=("G7-5",))
    enter_acknowledgement(tx, desk, body, now)


def hear_assurance_withdrawal(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[AssuranceWithdrawal]], now: Instant
) -> None:
    """A partner took an assurance back: from this unit on nothing is provided on it, even if it comes after this.

    Raises:
        ActError: it is not to us, or about an assurance of somebody else.
    """
    body = statement.value.body
    known = tx.latest(AssuranceRecord, digest=body.assurance)
    about = (known.party, known.assurance.to, known.instrument) if known else (sender, desk.party, body.instrument)
    if about != (sender, desk.party, body.instrument) or (body.party, body.to) != (sender, desk.party):
        raise ActError("agreements/unknown-assurance", "the sender gave us no such assurance", clauses=("G7-5",))
    enter_assurance_withdrawal(tx, desk, statement, now)


def enter_assurance_withdrawal(
    tx: Tx, desk: Desk, statement: Statement[Act[AssuranceWithdrawal]], now: Instant
) -> None:
    """Enter that an assurance was withdrawn, by us or by a partner."""
    body = statement.value.body
    record = AssuranceWithdrawn(assurance=body.assurance, party=body.party, statement=statement.digest, at=now)
    enter(tx, desk, record, event=Event.ASSURANCE_WITHDRAWN, subject=body.assurance, party=body.party)


def enter_assurance(tx: Tx, desk: Desk, statement: Statement[Act[Assurance]], now: Instant) -> None:
    """Enter an assurance, ours or a partner's."""
    assurance = statement.value.body
    record = AssuranceRecord(
        digest=statement.digest,
        instrument=assurance.instrument,
        party=assurance.party,
        assurance=assurance,
        at=now,
    )
    enter(tx, desk, record, event=Event.ASSURANCE_GIVEN, subject=statement.digest, instrument=assurance.instrument)


def enter_acknowledgement(tx: Tx, desk: Desk, body: Acknowledgement, now: Instant) -> None:
    """Enter that an assurance was acknowledged."""
    record = AcknowledgementRecord(assurance=body.assurance, party=body.party, acknowledgement=body, at=now)
    enter(tx, desk, record, event=Event.ASSURANCE_ACKNOWLEDGED, subject=body.assurance)


def _replaceable(
    tx: Tx, digest: HexDigest, *, party: PartyCode, to: PartyCode, instrument: InstrumentId
) -> AssuranceRecord | None:
    """An assurance of one side to the other under an instrument that is not withdrawn; an ended one may be renewed."""
    known = tx.latest(AssuranceRecord, digest=digest)
    same = known is not None and (known.party, known.assurance.to, known.instrument) == (party, to, instrument)
    return known if same and not tx.count(AssuranceWithdrawn, assurance=digest, party=party) else None


def check_authority(tx: Tx, agreement: Agreement, *, authority: str, party: PartyCode, now: Instant) -> None:
    """Hold that a body was named by a received note, and that the instrument carries.

    Raises:
        ActError: it was not, or it does not.

    Source: G2-5, G21-1.
    """
    named = named_authorities(agreement, acts_of(tx, agreement), at=now)
    if not any(a.id == authority and a.party == party for a in named):
        raise ActError(
            "agreements/authority-not-named",
            f"`{authority}` is not named by a received note",
            remedy="send the naming note first: `agreement note … --subject ca-named`",
            clauses=("G2-5",),
        )
    if not standing(tx, agreement, at=now).allowed.release:
        raise ActError("agreements/not-in-force", f"`{agreement.id}` is not in force", clauses=("G21-1",))
