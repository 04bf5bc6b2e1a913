"""A permit is acted on in a later unit: what changed in between, in the very same second, counts."""

from collections.abc import Callable

import pytest

from gsomia.errors import RefusedError, UnavailableError
from gsomia.exchange import Delivery, Stage
from gsomia.flows import consents, rotate
from gsomia.flows.ports import PayloadWriter
from gsomia.flows.records import DecisionRecord
from gsomia.ids import HexDigest
from gsomia.labels import ClearanceStatus
from gsomia.policy import Verdict
from gsomia.registry import ItemRecord
from simulation.relay_world import consent_to, forward, relay_world, to_hub
from simulation.tenure import change, end_appointment
from simulation.world import JPN, KOR, USA, SimNode, World, world_in_force


@pytest.fixture
def world() -> World:
    return world_in_force()


def after_first_unit(node: SimNode, happens: Callable[[], object]) -> None:
    """Let something happen at a node after its first unit from now."""

    def then() -> None:
        node.fragile.then = None
        happens()

    node.fragile.runs, node.fragile.then = 0, (1, then)


@pytest.mark.source("F-14", "DESIGN-7")
def test_a_clearance_suspended_after_the_permit_denies_the_release(world: World) -> None:
    item = world[KOR].register(b"image").id
    after_first_unit(world[KOR], lambda: change(world[KOR], ClearanceStatus.SUSPENDED, "releaser"))
    with pytest.raises(RefusedError) as refused:
        world[KOR].release(item, JPN)
    (decided,) = world[KOR].every(DecisionRecord, item=item)
    assert decided.decision.verdict is Verdict.DENY
    assert f"policy/{decided.decision.reasons[0].code}" == refused.value.code
    assert (world[KOR].count(Delivery), world[KOR].queued(JPN)) == (0, 0)


@pytest.mark.source("F-14", "DESIGN-7")
def test_a_permit_stands_while_others_are_released_beside_it(world: World) -> None:
    one, other = (world[KOR].register(content).id for content in (b"image", b"map"))
    after_first_unit(world[KOR], lambda: world[KOR].release(other, JPN))
    world[KOR].release(one, JPN)
    verdicts = [record.decision.verdict for record in world[KOR].every(DecisionRecord)]
    assert verdicts == [Verdict.PERMIT, Verdict.PERMIT]
    assert world[KOR].queued(JPN) == 2


@pytest.mark.source("G10-2", "DESIGN-7")
def test_an_item_is_not_registered_if_the_last_control_officer_left_while_it_was_stored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = world[JPN]
    begin = receiver.payloads.begin

    def left_meanwhile(name: str, *, segments: int) -> PayloadWriter:
        end_appointment(receiver)
        return begin(name, segments=segments)

    monkeypatch.setattr(receiver.payloads, "begin", left_meanwhile)
    world[KOR].release(world[KOR].register(b"image").id, JPN)
    world.deliver(KOR, JPN)
    assert receiver.count(ItemRecord) == 0
    assert world[KOR].queued(JPN) == 1


@pytest.mark.source("TR-5", "G6-1", "DESIGN-7")
def test_a_consent_withdrawn_after_the_permit_denies_the_relay() -> None:
    world = relay_world()
    first = to_hub(world)
    digest = consent_to(world, first)
    world.settle()
    hub = world[USA]

    def withdrawn() -> None:
        consents.withdraw_consent(world[KOR].desk, world[KOR].actor("releaser"), digest)
        world.settle()

    after_first_unit(hub, withdrawn)
    with pytest.raises(RefusedError):
        forward(world, first.item)
    assert hub.every(DecisionRecord)[-1].decision.verdict is Verdict.DENY
    assert hub.queued(JPN) == 0


@pytest.mark.source("DESIGN-4", "DESIGN-7")
def test_a_release_that_was_signed_before_a_change_of_keys_is_not_queued_behind_it(world: World) -> None:
    item = world[KOR].register(b"image").id
    after_first_seal(world[KOR])
    with pytest.raises(UnavailableError) as raised:
        world[KOR].release(item, JPN)
    assert raised.value.code == "flows/keys-changed"
    assert world[KOR].count(Delivery) == 0
    released = world[KOR].release(item, JPN)
    world.settle()
    assert Stage.RECEIVED in world[KOR].stages(released.delivery.consignment)


def after_first_seal(node: SimNode) -> None:
    """Let the node's keys change once something of it was sealed and before that is written."""
    payloads, read = node.payloads, node.payloads.segment

    def segment(address: HexDigest, index: int, *, segments: int) -> bytes:
        payloads.segment = read  # type: ignore[method-assign]
        rotate.rotate(node.desk, node.first)
        return read(address, index, segments=segments)

    payloads.segment = segment  # type: ignore[method-assign]
