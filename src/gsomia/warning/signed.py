"""A warning as it crosses every hop: the message, the instrument it crosses under, and the originator's signature.

The originator's lane key (its Ed25519 half) signs message, instrument, pre-authorisation, key set and a serial number.
A hub hands the very bytes on, so the last recipient proves the originator, never the hub's word for it. The serial
counts up within one originator; sameness over two routes is the message id.

    wire form:  msgpack array of the signed members, then 64 bytes of signature

Source: design 6 (Frames carry Ed25519; warnings keep the originator's signature across hops).
"""

from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Meta, Struct

from gsomia.ids import InstrumentId, PartyCode
from gsomia.parties import HybridSigner
from gsomia.warning.errors import LaneError
from gsomia.warning.messages import MAX_MESSAGE_BYTES, Message, parse_message

SIGNATURE_BYTES: Final = 64
MAX_SIGNED_BYTES: Final = MAX_MESSAGE_BYTES + 256
_DOMAIN: Final = b"gsomia/warning/1\x00"


class Naming(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What is signed.

    Args:
        originator: whose warning it is.
        keys: the number of its descriptor whose lane key signed.
        instrument: under which it crosses.
        authorisation: digest of the originator's standing pre-authorisation, 32 bytes.
        serial: counts up within one originator.
        message: canonical bytes of the `Message`.
    """

    originator: PartyCode
    keys: Annotated[int, Meta(ge=1, le=2**31)]
    instrument: InstrumentId
    authorisation: Annotated[bytes, Meta(min_length=32, max_length=32)]
    serial: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    message: Annotated[bytes, Meta(max_length=MAX_MESSAGE_BYTES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedWarning:
    """A signed warning as received: shape known, nothing proven."""

    naming: Naming
    signed: bytes
    signature: bytes
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenWarning:
    """A warning whose originator's signature verified; only `verify_warning` and `sign_warning` make one."""

    naming: Naming
    message: Message
    raw: bytes

    @property
    def key(self) -> tuple[str, str]:
        """What duplicates are known by, over every route."""
        return self.naming.originator, self.message.message


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Naming)


def sign_warning(message: Message, naming: Naming, *, signer: HybridSigner) -> ProvenWarning:
    """Say a warning under an instrument.

    Args:
        message: of our own.
        naming: the same message, with what it crosses under.
        signer: our lane key.
    """
    signed = _ENCODER.encode(naming)
    return ProvenWarning(naming=naming, message=message, raw=signed + signer.sign_frame(_DOMAIN + signed))


def read_signed(untrusted: bytes) -> ClaimedWarning:
    """The shape of a signed warning, in its one spelling.

    Raises:
        LaneError: it has none.
    """
    signed, signature = untrusted[:-SIGNATURE_BYTES], untrusted[-SIGNATURE_BYTES:]
    if len(untrusted) > MAX_SIGNED_BYTES:
        raise LaneError("warning/too-large", f"a signed warning of more than `{MAX_SIGNED_BYTES}` bytes")
    try:
        naming = _DECODER.decode(signed)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as cause:
        raise LaneError("warning/malformed", "not a signed warning") from cause
    if _ENCODER.encode(naming) != signed:
        raise LaneError("warning/malformed", "a signed warning that is not spelled in its one way")
    return ClaimedWarning(naming=naming, signed=signed, signature=signature, raw=untrusted)


def verify_warning(claimed: ClaimedWarning, *, key: Ed25519PublicKey) -> ProvenWarning:
    """Prove that the originator said it.

    1. The signature of the originator's lane key verifies over the bytes received.
    2. They are a warning, and no more than a warning may say.
    3. The message is the originator's own.

    Raises:
        LaneError: step 1 or 3.
        WarningMessageError: step 2.

    Trust: `claimed` is hostile; on return the message is what the holder of `key` said.
    Source: design 6 (Frames carry Ed25519).
    """
    # (1) said by the originator
    try:
        key.verify(claimed.signature, _DOMAIN + claimed.signed)
    except InvalidSignature as cause:
        raise LaneError("warning/forged", "the originator's signature does not verify") from cause
    # (2) a warning
    message = parse_message(claimed.naming.message)
    # (3) its own
    if message.originator != claimed.naming.originator:
        raise LaneError("warning/of-another", "a party speaks for itself only")
    return ProvenWarning(naming=claimed.naming, message=message, raw=claimed.raw)
