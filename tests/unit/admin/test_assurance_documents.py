"""What the commands about assurances print: how each stands, what to do about it, and a name only where one crossed."""

from typing import Any

import pytest

from gsomia.exchange import RETENTION_DAYS
from simulation.sim_node import AUTHORITY
from simulation.world import JPN, KOR, KR_JP, SECRET, SimNode, World, world_in_force
from unit.admin.test_people_documents import run

DAY_S = 86400


@pytest.fixture
def world() -> World:
    return world_in_force()


def done(node: SimNode, name: str, by: str = "security", **args: Any) -> Any:
    code, told = run(node, name, by, **args)
    assert code == 0, told
    return told


def give(world: World, **words: Any) -> str:
    args: dict[str, Any] = {
        "to": KOR,
        "instrument": KR_JP,
        "authority": AUTHORITY[JPN],
        "level": SECRET[JPN],
        "purpose": "DPRK-SATELLITE",
        "persons": 2,
        "until": str(world[JPN].clock().plus(days=30)),
        **words,
    }
    digest = str(done(world[JPN], "assurance give", **args)["assurance"])
    world.settle()
    return digest


def lines(world: World, digest: str) -> Any:
    """Its line in the list, which both sides print alike."""
    told = [
        next(one for one in done(node, "assurance list")["assurances"] if one["assurance"] == digest)
        for node in (world[KOR], world[JPN])
    ]
    assert told[0] == told[1]
    return told[0]


@pytest.mark.source("G7-5", "F-24", "A-22", "A-35")
def test_an_assurance_lives_and_ends_by_commands_and_each_line_says_what_to_do(world: World) -> None:
    korea, japan = world[KOR], world[JPN]
    first = give(world)
    assert lines(world, first)["state"] == "given"
    assert f"assurance acknowledge {first}" in lines(world, first)["remedy"]
    done(korea, "assurance acknowledge", by="releaser", assurance=first)
    world.settle()
    assert (lines(world, first)["state"], lines(world, first)["remedy"]) == ("acknowledged", None)
    japan.bring_reader()
    named = done(japan, "assurance name", assurance=first, person="analyst")
    world.settle()
    number = {"assurance": first, "person_number": named["person_number"]}
    assert run(japan, "assurance decline", "releaser", **number)[0] == 2
    done(korea, "assurance decline", by="releaser", **number)
    world.settle()
    assert lines(world, first)["declined"] == [1]
    assert "name" not in lines(world, first)
    shown = done(korea, "assurance show", assurance=first)["named"]
    assert shown == [{"person_number": 1, "name": "analyst of JPN", "declined": True}]
    done(korea, "assurance accept", by="releaser", **number)
    world.settle()
    assert lines(world, first)["declined"] == []
    second = give(world, renews=first)
    done(korea, "assurance acknowledge", by="releaser", assurance=second)
    world.settle()
    assert (lines(world, first)["state"], lines(world, second)["renews"]) == ("superseded", first)
    third = give(world, purpose="DPRK-CYBER")
    done(japan, "assurance withdraw", assurance=third)
    world.settle()
    assert lines(world, third)["state"] == "withdrawn"
    world.wait(31 * DAY_S)
    assert lines(world, second)["state"] == "expired"
    assert lines(world, second)["remedy"].startswith("KOR asks JPN for a new one")
    world.wait(RETENTION_DAYS * DAY_S)
    assert done(korea, "assurance show", assurance=first)["named"][0]["name"] is None
