"""Records, leaves and seeded entropy for the contracts: deterministic, one of each kind is enough."""

import hashlib
import itertools
from typing import cast

from gsomia.audit import Event, Leaf
from gsomia.exchange import DeliveryStage, MessageKind, Outgoing, Stage
from gsomia.flows.records import RefusalRecord
from gsomia.ids import ConsignmentId, Entropy, ItemId, PartyCode, PersonId, new_consignment_id, new_item_id
from gsomia.instants import Instant
from gsomia.registry import CopyLine, CustodyKind, Place

NOW = Instant(1_800_000_000)
LOG = "gsomia/kor/private"
SHARED = "gsomia/kor/shared/jpn"
KOR = cast("PartyCode", "KOR")
JPN = cast("PartyCode", "JPN")
USA = cast("PartyCode", "USA")
KIM = cast("PersonId", "kim")
LEE = cast("PersonId", "lee")


def seeded(seed: str) -> Entropy:
    """Bytes that look random and are the same in every run."""
    counter = itertools.count()
    return lambda n: hashlib.shake_256(f"{seed}/{next(counter)}".encode()).digest(n)


def item(number: int) -> ItemId:
    return new_item_id(seeded(f"item {number}"))


def consignment(number: int) -> ConsignmentId:
    return new_consignment_id(seeded(f"consignment {number}"))


def stage(number: int, *, of: int = 0, reached: Stage = Stage.SENDING) -> DeliveryStage:
    return DeliveryStage(
        consignment=consignment(of),
        item=item(number),
        stage=reached,
        code=None,
        evidence=None,
        at=NOW.plus(seconds=number),
    )


def refusal(number: int, *, party: PartyCode = JPN) -> RefusalRecord:
    return RefusalRecord(
        party=party,
        code="exchange/id-reused",
        correlation_id=f"c{number}",
        subject=f"subject-{number}",
        message="a consignment id came before",
        at=NOW,
    )


def leaf(number: int, *, at: Instant = NOW) -> Leaf:
    return Leaf(
        v=1,
        event=Event.DELIVERY_ATTEMPT,
        at=at,
        nonce=number.to_bytes(16, "big"),
        ids={"item": item(number)},
        digest=None,
    )


def outgoing(reference: str, *, partner: PartyCode = JPN, not_before: Instant = NOW) -> Outgoing:
    return Outgoing(partner=partner, kind=MessageKind.STATEMENT, reference=reference, attempts=0, not_before=not_before)


def copy_line(number: int, *, copy: str = "1") -> CopyLine:
    return CopyLine(
        item=item(number),
        copy=copy,
        originator=KOR,
        instrument=None,
        counterpart=None,
        made=CustodyKind.REGISTERED,
        place=Place.HELD,
        custodian=KOR,
        facility=None,
        holder=KIM,
        container=None,
        consignment=None,
        package=None,
        since=NOW,
        at=NOW.plus(seconds=number),
    )
