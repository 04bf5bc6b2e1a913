"""What comes after an assurance was given: it is withdrawn, and the originator accepts or declines a person by number.

No list of anybody's staff crosses. An assurance gives a number of persons; where a form needs a name, the assuring side
puts one person forward under a number of the assurance, and everything later is said about that number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gsomia.ids import HexDigest, InstrumentId, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.parties import Act

ASSURANCE_WITHDRAWAL = "assurance-withdrawal"
ASSURANCE_PERSON = "assurance-person"
ASSURANCE_PERSON_ANSWER = "assurance-person-answer"

PersonNumber = Annotated[int, Meta(ge=1, le=10_000)]
Turn = Annotated[int, Meta(ge=1, le=1_000_000)]
Name = Annotated[str, Meta(min_length=1, max_length=120)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssuranceWithdrawal:
    """The side that assured no longer does: nothing more is provided on it. What was given stays protected.

    Source: G7-5, G7-6; no ground is given (A-35).
    """

    assurance: HexDigest
    instrument: InstrumentId
    party: PartyCode
    to: PartyCode
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonNamed:
    """One person whom an assurance covers, by name, because a form needs it; level and purpose are the assurance's.

    Source: F-24, A-35 (minimum fields).
    """

    assurance: HexDigest
    number: PersonNumber
    party: PartyCode
    to: PartyCode
    name: Name
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAnswer:
    """The originator declines a person for its information, or does so no longer. No reason crosses.

    Args:
        turn: counts the answers about one person, so that both sides know the last one in whatever order they came.

    Source: A-22, G7-5.
    """

    assurance: HexDigest
    number: PersonNumber
    party: PartyCode
    to: PartyCode
    turn: Turn
    declined: bool
    at: Instant


AssuranceWithdrawalAct = Act[AssuranceWithdrawal]
PersonNamedAct = Act[PersonNamed]
PersonAnswerAct = Act[PersonAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssuranceWithdrawn:
    """An assurance was withdrawn, by us or by a partner; `party` is who had given it."""

    assurance: HexDigest
    party: PartyCode
    statement: HexDigest
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AssurancePerson:
    """A person put forward by name; `party` is who did, `person` who that is in our own register.

    `person` is None for a partner's, and for one of ours that was entered again after a restore: then the name decides.
    """

    assurance: HexDigest
    party: PartyCode
    person: PersonId | None
    statement: HexDigest
    named: PersonNamed
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AssurancePersonAnswered:
    """An originator declined or accepted a person; `party` is who had put them forward."""

    assurance: HexDigest
    party: PartyCode
    statement: HexDigest
    answer: PersonAnswer
    at: Instant


def last_answer(answers: Iterable[PersonAnswer], number: int) -> PersonAnswer | None:
    """The answer about a person that counts, in whatever order they came."""
    return max((one for one in answers if one.number == number), key=lambda one: one.turn, default=None)
