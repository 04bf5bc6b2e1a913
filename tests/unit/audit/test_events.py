import re
from pathlib import Path

import pytest

import gsomia.audit
from gsomia.audit import MEANINGS, Event

SRC = Path(gsomia.audit.__file__).parents[1]


def test_every_event_has_a_meaning() -> None:
    assert set(Event) == set(MEANINGS)


def test_events_are_spelled_room_thing_fact() -> None:
    assert all(re.fullmatch(r"[a-z-]+(:[a-z-]+){1,2}", event) for event in Event)


def test_meanings_are_one_line_and_distinct() -> None:
    meanings = list(MEANINGS.values())

    assert len(meanings) == len(set(meanings))
    assert all("\n" not in meaning and not meaning.endswith(".") for meaning in meanings)


@pytest.mark.source("DESIGN-5")
def test_every_event_is_one_that_the_code_writes() -> None:
    written = "\n".join(path.read_text() for path in SRC.rglob("*.py") if path.parent.name != "audit")
    assert [event.name for event in Event if f"Event.{event.name}" not in written] == []
