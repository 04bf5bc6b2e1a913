from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsomia import canon
from gsomia.audit import AuditError, Leaf, encode_leaf, parse_leaf
from strategies.audit import leaf, leaves


@pytest.mark.source("DESIGN-5")
@given(leaves)
@settings(deadline=None)
def test_parsing_what_was_encoded_gives_the_leaf(written: Leaf) -> None:
    assert written == parse_leaf(encode_leaf(written))


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_are_a_leaf_or_an_audit_error(untrusted: bytes) -> None:
    try:
        parse_leaf(untrusted)
    except AuditError:
        return
    raise AssertionError(untrusted)


@pytest.mark.source("DESIGN-5")
@pytest.mark.parametrize(
    "change",
    [
        {"nonce": bytes(15)},
        {"nonce": bytes(17)},
        {"ids": {"to": "a title of something"}},
        {"ids": {"to": "x" * 129}},
        {"ids": {"to": ""}},
        {"ids": {"to": "KOR\n"}},
        {"ids": {"Upper": "x"}},
        {"ids": {f"k{number}": "x" for number in range(33)}},
        {"digest": "AB" * 32},
        {"code": "two words"},
        {"code": "대외비"},
        {"v": 2},
        {"event": "item:sold"},
    ],
)
def test_a_leaf_beyond_its_bounds_is_not_written(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"[Ll]eaf|key"):
        encode_leaf(replace(leaf(0), **change))


@pytest.mark.parametrize(
    "damage",
    [
        (b'"v":1', b'"v":2'),
        (b'"v":1', b'"v":1,"x":1'),
        (b"delivery:received", b"delivery:eaten"),
        (b'"code":null,', b""),
        (b":", b": "),
        (b"JPN", b"J N"),
        (b"2026", b"2o26"),
    ],
)
def test_a_damaged_leaf_is_refused(damage: tuple[bytes, bytes]) -> None:
    with pytest.raises(AuditError) as caught:
        parse_leaf(encode_leaf(leaf(0)).replace(*damage, 1))

    assert caught.value.code == "audit/leaf-malformed"


def test_a_leaf_longer_than_an_entry_bundle_allows_is_refused_unread() -> None:
    with pytest.raises(AuditError):
        parse_leaf(b" " * 65_536)


def test_the_nonce_hides_equal_leaves_from_each_other() -> None:
    assert encode_leaf(leaf(0)) != encode_leaf(replace(leaf(0), nonce=bytes([7]) * 16))


def test_the_bytes_of_a_leaf_are_its_canonical_form() -> None:
    assert canon.encode(leaf(3)) == encode_leaf(leaf(3))
