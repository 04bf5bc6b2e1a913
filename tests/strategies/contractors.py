"""A chain of contracts at which all fifteen conditions hold, and one way to break each of them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import msgspec
from hypothesis import strategies as st

from gsomia.ids import ContractorId
from gsomia.policy import ContractFacts, ContractorFacts, ListedFacts, Measure, MeasureFacts, SiteClearanceFacts
from strategies.agreements import JP, KR
from strategies.labels import JPN, NOW
from strategies.policy import INSTRUMENT_FACTS, ITEM, OTHER_PURPOSE, PAST, PURPOSE, WITHDRAWN, YEAR, cleared, person

FAR = NOW.plus(days=300)
OWN_MARK = "JPN-2-TOKUTEI"
OWN_RANK = JPN.classification(OWN_MARK).rank
LEADER, WORKER = (
    ListedFacts(
        person=person(name),
        nationality=JP,
        authority=JP,
        clearance=cleared(JPN, OWN_MARK),
        briefed_at=NOW,
        duties=(PURPOSE,),
    )
    for name in ("leader", "worker")
)


def contract(name: str) -> ContractFacts:
    """A contractor whose file is in order."""
    return ContractFacts(
        contractor=msgspec.convert(name, ContractorId),
        country=JP,
        site=SiteClearanceFacts(authority=JP, ceiling=OWN_RANK, valid=YEAR, active=True),
        inspected_at=NOW,
        next_inspection=FAR,
        overdue=0,
        responsible=(LEADER.person,),
        measures=tuple(MeasureFacts(measure=one, ceiling=OWN_RANK, review_at=FAR) for one in Measure),
        persons=(LEADER, WORKER),
    )


def chain(depth: int) -> ContractorFacts:
    """An item that came from Korea, and contracts of that depth."""
    return ContractorFacts(
        now=NOW,
        us=JP,
        item=ITEM,
        held=True,
        originator=KR,
        own_mark=OWN_MARK,
        own_rank=OWN_RANK,
        item_purpose=PURPOSE,
        purpose=PURPOSE,
        purpose_ended=False,
        instrument=INSTRUMENT_FACTS,
        chain=tuple(contract(f"firm-{number}") for number in range(depth)),
    )


def _worker(**changes: object) -> Callable[[ContractFacts], ContractFacts]:
    """One name of two no longer does."""
    return lambda one: replace(one, persons=(LEADER, replace(WORKER, **changes)))  # type: ignore[arg-type]


def _without(measure: Measure) -> Callable[[ContractFacts], ContractFacts]:
    return lambda one: replace(one, measures=tuple(known for known in one.measures if known.measure is not measure))


def _overdue_measure(measure: Measure) -> Callable[[ContractFacts], ContractFacts]:
    return lambda one: replace(
        one, measures=tuple(replace(m, review_at=NOW) if m.measure is measure else m for m in one.measures)
    )


def _low_measure(measure: Measure) -> Callable[[ContractFacts], ContractFacts]:
    return lambda one: replace(
        one, measures=tuple(replace(m, ceiling=OWN_RANK - 1) if m.measure is measure else m for m in one.measures)
    )


_MEASURES = {
    Measure.REGISTRY: "G16-9",
    Measure.STORAGE: "G16-11",
    Measure.TRANSMISSION: "G16-12",
    Measure.DESTRUCTION: "G16-13",
    Measure.REPRODUCTION: "G16-14",
    Measure.TRANSLATION: "G16-15",
}
_SITE = SiteClearanceFacts(authority=JP, ceiling=OWN_RANK, valid=YEAR, active=True)

BREAKS: Mapping[str, tuple[str, Callable[[ContractFacts], ContractFacts]]] = MappingProxyType(
    {
        "a director by post alone": ("G16-1", _worker(duties=())),
        "no facility clearance": ("G16-2", lambda one: replace(one, site=None)),
        "facility clearance too low": (
            "G16-2",
            lambda one: replace(one, site=replace(_SITE, ceiling=OWN_RANK - 1)),
        ),
        "facility clearance of another government": (
            "G16-2",
            lambda one: replace(one, site=replace(_SITE, authority=KR)),
        ),
        "facility clearance ended": ("G16-2", lambda one: replace(one, site=replace(_SITE, valid=PAST))),
        "facility clearance suspended": ("G16-2", lambda one: replace(one, site=replace(_SITE, active=False))),
        "one uncleared name": ("G16-3", _worker(clearance=None)),
        "one name cleared too low": ("G16-3", _worker(clearance=cleared(JPN, "JPN-3"))),
        "one clearance withdrawn": ("G16-3", _worker(clearance=cleared(JPN, OWN_MARK, status=WITHDRAWN))),
        "one clearance ended": ("G16-3", _worker(clearance=cleared(JPN, OWN_MARK, valid=PAST))),
        "one clearance of another government": ("G16-4", _worker(authority=KR)),
        "one clearance past its review": (
            "G16-5",
            _worker(clearance=replace(cleared(JPN, OWN_MARK), review_at=NOW)),
        ),
        "one name not briefed": ("G16-6", _worker(briefed_at=None)),
        "never inspected": ("G16-7", lambda one: replace(one, inspected_at=None, next_inspection=None)),
        "inspection overdue": ("G16-7", lambda one: replace(one, next_inspection=NOW)),
        "finding overdue": ("G16-7", lambda one: replace(one, overdue=1)),
        "one duty for another purpose": ("G16-8", _worker(duties=(OTHER_PURPOSE,))),
        "nobody responsible": ("G16-10", lambda one: replace(one, responsible=())),
        "one name of a third country": ("G6-2", _worker(nationality=KR)),
        "a firm of a third country": ("G6-2", lambda one: replace(one, country=KR)),
        "nobody on the list": ("G16-3", lambda one: replace(one, persons=())),
        **{f"no {one}": (clause, _without(one)) for one, clause in _MEASURES.items()},
        **{f"{one} past its review": (clause, _overdue_measure(one)) for one, clause in _MEASURES.items()},
        **{f"{one} for a lower level": (clause, _low_measure(one)) for one, clause in _MEASURES.items()},
    }
)
"""Ways to break one condition, each with the clause that has to answer."""


@st.composite
def broken_chains(draw: st.DrawFn) -> tuple[ContractorFacts, str, int]:
    """A chain in order but for one condition at one depth; the clause, and the depth."""
    facts = chain(draw(st.integers(1, 6)))
    at = draw(st.integers(0, len(facts.chain) - 1))
    clause, damage = BREAKS[draw(st.sampled_from(sorted(BREAKS)))]
    contracts = list(facts.chain)
    contracts[at] = damage(contracts[at])
    return replace(facts, chain=tuple(contracts)), clause, at
