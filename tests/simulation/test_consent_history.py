"""A consent from the first request to its end: both sides print one history, whatever each knows besides."""

import pytest

from gsomia.agreements import Consent, DenialCode, StandingScope
from gsomia.errors import LocalError, RefusedError
from gsomia.exchange import DeliveryStage, Stage
from gsomia.flows import consents
from gsomia.flows.consent_history import Happened, HistoryLine, Subject, consent_history
from gsomia.flows.decide import ask_onward
from gsomia.flows.desk import shared_log
from gsomia.ids import HexDigest, ItemId, PartyCode
from gsomia.instants import Instant, Validity
from gsomia.policy import Verdict
from gsomia.registry import DerivedKind
from simulation.relay_world import JP_US, TISA, consent_to, forward, registered, relay_world, to_hub
from simulation.test_copies_and_derived_items import derive, let_read
from simulation.test_set_back import cosign_all
from simulation.world import JPN, KOR, PURPOSE, TOPIC, UNTIL, USA, World, world_in_force


def history(world: World, reference: HexDigest, at: PartyCode) -> tuple[Subject, tuple[HistoryLine, ...]]:
    return world[at].memory.run(lambda tx: consent_history(tx, world[at].desk, reference))


def shared(world: World, reference: HexDigest) -> tuple[HistoryLine, ...]:
    """What originator and holder print, which is the same."""
    told = history(world, reference, KOR)
    assert told == history(world, reference, USA)
    return told[1]


def ask(world: World, item: ItemId, *, recipient: PartyCode = JPN) -> HexDigest:
    hub = world[USA]
    asked = consents.request_consent(hub.desk, hub.actor("releaser"), item=item, recipient=recipient, instrument=TISA)
    world.settle()
    return asked


@pytest.mark.source("G6-1", "F-18", "TR-5", "TR-10", "DESIGN-6")
def test_both_sides_have_the_whole_history_of_a_consent_with_the_entries_that_prove_it() -> None:
    world = relay_world()
    first = to_hub(world)
    request = ask(world, first.item)
    world.wait(60)
    consents.deny_consent(world[KOR].desk, world[KOR].actor("releaser"), request, code=DenialCode.TIME)
    world.settle()
    world.wait(60)
    consent = consent_to(world, first, until=world[KOR].clock().plus(days=2))
    second = forward(world, first.item)
    world.settle()
    world.wait(60)
    world[JPN].book(first.item)
    world.settle()
    world.wait(60)
    consents.withdraw_consent(world[KOR].desk, world[KOR].actor("releaser"), consent)
    world.settle()
    world.wait(2 * 86400)
    lines = shared(world, consent)
    assert lines == shared(world, request)
    assert [(one.what, one.party, one.office, one.code, one.stage) for one in lines] == [
        (Happened.ASKED, USA, "releasing-authority", None, None),
        (Happened.DENIED, KOR, "releasing-authority", "time", None),
        (Happened.GRANTED, KOR, "releasing-authority", None, None),
        (Happened.USED, USA, None, None, Stage.RECEIVED),
        (Happened.USED, USA, None, None, Stage.RECEIPTED),
        (Happened.WITHDRAWN, KOR, "releasing-authority", None, None),
        (Happened.EXPIRED, None, None, None, None),
    ]
    assert {one.consignment for one in lines if one.what is Happened.USED} == {second.delivery.consignment}
    for line in lines[:-1]:
        hearer = KOR if line.party == USA else USA
        assert line.log is not None
        assert line.log.origin == shared_log(hearer, USA if hearer == KOR else KOR)
        leaf = world[hearer].leaves(line.log.origin)[line.log.index]
        assert leaf.digest == line.statement
    with pytest.raises(LocalError):
        history(world, consent, JPN)  # the third party took the item by it and is no side of the history


@pytest.mark.source("G6-1", "TR-5")
def test_a_consent_that_was_not_yet_heard_has_no_proven_entry_and_another_recipients_is_another_history() -> None:
    world = relay_world()
    first = to_hub(world)
    other = ask(world, first.item, recipient=KOR)
    hub, korea = world[USA], world[KOR]
    asked = consents.request_consent(hub.desk, hub.actor("releaser"), item=first.item, recipient=JPN, instrument=TISA)
    (line,) = history(world, asked, USA)[1]
    assert (line.what, line.log) == (Happened.ASKED, None)
    world.settle()
    consents.deny_consent(korea.desk, korea.actor("releaser"), other, code=DenialCode.RECIPIENT)
    world.settle()
    assert [one.what for one in shared(world, asked)] == [Happened.ASKED]
    assert [(one.what, one.code) for one in shared(world, other)] == [
        (Happened.ASKED, None),
        (Happened.DENIED, "recipient"),
    ]


@pytest.mark.source("DESIGN-6", "TR-5")
def test_the_history_of_a_standing_consent_has_the_items_that_went_under_it() -> None:
    world = relay_world()
    statement = consents.grant_standing(
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
    second = forward(world, covered.item)
    world.settle()
    alone = to_hub(world)
    consent_to(world, alone)
    forward(world, alone.item)
    world.settle()
    lines = shared(world, statement.digest)
    assert [(one.what, one.consignment) for one in lines] == [
        (Happened.GRANTED, None),
        (Happened.USED, second.delivery.consignment),
    ]


@pytest.mark.source("G6-1", "TR-4", "TR-5")
def test_a_consent_for_another_recipient_or_hub_is_presented_to_nobody_else() -> None:
    world = relay_world()
    first = to_hub(world)
    consent_to(world, first, recipient=KOR)
    with pytest.raises(RefusedError) as refused:
        forward(world, first.item)
    assert refused.value.code == "policy/no-consent"
    consent_to(world, first, holder=JPN)
    with pytest.raises(RefusedError) as refused:
        forward(world, first.item)
    assert refused.value.code == "policy/no-consent"
    assert world[USA].count(DeliveryStage) == 0


@pytest.mark.source("G6-1", "G4-6", "G15-4", "A-08")
def test_what_was_made_of_an_item_goes_on_under_the_consent_for_that_item_that_its_holder_heard() -> None:
    world = relay_world(direct=True)
    released, other = world.send(b"a report"), world.send(b"another report")
    japan, korea = world[JPN], world[KOR]
    for one in (released, other):
        japan.book(one.item)
    japan.bring_reader()
    let_read(japan, "analyst")
    made, mixed = derive(japan, released.item).item, derive(japan, released.item, other.item).item
    world.settle()

    def onward(item: ItemId, *, at: Instant | None = None) -> set[str]:
        told = japan.memory.run(lambda tx: ask_onward(tx, japan.desk, item, to=USA, consent=None, at=at)).decision
        return {reason.code for reason in told.reasons} if told.verdict is Verdict.DENY else set()

    assert onward(released.item) == onward(made.id) == {"no-consent"}
    actor = japan.actor("releaser")
    asked = consents.request_consent(
        japan.desk,
        actor,
        item=made.id,
        recipient=USA,
        instrument=JP_US,
    )
    with pytest.raises(RefusedError) as refused:
        consents.request_consent(japan.desk, actor, item=mixed.id, recipient=USA, instrument=JP_US)
    assert refused.value.code == "flows/made-of-several"
    world.settle()
    until = korea.clock().plus(days=9)
    consents.grant_consent(
        korea.desk,
        korea.actor("releaser"),
        item=released.item,
        holder=JPN,
        recipient=USA,
        manifest=released.delivery.manifest,
        instrument=JP_US,
        purpose=PURPOSE,
        until=until,
    )
    world.settle()
    assert onward(released.item) == onward(made.id) == set()
    assert onward(other.item) == {"no-consent"}
    assert onward(mixed.id) == {"consent-for-a-part"}
    assert onward(made.id, at=until) == {"consent-does-not-cover"}
    told = history(world, asked, KOR)
    assert told == history(world, asked, JPN)
    assert [line.what for line in told[1]] == [Happened.ASKED, Happened.GRANTED]


@pytest.mark.source("G6-1", "G4-6", "TR-6")
def test_a_standing_consent_for_one_topic_carries_nothing_that_was_made_of_an_item_of_another() -> None:
    world = relay_world(direct=True)
    japan = world[JPN]
    given, ours = world.send(b"a report").item, registered(world, b"our own", by=JPN, topic="DPRK-SLBM").id
    japan.book(given)
    japan.bring_reader()
    let_read(japan, "analyst")
    made = derive(japan, ours, given, kind=DerivedKind.EXTRACT).item
    assert (made.topic, made.originator) == ("DPRK-SLBM", KOR)

    def onward(topic: str) -> Verdict:
        consent = Consent(
            serial="KOR-C-1",
            originator=KOR,
            holder=JPN,
            recipient=USA,
            item=None,
            manifest=None,
            label=None,
            instruments=(JP_US,),
            purpose=PURPOSE,
            valid=Validity(start=japan.clock(), until=UNTIL),
            standing=StandingScope(topic=topic, topics=None, level="KOR-2"),
        )
        told = japan.memory.run(lambda tx: ask_onward(tx, japan.desk, made.id, to=USA, consent=consent))
        return told.decision.verdict

    assert [onward("DPRK-SLBM"), onward(TOPIC)] == [Verdict.DENY, Verdict.PERMIT]


@pytest.mark.source("G6-1", "DESIGN-5")
@pytest.mark.parametrize("lost", [KOR, JPN])
def test_what_was_asked_denied_and_withdrawn_comes_back_to_who_was_set_back(lost: PartyCode) -> None:
    world = world_in_force()
    released = world.send(b"a report")
    korea, japan = world[KOR], world[JPN]
    cosign_all(world)
    older = world[lost].copy_record()
    asked = consents.request_consent(
        japan.desk, japan.actor("releaser"), item=released.item, recipient=USA, instrument=JP_US
    )
    world.settle()
    consents.deny_consent(korea.desk, korea.actor("releaser"), asked, code=DenialCode.LEVEL)
    consent = consent_to(world, released, holder=JPN, recipient=USA, instrument=JP_US)
    consents.withdraw_consent(korea.desk, korea.actor("releaser"), consent)
    world.settle()
    before = history(world, asked, KOR)
    assert before == history(world, asked, JPN)
    cosign_all(world)
    world[lost].set_back(older)
    world.link_up(lost, JPN if lost == KOR else KOR)
    world.settle()
    told = [history(world, asked, party)[1] for party in (KOR, JPN)]
    assert [[(one.what, one.at, one.code) for one in lines] for lines in told] == [
        [(one.what, one.at, one.code) for one in before[1]]
    ] * 2
