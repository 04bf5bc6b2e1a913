"""What ends around a relay: the pact between its two ends, a feeder, keys; and what goes on all the same."""

import pytest

from gsomia.agreements import ActError, NoteSubject
from gsomia.errors import RefusedError
from gsomia.exchange import Stage
from gsomia.flows import agree, introduce
from gsomia.flows.records import RefusalRecord
from gsomia.flows.relay_facts import route_facts
from gsomia.flows.relay_records import IntroductionRecord, RelayReportRecord
from gsomia.flows.standing import current_agreement, standing
from gsomia.ids import InstrumentId, PartyCode
from gsomia.instants import Instant
from gsomia.policy import Route, Routes, decide_route
from gsomia.registry import ItemRecord
from simulation.relay_world import (
    JP_US,
    KR_US,
    bring_feeder_into_force,
    consent_to,
    forward,
    registered,
    relay_world,
    to_hub,
)
from simulation.world import JPN, KOR, KR_JP, USA, World

DAY = 86400


def terminate(world: World, by: PartyCode, instrument: InstrumentId) -> Instant:
    """A note of termination, received; when it ends."""
    node = world[by]
    agree.give_note(
        node.desk,
        node.actor("liaison"),
        instrument=instrument,
        number=f"{by}-{instrument}-END",
        subject=NoteSubject.TERMINATION,
        authority=None,
    )
    world.settle()
    now = node.clock()
    ends = node.memory.run(lambda tx: standing(tx, current_agreement(tx, instrument, at=now), at=now)).ends
    assert ends is not None
    return ends


def wait_until(world: World, at: Instant) -> None:
    world.wait(at.epoch_s - world[USA].clock().epoch_s + 1)
    for node in world.nodes.values():
        node.desk.memo.clear()


def routes(world: World, item: ItemRecord, *, at: Instant | None = None) -> Routes:
    node = world[KOR]
    return decide_route(node.memory.run(lambda tx: route_facts(tx, node.desk, item.id, to=JPN, at=at or node.clock())))


@pytest.mark.source("TR-14", "A-30", "TR-9")
def test_while_the_pact_is_terminated_the_relay_carries_what_is_in_scope() -> None:
    world = relay_world(direct=True)
    item, out = registered(world, b"in scope"), registered(world, b"out of scope", topic="DPRK-CYBER")
    assert routes(world, item).recommended is Route.DIRECT
    ends = terminate(world, KOR, KR_JP)
    assert routes(world, item, at=ends).recommended is Route.RELAY
    wait_until(world, ends)
    assert world[KOR].state() == "TERMINATED"
    assert [one.route for one in routes(world, item).answers if one.lawful] == [Route.RELAY]
    assert [one.route for one in routes(world, out).answers if one.lawful] == []
    with pytest.raises(RefusedError) as refused:
        world[KOR].release(item.id, JPN)
    assert refused.value.code == "policy/instrument-state"
    first = to_hub(world, b"after the end")
    consent_to(world, first)
    forward(world, first.item)
    world.settle()
    assert world[JPN].count(ItemRecord, id=first.item) == 1


@pytest.mark.source("TR-8", "DESIGN-6")
def test_a_feeder_that_ends_mid_way_stops_what_is_queued_and_closes_its_leg() -> None:
    world = relay_world()
    first = to_hub(world)
    consent_to(world, first)
    ends = terminate(world, JPN, JP_US)
    second = forward(world, first.item)  # queued; nobody carries it before the end
    wait_until(world, ends)
    world.settle()
    assert world[USA].stages(second.delivery.consignment)[-1] is Stage.STOPPED
    assert world[JPN].count(ItemRecord) == 0
    told = world[KOR].every(RelayReportRecord)[-1].report
    assert (told.stage, told.code) == (Stage.STOPPED, "policy/second-leg-closed")
    with pytest.raises(RefusedError) as refused:
        forward(world, first.item)
    assert refused.value.code == "policy/second-leg-closed"


@pytest.mark.source("TR-8")
def test_without_the_first_feeder_the_first_leg_closes() -> None:
    world = relay_world()
    first = to_hub(world)
    consent_to(world, first)
    wait_until(world, terminate(world, USA, KR_US))
    with pytest.raises(RefusedError) as refused:
        forward(world, first.item)
    assert refused.value.code == "policy/first-leg-closed"


@pytest.mark.source("TR-7", "DESIGN-4")
def test_an_introduction_that_is_not_the_originators_own_is_refused_and_recorded() -> None:
    world = relay_world()
    before = world[JPN].count(IntroductionRecord)
    hub = world[USA]
    security, pin_file = hub.actor("security"), world[KOR].identity.pin_file
    with pytest.raises(ActError) as caught:  # under a feeder that names another originator
        introduce.introduce(hub.desk, security, pin_file, to=KOR, feeder=KR_US)
    assert caught.value.code == "agreements/not-introduced-under"
    world.wait(1)
    introduce.introduce(hub.desk, security, pin_file, to=JPN, feeder=JP_US)  # of a number that Tokyo has already
    world.settle()
    assert world[JPN].count(IntroductionRecord) == before
    assert world[JPN].every(RefusalRecord)[-1].code == "parties/descriptor-old"


@pytest.mark.source("TR-8")
def test_the_feeders_of_a_relay_are_agreements_of_their_own() -> None:
    world = World(KOR, JPN, USA)
    bring_feeder_into_force(world, KR_US)
    released = world[KOR].release(world[KOR].register(b"for the hub alone").id, USA)
    world.settle()
    world[USA].book(released.item)
    with pytest.raises(RefusedError) as refused:
        forward(world, released.item)
    assert refused.value.code == "policy/no-instrument"
