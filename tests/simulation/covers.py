"""Packages of a simulated world: packed in Seoul, taken in Tokyo."""

from dataclasses import replace
from typing import cast

from gsomia.flows import people
from gsomia.flows.covers import approve_covers
from gsomia.flows.desk import Actor
from gsomia.flows.packages import make_package, send_package
from gsomia.flows.parcels import name_representative, open_package, receipt_package, receive_package
from gsomia.flows.register import register_matter
from gsomia.ids import ItemId, PersonId
from gsomia.labels import level_words
from gsomia.parties import Hand, Office, Person
from gsomia.registry import (
    FIRST_COPY,
    Booking,
    CopyLine,
    Form,
    IncidentMark,
    Leg,
    Matter,
    PackageEvent,
    Route,
    Suspicion,
    Transmittal,
)
from simulation.world import (
    JPN,
    KOR,
    PURPOSE,
    SECRET,
    TOPIC,
    UNTIL,
    SimNode,
    World,
    hand,
    policies,
    world_in_force,
)
from unit.registry.test_covers import ADDRESSES, TABLE

ENVOY, COURIER = cast("PersonId", "envoy"), cast("PersonId", "courier")
OUTER, INNER = ("S-101", "S-102"), ("S-201",)
WORDS = level_words(TABLE, policies=policies().values())


def world_of_covers() -> World:
    """Seoul and Tokyo with the agreement in force, and a representative in Tokyo whose key Seoul was told."""
    made = world_in_force()
    add_envoy(made[JPN])
    name_representative(made[JPN].desk, made[JPN].actor("security"), ENVOY, to=KOR, until=UNTIL)
    made.settle()
    return made


def add_envoy(node: SimNode, name: PersonId = ENVOY) -> None:
    office = Office.DESIGNATED_REPRESENTATIVE
    known = Person(
        id=name,
        name=name,
        rank="",
        official=True,
        nationalities=(node.party,),
        employer=node.party,
        offices=(office,),
        key=hand(node.party, name, office).signer.public,
        at=node.clock(),
    )
    people.add_person(node.desk, known)


def envoy(node: SimNode, name: PersonId = ENVOY) -> Actor:
    actor = node.actor(name)
    return replace(actor, hand=Hand(office=Office.DESIGNATED_REPRESENTATIVE, signer=actor.hand.signer))


def enter(node: SimNode, form: Form = Form.DOCUMENTARY, *, pages: int = 12, level: str | None = None) -> ItemId:
    matter = Matter(pages=pages) if form is Form.DOCUMENTARY else Matter(serials=("R-001", "R-002"))
    return register_matter(
        node.desk,
        node.actor("registrar"),
        form=form,
        matter=matter,
        level=level or SECRET[node.party],
        purpose=PURPOSE,
        topic=TOPIC,
    ).item.id


def approve(world: World, item: ItemId) -> None:
    approve_covers(world[KOR].desk, world[KOR].actor("releaser"), item, to=JPN)


def pack(
    world: World,
    *items: ItemId,
    route: Route = Route.POUCH,
    outer: tuple[str, ...] = OUTER,
    inner: tuple[str, ...] = INNER,
    addressee: str = ADDRESSES[2],
) -> str:
    node = world[KOR]
    covers = make_package(
        node.desk,
        node.actor("registrar"),
        to=JPN,
        copies=tuple((item, FIRST_COPY) for item in items),
        sender=ADDRESSES[0],
        addressee=addressee,
        route=route,
        outer_seals=outer,
        inner_seals=inner,
        level_words=WORDS,
    )
    return covers.package.number


def send(world: World, number: str) -> Transmittal:
    return send_package(world[KOR].desk, world[KOR].actor("registrar"), number)


def packed(world: World, *items: ItemId) -> str:
    """Approved, packed and sent."""
    for item in items:
        approve(world, item)
    number = pack(world, *items)
    send(world, number)
    return number


def receive(world: World, number: str, *, seals: tuple[str, ...] = OUTER) -> PackageEvent:
    return receive_package(world[JPN].desk, envoy(world[JPN]), number, sender=KOR, seals=seals)


def unpack(
    world: World, number: str, found: dict[tuple[ItemId, str], int], *, seals: tuple[str, ...] = INNER
) -> tuple[ItemId, ...]:
    node = world[JPN]
    return open_package(node.desk, node.actor("registrar"), number, sender=KOR, seals=seals, found=found)


def sign(world: World, number: str) -> None:
    receipt_package(world[JPN].desk, envoy(world[JPN]), number, sender=KOR)


def take(world: World, number: str, *items: ItemId, count: int = 12) -> None:
    """Received, opened, booked and receipted."""
    receive(world, number)
    for item in unpack(world, number, {(item, FIRST_COPY): count for item in items}):
        if not world[JPN].every(Booking, item=item):
            world[JPN].book(item)
    sign(world, number)


def line(node: SimNode, item: ItemId, copy: str = FIRST_COPY) -> CopyLine:
    found = node.memory.run(lambda tx: tx.line(CopyLine, item=item, copy=copy))
    assert found is not None
    return found


def legs(node: SimNode, number: str) -> list[Leg]:
    return [event.leg for event in node.every(PackageEvent, number=number)]


def marks(node: SimNode) -> list[tuple[str, Suspicion]]:
    return [(mark.subject, mark.what) for mark in node.every(IncidentMark)]
