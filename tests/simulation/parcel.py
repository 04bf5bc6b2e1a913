"""A true offer taken out of the post, to be changed; and what must hold once somebody refused it."""

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from gsomia import canon
from gsomia.audit import Event
from gsomia.envelope import RELEASE, SEGMENT_BYTES, Manifest, ReceivedEnvelope, parse_offer, print_offer
from gsomia.exchange import Arrival, Stage
from gsomia.flows import consign
from gsomia.flows.desk import shared_log
from gsomia.flows.records import ReceiptRecord, RefusalRecord
from gsomia.flows.release import Released
from gsomia.parties import sign_statement
from gsomia.registry import Booking, CustodyEvent, ItemRecord, ReadingSlip
from gsomia.transport import PartnerRefusedError
from simulation.world import JPN, KOR, World

SECRET_WORDS = b"words that nobody may see before it is proven who wrote them"
LONG_WORDS = SECRET_WORDS + bytes(2 * SEGMENT_BYTES)


def flipped(data: bytes, at: int) -> bytes:
    """One bit turned over."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def in_the_middle(data: bytes) -> bytes:
    return flipped(data, len(data) // 2)


# --- in transit: the offer -----------------------------------------------------------------------------------


@dataclass
class Parcel:
    """A true offer of Seoul's to Tokyo, taken out of the post."""

    world: World
    released: Released
    offer: ReceivedEnvelope
    segments: list[bytes]

    def signed_again(self, **changes: Any) -> bytes:
        """The statement over a changed manifest, with Seoul's own key: what a dishonest sender can do."""
        manifest = canon.decode(b64decode(canon.decode_any(self.offer.statement)["payload"]), Manifest)
        return sign_statement(
            replace(manifest, **changes), kind=RELEASE, signer=self.world[KOR].identity.keys.statement
        ).envelope

    def bytes_with(self, *, segments: bytes | None = None, **changes: Any) -> bytes:
        """The offer with parts exchanged, and its only segment behind it."""
        inline = self.segments[0] if segments is None else segments
        return print_offer(replace(self.offer, **changes)) + inline


def taken_out(world: World, content: bytes) -> Parcel:
    released = world[KOR].release(world[KOR].register(content).id, JPN)
    sending = consign.begin_consignment(world[KOR].desk, released.delivery.consignment)
    offer, _ = parse_offer(sending.offer)
    segments = [consign.read_segment(sending, index) for index in range(sending.header.segments)]
    return Parcel(world, released, offer, segments)


def registered(world: World) -> dict[str, int]:
    """Everything at Tokyo that an arriving item could change."""
    kinds = (Arrival, ItemRecord, CustodyEvent, Booking, ReadingSlip)
    return {kind.__name__: world[JPN].count(kind) for kind in kinds}


def receipts_of(world: World, parcel: Parcel) -> list[Event]:
    """The entries about the consignment in Tokyo's log that is shared with Seoul."""
    leaves = world[JPN].leaves(shared_log(JPN, KOR))
    return [leaf.event for leaf in leaves if leaf.ids.get("consignment") == parcel.released.delivery.consignment]


def stored_at(world: World) -> bytes:
    payloads = world[JPN].payloads
    whole = b"".join(segment for _, held in payloads._stored.values() for segment in held)
    return whole + b"".join(segment for writer in payloads._unfinished.values() for segment in writer.held)


def refused(parcel: Parcel, act: Callable[[], object]) -> str:
    """The code of a refusal before any receipt and before anything is shown."""
    world, before = parcel.world, registered(parcel.world)
    with pytest.raises(PartnerRefusedError) as caught:
        act()
    kept = world[JPN].every(RefusalRecord)[-1]
    assert (kept.party, kept.code, kept.correlation_id) == (KOR, caught.value.code, caught.value.refusal.correlation_id)
    assert registered(world) == before
    assert receipts_of(world, parcel) == []
    assert world[KOR].count(ReceiptRecord, reference=parcel.released.delivery.consignment) == 0
    assert SECRET_WORDS not in stored_at(world)
    return caught.value.code


def taken_untouched(parcel: Parcel) -> None:
    """The control: what was really sent is received."""
    parcel.world.settle()
    assert parcel.world[KOR].stages(parcel.released.delivery.consignment)[-1] is Stage.RECEIVED
    assert receipts_of(parcel.world, parcel) == [Event.DELIVERY_RECEIVED]
    assert parcel.world[JPN].problems() == []
