"""May this item go to that party? May this reader read it? A decision with reasons."""

from gsomia.policy.access import decide_access
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
)

__all__ = [
    "RULES_VERSION",
    "AccessFacts",
    "AssuranceFacts",
    "ChannelFacts",
    "ContractFacts",
    "ContractorFacts",
    "Decision",
    "DutyFacts",
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
    "ReleaseFacts",
    "RosterFacts",
    "SiteClearanceFacts",
    "SiteFacts",
    "ThirdPartyFacts",
    "Verdict",
    "decide_access",
    "decide_contractor",
    "decide_onward",
    "decide_release",
]
