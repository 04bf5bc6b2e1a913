"""Public and private keys, by purpose. Every private key grows from a seed, so entropy stays an argument.

A hybrid key is an Ed25519 key and an ML-DSA key that always sign together: neither alone is enough. Statements and
identities use ML-DSA-65, logs and cosigners ML-DSA-44 (design 4). Statement, log, cosigner, lane and TLS keys all
differ; of the lane key, the Ed25519 half alone signs frames, both halves sign what opens and counts them.

    >>> signer = HybridSigner.from_seed(bytes(64), Strength.STATEMENT)
    >>> signer.public.verify(b"message", signer.sign(b"message"))
    >>> signer
    HybridSigner(05bc2d41d8e3411a)
"""

import hashlib
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Annotated, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PrivateKey,
    MLDSA44PublicKey,
    MLDSA65PrivateKey,
    MLDSA65PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from msgspec import Meta

from gsomia.parties.errors import SignatureError

ED25519_BYTES = 32
ED25519_SIGNATURE_BYTES = 64
MLDSA44_BYTES = 1312
MLDSA65_BYTES = 1952
HYBRID_SEED_BYTES = 64
SEALING_SEED_BYTES = 96
MAX_LOADED = 256
"""Public keys kept as the library takes them, and their ids: a node meets the same few with every message."""


class Strength(Enum):
    """Which ML-DSA parameter set stands beside Ed25519."""

    LOG = 44
    STATEMENT = 65


@dataclass(frozen=True, slots=True, kw_only=True)
class HybridSignature:
    """Both signatures over the same bytes."""

    ed25519: bytes
    mldsa: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HybridKey:
    """A public hybrid key; the length of `mldsa` tells the parameter set."""

    ed25519: Annotated[bytes, Meta(min_length=ED25519_BYTES, max_length=ED25519_BYTES)]
    mldsa: Annotated[bytes, Meta(min_length=MLDSA44_BYTES, max_length=MLDSA65_BYTES)]

    def __post_init__(self) -> None:
        """Refuse keys of no known parameter set.

        Raises:
            ValueError: the bytes are no public key.
        """
        _load_mldsa(self.mldsa)
        Ed25519PublicKey.from_public_bytes(self.ed25519)

    def verify(self, message: bytes, signature: HybridSignature) -> None:
        """Prove that the holder of both private keys signed `message`.

        Raises:
            SignatureError: either half is false.

        Source: design 4, "A missing, failing or doubled required signature is refused".
        """
        self.verify_each(ed25519=message, mldsa=message, signature=signature)

    def verify_each(self, *, ed25519: bytes, mldsa: bytes, signature: HybridSignature) -> None:
        """As `verify`, for formats that give each algorithm its own bytes (checkpoints and cosignatures).

        Raises:
            SignatureError: either half is false.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.ed25519).verify(signature.ed25519, ed25519)
            _load_mldsa(self.mldsa).verify(signature.mldsa, mldsa)
        except InvalidSignature as cause:
            raise SignatureError("parties/signature-false", "a required signature does not verify") from cause

    @property
    def fingerprint(self) -> str:
        """SHA-256 over both keys, hex; read aloud when parties pin each other."""
        return hashlib.sha256(b"gsomia/hybrid-key\x00" + self.ed25519 + self.mldsa).hexdigest()

    @property
    def key_ids(self) -> tuple[str, str]:
        """DSSE key ids of the Ed25519 and the ML-DSA half."""
        return key_id("ed25519", self.ed25519), key_id("ml-dsa", self.mldsa)


@lru_cache(maxsize=MAX_LOADED)
def key_id(algorithm: str, public: bytes) -> str:
    """A hint which key signed; the pinned record, never the envelope, says which keys are required."""
    return hashlib.sha256(b"gsomia/key\x00" + algorithm.encode() + b"\x00" + public).hexdigest()[:32]


class Signer(Protocol):
    """Whatever signs with both halves: a key file now, a token later."""

    @property
    def public(self) -> HybridKey:
        """The key that verifies."""
        ...

    def sign(self, message: bytes) -> HybridSignature:
        """Both signatures over `message`."""
        ...

    def sign_each(self, *, ed25519: bytes, mldsa: bytes) -> HybridSignature:
        """Both signatures, each over its own bytes."""
        ...


class HybridSigner:
    """A private hybrid key in memory."""

    def __init__(self, ed25519: Ed25519PrivateKey, mldsa: MLDSA44PrivateKey | MLDSA65PrivateKey) -> None:
        self._ed25519 = ed25519
        self._mldsa = mldsa
        self._public = HybridKey(
            ed25519=ed25519.public_key().public_bytes_raw(), mldsa=mldsa.public_key().public_bytes_raw()
        )

    @classmethod
    def from_seed(cls, seed: bytes, strength: Strength) -> "HybridSigner":
        """Grow the key from `HYBRID_SEED_BYTES` secret bytes."""
        if len(seed) != HYBRID_SEED_BYTES:
            msg = "a hybrid seed is 64 bytes"
            raise ValueError(msg)
        mldsa = MLDSA44PrivateKey if strength is Strength.LOG else MLDSA65PrivateKey
        return cls(Ed25519PrivateKey.from_private_bytes(seed[:32]), mldsa.from_seed_bytes(seed[32:]))

    @property
    def public(self) -> HybridKey:
        """The key that verifies."""
        return self._public

    def sign(self, message: bytes) -> HybridSignature:
        """Both signatures over `message`; ML-DSA takes about a millisecond."""
        return self.sign_each(ed25519=message, mldsa=message)

    def sign_each(self, *, ed25519: bytes, mldsa: bytes) -> HybridSignature:
        """Both signatures, each over its own bytes."""
        return HybridSignature(ed25519=self._ed25519.sign(ed25519), mldsa=self._mldsa.sign(mldsa))

    def sign_frame(self, message: bytes) -> bytes:
        """The Ed25519 half alone, 64 bytes: only for frames of the warning lane, which a hybrid tally then covers.

        Source: design 6 ("Frames carry Ed25519").
        """
        return self._ed25519.sign(message)

    def __repr__(self) -> str:
        return f"HybridSigner({self._public.fingerprint[:16]})"


class PersonSigner:
    """A person's own Ed25519 key, unlocked by the person's passphrase for one act or one session."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public: bytes = key.public_key().public_bytes_raw()

    @classmethod
    def from_seed(cls, seed: bytes) -> "PersonSigner":
        """Grow the key from 32 secret bytes."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def sign(self, message: bytes) -> bytes:
        """The person's signature, 64 bytes."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return f"PersonSigner({key_id('person', self.public)[:16]})"


def verify_person(public: bytes, message: bytes, signature: bytes) -> None:
    """Prove that the holder of a person's key signed `message`.

    Raises:
        SignatureError: it did not.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError) as cause:
        raise SignatureError("parties/person-signature-false", "the person's signature does not verify") from cause


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingKey:
    """A public `MLKEM768_X25519` key that content keys are wrapped for."""

    mlkem768: Annotated[bytes, Meta(min_length=1184, max_length=1184)]
    x25519: Annotated[bytes, Meta(min_length=32, max_length=32)]

    def __post_init__(self) -> None:
        """Refuse bytes that are no key.

        Raises:
            ValueError: they are not.
        """
        self.load()

    def load(self) -> MLKEM768X25519PublicKey:
        """The key as the library takes it."""
        return _load_sealing(self.mlkem768, self.x25519)

    @property
    def key_id(self) -> str:
        """A hint which of a recipient's keys was used."""
        return key_id("mlkem768-x25519", self.mlkem768 + self.x25519)


class Opener:
    """A private sealing key in memory."""

    def __init__(self, mlkem768: MLKEM768PrivateKey, x25519: X25519PrivateKey) -> None:
        self.private = MLKEM768X25519PrivateKey(mlkem768, x25519)
        self.public = SealingKey(
            mlkem768=mlkem768.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw),
            x25519=x25519.public_key().public_bytes_raw(),
        )

    @classmethod
    def from_seed(cls, seed: bytes) -> "Opener":
        """Grow the key from `SEALING_SEED_BYTES` secret bytes (64 for ML-KEM, 32 for X25519)."""
        if len(seed) != SEALING_SEED_BYTES:
            msg = "a sealing seed is 96 bytes"
            raise ValueError(msg)
        return cls(MLKEM768PrivateKey.from_seed_bytes(seed[:64]), X25519PrivateKey.from_private_bytes(seed[64:]))

    def __repr__(self) -> str:
        return f"Opener({self.public.key_id[:16]})"


def tls_private_pem(seed: bytes) -> bytes:
    """The TLS key grown from 32 secret bytes, as OpenSSL reads it."""
    return Ed25519PrivateKey.from_private_bytes(seed).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@lru_cache(maxsize=MAX_LOADED)
def _load_sealing(mlkem768: bytes, x25519: bytes) -> MLKEM768X25519PublicKey:
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(mlkem768), X25519PublicKey.from_public_bytes(x25519)
    )


@lru_cache(maxsize=MAX_LOADED)
def _load_mldsa(public: bytes) -> MLDSA44PublicKey | MLDSA65PublicKey:
    if len(public) == MLDSA44_BYTES:
        return MLDSA44PublicKey.from_public_bytes(public)
    if len(public) == MLDSA65_BYTES:
        return MLDSA65PublicKey.from_public_bytes(public)
    msg = "no ML-DSA-44 or ML-DSA-65 public key"
    raise ValueError(msg)
