"""Incidents between two nodes: reports to the originator, acknowledgements, and the question how far it reached.

Numbers, codes and the ids of the originator's own items cross, never who read something. Each report and each
acknowledgement carries what its side has entered in the case: a code and a salted commitment. Both sides hold the same
statements in the end, in whatever order they came, and read the same time line from them.

Source: G17-1, G17-3, G17-4, F-17, A-13, A-35, TR-12.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Literal

from msgspec import Meta

from gsomia.agreements import Words
from gsomia.exchange.incident_case import CASE_SALT_BYTES, MAX_CONCERNED, RESULT, CaseMoment, Seen, commit, lacks_result
from gsomia.ids import ConsignmentId, CopyId, Count, HexDigest, IncidentId, ItemId, PartyCode, RegisterCode, RequestId
from gsomia.ids import Topic as TopicCode
from gsomia.instants import Instant
from gsomia.parties import Act

INCIDENT_REPORT = "incident-report"
INCIDENT_ACKNOWLEDGEMENT = "incident-acknowledgement"
RADIUS_QUESTION = "incident-radius-question"
RADIUS_ANSWER = "incident-radius-answer"
MAX_ASKED = 64
MAX_QUESTIONS = 8
"""So often one asker is answered about one item; more would tell when each reading was."""
LEAST_ASKED_S = 86_400
"""No question is about less time, for the same reason."""
MAX_LINES = 1000
MAX_NAMED = 1000
"""So many derived items or onward releases of one item are listed; of more, the count tells."""


class ReportStage(StrEnum):
    """Which report it is.

    Source: F-17.
    """

    FIRST = "first"
    INTERIM = "interim"
    FINAL = "final"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnwardTold:
    """An item went on to a party, as a consignment or in a package."""

    to: PartyCode
    number: ConsignmentId | RegisterCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How far one item reached at one side, between the time it was last seen intact and the discovery.

    Readers and hands are counted, never named; items derived from it are the originator's too, and are named.

    Source: F-17, A-35.
    """

    item: ItemId
    known: bool
    copies: Count
    readers: Count
    readings: Count
    hand_overs: Count
    containers: Count
    packages: Count
    contractors: Count
    derived: Annotated[tuple[ItemId, ...], Meta(max_length=MAX_NAMED)]
    onward: Annotated[tuple[OnwardTold, ...], Meta(max_length=MAX_NAMED)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedItem:
    """An item as the register identifies it, with the copies concerned.

    Args:
        item: its id.
        parents: of a derived item, what it goes back to: the items that the addressee knows.
        originator: whose it is.
        mark: its level, under the originator's policy.
        subject: the topic code both sides know.
        dated: when it came into this register.
        copies: those that the incident is about.
        place: where the register has the first of them, or had it last.
        extent: how far it reached here.

    Source: G17-4, F-17.
    """

    item: ItemId
    parents: Annotated[tuple[ItemId, ...], Meta(max_length=64)]
    originator: PartyCode
    mark: Annotated[str, Meta(min_length=1, max_length=64)]
    subject: TopicCode
    dated: Instant
    copies: Annotated[tuple[CopyId, ...], Meta(max_length=MAX_NAMED)]
    place: Annotated[str, Meta(pattern="^[a-z-]+\\Z", max_length=40)]
    extent: Extent


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a person writes in a report; offices and procedures are named in it, no persons.

    Source: G17-4, A-35.
    """

    narrative: Words
    search: Words | None = None
    cause: Words | None = None
    responsible: Words | None = None
    reply: Words | None = None
    damage: Words | None = None


ASKED_OF: Mapping[ReportStage, tuple[str, ...]] = MappingProxyType(
    {
        ReportStage.FIRST: (),
        ReportStage.INTERIM: ("search",),
        ReportStage.FINAL: ("search", "cause", "responsible", "reply", "damage"),
    }
)
"""What of the account a report cannot do without; the narrative never (G17-4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLine:
    """An entry of a case as the other side is told of it: its number, what it is, when, and the commitment."""

    number: Count
    what: CaseMoment
    commitment: HexDigest
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedLine:
    """The words behind a commitment: a finding or a measure, word for word as it was entered.

    Source: G17-3.
    """

    number: Count
    what: CaseMoment
    words: Words
    salt: Annotated[bytes, Meta(min_length=CASE_SALT_BYTES, max_length=CASE_SALT_BYTES)]

    def commitment(self, incident: IncidentId) -> HexDigest:
        """What stood in the line that told of it."""
        return commit(incident, number=self.number, what=self.what, words=self.words, salt=self.salt)


Lines = Annotated[tuple[ToldLine, ...], Meta(max_length=MAX_LINES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReport:
    """A report to an originator, or to the hub through which its items came: only about its own items.

    Args:
        incident: the case, by its id at the side where it happened.
        serial: of the report to this addressee, from one.
        stage: first, interim or final.
        party: where it happened.
        to: the addressee.
        what: was seen.
        intact: when all was last seen in order.
        discovered: when it was discovered; the clock counts from here.
        items: of the addressee, or carried by it.
        account: what a person says of it.
        lines: what was entered in the case so far.
        opened: findings and measures in full; only in a final report.
        at: when it was said.

    Source: F-17, G17-1, G17-3, G17-4.
    """

    incident: IncidentId
    serial: Annotated[int, Meta(ge=1, le=10_000)]
    stage: ReportStage
    party: PartyCode
    to: PartyCode
    what: Seen
    intact: Instant
    discovered: Instant
    items: Annotated[tuple[ReportedItem, ...], Meta(max_length=MAX_CONCERNED)]
    account: Account
    lines: Lines
    opened: Annotated[tuple[OpenedLine, ...], Meta(max_length=MAX_LINES)]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentAcknowledgement:
    """The addressee has read a report; it says nothing of whether it is content.

    Source: G17-3, F-17.
    """

    incident: IncidentId
    serial: Annotated[int, Meta(ge=1, le=10_000)]
    report: HexDigest
    party: PartyCode
    to: PartyCode
    lines: Lines
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class RadiusQuestion:
    """An originator asks a holder how far items of its own reached there."""

    id: RequestId
    incident: IncidentId
    party: PartyCode
    to: PartyCode
    items: Annotated[tuple[ItemId, ...], Meta(min_length=1, max_length=MAX_ASKED)]
    intact: Instant
    discovered: Instant
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class RadiusAnswer:
    """A node answers from its register. A node's statement, no person's act; `at` is that of the question."""

    question: RequestId
    incident: IncidentId
    party: PartyCode
    to: PartyCode
    found: Annotated[tuple[Extent, ...], Meta(max_length=MAX_ASKED)]
    at: Instant


IncidentReportAct = Act[IncidentReport]
IncidentAcknowledgementAct = Act[IncidentAcknowledgement]
RadiusQuestionAct = Act[RadiusQuestion]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainIncident:
    """What a notice along the chain of a relay carries about an incident: one of the two."""

    report: IncidentReport | None = None
    acknowledgement: IncidentAcknowledgement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReported:
    """A report said or heard; `statement` names what was signed."""

    incident: IncidentId
    party: PartyCode
    to: PartyCode
    direction: Literal["own", "heard"]
    statement: HexDigest
    report: IncidentReport
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentAcknowledged:
    """An acknowledgement said or heard; `party` is who acknowledged."""

    incident: IncidentId
    party: PartyCode
    to: PartyCode
    statement: HexDigest
    acknowledgement: IncidentAcknowledgement
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class RadiusAsked:
    """A question said or heard; `party` is who asked."""

    id: RequestId
    incident: IncidentId
    party: PartyCode
    to: PartyCode
    question: RadiusQuestion
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class RadiusAnswered:
    """An answer said or heard; `party` is who answered."""

    question: RequestId
    incident: IncidentId
    party: PartyCode
    answer: RadiusAnswer
    at: Instant


def are_changed(lines: Sequence[ToldLine], *, told: Iterable[ToldLine]) -> bool:
    """Whether lines contradict what the same side told before, or each other: one entry has one number for good.

    Source: F-17, G17-3.
    """
    known: dict[int, ToldLine] = {one.number: one for one in told}
    numbers = {one.number for one in lines}
    return len(numbers) != len(lines) or any(known.get(one.number, one) != one for one in lines)


def report_obstacles(report: IncidentReport) -> Iterator[tuple[str, str]]:
    """What a report cannot do without and has not: clause, and what.

    Source: G17-2 to G17-4, A-12 (the clock counts from the discovery).
    """
    if not report.intact <= report.discovered <= report.at:
        yield "A-12", "times in their order: last intact, discovered, told"
    for name in ASKED_OF[report.stage]:
        if getattr(report.account, name) is None:
            yield "G17-4", name
    told = {(one.number, one.what): one.commitment for one in report.lines}
    if report.stage is not ReportStage.FINAL:
        if report.opened:
            yield "G17-3", "the result comes with the final report"
        return
    for opened in report.opened:
        if told.get((opened.number, opened.what)) != opened.commitment(report.incident):
            yield "G17-3", f"entry {opened.number} as it was committed to"
    moments = {what for _, what in told if what not in RESULT}
    yield from lacks_result(moments | {one.what for one in report.opened})
