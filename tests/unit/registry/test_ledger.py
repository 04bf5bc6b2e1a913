"""The ledger of copies holds its invariants after every sequence of events, whatever was tried in between."""

from collections import Counter
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.ids import ItemId, PartyCode, PersonId, new_item_id
from gsomia.instants import Instant
from gsomia.registry import MOVES, CopyLine, CustodyEvent, CustodyKind, Place, RegisterError, begin, follow

NOW = Instant(1_800_000_000)
ITEM: ItemId = new_item_id(bytes)
KOR, JPN = cast("PartyCode", "KOR"), cast("PartyCode", "JPN")
KIM, LEE = cast("PersonId", "kim"), cast("PersonId", "lee")
BEGINS = [kind for kind in CustodyKind if None in MOVES[kind]]


def event(
    kind: CustodyKind, *, copy: str = "1", by: PersonId | None = KIM, to: PersonId | None = None, box: str | None = None
) -> CustodyEvent:
    return CustodyEvent(item=ITEM, copy=copy, kind=kind, custodian=KOR, by=by, to=to, container=box, at=NOW)


def held(*, by: PersonId = KIM) -> CopyLine:
    return begin(event(CustodyKind.REGISTERED, by=by), originator=KOR)


EVENTS = st.builds(
    event,
    st.sampled_from(CustodyKind),
    copy=st.sampled_from(["1", "2", "3"]),
    by=st.sampled_from([KIM, LEE]),
    to=st.sampled_from([KIM, LEE, None]),
    box=st.sampled_from(["SAFE-1", "SAFE-2", None]),
)


@pytest.mark.source("G6-7", "G9-2", "LEDGER-1", "LEDGER-2")
@given(st.lists(EVENTS, max_size=40))
def test_received_and_made_equal_the_sum_of_all_places_and_each_copy_has_one_custodian(
    tried: list[CustodyEvent],
) -> None:
    lines: dict[str, CopyLine] = {}
    came = 0
    for one in tried:
        line = lines.get(one.copy)
        try:
            lines[one.copy] = follow(line, one) if line else begin(one, originator=KOR)
        except RegisterError:
            continue
        came += line is None
    places = Counter(line.place for line in lines.values())
    assert sum(places.values()) == came
    for line in lines.values():
        in_hand = line.holder is not None
        assert in_hand != (line.container is not None) if line.place is Place.HELD else not in_hand
        assert line.since <= line.at


@pytest.mark.source("G6-7")
@given(st.sampled_from(CustodyKind))
def test_a_copy_comes_to_be_once_and_only_by_an_event_that_makes_one(kind: CustodyKind) -> None:
    if kind in BEGINS:
        line = begin(event(kind), originator=KOR)
        assert line.made is kind
        if kind is not CustodyKind.RECEIVED:  # a second arrival changes nothing
            with pytest.raises(RegisterError, match="cannot be"):
                follow(line, event(kind))
    else:
        with pytest.raises(RegisterError, match="not in the register"):
            begin(event(kind), originator=KOR)


@pytest.mark.source("G13-1")
@pytest.mark.parametrize("kind", [kind for kind in CustodyKind if kind is not CustodyKind.RECEIVED])
def test_what_is_destroyed_stays_destroyed(kind: CustodyKind) -> None:
    gone = follow(held(), event(CustodyKind.DESTROYED))
    with pytest.raises(RegisterError, match="destroyed"):
        follow(gone, event(kind))
    assert follow(gone, event(CustodyKind.RECEIVED)) == gone


@pytest.mark.source("F-05")
@pytest.mark.parametrize("to", [KIM, None])
def test_a_hand_over_to_oneself_is_refused(to: PersonId | None) -> None:
    with pytest.raises(RegisterError) as raised:
        follow(held(), event(CustodyKind.HANDED_OVER, to=to))
    assert raised.value.code == "registry/handed-to-oneself"


@pytest.mark.source("G9-2", "F-05")
@pytest.mark.parametrize("kind", [CustodyKind.HANDED_OVER, CustodyKind.STORED, CustodyKind.DISPATCHED])
def test_a_second_custodian_is_refused(kind: CustodyKind) -> None:
    with pytest.raises(RegisterError) as raised:
        follow(held(by=KIM), event(kind, by=LEE, to=KIM, box="SAFE-1"))
    assert raised.value.code == "registry/second-custodian"


@pytest.mark.source("G11-1", "F-20")
def test_what_is_locked_away_is_in_nobodys_hand_until_it_is_taken_out_of_that_container() -> None:
    stored = follow(held(), event(CustodyKind.STORED, box="SAFE-1"))
    assert (stored.holder, stored.container) == (None, "SAFE-1")
    for wrong in (event(CustodyKind.HANDED_OVER, to=LEE), event(CustodyKind.TAKEN_OUT, by=LEE, box="SAFE-2")):
        with pytest.raises(RegisterError):
            follow(stored, wrong)
    out = follow(stored, event(CustodyKind.TAKEN_OUT, by=LEE, box="SAFE-1"))
    assert (out.holder, out.container) == (LEE, None)
    with pytest.raises(RegisterError, match="named container"):
        follow(out, event(CustodyKind.STORED, by=LEE))


@pytest.mark.source("A-04")
def test_what_arrived_is_the_senders_until_it_is_booked() -> None:
    arrived = begin(CustodyEvent(item=ITEM, copy="1", kind=CustodyKind.RECEIVED, custodian=JPN, at=NOW), originator=JPN)
    assert (arrived.place, arrived.custodian, arrived.holder) == (Place.ARRIVED, JPN, None)
    booked = follow(arrived, event(CustodyKind.BOOKED))
    assert (booked.place, booked.custodian, booked.holder) == (Place.HELD, KOR, KIM)


@pytest.mark.source("LEDGER-2", "F-01")
def test_what_is_carried_over_from_paper_is_in_one_hand_or_one_container_at_once() -> None:
    held_by = begin(event(CustodyKind.CARRIED_OVER, to=LEE), originator=JPN)
    locked = begin(event(CustodyKind.CARRIED_OVER, box="SAFE-1"), originator=JPN)
    assert [(one.place, one.holder, one.container) for one in (held_by, locked)] == [
        (Place.HELD, LEE, None),
        (Place.HELD, None, "SAFE-1"),
    ]
    assert follow(locked, event(CustodyKind.TAKEN_OUT, by=LEE, box="SAFE-1")).holder == LEE
    with pytest.raises(RegisterError) as raised:
        follow(locked, event(CustodyKind.HANDED_OVER, to=LEE))
    assert raised.value.code == "registry/second-custodian"
