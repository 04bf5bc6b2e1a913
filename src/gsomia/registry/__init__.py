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
from gsomia.registry.errors import RegisterError
from gsomia.registry.item import Booking, Form, ItemRecord, Origin, control_number
from gsomia.registry.roster import ChannelAccreditation, ClearanceGrant, DutyGrant, RosterLine

__all__ = [
    "RECEIPT",
    "SLIP",
    "Booking",
    "ChannelAccreditation",
    "ClearanceGrant",
    "CustodyEvent",
    "CustodyKind",
    "DutyGrant",
    "Form",
    "ItemRecord",
    "Origin",
    "ReadingSlip",
    "RegisterError",
    "RegistrarReceipt",
    "RegistrarReceiptAct",
    "RosterLine",
    "Slip",
    "control_number",
]
