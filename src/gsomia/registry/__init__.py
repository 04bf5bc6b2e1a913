"""The register: items held, where they came from, their marks and custody, and who may know them."""

from gsomia.registry.custody import (
    RECEIPT,
    SLIP,
    CustodyEvent,
    CustodyKind,
    ReadingSlip,
    RegistrarReceipt,
    RegistrarReceiptAct,
    Slip,
)
from gsomia.registry.disposal import (
    DESTRUCTION,
    NO_DESTROY,
    ORDER,
    PROPOSAL_DAYS,
    UNRECORDED,
    Beyond,
    Destruction,
    DestructionAct,
    DestructionConfirmed,
    DestructionOrder,
    DestructionProposal,
    ItemDestroyed,
    Unreached,
    UnrecordedDestruction,
)
from gsomia.registry.errors import RegisterError
from gsomia.registry.hold import OnHold, has_room
from gsomia.registry.item import Booking, Form, ItemRecord, Origin, control_number
from gsomia.registry.roster import ChannelAccreditation, ClearanceGrant, DutyGrant, RosterLine

__all__ = [
    "DESTRUCTION",
    "NO_DESTROY",
    "ORDER",
    "PROPOSAL_DAYS",
    "RECEIPT",
    "SLIP",
    "UNRECORDED",
    "Beyond",
    "Booking",
    "ChannelAccreditation",
    "ClearanceGrant",
    "CustodyEvent",
    "CustodyKind",
    "Destruction",
    "DestructionAct",
    "DestructionConfirmed",
    "DestructionOrder",
    "DestructionProposal",
    "DutyGrant",
    "Form",
    "ItemDestroyed",
    "ItemRecord",
    "OnHold",
    "Origin",
    "ReadingSlip",
    "RegisterError",
    "RegistrarReceipt",
    "RegistrarReceiptAct",
    "RosterLine",
    "Slip",
    "Unreached",
    "UnrecordedDestruction",
    "control_number",
    "has_room",
]
