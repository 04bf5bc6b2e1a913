import re

from gsomia.audit import MEANINGS, Event


def test_every_event_has_a_meaning() -> None:
    assert set(Event) == set(MEANINGS)


def test_events_are_spelled_room_thing_fact() -> None:
    assert all(re.fullmatch(r"[a-z]+(:[a-z-]+){1,2}", event) for event in Event)


def test_meanings_are_one_line_and_distinct() -> None:
    meanings = list(MEANINGS.values())

    assert len(meanings) == len(set(meanings))
    assert all("\n" not in meaning and not meaning.endswith(".") for meaning in meanings)
