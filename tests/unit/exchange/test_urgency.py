"""The order in which queued things are said: the more urgent first, and nothing past a change of keys."""

from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from gsomia.exchange import BARRIER, ORDINARY, MessageKind, Outgoing, in_order
from gsomia.ids import PartyCode
from gsomia.instants import Instant

NOW = Instant(1_800_000_000)
JPN = cast("PartyCode", "JPN")

outgoings = st.builds(
    lambda kind, urgency, late: Outgoing(
        partner=JPN,
        kind=kind,
        reference="r",
        attempts=0,
        not_before=NOW.plus(seconds=late),
        urgency=ORDINARY if kind is not MessageKind.STATEMENT else urgency,
    ),
    st.sampled_from(list(MessageKind)),
    st.integers(BARRIER, 5),
    st.sampled_from([0, 0, 0, 0, 1]),
)
queues = st.lists(outgoings, max_size=30).map(lambda rows: list(enumerate(rows, start=1)))
Rows = list[tuple[int, Outgoing]]


def everything(queue: Rows) -> Rows:
    return in_order(queue, now=NOW.plus(days=1), limit=1000)


@given(queues.flatmap(lambda queue: st.tuples(st.just(queue), st.permutations(queue))))
def test_the_order_depends_on_the_rows_and_not_on_how_they_are_handed_in(pair: tuple[Rows, Rows]) -> None:
    queue, mixed = pair
    assert everything(mixed) == everything(queue)
    assert sorted(everything(queue), key=lambda pair: pair[0]) == queue


@given(queues)
def test_ordinary_statements_keep_their_order(queue: Rows) -> None:
    ordinary = [row for row, one in everything(queue) if one.urgency <= ORDINARY]
    assert ordinary == sorted(ordinary)


@given(queues)
def test_between_barriers_the_more_urgent_goes_first_and_ties_by_number(queue: Rows) -> None:
    keys: list[tuple[int, int]] = []
    for row, one in everything(queue):
        if one.urgency == BARRIER:
            keys.clear()
            continue
        keys.append((-one.urgency, row))
        assert keys == sorted(keys)


@given(queues)
def test_nothing_passes_a_barrier_either_way(queue: Rows) -> None:
    said = [row for row, _ in everything(queue)]
    for barrier in (row for row, one in queue if one.urgency == BARRIER):
        place = said.index(barrier)
        assert set(said[:place]) == set(range(1, barrier))


@given(queues)
def test_no_statement_is_due_while_one_that_goes_before_it_waits(queue: Rows) -> None:
    due = [row for row, _ in in_order(queue, now=NOW, limit=1000)]
    waits = False
    expected = []
    for row, one in everything(queue):
        early = one.not_before > NOW
        if not early and (one.kind is MessageKind.CONSIGNMENT or not waits):
            expected.append(row)
        waits |= early and one.kind is not MessageKind.CONSIGNMENT
    assert due == expected


@given(queues, st.integers(-2, 40))
def test_a_limit_takes_the_first(queue: Rows, limit: int) -> None:
    assert in_order(queue, now=NOW, limit=limit) == in_order(queue, now=NOW, limit=1000)[: max(limit, 0)]
