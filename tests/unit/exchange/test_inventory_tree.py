"""Two trees are compared as two sets would be, and nobody opens what the signed root does not hold."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsomia import canon
from gsomia.exchange import (
    MOST_DIFFERING,
    Bucket,
    Comparison,
    Differs,
    LoggedRow,
    Node,
    Opened,
    Row,
    Stands,
    Tree,
    compare_rosters,
    open_further,
    to_open,
)
from gsomia.exchange.inventory_tree import read_row
from gsomia.ids import PartyCode, new_item_id, sha256_hex

KOR, JPN = canon.check("KOR", PartyCode), canon.check("JPN", PartyCode)


def row(number: int, *, stands: Stands = Stands.HELD, mark: str = "KOR-2", copies: int = 1) -> Row:
    seed = sha256_hex(str(number).encode()).encode()
    return Row(
        sender=KOR if number % 2 else JPN,
        item=new_item_id(lambda n: seed[:n]),
        number=f"csg-{number}",
        stands=stands,
        manifest=sha256_hex(seed) if number % 3 else None,
        mark=mark,
        copies=copies,
    )


def rows(numbers: Iterable[int]) -> list[Row]:
    return [row(number) for number in numbers]


def tree_of(rows: Iterable[Row]) -> Tree:
    return Tree(one.line for one in rows)


def shown(tree: Tree, path: str) -> Node | Bucket:
    if len(path) < 4:
        node = tree.node(path)
        assert node is not None
        return node
    return Bucket(path=path, rows=tuple(LoggedRow(row=one, log=None, index=None) for one in tree.rows(path)))


def step(tree: Tree, mine: Opened, theirs: Opened) -> tuple[Opened, int]:
    """What is open of our tree after one turn of ours, and how many rows that showed."""
    parts = [shown(tree, path) for path in to_open(tree, theirs) if path not in mine.nodes and path not in mine.buckets]
    nodes = [one for one in parts if isinstance(one, Node)]
    buckets = [one for one in parts if isinstance(one, Bucket)]
    further = open_further(mine, nodes, buckets)
    assert further is not None
    return further, sum(len(one.rows) for one in buckets)


def converse(left: Tree, right: Tree) -> tuple[Opened, Opened, int, int]:
    """Both open in turn until neither has more to say; turns, and rows that crossed."""
    a, b = (Opened(root=one.root, nodes={}, buckets={}) for one in (left, right))
    turns = crossed = 0
    while True:
        further_a, rows_a = step(left, a, b)
        further_b, rows_b = step(right, b, further_a)
        if (further_a, further_b) == (a, b):
            return a, b, turns, crossed
        a, b = further_a, further_b
        turns, crossed = turns + 1, crossed + rows_a + rows_b


CHANGES = st.dictionaries(
    st.integers(0, 400),
    st.sampled_from(["gone", "new", "stands", "under-way", "mark", "copies"]),
    max_size=12,
)


def changed(number: int, how: str) -> Row | None:
    return {
        "gone": None,
        "stands": row(number, stands=Stands.DESTROYED),
        "under-way": row(number, stands=Stands.UNDER_WAY),
        "mark": row(number, mark="KOR-3"),
        "copies": row(number, copies=2),
        "new": row(number + 1000),
    }[how]


@pytest.mark.source("A-34")
@given(st.integers(0, 400), st.sampled_from(["stands", "mark", "copies", "new"]))
def test_a_line_says_its_row_whole(number: int, how: str) -> None:
    one = changed(number, how)
    assert one is not None
    assert read_row(one.line) == one
    tree = tree_of([one, row(401)])
    assert (tree.entries, one in tree.rows(one.path)) == (2, True)


@pytest.mark.source("A-34", "LEDGER-8")
@settings(max_examples=60)
@given(CHANGES)
def test_the_comparison_finds_exactly_what_a_comparison_of_the_whole_lists_finds(changes: dict[int, str]) -> None:
    ours = {number: row(number) for number in range(400) if number not in changes or changes[number] != "new"}
    theirs = {**ours, **{number: changed(number, how) for number, how in changes.items()}}
    mine, other = list(ours.values()), [one for one in theirs.values() if one is not None]
    a, b, turns, crossed = converse(tree_of(mine), tree_of(other))
    comparison, found = compare_rosters((KOR, a), (JPN, b))
    assert comparison is Comparison.COMPARED
    naive = {(one.sender, one.item) for one in set(mine) ^ set(other)}
    assert {(one.sender, one.item) for one in found} == naive
    assert turns <= 3
    assert crossed <= 4 * len(naive)  # beside what differs, only what shares its bucket
    assert (comparison, found) == compare_rosters((JPN, b), (KOR, a))


@pytest.mark.source("A-34", "LEDGER-8")
@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ("gone", Differs.UNKNOWN),
        ("stands", Differs.ENDED),
        ("under-way", Differs.RECEIPT),
        ("mark", Differs.MARK),
        ("copies", Differs.COPIES),
    ],
)
def test_each_kind_of_difference_has_its_name(how: str, kind: Differs) -> None:
    other = [one for one in (row(1), changed(2, how)) if one is not None]
    a, b, _, _ = converse(tree_of(rows([1, 2])), tree_of(other))
    _, found = compare_rosters((KOR, a), (JPN, b))
    assert [(one.item, one.kind) for one in found] == [(row(2).item, kind)]


@pytest.mark.source("A-34")
def test_another_number_or_manifest_is_a_difference_of_its_own() -> None:
    other = replace(row(1), number="csg-9", manifest=None)
    a, b, _, _ = converse(tree_of([row(1)]), tree_of([other]))
    _, found = compare_rosters((KOR, a), (JPN, b))
    assert {one.kind for one in found} == {Differs.NUMBER, Differs.MANIFEST}


@pytest.mark.source("A-34")
@settings(max_examples=60)
@given(st.integers(1, 60), st.data())
def test_nothing_but_what_a_roster_committed_to_is_opened(count: int, data: st.DataObject) -> None:
    tree = tree_of(rows(range(count)))
    known = Opened(root=tree.root, nodes={}, buckets={})
    path = data.draw(st.sampled_from(sorted(tree.buckets)))
    top, branch, bucket = shown(tree, ""), shown(tree, path[:2]), shown(tree, path)
    assert isinstance(top, Node)
    assert isinstance(branch, Node)
    assert isinstance(bucket, Bucket)
    assert open_further(known, [top, branch], [bucket]) is not None
    # Neither without what it hangs under, nor with a row more, less or changed, nor at another place.
    assert open_further(known, [branch], [bucket]) is None
    first = bucket.rows[0]
    false = replace(first, row=replace(first.row, mark="KOR-1"))
    for other in (
        replace(bucket, rows=bucket.rows[1:]),
        replace(bucket, rows=(*bucket.rows, first)),
        replace(bucket, rows=(false, *bucket.rows[1:])),
        replace(bucket, path="ffff" if path != "ffff" else "0000"),
    ):
        assert open_further(known, [top, branch], [other]) is None
    assert open_further(known, [replace(top, children=top.children[1:])], []) is None
    assert open_further(known, [replace(top, children=(*top.children, top.children[0]))], []) is None


@pytest.mark.source("A-34")
def test_two_registers_that_differ_everywhere_are_not_listed_one_by_one() -> None:
    a, b, _, _ = converse(tree_of(rows(range(MOST_DIFFERING * 2))), tree_of(rows(range(5000, 5400))))
    assert compare_rosters((KOR, a), (JPN, b)) == (Comparison.TOO_MANY, ())
