"""The domestic procedure before signature, one for each party: every step done, skipped with a reason, or not there.

A skip is never silent: it names a reason and who approved it. Parliamentary consent is recorded too, mostly as not
required, with who decided so. In the published history some steps are unknown; there, and only there, that passes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia.agreements.refusal import Refusal
from gsomia.ids import PartyCode

Words = Annotated[str, Meta(min_length=1, max_length=500)]


class Step(StrEnum):
    """Steps before signature, in order; parliamentary consent beside them.

    Source: lifecycle 3.2, S1.
    """

    D1 = "D1"
    D2 = "D2"
    D3 = "D3"
    D4 = "D4"
    D5 = "D5"
    D6 = "D6"
    PARLIAMENT = "parliament"


class StepStatus(StrEnum):
    """What became of a step.

    Source: lifecycle 3.2.
    """

    ASKED = "asked"
    DONE = "done"
    SKIPPED = "skipped"
    NOT_APPLICABLE = "not-applicable"
    NOT_REQUIRED = "not-required"
    UNKNOWN = "unknown"


SETTLED = frozenset(set(StepStatus) - {StepStatus.ASKED})
NEEDS_REASON = frozenset({StepStatus.SKIPPED, StepStatus.NOT_REQUIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """One step of one party's procedure. `by` is who did, approved the skip of, or decided against the step."""

    step: Step
    status: StepStatus
    reason: Words | None
    by: Words | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """How far one party's procedure has come in this round."""

    party: PartyCode
    reports: tuple[StepReport, ...] = ()

    def report(self, step: Step) -> StepReport | None:
        """The last word on a step."""
        return next((report for report in reversed(self.reports) if report.step is step), None)

    def is_settled(self, step: Step) -> bool:
        """Whether nothing more is waited for at this step."""
        report = self.report(step)
        return report is not None and report.status in SETTLED

    def is_done(self, steps: Iterable[Step]) -> bool:
        """Whether every one of `steps` is settled.

        Source: T08.
        """
        return all(self.is_settled(step) for step in steps)

    @property
    def skipped(self) -> tuple[StepReport, ...]:
        """The steps that were skipped: shown in red."""
        last = [self.report(step) for step in Step]
        return tuple(report for report in last if report is not None and report.status is StepStatus.SKIPPED)


def take_steps(
    procedure: Procedure, reports: Iterable[StepReport], *, steps: tuple[Step, ...], past: bool
) -> Procedure | Refusal:
    """The procedure with `reports` added in order, or why one of them cannot be.

    Args:
        procedure: so far.
        reports: what is reported, in order.
        steps: the steps this party's procedure has.
        past: whether this is published history, in which a step may be unknown and a skip without names.

    Source: T07, T07a, T08.
    """
    for report in reports:
        refusal = _judge(procedure, report, steps=steps, past=past)
        if refusal is not None:
            return refusal
        procedure = Procedure(party=procedure.party, reports=(*procedure.reports, report))
    return procedure


def _judge(procedure: Procedure, report: StepReport, *, steps: tuple[Step, ...], past: bool) -> Refusal | None:
    if report.step not in steps:
        return _no("step-not-theirs", "T07a", f"{procedure.party}'s procedure has no step {report.step}")
    if procedure.is_settled(report.step):
        return _no("step-taken-before", "T07a", f"{report.step} is settled already")
    before = steps[: steps.index(report.step)]
    missing = [step for step in before if not procedure.is_settled(step)]
    if missing and report.step is not Step.PARLIAMENT:
        return _no(
            "step-out-of-order", "T07a", f"{report.step} comes after {missing[0]}, which is neither done nor skipped"
        )
    return _judge_words(report, past=past)


def _judge_words(report: StepReport, *, past: bool) -> Refusal | None:
    if report.status is StepStatus.UNKNOWN and not past:
        return _no("step-unknown", "T08", f"{report.step} cannot be `unknown` in a procedure that is under way")
    if report.status is StepStatus.NOT_REQUIRED and report.step is not Step.PARLIAMENT:
        return _no("step-is-required", "T07a", f"{report.step} is done, skipped or not applicable")
    if report.status in NEEDS_REASON and not past and not (report.reason and report.by):
        return _no(
            "skip-without-reason", "T08", f"{report.step} is {report.status} only with a reason and who approved it"
        )
    return None


def _no(code: str, clause: str, text: str) -> Refusal:
    return Refusal(code=code, clause=clause, text=text)
