"""Open what was verified: the content key, then the small sealed part. Content itself is opened only for a reader."""

import hmac
from dataclasses import dataclass

from gsomia import canon
from gsomia.envelope import suite
from gsomia.envelope.errors import OpenError
from gsomia.envelope.header import (
    RELEASE_DECISION,
    SealedPart,
    content_commitment,
    decision_digest,
    label_commitment,
)
from gsomia.envelope.suite import ContentKeys
from gsomia.envelope.verify import VerifiedEnvelope
from gsomia.parties import Office, Opener, verify_act


@dataclass(frozen=True, slots=True, kw_only=True)
class UnwrappedEnvelope:
    """A verified envelope, its content key in memory, and its proven sealed part."""

    verified: VerifiedEnvelope
    content_key: bytes
    keys: ContentKeys
    part: SealedPart

    def __repr__(self) -> str:
        return "UnwrappedEnvelope(...)"


def open_envelope(verified: VerifiedEnvelope, *, opener: Opener) -> UnwrappedEnvelope:
    """Unwrap the content key, check its commitment, and open the sealed part.

    The wrapped key opens with ours, under this header; then as `open_with_key`.

    Raises:
        OpenError: it does not open, or is not what it commits to; seen from outside they look alike.
        SignatureError: no person signed the decision.

    Trust: takes only a `VerifiedEnvelope`; on return label and decision are the sender's word. No content was opened.
    Source: design 4 (Intake).
    """
    content_key = suite.unwrap(verified.wrapped.wrapped, opener, verified.header_digest)
    return open_with_key(verified, content_key=content_key)


def open_with_key(verified: VerifiedEnvelope, *, content_key: bytes) -> UnwrappedEnvelope:
    """Prove a content key that was unwrapped, and open the sealed part with it.

    1. The key is the one the manifest commits to.
    2. The sealed part opens and is canonical.
    3. Its label, content digest and decision are those committed to in clear.
    4. The decision is about this item, instrument, agreement, recipient and level.
    5. A person signed the decision, as a releasing authority (G1-2, F-14).

    Raises:
        OpenError: any step but the last; seen from outside they look alike.
        SignatureError: step 5.

    Trust: takes only a `VerifiedEnvelope`; on return label and decision are the sender's word. No content was opened.
    Source: design 4 (Intake).
    """
    # (1) the key committed to
    keys = suite.derive_keys(content_key, verified.header_digest)
    if not hmac.compare_digest(keys.commitment.hex(), verified.manifest.key_commitment):
        raise OpenError("envelope/key-not-committed", "the key is not the one the manifest commits to")
    # (2) the sealed part
    try:
        part = canon.decode(suite.open_part(keys, verified.sealed_part), SealedPart)
    except canon.CanonError as cause:
        raise OpenError("envelope/does-not-open", "the envelope does not open") from cause
    # (3) what was committed to in clear
    manifest, header = verified.manifest, verified.header
    held = (
        label_commitment(part.label, part.label_salt),
        content_commitment(part.content_digest, part.content_salt),
        decision_digest(part.decision),
        part.decision.body.id,
    )
    if held != (header.label_commitment, manifest.content_commitment, manifest.decision_digest, manifest.decision):
        raise OpenError("envelope/commitment-differs", "what is sealed is not what was committed to")
    # (4) about this item
    decision = part.decision.body
    about = (decision.item, decision.instrument, decision.agreement, decision.to)
    if about != (header.item, header.instrument, header.agreement, header.recipient.party):
        raise OpenError("envelope/decision-of-another", "the release decision is not about this item")
    if decision.level != part.label.classification:
        raise OpenError("envelope/decision-of-another", "the release decision is about another level")
    # (5) a person's act
    verify_act(part.decision, kind=RELEASE_DECISION)
    if part.decision.by.office is not Office.RELEASING_AUTHORITY:
        raise OpenError("envelope/decider-without-office", "the release was not decided by a releasing authority")
    return UnwrappedEnvelope(verified=verified, content_key=content_key, keys=keys, part=part)
