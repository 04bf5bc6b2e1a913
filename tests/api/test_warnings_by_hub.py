"""A hub hands a warning on as it came: the originator's bytes, to whom the originator and the hub both decided."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from gsomia.flows.warn import LaneLaw, StandingDecision
from gsomia.ids import HexDigest, InstrumentId, sha256_hex
from gsomia.storage import MemoryLaneJournal, MemorySpareJournal
from gsomia.transport import Floor
from gsomia.transport.lane_floor import Arrival
from gsomia.transport.lane_taker import LaneTaker
from gsomia.warning import LaneError, OpenedFrame, ProvenWarning, Way, lane_state, read_entry, sign_warning
from simulation.world import JPN, KOR, USA, World, identity
from strategies.lanes import DIGEST, NOW_US, decided, naming, track

MWDS = cast("InstrumentId", "MWDS")
HUBS: HexDigest = sha256_hex(b"the hub's decision")


def of_korea(**other: Any) -> StandingDecision:
    facts = {"way": Way.HUB, "instrument": MWDS, "arrangement": None, "to": USA, "onward": (JPN,)}
    return StandingDecision(digest=DIGEST, authorisation=decided(**(facts | other)), closed=None)


def of_the_hub(**other: Any) -> StandingDecision:
    facts = {"way": Way.HUB, "instrument": MWDS, "arrangement": None, "party": USA, "to": JPN, "originators": (KOR,)}
    return StandingDecision(digest=HUBS, authorisation=decided(**(facts | other)), closed=None)


def said(*, instrument: InstrumentId = MWDS) -> ProvenWarning:
    message = track(1)
    named = naming(message, instrument=instrument)
    return sign_warning(message, named, signer=identity(KOR).keys.lane)


def floor(world: World, party: Any, *, own: tuple[StandingDecision, ...], heard: tuple[StandingDecision, ...]) -> Floor:
    loop = asyncio.get_running_loop()
    made = Floor(
        world[party].desk,
        journal=MemoryLaneJournal(),
        spare=MemorySpareJournal(),
        clock_us=lambda: NOW_US,
        background=lambda act: loop.run_in_executor(None, act),
    )
    made.law = LaneLaw(
        own=own,
        heard={one.digest: one for one in heard},
        keys={(KOR, 1): identity(KOR).keys.lane.public},
        current={},
        certificates=frozenset(),
    )
    return made


def in_loop(act: Callable[[World], Any]) -> None:
    async def run() -> None:
        result = act(World(KOR, JPN, USA))
        if asyncio.iscoroutine(result):
            await result

    asyncio.run(run())


@pytest.mark.source("DESIGN-6", "RELAY-5.4")
def test_the_hub_owes_the_very_bytes_to_the_party_the_originator_named() -> None:
    async def act(world: World) -> None:
        hub, warning = floor(world, USA, own=(of_the_hub(),), heard=(of_korea(),)), said()
        hub.recorder.begin()
        acknowledged: list[bool] = []
        hub.arrive(Arrival(lane=(KOR, MWDS), warning=warning, marks=(), durable=lambda: acknowledged.append(True)))
        assert acknowledged == []  # not before it is durable
        await asyncio.sleep(0)
        assert acknowledged == [True]
        assert [one.raw for one in hub.out((JPN, MWDS)).unacknowledged()] == [warning.raw]
        journal = cast("MemoryLaneJournal", hub.recorder._journal)
        entry = read_entry(journal.durable[-1])
        assert isinstance(entry, lane_state.In)
        assert entry.owed == [(JPN, MWDS)]

    in_loop(act)


@pytest.mark.source("G6-1")
@pytest.mark.parametrize(
    ("korea", "hub"),
    [
        ({"onward": ()}, {}),
        ({}, {"originators": (JPN,), "to": "AUS"}),
        ({}, {"levels": ("KOR-3",)}),
    ],
)
def test_without_both_decisions_the_hub_keeps_it(korea: dict[str, Any], hub: dict[str, Any]) -> None:
    async def act(world: World) -> None:
        made = floor(world, USA, own=(of_the_hub(**hub),), heard=(of_korea(**korea),))
        made.recorder.begin()
        made.arrive(Arrival(lane=(KOR, MWDS), warning=said(), marks=(), durable=lambda: None))
        await asyncio.sleep(0)
        assert made.outs == {} or all(not list(out.unacknowledged()) for out in made.outs.values())

    in_loop(act)


def proven(world: World, warning: ProvenWarning, *, korea: StandingDecision) -> ProvenWarning:
    taker = LaneTaker(floor(world, JPN, own=(), heard=(korea, of_the_hub())), {})
    taker._decision = HUBS
    opened = OpenedFrame(epoch=1, sequence=1, raw=warning.raw, out_of_order=False)
    return taker._prove((USA, MWDS), opened)


@pytest.mark.source("DESIGN-6")
def test_the_recipient_proves_the_originator_and_not_the_hubs_word() -> None:
    def act(world: World) -> None:
        warning = said()
        assert proven(world, warning, korea=of_korea()) == warning
        forged = sign_warning(warning.message, warning.naming, signer=identity(USA).keys.lane)
        with pytest.raises(LaneError) as caught:
            proven(world, forged, korea=of_korea())
        assert caught.value.code == "warning/forged"

    in_loop(act)


@pytest.mark.source("G6-1", "RELAY-5.4")
def test_a_warning_that_was_not_meant_for_us_or_names_another_instrument_is_refused() -> None:
    def act(world: World) -> None:
        with pytest.raises(LaneError) as caught:
            proven(world, said(), korea=of_korea(onward=("AUS",)))
        assert caught.value.code == "warning/lane-of-another"
        other = said(instrument=cast("InstrumentId", "GSOMIA-KR-JP"))
        with pytest.raises(LaneError) as caught:
            proven(world, other, korea=of_korea())
        assert caught.value.code == "warning/other-instrument"

    in_loop(act)
