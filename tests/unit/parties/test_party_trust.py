"""Whom we believe: a compared fingerprint, a signed descriptor, a rising number, a key for each purpose."""

from dataclasses import replace
from typing import Any

import pytest
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
    pin,
    sign_statement,
    verify_descriptor,
)
from strategies.labels import NOW, modest
from strategies.parties import SEOUL, TOKYO, flip, signer

SIGNED = SEOUL.sign_descriptor(SEOUL.descriptor)
PINNED = SEOUL.pin_file(SEOUL.descriptor)


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
    ],
)
def test_keys_that_are_shared_or_of_the_wrong_strength_are_refused(change: dict[str, HybridKey]) -> None:
    odd: Descriptor = replace(SEOUL.descriptor, **change)  # type: ignore[arg-type]
    assert code(SEOUL.sign_descriptor(odd)) == "parties/keys-not-separate"


def test_a_party_whose_two_identities_are_one_is_refused() -> None:
    record = replace(SEOUL.record, recovery=SEOUL.working.public)
    with pytest.raises(DescriptorError):
        verify_descriptor(SIGNED, record=record)


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
