"""What is hashed and signed has one spelling; everything else is refused."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import Meta

from gsomia import canon
from gsomia.canon import MAX_INTEGER, MAX_STATEMENT_BYTES, CanonError
from gsomia.errors import PartnerError
from gsomia.instants import Instant, Validity
from strategies.labels import modest
from strategies.parties import flip, instants


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    at: Instant
    body: bytes
    count: int
    name: Annotated[str, Meta(max_length=50)]
    notes: tuple[str, ...]
    payloadType: bool  # noqa: N815  DSSE's own spelling
    until: Validity | None
    words: dict[str, int]


KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True) | st.just("payloadType")
INTEGERS = st.integers(-MAX_INTEGER, MAX_INTEGER)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A closed kind: every value that decodes is in the subset."""

    at: Instant
    body: bytes | None
    count: Annotated[int, Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)]
    names: tuple[str, ...]
    paid: bool
    way: Literal["a", "b"]


SLIPS = st.builds(
    Slip,
    at=instants,
    body=st.none() | st.binary(max_size=40),
    count=INTEGERS,
    names=st.lists(TEXTS, max_size=3).map(tuple),
    paid=st.booleans(),
    way=st.sampled_from(["a", "b"]),
)
LETTERS = st.builds(
    Letter,
    at=instants,
    body=st.binary(max_size=40),
    count=INTEGERS,
    name=TEXTS,
    notes=st.lists(TEXTS, max_size=3).map(tuple),
    payloadType=st.booleans(),
    until=st.none() | st.builds(Validity, start=instants, until=st.none() | instants),
    words=st.dictionaries(KEYS, INTEGERS, max_size=3),
)
LETTER = Letter(
    at=Instant(0),
    body=b"\xfb\xff",
    count=7,
    name="극비\u2028/",
    notes=("a", "b"),
    payloadType=True,
    until=None,
    words={"a": 1, "b": 2},
)
WRITTEN = canon.encode(LETTER)


def refused(untrusted: bytes, kind: Any = Letter) -> str:
    with pytest.raises(CanonError) as caught:
        canon.decode(untrusted, kind)
    return caught.value.code


@pytest.mark.source("DESIGN-4", "RFC 8785")
@given(VALUES)
@modest
@example('\x00\x1f\x7f\x80\u2028\ue000\U0001f600"\\/\b\t\n\f\r')
def test_our_bytes_are_those_of_the_standard(value: Any) -> None:
    assert canon.encode(value) == rfc8785.dumps(value)


@given(LETTERS)
@modest
def test_what_was_encoded_decodes_to_itself(letter: Letter) -> None:
    assert canon.decode(canon.encode(letter), Letter) == letter


@given(LETTERS)
@modest
def test_a_value_and_its_plain_words_have_the_same_bytes(letter: Letter) -> None:
    assert canon.encode(canon.plain(letter)) == canon.encode(letter)
    assert canon.encode(canon.decode_any(canon.encode(letter))) == canon.encode(letter)


@given(st.binary(max_size=80) | st.integers(0, len(WRITTEN) - 1).map(lambda at: flip(WRITTEN, at)))
@modest
def test_any_bytes_are_the_canonical_form_of_a_value_or_refused(untrusted: bytes) -> None:
    try:
        letter = canon.decode(untrusted, Letter)
    except CanonError:
        return
    assert canon.encode(letter) == untrusted


@given(VALUES.filter(lambda value: not isinstance(value, str)))
@modest
def test_any_value_of_another_shape_is_refused(value: Any) -> None:
    refused(canon.encode({"letter": value}))
    refused(canon.encode([value]))


@given(st.binary(max_size=40) | st.text('[]{}",:0123456789eE.-\\untrfalsen ', max_size=20).map(str.encode))
@modest
def test_any_bytes_are_refused_or_their_own_spelling_when_read_as_free_objects(untrusted: bytes) -> None:
    try:
        value = canon.decode(untrusted, dict)
    except CanonError:
        return
    assert rfc8785.dumps(value) == untrusted


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b'"count":7', b'"count": 7', id="white space"),
        pytest.param(b'"count":7', b'"count":7,"count":7', id="doubled key"),
        pytest.param(
            b'"at":"1970-01-01T00:00:00Z","body":"+/8="', b'"body":"+/8=","at":"1970-01-01T00:00:00Z"', id="order"
        ),
        pytest.param(b'"count":7', b'"count":7,"extra":1', id="unknown field"),
        pytest.param(b'"count":7,', b"", id="missing field"),
        pytest.param(b'"count":7', b'"count":7.0', id="float"),
        pytest.param(b'"count":7', b'"count":7e0', id="exponent"),
        pytest.param(b'"count":7', b'"count":07', id="leading zero"),
        pytest.param(b'"count":7', b'"count":-0', id="minus zero"),
        pytest.param(b'"count":7', b'"count":"7"', id="number as text"),
        pytest.param(b'"count":7', b'"count":true', id="truth as number"),
        pytest.param(b'"count":7', b'"count":9007199254740992', id="2^53"),
        pytest.param(b'"count":7', b'"count":' + b"1" * 40, id="far beyond 64 bits"),
        pytest.param(b'["a"', b'["\\u0061"', id="needless escape"),
        pytest.param(b'/","notes', b'\\/","notes', id="escaped slash"),
        pytest.param(b'["a"', b'["\\ud800"', id="lone surrogate"),
        pytest.param(b'["a"', b'["\xff"', id="not UTF-8"),
        pytest.param(b"+/8=", b"+/9=", id="base64 with loose bits"),
        pytest.param(b"+/8=", b"-_8=", id="base64url"),
        pytest.param(b"+/8=", b"+/8", id="base64 without padding"),
        pytest.param(b'"words":{"a":1,"b":2}', b'"words":{"b":2,"a":1}', id="inner order"),
        pytest.param(b'"words":{"a":1,"b":2}', b'"words":{"A":1}', id="key in capitals"),
        pytest.param(b'"words":{"a":1,"b":2}', b'"words":{"":1}', id="empty key"),
        pytest.param(b'"words":{"a":1,"b":2}', b'"words":{"a\\n":1}', id="key with a newline"),
        pytest.param(b"1970-01-01T00:00:00Z", b"1970-01-01T00:00:00.0Z", id="fraction of a second"),
        pytest.param(b'"until":null', b'"until":{"start":"1970-01-01T00:00:00Z"}', id="default left out"),
        pytest.param(b"true", b"True", id="not JSON"),
    ],
)
def test_a_second_spelling_is_refused(old: bytes, new: bytes) -> None:
    assert WRITTEN.count(old) == 1
    refused(WRITTEN.replace(old, new))


@pytest.mark.parametrize("ends", [(b"", b"\n"), (b" ", b""), (b"\xef\xbb\xbf", b""), (b"", b"\x00"), (b"", WRITTEN)])
def test_nothing_stands_before_or_after_a_value(ends: tuple[bytes, bytes]) -> None:
    refused(ends[0] + WRITTEN + ends[1])


def test_unicode_is_neither_normalised_nor_refused() -> None:
    composed, decomposed = canon.encode("\u00e9"), canon.encode("e\u0301")
    assert composed != decomposed
    assert (canon.decode(composed, str), canon.decode(decomposed, str)) == ("\u00e9", "e\u0301")


def test_integers_end_just_below_two_to_the_fifty_third() -> None:
    assert canon.decode(b"9007199254740991", int) == MAX_INTEGER
    assert canon.decode(b"-9007199254740991", int) == -MAX_INTEGER
    refused(b"9007199254740992", int)
    refused(b"-9007199254740992", int)


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), MAX_INTEGER + 1, -MAX_INTEGER - 1, {"A": 1}, {"a b": 1}, {"a\n": 1}, [{"é": 1}]]
)
def test_we_never_write_what_no_one_may_read(value: Any) -> None:
    if value != value:  # noqa: PLR0124  not a number is the one value unequal to itself
        assert canon.encode(value) == b"null"
        return
    with pytest.raises(ValueError, match=r"integer|key"):
        canon.encode(value)


def test_a_statement_beyond_the_cap_is_refused_unread() -> None:
    largest = b'"' + b"a" * (MAX_STATEMENT_BYTES - 2) + b'"'
    assert len(canon.decode(largest, str)) == MAX_STATEMENT_BYTES - 2
    assert refused(b'"a' + largest[1:], str) == "canon/too-large"


@given(SLIPS, st.data())
@modest
def test_what_is_read_of_a_closed_kind_may_be_written(slip: Slip, data: st.DataObject) -> None:
    assert canon.is_closed(Slip)
    written = canon.encode(slip)
    assert canon.decode(written, Slip) == slip
    changed = flip(written, data.draw(st.integers(0, len(written) - 1)))
    try:
        read = canon.decode(changed, Slip)
    except CanonError:
        return
    assert canon.encode(read) == changed  # writing walks through every value


@pytest.mark.parametrize("kind", [Letter, int, float, dict[str, str], Annotated[int, Meta(ge=0)], tuple[Any, ...]])
def test_a_kind_whose_values_can_leave_the_subset_is_not_closed(kind: Any) -> None:
    assert not canon.is_closed(kind)


@pytest.mark.parametrize("depth", [2_000, 200_000])
def test_deep_nesting_is_refused_and_breaks_nothing(depth: int) -> None:
    refused(b"[" * depth + b"]" * depth, list)


def test_a_refusal_is_the_partners_fault_and_one_line() -> None:
    with pytest.raises(PartnerError) as caught:
        canon.decode(b'{"a":\n1,"b"}', Letter)
    assert "\n" not in caught.value.message
    assert caught.value.code == "canon/malformed"


def test_a_digest_is_that_of_the_canonical_bytes() -> None:
    assert canon.digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_bytes_are_written_as_padded_base64() -> None:
    assert canon.encode({"sig": b"\x00\xff"}) == b'{"sig":"' + b64encode(b"\x00\xff") + b'"}'


@given(VALUES)
@modest
def test_checking_a_word_never_raises_but_to_refuse(value: Any) -> None:
    try:
        assert canon.check(value, Instant) == Instant.parse(value)
    except CanonError:
        return


@pytest.mark.source("DESIGN-4", "RFC 3339")
@pytest.mark.parametrize("value", [0, -1, 1.5, True, None, [], {}, ["2016-11-23T00:00:00Z"], {"at": 0}, "0", ""])
def test_an_instant_that_is_no_text_is_refused_as_malformed(value: Any) -> None:
    spelled = rfc8785.dumps(value)
    assert refused(spelled, Instant) == "canon/malformed"
    assert refused(WRITTEN.replace(b'"1970-01-01T00:00:00Z"', spelled)) == "canon/malformed"
    assert refused(b'{"start":' + spelled + b',"until":null}', Validity) == "canon/malformed"
    with pytest.raises(CanonError) as caught:
        canon.check(value, Instant)
    assert caught.value.code == "canon/malformed"


def test_a_value_that_contains_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(CanonError):
        canon.check(endless, list)
