"""Two signed heads convict a log only if it cannot have both, whoever shows them and with whatever proof."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsomia import canon
from gsomia.audit import (
    AuditError,
    CheckpointError,
    Contradiction,
    build_consistency,
    claimed_checkpoint,
    contradicts,
    verify_contradiction,
)
from gsomia.canon import CanonError
from strategies.audit import LOG_SIGNER, ORIGIN, OTHER_SIGNER, Log, flip, leaf_log, log_of, logs

LOG = leaf_log(9)
FORKED = log_of([*LOG.entries[:4], b"another", *LOG.entries[5:]])
KEYS = (LOG_SIGNER.public,)


def shown(older: bytes, newer: bytes, proof: tuple[bytes, ...] = ()) -> Contradiction:
    return Contradiction(older=older, newer=newer, proof=proof)


def judged(old: int, new: int, *, other: Log = FORKED) -> bool:
    proof = build_consistency(old, new, other.node)
    return verify_contradiction(shown(LOG.body(old), other.body(new), proof), origin=ORIGIN, keys=KEYS).convicts


@pytest.mark.source("DESIGN-5")
@given(logs, st.integers(0, 69), st.data())
@settings(deadline=None, max_examples=60)
def test_a_log_that_forked_is_convicted_by_its_own_proof(log: Log, at: int, data: st.DataObject) -> None:
    at %= len(log.entries)
    fork = log_of([*log.entries[:at], b"another entry", *log.entries[at + 1 :]])
    old = data.draw(st.integers(1, len(log.entries)))
    new = data.draw(st.integers(old, len(log.entries)))
    proof = build_consistency(old, new, fork.node)

    guilty = contradicts(old=log.head(old), new=fork.head(new), proof=proof)

    goes_together = old <= at
    starts_from_the_head_itself = old & (old - 1) == 0 and old != new
    assert guilty is not (goes_together or starts_from_the_head_itself)


@pytest.mark.source("DESIGN-5")
@given(logs, st.data())
@settings(deadline=None, max_examples=60)
def test_no_proof_whatever_convicts_a_log_that_only_grew(log: Log, data: st.DataObject) -> None:
    new = data.draw(st.integers(0, len(log.entries)))
    old = data.draw(st.integers(0, new))
    true = build_consistency(old, new, log.node)
    any_hash = st.sampled_from([*log.nodes.values(), *log.roots]) | st.binary(min_size=32, max_size=32)
    altered = st.builds(
        lambda at, other: (*true[:at], other, *true[at + 1 :]), st.integers(0, max(0, len(true) - 1)), any_hash
    )
    proof = data.draw(st.just(true) | altered | st.lists(any_hash, max_size=10).map(tuple))

    assert not contradicts(old=log.head(old), new=log.head(new), proof=proof)


@pytest.mark.source("DESIGN-5")
@pytest.mark.parametrize(
    ("old", "new", "guilty"), [(7, 7, True), (7, 9, True), (5, 9, True), (4, 9, False), (8, 9, False)]
)
def test_what_was_signed_is_what_convicts(old: int, new: int, guilty: bool) -> None:  # noqa: FBT001
    assert judged(old, new) is guilty
    assert not judged(old, new, other=LOG)


@pytest.mark.source("DESIGN-4", "DESIGN-5")
def test_heads_that_the_log_did_not_sign_are_no_evidence() -> None:
    two = shown(LOG.body(7), FORKED.body(7))
    for damaged in (replace(two, older=flip(two.older, -3)), replace(two, newer=flip(two.newer, -3))):
        with pytest.raises((AuditError, CheckpointError)):
            verify_contradiction(damaged, origin=ORIGIN, keys=KEYS)
    with pytest.raises(CheckpointError):
        verify_contradiction(two, origin=ORIGIN, keys=(OTHER_SIGNER.public,))
    with pytest.raises(CheckpointError):
        verify_contradiction(two, origin="gsomia/kor/shared/usa", keys=KEYS)


@pytest.mark.source("DESIGN-5")
def test_the_smaller_head_comes_first() -> None:
    with pytest.raises(AuditError):
        verify_contradiction(shown(LOG.body(9), FORKED.body(7)), origin=ORIGIN, keys=KEYS)


@pytest.mark.source("DESIGN-5")
def test_a_key_that_came_later_signs_for_the_log_as_well() -> None:
    keys = (OTHER_SIGNER.public, LOG_SIGNER.public)
    assert verify_contradiction(shown(LOG.body(7), FORKED.body(7)), origin=ORIGIN, keys=keys).convicts


@pytest.mark.source("DESIGN-5")
def test_a_file_names_the_log_and_has_one_spelling() -> None:
    two = shown(LOG.body(7), FORKED.body(9), build_consistency(7, 9, FORKED.node))
    file = canon.encode(two)
    assert canon.decode(file, Contradiction) == two
    assert claimed_checkpoint(two.older).origin == ORIGIN
    with pytest.raises(CanonError):
        canon.decode(file + b"\n", Contradiction)
    with pytest.raises(CanonError):
        canon.decode(canon.encode({"newer": two.newer, "older": two.older, "proof": [b"short"]}), Contradiction)
