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
from gsomia.registry.ledger import MOVES, begin, follow
from gsomia.registry.lines import FIRST_COPY, CopyLine, ItemLine, Place, item_line
from gsomia.registry.roster import ChannelAccreditation, ClearanceGrant, DutyGrant, RosterLine

__all__ = [
    "DESTRUCTION",
    "FIRST_COPY",
    "MOVES",
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
    "CopyLine",
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
    "ItemLine",
    "ItemRecord",
    "OnHold",
    "Origin",
    "Place",
    "ReadingSlip",
    "RegisterError",
    "RegistrarReceipt",
    "RegistrarReceiptAct",
    "RosterLine",
    "Slip",
    "Unreached",
    "UnrecordedDestruction",
    "begin",
    "control_number",
    "follow",
    "has_room",
    "item_line",
]
