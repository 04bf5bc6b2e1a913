"""From bytes at the door to content: every step proves one thing more, and whatever was changed stops at its step."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.canon import CanonError
from gsomia.envelope import (
    RELEASE,
    SEGMENT_BYTES,
    EnvelopeError,
    KeyedParty,
    OpenError,
    ReceivedEnvelope,
    SegmentError,
    WrappedKey,
    begin_sealing,
    derive_keys,
    finish_sealing,
    open_envelope,
    open_segment,
    parse_offer,
    print_offer,
    seal_segment,
    verify_segment,
)
from gsomia.envelope.suite import open_part, seal_part, wrap
from gsomia.errors import VerificationError
from gsomia.ids import sha256_hex
from gsomia.parties import Office, Opener, SignatureError, sign_statement
from strategies.envelope import (
    ITEM,
    OTHER_ITEM,
    OTHER_LABEL,
    Parcel,
    decision_of,
    entropy,
    header_of,
    list_of,
    part_of,
    proven,
    seal,
    seal_pieces,
    signed_again,
    with_header,
)
from strategies.labels import modest
from strategies.parties import PARK, SATO, SEOUL, TOKYO, WASHINGTON, flip

CONTENT = b"launch site " * 3
PARCEL = seal(CONTENT)
OTHER = seal(b"another item", item=OTHER_ITEM)
LONG_CONTENT = bytes(range(256)) * ((SEGMENT_BYTES >> 8) * 2) + b"tail"
LONG = seal(LONG_CONTENT)
UNWRAPPED = open_envelope(proven(PARCEL.offer), opener=TOKYO.opener)


def opened(parcel: Parcel) -> bytes:
    """As the recipient goes: parse, verify, open, then each segment by list and key."""
    received, inline = parse_offer(print_offer(parcel.offer))
    assert inline == b""
    unwrapped = open_envelope(proven(received), opener=TOKYO.opener)
    last = received.header.segments - 1
    content = b""
    for index, sealed in enumerate(parcel.segments):
        verify_segment(unwrapped.verified.segment_list, sealed, index=index)
        content += open_segment(unwrapped.keys, sealed, index=index, last=index == last)
    assert sha256_hex(content) == unwrapped.part.content_digest
    return content


def stopped(received: ReceivedEnvelope, error: type[VerificationError] = EnvelopeError, **known: Any) -> str:
    with pytest.raises(error) as caught:
        proven(received, **known)
    return caught.value.code


def unopened(received: ReceivedEnvelope, error: type[VerificationError] = OpenError) -> str:
    verified = proven(received)
    with pytest.raises(error) as caught:
        open_envelope(verified, opener=TOKYO.opener)
    return caught.value.code


# --- round trip ---------------------------------------------------------------------------


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize("size", [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1])
def test_what_was_sealed_opens(size: int) -> None:
    content = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    parcel = seal(content)
    assert parcel.offer.header.segments == len(parcel.segments)
    assert opened(parcel) == content


@given(st.binary(max_size=300))
@modest
def test_whatever_was_sealed_opens(content: bytes) -> None:
    assert opened(seal(content)) == content


def test_the_recipient_learns_label_topic_and_decision_as_they_were_sealed() -> None:
    assert UNWRAPPED.part == PARCEL.part
    assert UNWRAPPED.verified.header == PARCEL.offer.header
    assert UNWRAPPED.verified.statement == PARCEL.sealed.statement


def test_the_same_content_is_never_sealed_to_the_same_bytes() -> None:
    again = seal(CONTENT)
    assert again.segments != PARCEL.segments
    assert again.offer.sealed_part != PARCEL.offer.sealed_part


@pytest.mark.source("STYLE-3.6")
def test_an_opened_envelope_shows_nothing_of_its_key_or_content() -> None:
    for secret in (UNWRAPPED, UNWRAPPED.keys, LONG.sealing.keys):
        shown = f"{secret!r} {secret}"
        assert len(shown) < 100
        assert UNWRAPPED.content_key.hex() not in shown


# --- verifying: nothing opens before this ---------------------------------------------------


def test_a_flipped_bit_in_the_header_is_refused() -> None:
    for position in range(len(PARCEL.offer.header_bytes)):
        frame = print_offer(replace(PARCEL.offer, header_bytes=flip(PARCEL.offer.header_bytes, position)))
        with pytest.raises((CanonError, EnvelopeError)):
            proven(parse_offer(frame)[0])


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize(
    "change",
    [
        {"item": OTHER_ITEM},
        {"consignment": OTHER.offer.header.consignment},
        {"label_commitment": sha256_hex(b"another label")},
        {"agreement": sha256_hex(b"another agreement")},
        {"content_bytes": len(CONTENT) - 1},
    ],
)
def test_a_header_the_manifest_does_not_cover_is_refused(change: dict[str, Any]) -> None:
    assert stopped(with_header(PARCEL, **change)) == "envelope/header-differs"


@given(st.integers(0, len(PARCEL.offer.statement) - 1))
@modest
def test_a_flipped_bit_in_manifest_or_signature_is_refused(position: int) -> None:
    damaged = replace(PARCEL.offer, statement=flip(PARCEL.offer.statement, position))
    with pytest.raises((SignatureError, CanonError)):
        proven(damaged)


def test_a_flipped_bit_in_the_segment_list_is_refused() -> None:
    for position in range(32):
        damaged = replace(PARCEL.offer, segment_list=flip(PARCEL.offer.segment_list, position))
        assert stopped(damaged) == "envelope/segment-list-differs"


def test_a_flipped_bit_in_the_sealed_part_is_refused_before_it_opens() -> None:
    for position in range(0, len(PARCEL.offer.sealed_part), 13):
        damaged = replace(PARCEL.offer, sealed_part=flip(PARCEL.offer.sealed_part, position))
        assert stopped(damaged) == "envelope/sealed-part-differs"


def test_another_envelopes_statement_is_refused() -> None:
    assert stopped(replace(PARCEL.offer, statement=OTHER.offer.statement)) == "envelope/header-differs"


def test_a_segment_list_in_another_order_is_refused() -> None:
    listed = LONG.offer.segment_list
    assert stopped(replace(LONG.offer, segment_list=listed[32:] + listed[:32])) == "envelope/segment-list-differs"


def test_another_sender_than_the_connections_is_refused() -> None:
    assert stopped(PARCEL.offer, sender=WASHINGTON.descriptor) == "envelope/sender-mismatch"
    forged = seal(CONTENT, sender=WASHINGTON)
    stopped(forged.offer, SignatureError)


@pytest.mark.source("DESIGN-4")
def test_a_statement_key_that_is_no_longer_current_is_refused() -> None:
    renewed = replace(SEOUL.descriptor, number=4, statement=WASHINGTON.statement.public)
    assert stopped(PARCEL.offer, sender=renewed) == "envelope/sender-key-not-current"
    for key in (SEOUL.working.public.key_ids[0], SEOUL.statement.public.key_ids[1]):
        other = with_header(PARCEL, sender=KeyedParty(party=SEOUL.code, key=key))
        assert stopped(other) == "envelope/sender-key-not-current"


def test_an_envelope_for_another_recipient_or_key_is_refused() -> None:
    assert stopped(PARCEL.offer, recipient=WASHINGTON.code) == "envelope/not-for-us"
    assert stopped(PARCEL.offer, our_keys={WASHINGTON.opener.public.key_id}) == "envelope/not-for-us"
    assert stopped(PARCEL.offer, our_keys=set()) == "envelope/not-for-us"


def test_a_statement_of_another_kind_is_no_manifest() -> None:
    other = sign_statement(PARCEL.sealed.statement.value, kind=RELEASE + "-x", signer=SEOUL.statement)
    assert stopped(replace(PARCEL.offer, statement=other.envelope), SignatureError) == "parties/type-not-taken"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"header": sha256_hex(b"")}, "envelope/header-differs"),
        ({"segment_list": sha256_hex(b"")}, "envelope/segment-list-differs"),
        ({"segments": 2}, "envelope/segment-count-differs"),
        ({"sealed_part": sha256_hex(b"")}, "envelope/sealed-part-differs"),
    ],
)
def test_a_signed_manifest_that_does_not_fit_its_envelope_is_refused(change: dict[str, Any], code: str) -> None:
    assert stopped(signed_again(PARCEL, **change)) == code


def test_exactly_one_key_must_be_wrapped_for_us() -> None:
    mine = PARCEL.sealed.statement.value.keys[0]
    theirs = WrappedKey(key=WASHINGTON.opener.public.key_id, wrapped=mine.wrapped)
    assert stopped(signed_again(PARCEL, keys=(theirs,))) == "envelope/no-key-for-us"
    assert stopped(signed_again(PARCEL, keys=(mine, mine))) == "envelope/no-key-for-us"
    assert proven(signed_again(PARCEL, keys=(theirs, mine))).wrapped == mine


def test_a_manifest_without_or_with_too_many_keys_is_refused() -> None:
    mine = PARCEL.sealed.statement.value.keys[0]
    for keys in ((), (mine,) * 9):
        with pytest.raises(CanonError):
            proven(signed_again(PARCEL, keys=keys))


def test_what_differs_is_kept_as_evidence() -> None:
    with pytest.raises(EnvelopeError) as caught:
        proven(replace(PARCEL.offer, sealed_part=b""))
    assert caught.value.evidence == {
        "signed": sha256_hex(PARCEL.offer.sealed_part),
        "received": sha256_hex(b""),
    }


# --- opening: what the sender signed may still not hold together ----------------------------


def rewrapped(wrapped: bytes) -> ReceivedEnvelope:
    mine = PARCEL.sealed.statement.value.keys[0]
    return signed_again(PARCEL, keys=(WrappedKey(key=mine.key, wrapped=wrapped),))


def test_a_flipped_bit_in_the_wrapped_key_does_not_open() -> None:
    wrapped = PARCEL.sealed.statement.value.keys[0].wrapped
    for position in range(0, len(wrapped), 29):
        assert unopened(rewrapped(flip(wrapped, position))) == "envelope/does-not-open"


@pytest.mark.parametrize("wrapped", [b"", b"x", bytes(31), bytes(1120), bytes(1168), bytes(4096)])
def test_any_bytes_as_a_wrapped_key_do_not_open(wrapped: bytes) -> None:
    assert unopened(rewrapped(wrapped)) == "envelope/does-not-open"


def test_a_key_wrapped_for_another_header_or_of_another_length_does_not_open() -> None:
    content_key, digest = UNWRAPPED.content_key, UNWRAPPED.verified.header_digest
    sealing = TOKYO.opener.public
    assert unopened(rewrapped(wrap(content_key, sealing, bytes(32)))) == "envelope/does-not-open"
    assert unopened(rewrapped(wrap(content_key, WASHINGTON.opener.public, digest))) == "envelope/does-not-open"
    assert unopened(rewrapped(wrap(content_key[:16], sealing, digest))) == "envelope/does-not-open"
    assert unopened(rewrapped(wrap(content_key + b"\0", sealing, digest))) == "envelope/does-not-open"


def test_our_own_other_key_does_not_open_it() -> None:
    with pytest.raises(OpenError):
        open_envelope(proven(PARCEL.offer), opener=Opener.from_seed(bytes(96)))


@pytest.mark.source("DESIGN-4")
def test_a_key_the_manifest_does_not_commit_to_is_refused() -> None:
    other_key = wrap(entropy(32), TOKYO.opener.public, UNWRAPPED.verified.header_digest)
    assert unopened(rewrapped(other_key)) == "envelope/key-not-committed"
    assert unopened(signed_again(PARCEL, key_commitment=sha256_hex(b""))) == "envelope/key-not-committed"


def with_part(sealed: bytes) -> ReceivedEnvelope:
    return replace(signed_again(PARCEL, sealed_part=sha256_hex(sealed)), sealed_part=sealed)


def test_a_sealed_part_of_other_bytes_does_not_open() -> None:
    assert unopened(with_part(b"")) == "envelope/does-not-open"
    assert unopened(with_part(flip(PARCEL.offer.sealed_part, 5))) == "envelope/does-not-open"
    assert unopened(with_part(OTHER.offer.sealed_part)) == "envelope/does-not-open"
    assert unopened(with_part(seal_part(UNWRAPPED.keys, b"{}"))) == "envelope/does-not-open"
    assert unopened(with_part(seal_part(UNWRAPPED.keys, canon.encode(PARCEL.part) + b" "))) == "envelope/does-not-open"


def lying(**changes: Any) -> ReceivedEnvelope:
    """Seoul seals a part that differs from what header and manifest commit to."""
    return with_part(seal_part(UNWRAPPED.keys, canon.encode(replace(PARCEL.part, **changes))))


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize(
    "changes",
    [
        {"label": OTHER_LABEL},
        {"label_salt": b"t" * 16},
        {"content_digest": sha256_hex(b"other content")},
        {"content_salt": b"t" * 16},
        {"decision": decision_of(PARCEL.offer.header)},
    ],
)
def test_what_is_sealed_is_what_was_committed_to(changes: dict[str, Any]) -> None:
    assert unopened(lying(**changes)) == "envelope/commitment-differs"


def test_a_manifest_that_names_another_decision_is_refused() -> None:
    assert unopened(signed_again(PARCEL, decision=OTHER.part.decision.body.id)) == "envelope/commitment-differs"
    assert unopened(signed_again(PARCEL, decision_digest=sha256_hex(b""))) == "envelope/commitment-differs"
    assert unopened(signed_again(PARCEL, content_commitment=sha256_hex(b""))) == "envelope/commitment-differs"


def decided(make: Callable[..., Any] = decision_of, **changes: Any) -> ReceivedEnvelope:
    """Sealed and committed properly, but under another decision."""
    header = header_of(CONTENT)
    sealing = begin_sealing(header, recipient=TOKYO.opener.public, entropy=entropy)
    part = part_of(header, CONTENT, decision=make(header, **changes))
    listed = list_of(seal_pieces(sealing, CONTENT))
    return finish_sealing(sealing, part=part, segment_list=listed, signer=SEOUL.statement).envelope


@pytest.mark.source("G1-2", "F-14")
@pytest.mark.parametrize(
    "changes",
    [
        {"item": OTHER_ITEM},
        {"to": WASHINGTON.code},
        {"agreement": sha256_hex(b"another version")},
        {"instrument": "GSOMIA-KR-US"},
    ],
)
def test_a_decision_about_something_else_is_refused(changes: dict[str, Any]) -> None:
    assert unopened(decided(**changes)) == "envelope/decision-of-another"


@pytest.mark.source("G1-2", "G4-1", "F-14")
@pytest.mark.parametrize("level", ["KOR-3", "KOR-1", "KOR-DAEOEBI", "JPN-2-GOKUHI", ""])
def test_a_decision_about_another_level_than_the_labels_is_refused(level: str) -> None:
    assert unopened(decided(level=level)) == "envelope/decision-of-another"


@pytest.mark.source("G1-2", "F-14")
@pytest.mark.parametrize("office", [office for office in Office if office is not Office.RELEASING_AUTHORITY])
def test_only_a_releasing_authority_decides_a_release(office: Office) -> None:
    hand = replace(PARK, office=office)
    assert unopened(decided(hand=hand)) == "envelope/decider-without-office"


@pytest.mark.source("G1-2", "F-14")
def test_the_office_that_decided_is_part_of_what_the_party_signed() -> None:
    act = PARCEL.part.decision
    demoted = replace(act, by=replace(act.by, office=Office.READER))
    assert unopened(lying(decision=demoted)) == "envelope/commitment-differs"


@pytest.mark.source("G1-2", "F-14")
def test_a_decision_nobody_signed_is_refused() -> None:
    def forged(header: Any) -> Any:
        act = decision_of(header)
        theirs = decision_of(header, hand=SATO)
        return replace(act, by=replace(act.by, signature=theirs.by.signature))

    assert unopened(decided(forged), SignatureError) == "parties/person-signature-false"
    assert unopened(decided(kind="note"), SignatureError) == "parties/person-signature-false"
    assert open_envelope(proven(decided()), opener=TOKYO.opener).part.decision.body.item == ITEM


# --- segments -------------------------------------------------------------------------------


def test_a_flipped_bit_in_a_segment_is_refused_by_list_and_by_key() -> None:
    keys = PARCEL.sealing.keys
    for position in range(len(PARCEL.segments[0])):
        damaged = flip(PARCEL.segments[0], position)
        with pytest.raises(SegmentError):
            verify_segment(PARCEL.offer.segment_list, damaged, index=0)
        with pytest.raises(SegmentError):
            open_segment(keys, damaged, index=0, last=True)


def test_segments_swapped_within_an_item_are_refused() -> None:
    first, second, _ = LONG.segments
    for index, segment in ((0, second), (1, first)):
        with pytest.raises(SegmentError):
            verify_segment(LONG.offer.segment_list, segment, index=index)
        with pytest.raises(SegmentError):
            open_segment(LONG.sealing.keys, segment, index=index, last=False)


def test_segments_swapped_between_items_are_refused() -> None:
    with pytest.raises(SegmentError):
        verify_segment(PARCEL.offer.segment_list, OTHER.segments[0], index=0)
    with pytest.raises(SegmentError):
        open_segment(PARCEL.sealing.keys, OTHER.segments[0], index=0, last=True)


def test_one_content_key_under_two_headers_gives_segments_that_do_not_mix() -> None:
    key = entropy(32)
    here, there = derive_keys(key, bytes(32)), derive_keys(key, b"\x01" * 32)
    with pytest.raises(SegmentError):
        open_segment(there, seal_segment(here, b"x", index=0, last=True), index=0, last=True)
    assert here.commitment != there.commitment


def test_an_item_cut_after_a_segment_or_carried_on_is_noticed() -> None:
    cut, last = LONG.segments[1], LONG.segments[2]
    with pytest.raises(SegmentError):
        open_segment(LONG.sealing.keys, cut, index=1, last=True)
    with pytest.raises(SegmentError):
        open_segment(LONG.sealing.keys, last, index=2, last=False)
    with pytest.raises(SegmentError):
        open_segment(LONG.sealing.keys, last[:-1], index=2, last=True)


@pytest.mark.parametrize("index", [1, 2, 1000])
def test_a_segment_beyond_the_list_is_refused(index: int) -> None:
    for sealed in (PARCEL.segments[0], b""):
        with pytest.raises(SegmentError):
            verify_segment(PARCEL.offer.segment_list, sealed, index=index)


@given(st.binary(max_size=60))
@modest
def test_any_bytes_as_a_segment_or_sealed_part_do_not_open(sealed: bytes) -> None:
    with pytest.raises(SegmentError):
        open_segment(PARCEL.sealing.keys, sealed, index=0, last=True)
    with pytest.raises(OpenError):
        open_part(PARCEL.sealing.keys, sealed)


def test_separate_uses_have_separate_keys() -> None:
    with pytest.raises(OpenError):
        open_part(PARCEL.sealing.keys, seal_segment(PARCEL.sealing.keys, b"x", index=0, last=False))
    assert PARCEL.sealing.keys.commitment not in print_offer(PARCEL.offer)
    assert hashlib.sha256(UNWRAPPED.content_key).digest() != PARCEL.sealing.keys.commitment
