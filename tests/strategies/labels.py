"""Policies of the house, and Hypothesis strategies for labels, clearances and tables under them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from hypothesis import settings
from hypothesis import strategies as st

import gsomia.labels
from gsomia.ids import PartyCode
from gsomia.instants import Instant, Validity
from gsomia.labels import (
    ANY,
    Absent,
    Category,
    Classification,
    Clearance,
    ClearanceStatus,
    EquivalenceRow,
    EquivalenceTable,
    Label,
    LabelKind,
    PartyLevels,
    Policy,
    Tag,
    TagKind,
    Wording,
    next_higher,
    parse_policy,
)

modest = settings(max_examples=60, deadline=None)
"""Two shared cores: enough examples to find what is wrong, few enough to be run always."""

NOW = Instant.parse("2026-11-23T00:00:00Z")
POLICY_DIR = Path(gsomia.labels.__file__).parent / "policies"
LEVELS_FILE = Path(gsomia.labels.__file__).parent / "levels.csv"
HANDLING = "Handling"
RELEASABLE_TO = "Releasable To"


def party(code: str) -> PartyCode:
    return msgspec.convert(code, PartyCode)


def policy_bytes(code: str) -> bytes:
    return (POLICY_DIR / f"{code.lower()}.toml").read_bytes()


KOR, JPN, USA = (parse_policy(policy_bytes(code)) for code in ("KOR", "JPN", "USA"))
POLICIES = {policy.party: policy for policy in (KOR, JPN, USA)}


def table(*rows: tuple[int, str, Mapping[PartyCode, Sequence[str]] | Mapping[str, Sequence[str]]]) -> EquivalenceTable:
    return EquivalenceTable(
        rows=tuple(
            EquivalenceRow(
                rank=rank,
                word=word,
                levels=tuple(
                    PartyLevels(party=party(code), ids=tuple(sorted(ids))) for code, ids in sorted(levels.items())
                ),
            )
            for rank, word, levels in rows
        )
    )


TREATY = table(
    (3, "SECRET", {"KOR": ["KOR-2"], "JPN": ["JPN-2-GOKUHI", "JPN-2-TOKUTEI"]}),
    (2, "CONFIDENTIAL", {"KOR": ["KOR-3"], "JPN": ["JPN-3"]}),
)
"""The table of the agreement of 2016 (levels 6.2)."""


def full_table(left: Policy, right: Policy) -> EquivalenceTable:
    """Every level of both, each protected at its own rank or the next higher one that the other has."""

    def ids(policy: Policy, rank: int) -> list[str]:
        equal = [level.id for level in policy.classifications if level.rank == rank]
        return equal or [level.id for level in next_higher(policy, rank)]

    ranks = [rank for rank in (4, 3, 2, 1) if ids(left, rank) and ids(right, rank)]
    return table(*((rank, f"rank {rank}", {p.party: ids(p, rank) for p in (left, right)}) for rank in ranks))


policies = st.sampled_from([KOR, JPN, USA])


@st.composite
def invented_policies(draw: st.DrawFn, code: str = "XXA") -> Policy:
    """A policy with any number of levels on any ranks."""
    ranks = draw(st.lists(st.integers(1, 4), min_size=1, max_size=6))
    levels = [
        Classification(
            id=f"{code}-{index}", rank=rank, mark=f"MARK {index}", reading="READING", source="made up", obsolete=False
        )
        for index, rank in enumerate(ranks)
    ]
    owner_only = Tag(
        name=RELEASABLE_TO,
        kind=TagKind.PERMISSIVE,
        absent=draw(st.sampled_from(Absent)),
        marking="REL TO",
        values=tuple(sorted((code, "XXX", "YYY"))),
    )
    return Policy(
        party=party(code),
        language="en",
        version=1,
        valid=Validity(start=Instant(0)),
        names=(Wording(language="en", text="Nowhere"),),
        classifications=tuple(sorted(levels, key=lambda level: (-level.rank, level.id))),
        tags=(KOR.tags[0], owner_only),
    )


def _values(tag: Tag, *, at_least: int) -> st.SearchStrategy[tuple[str, ...]]:
    chosen = st.lists(st.sampled_from(tag.values), unique=True, min_size=at_least)
    return chosen.map(lambda values: tuple(sorted(values)))


@st.composite
def labels(draw: st.DrawFn, policy: Policy) -> Label:
    """An originator's label that holds under `policy`."""
    restrictive: list[Category] = []
    permissive: list[Category] = []
    for tag in policy.tags:
        if draw(st.booleans()):
            if tag.kind is TagKind.RESTRICTIVE:
                restrictive.append(Category(tag=tag.name, values=draw(_values(tag, at_least=1))))
            else:
                values = draw(st.one_of(_values(tag, at_least=0), st.just(ANY)))
                permissive.append(Category(tag=tag.name, values=values))
    level = draw(st.sampled_from(policy.classifications))
    return Label(
        kind=LabelKind.ORIGINATOR,
        policy=policy.party,
        policy_version=policy.version,
        classification=level.id,
        mark=level.mark,
        restrictive=tuple(restrictive),
        permissive=tuple(permissive),
        originator=policy.party,
        created_at=NOW,
    )


@st.composite
def clearances(draw: st.DrawFn, policy: Policy) -> Clearance:
    """A clearance in force whose levels are down-closed."""
    top = draw(st.sampled_from(policy.classifications))
    beside = [level for level in policy.classifications if level.rank == top.rank]
    held = {top.id, *(level.id for level in draw(st.lists(st.sampled_from(beside))))}
    held |= {level.id for level in policy.classifications if level.rank < top.rank}
    categories = [Category(tag=tag.name, values=draw(_values(tag, at_least=0))) for tag in policy.tags]
    return Clearance(
        party=policy.party,
        classifications=tuple(sorted(held)),
        categories=tuple(categories),
        valid=Validity(start=NOW.plus(days=-1), until=NOW.plus(days=1)),
        basis="PSC-1",
        review_at=NOW.plus(days=1),
        status=ClearanceStatus.ACTIVE,
    )
