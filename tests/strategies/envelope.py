"""A sealed item from Seoul to Tokyo, and a bench on which any part of it can be swapped before it is signed."""

import hashlib
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from gsomia import canon
from gsomia.envelope import (
    RELEASE,
    RELEASE_DECISION,
    SEGMENT_BYTES,
    BorderDecision,
    Header,
    KeyedParty,
    Manifest,
    ReceivedEnvelope,
    SealedEnvelope,
    SealedPart,
    Sealing,
    VerifiedEnvelope,
    begin_sealing,
    finish_sealing,
    label_commitment,
    seal_segment,
    segment_count,
    verify_envelope,
)
from gsomia.ids import new_consignment_id, new_decision_id, new_item_id, sha256_hex
from gsomia.labels import Label, simple_label
from gsomia.parties import Act, Hand, sign_act, sign_statement
from strategies.agreements import INSTRUMENT
from strategies.labels import KOR, NOW
from strategies.parties import PARK, SEOUL, TOKYO, House

AGREEMENT_DIGEST = sha256_hex(b"agreement")
LABEL = simple_label(KOR, "KOR-2", created_at=NOW, releasable_to=["JPN"])
OTHER_LABEL = simple_label(KOR, "KOR-3", created_at=NOW, releasable_to=["JPN"])


_DRAWS = count(1)


def entropy(size: int) -> bytes:
    """Never the same bytes twice, and the same ones in every run of one test file."""
    seed = next(_DRAWS).to_bytes(8, "big")
    return b"".join(hashlib.sha256(seed + bytes([block])).digest() for block in range(-(-size // 32)))[:size]


ITEM, OTHER_ITEM = new_item_id(entropy), new_item_id(entropy)


def header_of(content: bytes, *, label: Label = LABEL, salt: bytes = bytes(16), **changes: Any) -> Header:
    made = Header(
        suite="gsomia-1",
        instrument=INSTRUMENT,
        agreement=AGREEMENT_DIGEST,
        sender=KeyedParty(party=SEOUL.code, key=SEOUL.statement.public.key_ids[0]),
        recipient=KeyedParty(party=TOKYO.code, key=TOKYO.opener.public.key_id),
        item=ITEM,
        consignment=new_consignment_id(entropy),
        label_commitment=label_commitment(label, salt),
        content_bytes=len(content),
        segments=segment_count(len(content)),
    )
    return replace(made, **changes)


def decision_of(
    header: Header, *, hand: Hand = PARK, kind: str = RELEASE_DECISION, **changes: Any
) -> Act[BorderDecision]:
    body = BorderDecision(
        id=new_decision_id(entropy),
        instrument=header.instrument,
        agreement=header.agreement,
        item=header.item,
        to=header.recipient.party,
        level="KOR-2",
        purpose="DPRK-MISSILE-ANALYSIS",
        authority="kor-mnd",
        at=NOW,
        rules_version="2026-11",
    )
    return sign_act(replace(body, **changes), kind=kind, hand=hand)


def part_of(header: Header, content: bytes, **changes: Any) -> SealedPart:
    made = SealedPart(
        label=LABEL,
        label_salt=bytes(16),
        topic="MISSILE",
        decision=decision_of(header),
        content_digest=sha256_hex(content),
        content_salt=b"s" * 16,
    )
    return replace(made, **changes)


def pieces(content: bytes) -> list[bytes]:
    return [content[at : at + SEGMENT_BYTES] for at in range(0, len(content), SEGMENT_BYTES)] or [b""]


def seal_pieces(sealing: Sealing, content: bytes) -> list[bytes]:
    parts = pieces(content)
    return [seal_segment(sealing.keys, part, index=i, last=i == len(parts) - 1) for i, part in enumerate(parts)]


def list_of(segments: list[bytes]) -> bytes:
    return b"".join(hashlib.sha256(segment).digest() for segment in segments)


@dataclass(frozen=True)
class Parcel:
    """An envelope with everything that went into it."""

    sealing: Sealing
    sealed: SealedEnvelope
    segments: list[bytes]
    part: SealedPart

    @property
    def offer(self) -> ReceivedEnvelope:
        return self.sealed.envelope


def seal(content: bytes, *, part: dict[str, Any] | None = None, sender: House = SEOUL, **header: Any) -> Parcel:
    """Seal `content` for Tokyo with changes to the header or to what stands in the sealed part."""
    made = header_of(content, **header)
    sealing = begin_sealing(made, recipient=TOKYO.opener.public, entropy=entropy)
    segments = seal_pieces(sealing, content)
    sealed_part = part_of(made, content, **(part or {}))
    sealed = finish_sealing(sealing, part=sealed_part, segment_list=list_of(segments), signer=sender.statement)
    return Parcel(sealing=sealing, sealed=sealed, segments=segments, part=sealed_part)


def signed_again(parcel: Parcel, **changes: Any) -> ReceivedEnvelope:
    """The envelope with another manifest, signed by the sender as if it had meant it."""
    manifest: Manifest = replace(parcel.sealed.statement.value, **changes)
    statement = sign_statement(manifest, kind=RELEASE, signer=SEOUL.statement).envelope
    return replace(parcel.offer, statement=statement)


def with_header(parcel: Parcel, **changes: Any) -> ReceivedEnvelope:
    """The envelope with another header that the manifest was never told of."""
    header = replace(parcel.offer.header, **changes)
    return replace(parcel.offer, header=header, header_bytes=canon.encode(header))


def proven(received: ReceivedEnvelope, **changes: Any) -> VerifiedEnvelope:
    """The envelope as Tokyo verifies it."""
    known: dict[str, Any] = {
        "sender": SEOUL.descriptor,
        "recipient": TOKYO.code,
        "our_keys": {TOKYO.opener.public.key_id},
    }
    return verify_envelope(received, **{**known, **changes})
