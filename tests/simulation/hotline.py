"""Two manned desks in two worlds' nodes, for what is said between them."""

from typing import cast

from gsomia.exchange import UNCLASSIFIED, AlarmCode, HotlineMessage, Matter, MessageEntry, Precedence, digest_words
from gsomia.flows import hotline, hotline_answers, hotline_desks
from gsomia.flows.hotline_alarms import alarms_now
from gsomia.flows.hotline_facts import message_facts, open_words, stored_message
from gsomia.ids import HexDigest, InstrumentId, PartyCode, PersonId
from gsomia.instants import Validity
from gsomia.parties import Act, Statement
from simulation.world import JPN, KOR, UNTIL, World, world_in_force

OURS = {KOR: "mnd-ops", JPN: "mod-ops"}
OTHER = {KOR: JPN, JPN: KOR}
DUTY = cast("PersonId", "duty")
RELIEF = cast("PersonId", "relief")


def manned_world(world: World | None = None) -> World:
    """Seoul and Tokyo in force, each with a desk that is named to the other and manned."""
    world = world or world_in_force()
    for party, other in OTHER.items():
        node = world[party]
        for person in (DUTY, RELIEF):
            node.add_person(person)
        name = OURS[party]
        security = node.actor("security")
        hotline_desks.name_desk(
            node.desk,
            security,
            name=name,
            to=other,
            titles=("작전상황실", "運用室", f"{party} operations"),
            numbers=("+82 2 000 0000",),
            until=None,
        )
        valid = Validity(start=node.clock(), until=UNTIL)
        hotline_desks.plan_watch(node.desk, security, name=name, person=DUTY, valid=valid)
    world.settle()
    return world


def to_say(
    sender: PartyCode,
    precedence: Precedence = Precedence.FLASH,
    *,
    level: str = UNCLASSIFIED,
    matter: Matter = Matter.COORDINATION,
    en: str | None = "Two aircraft of ours will pass north of the line at 0400Z.",
    ko: str | None = "아군 항공기 2대가 북쪽을 지납니다.",
    ja: str | None = None,
    instrument: InstrumentId | None = None,
    to_desk: str | None = None,
) -> hotline.ToSay:
    """Something a duty officer says to the other desk."""
    return hotline.ToSay(
        to=OTHER[sender],
        from_desk=OURS[sender],
        to_desk=to_desk or OURS[OTHER[sender]],
        precedence=precedence,
        level=level,
        matter=matter,
        ko=ko,
        ja=ja,
        en=en,
        instrument=instrument,
    )


def say(
    world: World, sender: PartyCode = KOR, precedence: Precedence = Precedence.FLASH, **words: str | None
) -> Statement[Act[HotlineMessage]]:
    """Say something; it is queued, not delivered."""
    node = world[sender]
    return hotline.send_message(node.desk, node.actor(DUTY), to_say(sender, precedence, **words))  # type: ignore[arg-type]


def words_of(world: World, party: PartyCode, message: HexDigest) -> dict[str, str]:
    """What a party's people read of a message."""
    desk = world[party].desk
    entry = entry_of(world, party, message)
    stored = desk.store.run(lambda tx: stored_message(tx, entry))
    return open_words(desk, stored).entered


def entry_of(world: World, party: PartyCode, message: HexDigest) -> MessageEntry:
    """Its one entry in a party's watch log."""
    (entry,) = world[party].every(MessageEntry, message=message)
    return entry


def progress_of(world: World, party: PartyCode, message: HexDigest) -> str:
    """How far a party derives a message to be."""
    entry = entry_of(world, party, message)
    return world[party].desk.store.run(lambda tx: message_facts(tx, entry)).progress.value


def codes_of(world: World, party: PartyCode, message: str) -> set[AlarmCode]:
    """What a party derives as alarmed about a message now."""
    node = world[party]
    alarms = node.desk.store.run(lambda tx: alarms_now(tx, node.desk, now=node.clock()))
    return {alarm.code for alarm in alarms if alarm.reference == message}


def read_back(world: World, message: HexDigest, *, party: PartyCode = JPN, words: str | None = None) -> bool | None:
    """Have the duty officer who heard a message read it back, by its digest words if no others are given."""
    node = world[party]
    entry = entry_of(world, party, message)
    texts = open_words(node.desk, node.desk.store.run(lambda tx: stored_message(tx, entry)))
    said = " ".join(digest_words(texts)) if words is None else words
    return hotline_answers.acknowledge_message(
        node.desk, node.actor(DUTY), entry.message, form="words", repeated=said
    ).right
