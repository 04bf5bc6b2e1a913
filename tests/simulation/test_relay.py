"""An item over the hub: what each of the three registers says, what is refused, and what comes back along the chain."""

from collections.abc import Callable
from typing import Any

import pytest

from gsomia.errors import RefusedError
from gsomia.exchange import Arrival, NoticeKind, Stage
from gsomia.flows import assure, consents, introduce
from gsomia.flows.chain import say_notice
from gsomia.flows.content import check_stored, content_of
from gsomia.flows.records import AssuranceRecord
from gsomia.flows.relay_chain import Leg, chain_of
from gsomia.flows.relay_records import ChainNoticeRecord, RelayArrival, RelayReportRecord
from gsomia.ids import ItemId, PartyCode
from gsomia.registry import CustodyEvent, ItemRecord
from simulation.relay_world import (
    JP_US,
    TISA,
    bring_reader,
    consent_to,
    forward,
    other_end,
    relay_world,
    relayed,
    to_hub,
)
from simulation.world import JPN, KOR, PURPOSE, SECRET, UNTIL, USA, World


def leg(world: World, party: PartyCode, item: ItemId) -> Leg:
    legs = world[party].memory.run(lambda tx: chain_of(tx, world[party].desk, item)).legs
    assert len(legs) == 1
    return legs[0]


def custodians(world: World, party: PartyCode, item: ItemId) -> list[tuple[str, str]]:
    return [(one.kind.value, one.custodian) for one in world[party].every(CustodyEvent, item=item)]


def sound(world: World) -> None:
    for party in (KOR, JPN, USA):
        assert world[party].problems() == []


@pytest.mark.source("DESIGN-6", "TR-7", "TR-10", "A-04", "A-07")
@pytest.mark.parametrize("by", [KOR, JPN])
def test_an_item_goes_over_the_hub_with_custody_of_three_and_is_read(by: PartyCode) -> None:
    world, to = relay_world(), other_end(by)
    content = bytes(range(256)) * 5
    first, _ = relayed(world, content, by=by)
    world.wait(60)
    world[to].book(first.item)
    world.settle()
    record = world[to].every(ItemRecord, id=first.item)[0]
    assert (record.originator, record.origin and record.origin.sender) == (by, USA)
    assert record.label.mark == world[by].every(ItemRecord, id=first.item)[0].label.mark
    check_stored(world[to].desk, record)
    assert custodians(world, by, first.item)[-2:] == [("receipted", USA), ("forwarded", to)]
    assert custodians(world, USA, first.item)[-2:] == [("released", USA), ("receipted", to)]
    assert custodians(world, to, first.item) == [("received", USA), ("booked", to)]
    ends = [leg(world, party, first.item) for party in (by, USA, to)]
    assert {(one.originator, one.hub, one.recipient, one.stage) for one in ends} == {(by, USA, to, Stage.RECEIPTED)}
    assert all(one.proven for one in ends)
    assert ends[0].delay_s == ends[2].delay_s
    assert ends[0].delay_s is not None
    assert ends[0].delay_s >= 60
    assert {one.hub_dwell_s for one in ends} == {0}
    assert ends[2].hub_mark == SECRET[USA]
    bring_reader(world, to)
    assert b"".join(world[to].read(first.item).content) == content
    world.settle()
    assert leg(world, by, first.item).stage == Stage.OPENED
    sound(world)


@pytest.mark.source("DESIGN-6", "A-04")
def test_the_ciphertext_and_the_manifest_travel_unchanged_and_the_hub_opens_nothing() -> None:
    world = relay_world()
    first, second = relayed(world, bytes(3 << 20))
    held = {party: content_of(world[party].every(ItemRecord, id=first.item)[0]) for party in (USA, JPN)}
    assert held[USA].segment_list == held[JPN].segment_list
    assert held[USA].header == held[JPN].header
    arrival = world[JPN].every(RelayArrival)[0]
    assert arrival.originators_statement == first.delivery.statement
    assert second.delivery.sealed_part == first.delivery.sealed_part
    check_stored(world[JPN].desk, world[JPN].every(ItemRecord)[0])


@pytest.mark.source("TR-5", "G6-1")
def test_without_consent_an_item_stays_at_the_hub_and_silence_alarms_nobody() -> None:
    world = relay_world()
    first = to_hub(world)
    with pytest.raises(RefusedError) as refused:
        forward(world, first.item)
    assert refused.value.code == "policy/no-consent"
    world.wait(365 * 86400)
    assert world[JPN].count(ItemRecord) == 0
    assert world[KOR].stages(first.delivery.consignment)[-1] is Stage.RECEIPTED
    sound(world)


@pytest.mark.source("TR-5", "G6-1", "TR-4")
@pytest.mark.parametrize(
    "changes",
    [{"instrument": JP_US}, {"purpose": "ANOTHER-PURPOSE"}, {"manifest": "0" * 64}],
    ids=["instrument", "purpose", "manifest"],
)
def test_consent_for_something_else_carries_nothing(changes: dict[str, Any]) -> None:
    world = relay_world()
    first = to_hub(world)
    consent_to(world, first, **changes)
    with pytest.raises(RefusedError) as refused:
        forward(world, first.item)
    assert refused.value.code in {"policy/no-consent", "policy/consent-does-not-cover"}


@pytest.mark.source("TR-5", "DESIGN-6")
def test_a_withdrawn_consent_stops_what_is_queued_and_moves_no_custody_back() -> None:
    world = relay_world()
    done, _ = relayed(world, b"before")
    world[JPN].book(done.item)
    world.settle()
    first = to_hub(world, b"after")
    digest = consent_to(world, first)
    second = forward(world, first.item)  # queued, not yet said
    consents.withdraw_consent(world[KOR].desk, world[KOR].actor("releaser"), digest)
    world.deliver(KOR, USA)
    world.settle()
    assert world[USA].stages(second.delivery.consignment)[-1] is Stage.STOPPED
    assert world[JPN].count(ItemRecord, id=first.item) == 0
    assert leg(world, KOR, first.item).code == "policy/consent-withdrawn"
    with pytest.raises(RefusedError) as refused:
        forward(world, first.item)
    assert refused.value.code == "policy/consent-withdrawn"
    assert custodians(world, JPN, done.item)[-1] == ("booked", JPN)
    sound(world)


@pytest.mark.source("G7-5", "TR-5", "DESIGN-6")
def test_a_withdrawn_assurance_stops_at_the_hub_what_waits_to_go_on_for_the_first_time() -> None:
    world = relay_world()
    first = to_hub(world)
    consent_to(world, first)
    waiting = forward(world, first.item)
    (digest,) = (one.digest for one in world[USA].every(AssuranceRecord, party=JPN))
    assure.withdraw_assurance(world[JPN].desk, world[JPN].actor("security"), digest)
    world.deliver(JPN, USA)
    world.settle()
    assert world[USA].stages(waiting.delivery.consignment) == [Stage.QUEUED, Stage.STOPPED]
    assert world[JPN].count(ItemRecord, id=first.item) == 0
    assert leg(world, KOR, first.item).code == "flows/assurance-ended"
    sound(world)


@pytest.mark.source("TR-5", "TR-6")
def test_a_standing_consent_covers_its_topic_and_level_and_nothing_else() -> None:
    world = relay_world()
    consents.grant_standing(
        world[KOR].desk,
        world[KOR].actor("releaser"),
        topic="DPRK-SLBM",
        level="KOR-3",
        holder=USA,
        recipient=JPN,
        instrument=TISA,
        purpose=PURPOSE,
        until=UNTIL,
    )
    world.settle()
    covered = to_hub(world, topic="DPRK-SLBM", level="KOR-3")
    forward(world, covered.item)
    world.settle()
    assert world[JPN].count(ItemRecord, id=covered.item) == 1
    for topic, level in (("DPRK-ICBM", "KOR-3"), ("DPRK-SLBM", "KOR-2")):
        released = to_hub(world, topic=topic, level=level)
        with pytest.raises(RefusedError) as refused:
            forward(world, released.item)
        assert refused.value.code == "policy/consent-does-not-cover"


@pytest.mark.source("G6-1", "TR-5")
def test_a_request_is_answered_by_a_person_or_by_nobody() -> None:
    world = relay_world()
    first = to_hub(world)
    hub = world[USA]
    digest = consents.request_consent(hub.desk, hub.actor("releaser"), item=first.item, recipient=JPN, instrument=TISA)
    world.settle()
    asked = consents.deny_consent(world[KOR].desk, world[KOR].actor("releaser"), digest)
    world.settle()
    assert (asked.item, asked.manifest) == (first.item, first.delivery.manifest)
    with pytest.raises(RefusedError):
        forward(world, first.item)
    consent_to(world, first)
    forward(world, first.item)
    world.settle()
    assert world[JPN].count(ItemRecord, id=first.item) == 1
    sound(world)


@pytest.mark.source("TR-2")
def test_a_topic_out_of_scope_stays_at_the_hub() -> None:
    world = relay_world()
    first = to_hub(world, topic="DPRK-CYBER")
    consent_to(world, first)
    with pytest.raises(RefusedError) as refused:
        forward(world, first.item)
    assert refused.value.code == "policy/topic-out-of-scope"


@pytest.mark.source("DESIGN-6", "TR-7")
def test_nothing_of_an_originator_is_taken_before_a_person_confirmed_it() -> None:
    world = relay_world(introduced=False)
    first, second = relayed(world)
    assert world[USA].stages(second.delivery.consignment)[-1] is Stage.REFUSED
    assert leg(world, KOR, first.item).code == "flows/originator-not-confirmed"
    hub = world[USA]
    introduce.introduce(hub.desk, hub.actor("security"), world[KOR].identity.pin_file, to=JPN, feeder=JP_US)
    world.settle()
    again = forward(world, first.item)
    world.settle()
    assert world[USA].stages(again.delivery.consignment)[-1] is Stage.REFUSED
    introduce.confirm_originator(
        world[JPN].desk,
        world[JPN].actor("security"),
        KOR,
        fingerprint=world[KOR].identity.record.fingerprint,
    )
    forward(world, first.item)
    world.settle()
    assert world[JPN].count(ItemRecord, id=first.item) == 1
    sound(world)


@pytest.mark.source("TR-11")
@pytest.mark.parametrize("relay_first", [False, True])
def test_the_same_item_by_both_routes_is_one_item_with_two_arrivals(relay_first: bool) -> None:  # noqa: FBT001  a case
    world = relay_world(direct=True)
    first = to_hub(world, b"by two routes")
    consent_to(world, first)
    acts: list[Callable[[], object]] = [
        lambda: world[KOR].release(first.item, JPN),
        lambda: forward(world, first.item),
    ]
    for act in reversed(acts) if relay_first else acts:
        act()
        world.settle()
    assert world[JPN].count(ItemRecord, id=first.item) == 1
    assert {one.sender for one in world[JPN].every(Arrival, item=first.item)} == {KOR, USA}
    world[JPN].book(first.item)
    world.settle()
    for deliverer, to in ((KOR, JPN), (USA, JPN)):
        consignments = [one.consignment for one in world[JPN].every(Arrival, item=first.item, sender=deliverer)]
        assert world[deliverer].stages(consignments[0])[-1] is Stage.RECEIPTED, to
    world[JPN].bring_reader()
    sound(world)


@pytest.mark.source("TR-12", "TR-13")
def test_notices_travel_both_ways_along_the_chain_under_their_authors_signature() -> None:
    world = relay_world()
    first, _ = relayed(world)
    said = say_notice(
        world[KOR].desk,
        world[KOR].actor("security"),
        first.item,
        to=JPN,
        kind=NoticeKind.RECALL,
        body=b"recalled",
    )
    back = say_notice(
        world[JPN].desk,
        world[JPN].actor("security"),
        first.item,
        to=KOR,
        kind=NoticeKind.INCIDENT,
        body=b"an incident",
    )
    world.settle()
    for party in (KOR, USA, JPN):
        known = {(one.notice_digest, one.author, one.notice.kind) for one in world[party].every(ChainNoticeRecord)}
        assert known == {(said, KOR, NoticeKind.RECALL), (back, JPN, NoticeKind.INCIDENT)}
    sound(world)


@pytest.mark.source("TR-3")
def test_what_is_not_shared_leaves_no_report_and_no_alarm() -> None:
    world = relay_world()
    first = to_hub(world)
    consent_to(world, first)
    world.wait(30 * 86400)
    world.settle()
    assert world[KOR].count(RelayReportRecord) == 0
    assert world[KOR].memory.run(lambda tx: chain_of(tx, world[KOR].desk, first.item)).legs == ()


@pytest.mark.source("TR-1")
def test_a_relay_gives_no_direct_route() -> None:
    world = relay_world()
    item = world[KOR].register(b"image").id
    with pytest.raises(RefusedError) as refused:
        world[KOR].release(item, JPN)
    assert refused.value.code == "policy/no-instrument"
