"""Seal an item for one recipient: keys first, then segment by segment, then the manifest that is signed.

A cut sealing starts again with a new content key; only sending resumes.
"""

import hashlib
from dataclasses import dataclass

from gsomia import canon
from gsomia.envelope import suite
from gsomia.envelope.header import (
    RELEASE,
    Header,
    Manifest,
    SealedPart,
    WrappedKey,
    content_commitment,
    decision_digest,
)
from gsomia.envelope.suite import ContentKeys
from gsomia.envelope.wire import ReceivedEnvelope
from gsomia.ids import Entropy, hex_digest, sha256_hex
from gsomia.parties import SealingKey, Signer, Statement, sign_statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """An envelope being made: the header is fixed and the content key drawn and wrapped."""

    header: Header
    header_bytes: bytes
    content_key: bytes
    keys: ContentKeys
    wrapped: WrappedKey

    def __repr__(self) -> str:
        return "Sealing(...)"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEnvelope:
    """An envelope ready to send, and the statement that releases it."""

    envelope: ReceivedEnvelope
    statement: Statement[Manifest]


def begin_sealing(header: Header, *, recipient: SealingKey, entropy: Entropy) -> Sealing:
    """Draw a fresh content key and wrap it for `recipient` under this header."""
    header_bytes = canon.encode(header)
    header_digest = hashlib.sha256(header_bytes).digest()
    content_key = entropy(suite.KEY_BYTES)
    return Sealing(
        header=header,
        header_bytes=header_bytes,
        content_key=content_key,
        keys=suite.derive_keys(content_key, header_digest),
        wrapped=WrappedKey(key=recipient.key_id, wrapped=suite.wrap(content_key, recipient, header_digest)),
    )


def finish_sealing(sealing: Sealing, *, part: SealedPart, segment_list: bytes, signer: Signer) -> SealedEnvelope:
    """Seal the small part, build the manifest and sign it: the one hybrid signature of a release.

    Args:
        sealing: from `begin_sealing`; every segment has been sealed with its keys.
        part: label, decision and salts.
        segment_list: the SHA-256 of every sealed segment in order, 32 bytes each.
        signer: the releasing party's statement key.

    Source: design 4 (Budget per release; Header, segments, manifest).
    """
    sealed_part = suite.seal_part(sealing.keys, canon.encode(part))
    manifest = Manifest(
        header=sha256_hex(sealing.header_bytes),
        decision=part.decision.body.id,
        decision_digest=decision_digest(part.decision),
        keys=(sealing.wrapped,),
        key_commitment=hex_digest(sealing.keys.commitment),
        segments=sealing.header.segments,
        segment_list=sha256_hex(segment_list),
        sealed_part=sha256_hex(sealed_part),
        content_commitment=content_commitment(part.content_digest, part.content_salt),
    )
    statement = sign_statement(manifest, kind=RELEASE, signer=signer)
    envelope = ReceivedEnvelope(
        header=sealing.header,
        header_bytes=sealing.header_bytes,
        statement=statement.envelope,
        sealed_part=sealed_part,
        segment_list=segment_list,
    )
    return SealedEnvelope(envelope=envelope, statement=statement)
