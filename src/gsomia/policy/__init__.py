"""May this item go to that party? May this reader read it? A decision with reasons."""

from gsomia.policy.access import decide_access
from gsomia.policy.container import ContainerFacts, decide_container
from gsomia.policy.decision import RULES_VERSION, Decision, Permit, Reason, Verdict
from gsomia.policy.release import decide_onward, decide_release
from gsomia.policy.request import (
    AccessFacts,
    AssuranceFacts,
    ChannelFacts,
    DutyFacts,
    InstrumentFacts,
    OnwardFacts,
    OtherPurposeFacts,
    PersonFacts,
    PurposeFacts,
    ReleaseFacts,
    RosterFacts,
    SiteFacts,
    ThirdPartyFacts,
    Way,
)

__all__ = [
    "RULES_VERSION",
    "AccessFacts",
    "AssuranceFacts",
    "ChannelFacts",
    "ContainerFacts",
    "Decision",
    "DutyFacts",
    "InstrumentFacts",
    "OnwardFacts",
    "OtherPurposeFacts",
    "Permit",
    "PersonFacts",
    "PurposeFacts",
    "Reason",
    "ReleaseFacts",
    "RosterFacts",
    "SiteFacts",
    "ThirdPartyFacts",
    "Verdict",
    "Way",
    "decide_access",
    "decide_container",
    "decide_onward",
    "decide_release",
]
