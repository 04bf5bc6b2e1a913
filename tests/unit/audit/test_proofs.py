from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsomia.audit import (
    EMPTY_ROOT,
    AuditError,
    Checkpoint,
    InclusionError,
    InconsistentLogError,
    build_consistency,
    build_inclusion,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from strategies.audit import ORIGIN, Log, flip, log_of, logs

SEVEN = log_of([bytes([number]) for number in range(7)])


def include(log: Log, index: int, size: int, proof: tuple[bytes, ...]) -> None:
    verify_inclusion(leaf_hash(log.entries[index]), index=index, size=size, proof=proof, root=log.roots[size])


def continues(log: Log, old: int, new: int, proof: tuple[bytes, ...]) -> None:
    verify_consistency(old=log.head(old), new=log.head(new), proof=proof)


@pytest.mark.source("RFC 9162 2.1.3")
@given(logs, st.data())
@settings(deadline=None, max_examples=50)
def test_every_leaf_is_included_in_every_tree_that_holds_it(log: Log, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(log.entries)))
    for index in range(size):
        include(log, index, size, build_inclusion(index, size, log.node))


@pytest.mark.source("RFC 9162 2.1.4")
@given(logs)
@settings(deadline=None, max_examples=30)
def test_every_prefix_proves_consistent(log: Log) -> None:
    new = len(log.entries)
    for old in range(new + 1):
        continues(log, old, new, build_consistency(old, new, log.node))


@pytest.mark.source("RFC 9162 2.1.3")
def test_the_proofs_of_the_example_of_the_standard_have_its_shape() -> None:
    # RFC 9162 section 2.1.5: with seven leaves a..j, PATH(3) = [c, g, l], PATH(6) = [i, k]; PROOF(4, 7) = [l],
    # PROOF(3, 7) = [c, d, g, l], PROOF(6, 7) = [i, j, k].
    node, low = SEVEN.node, SEVEN.roots
    l_hash = _hash_pair(node(1, 2), node(0, 6))

    assert build_inclusion(3, 7, node) == (node(0, 2), node(1, 0), l_hash)
    assert build_inclusion(6, 7, node) == (node(1, 2), node(2, 0))
    assert build_consistency(4, 7, node) == (l_hash,)
    assert build_consistency(3, 7, node) == (node(0, 2), node(0, 3), node(1, 0), l_hash)
    assert build_consistency(6, 7, node) == (node(1, 2), node(0, 6), node(2, 0))
    assert low[7] == _hash_pair(node(2, 0), l_hash)


@pytest.mark.source("RFC 9162 2.1.3")
def test_a_flipped_bit_in_an_inclusion_proof_root_or_leaf_is_refused() -> None:
    proof, leaf, root = build_inclusion(3, 7, SEVEN.node), leaf_hash(SEVEN.entries[3]), SEVEN.roots[7]
    for position in range(32):
        for number in range(len(proof)):
            damaged = (*proof[:number], flip(proof[number], position), *proof[number + 1 :])
            with pytest.raises(InclusionError):
                verify_inclusion(leaf, index=3, size=7, proof=damaged, root=root)
        with pytest.raises(InclusionError):
            verify_inclusion(leaf, index=3, size=7, proof=proof, root=flip(root, position))
        with pytest.raises(InclusionError):
            verify_inclusion(flip(leaf, position), index=3, size=7, proof=proof, root=root)


@given(logs, st.data())
@settings(deadline=None, max_examples=50)
def test_a_proof_for_another_place_or_of_another_length_is_refused(log: Log, data: st.DataObject) -> None:
    size = len(log.entries)
    index = data.draw(st.integers(0, size - 1))
    proof, leaf, root = build_inclusion(index, size, log.node), leaf_hash(log.entries[index]), log.roots[size]
    wrong: list[Callable[[], None]] = [
        lambda: verify_inclusion(leaf, index=index, size=size, proof=(*proof, root), root=root),
        lambda: verify_inclusion(leaf, index=size, size=size, proof=proof, root=root),
        lambda: verify_inclusion(leaf, index=-1, size=size, proof=proof, root=root),
        lambda: verify_inclusion(leaf, index=index, size=0, proof=proof, root=root),
    ]
    if proof:
        wrong.append(lambda: verify_inclusion(leaf, index=index, size=size, proof=proof[:-1], root=root))
        wrong.append(lambda: verify_inclusion(leaf, index=index ^ 1, size=size, proof=proof, root=root))
    for attempt in wrong:
        with pytest.raises(InclusionError):
            attempt()


@pytest.mark.source("RFC 9162 2.1.4")
@pytest.mark.parametrize("old", range(1, 7))
def test_a_flipped_bit_in_a_consistency_proof_or_root_is_refused(old: int) -> None:
    proof = build_consistency(old, 7, SEVEN.node)
    older, newer = SEVEN.head(old), SEVEN.head(7)
    for position in range(32):
        for number in range(len(proof)):
            damaged = (*proof[:number], flip(proof[number], position), *proof[number + 1 :])
            with pytest.raises(InconsistentLogError):
                verify_consistency(old=older, new=newer, proof=damaged)
        with pytest.raises(InconsistentLogError):
            verify_consistency(old=replace(older, root=flip(older.root, position)), new=newer, proof=proof)
        with pytest.raises(InconsistentLogError):
            verify_consistency(old=older, new=replace(newer, root=flip(newer.root, position)), proof=proof)


@pytest.mark.parametrize("old", range(1, 7))
def test_a_consistency_proof_of_another_length_is_refused(old: int) -> None:
    proof = build_consistency(old, 7, SEVEN.node)
    for damaged in (proof[:-1], (*proof, EMPTY_ROOT), ()):
        with pytest.raises(InconsistentLogError):
            continues(SEVEN, old, 7, damaged)


def test_the_error_carries_both_checkpoints_and_the_proof() -> None:
    with pytest.raises(InconsistentLogError) as caught:
        continues(SEVEN, 3, 7, ())

    assert {"old": SEVEN.head(3), "new": SEVEN.head(7), "proof": ()} == caught.value.evidence


@pytest.mark.source("C2SP tlog-witness")
def test_the_empty_log_is_consistent_with_every_log_by_an_empty_proof() -> None:
    continues(SEVEN, 0, 7, ())
    with pytest.raises(InconsistentLogError):
        continues(SEVEN, 0, 7, (EMPTY_ROOT,))


@pytest.mark.source("C2SP tlog-witness")
def test_an_empty_log_with_another_root_convicts() -> None:
    false = Checkpoint(origin=ORIGIN, size=0, root=bytes(32))

    with pytest.raises(InconsistentLogError):
        verify_consistency(old=false, new=SEVEN.head(7), proof=())
    with pytest.raises(InconsistentLogError):
        verify_consistency(old=false, new=false, proof=())


@pytest.mark.source("DESIGN-5")
def test_two_roots_for_one_size_convict_a_log() -> None:
    with pytest.raises(InconsistentLogError) as caught:
        verify_consistency(old=SEVEN.head(7), new=replace(SEVEN.head(7), root=bytes(32)), proof=())

    assert caught.value.code == "audit/two-roots"


def test_a_false_proof_between_honest_checkpoints_convicts_nobody() -> None:
    with pytest.raises(InconsistentLogError) as caught:
        continues(SEVEN, 3, 7, (bytes(32),) * 4)

    assert caught.value.code == "audit/inconsistent"


def test_checkpoints_of_different_logs_or_going_backwards_are_not_compared() -> None:
    with pytest.raises(AuditError):
        verify_consistency(old=SEVEN.head(7), new=SEVEN.head(3), proof=())
    with pytest.raises(AuditError):
        verify_consistency(old=SEVEN.head(3), new=replace(SEVEN.head(7), origin="another"), proof=())


@pytest.mark.parametrize("proof", [(b"short",), (bytes(32),) * 65])
def test_a_proof_that_is_no_list_of_hashes_is_malformed(proof: tuple[bytes, ...]) -> None:
    with pytest.raises(AuditError):
        include(SEVEN, 3, 7, proof)
    with pytest.raises(AuditError):
        continues(SEVEN, 3, 7, proof)


@pytest.mark.source("RFC 9162 2.1.3")
def test_proofs_in_the_largest_tree_stay_within_their_bound() -> None:
    size = 2**63 - 1
    for index in (0, size // 2, size - 1):
        assert len(build_inclusion(index, size, lambda _level, _index: bytes(32))) <= 63
    for old in (1, size // 2, size // 2 + 1, size - 1):
        assert len(build_consistency(old, size, lambda _level, _index: bytes(32))) <= 64


@pytest.mark.parametrize(("index", "size"), [(7, 7), (-1, 7), (0, 0)])
def test_no_proof_is_built_for_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        build_inclusion(index, size, SEVEN.node)


def test_no_proof_is_built_from_a_larger_tree_to_a_smaller() -> None:
    with pytest.raises(ValueError, match="does not contain"):
        build_consistency(7, 6, SEVEN.node)


def _hash_pair(left: bytes, right: bytes) -> bytes:
    pair = log_of([b""])
    pair.frontier = replace(pair.frontier, size=1, hashes=(left,))
    return pair.frontier.append(right)[1][1].hash
