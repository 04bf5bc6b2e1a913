"""Why a line of a paper register is not entered, by which clause, and what to do about it.

Source: F-01, G6-7.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from gsomia.registry.paper_words import Column


class Why(StrEnum):
    """Why a line of the paper matches nothing here; `REMEDIES` says what to do."""

    MISSING = "missing"
    MALFORMED = "malformed"
    UNKNOWN_FORM = "unknown-form"
    OTHER_PARTICULARS = "other-particulars"
    ELECTRONIC = "electronic"
    QUANTITY = "quantity"
    COPIES_DISAGREE = "copies-disagree"
    COPY_TWICE = "copy-twice"
    WITH_ANOTHER_LINE = "with-another-line"
    KEYING_MATERIAL = "keying-material"
    FUTURE_DAY = "future-day"
    UNKNOWN_ORIGINATOR = "unknown-originator"
    UNKNOWN_LEVEL = "unknown-level"
    UNKNOWN_CAVEAT = "unknown-caveat"
    UNKNOWN_INSTRUMENT = "unknown-instrument"
    MARK_NOT_ALLOWED = "mark-not-allowed"
    UNKNOWN_PERSON = "unknown-person"
    HOLDER_MAY_NOT = "holder-may-not"
    UNKNOWN_CONTAINER = "unknown-container"
    ABOVE_CEILING = "above-ceiling"
    ABOVE_FACILITY = "above-facility"
    NOWHERE = "nowhere"
    IN_REGISTER = "in-register"
    OUR_NUMBERS = "our-numbers"


REMEDIES: Mapping[Why, tuple[str, str]] = MappingProxyType(
    {
        Why.MISSING: ("F-01", "fill the cell in"),
        Why.MALFORMED: ("F-01", "write it as the register does, or name it so: `--map TEXT=CODE`"),
        Why.UNKNOWN_FORM: ("G2-3", "one of the seven forms, in Korean, Japanese or English"),
        Why.OTHER_PARTICULARS: ("G2-3", "each form has its own particulars: see `item register --help`"),
        Why.ELECTRONIC: ("G2-3", "an electronic item comes by delivery, or is registered with its content"),
        Why.QUANTITY: ("F-01", "one row for each copy; a quantity is 1, the copies in all, or the pieces of equipment"),
        Why.COPIES_DISAGREE: ("F-01", "copies of one item differ in copy, holder and place alone"),
        Why.COPY_TWICE: ("G6-7", "each copy has one row"),
        Why.WITH_ANOTHER_LINE: ("G6-7", "another copy of this item is unmatched: all of them come, or none"),
        Why.KEYING_MATERIAL: ("G11-2", "it has a register of its own, kept by the crypto custodian"),
        Why.FUTURE_DAY: ("F-01", "the day lies ahead"),
        Why.UNKNOWN_ORIGINATOR: ("EQ-5", "a party whose levels this node knows: `--map TEXT=CODE`"),
        Why.UNKNOWN_LEVEL: ("EQ-4", "a level of the originator's own policy, as its mark or id"),
        Why.UNKNOWN_CAVEAT: ("EQ-8", "a caveat of the originator's policy: `--map TEXT=CAVEAT`"),
        Why.UNKNOWN_INSTRUMENT: (
            "G1-1",
            "an instrument with the originator; none for our own: see `agreement list`",
        ),
        Why.MARK_NOT_ALLOWED: ("G4-2", "a mark of ours that the table of that day allows"),
        Why.UNKNOWN_PERSON: ("F-05", "a person's short name: `--map NAME=SHORT-NAME`"),
        Why.HOLDER_MAY_NOT: ("G7-2", "clear and roster the person first, or lock the copy away"),
        Why.UNKNOWN_CONTAINER: ("F-20", "a container of this facility: `--map TEXT=CONTAINER`"),
        Why.ABOVE_CEILING: ("G11-1", "a container for its level"),
        Why.ABOVE_FACILITY: ("G10-1", "accredit the facility up to the level: `facility accredit`"),
        Why.NOWHERE: ("LEDGER-2", "a copy is in one hand or in one container: name exactly one of them"),
        Why.OUR_NUMBERS: ("F-01", "this node gives numbers of that form itself: `--map NUMBER=OTHER`"),
        Why.IN_REGISTER: ("G6-7", "this control number is in the register already"),
    }
)
"""For each reason its clause and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A line that is not entered. `value` is shown to whoever imports, and stands in no record."""

    line: int
    column: Column
    value: str
    why: Why

    @property
    def clause(self) -> str:
        """The rule behind it."""
        return REMEDIES[self.why][0]

    @property
    def remedy(self) -> str:
        """What to do."""
        return REMEDIES[self.why][1]
