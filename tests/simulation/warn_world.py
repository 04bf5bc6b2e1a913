"""Seoul and Tokyo with direct warnings arranged, and with Seoul's standing decision."""

from typing import Any

from gsomia.flows import warn
from gsomia.ids import HexDigest
from simulation.arrange import sign
from simulation.sim_node import UNTIL
from simulation.world import JPN, KOR, KR_JP, World, world_in_force

ARRANGED = "WARNING-DATA: launch warnings between the duty rooms"


def arrange(world: World, *, words: str = ARRANGED) -> None:
    for party in (KOR, JPN):
        sign(world, party, {"receipt_days": 10}, words=words)
    world.settle()


def scope(**other: Any) -> warn.Scope:
    facts: dict[str, Any] = {
        "to": JPN,
        "via": None,
        "originators": (),
        "kinds": (),
        "characters": (),
        "fields": (),
        "levels": ("KOR-2",),
        "until": UNTIL,
    }
    return warn.Scope(**(facts | other))


def authorise(world: World, *, authority: str = "kor-mnd", **other: Any) -> HexDigest:
    node = world[KOR]
    digest = warn.authorise(
        node.desk, node.actor("releaser"), instrument=KR_JP, authority=authority, scope=scope(**other)
    )
    world.settle()
    return digest


def warned_world() -> World:
    world = world_in_force()
    arrange(world)
    authorise(world)
    return world
