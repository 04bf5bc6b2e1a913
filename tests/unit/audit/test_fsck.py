from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsomia.audit import (
    EMPTY_ROOT,
    Checkpoint,
    Cosigner,
    LogReport,
    check_log,
    cosign,
    encode_leaf,
    leaf_hash,
    sign_checkpoint,
)
from gsomia.parties import HybridSigner
from strategies.audit import COSIGNER, LOG_SIGNER, NOW, ORIGIN, OTHER_SIGNER, WITNESS, Log, flip, leaf, leaf_log

SIZE = 20
HEADS = (0, 4, 11, 16)


def check(log: Log, *, heads: tuple[int, ...] = HEADS, stored: bool = True) -> LogReport:
    return check_log(
        origin=ORIGIN,
        key=LOG_SIGNER.public,
        entries=log.entries,
        checkpoints=[GOOD.body(size) for size in heads],
        leaf_hashes=[log.nodes[0, index] for index in range(SIZE)] if stored else None,
        node=log.node if stored else None,
    )


GOOD = leaf_log(SIZE)


@pytest.fixture
def log() -> Log:
    return leaf_log(SIZE)


@pytest.mark.source("DESIGN-5")
def test_a_sound_log_holds_with_size_root_and_cover(log: Log) -> None:
    report = check(log)

    assert report.holds
    assert (report.origin, report.size, report.root, report.covered) == (ORIGIN, SIZE, GOOD.roots[SIZE], 16)
    assert report.first_bad is None


def test_an_empty_log_holds() -> None:
    report = check_log(origin=ORIGIN, key=LOG_SIGNER.public, entries=[], checkpoints=[GOOD.body(0)])

    assert report.holds
    assert report.root == EMPTY_ROOT


@pytest.mark.source("DESIGN-2")
@given(st.integers(0, SIZE - 1), st.data())
@settings(deadline=None, max_examples=40)
def test_any_flipped_bit_in_an_entry_is_blamed_on_that_entry(index: int, data: st.DataObject) -> None:
    log = leaf_log(SIZE)
    log.entries[index] = flip(log.entries[index], data.draw(st.integers(0, len(log.entries[index]) - 1)))

    report = check(log)

    assert not report.holds
    assert report.first_bad == index


@pytest.mark.source("DESIGN-2")
@given(st.integers(0, 15))
@settings(deadline=None, max_examples=16)
def test_a_changed_entry_is_found_by_the_checkpoints_alone(index: int) -> None:
    log = leaf_log(SIZE)
    log.entries[index] = encode_leaf(replace(leaf(index), nonce=bytes([9]) * 16))

    report = check(log, stored=False)

    assert not report.holds
    assert report.first_bad == max(size for size in HEADS if size <= index)


def test_an_entry_changed_with_its_leaf_hash_is_found_by_the_node_above(log: Log) -> None:
    log.entries[7] = encode_leaf(replace(leaf(7), nonce=bytes([9]) * 16))
    log.nodes[0, 7] = leaf_hash(log.entries[7])

    assert check(log).first_bad == 6


@given(st.sampled_from(sorted(GOOD.nodes)))
@settings(deadline=None, max_examples=30)
def test_a_changed_or_missing_node_is_blamed_on_its_first_leaf(place: tuple[int, int]) -> None:
    changed, missing = leaf_log(SIZE), leaf_log(SIZE)
    changed.nodes[place] = bytes(32)
    hashes = [GOOD.nodes[0, index] for index in range(SIZE)]
    del missing.nodes[place]

    lost = check_log(
        origin=ORIGIN,
        key=LOG_SIGNER.public,
        entries=missing.entries,
        checkpoints=[],
        leaf_hashes=hashes,
        node=missing.node,
    )

    assert check(changed).first_bad == place[1] << place[0]
    assert lost.first_bad == place[1] << place[0]


def test_the_first_of_several_damages_is_named(log: Log) -> None:
    log.entries[13] = flip(log.entries[13], 5)
    log.nodes[2, 1] = bytes(32)

    report = check(log)

    assert report.first_bad == 4
    assert len(report.problems) == 2


@pytest.mark.source("DESIGN-5")
def test_time_that_runs_backwards_is_blamed_on_the_later_entry() -> None:
    log = leaf_log(3)
    log.append(encode_leaf(leaf(1)))

    report = check_log(origin=ORIGIN, key=LOG_SIGNER.public, entries=log.entries, checkpoints=[])

    assert report.first_bad == 3


@pytest.mark.source("DESIGN-5")
def test_time_that_stands_still_holds() -> None:
    entries = [encode_leaf(replace(leaf(0), nonce=bytes([number]) * 16)) for number in range(3)]

    assert check_log(origin=ORIGIN, key=LOG_SIGNER.public, entries=entries, checkpoints=[]).holds


@pytest.mark.parametrize("size", [0, 3, 15])
def test_entries_missing_at_the_end_are_found_by_a_larger_checkpoint(size: int) -> None:
    cut = leaf_log(size)

    report = check_log(
        origin=ORIGIN, key=LOG_SIGNER.public, entries=cut.entries, checkpoints=[GOOD.body(16)], node=cut.node
    )

    assert not report.holds
    assert report.first_bad == size


def test_leaf_hashes_of_missing_entries_are_found() -> None:
    hashes = [leaf_hash(entry) for entry in GOOD.entries]

    report = check_log(
        origin=ORIGIN, key=LOG_SIGNER.public, entries=GOOD.entries[:-1], checkpoints=[], leaf_hashes=hashes
    )

    assert report.first_bad == SIZE - 1


def test_a_forged_root_is_blamed_on_the_entries_since_the_checkpoint_before() -> None:
    forged = sign_checkpoint(Checkpoint(origin=ORIGIN, size=11, root=bytes(32)), signer=LOG_SIGNER, at=NOW)

    report = check_log(
        origin=ORIGIN, key=LOG_SIGNER.public, entries=GOOD.entries, checkpoints=[forged, GOOD.body(4), GOOD.body(16)]
    )

    assert not report.holds
    assert report.first_bad == 4


def test_a_false_checkpoint_blames_only_what_no_other_covers() -> None:
    false = sign_checkpoint(GOOD.head(11), signer=OTHER_SIGNER, at=NOW)
    key, entries = LOG_SIGNER.public, GOOD.entries

    covered = check_log(origin=ORIGIN, key=key, entries=entries, checkpoints=[false, GOOD.body(SIZE)])
    uncovered = check_log(origin=ORIGIN, key=key, entries=entries, checkpoints=[GOOD.body(4), false])

    assert (covered.holds, covered.first_bad) == (False, None)
    assert (uncovered.holds, uncovered.first_bad) == (False, 4)


def test_a_flipped_bit_in_a_stored_checkpoint_is_found() -> None:
    body = GOOD.body(16)
    for position in range(0, len(body), 97):
        report = check_log(
            origin=ORIGIN, key=LOG_SIGNER.public, entries=GOOD.entries, checkpoints=[flip(body, position)]
        )
        assert not report.holds


def test_a_cosignature_counts_only_if_it_and_its_checkpoint_hold() -> None:
    lines = cosign(GOOD.signed(11), name=WITNESS, signer=COSIGNER, at=NOW)
    cosigner = Cosigner(name=WITNESS, key=COSIGNER.public)

    def report(size: int, stored: bytes, *, by: Cosigner | None = cosigner) -> LogReport:
        return check_log(
            origin=ORIGIN,
            key=LOG_SIGNER.public,
            entries=GOOD.entries,
            checkpoints=[GOOD.body(size) for size in HEADS],
            cosigner=by,
            cosignatures=[(size, stored)],
        )

    assert (report(11, lines).holds, report(11, lines).cosigned) == (True, 11)
    assert (report(16, lines).holds, report(16, lines).cosigned) == (False, 0)
    assert not report(12, lines).holds
    assert not report(11, flip(lines, 60)).holds
    assert not report(11, lines, by=None).holds


def test_a_report_names_a_bounded_number_of_problems() -> None:
    report = check_log(origin=ORIGIN, key=LOG_SIGNER.public, entries=[b"no leaf"] * 300, checkpoints=[])

    assert (len(report.problems), report.first_bad) == (100, 0)


def test_the_check_reads_entries_once_and_keeps_none() -> None:
    report = check_log(origin=ORIGIN, key=LOG_SIGNER.public, entries=iter(GOOD.entries), checkpoints=iter(()))

    assert report.size == SIZE


@pytest.mark.source("DESIGN-4", "DESIGN-5")
def test_checkpoints_of_earlier_keys_hold_below_those_of_later_ones() -> None:
    def signed(size: int, signer: HybridSigner) -> bytes:
        return sign_checkpoint(GOOD.head(size), signer=signer, at=NOW)

    def report(checkpoints: list[bytes]) -> LogReport:
        return check_log(
            origin=ORIGIN,
            key=LOG_SIGNER.public,
            earlier=(OTHER_SIGNER.public,),
            entries=GOOD.entries,
            checkpoints=checkpoints,
        )

    in_order = report([signed(4, OTHER_SIGNER), signed(11, LOG_SIGNER)])
    assert (in_order.holds, in_order.covered) == (True, 11)
    assert report([signed(4, OTHER_SIGNER)]).holds
    assert not report([signed(4, LOG_SIGNER), signed(11, OTHER_SIGNER)]).holds
    assert not report([signed(4, OTHER_SIGNER), signed(4, LOG_SIGNER)]).holds
