"""Identifiers are checked wherever bytes become values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.canon import CanonError
from gsomia.ids import (
    ConsignmentId,
    DecisionId,
    FacilityId,
    HexDigest,
    InstrumentId,
    ItemId,
    PartyCode,
    PersonId,
    hex_digest,
    new_consignment_id,
    new_decision_id,
    new_id,
    new_item_id,
    sha256_hex,
)
from strategies.labels import modest

GOOD: list[tuple[Any, str]] = [
    (ItemId, "itm_" + "a" * 26),
    (ConsignmentId, "csg_" + "7" * 26),
    (DecisionId, "dec_" + "z" * 26),
    (PersonId, "col-park"),
    (FacilityId, "seoul-1"),
    (PartyCode, "KOR"),
    (PartyCode, "NATO"),
    (InstrumentId, "GSOMIA-KR-JP"),
    (HexDigest, "0" * 64),
]


@pytest.mark.parametrize(("kind", "text"), GOOD)
def test_an_identifier_reads_as_it_is_written(kind: Any, text: str) -> None:
    assert canon.check(text, kind) == text


@pytest.mark.parametrize(("kind", "text"), GOOD)
@pytest.mark.parametrize("spoil", ["{}\n", "\n{}", " {}", "{} ", "{}\x00", "x{}é", "{}\n{}", "", "{}/..", "٣{}"])
def test_an_identifier_takes_nothing_around_it(kind: Any, text: str, spoil: str) -> None:
    with pytest.raises(CanonError):
        canon.check(spoil.replace("{}", text), kind)


@pytest.mark.parametrize(("kind", "text"), GOOD)
def test_an_identifier_has_one_case(kind: Any, text: str) -> None:
    other = text.swapcase()
    if other != text:
        with pytest.raises(CanonError):
            canon.check(other, kind)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (ItemId, "csg_" + "a" * 26),
        (ConsignmentId, "itm_" + "a" * 26),
        (DecisionId, "itm_" + "a" * 26),
        (ItemId, "itm_" + "a" * 25),
        (ItemId, "itm_" + "a" * 27),
        (ItemId, "itm_" + "1" * 26),
        (PartyCode, "KO"),
        (PartyCode, "KOREA"),
        (HexDigest, "0" * 63),
        (HexDigest, "0" * 65),
        (PersonId, "9-park"),
        (PersonId, "a" * 32),
        (InstrumentId, "1-GSOMIA"),
    ],
)
def test_an_identifier_of_another_kind_or_length_is_refused(kind: Any, text: str) -> None:
    with pytest.raises(CanonError):
        canon.check(text, kind)


@given(st.binary(min_size=17, max_size=17))
@modest
def test_what_is_made_is_what_is_read(drawn: bytes) -> None:
    def entropy(size: int) -> bytes:
        assert size == len(drawn)
        return drawn

    assert canon.check(new_item_id(entropy), ItemId)
    assert canon.check(new_consignment_id(entropy), ConsignmentId)
    assert canon.check(new_decision_id(entropy), DecisionId)


def test_an_identifier_carries_a_hundred_and_thirty_random_bits() -> None:
    made = {new_id("itm", lambda n, bit=bit: (1 << bit).to_bytes(n, "big")) for bit in range(6, 136)}  # type: ignore[misc]
    assert len(made) == 130


def test_digests_are_lower_case_hex() -> None:
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert hex_digest(bytes(31) + b"\xab") == "0" * 62 + "ab"
