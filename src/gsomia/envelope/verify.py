"""The numbered ladder from a received envelope to a verified one. No plaintext is touched."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from gsomia.envelope.errors import EnvelopeError, SegmentError
from gsomia.envelope.header import RELEASE, Header, Manifest, WrappedKey
from gsomia.envelope.wire import DIGEST_BYTES, ReceivedEnvelope
from gsomia.ids import PartyCode, sha256_hex
from gsomia.parties import Descriptor, Statement, verify_statement


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedEnvelope:
    """An envelope whose every clear part the sender's hybrid signature covers. Only `verify_envelope` makes one."""

    header: Header
    header_digest: bytes
    statement: Statement[Manifest]
    wrapped: WrappedKey
    sealed_part: bytes
    segment_list: bytes

    @property
    def manifest(self) -> Manifest:
        """What the sender signed."""
        return self.statement.value


def verify_envelope(
    received: ReceivedEnvelope, *, sender: Descriptor, recipient: PartyCode, our_keys: Collection[str]
) -> VerifiedEnvelope:
    """Prove that `sender` released this envelope to us.

    1. The header names the sender we are connected to, under its current statement key.
    2. It names us, and a sealing key we hold.
    3. The manifest carries both signatures of the sender's statement key.
    4. The manifest covers this header.
    5. It covers this segment list, of the header's length.
    6. It covers this sealed part.
    7. Exactly one wrapped key is for the key the header names.

    Args:
        received: shapes agree; nothing else is known.
        sender: the current descriptor of the party at the other end of the connection.
        recipient: our own code.
        our_keys: ids of the sealing keys we can open with.

    Raises:
        CanonError: the statement is malformed.
        SignatureError: step 3.
        EnvelopeError: any other step; carries the digests that differ.

    Trust: on return every clear part is the sender's word. What is sealed is still unproven: see `open`.
    Source: design 4 and 6.
    """
    header = received.header
    # (1) the sender we are connected to
    if header.sender.party != sender.party:
        raise EnvelopeError("envelope/sender-mismatch", "the header names another sender than the connection")
    if header.sender.key != sender.statement.key_ids[0]:
        raise EnvelopeError("envelope/sender-key-not-current", "the header names a statement key that is not current")
    # (2) addressed to us
    if header.recipient.party != recipient or header.recipient.key not in our_keys:
        raise EnvelopeError("envelope/not-for-us", "the header names another recipient or a key we do not hold")
    # (3) both signatures
    statement = verify_statement(received.statement, accepts={RELEASE: Manifest}, key=sender.statement)
    manifest = statement.value
    # (4) this header
    header_digest = hashlib.sha256(received.header_bytes).digest()
    _equal("header", manifest.header, header_digest.hex())
    # (5) this list
    _equal("segment-list", manifest.segment_list, sha256_hex(received.segment_list))
    if manifest.segments != header.segments:
        raise EnvelopeError("envelope/segment-count-differs", "manifest and header count segments differently")
    # (6) this sealed part
    _equal("sealed-part", manifest.sealed_part, sha256_hex(received.sealed_part))
    # (7) one key for us
    ours = [key for key in manifest.keys if key.key == header.recipient.key]
    if len(ours) != 1:
        raise EnvelopeError("envelope/no-key-for-us", "exactly one wrapped key must be for the recipient's key")
    return VerifiedEnvelope(
        header=header,
        header_digest=header_digest,
        statement=statement,
        wrapped=ours[0],
        sealed_part=received.sealed_part,
        segment_list=received.segment_list,
    )


def verify_segment(segment_list: bytes, sealed: bytes, *, index: int) -> None:
    """Prove that `sealed` is the segment that the list names at `index`, before it is stored.

    Raises:
        SegmentError: it is not.
    """
    expected = segment_list[index * DIGEST_BYTES : (index + 1) * DIGEST_BYTES]
    if hashlib.sha256(sealed).digest() != expected:
        raise SegmentError(
            "envelope/segment-differs",
            f"segment `{index}` is not the one the signed list names",
            evidence={"index": index},
        )


def _equal(part: str, signed: str, received: str) -> None:
    if signed != received:
        raise EnvelopeError(
            f"envelope/{part}-differs",
            f"the {part} is not the one the manifest covers",
            evidence={"signed": signed, "received": received},
        )
