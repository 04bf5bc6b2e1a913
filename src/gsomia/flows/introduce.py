"""Whom a recipient of the relay believes: originators' keys, introduced by the hub and confirmed by a person.

The hub alone could introduce anybody. So nothing of an originator is taken before our own authority has compared the
fingerprint of its identities over another channel; after that a newer descriptor needs only the originator's own
signature, and the hub's word that older ones count no longer can close a door, never open one.
"""

from typing import cast

from gsomia import canon
from gsomia.agreements import INTRODUCTION, ActError, Introduction
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.parties import key_sets, partner, partners
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.relay_records import IntroductionRecord, OriginatorConfirmed
from gsomia.flows.say import say
from gsomia.flows.standing import current_agreement, get_agreement, standing
from gsomia.ids import HexDigest, InstrumentId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import Act, Descriptor, DescriptorError, Office, PinFile, Statement, say_act, verify_descriptor


def introduce(desk: Desk, actor: Actor, untrusted: bytes, *, to: PartyCode, feeder: InstrumentId) -> HexDigest:
    """Introduce an originator that is pinned here to the party at the other end.

    Args:
        desk: the hub's, unlocked.
        actor: a security officer.
        untrusted: the originator's pin file, as it gave it to us.
        to: whom we introduce it to.
        feeder: our agreement with `to`, which names the originator.

    Raises:
        CanonError, SignatureError, DescriptorError: the file does not hold, or is not what is pinned here.
        ActError: the feeder names no such introduction.

    Source: design 6 (The relay).
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="TR-7")
    keys = canon.decode(untrusted, PinFile)
    descriptor = verify_descriptor(keys.descriptor, record=keys.record)
    pinned = partner(desk, descriptor.party)
    if (pinned.record, pinned.descriptor) != (keys.record, descriptor):
        raise DescriptorError(
            "parties/descriptor-old",
            f"the file is not what is pinned for `{descriptor.party}` now",
            remedy="ask the originator for its current pin file",
        )
    now = desk.clock()
    agreement = desk.store.run(lambda tx: current_agreement(tx, feeder, at=now, desk=desk))
    body = Introduction(
        hub=desk.party,
        to=to,
        originator=descriptor.party,
        feeder=feeder,
        agreement=agreement.digest,
        keys=keys,
        counts_from=max(1, key_sets(desk, descriptor.party).revoked_below),
        at=now,
    )
    statement = say_act(body, kind=INTRODUCTION, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        _check_feeder(tx, desk, body, between={desk.party, to})
        _enter(tx, desk, statement, direction="own", now=now)
        say(tx, desk, statement, kind=INTRODUCTION, to=to, subject=statement.digest)

    desk.store.run(unit)
    desk.said(to)
    return statement.digest


def hear_introduction(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[Introduction]], now: Instant
) -> None:
    """A hub introduces an originator. Nothing of it is believed until a person confirms.

    Raises:
        ActError: the feeder names no such introduction, or another identity is pinned here for that party.
        SignatureError, DescriptorError: the descriptor is not the originator's own, or not newer than the last.
    """
    body = statement.value.body
    if body.hub != sender or body.to != desk.party:
        raise ActError("agreements/not-addressed", "the introduction is not to us, or not by its sender")
    _check_feeder(tx, desk, body, between={sender, desk.party})
    pinned = next((one for one in partners(desk) if one.code == body.originator), None)
    if pinned is not None and pinned.record != body.keys.record:
        raise ActError(
            "agreements/identity-differs",
            f"another identity is pinned here for `{body.originator}` than the one introduced",
            remedy="ask the originator over another channel, and the hub where it has this from",
        )
    verify_descriptor(body.keys.descriptor, record=body.keys.record, newer_than=_last_number(tx, sender, body))
    _enter(tx, desk, statement, direction="heard", now=now)


def confirm_originator(desk: Desk, actor: Actor, originator: PartyCode, *, fingerprint: str) -> OriginatorConfirmed:
    """Believe an introduced originator from now on: its fingerprint was compared over another channel than the hub's.

    Raises:
        LocalError: nobody introduced it.
        DescriptorError: the fingerprint is another.
        RefusedError: the actor is no security officer.

    Source: design 6 (the recipient's authority confirms their fingerprints).
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="TR-7")

    def unit(tx: Tx) -> OriginatorConfirmed:
        known = tx.latest(IntroductionRecord, originator=originator, direction="heard")
        if known is None:
            raise LocalError(
                "flows/not-introduced", f"no hub introduced `{originator}`", remedy="see `gsomia relay originators`"
            )
        if known.fingerprint != fingerprint:
            raise DescriptorError(
                "parties/fingerprint-differs",
                f"the introduced fingerprint is `{known.fingerprint}`",
                remedy="compare it with the originator over another channel, never the hub's",
            )
        record = OriginatorConfirmed(
            originator=originator, fingerprint=known.fingerprint, by=actor.person, at=desk.clock()
        )
        enter(tx, desk, record, event=Event.ORIGINATOR_CONFIRMED, subject=originator)
        return record

    return desk.store.run(unit)


def originators_keys(tx: Tx, desk: Desk, originator: PartyCode, *, hub: PartyCode) -> tuple[Descriptor, ...]:
    """Every descriptor of a confirmed originator that a hub introduced and that still counts, newest first.

    Raises:
        RefusedError: none was introduced and confirmed.

    Source: design 6 (The relay), law 3.
    """
    basis = tx.count(IntroductionRecord), tx.count(OriginatorConfirmed)
    memo = f"introduced {originator} by {hub}"
    kept = desk.memo.get(memo)
    if isinstance(kept, tuple) and kept[0] == basis:  # proven once while nothing is added
        return cast("tuple[Descriptor, ...]", kept[1])
    confirmed = tx.latest(OriginatorConfirmed, originator=originator)
    known = [
        one
        for one in tx.every(IntroductionRecord, originator=originator, hub=hub, direction="heard")
        if confirmed is not None and one.fingerprint == confirmed.fingerprint
    ]
    if not known:
        raise RefusedError(
            "flows/originator-not-confirmed",
            f"nobody here confirmed the keys that `{hub}` introduces for `{originator}`",
            remedy="compare the fingerprint and type: gsomia relay confirm",
            clauses=("TR-7",),
        )
    least = max(one.counts_from for one in known)
    found = tuple(
        verify_descriptor(one.keys.descriptor, record=one.keys.record) for one in reversed(known) if one.number >= least
    )
    desk.memo[memo] = (basis, found)
    return found


def _check_feeder(tx: Tx, desk: Desk, body: Introduction, *, between: set[PartyCode]) -> None:
    agreement = get_agreement(tx, body.feeder, digest=body.agreement)
    bound = all(agreement.has_party(party) for party in between)
    if not bound or not agreement.introduces(body.originator, hub=body.hub):
        raise ActError(
            "agreements/not-introduced-under",
            f"`{agreement.id}` does not let `{body.hub}` introduce `{body.originator}`",
            remedy="the feeder agreement names the originators whose keys the hub introduces: `[[introduced]]`",
            clauses=("TR-7",),
        )
    if not standing(tx, agreement, at=desk.clock(), desk=desk).allowed.access:
        raise ActError("agreements/not-in-force", f"`{agreement.id}` is not in force", clauses=("TR-8",))


def _last_number(tx: Tx, hub: PartyCode, body: Introduction) -> int:
    known = tx.every(IntroductionRecord, originator=body.originator, hub=hub, direction="heard")
    return max((one.number for one in known if one.fingerprint == body.keys.record.fingerprint), default=0)


def _enter(tx: Tx, desk: Desk, statement: Statement[Act[Introduction]], *, direction: str, now: Instant) -> None:
    body = statement.value.body
    record = IntroductionRecord(
        statement=statement.digest,
        direction="own" if direction == "own" else "heard",
        originator=body.originator,
        hub=body.hub,
        fingerprint=body.keys.record.fingerprint,
        number=verify_descriptor(body.keys.descriptor, record=body.keys.record).number,
        counts_from=body.counts_from,
        keys=body.keys,
        at=now,
    )
    enter(tx, desk, record, event=Event.ORIGINATOR_INTRODUCED, subject=body.originator, hub=body.hub)
