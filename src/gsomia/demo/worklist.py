"""The step about the day of a registry: what is due for each role, one duty done, and the year from the ledger alone.

How many duties of which kind are planted follows from the challenge.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from gsomia.demo.cast import OFFICES
from gsomia.demo.exchange import make_report
from gsomia.demo.stage import Document, Unexpected
from gsomia.demo.steps import Evidence, Step, Story

AT = "KOR"
WAITING = 4
"""The exit code of what waits for a second person."""
MOST = 1000
COMMITMENT, DESTRUCTION, LAW = "follow-up", "destruction-second-person", "law-change"
ROLES = {
    COMMITMENT: ("security-officer", "liaison-officer"),
    DESTRUCTION: ("control-officer", "security-officer"),
    LAW: ("security-officer",),
}
"""Who may do what is planted."""


def _worklist(story: Story, evidence: Evidence) -> None:
    stage, today = story.stage, datetime.now(UTC).date()  # noqa: TID251  a demo plays today
    numbers = {kind: 1 + byte % 2 for kind, byte in zip(ROLES, stage.seeded("worklist", len(ROLES)), strict=True)}
    before = _counts(_ask(story))
    planted = {
        COMMITMENT: _commitments(story, numbers[COMMITMENT], due=today + timedelta(days=20)),
        DESTRUCTION: {_proposed(story, number) for number in range(numbers[DESTRUCTION])},
        LAW: {_law(story, number, begins=today) for number in range(numbers[LAW])},
    }
    now = _ask(story)
    grown = _counts(now)
    grown.subtract(before)
    evidence.check(
        {kind: grown[kind] for kind in ROLES} == numbers, f"what was planted is what the list grew by: {numbers}"
    )
    due = [one["due"] for one in now if one["due"]]
    evidence.check(due == sorted(due), "the list is sorted by deadline")
    for role in OFFICES.values():
        seen = {(one["what"], one["subject"]) for one in _ask(story, "--role", role)}
        for kind, subjects in planted.items():
            shown = {subject for what, subject in seen if what == kind} >= subjects
            evidence.check(shown is (role in ROLES[kind]), f"{role} is{'' if shown else ' not'} asked: {kind}")
    _one_is_done(story, evidence, planted[DESTRUCTION])
    late = _ask(story, "--on", str(today + timedelta(days=40)))
    overdue = {(one["what"], one["subject"]) for one in late if one["state"] == "overdue"}
    evidence.check(
        {subject for kind, subject in overdue if kind in {COMMITMENT, LAW}} >= planted[COMMITMENT] | planted[LAW],
        "in forty days commitments and notes are overdue, by a house rule that is printed as one",
    )
    law = next(one for one in late if one["subject"] in planted[LAW])
    evidence.check("house rule A-12" in law["limit"], f"the limit of a change of law: {law['limit']}")
    _year(story, evidence, year=_seoul_year())


def _one_is_done(story: Story, evidence: Evidence, planted: set[str]) -> None:
    stage, item = story.stage, min(planted)
    (duty,) = [one for one in _ask(story) if (one["what"], one["subject"]) == (DESTRUCTION, item)]
    stage.done(AT, *str(duty["do"]).split()[1:], by="security")
    left = {one["subject"] for one in _ask(story) if one["what"] == DESTRUCTION}
    evidence.check(left & planted == planted - {item}, f"`{duty['do']}` by the second person, and the duty is gone")
    evidence.entry(AT, item)


def _year(story: Story, evidence: Evidence, *, year: int) -> None:
    stage, out = story.stage, story.stage.directory / f"{AT}-{year}.pdf"
    report = stage.done(AT, "registry", "report", "--year", str(year), "--out", str(out))
    evidence.check(
        report["balances"] is True, "held at the start, and what came less what went, is held now: each line"
    )
    held: Counter[str] = Counter()
    for line in report["held"]:
        held[line["originator"]] += line["held_after"]
    found = stage.done(AT, "registry", "search", "--place", "held", "--limit", str(MOST))
    evidence.check(not found["more"], "the register is shown whole")
    shown = Counter(copy["originator"] for item in found["items"] for copy in item["copies"])
    evidence.check(+held == shown, f"the report of {year} and the register hold the same: {dict(shown)}")
    stage.done(AT, "registry", "issue-report", "--year", str(year), by="registrar")
    evidence.file(out)
    evidence.entry(AT, f"report-{year}")
    evidence.figures |= {"custody_events": report["events"], "held": sum(held.values())}


def _ask(story: Story, *words: str) -> list[Document]:
    return list(story.stage.done(AT, "worklist", *words)["duties"])


def _counts(duties: list[Document]) -> Counter[str]:
    return Counter(str(one["what"]) for one in duties)


def _commitments(story: Story, count: int, *, due: date) -> set[str]:
    number = f"TALKS-{story.stage.challenge.hex()[:6].upper()}"
    words = [word for one in range(count) for word in ("--commitment", f"liaison,{due},commitment {one}")]
    words += ["--partner", "JPN", "--agenda", "exchange", "--outcome", "agreed", "--held", str(_past())]
    story.stage.done(AT, "meeting", "hold", number, *words, by="liaison")
    return {f"{number}/{one}" for one in range(1, count + 1)}


def _past() -> date:
    return datetime.now(UTC).date() - timedelta(days=1)  # noqa: TID251  the same


def _seoul_year() -> int:
    return (datetime.now(UTC) + timedelta(hours=9)).year  # noqa: TID251  the same


def _proposed(story: Story, number: int) -> str:
    stage = story.stage
    words = ["--level", "KOR-2", "--purpose", story.purpose, "--topic", "DPRK-MISSILE"]
    paper = make_report(story, f"doomed {number}")
    item = str(stage.done(AT, "item", "register", str(paper), *words, by="registrar")["item"])
    said = stage.call(AT, "item", "destroy", item, by="registrar")
    if said.exit != WAITING:
        raise Unexpected(f"the first person's proposal waits for a second: {said.document}")
    return item


def _law(story: Story, number: int, *, begins: date) -> str:
    words = ["--reference", f"Act {number}", "--begins", str(begins), "--affects-protection"]
    return str(story.stage.done(AT, "law", "add", f"Act {number} of the demo", *words, by="security")["law"])


STEPS = (
    Step(
        id="worklist",
        title="each role sees what is due by the rules that enforce it; the year's report is the ledger's",
        clauses=("A-12", "F-23", "LEDGER-1", "LEDGER-4"),
        play=_worklist,
    ),
)
