"""Consignments that go to one partner at the same time begin together and are settled together, each as if alone."""

import pytest

from gsomia.audit import InclusionReceipt
from gsomia.errors import RefusedError
from gsomia.exchange import Delivery, ExchangeError, Stage
from gsomia.flows import assure, consign
from gsomia.flows.records import AssuranceRecord, ReceiptRecord
from gsomia.flows.release import Released
from gsomia.registry import ItemRecord
from simulation.world import JPN, KOR, World, world_in_force


@pytest.fixture
def world() -> World:
    return world_in_force()


def queue(world: World, count: int) -> list[Released]:
    return [world[KOR].release(world[KOR].register(b"%d" % number).id, JPN) for number in range(count)]


def begin(world: World, *, busy: frozenset[int] = frozenset(), room: int = 16) -> list[consign.ConsignmentToSend]:
    begun = consign.begin_due(world[KOR].desk, JPN, busy=busy, room=room)
    return [sending for _, _, sending in begun if sending is not None]


def receipts(world: World, proofs: list[tuple[int, Delivery, InclusionReceipt]]) -> list[int]:
    return [world[KOR].count(ReceiptRecord, reference=one.consignment) for _, one, _ in proofs]


@pytest.mark.source("DESIGN-6")
def test_what_may_go_begins_in_order_and_its_attempt_is_recorded(world: World) -> None:
    queued = [one.delivery.consignment for one in queue(world, 3)]
    first = consign.begin_due(world[KOR].desk, JPN, busy=frozenset(), room=2)
    assert [outgoing.reference for _, outgoing, _ in first] == queued[:2]
    assert [world[KOR].stages(one)[-1] for one in queued] == [Stage.SENDING, Stage.SENDING, Stage.QUEUED]
    rest = consign.begin_due(world[KOR].desk, JPN, busy={row for row, _, _ in first}, room=16)
    assert [outgoing.reference for _, outgoing, _ in rest] == queued[2:]
    alone = consign.begin_consignment(world[KOR].desk, queued[0])
    together = first[0][2]
    assert together is not None
    assert (together.offer, together.inline) == (alone.offer, alone.inline)
    assert world[KOR].problems() == []


@pytest.mark.source("G7-5")
def test_what_is_to_be_stopped_is_not_begun_with_the_others(world: World) -> None:
    (before,) = queue(world, 1)
    begin(world)  # on its way: the recipient's already, perhaps
    (waiting,) = queue(world, 1)
    (digest,) = (one.digest for one in world[KOR].every(AssuranceRecord, party=JPN))
    assure.withdraw_assurance(world[JPN].desk, world[JPN].actor("security"), digest)
    world.deliver(JPN, KOR)
    begun = consign.begin_due(world[KOR].desk, JPN, busy=frozenset(), room=16)
    assert [(one.reference, sending is not None) for _, one, sending in begun] == [
        (before.delivery.consignment, True),
        (waiting.delivery.consignment, False),
    ]
    assert world[KOR].stages(waiting.delivery.consignment) == [Stage.QUEUED]
    with pytest.raises(RefusedError, match="assurance"):
        consign.begin_consignment(world[KOR].desk, waiting.delivery.consignment)
    assert world[KOR].stages(waiting.delivery.consignment) == [Stage.QUEUED, Stage.STOPPED]


@pytest.mark.source("DESIGN-5")
def test_proofs_are_settled_together_or_not_at_all(world: World) -> None:
    queue(world, 3)
    begun = consign.begin_due(world[KOR].desk, JPN, busy=frozenset(), room=16)
    proofs = []
    for row, _, sending in begun:
        assert sending is not None
        reply = world[JPN].intake.offer(KOR, sending.offer + sending.inline)
        assert reply.accepted is not None
        proofs.append((row, sending.delivery, reply.accepted.receipt))
    (row, delivery, _), (_, _, of_another), third = proofs
    with pytest.raises(ExchangeError):
        consign.settle_consignments(world[KOR].desk, [third, (row, delivery, of_another)])
    assert (receipts(world, proofs), world[KOR].queued(JPN)) == ([0, 0, 0], 3)
    consign.settle_consignments(world[KOR].desk, proofs)
    consign.settle_consignments(world[KOR].desk, proofs)  # a reply that came twice
    assert (receipts(world, proofs), world[KOR].queued(JPN)) == ([1, 1, 1], 0)
    assert {world[KOR].stages(one.consignment)[-1] for _, one, _ in proofs} == {Stage.RECEIVED}
    assert world[JPN].count(ItemRecord) == 3
    assert [*world[KOR].problems(), *world[JPN].problems()] == []
