"""Statements: canonical JSON in a DSSE envelope with a hybrid signature.

The payload type is the signature's domain: bytes signed as one kind of statement can never be read as another. Each
door lists the types it takes. Exactly one Ed25519 and one ML-DSA-65 signature over the same pre-authentication
encoding are required; the pinned key record, never the envelope, says which. A statement's identity is the digest
of its payload.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Generic, TypeVar

from msgspec import Meta

from gsomia import canon
from gsomia.ids import HexDigest, sha256_hex
from gsomia.parties.errors import SignatureError
from gsomia.parties.keys import HybridKey, HybridSignature, Signer

T = TypeVar("T")

ENVELOPES = 16
"""Envelopes at hand as they read: each is asked for its kind, its keys and its payload one after another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """One DSSE signature."""

    keyid: Annotated[str, Meta(pattern="^[0-9a-f]{32}\\Z")]
    sig: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementEnvelope:
    """A DSSE envelope as received: shape known, nothing proven."""

    payload: bytes
    payloadType: str  # noqa: N815  DSSE's own spelling
    signatures: Annotated[tuple[SignatureLine, ...], Meta(max_length=4)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement(Generic[T]):
    """A statement whose required signatures verified over the received bytes."""

    payload_type: str
    value: T
    digest: HexDigest
    envelope: bytes


def pae(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed.

    Source: DSSE protocol, pre-authentication encoding.
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def payload_type(name: str) -> str:
    """The media type of one of our statements, for example `consent` gives `application/vnd.gsomia.consent.v1+json`."""
    return f"application/vnd.gsomia.{name}.v1+json"


def sign_statement(value: T, *, kind: str, signer: Signer) -> Statement[T]:
    """Say `value` with both signatures of `signer`, under the payload type of `kind`."""
    payload = canon.encode(value)
    full_kind = payload_type(kind)
    signature = signer.sign(pae(full_kind, payload))
    ids = signer.public.key_ids
    envelope = StatementEnvelope(
        payload=payload,
        payloadType=full_kind,
        signatures=(
            SignatureLine(keyid=ids[0], sig=signature.ed25519),
            SignatureLine(keyid=ids[1], sig=signature.mldsa),
        ),
    )
    return Statement(payload_type=full_kind, value=value, digest=sha256_hex(payload), envelope=canon.encode(envelope))


@lru_cache(maxsize=ENVELOPES)
def _read_envelope(untrusted: bytes) -> StatementEnvelope:
    return canon.decode(untrusted, StatementEnvelope)


def read_kind(untrusted: bytes) -> str:
    """Which kind of statement the envelope claims to hold; decides only which door reads it.

    Raises:
        CanonError: not a DSSE envelope.
        SignatureError: not one of our payload types.
    """
    claimed = _read_envelope(untrusted).payloadType
    prefix, suffix = payload_type("\x00").split("\x00")
    if not (claimed.startswith(prefix) and claimed.endswith(suffix)):
        raise SignatureError("parties/type-not-taken", "the payload type is not one this node reads")
    return claimed[len(prefix) : -len(suffix)]


def signed_by(untrusted: bytes) -> tuple[str, ...]:
    """Which key ids the envelope names; decides only which pinned key is tried.

    Raises:
        CanonError: not a DSSE envelope.
    """
    return tuple(line.keyid for line in _read_envelope(untrusted).signatures)


def choose_statement_key(untrusted: bytes, *, keys: Sequence[HybridKey]) -> HybridKey:
    """Which of the keys a party had signed this statement, by the ids it names; the first if none or unreadable.

    Only chooses what `verify_statement` is to prove with. `keys` is not empty.
    """
    try:
        named = signed_by(untrusted)
    except canon.CanonError:
        return keys[0]
    return next((key for key in keys if key.key_ids == named), keys[0])


def claimed_digest(untrusted: bytes) -> HexDigest:
    """The digest a statement has if it verifies; decides only which record is looked at.

    Raises:
        CanonError: not a DSSE envelope.
    """
    return sha256_hex(_read_envelope(untrusted).payload)


def claimed_payload(untrusted: bytes) -> bytes:
    """The payload of a statement before anything is proven; decides only which keys it is held against.

    Raises:
        CanonError: not a DSSE envelope.
    """
    return _read_envelope(untrusted).payload


def read_own(envelope: bytes, kind: type[T]) -> T:
    """The value of a statement of our own record, which was proven when it was written."""
    return canon.decode(_read_envelope(envelope).payload, kind)


def verify_statement(untrusted: bytes, *, accepts: Mapping[str, type[T]], key: HybridKey) -> Statement[T]:
    """Prove that the holder of `key` said the statement in `untrusted`.

    1. The envelope is canonical DSSE.
    2. Its payload type is one that this door takes.
    3. There are exactly two signatures, naming the two halves of `key`, in order.
    4. Both verify over the pre-authentication encoding of the received payload bytes.
    5. The payload is the canonical form of the expected type.

    Raises:
        CanonError: step 1 or 5.
        SignatureError: step 2, 3 or 4.

    Trust: `untrusted` is hostile; on return the value is what the pinned key's holder said.
    Source: design 4; DSSE protocol.
    """
    # (1) canonical DSSE
    envelope = _read_envelope(untrusted)
    # (2) a type this door takes
    kinds = {payload_type(name): kind for name, kind in accepts.items()}
    expected = kinds.get(envelope.payloadType)
    if expected is None:
        raise SignatureError("parties/type-not-taken", "this door does not take that type of statement")
    # (3) the two halves of the pinned key, in order
    if tuple(line.keyid for line in envelope.signatures) != key.key_ids:
        raise SignatureError(
            "parties/signatures-not-as-required", "exactly one Ed25519 and one ML-DSA signature of the pinned key"
        )
    # (4) over the bytes received
    ed25519, mldsa = (line.sig for line in envelope.signatures)
    key.verify(pae(envelope.payloadType, envelope.payload), HybridSignature(ed25519=ed25519, mldsa=mldsa))
    # (5) of the expected shape
    value = canon.decode(envelope.payload, expected)
    return Statement(
        payload_type=envelope.payloadType, value=value, digest=sha256_hex(envelope.payload), envelope=untrusted
    )
