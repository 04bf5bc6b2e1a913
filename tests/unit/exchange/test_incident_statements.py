"""What a report of an incident cannot do without."""

from dataclasses import replace
from typing import Any, cast

import pytest

from gsomia.exchange import (
    Account,
    CaseEntry,
    CaseMoment,
    IncidentReport,
    OpenedLine,
    ReportStage,
    ToldLine,
    are_changed,
    report_obstacles,
)
from gsomia.ids import IncidentId, PartyCode, PersonId
from gsomia.instants import Instant

INCIDENT = cast("IncidentId", "inc_" + "a" * 26)
FULL = {"search": "all rooms", "cause": "left out", "responsible": "the procedure", "reply": "none", "damage": "none"}
MOMENTS = (CaseMoment.OPENED, CaseMoment.INVESTIGATION, CaseMoment.FINDING, CaseMoment.MEASURE)


def entry(number: int, what: CaseMoment) -> CaseEntry:
    return CaseEntry(
        incident=INCIDENT,
        number=number,
        what=what,
        words=f"words of {what}",
        salt=bytes([number]) * 16,
        by=cast("PersonId", "kim"),
        at=Instant(10 + number),
    )


ENTRIES = tuple(entry(number, what) for number, what in enumerate(MOMENTS, start=1))
LINES = tuple(ToldLine(number=e.number, what=e.what, commitment=e.commitment, at=e.at) for e in ENTRIES)
OPENED = tuple(OpenedLine(number=e.number, what=e.what, words=e.words, salt=e.salt) for e in ENTRIES[2:])


def final(**changes: Any) -> IncidentReport:
    facts: dict[str, Any] = {
        "stage": ReportStage.FINAL,
        "account": Account(narrative="all of it", **FULL),
        "lines": LINES,
        "opened": OPENED,
        **changes,
    }
    return IncidentReport(
        incident=INCIDENT,
        serial=1,
        party=cast("PartyCode", "JPN"),
        to=cast("PartyCode", "KOR"),
        what="loss",
        intact=Instant(1),
        discovered=Instant(2),
        items=(),
        at=Instant(30),
        **facts,
    )


def clauses(report: IncidentReport) -> list[str]:
    return [clause for clause, _ in report_obstacles(report)]


@pytest.mark.source("G17-3", "F-17")
def test_a_final_report_with_its_investigation_its_finding_and_its_measure_lacks_nothing() -> None:
    assert clauses(final()) == []


@pytest.mark.source("G17-2", "G17-3")
@pytest.mark.parametrize(
    ("left_out", "clause"),
    [(CaseMoment.INVESTIGATION, "G17-2"), (CaseMoment.FINDING, "G17-3"), (CaseMoment.MEASURE, "G17-3")],
)
def test_a_report_is_not_closed_without_investigation_finding_or_measure(left_out: CaseMoment, clause: str) -> None:
    lines = tuple(one for one in LINES if one.what is not left_out)
    opened = tuple(one for one in OPENED if one.what is not left_out)
    assert clauses(final(lines=lines, opened=opened)) == [clause]


@pytest.mark.source("G17-3")
def test_words_other_than_those_that_were_committed_to_are_refused() -> None:
    changed = (replace(OPENED[0], words="nothing was found"), OPENED[1])
    assert clauses(final(opened=changed)) == ["G17-3"]
    assert clauses(final(lines=LINES[:3])) == ["G17-3"]  # a measure that no line told of


@pytest.mark.source("F-17", "G17-3")
def test_an_entry_is_told_the_same_each_time_and_no_two_have_one_number() -> None:
    assert not are_changed(LINES, told=())
    assert not are_changed(LINES, told=LINES)
    assert not are_changed(LINES[:2], told=LINES[2:])
    assert not are_changed((), told=LINES)
    for change in ({"commitment": LINES[0].commitment}, {"what": CaseMoment.NOTED}, {"at": Instant(99)}):
        assert are_changed((LINES[0], replace(LINES[1], **change)), told=LINES)
    assert are_changed((*LINES, LINES[0]), told=())


@pytest.mark.source("G17-4", "F-17")
@pytest.mark.parametrize("name", FULL)
def test_each_part_of_the_form_is_asked_of_a_final_report(name: str) -> None:
    assert clauses(final(account=Account(narrative="all of it", **{**FULL, name: None}))) == ["G17-4"]


@pytest.mark.source("F-17", "A-12")
def test_the_result_comes_last_and_times_in_their_order() -> None:
    account = Account(narrative="seen")
    assert clauses(final(stage=ReportStage.FIRST, account=account)) == ["G17-3"]
    assert clauses(final(stage=ReportStage.INTERIM, account=account, opened=())) == ["G17-4"]
    assert clauses(final(stage=ReportStage.FIRST, account=account, opened=())) == []
    assert clauses(replace(final(), discovered=Instant(31))) == ["A-12"]
