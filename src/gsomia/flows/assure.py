"""The three-part assurance before provision, its acknowledgement, and the originator's consent to a third party."""

from gsomia import canon
from gsomia.agreements import (
    ACKNOWLEDGEMENT,
    ASSURANCE,
    CONSENT,
    Acknowledgement,
    ActError,
    Agreement,
    Assurance,
    Consent,
    named_authorities,
)
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.flows.agree import acts_of, current_agreement, get_agreement, our_own_act, standing, wait_for_receipts
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.levels import label_now
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import AcknowledgementRecord, AssuranceRecord, ConsentRecord
from gsomia.flows.say import say
from gsomia.ids import HexDigest, InstrumentId, ItemId, PartyCode
from gsomia.instants import Instant, Validity
from gsomia.labels import Label
from gsomia.parties import Act, Office, Statement, say_act
from gsomia.registry import ItemRecord


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
) -> HexDigest:
    """Assure a partner that our persons are cleared, the purpose is official and protection is equivalent.

    Source: G7-5, F-24, A-35 (number and level, no names).
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G7-5")
    now = desk.clock()

    def read(tx: Tx) -> Agreement:
        agreement = current_agreement(tx, instrument, at=now)
        check_authority(tx, agreement, authority=authority, party=desk.party, now=now)
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
    )
    statement = say_act(assurance, kind=ASSURANCE, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        enter_assurance(tx, desk, statement, now)
        say(tx, desk, statement, kind=ASSURANCE, to=to, subject=statement.digest)

    desk.store.run(unit)
    desk.said(to)
    return statement.digest


def acknowledge(desk: Desk, actor: Actor, digest: HexDigest) -> HexDigest:
    """Acknowledge a partner's assurance; only then may anything be provided on it.

    Source: G7-5.
    """
    require_office(desk, actor, Office.RELEASING_AUTHORITY, Office.SECURITY_OFFICER, clause="G7-5")
    now = desk.clock()
    known = desk.store.run(lambda tx: tx.latest(AssuranceRecord, digest=digest))
    if known is None or known.party == desk.party:
        raise LocalError(
            "flows/unknown-assurance", f"no partner gave the assurance `{digest}`", remedy="see `assurance list`"
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


def grant_consent(
    desk: Desk,
    actor: Actor,
    *,
    item: ItemId,
    holder: PartyCode,
    recipient: PartyCode,
    manifest: HexDigest,
    instrument: InstrumentId,
    purpose: str,
    until: Instant,
) -> Statement[Act[Consent]]:
    """Consent, as originator, that one partner passes one item on to one third party for one purpose.

    Source: G6-1, F-18; minimal form: asking, refusing and withdrawing come with the dealings between the two sides.
    """
    require_office(desk, actor, Office.RELEASING_AUTHORITY, clause="G6-1")
    now = desk.clock()

    def read(tx: Tx) -> tuple[Label, int]:
        record = tx.latest(ItemRecord, id=item)
        if record is None or record.originator != desk.party:
            raise RefusedError(
                "flows/not-the-originator",
                "only the originator consents",
                remedy="ask the originator",
                clauses=("G6-1",),
            )
        return label_now(tx, desk, record), tx.number("consent")

    label, running = desk.store.run(read)
    consent = Consent(
        serial=f"{desk.party}-C-{running:06d}",
        originator=desk.party,
        holder=holder,
        recipient=recipient,
        item=item,
        manifest=manifest,
        label=canon.digest(label),
        instruments=(instrument,),
        purpose=purpose,
        valid=Validity(start=now, until=until),
    )
    statement = say_act(consent, kind=CONSENT, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        enter_consent(tx, desk, statement, now)
        say(tx, desk, statement, kind=CONSENT, to=holder, subject=item)

    desk.store.run(unit)
    desk.said(holder)
    return statement


def hear_consent(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[Consent]], now: Instant) -> None:
    """The originator of an item consented to our passing it on."""
    consent = statement.value.body
    if consent.originator != sender or consent.holder != desk.party:
        raise ActError("agreements/consent-not-originators", "only the originator consents", clauses=("G6-1",))
    enter_consent(tx, desk, statement, now)


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


def enter_consent(tx: Tx, desk: Desk, statement: Statement[Act[Consent]], now: Instant) -> None:
    """Enter an originator's consent."""
    consent = statement.value.body
    record = ConsentRecord(
        digest=statement.digest, item=consent.item, originator=consent.originator, consent=consent, at=now
    )
    enter(tx, desk, record, event=Event.CONSENT_GRANTED, subject=consent.item, consent=statement.digest)


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
