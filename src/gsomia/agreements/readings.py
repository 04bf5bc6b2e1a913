"""Where governments read the law differently both readings are kept, and neither is declared right.

The treaty is silent on suspending a notice and on reviving one. The notifier reads that a suspended notice can be
revived at any time and then ends the instrument at once; the other side reads that a fresh period is needed before the
end of a term. Nothing stops before the end under both readings has passed; the earlier one is warned of (A-02).
"""

from dataclasses import dataclass

from gsomia.agreements.course import Course, Notice, fresh_end
from gsomia.agreements.profile import Profile
from gsomia.ids import PartyCode
from gsomia.instants import Instant

STOPS_AT_THE_END = ("release", "visit", "arrange")
"""What an end stops; the duties over what was given go on without end (G21-5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How one party reads where the instrument stands.

    Attributes:
        party: whose reading.
        reading: which one: `any-time` or `fresh-notice`.
        text: in words.
        earliest_end: the earliest instant at which the instrument ends as this party reads it.
        stops: the functions that stop then.
    """

    party: PartyCode
    reading: str
    text: str
    earliest_end: Instant
    stops: tuple[str, ...] = STOPS_AT_THE_END


def readings_of(course: Course, profile: Profile, *, at: Instant) -> tuple[Reading, ...]:
    """Every party's reading while they differ; none while they do not.

    Source: A-02, A-25, T15a, T18, T20.
    """
    contested = [notice for notice in course.notices if notice.suspended is not None or notice.revived is not None]
    if not contested:
        return ()
    notice = min(contested, key=lambda one: one.received)
    return tuple(_reading(course, profile, notice, party, at=at) for party in profile.parties)


def is_contested(course: Course) -> bool:
    """Whether the legal status is read in more than one way."""
    return any(notice.suspended is not None or notice.revived is not None for notice in course.notices)


def _reading(course: Course, profile: Profile, notice: Notice, party: PartyCode, *, at: Instant) -> Reading:
    if party == notice.party:
        if notice.revived is not None:
            return Reading(
                party=party,
                reading="any-time",
                text="the revived notice took effect at once",
                earliest_end=notice.revived,
            )
        return Reading(
            party=party,
            reading="any-time",
            text="the notice stands and can be revived at any time, with effect at once; terms no longer extend",
            earliest_end=at,
        )
    if notice.revived is not None:
        return Reading(
            party=party,
            reading="fresh-notice",
            text="a revived notice needs a fresh period before the end of a term",
            earliest_end=notice.ends,
        )
    return Reading(
        party=party,
        reading="fresh-notice",
        text="the term was extended; only a fresh notice in time ends the instrument, with the end of a term",
        earliest_end=fresh_end(course, profile, at=at, receiver=party),
    )
