"""Tests of `audit.receipt`; the name differs from its module's because tests of other rooms have that one."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsomia import canon
from gsomia.audit import (
    AuditError,
    CheckpointError,
    InclusionError,
    InclusionReceipt,
    parse_tlog_proof,
    print_tlog_proof,
    verify_receipt,
)
from gsomia.errors import PartnerError
from strategies.audit import LOG_SIGNER, ORIGIN, OTHER_SIGNER, flip, leaf, leaf_log, log_of

LOG = leaf_log(7)
RECEIPT = LOG.receipt(3, 7)
KEY = LOG_SIGNER.public

receipts = st.builds(
    InclusionReceipt,
    leaf=st.binary(min_size=1, max_size=100),
    index=st.integers(0, 2**53 - 1),
    proof=st.lists(st.binary(min_size=32, max_size=32), max_size=64).map(tuple),
    checkpoint=st.binary(max_size=100),
)


@pytest.mark.source("DESIGN-5")
@pytest.mark.parametrize(("index", "size"), [(index, size) for size in range(1, 8) for index in range(size)])
def test_a_receipt_proves_its_leaf(index: int, size: int) -> None:
    proven, signed = verify_receipt(LOG.receipt(index, size), origin=ORIGIN, key=KEY)

    assert proven == leaf(index)
    assert signed.checkpoint == LOG.head(size)


@pytest.mark.source("DESIGN-5")
def test_a_flipped_bit_in_the_leaf_or_proof_of_a_receipt_is_refused() -> None:
    for position in range(len(RECEIPT.leaf)):
        with pytest.raises(InclusionError):
            verify_receipt(replace(RECEIPT, leaf=flip(RECEIPT.leaf, position)), origin=ORIGIN, key=KEY)
    for number, sibling in enumerate(RECEIPT.proof):
        damaged = (*RECEIPT.proof[:number], flip(sibling, number), *RECEIPT.proof[number + 1 :])
        with pytest.raises(InclusionError):
            verify_receipt(replace(RECEIPT, proof=damaged), origin=ORIGIN, key=KEY)


def test_a_receipt_for_another_index_is_refused() -> None:
    with pytest.raises(InclusionError):
        verify_receipt(replace(RECEIPT, index=2), origin=ORIGIN, key=KEY)


def test_a_receipt_of_another_log_or_key_is_refused() -> None:
    with pytest.raises(CheckpointError):
        verify_receipt(RECEIPT, origin="gsomia/usa/private", key=KEY)
    with pytest.raises(CheckpointError):
        verify_receipt(RECEIPT, origin=ORIGIN, key=OTHER_SIGNER.public)


def test_a_receipt_for_bytes_that_are_no_leaf_is_refused() -> None:
    with pytest.raises(AuditError):
        verify_receipt(log_of([b"no leaf"]).receipt(0, 1), origin=ORIGIN, key=KEY)


def test_a_receipt_crosses_the_border_as_canonical_json() -> None:
    assert canon.decode(canon.encode(RECEIPT), InclusionReceipt) == RECEIPT


@pytest.mark.parametrize(
    "change", [{"index": -1}, {"index": 2**53}, {"proof": (bytes(31),)}, {"proof": (bytes(32),) * 65}]
)
def test_a_receipt_beyond_its_bounds_does_not_cross(change: dict[str, Any]) -> None:
    with pytest.raises((canon.CanonError, ValueError)):
        canon.decode(canon.encode(replace(RECEIPT, **change)), InclusionReceipt)


@pytest.mark.source("C2SP tlog-proof")
def test_a_receipt_on_disk_reads_as_the_format_says() -> None:
    lines = print_tlog_proof(RECEIPT).split(b"\n")

    assert lines[0] == b"c2sp.org/tlog-proof@v1"
    assert lines[1].startswith(b"extra ")
    assert lines[2] == b"index 3"
    assert lines[6] == b""
    assert lines[7] == ORIGIN.encode()


@pytest.mark.source("C2SP tlog-proof")
@given(receipts | st.just(RECEIPT))
@settings(deadline=None)
def test_parsing_a_printed_receipt_gives_the_receipt(receipt: InclusionReceipt) -> None:
    assert receipt == parse_tlog_proof(print_tlog_proof(receipt))


PRINTED = print_tlog_proof(RECEIPT)


@given(st.binary(max_size=200) | st.integers(0, 700).map(lambda at: flip(PRINTED, at)))
@settings(deadline=None)
def test_any_bytes_are_refused_or_printed_as_they_were(untrusted: bytes) -> None:
    try:
        receipt = parse_tlog_proof(untrusted)
    except AuditError:
        return
    assert untrusted == print_tlog_proof(receipt)


def test_a_flipped_bit_anywhere_in_a_receipt_on_disk_is_refused() -> None:
    for position in range(0, len(PRINTED), 7):
        with pytest.raises(PartnerError):
            verify_receipt(parse_tlog_proof(flip(PRINTED, position)), origin=ORIGIN, key=KEY)


@pytest.mark.source("C2SP tlog-proof")
@pytest.mark.parametrize(
    "damage",
    [
        (b"@v1", b"@v2"),
        (b"extra ", b"extra"),
        (b"index 3", b"index 03"),
        (b"index 3", b"index 9007199254740992"),
        (b"index 3\n", b"index 3\nAAAA\n"),
        (b"index 3\n", b"index 3\n" + b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n" * 62),
        (b"index 3\n", b""),
        (b"proof@v1", b"proof@v1 more"),
        (b"\n\n", b"\n"),
    ],
)
def test_a_malformed_receipt_on_disk_is_refused(damage: tuple[bytes, bytes]) -> None:
    with pytest.raises(AuditError):
        parse_tlog_proof(PRINTED.partition(b"\n\n")[0].join([b"", b"\n\n"]).replace(*damage))


def test_a_receipt_on_disk_without_its_entry_is_refused() -> None:
    lines = PRINTED.split(b"\n")

    with pytest.raises(AuditError):
        parse_tlog_proof(b"\n".join([lines[0], *lines[2:]]))


def test_an_overlong_receipt_on_disk_is_refused_unread() -> None:
    with pytest.raises(AuditError):
        parse_tlog_proof(b"x" * (1 << 20))
