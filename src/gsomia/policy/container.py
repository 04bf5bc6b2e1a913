"""May this person open that container?"""

from dataclasses import dataclass

from gsomia import canon
from gsomia.ids import Count, FacilityId, PartyCode, RegisterCode
from gsomia.instants import Instant
from gsomia.policy import rules
from gsomia.policy.decision import Decision, conclude
from gsomia.policy.request import PersonFacts, RosterFacts

OBLIGATIONS = ("sign-the-opening-log", "close-and-seal")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerFacts:
    """What the question rests on: the container's ceiling, and what the person is cleared and listed for."""

    now: Instant
    us: PartyCode
    container: RegisterCode
    facility: FacilityId
    ceiling: str
    rank: Count
    listed: bool
    person: PersonFacts
    roster: tuple[RosterFacts, ...]


def decide_container(facts: ContainerFacts) -> Decision:
    """Decide who reaches what lies in a container: on its list, an official, ours, cleared and on the roster for all.

    Source: G11-1, G6-2, G6-6, G7-2.
    """
    person = facts.person
    on_roster = any(
        line.person == person.id
        and line.facility == facts.facility
        and line.ceiling >= facts.rank
        and line.valid.covers(facts.now)
        for line in facts.roster
    )
    findings = [
        rules.finding(
            holds=facts.listed,
            code="not-an-opener",
            clause="G11-1",
            yes="on the list of those who open it",
            no=f"`{person.id}` is not on the list of those who open `{facts.container}`",
        ),
        rules.finding(
            holds=person.official,
            code="not-an-official",
            clause="G7-2",
            yes="an official",
            no=f"`{person.id}` is not a government official",
        ),
        rules.is_cleared(person, level=facts.ceiling, now=facts.now),
        rules.finding(
            holds=on_roster,
            code="not-on-roster",
            clause="G6-6",
            yes="on the facility's registry",
            no=f"`{person.id}` is not on the registry of the container's facility for its level",
        ),
        rules.finding(
            holds=set(person.nationalities) == {facts.us},
            code="third-nationality",
            clause="G6-2",
            yes="of our nationality only",
            no=f"`{person.id}` holds the nationality of a third country",
        ),
    ]
    return conclude(findings, facts=canon.digest(facts), obligations=OBLIGATIONS)
