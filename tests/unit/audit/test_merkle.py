"""Roots are compared with a second, naive reading of the definition."""

from hashlib import sha256

import pytest
from hypothesis import given, settings

from gsomia.audit import EMPTY_ROOT, Frontier, leaf_hash, restore_frontier
from strategies.audit import Log, log_of, logs

# The eight entries of the Certificate Transparency test suite (google/certificate-transparency, merkletree tests).
CLASSIC = [bytes.fromhex(entry) for entry in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")] + [
    bytes.fromhex("606162636465666768696a6b6c6d6e6f")
]
# The root over all eight, as that suite has it.
CLASSIC_ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def naive_root(entries: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word for word."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return sha256(b"\x01" + naive_root(entries[:split]) + naive_root(entries[split:])).digest()


@pytest.mark.source("RFC 9162 2.1")
def test_the_classic_eight_leaves_have_the_published_root() -> None:
    assert log_of(CLASSIC).frontier.root().hex() == CLASSIC_ROOT


@pytest.mark.source("RFC 9162 2.1")
@pytest.mark.parametrize("size", range(9))
def test_every_prefix_of_the_classic_leaves_has_the_root_of_the_definition(size: int) -> None:
    assert naive_root(CLASSIC[:size]) == log_of(CLASSIC[:size]).frontier.root()


@pytest.mark.source("RFC 9162 2.1")
def test_the_empty_log_has_the_root_of_nothing() -> None:
    assert Frontier().root() == EMPTY_ROOT == sha256().digest()


@pytest.mark.source("RFC 9162 2.1")
@given(logs)
@settings(deadline=None, max_examples=50)
def test_the_root_is_that_of_the_definition(log: Log) -> None:
    assert naive_root(log.entries) == log.frontier.root()


@given(logs)
@settings(deadline=None, max_examples=50)
def test_appending_reports_each_complete_subtree_once_with_its_root(log: Log) -> None:
    size = len(log.entries)
    complete = {(level, index) for level in range(8) for index in range(size >> level)}

    assert complete == set(log.nodes)
    assert all(
        naive_root(log.entries[index << level : (index + 1) << level]) == log.node(level, index)
        for level, index in complete
    )


@given(logs)
@settings(deadline=None, max_examples=50)
def test_a_frontier_is_restored_from_stored_nodes_at_any_size(log: Log) -> None:
    for size, root in enumerate(log.roots):
        assert root == restore_frontier(size, log.node).root()


def test_a_frontier_that_is_appended_to_stays_as_it_was() -> None:
    before = log_of(CLASSIC[:3]).frontier

    before.append(leaf_hash(b"more"))

    assert before == log_of(CLASSIC[:3]).frontier


@pytest.mark.parametrize(("size", "hashes"), [(0, (EMPTY_ROOT,)), (1, ()), (3, (EMPTY_ROOT,)), (-1, (EMPTY_ROOT,))])
def test_hashes_that_do_not_fit_the_size_are_no_frontier(size: int, hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="frontier"):
        Frontier(size, hashes)
