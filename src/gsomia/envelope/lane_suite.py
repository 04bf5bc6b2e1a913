"""The algorithms of the warning lane, named and versioned: `gsomia-lane-1`.

Each side of an epoch draws 32 bytes and wraps them by HPKE (`MLKEM768_X25519`, HKDF-SHA256, AES-256-GCM) for the fresh
key in the other's hello. HKDF over both gives one AES-256-GCM key for each direction; the sequence number is the nonce,
so no key ever meets a nonce twice. Both private keys are forgotten with the epoch.

    >>> keys = derive_epoch_keys(bytes(32), bytes(32), transcript=bytes(32))
    >>> open_frame(keys.data, seal_frame(keys.data, b"warning", epoch=1, sequence=1), epoch=1, sequence=1)
    b'warning'

Source: design 6 (the fast lane); RFC 9180, RFC 5869.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gsomia.envelope.errors import OpenError
from gsomia.parties import Opener, SealingKey

LANE_SUITE: Final = "gsomia-lane-1"
SECRET_BYTES: Final = 32
MAX_EPOCH_FRAMES: Final = 1 << 20
"""So many frames are sealed under one key."""

_HPKE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_INFO: Final = b"gsomia-lane-1 epoch secret\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochKeys:
    """One key for each direction of one epoch: warnings go under `data`, acknowledgements come back under `back`."""

    data: AESGCM
    back: AESGCM

    def __repr__(self) -> str:
        return "EpochKeys(...)"


def wrap_secret(secret: bytes, recipient: SealingKey, *, bound_to: bytes) -> bytes:
    """One side's half of an epoch's secret, for the fresh key of the other side, bound to what was said before."""
    return _HPKE.encrypt(secret, recipient.load(), info=_INFO + bound_to)


def unwrap_secret(wrapped: bytes, opener: Opener, *, bound_to: bytes) -> bytes:
    """The other side's half.

    Raises:
        OpenError: wrapped for another key, bound to something else, or changed.
    """
    try:
        secret = _HPKE.decrypt(wrapped, opener.private, info=_INFO + bound_to)
    except (InvalidTag, ValueError) as cause:
        raise OpenError("envelope/does-not-open", "the epoch's secret does not open") from cause
    if len(secret) != SECRET_BYTES:
        raise OpenError("envelope/does-not-open", "the epoch's secret does not open")
    return secret


def derive_epoch_keys(sender_half: bytes, recipient_half: bytes, *, transcript: bytes) -> EpochKeys:
    """Both keys of an epoch, bound to everything that opened it.

    Args:
        sender_half: 32 bytes drawn by the side that warns.
        recipient_half: 32 bytes drawn by the side that is warned.
        transcript: digest over both hellos and both wrapped halves.
    """
    secret = sender_half + recipient_half
    return EpochKeys(
        data=AESGCM(_hkdf(secret, transcript, b"warnings")), back=AESGCM(_hkdf(secret, transcript, b"answers"))
    )


def seal_frame(key: AESGCM, plaintext: bytes, *, epoch: int, sequence: int) -> bytes:
    """One sealed frame; `sequence` is used once under `key`."""
    return key.encrypt(_nonce(sequence), plaintext, epoch.to_bytes(8, "big"))


def open_frame(key: AESGCM, sealed: bytes, *, epoch: int, sequence: int) -> bytes:
    """The plaintext of a frame.

    Raises:
        OpenError: not frame `sequence` of this epoch, or changed.
    """
    try:
        return key.decrypt(_nonce(sequence), sealed, epoch.to_bytes(8, "big"))
    except (InvalidTag, ValueError) as cause:
        raise OpenError("envelope/does-not-open", "the frame does not open") from cause


def _nonce(sequence: int) -> bytes:
    return sequence.to_bytes(12, "big")


def _hkdf(secret: bytes, transcript: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=transcript, info=b"gsomia-lane-1 " + use).derive(secret)
