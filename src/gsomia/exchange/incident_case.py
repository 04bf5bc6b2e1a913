"""The case of an incident: what it is about, what is entered in it, and what it lacks before it may end.

A case is opened on suspicion alone. Its clocks count from the discovery, never from the entry. What is entered in it is
words that stay here, and a salted commitment to them that the other side holds; only findings and measures are opened
in the end, to every originator.

Source: G17-1 to G17-5, A-12, A-13, F-17.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia import canon
from gsomia.agreements import Words
from gsomia.ids import CopyId, Count, HexDigest, IncidentId, InstrumentId, ItemId, PartyCode, PersonId
from gsomia.instants import Instant

NOTICE_ALARM_S = 3600
"""So long after the discovery the first notice raises an alarm inside (house rule A-12)."""
NOTICE_HOURS = 24
"""So long after the discovery the first notice is due where no agreement says otherwise (house rule A-12)."""
ANSWER_DAYS = 10
"""So long after a report its acknowledgement is due, as for any receipt (house rule A-12)."""
MAX_CONCERNED = 500
"""So many items one case concerns; what concerns more is told in several."""
CASE_SALT_BYTES = 16
Seen = Annotated[str, Meta(pattern="^[a-z]+(-[a-z]+)*\\Z", max_length=40)]
"""What was seen, by its code (`registry.incident`)."""
Subject = Annotated[str, Meta(min_length=1, max_length=80)]


class SubjectKind(StrEnum):
    """What an incident is about, and from where its blast radius is drawn."""

    ITEM = "item"
    COPY = "copy"
    CONTAINER = "container"
    PACKAGE = "package"
    PERSON = "person"
    FACILITY = "facility"
    CALL = "call"
    """Words on the hotline, by their reference in the watch log; no item of the register."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSubject:
    """One thing an incident is about; `copy` only of a copy."""

    kind: SubjectKind
    id: Subject
    copy: CopyId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentCase:
    """An incident was opened here; suspicion is enough.

    Args:
        id: of the case, at both sides.
        mark: the mark it takes up, if one.
        what: was seen.
        subject: about what.
        party: whose items are concerned where no item is known.
        items: which are concerned, as the register says.
        instruments: under which they came.
        lost: whether the copy is entered as lost.
        intact: when all was last seen to be in order.
        discovered: when it was discovered; every clock counts from here.
        by: who raised it.
        at: when it was entered.

    Source: F-17, G17-1, A-12.
    """

    id: IncidentId
    mark: HexDigest | None
    what: Seen
    subject: IncidentSubject
    party: PartyCode | None
    items: Annotated[tuple[ItemId, ...], Meta(max_length=MAX_CONCERNED)]
    instruments: Annotated[tuple[InstrumentId, ...], Meta(max_length=64)]
    lost: bool
    intact: Instant
    discovered: Instant
    by: PersonId
    at: Instant


class CaseMoment(StrEnum):
    """What was entered in a case. The code crosses, the words do not, unless a report opens them."""

    OPENED = "opened"
    NOTED = "noted"
    FOUND_AGAIN = "found-again"
    INVESTIGATION = "investigation-opened"
    FINDING = "finding"
    MEASURE = "measure"
    CLOSED = "closed"


RESULT = (CaseMoment.FINDING, CaseMoment.MEASURE)
"""What the originator is told word for word in the end (G17-3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEntry:
    """An entry in a case: ours, numbered from one under the incident, at either side of it.

    Source: G17-2, G17-3, design 5 (salted commitments).
    """

    incident: IncidentId
    number: Count
    what: CaseMoment
    words: Words
    salt: Annotated[bytes, Meta(min_length=CASE_SALT_BYTES, max_length=CASE_SALT_BYTES)]
    by: PersonId
    at: Instant

    @property
    def commitment(self) -> HexDigest:
        """What the other side is told of the words: nothing, and that they cannot be exchanged later."""
        return commit(self.incident, number=self.number, what=self.what, words=self.words, salt=self.salt)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Committed:
    incident: str
    number: int
    what: str
    words: str
    salt: bytes


def commit(incident: str, *, number: int, what: str, words: str, salt: bytes) -> HexDigest:
    """The salted commitment to the words of an entry."""
    return canon.digest(_Committed(incident=incident, number=number, what=what, words=words, salt=salt))


def lacks_result(moments: Iterable[CaseMoment]) -> tuple[tuple[str, str], ...]:
    """Why a case cannot be reported as ended or closed: clause, and what is missing.

    Source: G17-2, G17-3, G17-5.
    """
    entered = set(moments)
    due = (
        (CaseMoment.INVESTIGATION, "G17-2", "an investigation"),
        (CaseMoment.FINDING, "G17-3", "what it found"),
        (CaseMoment.MEASURE, "G17-3", "a measure against repetition"),
    )
    return tuple((clause, what) for moment, clause, what in due if moment not in entered)
