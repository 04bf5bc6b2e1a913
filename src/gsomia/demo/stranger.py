"""A rogue with keys of its own: it makes an item, validly signed and sealed, that nobody has an agreement for.

The one thing in the demo that is not done by the installed program, because the program would refuse to do it.
"""

import hashlib
from collections.abc import Callable

from gsomia import canon
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
from gsomia.ids import (
    HexDigest,
    InstrumentId,
    PartyCode,
    new_consignment_id,
    new_decision_id,
    new_item_id,
    sha256_hex,
)
from gsomia.instants import Instant
from gsomia.labels import Label, LabelKind
from gsomia.parties import (
    HYBRID_SEED_BYTES,
    Hand,
    HybridSigner,
    Office,
    PersonSigner,
    PinFile,
    Strength,
    sign_act,
    verify_descriptor,
)


def forge_offer(
    pin_file: bytes, *, stranger: str, instrument: str, agreement: str, seed: Callable[[str, int], bytes]
) -> tuple[bytes, str]:
    """An offer to the holder of `pin_file`, validly signed by `stranger`; returns its bytes and consignment id.

    Args:
        pin_file: the recipient's, as it gives it to partners.
        stranger: the rogue's party code.
        instrument: the agreement it claims to act under.
        agreement: that agreement's digest.
        seed: bytes by name and count, from the demo's challenge.
    """
    target = canon.decode(pin_file, PinFile)
    descriptor = verify_descriptor(target.descriptor, record=target.record)
    code, to = canon.check(stranger, PartyCode), target.record.code
    signer = HybridSigner.from_seed(seed("stranger statement", HYBRID_SEED_BYTES), Strength.STATEMENT)
    hand = Hand(Office.RELEASING_AUTHORITY, PersonSigner.from_seed(seed("stranger person", 32)))
    entropy = _Counted(seed)
    content, now = seed("stranger content", 256), Instant(1_790_000_000)
    label = Label(
        kind=LabelKind.ORIGINATOR,
        policy=code,
        policy_version=1,
        classification=f"{stranger}-2",
        mark="SECRET",
        restrictive=(),
        permissive=(),
        originator=code,
        created_at=now,
    )
    border = BorderDecision(
        id=new_decision_id(entropy),
        instrument=canon.check(instrument, InstrumentId),
        agreement=canon.check(agreement, HexDigest),
        item=new_item_id(entropy),
        to=to,
        level=label.classification,
        purpose="STRANGE-PURPOSE",
        authority="nobody",
        at=now,
        rules_version="none",
    )
    part = SealedPart(
        label=label,
        label_salt=seed("stranger salt", 16),
        topic="NONE",
        decision=sign_act(border, kind=RELEASE_DECISION, hand=hand),
        content_digest=sha256_hex(content),
        content_salt=seed("stranger salt 2", 16),
    )
    header = Header(
        suite=SUITE,
        instrument=border.instrument,
        agreement=border.agreement,
        sender=KeyedParty(party=code, key=signer.public.key_ids[0]),
        recipient=KeyedParty(party=to, key=descriptor.sealing.key_id),
        item=border.item,
        consignment=new_consignment_id(entropy),
        label_commitment=label_commitment(label, part.label_salt),
        content_bytes=len(content),
        segments=1,
    )
    sealing = begin_sealing(header, recipient=descriptor.sealing, entropy=entropy)
    segment = seal_segment(sealing.keys, content, index=0, last=True)
    sealed = finish_sealing(sealing, part=part, segment_list=hashlib.sha256(segment).digest(), signer=signer)
    return print_offer(sealed.envelope) + segment, header.consignment


class _Counted:
    """Different bytes at every draw, all from the challenge."""

    def __init__(self, seed: Callable[[str, int], bytes]) -> None:
        self._seed, self._drawn = seed, 0

    def __call__(self, count: int) -> bytes:
        self._drawn += 1
        return self._seed(f"stranger entropy {self._drawn}", count)
