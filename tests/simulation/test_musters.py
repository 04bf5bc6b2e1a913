"""A muster is closed when every copy is seen or explained, by two different persons, and never before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.admin.tables import parse_table, print_csv
from gsomia.errors import LocalError, RefusedError, WaitingError
from gsomia.flows.containers import add_container, close_container, open_container, store_copy
from gsomia.flows.muster import MusterState, close_muster, fill_sheet, muster_state, start_muster, start_spot_check
from gsomia.flows.worklist import duties_at
from gsomia.flows.yearly_report import draw_report
from gsomia.instants import Instant
from gsomia.parties import verify_act
from gsomia.policy import Clock
from gsomia.registry import (
    CLOSING,
    MUSTER,
    SHEET,
    Extent,
    Found,
    MarkRow,
    Muster,
    MusterClosing,
    MusterPage,
    MusterSheet,
    RegisterError,
    read_marks,
    sheet_rows,
    spot,
)
from simulation.paper import OWN, bring_in, line, sheet, usual
from simulation.world import KOR, REGISTRY, SimNode, World, world_in_force

COPIES = (("국방-103", "1"), ("국방-103", "2"), ("국방-104", "1"))


@pytest.fixture
def world() -> World:
    return world_in_force()


@pytest.fixture
def node(world: World) -> SimNode:
    world[KOR].bring_reader()
    bring_in(world[KOR], usual())
    return world[KOR]


def start(node: SimNode, *, by: str = "registrar") -> MusterState:
    return start_muster(node.desk, node.actor(by), facility=REGISTRY)


def fill(node: SimNode, *marks: MarkRow, by: str = "registrar") -> MusterState:
    return fill_sheet(node.desk, node.actor(by), node.every(Muster)[-1].id, marks)


def see(node: SimNode, *copies: tuple[str, str], by: str = "registrar") -> MusterState:
    return fill(node, *((number, copy, True, None) for number, copy in copies), by=by)


def close(node: SimNode, by: str) -> MusterState:
    return close_muster(node.desk, node.actor(by), node.every(Muster)[-1].id)


def closed_by_two(node: SimNode) -> MusterState:
    with pytest.raises(WaitingError):
        close(node, "registrar")
    return close(node, "security")


@pytest.mark.source("F-21")
def test_a_muster_expects_every_copy_the_ledger_has_there_and_signs_for_the_list(node: SimNode) -> None:
    node.register(b"sealed content lies on no shelf")
    state = start(node)
    assert [(one.expected.control_no, one.expected.copy) for one in state.lines] == sorted(
        COPIES, key=lambda copy: [one.expected.control_no for one in state.lines].index(copy[0])
    )
    body = verify_act(state.muster.act, kind=MUSTER)
    listed = tuple(one for page in node.every(MusterPage) for one in page.expected)
    assert (body.copies, body.list_digest) == (3, canon.digest(listed))
    with pytest.raises(RegisterError) as raised:
        start(node, by="security")
    assert raised.value.code == "registry/muster-open"
    with pytest.raises(RefusedError):
        start_muster(node.desk, node.actor("analyst"), facility=REGISTRY)


@pytest.mark.source("F-21")
def test_a_muster_is_not_closed_while_a_copy_is_unexplained(node: SimNode) -> None:
    start(node)
    see(node, *COPIES[:2])
    with pytest.raises(RegisterError) as raised:
        close(node, "registrar")
    assert (raised.value.code, raised.value.clauses) == ("registry/muster-unexplained", ("F-21",))
    assert "국방-104:1" in raised.value.message
    assert node.count(MusterClosing) == 0
    fill(node, ("국방-104", "1", False, "at the bindery until Friday"))
    done = closed_by_two(node)
    assert done.closed is not None
    assert (done.signed, done.counts[Found.SEEN], done.counts[Found.EXPLAINED]) == (("registrar", "security"), 2, 1)
    assert node.problems() == []


@pytest.mark.source("F-21")
def test_two_different_persons_sign_one_result(node: SimNode) -> None:
    start(node)
    see(node, *COPIES)
    with pytest.raises(WaitingError):
        close(node, "registrar")
    with pytest.raises(RefusedError) as raised:
        close(node, "registrar")
    assert raised.value.code == "flows/same-person"
    with pytest.raises(RefusedError) as raised:
        close(node, "analyst")
    assert raised.value.code == "flows/office-required"
    close(node, "security")
    first, second = (verify_act(one.act, kind=CLOSING) for one in node.every(MusterClosing))
    assert first == second
    with pytest.raises(RegisterError) as over:
        see(node, COPIES[0])
    assert over.value.code == "registry/muster-closed"
    with pytest.raises(RegisterError) as over:
        close(node, "registrar")
    assert over.value.code == "registry/muster-closed"


@pytest.mark.source("F-21")
def test_a_result_that_changed_after_the_first_signature_needs_both_again(node: SimNode) -> None:
    start(node)
    see(node, *COPIES[:2])
    fill(node, ("국방-104", "1", False, "lent"))
    with pytest.raises(WaitingError):
        close(node, "registrar")
    see(node, COPIES[2])
    with pytest.raises(WaitingError):
        close(node, "security")
    done = close(node, "registrar")
    assert (done.closed is not None, done.counts[Found.SEEN]) == (True, 3)


@pytest.mark.source("F-21")
def test_who_saw_a_copy_signs_for_it_and_seen_stays_seen(node: SimNode) -> None:
    start(node)
    see(node, COPIES[0], by="analyst")
    state = fill(node, (*COPIES[0], False, "not there"))
    line_ = next(one for one in state.lines if (one.expected.control_no, one.expected.copy) == COPIES[0])
    assert (line_.found, line_.by) == (Found.SEEN, "analyst")
    sheets = node.every(MusterSheet)
    assert [verify_act(one.act, kind=SHEET).marks[0].seen for one in sheets] == [True, False]


@pytest.mark.source("F-21")
def test_a_copy_that_is_not_on_the_list_is_no_line_of_the_sheet(node: SimNode) -> None:
    start(node)
    bring_in(node, sheet(line(OWN, number="국방-105")), file="later")
    for unlisted in (("국방-105", "1"), ("국방-103", "3"), ("국방-999", "1")):
        with pytest.raises(RegisterError) as raised:
            see(node, unlisted)
        assert raised.value.code == "registry/not-on-sheet"
    assert node.count(MusterSheet) == 0


@pytest.mark.source("F-21", "LEDGER-2")
@pytest.mark.parametrize("wait_s", [0, 60], ids=["in the same second", "later"])
def test_a_copy_that_moved_meanwhile_is_explained_by_its_ledger(world: World, node: SimNode, wait_s: int) -> None:
    opener = node.actor("analyst").person
    holder = [line(OWN, number="국방-106", holder="analyst")]
    bring_in(node, sheet(*holder), file="held")
    add_container(
        node.desk, node.actor("security"), container="SAFE-1", facility=REGISTRY, ceiling="KOR-2", openers=(opener,)
    )
    state = start(node)
    moved = next(one.expected for one in state.lines if one.expected.control_no == "국방-106")
    world.wait(wait_s)
    open_container(node.desk, node.actor("analyst"), "SAFE-1", seals=(), remarks="")
    store_copy(node.desk, node.actor("analyst"), moved.item, copy=moved.copy, container="SAFE-1")
    close_container(node.desk, node.actor("analyst"), "SAFE-1", seals=("S-1",), remarks="")
    see(node, *COPIES)
    done = closed_by_two(node)
    line_ = next(one for one in done.lines if one.expected == moved)
    assert (line_.found, done.counts[Found.MOVED]) == (Found.MOVED, 1)
    assert line_.words is not None
    assert "SAFE-1" in line_.words


@pytest.mark.source("F-21")
def test_the_next_muster_begins_anew(node: SimNode) -> None:
    first = start(node).muster.id
    see(node, *COPIES)
    closed_by_two(node)
    second = start(node)
    assert second.muster.id != first
    assert second.counts[Found.UNEXPLAINED] == 3
    assert muster_state(node.desk, first).closed is not None


@pytest.mark.source("F-21")
def test_a_sheet_is_filled_in_away_from_the_machine_and_read_back(node: SimNode) -> None:
    state = start(node)
    rows = sheet_rows(state.lines)
    for row in rows[1:]:
        row[3 if row[1] != "2" else 4] = "예" if row[1] != "2" else "열람 중"
    table = parse_table(print_csv(rows), fits=lambda _rows: True)
    done = fill(node, *read_marks(table.rows))
    assert (done.counts[Found.SEEN], done.counts[Found.EXPLAINED]) == (2, 1)


@pytest.mark.source("F-21")
@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "registry/no-sheet"),
        ([["control no", "copy"]], "registry/no-sheet"),
        ([["control no", "copy", "seen"], ["R-1", "1", "perhaps"]], "registry/unreadable-mark"),
        ([["control no", "copy", "seen", "사유"], ["R-1", "1", "", "x" * 201]], "registry/unreadable-mark"),
    ],
)
def test_a_sheet_that_is_not_understood_is_refused(rows: list[list[str]], code: str) -> None:
    with pytest.raises(RegisterError) as raised:
        read_marks(rows)
    assert raised.value.code == code


@given(st.lists(st.lists(st.text(max_size=12), max_size=6), max_size=5))
def test_any_sheet_is_read_or_refused(rows: list[list[str]]) -> None:
    for table in (rows, [["control no", "copy", "seen", "explanation"], *rows]):
        try:
            marks = read_marks(table)
        except RegisterError:
            continue
        assert all(seen or words for _, _, seen, words in marks)


@pytest.mark.source("F-21")
def test_a_spot_check_takes_the_copies_that_the_stored_draw_gives(node: SimNode) -> None:
    state = start_spot_check(node.desk, node.actor("registrar"), facility=REGISTRY, size=2)
    draw = state.draw
    assert draw is not None
    # Anyone draws the same copies again from the seed and the list that are stored, and not before the seed was.
    listed = [one for page in node.every(MusterPage) for one in page.expected]
    drawn = spot.draw_sample((f"{one.item} {one.copy}" for one in listed), seed=draw.seed, size=2)
    assert {f"{one.expected.item} {one.expected.copy}" for one in state.lines} == drawn
    body = verify_act(state.muster.act, kind=MUSTER)
    assert (body.extent, body.copies, body.list_digest) == (Extent.SPOT, 2, canon.digest(tuple(listed)))
    # Nobody draws again before it is closed, and it closes as a full one does.
    with pytest.raises(RegisterError):
        start_spot_check(node.desk, node.actor("security"), facility=REGISTRY)
    with pytest.raises(RegisterError) as unexplained:
        close(node, "registrar")
    assert unexplained.value.code == "registry/muster-unexplained"
    see(node, *((one.expected.control_no, one.expected.copy) for one in state.lines))
    assert closed_by_two(node).closed is not None
    assert node.problems() == []


@pytest.mark.source("F-21", "F-23", "A-12")
def test_only_a_full_muster_moves_the_clock_of_the_next_one_and_is_counted_in_the_year(node: SimNode) -> None:
    def full_due() -> tuple[Instant, int]:
        every = node.memory.run(lambda tx: duties_at(tx, node.desk, node.clock()))
        (duty,) = (one for one in every if one.clock is Clock.FULL_MUSTER)
        return duty.since, draw_report(node.desk, year=2026).musters

    node.clock.now = node.clock().plus(days=1)
    before = full_due()
    state = start_spot_check(node.desk, node.actor("registrar"), facility=REGISTRY, size=1)
    see(node, *((one.expected.control_no, one.expected.copy) for one in state.lines))
    assert closed_by_two(node).closed is not None
    assert full_due() == before
    start(node)
    see(node, *COPIES)
    closed = closed_by_two(node).closed
    assert closed is not None
    assert full_due() == (closed, 1)


@pytest.mark.source("F-21")
def test_a_seed_that_was_entered_is_used_whatever_happens_before_its_list_is_taken(node: SimNode) -> None:
    node.memory.run(
        lambda tx: tx.add(
            spot.SpotDraw(
                muster="MUS-2026-0009",
                facility=REGISTRY,
                size=1,
                seed=b"7" * 32,
                by=node.actor("registrar").person,
                at=node.clock(),
            )
        )
    )
    state = start_spot_check(node.desk, node.actor("security"), facility=REGISTRY, size=3)
    assert state.draw is not None
    assert (state.muster.id, state.draw.seed, len(state.lines)) == ("MUS-2026-0009", b"7" * 32, 1)
    with pytest.raises(LocalError):
        start_spot_check(node.desk, node.actor("security"), facility=REGISTRY, size=0)
