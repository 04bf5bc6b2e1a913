"""May this item be opened to that contractor? Fifteen conditions, each with its reason, at every depth of subcontract.

The facts are a chain of contracts from our own down to the contractor that is to have the item. Each of them has to
satisfy all fifteen: a subcontractor is a contractor, and who hands work down answers for it as well.

Source: G16-1 to G16-9, G16-10 to G16-16, A-33.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from gsomia import canon
from gsomia.ids import ContractorId, Count, ItemId, PartyCode, PersonId
from gsomia.instants import Instant, Validity
from gsomia.labels import Clearance
from gsomia.policy import rules
from gsomia.policy.decision import Decision, Finding, conclude
from gsomia.policy.request import InstrumentFacts

OBLIGATIONS = ("list-is-closed", "contractor-roster-kept")
"""What a permit binds to: nobody outside the list has access, and the contractor's registry shows who has."""


class Measure(StrEnum):
    """What a contractor's facility has to keep in order, each by a document that is reviewed.

    Source: G16-9, G16-11 to G16-15.
    """

    REGISTRY = "registry"
    STORAGE = "storage"
    TRANSMISSION = "transmission"
    DESTRUCTION = "destruction"
    REPRODUCTION = "reproduction"
    TRANSLATION = "translation"


MEASURE_CLAUSES: Mapping[Measure, str] = MappingProxyType(
    {
        Measure.REGISTRY: "G16-9",
        Measure.STORAGE: "G16-11",
        Measure.TRANSMISSION: "G16-12",
        Measure.DESTRUCTION: "G16-13",
        Measure.REPRODUCTION: "G16-14",
        Measure.TRANSLATION: "G16-15",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureFacts:
    """What is in order at a facility, up to which rank, until which review."""

    measure: Measure
    ceiling: Count
    review_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteClearanceFacts:
    """A facility security clearance, and whose government gave it.

    Source: G16-2, A-33.
    """

    authority: PartyCode
    ceiling: Count
    valid: Validity
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFacts:
    """A person on the list of those at a contractor who would have access.

    Args:
        person: the short name on the list.
        nationality: of the person; None if the person was never entered.
        authority: whose government decided on the clearance.
        clearance: as it stands; None if there is none.
        briefed_at: when the person signed what access means.
        duties: for which purposes the person's duty needs items now.
    """

    person: PersonId
    nationality: PartyCode | None
    authority: PartyCode | None
    clearance: Clearance | None
    briefed_at: Instant | None
    duties: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFacts:
    """One contractor of the chain, as its file stands.

    Args:
        contractor: whose file.
        country: where the firm is at home; a firm of a third country is a third party.
        site: the facility clearance.
        inspected_at: when the last inspection was; None if there was none.
        next_inspection: by when the next one has to be.
        overdue: findings that are open past their day.
        responsible: appointed persons who are in post.
        measures: what is in order.
        persons: the list.
    """

    contractor: ContractorId
    country: PartyCode
    site: SiteClearanceFacts | None
    inspected_at: Instant | None
    next_inspection: Instant | None
    overdue: Count
    responsible: tuple[PersonId, ...]
    measures: tuple[MeasureFacts, ...]
    persons: tuple[ListedFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractorFacts:
    """May this item be opened to the last contractor of the chain?"""

    now: Instant
    us: PartyCode
    item: ItemId
    held: bool
    originator: PartyCode
    own_mark: str | None
    own_rank: Count
    item_purpose: str
    purpose: str
    purpose_ended: bool
    instrument: InstrumentFacts | None
    chain: tuple[ContractFacts, ...]


def decide_contractor(facts: ContractorFacts) -> Decision:
    """Decide whether a contractor may have an item: the item itself, then all fifteen conditions for each contract.

    Source: G6-2, G6-4, G6-9, G13-1, G16-1 to G16-9, G16-10 to G16-16, A-33.
    """
    findings = [
        *([] if facts.originator == facts.us else [_governed(facts)]),
        rules.is_still_held(facts),
        _purpose_holds(facts),
        _is_contracted(facts),
    ]
    for contract in facts.chain:
        findings += _conditions(facts, contract)
    return conclude(findings, facts=canon.digest(facts), obligations=OBLIGATIONS)


def _governed(facts: ContractorFacts) -> Finding:
    return rules.instrument_allows(facts.instrument, allowed=bool(facts.instrument and facts.instrument.access))


def _purpose_holds(facts: ContractorFacts) -> Finding:
    return rules.finding(
        holds=facts.purpose == facts.item_purpose and not facts.purpose_ended,
        code="contractor-purpose",
        clause="G6-4",
        yes="for the purpose the item was given for",
        no="not the purpose the item was given for, or that purpose has ended",
    )


def _is_contracted(facts: ContractorFacts) -> Finding:
    return rules.finding(
        holds=bool(facts.chain),
        code="contractor-no-contract",
        clause="G16-16",
        yes="there is a contract at every depth",
        no="no contract of ours leads to that contractor",
    )


def _conditions(facts: ContractorFacts, contract: ContractFacts) -> Iterator[Finding]:
    """The fifteen conditions, in the order of the article."""
    now, purpose = facts.now, facts.purpose
    persons, site, name = contract.persons, contract.site, contract.contractor
    yield _at(
        contract,
        ("contractor-third-country", "G6-2", "the firm and all on its list are ours"),
        holds=contract.country == facts.us and all(p.nationality in (facts.us, None) for p in persons),
        no=f"`{name}` or somebody on its list is of a third country",
    )
    yield _for_all(contract, "contractor-rank-gives-nothing", "G16-1", (p.person for p in persons if not p.duties))
    yield _at(
        contract,
        ("contractor-not-cleared", "G16-2", "holds a facility clearance for the level"),
        holds=site is not None
        and site.active
        and site.authority == facts.us
        and site.ceiling >= facts.own_rank
        and site.valid.covers(now),
        no=f"`{name}` holds no facility clearance of ours for this level that counts today",
    )
    yield _for_all(contract, "contractor-person-not-cleared", "G16-3", _uncleared(facts, persons))
    yield _for_all(
        contract,
        "contractor-clearance-not-ours",
        "G16-4",
        (p.person for p in persons if p.authority != facts.us or p.clearance is None or p.clearance.party != facts.us),
    )
    yield _for_all(
        contract,
        "contractor-review-due",
        "G16-5",
        (p.person for p in persons if p.clearance is None or p.clearance.review_at <= now),
    )
    yield _for_all(
        contract,
        "contractor-not-briefed",
        "G16-6",
        (p.person for p in persons if p.briefed_at is None or p.briefed_at > now),
    )
    yield _inspected(contract, now)
    yield _for_all(contract, "contractor-no-duty", "G16-8", (p.person for p in persons if purpose not in p.duties))
    yield _measure(facts, contract, Measure.REGISTRY)
    yield _at(
        contract,
        ("contractor-nobody-responsible", "G16-10", "a qualified person is named"),
        holds=bool(contract.responsible),
        no=f"nobody who is in post answers for `{name}`",
    )
    for measure in list(Measure)[1:]:
        yield _measure(facts, contract, measure)


def _uncleared(facts: ContractorFacts, persons: Iterable[ListedFacts]) -> Iterator[str]:
    """Whoever is not cleared for the level; the review of a clearance is a condition of its own."""
    for one in persons:
        held = one.clearance
        reaches = held is not None and facts.own_mark in held.classifications and held.valid.covers(facts.now)
        if not reaches or held is None or held.status != "active":
            yield one.person


def _inspected(contract: ContractFacts, now: Instant) -> Finding:
    due = contract.next_inspection
    done = contract.inspected_at is not None and contract.inspected_at <= now and due is not None and now < due
    return _at(
        contract,
        ("contractor-inspection-overdue", "G16-7", "inspected, and the next inspection is not due"),
        holds=done and not contract.overdue,
        no=f"`{contract.contractor}` was never inspected, its next inspection is overdue, or a finding is",
    )


def _measure(facts: ContractorFacts, contract: ContractFacts, measure: Measure) -> Finding:
    known = next((one for one in contract.measures if one.measure is measure), None)
    return _at(
        contract,
        (f"contractor-{measure}", MEASURE_CLAUSES[measure], f"{measure} is in order"),
        holds=known is not None and known.ceiling >= facts.own_rank and facts.now < known.review_at,
        no=f"{measure} is not in order at `{contract.contractor}` for this level, or is past its review",
    )


def _for_all(contract: ContractFacts, code: str, clause: str, failing: Iterable[str]) -> Finding:
    """One name that does not do blocks the whole list; an empty list names nobody who may have the item.

    Source: G16-3 (one uncleared name blocks the whole release to that list).
    """
    names = list(failing)
    return _at(
        contract,
        (code, clause, "holds for everybody on the list"),
        holds=bool(contract.persons) and not names,
        no=f"does not hold at `{contract.contractor}` for: " + (", ".join(names) or "nobody is on the list"),
    )


def _at(contract: ContractFacts, what: tuple[str, str, str], *, holds: bool, no: str) -> Finding:
    code, clause, yes = what
    return rules.finding(holds=holds, code=code, clause=clause, yes=f"`{contract.contractor}`: {yes}", no=no)
