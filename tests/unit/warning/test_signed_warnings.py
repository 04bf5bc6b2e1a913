"""A warning keeps its originator's signature over every hop, and any change of it is seen."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from contracts.samples import NOW
from gsomia.errors import PartnerError
from gsomia.warning import (
    Character,
    Kind,
    LaneError,
    Sameness,
    SeenWarnings,
    check_scope,
    read_signed,
    sign_warning,
    verify_warning,
)
from gsomia.warning.seen import REMEMBERED
from strategies.lanes import decided, naming, track, warned
from strategies.parties import SEOUL, TOKYO

KEY = Ed25519PublicKey.from_public_bytes(SEOUL.lane.public.ed25519)


@pytest.mark.source("DESIGN-6")
def test_what_was_signed_reads_back_as_the_same_warning() -> None:
    said = warned(1)
    assert verify_warning(read_signed(said.raw), key=KEY) == said


@given(at=st.integers(0, 400), bit=st.integers(0, 7))
def test_a_changed_bit_is_seen_wherever_it_lies(at: int, bit: int) -> None:
    raw = bytearray(warned(1).raw)
    raw[at % len(raw)] ^= 1 << bit
    with pytest.raises(PartnerError):
        verify_warning(read_signed(bytes(raw)), key=KEY)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_signed_warning_or_refused(untrusted: bytes) -> None:
    with pytest.raises(PartnerError):
        verify_warning(read_signed(untrusted), key=KEY)


def test_nobody_speaks_for_another_party() -> None:
    message = track(1, originator=TOKYO.code, level="JPN-2-TOKUTEI")
    forged = sign_warning(message, naming(message, originator=SEOUL.code), signer=SEOUL.lane)
    with pytest.raises(LaneError) as caught:
        verify_warning(read_signed(forged.raw), key=KEY)
    assert caught.value.code == "warning/of-another"


@pytest.mark.source("RELAY-5.4")
@pytest.mark.parametrize(
    "scope",
    [
        {"kinds": (Kind.LAUNCH,)},
        {"characters": (Character.REAL,)},
        {"levels": ("KOR-3",)},
        {"topics": ("DPRK-CYBER",)},
        {"fields": ("latitude_udeg",)},
    ],
)
def test_a_decision_covers_what_it_names_and_nothing_else(scope: dict[str, object]) -> None:
    check_scope(decided(), track(1), now=NOW)
    with pytest.raises(LaneError) as caught:
        check_scope(decided(**scope), track(1), now=NOW)
    assert caught.value.code == "warning/not-authorised"


def test_a_decision_ends_by_itself() -> None:
    with pytest.raises(LaneError) as caught:
        check_scope(decided(until=NOW), track(1), now=NOW)
    assert caught.value.code == "warning/authorisation-expired"


def test_a_direct_decision_without_an_arrangement_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="arrangement"):
        decided(arrangement=None)


@given(st.lists(st.integers(0, 30), max_size=60))
def test_a_warning_is_new_once(numbers: list[int]) -> None:
    seen, shown = SeenWarnings(), []
    for number in numbers:
        if seen.judge("KOR", f"m{number}", number + 1) is Sameness.NEW:
            shown.append(number)
            seen.add("KOR", f"m{number}", number + 1)
    assert sorted(shown) == sorted(set(numbers))


def test_what_is_older_than_everything_remembered_is_a_replay() -> None:
    seen = SeenWarnings()
    for number in range(REMEMBERED + 2):
        seen.add("KOR", f"m{number}", number + 1)
    assert seen.judge("KOR", "m0", 1) is Sameness.TOO_OLD
    assert seen.judge("KOR", "new", REMEMBERED + 3) is Sameness.NEW
    again = SeenWarnings()
    again.restore(seen.kept())
    assert again.judge("KOR", "m0", 1) is Sameness.TOO_OLD
