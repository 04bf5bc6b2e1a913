"""The blast radius by lines and indexes is what a walk over every event finds."""

import itertools
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsomia.exchange import IncidentSubject, SubjectKind
from gsomia.flows.radius import Window, blast_radius, concerned, stays
from gsomia.ids import ItemId, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.registry import CopyLine, CustodyEvent, CustodyKind, DerivedFrom, RegisterError, begin, follow
from gsomia.storage import MemoryStore

ITEMS = tuple(cast("ItemId", f"itm_{letter * 26}") for letter in "abcd")
HANDS = tuple(cast("PersonId", name) for name in ("ann", "ben", "cho"))
SAFES = ("SAFE-1", "SAFE-2")
KOR = cast("PartyCode", "KOR")

Step = tuple[int, str, str, int, int]
"""Which item, which copy, what, whose hand or which safe, and how much later."""
STEPS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(("1", "2")),
        st.sampled_from(("hand", "store", "take", "lose", "find", "destroy", "send")),
        st.integers(0, 2),
        st.integers(0, 3),
    ),
    max_size=40,
)


def event(item: ItemId, copy: str, kind: CustodyKind, at: int, **more: object) -> CustodyEvent:
    return CustodyEvent(item=item, copy=copy, kind=kind, custodian=KOR, at=Instant(at), **more)  # type: ignore[arg-type]


def played(steps: list[Step]) -> list[CustodyEvent]:
    """Events that may follow one another, from whatever was drawn."""
    lines: dict[tuple[str, str], CopyLine] = {}
    events: list[CustodyEvent] = []
    for item in ITEMS:
        for copy in ("1", "2"):
            first = event(item, copy, CustodyKind.REGISTERED if copy == "1" else CustodyKind.COPIED, 0, by=HANDS[0])
            lines[item, copy] = begin(first, originator=KOR)
            events.append(first)
    now = 1
    for index, copy, what, other, later in steps:
        now += later
        line = lines[ITEMS[index], copy]
        made = _made(line, what, other, now)
        try:
            lines[line.item, copy] = follow(line, made)
        except RegisterError:
            continue
        events.append(made)
    return events


_KINDS = {
    "hand": CustodyKind.HANDED_OVER,
    "store": CustodyKind.STORED,
    "take": CustodyKind.TAKEN_OUT,
    "lose": CustodyKind.LOST,
    "find": CustodyKind.FOUND,
    "destroy": CustodyKind.DESTROYED,
    "send": CustodyKind.DISPATCHED,
}


def _made(line: CopyLine, what: str, other: int, now: int) -> CustodyEvent:
    more: dict[str, dict[str, object]] = {
        "hand": {"to": HANDS[other]},
        "store": {"container": SAFES[other % 2]},
        "take": {"container": line.container},
        "send": {"counterpart": "JPN", "package": "KR-P-1"},
    }
    return event(line.item, line.copy, _KINDS[what], now, by=line.holder or HANDS[other], **more.get(what, {}))


def filled(events: list[CustodyEvent]) -> MemoryStore:
    store, lines = MemoryStore(), dict[tuple[str, str], CopyLine]()
    for one in events:
        known = lines.get((one.item, one.copy))
        lines[one.item, one.copy] = follow(known, one) if known else begin(one, originator=KOR)

    def unit(tx: object) -> None:
        for one in events:
            tx.add(one)  # type: ignore[attr-defined]
        for line in lines.values():
            tx.put_line(line)  # type: ignore[attr-defined]

    store.run(unit)
    return store


def naive(events: list[CustodyEvent], window: Window, *, holder: str | None, safe: str | None) -> dict[str, set[str]]:
    """Walk every moment of the window: at each, where is every copy?"""
    found: dict[str, set[str]] = {}
    moments = sorted({*(one.at.epoch_s for one in events), window.intact.epoch_s, window.discovered.epoch_s})
    for moment in moments:
        if not window.intact.epoch_s <= moment <= window.discovered.epoch_s:
            continue
        lines: dict[tuple[str, str], CopyLine] = {}
        for one in events:
            if one.at.epoch_s > moment:
                break
            known = lines.get((one.item, one.copy))
            lines[one.item, one.copy] = follow(known, one) if known else begin(one, originator=KOR)
            touched = lines[one.item, one.copy]
            before = (known,) if known and one.at.epoch_s == moment else ()
            for line in (*before, *((touched,) if one.at.epoch_s == moment else ())):
                if (holder and line.holder == holder) or (safe and line.container == safe):
                    found.setdefault(line.item, set()).add(line.copy)
        for line in lines.values():
            if (holder and line.holder == holder) or (safe and line.container == safe):
                found.setdefault(line.item, set()).add(line.copy)
    return found


@pytest.mark.source("F-17", "G17-4", "LEDGER-2")
@settings(max_examples=40)
@given(steps=STEPS, since=st.integers(0, 30), lasting=st.integers(0, 30))
def test_what_was_in_a_hand_or_a_container_is_what_a_walk_over_every_event_finds(
    steps: list[Step], since: int, lasting: int
) -> None:
    events, window = played(steps), Window(intact=Instant(since), discovered=Instant(since + lasting))
    store = filled(events)
    for kind, names in ((SubjectKind.PERSON, HANDS), (SubjectKind.CONTAINER, SAFES)):
        for name in names:
            subject = IncidentSubject(kind=kind, id=name)
            found = store.run(lambda tx, subject=subject: concerned(tx, subject, window))  # type: ignore[misc]
            person = kind is SubjectKind.PERSON
            expected = naive(events, window, holder=name if person else None, safe=None if person else name)
            assert found == expected


@pytest.mark.source("F-17", "G17-4")
@settings(max_examples=30)
@given(steps=STEPS, since=st.integers(0, 30), lasting=st.integers(0, 30))
def test_hands_containers_and_releases_are_those_of_every_event_in_the_window(
    steps: list[Step], since: int, lasting: int
) -> None:
    events, window = played(steps), Window(intact=Instant(since), discovered=Instant(since + lasting))
    radius = filled(events).run(lambda tx: blast_radius(tx, ITEMS[:2], window))
    mine = [one for one in events if one.item in ITEMS[:2] and window.has(one.at)]
    assert sorted((h.item, h.copy, str(h.taker)) for h in radius.hands) == sorted(
        (one.item, one.copy, str(one.to)) for one in mine if one.kind is CustodyKind.HANDED_OVER
    )
    assert len(radius.onward) == sum(one.kind is CustodyKind.DISPATCHED for one in mine)
    safes = {
        (item, copy, safe)
        for safe in SAFES
        for item, copies in naive(events, window, holder=None, safe=safe).items()
        for copy in copies
        if item in ITEMS[:2]
    }
    assert {(lay.item, lay.copy, lay.where) for lay in radius.containers} == safes
    assert {line.item for line in radius.copies} <= set(ITEMS[:2])


@pytest.mark.source("LEDGER-2")
@settings(max_examples=30)
@given(steps=STEPS)
def test_stays_of_a_copy_cover_its_time_without_gap_or_overlap(steps: list[Step]) -> None:
    events = [one for one in played(steps) if one.item == ITEMS[0] and one.copy == "1"]
    found = list(stays(events))
    assert found[0].since == events[0].at
    assert found[-1].until is None
    assert all(one.until == after.since for one, after in itertools.pairwise(found))


@pytest.mark.source("LEDGER-6", "F-17")
def test_derived_items_are_found_to_the_last_generation_and_only_those_made_before_the_discovery() -> None:
    from gsomia.registry import Derivation, DerivedKind  # noqa: PLC0415  of this test alone

    def made(item: ItemId, parent: ItemId, at: int) -> tuple[DerivedFrom, Derivation]:
        derivation = Derivation(
            item=item,
            kind=DerivedKind.EXTRACT,
            parents=(parent,),
            own_level=None,
            author=HANDS[0],
            language=None,
            note=None,
            system=None,
            at=Instant(at),
        )
        return DerivedFrom(parent=parent, item=item), derivation

    store = MemoryStore()
    records = [*made(ITEMS[1], ITEMS[0], 5), *made(ITEMS[2], ITEMS[1], 6), *made(ITEMS[3], ITEMS[0], 9)]

    def unit(tx: object) -> None:
        for record in records:
            tx.add(record)  # type: ignore[attr-defined]

    store.run(unit)
    radius = store.run(lambda tx: blast_radius(tx, (ITEMS[0],), Window(intact=Instant(0), discovered=Instant(8))))
    assert radius.items == (ITEMS[0], ITEMS[1], ITEMS[2])
