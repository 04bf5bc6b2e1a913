"""May this item go to that party? May this reader read it? A decision with reasons."""

from gsomia.policy.access import decide_access
from gsomia.policy.assurance import AssuranceStanding, assurance_standing
from gsomia.policy.consent import Wanted, consent_covers
from gsomia.policy.container import ContainerFacts, decide_container
from gsomia.policy.contractor import (
    ContractFacts,
    ContractorFacts,
    ListedFacts,
    Measure,
    MeasureFacts,
    SiteClearanceFacts,
    decide_contractor,
)
from gsomia.policy.decision import RULES_VERSION, Decision, Permit, Reason, Verdict
from gsomia.policy.relay import decide_relay, level_is_opened
from gsomia.policy.release import decide_onward, decide_release, wanted_onward
from gsomia.policy.request import (
    AccessFacts,
    AssuranceFacts,
    ChannelFacts,
    DutyFacts,
    GivenFacts,
    InstrumentFacts,
    OnwardFacts,
    OtherPurposeFacts,
    PersonFacts,
    PurposeFacts,
    RelayFacts,
    RelayTermsFacts,
    ReleaseFacts,
    RosterFacts,
    RouteFacts,
    SiteFacts,
    ThirdPartyFacts,
    Way,
)
from gsomia.policy.route import Route, RouteAnswer, Routes, decide_route

__all__ = [
    "RULES_VERSION",
    "AccessFacts",
    "AssuranceFacts",
    "AssuranceStanding",
    "ChannelFacts",
    "ContainerFacts",
    "ContractFacts",
    "ContractorFacts",
    "Decision",
    "DutyFacts",
    "GivenFacts",
    "InstrumentFacts",
    "ListedFacts",
    "Measure",
    "MeasureFacts",
    "OnwardFacts",
    "OtherPurposeFacts",
    "Permit",
    "PersonFacts",
    "PurposeFacts",
    "Reason",
    "RelayFacts",
    "RelayTermsFacts",
    "ReleaseFacts",
    "RosterFacts",
    "Route",
    "RouteAnswer",
    "RouteFacts",
    "Routes",
    "SiteClearanceFacts",
    "SiteFacts",
    "ThirdPartyFacts",
    "Verdict",
    "Wanted",
    "Way",
    "assurance_standing",
    "consent_covers",
    "decide_access",
    "decide_container",
    "decide_contractor",
    "decide_onward",
    "decide_relay",
    "decide_release",
    "decide_route",
    "level_is_opened",
    "wanted_onward",
]
