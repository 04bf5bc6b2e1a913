"""No clock runs that nobody is shown: each limit and each day in a record has a duty, or a reason for having none."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from gsomia.admin import COMMANDS
from gsomia.instants import Instant, Validity
from gsomia.policy import Clock
from gsomia.storage import KINDS

SRC = Path(__file__).resolve().parents[2] / "src" / "gsomia"
DUTIES = sorted((SRC / "flows").glob("duties_*.py"))

SHOWN: dict[str, Clock] = {
    "Appointment.valid": Clock.ENTRY,
    "BackupRecord.until": Clock.BACKUP,
    "CallPlan.first": Clock.HOTLINE_TEST,
    "ChannelAccreditation.valid": Clock.CHANNEL,
    "ContractorAppointment.valid": Clock.CONTRACTOR_OFFICER,
    "ContractorClearance.valid": Clock.SITE_CLEARANCE,
    "ContractorInspection.next_due": Clock.INSPECTION,
    "ContractorMeasure.review_at": Clock.MEASURE,
    "ContractorPerson.valid": Clock.LISTED_CLEARANCE,
    "DisclosureOpened.due": Clock.HOTLINE_FORM,
    "DutyGrant.valid": Clock.ENTRY,
    "FacilityAccreditation.review_at": Clock.FACILITY,
    "FollowUp.due": Clock.FOLLOW_UP,
    "IncidentCase.discovered": Clock.INCIDENT_NOTICE,
    "NationalityConsent.valid": Clock.NATIONALITY,
    "PurposeLine.review_at": Clock.PURPOSE_REVIEW,
    "RepresentativeRecord.valid": Clock.REPRESENTATIVE,
    "RosterLine.valid": Clock.ENTRY,
    "SystemAccreditation.valid": Clock.SYSTEM,
    "WatchTurn.valid": Clock.HOTLINE_WATCH,
}
"""Days in records that run out, and the clock that shows them."""
PAST: dict[str, str] = {
    "ActRecord.sent": "when it was sent",
    "ActRecord.received": "when it counted",
    "CallEntry.began": "a call that is over",
    "CallEntry.ended": "a call that is over",
    "HotlineAlarm.since": "from when an alarm held; the duty is that of the message",
    "IncidentCase.intact": "when all was last seen in order",
    "Meeting.held": "a meeting that was held",
    "RelayArrival.decided": "when the hub decided",
}
"""Instants in records that lie behind."""
LIMITS: dict[str, Clock | str] = {
    "ANSWER_DAYS": Clock.INCIDENT_ANSWER,
    "APPROVAL_DAYS": Clock.COVER_APPROVAL,
    "CHANGE_MUSTER_DAYS": "how old a muster may be at a change of officer: it refuses, nobody is late",
    "DISPOSITION_DAYS": Clock.DISPOSITION,
    "FULL_MUSTER_DAYS": Clock.FULL_MUSTER,
    "HORIZON_DAYS": "how far a simulation looks ahead",
    "INCIDENT_DAYS": Clock.UNRECEIPTED,
    "LAW_CHANGE_DAYS": Clock.LAW_CHANGE,
    "LEAD_DAYS": "how early a visit is asked for: it refuses, nobody is late",
    "LEVEL_CHANGE_DAYS": Clock.REMARKING,
    "ONE_TIME_DAYS": "how long a visit may be",
    "PROPOSAL_DAYS": Clock.DESTRUCTION,
    "RECURRING_DAYS": "how long a visit may be",
    "RENEWAL_DAYS": "how far a review may lie ahead",
    "RETENTION_DAYS": "from when names are no longer shown; nobody acts",
    "TRACER_DAYS": Clock.RECEIPT,
}
"""Every limit in days that the code has, and the clock that shows it."""


def dated_fields() -> Iterator[str]:
    for kind in KINDS:
        hints = get_type_hints(kind)
        for field in fields(kind):
            parts = {hints[field.name], *get_args(hints[field.name])}
            if field.name != "at" and parts & {Instant, Validity}:
                yield f"{kind.__name__}.{field.name}"


@pytest.mark.source("A-12")
def test_every_day_in_a_record_has_a_clock_or_lies_behind() -> None:
    assert set(dated_fields()) == SHOWN.keys() | PAST.keys()
    assert SHOWN.keys().isdisjoint(PAST)


@pytest.mark.source("A-12")
def test_every_limit_in_days_has_a_clock_or_a_reason() -> None:
    found = {
        target.id
        for path in SRC.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign) and _is_number(node.value)
        for target in node.targets
        if isinstance(target, ast.Name) and re.fullmatch(r"[A-Z_]+_DAYS", target.id)
    }
    assert found == LIMITS.keys()


@pytest.mark.source("A-12")
def test_every_clock_has_a_source_of_duties() -> None:
    named = {
        node.attr
        for path in DUTIES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Clock"
    }
    assert named == {clock.name for clock in Clock}


@pytest.mark.source("A-12", "DESIGN-10")
def test_what_a_duty_says_to_do_is_a_command_with_its_options() -> None:
    texts = [text for path in DUTIES for text in _commands(ast.parse(path.read_text()))]
    named = set()
    for text in texts:
        for command in text.split(", or "):
            name = next((one for one in (" ".join(command.split()[:2]), command.split()[0]) if one in COMMANDS), None)
            assert name, command
            named.add(name)
            options = {f"--{param.name.replace('_', '-')}" for param in COMMANDS[name].params}
            assert set(re.findall(r"--[a-z-]+", command)) <= options, command
    assert len(named) > len(DUTIES) * 5


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) or (isinstance(node, ast.Constant) and isinstance(node.value, int))


def _commands(tree: ast.Module) -> Iterator[str]:
    """What stands in the text of a command, with a word for each value."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr | ast.Constant):
            text = next(_texts(node), "")
            if " ".join(text.split()[:2]) in COMMANDS:
                yield text


def _texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.JoinedStr():
            yield "".join(str(one.value) if isinstance(one, ast.Constant) else "X" for one in node.values)
        case ast.Constant(value=str(text)):
            yield text
        case _:
            return
