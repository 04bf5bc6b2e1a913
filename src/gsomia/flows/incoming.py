"""What a partner offers, direct or through a hub, from bytes to a value that intake may register.

Each step takes the value of the one before: `prove_offer` climbs the ladder, `open_offer` opens what intake may,
`check_taken` asks whether it may come at all. Content stays sealed throughout.
"""

from dataclasses import dataclass

from gsomia.agreements import ActError, Agreement
from gsomia.audit import Event
from gsomia.envelope import (
    Header,
    OpenedRelay,
    UnwrappedEnvelope,
    VerifiedEnvelope,
    VerifiedRelay,
    is_relay,
    open_envelope,
    open_relay,
    parse_offer,
    parse_relay,
    read_manifest,
    verify_envelope,
)
from gsomia.errors import RefusedError, UnavailableError
from gsomia.exchange import ExchangeError
from gsomia.flows.desk import Desk
from gsomia.flows.facts import control_officer, is_held
from gsomia.flows.hold import check_hold, check_not_on_hold
from gsomia.flows.ledger import enter
from gsomia.flows.parties import check_decided, sender_of
from gsomia.flows.ports import Noted, Tx
from gsomia.flows.records import AgreementRecord
from gsomia.flows.relay_facts import is_hub_of
from gsomia.flows.relay_intake import check_relayed, enter_relay_arrival, prove_relay
from gsomia.flows.relay_records import KeptEnvelope
from gsomia.flows.standing import require_ceiling, standing, wait_for_receipts
from gsomia.ids import ConsignmentId, HexDigest, PartyCode
from gsomia.instants import Instant
from gsomia.labels import LabelRefusal, translate
from gsomia.parties import Opener, PinnedParty
from gsomia.registry import ItemRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenOffer:
    """An offer whose signers are proven; nothing in it is open.

    Attributes:
        manifest: what our receipt names: the sender's own statement.
        used: the sender's keys it was signed with.
        opener: our key it is sealed for.
        relay: of an offer through a hub.
        header: of the content.
    """

    consignment: ConsignmentId
    manifest: HexDigest
    header: Header
    header_bytes: bytes
    used: PinnedParty
    opener: Opener
    verified: VerifiedEnvelope
    relay: VerifiedRelay | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A proven offer with its key in memory; `relayed` is what a hub added."""

    consignment: ConsignmentId
    manifest: HexDigest
    header: Header
    header_bytes: bytes
    originator: PartyCode
    unwrapped: UnwrappedEnvelope
    relayed: OpenedRelay | None


def prove_offer(desk: Desk, sender: PartyCode, untrusted: bytes) -> tuple[ProvenOffer, bytes]:
    """The shape of an offer, then the ladder; and the segment bytes that came inline.

    Raises:
        PartnerError, RefusedError: a step of the ladder does not hold.
    """
    if is_relay(untrusted):
        relayed, inline = parse_relay(untrusted)
        claimed = read_manifest(relayed).header
        used = sender_of(desk, sender, key=claimed.hub.key, consignment=claimed.consignment)
        opener = desk.unlocked.keyring.opener(claimed.recipient.key)
        relay = prove_relay(desk, sender, relayed, opener)
        return _proven(
            used,
            opener,
            relay.verified,
            relayed.offer.header_bytes,
            consignment=relay.header.consignment,
            manifest=relay.statement.digest,
            relay=relay,
        ), inline
    received, inline = parse_offer(untrusted)
    used = sender_of(desk, sender, key=received.header.sender.key, consignment=received.header.consignment)
    opener = desk.unlocked.keyring.opener(received.header.recipient.key)
    verified = verify_envelope(
        received,
        sender=used.descriptor,
        recipient=desk.party,
        our_keys={opener.public.key_id} if opener else frozenset(),
    )
    return _proven(
        used,
        opener,
        verified,
        received.header_bytes,
        consignment=verified.header.consignment,
        manifest=verified.statement.digest,
        relay=None,
    ), inline


def open_offer(desk: Desk, sender: PartyCode, proven: ProvenOffer) -> Incoming:
    """Open what intake may, and hold the time of the decision against the keys that signed it.

    Raises:
        OpenError, SignatureError, DescriptorError: what is sealed does not hold.
    """
    if proven.relay is not None:
        opened = open_relay(proven.relay, opener=proven.opener)
        unwrapped, decided = opened.unwrapped, opened.part.decision.body.at
    else:
        opened, unwrapped = None, open_envelope(proven.verified, opener=proven.opener)
        decided = unwrapped.part.decision.body.at
    check_decided(desk, sender, proven.used, at=decided)
    return Incoming(
        consignment=proven.consignment,
        manifest=proven.manifest,
        header=proven.header,
        header_bytes=proven.header_bytes,
        originator=proven.header.sender.party,
        unwrapped=unwrapped,
        relayed=opened,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The agreement an item comes under, and whether it was dispatched after its end: then it goes on hold."""

    agreement: Agreement
    after_end: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """That an item may come, when that was asked, and what was read for it."""

    taken: Taken
    at: Instant
    noted: Noted | None


def check_coming(tx: Tx, desk: Desk, sender: PartyCode, incoming: Incoming, *, coming_bytes: int) -> Checked:
    """Ask before an item is stored whether it may come, and note what was read for the answer.

    Raises:
        ActError, ExchangeError, RefusedError, UnavailableError: as `check_taken`.
    """
    at = desk.clock()
    tx.note()
    taken = check_taken(tx, desk, sender, incoming, coming_bytes=coming_bytes)
    return Checked(taken=taken, at=at, noted=tx.noted())


def check_taken(
    tx: Tx,
    desk: Desk,
    sender: PartyCode,
    incoming: Incoming,
    *,
    coming_bytes: int = 0,
    before: Checked | None = None,
) -> Taken:
    """The agreement an item may come under, if it may come at all: asked before storing it and in the unit that does.

    The same item by two routes is one item: its id and its content are the originator's signed word on both (TR-11).
    Within the second of an answer `before`, and while all that was read for it reads the same, that answer stands.

    Raises:
        ActError, ExchangeError, RefusedError: it may not.
        UnavailableError: nobody is in post to receive it.
    """
    if before is not None and before.at == desk.clock() and tx.still(before.noted):
        return before.taken
    _check_received_by_somebody(tx, desk)
    taken = (
        Taken(agreement=check_relayed(tx, desk, incoming.relayed), after_end=False)
        if incoming.relayed
        else _check_agreement(tx, desk, sender, incoming.unwrapped, coming_bytes)
    )
    if not taken.after_end:
        check_not_on_hold(tx, incoming.header.item)
    known = tx.latest(ItemRecord, id=incoming.header.item)
    same = (incoming.originator, incoming.unwrapped.part.content_digest)
    if known is not None and (known.originator, known.content_digest) != same:
        raise ExchangeError("exchange/item-conflict", "another item has that id here")
    if known is not None and not taken.after_end and not is_held(tx, desk.party, known):
        # LEDGER-1: no copy begins anew; whoever needs it again is given an item of its own
        raise ExchangeError("exchange/ended-here", "the item was destroyed or given back here", clauses=("LEDGER-1",))
    return taken


def _check_received_by_somebody(tx: Tx, desk: Desk) -> None:
    # G10-2: the sender keeps it and asks again until a control officer is in post; nothing is lost and nothing refused.
    if control_officer(tx, now=desk.clock()) is None:
        raise UnavailableError(
            "flows/nobody-receives",
            "no facility of ours has a control officer in post: nothing is received",
            remedy="appoint one: gsomia facility appoint",
            clauses=("G10-2",),
        )


def _check_agreement(tx: Tx, desk: Desk, sender: PartyCode, unwrapped: UnwrappedEnvelope, coming_bytes: int) -> Taken:
    header, part = unwrapped.verified.header, unwrapped.part
    known = tx.latest(AgreementRecord, instrument=header.instrument, agreement=header.agreement)
    if known is None or not known.text.has_party(sender) or not known.text.has_party(desk.party):
        raise ActError("agreements/unknown-text", "the item names no agreement between us", clauses=("G1-1",))
    agreement = known.text
    if agreement.relays is not None:
        raise RefusedError("policy/no-direct-route", f"`{agreement.id}` has no direct route", clauses=("TR-1",))
    stands = standing(tx, agreement, at=desk.clock(), desk=desk)
    if not stands.allowed.receive:
        wait_for_receipts(tx, desk, agreement)
        raise RefusedError("policy/instrument-state", f"`{agreement.id}` does not allow receiving", clauses=("G21-1",))
    # after the end only what was dispatched before it; the releasing authority's signed decision dates that.
    if not stands.allowed.release and not standing(tx, agreement, at=part.decision.body.at, desk=desk).allowed.release:
        check_hold(
            tx,
            desk,
            sender,
            instrument=agreement.id,
            item=header.item,
            content_bytes=header.content_bytes,
            coming_bytes=coming_bytes,
        )
        return Taken(agreement=agreement, after_end=True)
    result = translate(
        part.label,
        table=agreement.table,
        from_policy=desk.policies[sender],
        to_policy=desk.policy,
        now=part.label.created_at,
    )
    if isinstance(result, LabelRefusal):
        raise RefusedError(f"policy/{result.code}", result.text, clauses=(result.clause,))
    rank = desk.policies[sender].classification(part.label.classification).rank
    require_ceiling(tx, desk, agreement, rank=rank, at=part.decision.body.at)
    return Taken(agreement=agreement, after_end=False)


def keep_what_came(tx: Tx, desk: Desk, incoming: Incoming, agreement: Agreement, *, at: Instant) -> None:
    """Keep what is needed later: of a relayed item, the chain; where we are a hub, the envelope as it came."""
    if incoming.relayed is not None:
        enter_relay_arrival(tx, desk, incoming.relayed, at=at)
    elif is_hub_of(tx, desk, agreement.id):
        verified = incoming.unwrapped.verified
        kept = KeptEnvelope(
            consignment=incoming.consignment,
            item=incoming.header.item,
            header=incoming.header_bytes,
            statement=verified.statement.envelope,
            sealed_part=verified.sealed_part,
            at=at,
        )
        enter(
            tx,
            desk,
            kept,
            event=Event.RELAY_ENVELOPE_KEPT,
            subject=incoming.header.item,
            consignment=incoming.consignment,
        )


def _proven(
    used: PinnedParty,
    opener: Opener | None,
    verified: VerifiedEnvelope,
    header_bytes: bytes,
    *,
    consignment: ConsignmentId,
    manifest: HexDigest,
    relay: VerifiedRelay | None,
) -> ProvenOffer:
    if opener is None:
        msg = "the ladder held, so the key the header names is ours"
        raise RuntimeError(msg)
    return ProvenOffer(
        consignment=consignment,
        manifest=manifest,
        header=verified.header,
        header_bytes=header_bytes,
        used=used,
        opener=opener,
        verified=verified,
        relay=relay,
    )
