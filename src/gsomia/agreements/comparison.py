"""Hold claims against what is on record: each one agrees, contradicts or stays unknown, with the acts that say so.

The words of a text are not looked at: "scrapped" is a claim that the instrument ended, and whether it ended is for the
notes and the calendar. A claim is an argument here and never a result: nothing that this module returns moves a state.

Source: A-28, T16 to T20, G21-3, G21-4, system 1.6.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gsomia.agreements.claims import Claim, Counted, Saying
from gsomia.agreements.facts import Fact, day_of
from gsomia.agreements.told_date import Days
from gsomia.instants import Instant

EndOf = Callable[[Sequence[Fact], str], Instant | None]
"""Says from facts when an instrument ended, if it did."""

_ONCE = frozenset({Saying.AGREE_TO_EXPLORE, Saying.SIGN, Saying.GIVE_NOTICE, Saying.WITHDRAW_NOTICE})
"""What happens once to one instrument, so that another day for it is a contradiction."""
_SHORT_OF_AN_END = {
    "give_notice": ("G21-4", "T16"),
    "suspend_notice": ("T17",),
    "withdraw_notice": ("T19",),
    "postpone": ("T09",),
    "shelve": ("T10",),
}
"""Events that texts take for an end, and the clauses by which they are none."""


class Comparison(StrEnum):
    """What the record says of a claim."""

    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCount:
    """A count somebody published; all of them are kept, none is made the true one."""

    value: int
    as_of: str
    rule: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A claim, the verdict, and the acts or clauses behind it. Several accounts are all listed."""

    claim: Claim
    verdict: Comparison
    by: tuple[str, ...]
    clauses: tuple[str, ...]
    reason: str


def compare(claim: Claim, *, facts: Sequence[Fact], counts: Sequence[KnownCount], end_of: EndOf) -> Compared:
    """What the record says of one claim.

    Args:
        claim: somebody's statement.
        facts: what happened, from whatever record; order does not matter.
        counts: every count that was published.
        end_of: when an instrument ended, by the notes and the calendar.

    Source: A-28.
    """
    mine = [fact for fact in facts if fact.instr == claim.subject]
    match claim.says:
        case Saying.END:
            return _end(claim, mine, end_of)
        case Saying.COUNT:
            return _count(claim, counts)
        case Saying.CONTEXT:
            return _unknown(claim, "no act of this record is about it")
        case Saying.CONCLUDED:
            return _concluded(claim, mine)
        case _:
            return _event(claim, mine)


def _event(claim: Claim, mine: Sequence[Fact]) -> Compared:
    alike = [fact for fact in mine if _is_that(claim, fact)]
    inside = [fact for fact in alike if claim.told.days.meets(fact.days)]
    if inside:
        alone = all(set(fact.src) == {_text(claim)} for fact in inside)
        reason = "an act on record, from this text alone" if alone else "an act on record, on a day the text may mean"
        return _found(claim, Comparison.AGREES, inside, (), reason)
    if alike and claim.says in _ONCE:
        return _found(claim, Comparison.CONTRADICTS, alike, ("A-28",), "the act is on record for another day")
    return _unknown(claim, "no such act is on record for those days")


def _is_that(claim: Claim, fact: Fact) -> bool:
    if not fact.is_by(claim.actor):
        return False
    if claim.says is Saying.DOMESTIC_STEP:
        return isinstance(claim.step, str) and fact.did(claim.actor, claim.step)
    return fact.event == claim.says


def _concluded(claim: Claim, mine: Sequence[Fact]) -> Compared:
    signed = [fact for fact in mine if fact.event == "sign"]
    by_then = [fact for fact in signed if fact.days.first <= claim.told.days.last]
    if by_then:
        return _found(claim, Comparison.AGREES, by_then, (), "signed by then")
    if signed:
        return _found(claim, Comparison.CONTRADICTS, signed, ("T12",), "signed later than the text has it")
    return _unknown(claim, "the record does not say when it was signed")


def _end(claim: Claim, mine: Sequence[Fact], end_of: EndOf) -> Compared:
    days, mine = claim.told.days, sorted(mine, key=_order)
    ended = end_of(mine, claim.subject)
    if ended is not None and days.first <= ended.plus(seconds=-1).local_date() <= days.last:
        notices = [fact for fact in mine if fact.event == "give_notice"]
        return _found(
            claim, Comparison.AGREES, notices[-1:], ("T20",), f"notice was given and the term ran out on {ended}"
        )
    short = [fact for fact in mine if fact.event in _SHORT_OF_AN_END and _on(fact, days)]
    if short:
        clauses = [clause for fact in short for clause in _SHORT_OF_AN_END[fact.event]]
        return _found(claim, Comparison.CONTRADICTS, short, (*clauses, "A-28"), "what happened then is not an end")
    before = [fact for fact in mine if fact.event in {"sign", "notify_completed"} and day_of(fact) <= days.last]
    if before and (ended is None or ended.local_date() > days.last):
        return _found(
            claim, Comparison.CONTRADICTS, before, ("G21-3", "A-28"), "it stood in force, and no notice was given"
        )
    return _unknown(claim, "no act of this instrument is on record for those days")


def _on(fact: Fact, days: Days) -> bool:
    return days.meets(Days(first=day_of(fact), last=day_of(fact))) or days.meets(fact.days)


def _count(claim: Claim, counts: Iterable[KnownCount]) -> Compared:
    counted = claim.count
    if not isinstance(counted, Counted):
        raise TypeError("a count without a number")
    others = [one for one in counts if one.source != _text(claim)]
    same = [one for one in others if (one.as_of, one.rule) == (counted.as_of, counted.rule)]
    names = tuple(f"{one.value} as of {one.as_of}, {one.rule} ({one.source})" for one in same or others)
    if not same:
        return Compared(
            claim=claim,
            verdict=Comparison.UNKNOWN,
            by=names,
            clauses=(),
            reason="the other counts are of other days or were counted by other rules",
        )
    agrees = all(one.value == counted.value for one in same)
    return Compared(
        claim=claim,
        verdict=Comparison.AGREES if agrees else Comparison.CONTRADICTS,
        by=names,
        clauses=(),
        reason="counted for the same day by the same rule",
    )


def _found(claim: Claim, verdict: Comparison, facts: Iterable[Fact], clauses: Sequence[str], reason: str) -> Compared:
    ordered = sorted(facts, key=_order)
    return Compared(
        claim=claim,
        verdict=verdict,
        by=tuple(fact.name for fact in ordered),
        clauses=tuple(dict.fromkeys(clauses)),
        reason=reason,
    )


def _order(fact: Fact) -> tuple[Instant, int]:
    return fact.eff, fact.n


def _text(claim: Claim) -> str:
    return claim.id.partition("-")[0]


def _unknown(claim: Claim, reason: str) -> Compared:
    return Compared(claim=claim, verdict=Comparison.UNKNOWN, by=(), clauses=(), reason=reason)
