"""The originator's consent to passing its information on: asked, granted, denied, withdrawn; heard by the holder.

Only the originator consents. Silence is no, and no clock runs on it: nobody counts how long an answer takes (TR-3).
"""

from msgspec import UNSET

from gsomia import canon
from gsomia.agreements import (
    CONSENT,
    CONSENT_DENIAL,
    CONSENT_REQUEST,
    CONSENT_WITHDRAWAL,
    ActError,
    Consent,
    ConsentDenial,
    ConsentRequest,
    ConsentWithdrawal,
    DenialCode,
    StandingScope,
)
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.flows.agree import get_agreement
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item, is_withdrawn
from gsomia.flows.ledger import enter
from gsomia.flows.levels import givens_of, label_now
from gsomia.flows.parties import is_disowned
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.records import ConsentRecord, StatementRecord
from gsomia.flows.relay_records import ConsentAsked, ConsentDenied, ConsentWithdrawn
from gsomia.flows.say import say
from gsomia.ids import HexDigest, InstrumentId, ItemId, PartyCode
from gsomia.instants import Instant, Validity
from gsomia.parties import Act, Office, Statement, say_act
from gsomia.policy import Wanted, consent_covers
from gsomia.registry import ItemRecord


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

    Source: G6-1, F-18, TR-5.
    """
    require_office(desk, actor, Office.RELEASING_AUTHORITY, clause="G6-1")
    label = desk.store.run(lambda tx: label_now(tx, desk, _own_item(tx, desk, item)))
    consent = Consent(
        serial=_serial(desk),
        originator=desk.party,
        holder=holder,
        recipient=recipient,
        item=item,
        manifest=manifest,
        label=canon.digest(label),
        instruments=(instrument,),
        purpose=purpose,
        valid=Validity(start=desk.clock(), until=until),
    )
    return _say_consent(desk, actor, consent)


def grant_standing(
    desk: Desk,
    actor: Actor,
    *,
    topic: str,
    level: str,
    holder: PartyCode,
    recipient: PartyCode,
    instrument: InstrumentId,
    purpose: str,
    until: Instant,
) -> Statement[Act[Consent]]:
    """Consent, as originator, to every item of one topic at one level, for one purpose.

    Source: design 6 (Standing consent names topic and level), TR-5, TR-6.
    """
    require_office(desk, actor, Office.RELEASING_AUTHORITY, clause="G6-1")
    relay = desk.store.run(lambda tx: get_agreement(tx, instrument, digest=None)).relays
    consent = Consent(
        serial=_serial(desk),
        originator=desk.party,
        holder=holder,
        recipient=recipient,
        item=None,
        manifest=None,
        label=None,
        instruments=(instrument,),
        purpose=purpose,
        valid=Validity(start=desk.clock(), until=until),
        standing=StandingScope(
            topic=topic, topics=relay.topics.version if relay else None, level=desk.policy.classification(level).id
        ),
    )
    return _say_consent(desk, actor, consent)


def withdraw_consent(desk: Desk, actor: Actor, digest: HexDigest) -> Consent:
    """Take a consent of ours back: from when the holder hears it, nothing more is passed on under it.

    Raises:
        LocalError: we gave no such consent, or took it back before.

    Source: design 6 (Withdrawal stops forwarding, not custody).
    """
    require_office(desk, actor, Office.RELEASING_AUTHORITY, clause="G6-1")

    def read(tx: Tx) -> Consent:
        known = tx.latest(ConsentRecord, digest=digest)
        if known is None or known.originator != desk.party or is_withdrawn(tx, known.consent):
            raise LocalError(
                "flows/unknown-consent", f"no consent `{digest}` of ours holds", remedy="see `gsomia consent list`"
            )
        return known.consent

    consent = desk.store.run(read)
    body = ConsentWithdrawal(
        consent=digest, serial=consent.serial, originator=desk.party, holder=consent.holder, at=desk.clock()
    )
    statement = say_act(body, kind=CONSENT_WITHDRAWAL, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        enter_consent_withdrawal(tx, desk, statement, body.at)
        say(tx, desk, statement, kind=CONSENT_WITHDRAWAL, to=consent.holder, subject=statement.digest)

    desk.store.run(unit)
    desk.said(consent.holder)
    return consent


def request_consent(
    desk: Desk, actor: Actor, *, item: ItemId, recipient: PartyCode, instrument: InstrumentId
) -> HexDigest:
    """Ask the originator of an item we hold to consent to passing it on.

    Of what was made here from one item, the originator is asked about that item.

    Raises:
        RefusedError: the item is our own, or was made from several.

    Source: G6-1, G4-6, TR-5, relay 5.2 step 4.
    """
    require_office(desk, actor, Office.RELEASING_AUTHORITY, clause="G6-1")
    record = desk.store.run(lambda tx: _given(tx, item))
    if record.origin is None:
        raise RefusedError(
            "flows/own-item", "an own item needs nobody's consent", remedy="release it", clauses=("G6-1",)
        )
    came = record.origin.relay
    asked = ConsentRequest(
        originator=record.originator,
        holder=desk.party,
        recipient=recipient,
        item=record.id,
        manifest=record.origin.manifest if not came else came.manifest,
        instruments=(instrument,),
        purpose=record.purpose,
        at=desk.clock(),
    )
    statement = say_act(asked, kind=CONSENT_REQUEST, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        enter_consent_request(tx, desk, statement, asked.at)
        say(tx, desk, statement, kind=CONSENT_REQUEST, to=record.originator, subject=record.id)

    desk.store.run(unit)
    desk.said(record.originator)
    return statement.digest


def deny_consent(desk: Desk, actor: Actor, request: HexDigest, *, code: DenialCode | None = None) -> ConsentRequest:
    """Say no to a request, if wanted with the term that is not agreed to. Not answering says no as well.

    Raises:
        LocalError: no partner asked that.

    Source: G6-1.
    """
    require_office(desk, actor, Office.RELEASING_AUTHORITY, clause="G6-1")
    known = desk.store.run(lambda tx: tx.latest(ConsentAsked, request=request))
    if known is None or known.asked.originator != desk.party:
        raise LocalError("flows/unknown-request", f"no partner asked `{request}`", remedy="see `gsomia consent list`")
    body = ConsentDenial(
        request=request, originator=desk.party, holder=known.asked.holder, at=desk.clock(), code=code or UNSET
    )
    statement = say_act(body, kind=CONSENT_DENIAL, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        enter_consent_denial(tx, desk, statement, body.at)
        say(tx, desk, statement, kind=CONSENT_DENIAL, to=body.holder, subject=known.item)

    desk.store.run(unit)
    desk.said(body.holder)
    return known.asked


# --- heard from a partner ----------------------------------------------------------------------------------------


def hear_consent(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[Consent]], now: Instant) -> None:
    """The originator of an item consented to our passing it on."""
    consent = statement.value.body
    if consent.originator != sender or consent.holder != desk.party:
        raise ActError("agreements/consent-not-originators", "only the originator consents", clauses=("G6-1",))
    enter_consent(tx, desk, statement, now)


def hear_consent_withdrawal(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[ConsentWithdrawal]], now: Instant
) -> None:
    """The originator took a consent back: nothing more goes on under it."""
    body = statement.value.body
    known = tx.latest(ConsentRecord, digest=body.consent)
    about = (known.originator, known.consent.serial) if known else None
    if body.originator != sender or body.holder != desk.party or about != (sender, body.serial):
        raise ActError("agreements/unknown-consent", "the sender gave us no such consent", clauses=("G6-1",))
    enter_consent_withdrawal(tx, desk, statement, now)


def hear_consent_request(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[ConsentRequest]], now: Instant
) -> None:
    """A holder asks us, the originator; a person answers, or nobody does."""
    asked = statement.value.body
    record = tx.latest(ItemRecord, id=asked.item)
    ours = record is not None and record.originator == desk.party
    if asked.originator != desk.party or asked.holder != sender or not ours:
        raise ActError("agreements/consent-not-originators", "we are not the originator of that", clauses=("G6-1",))
    enter_consent_request(tx, desk, statement, now)


def hear_consent_denial(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[ConsentDenial]], now: Instant
) -> None:
    """The originator said no to a request of ours."""
    body = statement.value.body
    asked = tx.latest(ConsentAsked, request=body.request)
    if (
        body.originator != sender
        or asked is None
        or (asked.asked.originator, asked.asked.holder)
        != (
            sender,
            desk.party,
        )
    ):
        raise ActError("agreements/unknown-request", "we asked the sender nothing of the kind", clauses=("G6-1",))
    enter_consent_denial(tx, desk, statement, now)


def enter_consent_request(tx: Tx, desk: Desk, statement: Statement[Act[ConsentRequest]], now: Instant) -> None:
    """Enter a request, ours or a holder's."""
    asked = statement.value.body
    kept = ConsentAsked(request=statement.digest, item=asked.item, asked=asked, at=now)
    enter(tx, desk, kept, event=Event.CONSENT_ASKED, subject=asked.item, request=statement.digest)


def enter_consent_denial(tx: Tx, desk: Desk, statement: Statement[Act[ConsentDenial]], now: Instant) -> None:
    """Enter that an originator said no to a request, we or a partner.

    Raises:
        ActError: nobody asked that.
    """
    body = statement.value.body
    asked = tx.latest(ConsentAsked, request=body.request)
    if asked is None:
        raise ActError("agreements/unknown-request", "nobody asked anything of the kind", clauses=("G6-1",))
    record = ConsentDenied(
        request=body.request,
        item=asked.item,
        originator=body.originator,
        at=now,
        code=body.code,
        statement=statement.digest,
    )
    enter(tx, desk, record, event=Event.CONSENT_DENIED, subject=asked.item, request=body.request)


def enter_consent_withdrawal(tx: Tx, desk: Desk, statement: Statement[Act[ConsentWithdrawal]], now: Instant) -> None:
    """Enter that an originator took a consent back, we or a partner."""
    body = statement.value.body
    record = ConsentWithdrawn(
        consent=body.consent, serial=body.serial, originator=body.originator, at=now, statement=statement.digest
    )
    enter(tx, desk, record, event=Event.CONSENT_WITHDRAWN, subject=body.consent)


def enter_consent(tx: Tx, desk: Desk, statement: Statement[Act[Consent]], now: Instant) -> None:
    """Enter an originator's consent."""
    consent = statement.value.body
    record = ConsentRecord(
        digest=statement.digest, item=consent.item, originator=consent.originator, consent=consent, at=now
    )
    subject = consent.item or statement.digest
    enter(tx, desk, record, event=Event.CONSENT_GRANTED, subject=subject, consent=statement.digest)


def consents_held(
    tx: Tx, item: ItemRecord, *, recipient: PartyCode, instrument: InstrumentId
) -> list[tuple[ConsentRecord, bytes]]:
    """What the originator of an item said to us about passing it on over an instrument, newest first, as it said it.

    For the very item first, then standing; withdrawn ones too, so that a refusal can say so. What a revoked key signed
    is left out.
    """
    found = []
    for record in reversed(
        [*tx.every(ConsentRecord, standing_by=item.originator), *tx.every(ConsentRecord, item=item.id)]
    ):
        consent = record.consent
        if record.originator != item.originator or consent.recipient != recipient:
            continue
        said = tx.latest(StatementRecord, digest=record.digest, party=item.originator, direction="heard")
        if said is not None and instrument in consent.instruments and not is_disowned(tx, record.digest):
            found.append((record, said.envelope))
    return found


def choose_consent(
    tx: Tx, item: ItemRecord, wanted: Wanted, *, recipient: PartyCode, instrument: InstrumentId
) -> tuple[Consent | None, bytes | None]:
    """The newest consent that covers; if none does, the newest there is, so that the refusal can say what it lacks."""
    held = consents_held(tx, item, recipient=recipient, instrument=instrument)
    for known, envelope in held:
        if consent_covers(known.consent, wanted, withdrawn=is_withdrawn(tx, known.consent)).holds:
            return known.consent, envelope
    return (held[0][0].consent, held[0][1]) if held else (None, None)


def _given(tx: Tx, item: ItemId) -> ItemRecord:
    """What its originator knows of an item: itself, or the one item that it was made from here."""
    record = get_item(tx, item)
    givens = givens_of(tx, record)
    if len(givens) > 1:
        raise RefusedError(
            "flows/made-of-several",
            f"`{item}` was made from several items: a consent is for one",
            remedy="ask for consent to each of them, and pass them on by themselves",
            clauses=("G6-1", "G4-6"),
        )
    return givens[0] if givens else record


def _own_item(tx: Tx, desk: Desk, item: ItemId) -> ItemRecord:
    record = tx.latest(ItemRecord, id=item)
    if record is None or record.originator != desk.party:
        raise RefusedError(
            "flows/not-the-originator", "only the originator consents", remedy="ask the originator", clauses=("G6-1",)
        )
    return record


def _serial(desk: Desk) -> str:
    return f"{desk.party}-C-{desk.store.run(lambda tx: tx.number('consent')):06d}"


def _say_consent(desk: Desk, actor: Actor, consent: Consent) -> Statement[Act[Consent]]:
    statement = say_act(consent, kind=CONSENT, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        enter_consent(tx, desk, statement, consent.valid.start)
        say(tx, desk, statement, kind=CONSENT, to=consent.holder, subject=consent.item or statement.digest)

    desk.store.run(unit)
    desk.said(consent.holder)
    return statement
