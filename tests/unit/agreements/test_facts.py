"""What happened, one fact a line: read strictly, without an opinion."""

from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.agreements import DocumentError, facts_of_acts, force_begins, parse_facts
from gsomia.ids import sha256_hex
from gsomia.instants import read_instant
from strategies import agreements
from strategies.knowledge import FACTS, HISTORY, IN_FORCE, INSTRUMENT, PARTIES, fact, history
from strategies.labels import modest


def test_the_history_is_the_one_that_was_compiled() -> None:
    assert sha256_hex(HISTORY) == "fe1d861c0ea0c4b9dcd35dcd5aa06fe748f16253fe46157c3c090ccd7b455b50"


def test_the_history_reads_line_by_line() -> None:
    assert [one.n for one in FACTS] == list(range(1, 49))
    assert {"KOR", "JPN", "both", "three", "DPRK"} == {one.actor for one in FACTS}


@pytest.mark.source("G21-1", "T14")
def test_force_begins_with_the_later_note() -> None:
    assert force_begins(FACTS, INSTRUMENT, parties=PARTIES) == read_instant("2016-11-23T12:00")
    later = history(*IN_FORCE[:2], fact(3, "notify_completed", "2016-12-01", actor="JP"))
    assert force_begins(later, INSTRUMENT, parties=PARTIES) == read_instant("2016-12-01")


@pytest.mark.source("G21-1")
@pytest.mark.parametrize("left_out", [0, 1, 2])
def test_without_a_signature_or_a_note_there_is_no_force(left_out: int) -> None:
    lines = [line for number, line in enumerate(IN_FORCE) if number != left_out]
    assert force_begins(history(*lines), INSTRUMENT, parties=PARTIES) is None


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"date": "yesterday"},
        {"date": "2019-02-30"},
        {"eff": 5},
        {"eff": "soon"},
        {"conf": "D"},
        {"n": -1},
        {"steps": [{"party": "KR"}]},
        {"instr": "no instrument"},
    ],
)
def test_a_line_that_is_no_fact_is_refused(change: dict[str, object]) -> None:
    line = {**msgspec.json.decode(IN_FORCE[0]), **change}
    with pytest.raises(DocumentError) as caught:
        parse_facts(msgspec.json.encode(line))
    assert caught.value.code == "agreements/facts-malformed"


@modest
@given(st.integers(0, len(HISTORY) - 1), st.integers(1, 255))
def test_any_damage_is_a_document_error_or_another_history(at: int, bits: int) -> None:
    damaged = bytearray(HISTORY)
    damaged[at] ^= bits
    with suppress(DocumentError):
        assert len(parse_facts(bytes(damaged))) in {47, 48, 49}


@pytest.mark.source("A-24", "T01", "T12", "T13")
def test_acts_of_a_node_are_facts_once_they_are_received() -> None:
    force = read_instant("2016-11-23T12:00")
    acts = [*agreements.history(force), agreements.note(agreements.JP, None, number="JP-2016-108")]
    found = facts_of_acts(acts, texts=[agreements.AGREEMENT])
    assert [(one.event, one.actor) for one in found] == [
        ("propose", "KOR"),
        ("sign", "KOR"),
        ("sign", "JPN"),
        ("notify_completed", "KOR"),
        ("notify_completed", "JPN"),
    ]
    assert force_begins(found, INSTRUMENT, parties=PARTIES) == force
