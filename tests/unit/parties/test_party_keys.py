"""Keys grow from seeds, are bound to a purpose, and never show themselves."""

from base64 import b64encode
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from gsomia import canon
from gsomia.canon import CanonError
from gsomia.parties import (
    HYBRID_SEED_BYTES,
    SEALING_SEED_BYTES,
    Hand,
    HybridKey,
    HybridSigner,
    Office,
    Opener,
    PersonSigner,
    SealingKey,
    SignatureError,
    Strength,
    build_certificate,
    key_id,
    tls_private_pem,
)
from strategies.parties import SEOUL, TOKYO, WASHINGTON, flip, signer

HYBRID_SEED = bytes(range(HYBRID_SEED_BYTES))
SEALING_SEED = bytes(range(SEALING_SEED_BYTES))


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize("strength", Strength)
def test_both_halves_sign_and_either_false_half_is_refused(strength: Strength) -> None:
    mine, other = HybridSigner.from_seed(HYBRID_SEED, strength), signer(9, strength)
    signature, theirs = mine.sign(b"x"), other.sign(b"x")
    mine.public.verify(b"x", signature)
    for ed25519, mldsa in ((theirs.ed25519, signature.mldsa), (signature.ed25519, theirs.mldsa)):
        with pytest.raises(SignatureError):
            mine.public.verify(b"x", type(signature)(ed25519=ed25519, mldsa=mldsa))
    with pytest.raises(SignatureError):
        mine.public.verify(b"y", signature)


def test_each_half_may_sign_bytes_of_its_own() -> None:
    signature = SEOUL.log.sign_each(ed25519=b"left", mldsa=b"right")
    SEOUL.log.public.verify_each(ed25519=b"left", mldsa=b"right", signature=signature)
    with pytest.raises(SignatureError):
        SEOUL.log.public.verify_each(ed25519=b"right", mldsa=b"left", signature=signature)


@pytest.mark.parametrize("strength", Strength)
def test_a_seed_gives_the_same_key_every_time(strength: Strength) -> None:
    once, again = (HybridSigner.from_seed(HYBRID_SEED, strength) for _ in range(2))
    assert once.public == again.public
    assert len(once.public.mldsa) == {Strength.LOG: 1312, Strength.STATEMENT: 1952}[strength]
    assert Opener.from_seed(SEALING_SEED).public == Opener.from_seed(SEALING_SEED).public


@pytest.mark.parametrize("length", [0, 63, 65, 95, 97])
def test_a_seed_of_another_length_is_a_mistake_of_ours(length: int) -> None:
    with pytest.raises(ValueError, match="seed"):
        HybridSigner.from_seed(bytes(length), Strength.STATEMENT)
    with pytest.raises(ValueError, match="seed"):
        Opener.from_seed(bytes(length))


def shown(private: object) -> str:
    return f"{private!r} {private} {[private]}"


@pytest.mark.source("STYLE-3.6")
@pytest.mark.parametrize(
    ("private", "secrets"),
    [
        (HybridSigner.from_seed(HYBRID_SEED, Strength.STATEMENT), (HYBRID_SEED[:32], HYBRID_SEED[32:])),
        (Opener.from_seed(SEALING_SEED), (SEALING_SEED[:64], SEALING_SEED[64:])),
        (PersonSigner.from_seed(HYBRID_SEED[:32]), (HYBRID_SEED[:32],)),
        (Hand(Office.READER, PersonSigner.from_seed(HYBRID_SEED[:32])), (HYBRID_SEED[:32],)),
    ],
)
def test_a_private_key_shows_nothing_of_itself(private: object, secrets: tuple[bytes, ...]) -> None:
    text = shown(private)
    assert len(text) < 300
    for secret in secrets:
        for spelled in (secret.hex(), b64encode(secret).decode(), repr(secret)[2:-1]):
            assert spelled[:16] not in text


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        (HybridKey, {"ed25519": bytes(31), "mldsa": SEOUL.log.public.mldsa}),
        (HybridKey, {"ed25519": bytes(32), "mldsa": bytes(1311)}),
        (HybridKey, {"ed25519": bytes(32), "mldsa": bytes(1313)}),
        (HybridKey, {"ed25519": bytes(32), "mldsa": bytes(1953)}),
        (HybridKey, {"ed25519": bytes(32)}),
        (SealingKey, {"mlkem768": bytes(1183), "x25519": bytes(32)}),
        (SealingKey, {"mlkem768": b"\xff" * 1184, "x25519": bytes(32)}),
        (SealingKey, {"mlkem768": SEOUL.opener.public.mlkem768, "x25519": bytes(33)}),
    ],
)
def test_bytes_that_are_no_key_are_refused(kind: Any, parts: dict[str, bytes]) -> None:
    with pytest.raises(CanonError):
        canon.decode(canon.encode(parts), kind)


def test_public_keys_read_back_and_have_ids_of_their_own() -> None:
    keys = [key for house in (SEOUL, TOKYO, WASHINGTON) for key in (house.working, house.statement, house.log)]
    for key in keys:
        assert canon.decode(canon.encode(key.public), HybridKey) == key.public
    ids = {identifier for key in keys for identifier in key.public.key_ids}
    assert len(ids) == 2 * len(keys)
    assert len({key.public.fingerprint for key in keys}) == len(keys)
    assert canon.decode(canon.encode(SEOUL.opener.public), SealingKey) == SEOUL.opener.public


def test_a_key_id_depends_on_algorithm_and_key() -> None:
    assert key_id("a", b"bc") != key_id("ab", b"c")
    assert key_id("ed25519", bytes(32)) != key_id("person", bytes(32))
    assert len(key_id("a", b"")) == 32


@pytest.mark.source("DESIGN-6")
def test_the_certificate_is_of_the_party_signed_by_itself_and_vouches_for_nobody() -> None:
    seed = bytes([7]) * 32
    certificate = x509.load_der_x509_certificate(build_certificate(party=SEOUL.code, seed=seed))
    certificate.verify_directly_issued_by(certificate)
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value.ca is False
    assert certificate.subject == certificate.issuer
    key_digest = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest.hex()
    assert certificate.subject.rfc4514_string() == f"CN=gsomia node KOR {key_digest}"
    private = load_pem_private_key(tls_private_pem(seed), None)
    public = certificate.public_key()
    assert isinstance(public, Ed25519PublicKey)
    assert public.public_bytes(Encoding.Raw, PublicFormat.Raw) == private.public_key().public_bytes(
        Encoding.Raw, PublicFormat.Raw
    )


@pytest.mark.source("DESIGN-6")
def test_the_certificate_of_a_key_is_always_the_same_bytes() -> None:
    first, again, other = (build_certificate(party=SEOUL.code, seed=bytes([seed]) * 32) for seed in (7, 7, 8))
    assert first == again != other


def test_a_changed_certificate_no_longer_carries_its_own_signature() -> None:
    der = build_certificate(party=SEOUL.code, seed=bytes(32))
    changed = x509.load_der_x509_certificate(flip(der, len(der) - 1))
    with pytest.raises(Exception, match=r"^$"):
        changed.verify_directly_issued_by(changed)
