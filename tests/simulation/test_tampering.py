"""What is changed on its way, who finds it, and by which code: one row for each, at the nodes' real doors.

Whatever is found is found before a receipt exists and before anything is shown. Every row has the same control: the
untouched offer, receipt or checkpoint, taken afterwards.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gsomia import canon
from gsomia.canon import CanonError
from gsomia.envelope import RELEASE, Manifest, print_offer
from gsomia.errors import IntegrityError, PartnerError
from gsomia.flows.parties import MAX_SKEW_S, partner, pin_partner
from gsomia.flows.records import RefusalRecord
from gsomia.ids import sha256_hex
from gsomia.parties import DESCRIPTOR, HybridSigner, PinFile, Strength, sign_statement
from gsomia.storage import KINDS
from gsomia.transport import PartnerRefusedError
from simulation.forge import forge_offer
from simulation.parcel import (
    LONG_WORDS,
    SECRET_WORDS,
    Parcel,
    flipped,
    in_the_middle,
    receipts_of,
    refused,
    taken_out,
    taken_untouched,
)
from simulation.world import JPN, KOR, USA, World, identity, seeded, world_in_force


@pytest.fixture(scope="module")
def world() -> World:
    """Seoul and Tokyo with the agreement in force, and a reader at Tokyo; every row adds to it."""
    made = world_in_force(USA)
    made[JPN].bring_reader()
    return made


@pytest.fixture
def small(world: World) -> Parcel:
    return taken_out(world, SECRET_WORDS)


@pytest.fixture
def large(world: World) -> Parcel:
    return taken_out(world, LONG_WORDS)


def lines_of(statement: bytes) -> list[dict[str, str]]:
    lines: list[dict[str, str]] = canon.decode_any(statement)["signatures"]
    return lines


def with_lines(statement: bytes, lines: list[dict[str, str]]) -> bytes:
    return canon.encode({**canon.decode_any(statement), "signatures": lines})


def with_flipped_payload(statement: bytes) -> bytes:
    envelope = canon.decode_any(statement)
    payload = b64decode(envelope["payload"])
    return canon.encode({**envelope, "payload": b64encode(in_the_middle(payload)).decode()})


def with_flipped_signature(statement: bytes, which: int) -> bytes:
    lines = lines_of(statement)
    lines[which]["sig"] = b64encode(in_the_middle(b64decode(lines[which]["sig"]))).decode()
    return with_lines(statement, lines)


def another_header(parcel: Parcel, **changes: Any) -> bytes:
    header = replace(parcel.offer.header, **changes)
    return parcel.bytes_with(header=header, header_bytes=canon.encode(header))


def with_wrapped_key(parcel: Parcel) -> bytes:
    manifest = canon.decode(b64decode(canon.decode_any(parcel.offer.statement)["payload"]), Manifest)
    key = replace(manifest.keys[0], wrapped=in_the_middle(manifest.keys[0].wrapped))
    return parcel.bytes_with(statement=parcel.signed_again(keys=(key,)))


def with_label_of(parcel: Parcel, other: Parcel, *, signed: bool) -> bytes:
    part = other.offer.sealed_part
    if not signed:
        return parcel.bytes_with(sealed_part=part)
    return parcel.bytes_with(sealed_part=part, statement=parcel.signed_again(sealed_part=sha256_hex(part)))


def with_segment_of(parcel: Parcel, other: Parcel, *, signed: bool) -> bytes:
    if not signed:
        return parcel.bytes_with(segments=other.segments[0], segment_list=other.offer.segment_list)
    changes = parcel.signed_again(segment_list=sha256_hex(other.offer.segment_list))
    return parcel.bytes_with(segments=other.segments[0], segment_list=other.offer.segment_list, statement=changes)


def by_another_party(parcel: Parcel) -> bytes:
    statement = sign_statement(
        canon.decode(b64decode(canon.decode_any(parcel.offer.statement)["payload"]), Manifest),
        kind=RELEASE,
        signer=parcel.world[USA].identity.keys.statement,
    )
    return parcel.bytes_with(statement=statement.envelope)


OFFERS: dict[str, tuple[Callable[[Parcel], bytes], str]] = {
    "a bit of the frame": (lambda p: flipped(p.bytes_with(), 3), "envelope/not-an-offer"),
    "a bit of a length": (lambda p: flipped(p.bytes_with(), 8), "envelope/frame-broken"),
    "a bit of the header's spelling": (
        lambda p: p.bytes_with(header_bytes=flipped(p.offer.header_bytes, 0)),
        "canon/malformed",
    ),
    "a bit of the header's item": (
        lambda p: p.bytes_with(header_bytes=p.offer.header_bytes.replace(p.offer.header.item[-6:].encode(), b"aaaaaa")),
        "envelope/header-differs",
    ),
    "another agreement's id": (
        lambda p: another_header(p, instrument="GSOMIA-JP-US"),
        "envelope/header-differs",
    ),
    "another version of the agreement": (
        lambda p: another_header(p, agreement=canon.digest("another text")),
        "envelope/header-differs",
    ),
    "another consignment id": (lambda p: another_header(p, consignment="csg_" + "a" * 26), "envelope/header-differs"),
    "another label commitment": (
        lambda p: another_header(p, label_commitment="0" * 64),
        "envelope/header-differs",
    ),
    "another recipient": (
        lambda p: another_header(p, recipient=replace(p.offer.header.recipient, party=USA)),
        "envelope/not-for-us",
    ),
    "another sender": (
        lambda p: another_header(p, sender=replace(p.offer.header.sender, party=USA)),
        "envelope/sender-mismatch",
    ),
    "a bit of the manifest": (
        lambda p: p.bytes_with(statement=with_flipped_payload(p.offer.statement)),
        "parties/signature-false",
    ),
    "a bit of the Ed25519 signature": (
        lambda p: p.bytes_with(statement=with_flipped_signature(p.offer.statement, 0)),
        "parties/signature-false",
    ),
    "a bit of the ML-DSA signature": (
        lambda p: p.bytes_with(statement=with_flipped_signature(p.offer.statement, 1)),
        "parties/signature-false",
    ),
    "the ML-DSA signature stripped": (
        lambda p: p.bytes_with(statement=with_lines(p.offer.statement, lines_of(p.offer.statement)[:1])),
        "parties/signatures-not-as-required",
    ),
    "the Ed25519 signature stripped": (
        lambda p: p.bytes_with(statement=with_lines(p.offer.statement, lines_of(p.offer.statement)[1:])),
        "parties/signatures-not-as-required",
    ),
    "both signatures stripped": (
        lambda p: p.bytes_with(statement=with_lines(p.offer.statement, [])),
        "parties/signatures-not-as-required",
    ),
    "a signature doubled": (
        lambda p: p.bytes_with(
            statement=with_lines(p.offer.statement, [lines_of(p.offer.statement)[0], *lines_of(p.offer.statement)])
        ),
        "parties/signatures-not-as-required",
    ),
    "signed by another partner": (by_another_party, "parties/signatures-not-as-required"),
    "a bit of the sealed part": (
        lambda p: p.bytes_with(sealed_part=in_the_middle(p.offer.sealed_part)),
        "envelope/sealed-part-differs",
    ),
    "a bit of the segment list": (
        lambda p: p.bytes_with(segment_list=in_the_middle(p.offer.segment_list)),
        "envelope/segment-list-differs",
    ),
    "a bit of the segment": (
        lambda p: p.bytes_with(segments=in_the_middle(p.segments[0])),
        "envelope/segment-differs",
    ),
    "a byte of the segment cut off": (
        lambda p: p.bytes_with(segments=p.segments[0][:-1]),
        "exchange/segment-size",
    ),
    "a bit of the wrapped key, signed again": (with_wrapped_key, "envelope/does-not-open"),
    "another key commitment, signed again": (
        lambda p: p.bytes_with(statement=p.signed_again(key_commitment="0" * 64)),
        "envelope/key-not-committed",
    ),
    "another decision, signed again": (
        lambda p: p.bytes_with(statement=p.signed_again(decision_digest="0" * 64)),
        "envelope/commitment-differs",
    ),
    "another content, signed again": (
        lambda p: p.bytes_with(statement=p.signed_again(content_commitment="0" * 64)),
        "envelope/commitment-differs",
    ),
}


@pytest.mark.source("DESIGN-4", "DESIGN-6", "LAW-10", "DESIGN-2")
@pytest.mark.parametrize("what", OFFERS)
def test_an_offer_that_was_changed_on_its_way_is_refused(small: Parcel, what: str) -> None:
    change, code = OFFERS[what]
    body = change(small)
    assert body != small.bytes_with()
    assert refused(small, lambda: small.world.links[KOR, JPN].offer(body)) == code
    taken_untouched(small)


@pytest.mark.source("DESIGN-4", "EQ-7")
@pytest.mark.parametrize(
    ("signed", "code"), [(False, "envelope/sealed-part-differs"), (True, "envelope/does-not-open")]
)
def test_a_label_swapped_for_another_items_is_refused(small: Parcel, signed: bool, code: str) -> None:  # noqa: FBT001
    other = taken_out(small.world, b"another item")
    body = with_label_of(small, other, signed=signed)
    assert refused(small, lambda: small.world.links[KOR, JPN].offer(body)) == code
    taken_untouched(small)


@pytest.mark.source("DESIGN-4")
def test_a_segment_swapped_for_another_items_is_refused_with_its_list(small: Parcel) -> None:
    other = taken_out(small.world, bytes(len(SECRET_WORDS)))
    body = with_segment_of(small, other, signed=False)
    assert refused(small, lambda: small.world.links[KOR, JPN].offer(body)) == "envelope/segment-list-differs"
    taken_untouched(small)


@pytest.mark.source("DESIGN-4", "DESIGN-2")
def test_a_segment_swapped_and_signed_for_by_the_sender_itself_is_never_shown() -> None:
    world = world_in_force()
    world[JPN].bring_reader()
    parcel, other = taken_out(world, SECRET_WORDS), taken_out(world, bytes(len(SECRET_WORDS)))
    world.links[KOR, JPN].offer(with_segment_of(parcel, other, signed=True))
    world[JPN].book(parcel.released.item)
    content = world[JPN].read(parcel.released.item).content
    with pytest.raises(IntegrityError) as caught:
        next(content)
    assert caught.value.code == "flows/stored-content-damaged"


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize(
    ("at", "instead"), [(0, 1), (1, 0)], ids=["the second for the first", "the first for the second"]
)
def test_segments_swapped_within_an_item_are_refused(large: Parcel, at: int, instead: int) -> None:
    link, consignment = large.world.links[KOR, JPN], large.released.delivery.consignment
    link.offer(print_offer(large.offer))
    for index in range(at):
        link.segment(consignment, index, large.segments[index])
    wrong = large.segments[instead]
    assert refused(large, lambda: link.segment(consignment, at, wrong)) == "envelope/segment-differs"
    taken_untouched(large)


@pytest.mark.source("DESIGN-4")
def test_segments_swapped_between_items_are_refused(large: Parcel) -> None:
    link, consignment = large.world.links[KOR, JPN], large.released.delivery.consignment
    other = taken_out(large.world, LONG_WORDS)
    link.offer(print_offer(large.offer))
    wrong = other.segments[0]
    assert refused(large, lambda: link.segment(consignment, 0, wrong)) == "envelope/segment-differs"
    taken_untouched(large)
    taken_untouched(other)


@pytest.mark.source("DESIGN-4")
def test_a_flipped_bit_in_a_segment_of_many_is_refused(large: Parcel) -> None:
    link, consignment = large.world.links[KOR, JPN], large.released.delivery.consignment
    link.offer(print_offer(large.offer))
    wrong = in_the_middle(large.segments[0])
    assert refused(large, lambda: link.segment(consignment, 0, wrong)) == "envelope/segment-differs"
    taken_untouched(large)


@pytest.mark.source("G1-1", "DESIGN-4")
def test_an_item_signed_under_another_agreements_id_is_refused(small: Parcel) -> None:
    forged = forge_offer(small.world[KOR], identity(JPN), agreement=canon.digest("another text"))
    assert refused(small, lambda: small.world.links[KOR, JPN].offer(forged)) == "agreements/unknown-text"
    taken_untouched(small)


# --- an old descriptor ---------------------------------------------------------------------------------------


def newer(world: World) -> bytes:
    """Seoul's pin file with a second descriptor, that names another statement key."""
    known = identity(KOR)
    signer = HybridSigner.from_seed(seeded("second statement key")(64), Strength.STATEMENT)
    second = replace(known.descriptor, number=2, statement=signer.public, issued=world[KOR].clock())
    envelope = sign_statement(second, kind=DESCRIPTOR, signer=known.keys.working).envelope
    return canon.encode(PinFile(record=known.record, descriptor=envelope))


@pytest.mark.source("DESIGN-4")
def test_what_is_released_under_an_old_descriptor_is_refused() -> None:
    world = world_in_force()
    pin_partner(world[JPN].desk, newer(world), fingerprint=identity(KOR).record.fingerprint, by="liaison")
    world.wait(MAX_SKEW_S + 1)
    parcel = taken_out(world, SECRET_WORDS)
    code = refused(parcel, lambda: world.links[KOR, JPN].offer(parcel.bytes_with()))
    assert code == "parties/key-not-current"


@pytest.mark.source("DESIGN-4")
def test_an_old_descriptor_does_not_come_back() -> None:
    world = world_in_force()
    fingerprint = identity(KOR).record.fingerprint
    pin_partner(world[JPN].desk, newer(world), fingerprint=fingerprint, by="liaison")
    with pytest.raises(PartnerError) as caught:
        pin_partner(world[JPN].desk, identity(KOR).pin_file, fingerprint=fingerprint, by="liaison")
    assert caught.value.code == "parties/descriptor-old"
    assert partner(world[JPN].desk, KOR).descriptor.number == 2


@pytest.mark.source("DESIGN-4")
def test_an_item_sealed_for_an_old_key_of_ours_is_refused() -> None:
    world = world_in_force()
    parcel = taken_out(world, SECRET_WORDS)
    old = replace(parcel.offer.header.recipient, key="0" * 32)
    code = refused(parcel, lambda: world.links[KOR, JPN].offer(another_header(parcel, recipient=old)))
    assert code == "envelope/not-for-us"


# --- any bit at all ------------------------------------------------------------------------------------------


@pytest.mark.source("DESIGN-4", "LAW-10")
def test_no_bit_of_an_offer_can_be_turned_unnoticed(small: Parcel) -> None:
    body = small.bytes_with()
    before = {kind.__name__: small.world[JPN].count(kind) for kind in KINDS if kind is not RefusalRecord}
    link = small.world.links[KOR, JPN]
    for at in range(0, len(body), max(1, len(body) // 150)):
        with pytest.raises((PartnerRefusedError, CanonError)):
            link.offer(flipped(body, at))
    assert {kind: small.world[JPN].count(next(k for k in KINDS if k.__name__ == kind)) for kind in before} == before
    assert receipts_of(small.world, small) == []
    taken_untouched(small)
