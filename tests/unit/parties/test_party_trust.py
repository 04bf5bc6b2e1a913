"""Whom we believe: a compared fingerprint, a signed descriptor, a rising number, a key for each purpose."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.canon import CanonError
from gsomia.errors import PartnerError
from gsomia.instants import Instant
from gsomia.parties import (
    Descriptor,
    DescriptorError,
    HybridKey,
    PinFile,
    SignatureError,
    Strength,
    build_certificate,
    pin,
    sign_statement,
    verify_descriptor,
)
from gsomia.parties.certificates import certified_key
from strategies.labels import NOW, modest
from strategies.parties import SEOUL, TOKYO, flip, signer

SIGNED = SEOUL.sign_descriptor(SEOUL.descriptor)
PINNED = SEOUL.pin_file(SEOUL.descriptor)
FRESH = signer(60).public


def foreign_certificate(key: Any) -> bytes:
    """A certificate of Seoul's name for a key of another kind, issued by an Ed25519 key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SEOUL.code)])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(9999, 12, 31, tzinfo=UTC))
        .sign(Ed25519PrivateKey.from_private_bytes(bytes([61]) * 32), None)
        .public_bytes(Encoding.DER)
    )


def code(untrusted: bytes, *, newer_than: int = 0) -> str:
    with pytest.raises(DescriptorError) as caught:
        verify_descriptor(untrusted, record=SEOUL.record, newer_than=newer_than)
    return caught.value.code


@pytest.mark.source("DESIGN-4")
def test_a_descriptor_of_the_working_identity_is_believed() -> None:
    assert verify_descriptor(SIGNED, record=SEOUL.record, newer_than=2) == SEOUL.descriptor


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize("newer_than", [3, 4, 2**31])
def test_a_lower_or_equal_number_is_refused(newer_than: int) -> None:
    assert code(SIGNED, newer_than=newer_than) == "parties/descriptor-old"


def test_a_descriptor_that_names_another_party_is_refused() -> None:
    stolen = SEOUL.sign_descriptor(replace(SEOUL.descriptor, party=TOKYO.code))
    assert code(stolen) == "parties/descriptor-of-another"


@pytest.mark.parametrize("by", [SEOUL.recovery, SEOUL.statement, TOKYO.working])
def test_a_descriptor_signed_by_any_other_key_is_refused(by: Any) -> None:
    with pytest.raises(SignatureError):
        verify_descriptor(sign_statement(SEOUL.descriptor, kind="descriptor", signer=by).envelope, record=SEOUL.record)


def test_another_kind_of_statement_is_no_descriptor() -> None:
    with pytest.raises(SignatureError):
        verify_descriptor(
            sign_statement(SEOUL.descriptor, kind="note", signer=SEOUL.working).envelope, record=SEOUL.record
        )


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize(
    "change",
    [
        {"statement": SEOUL.working.public},
        {"statement": SEOUL.recovery.public},
        {"cosigner": SEOUL.log.public},
        {"statement": SEOUL.log.public},
        {"log": SEOUL.statement.public},
        {"cosigner": signer(50).public},
        {"log": signer(50).public},
        {"statement": signer(50, Strength.LOG).public},
        {"log": HybridKey(ed25519=SEOUL.statement.public.ed25519, mldsa=SEOUL.log.public.mldsa)},
        {"cosigner": HybridKey(ed25519=SEOUL.recovery.public.ed25519, mldsa=SEOUL.cosigner.public.mldsa)},
        {"statement": HybridKey(ed25519=FRESH.ed25519, mldsa=SEOUL.working.public.mldsa)},
        {"statement": HybridKey(ed25519=FRESH.ed25519, mldsa=SEOUL.recovery.public.mldsa)},
        {"cosigner": HybridKey(ed25519=FRESH.ed25519, mldsa=SEOUL.log.public.mldsa)},
    ],
)
def test_keys_that_are_shared_or_of_the_wrong_strength_are_refused(change: dict[str, HybridKey]) -> None:
    odd: Descriptor = replace(SEOUL.descriptor, **change)  # type: ignore[arg-type]
    assert code(SEOUL.sign_descriptor(odd)) == "parties/keys-not-separate"


@pytest.mark.parametrize(
    "recovery",
    [
        SEOUL.working.public,
        HybridKey(ed25519=FRESH.ed25519, mldsa=SEOUL.working.public.mldsa),
        HybridKey(ed25519=SEOUL.working.public.ed25519, mldsa=FRESH.mldsa),
    ],
)
def test_a_party_whose_two_identities_share_a_key_is_refused(recovery: HybridKey) -> None:
    record = replace(SEOUL.record, recovery=recovery)
    with pytest.raises(DescriptorError) as caught:
        verify_descriptor(SIGNED, record=record)
    assert caught.value.code == "parties/keys-not-separate"


def certified(certificate: bytes) -> bytes:
    return SEOUL.sign_descriptor(replace(SEOUL.descriptor, tls_certificate=certificate))


@pytest.mark.source("DESIGN-4", "RFC 8446")
@pytest.mark.parametrize("number", range(5))
def test_a_certificate_whose_key_signs_anything_else_is_refused(number: int) -> None:
    shared = build_certificate(party=SEOUL.code, seed=bytes([SEOUL.seed + number]) * 32)
    signing = (SEOUL.working, SEOUL.recovery, SEOUL.statement, SEOUL.log, SEOUL.cosigner)
    assert certified_key(shared) == signing[number].public.ed25519
    assert code(certified(shared)) == "parties/keys-not-separate"


@pytest.mark.source("DESIGN-4", "RFC 5280")
@pytest.mark.parametrize(
    "certificate",
    [
        b"0",
        b"no certificate",
        SEOUL.descriptor.tls_certificate[:-1],
        SEOUL.descriptor.tls_certificate + b"\0",
        b64encode(SEOUL.descriptor.tls_certificate),
    ],
    ids=["a digit", "text", "cut short", "carried on", "base64"],
)
def test_a_certificate_that_does_not_read_is_refused(certificate: bytes) -> None:
    assert code(certified(certificate)) == "parties/certificate-malformed"


@pytest.mark.source("DESIGN-4", "RFC 8446")
@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256R1()), X25519PrivateKey.generate()])
def test_a_certificate_for_another_kind_of_key_is_refused(key: Any) -> None:
    assert code(certified(foreign_certificate(key))) == "parties/certificate-malformed"


@given(
    st.binary(max_size=200)
    | st.integers(0, len(SEOUL.descriptor.tls_certificate) - 1).map(
        lambda at: flip(SEOUL.descriptor.tls_certificate, at)
    )
)
@modest
def test_any_certificate_has_an_ed25519_key_or_is_refused_by_the_rooms_error(untrusted: bytes) -> None:
    try:
        key = certified_key(untrusted)
    except DescriptorError:
        return
    assert len(key) == 32


@given(st.integers(0, len(SIGNED) - 1))
@modest
def test_a_flipped_bit_in_a_descriptor_is_refused(position: int) -> None:
    with pytest.raises((SignatureError, CanonError)):
        verify_descriptor(flip(SIGNED, position), record=SEOUL.record)


@pytest.mark.source("DESIGN-4")
def test_a_party_is_pinned_by_the_fingerprint_a_person_compared() -> None:
    pinned = pin(PINNED, fingerprint=SEOUL.record.fingerprint, by="park", now=NOW)
    assert (pinned.code, pinned.record, pinned.descriptor) == (SEOUL.code, SEOUL.record, SEOUL.descriptor)
    assert (pinned.pinned_by, pinned.at) == ("park", NOW)


@pytest.mark.parametrize(
    "fingerprint",
    ["", "0" * 64, TOKYO.record.fingerprint, SEOUL.record.fingerprint[:16], SEOUL.record.working.fingerprint],
)
def test_pinning_with_another_fingerprint_is_refused(fingerprint: str) -> None:
    with pytest.raises(DescriptorError) as caught:
        pin(PINNED, fingerprint=fingerprint, by="park", now=NOW)
    assert caught.value.code == "parties/fingerprint-differs"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Ministry of KOREA"},
        {"code": TOKYO.code},
        {"working": TOKYO.working.public},
        {"recovery": TOKYO.recovery.public},
    ],
)
def test_the_fingerprint_covers_name_code_and_both_identities(change: dict[str, Any]) -> None:
    assert replace(SEOUL.record, **change).fingerprint != SEOUL.record.fingerprint


def test_a_pin_file_with_another_partys_descriptor_is_refused() -> None:
    mixed = canon.encode(PinFile(record=SEOUL.record, descriptor=TOKYO.sign_descriptor(TOKYO.descriptor)))
    with pytest.raises(SignatureError):
        pin(mixed, fingerprint=SEOUL.record.fingerprint, by="park", now=NOW)


@given(st.binary(max_size=60) | st.integers(0, len(PINNED) - 1).map(lambda at: flip(PINNED, at)))
@modest
def test_any_changed_pin_file_is_refused_by_the_partners_error(untrusted: bytes) -> None:
    with pytest.raises(PartnerError):
        pin(untrusted, fingerprint=SEOUL.record.fingerprint, by="park", now=NOW)


@pytest.mark.parametrize(
    "address", ["node.example", "node.example:", "NODE:1", "node.example:8443\n", "a b:1", "x" * 200 + ":1"]
)
def test_an_address_is_a_host_and_a_port(address: str) -> None:
    odd = SEOUL.sign_descriptor(replace(SEOUL.descriptor, address=address))
    with pytest.raises(CanonError):
        verify_descriptor(odd, record=SEOUL.record)


@pytest.mark.parametrize("number", [0, -1, 2**31 + 1])
def test_a_descriptor_number_counts_from_one(number: int) -> None:
    odd = SEOUL.sign_descriptor(replace(SEOUL.descriptor, number=number, issued=Instant(0)))
    with pytest.raises(CanonError):
        verify_descriptor(odd, record=SEOUL.record)
