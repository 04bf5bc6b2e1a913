"""What a partner with real keys and other software could send: offers that our own program would never make."""

import hashlib

from gsomia.envelope import (
    RELEASE_DECISION,
    SUITE,
    BorderDecision,
    Header,
    KeyedParty,
    SealedPart,
    begin_sealing,
    finish_sealing,
    label_commitment,
    print_offer,
    seal_segment,
)
from gsomia.flows.agree import get_agreement
from gsomia.ids import (
    ConsignmentId,
    HexDigest,
    InstrumentId,
    ItemId,
    new_consignment_id,
    new_decision_id,
    new_item_id,
    sha256_hex,
)
from gsomia.labels import simple_label
from gsomia.parties import Office, sign_act
from simulation.world import KR_JP, PURPOSE, SECRET, TOPIC, Identity, SimNode, hand, policies, seeded


def agreement_digest(node: SimNode) -> HexDigest:
    """The digest of the text a node knows."""
    return node.memory.run(lambda tx: get_agreement(tx, KR_JP, digest=None).digest)


def forge_offer(
    sender: SimNode,
    to: Identity,
    *,
    agreement: HexDigest,
    instrument: InstrumentId = KR_JP,
    content: bytes = b"made outside",
    level: str | None = None,
    item: ItemId | None = None,
    consignment: ConsignmentId | None = None,
    office: Office = Office.RELEASING_AUTHORITY,
    topic: str = TOPIC,
    seed: str = "forged",
) -> bytes:
    """An offer with its only segment, validly signed by `sender` and sealed for `to`."""
    entropy, keys, now = seeded(f"{seed} by {sender.party}"), sender.identity.keys, sender.clock()
    level = level or SECRET[sender.party]
    label = simple_label(policies()[sender.party], level, created_at=now, releasable_to=None, caveats=())
    decision = BorderDecision(
        id=new_decision_id(entropy),
        instrument=instrument,
        agreement=agreement,
        item=item or new_item_id(entropy),
        to=to.record.code,
        level=label.classification,
        purpose=PURPOSE,
        authority="kor-mnd",
        at=now,
        rules_version="none",
    )
    part = SealedPart(
        label=label,
        label_salt=entropy(16),
        topic=topic,
        decision=sign_act(decision, kind=RELEASE_DECISION, hand=hand(sender.party, "releaser", office)),
        content_digest=sha256_hex(content),
        content_salt=entropy(16),
    )
    header = Header(
        suite=SUITE,
        instrument=instrument,
        agreement=agreement,
        sender=KeyedParty(party=sender.party, key=keys.statement.public.key_ids[0]),
        recipient=KeyedParty(party=to.record.code, key=to.descriptor.sealing.key_id),
        item=decision.item,
        consignment=consignment or new_consignment_id(entropy),
        label_commitment=label_commitment(label, part.label_salt),
        content_bytes=len(content),
        segments=1,
    )
    sealing = begin_sealing(header, recipient=to.descriptor.sealing, entropy=entropy)
    segment = seal_segment(sealing.keys, content, index=0, last=True)
    sealed = finish_sealing(sealing, part=part, segment_list=hashlib.sha256(segment).digest(), signer=keys.statement)
    return print_offer(sealed.envelope) + segment
