"""Public alert: a releasing authority lowers a warning of ours, on record, and only then CAP 1.2 goes out.

Only the originator lowers a level: a partner's warning is made public by the partner. The alert is printed from the
recorded decision alone, and only while it holds.

Source: G4-7, F-10; relay 5.4.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gsomia.agreements import AuthorityId
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.soundness import require_sound
from gsomia.ids import HexDigest, new_decision_id, sha256_hex
from gsomia.instants import Instant
from gsomia.parties import Office, say_act
from gsomia.warning import (
    PUBLIC_ALERT,
    PublicAlert,
    PublicAlertRecord,
    PublicText,
    area_of,
    check_cap,
    check_texts,
    parse_message,
    print_cap,
)

CLAUSE = "G4-7"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What the public is told.

    Args:
        area_name: of the place, for people.
        texts: one for each language.
        until: from when it no longer holds.
        replaces: the decision whose alert this one updates or takes back.
    """

    area_name: str
    texts: Sequence[PublicText]
    until: Instant
    replaces: HexDigest | None


def decide_public_alert(
    desk: Desk, actor: Actor, untrusted: bytes, *, authority: AuthorityId, wording: Wording
) -> HexDigest:
    """Lower a message of ours for everybody, in these words; the digest of the recorded decision.

    Args:
        desk: ours.
        actor: a releasing authority.
        untrusted: the canonical bytes of the message that is lowered.
        authority: the body that decides.
        wording: what the public is told.

    Raises:
        WarningMessageError: no message.
        RefusedError: not a releasing authority, or a partner's message.
        LocalError: it says no public place, its words do not hold, or it ends before it begins.

    Source: G4-7, F-10.
    """
    require_office(desk, actor, Office.RELEASING_AUTHORITY, clause=CLAUSE)
    message = parse_message(untrusted)
    if message.originator != desk.party:
        raise RefusedError(
            "flows/not-ours-to-lower",
            f"the warning is `{message.originator}`'s, and only its originator changes a level",
            remedy="ask the originator to warn the public, or to lower it",
            clauses=(CLAUSE,),
        )
    now = desk.clock()
    if wording.until <= now:
        raise LocalError("flows/alert-over", "`--until` lies in the past", remedy="give a later time")
    check_texts(wording.texts)
    replaced = _replaced(desk, wording.replaces, event=message.event)
    area, confidence_pct = area_of(message, name=wording.area_name, replaced=replaced)
    alert = PublicAlert(
        id=new_decision_id(desk.entropy),
        party=desk.party,
        event=message.event,
        kind=message.kind,
        message=sha256_hex(untrusted),
        from_level=message.level,
        character=message.character,
        authority=authority,
        confidence_pct=confidence_pct,
        area=area,
        texts=tuple(wording.texts),
        replaces=wording.replaces,
        at=now,
        until=wording.until,
    )
    statement = say_act(alert, kind=PUBLIC_ALERT, hand=actor.hand, signer=desk.unlocked.keys.statement)
    record = PublicAlertRecord(
        digest=statement.digest, event=alert.event, alert=alert, envelope=statement.envelope, at=now
    )

    def unit(tx: Tx) -> None:
        require_sound(tx, desk)
        enter(tx, desk, record, event=Event.WARNING_LOWERED, subject=statement.digest, warning=alert.event)

    desk.store.run(unit)
    return statement.digest


def print_public_alert(desk: Desk, digest: str, *, schema: bytes) -> bytes:
    """CAP 1.2 of a recorded decision, held to the standard's structure.

    Args:
        desk: ours.
        digest: of the decision.
        schema: the standard's XML schema.

    Raises:
        RefusedError: no such decision is recorded, or it no longer holds.
        WarningUseError: it would be no CAP 1.2.

    Source: G4-7; CAP 1.2.
    """
    record = desk.store.run(lambda tx: tx.latest(PublicAlertRecord, digest=digest))
    if record is None:
        raise RefusedError(
            "flows/not-lowered",
            "nobody decided that this may be public",
            remedy="a releasing authority decides first: `gsomia warn downgrade …`",
            clauses=(CLAUSE,),
        )
    alert = record.alert
    if alert.until <= desk.clock():
        raise RefusedError(
            "flows/lowered-until",
            f"the decision held until `{alert.until}`",
            remedy="decide again: `gsomia warn downgrade …`",
            clauses=(CLAUSE,),
        )
    xml = print_cap(alert, replaced=_replaced(desk, alert.replaces, event=alert.event))
    check_cap(xml, schema=schema)
    return xml


def _replaced(desk: Desk, digest: HexDigest | None, *, event: str) -> PublicAlert | None:
    if digest is None:
        return None
    record = desk.store.run(lambda tx: tx.latest(PublicAlertRecord, digest=digest))
    if record is None or record.event != event:
        raise LocalError(
            "flows/unknown-alert",
            f"no alert about `{event}` was decided under `{digest}`",
            remedy="name the digest that `warn downgrade` printed",
        )
    return record.alert
