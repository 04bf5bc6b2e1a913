"""What the commands about visits and meetings print, and which words they take."""

from typing import Any

import pytest

from gsomia.exchange import (
    RETENTION_DAYS,
)
from simulation.sim_node import AUTHORITY
from simulation.visits import FIRST, move_to
from simulation.world import JPN, KOR, KR_JP, PURPOSE, REGISTRY, SECRET, START, TOPIC, SimNode, World, world_in_force
from unit.admin.test_people_documents import run

VISITOR = "Sato Hanako;1980-01-01;Tokyo;JPN-2-TOKUTEI;ID-1;JPN;analyst"
FORM: dict[str, Any] = {
    "to": KOR,
    "document": "JP-RFV-1",
    "instrument": KR_JP,
    "authority": AUTHORITY[JPN],
    "at": [REGISTRY],
    "from": str(FIRST),
    "until": str(FIRST.plus(days=2)),
    "kind": "one-time",
    "topic": TOPIC,
    "purpose": PURPOSE,
    "justification": "the analysis is compared on the spot",
    "level": SECRET[JPN],
    "programme": "TRILATERAL-1",
    "visitor": [VISITOR],
    "officer": "security officer of the ministry",
    "certified": True,
    "approval": "JP-CA-77",
}


@pytest.fixture
def world() -> World:
    return world_in_force()


def done(node: SimNode, name: str, by: str = "security", **args: Any) -> Any:
    code, told = run(node, name, by, **args)
    assert code == 0, told
    return told


@pytest.mark.source("G8-2", "G8-3", "G8-5", "G8-6", "F-12", "F-13", "A-35")
def test_a_visit_runs_from_request_to_end_by_commands(world: World) -> None:
    host, guest = world[KOR], world[JPN]
    visit = done(guest, "visit request", **FORM)["visit"]
    world.settle()
    assert run(guest, "visit approve", visit=visit, authority=AUTHORITY[JPN], ceiling=SECRET[JPN])[0] == 3
    done(host, "visit approve", visit=visit, authority=AUTHORITY[KOR], ceiling=SECRET[KOR])
    world.settle()
    there = {"visit": visit, "facility": REGISTRY}
    done(host, "visit advise", scope="the analysis", contact="registrar", **there)
    done(host, "visit acknowledge", by="registrar", **there)
    move_to(world, FIRST)
    done(host, "visit open", by="registrar", **there)
    item = host.register(b"image").id
    done(host, "visit disclose", by="releaser", item=item, how="visual", **there)
    done(host, "visit close", by="registrar", **there)
    [line] = done(host, "visit list")["visits"]
    assert (line["state"], [one["stage"] for one in line["steps"]]) == (
        "approved",
        ["acknowledged", "opened", "closed"],
    )
    assert [one["item"] for one in line["disclosed"]] == [item]
    assert line["form"]["visitors"][0]["name"] == "Sato Hanako"
    move_to(world, FIRST.plus(days=2 + RETENTION_DAYS))
    [line] = done(host, "visit list")["visits"]
    assert (line["form"]["visitors"][0]["name"], line["form"]["visitors"][0]["position"]) == (None, "analyst")


@pytest.mark.source("G8-6")
@pytest.mark.parametrize("name", sorted(set(FORM) - {"to"}))
def test_a_form_with_a_missing_element_is_returned(world: World, name: str) -> None:
    code, told = run(world[JPN], "visit request", **{key: value for key, value in FORM.items() if key != name})
    assert (code, told["error"]["code"], told["error"]["clauses"]) == (3, "flows/visit-incomplete", ["G8-6"])


@pytest.mark.source("G8-2", "A-23", "G7-6")
def test_a_refusal_to_host_is_shown_on_both_sides(world: World) -> None:
    visit = done(world[JPN], "visit request", **FORM)["visit"]
    world.settle()
    done(world[KOR], "visit decline", visit=visit, authority=AUTHORITY[KOR])
    world.settle()
    assert [done(world[party], "visit list")["visits"][0]["state"] for party in (KOR, JPN)] == ["declined"] * 2


@pytest.mark.source("G7-6")
def test_a_visitor_or_the_whole_visit_is_taken_back_by_command(world: World) -> None:
    guest = world[JPN]
    visit = done(guest, "visit request", **FORM)["visit"]
    assert run(guest, "visit withdraw", visit=visit)[1]["error"]["code"] == "admin/what-is-withdrawn"
    done(guest, "visit withdraw", visit=visit, visitor_number=["1"])
    done(guest, "visit withdraw", visit=visit, cancel=True)
    world.settle()
    [line] = done(world[KOR], "visit list")["visits"]
    assert (line["state"], line["form"]["visitors"][0]["withdrawn"]) == ("cancelled", True)


@pytest.mark.source("G18-1", "G18-2")
def test_meetings_and_findings_list_who_sees_to_what_by_when(world: World) -> None:
    node = world[KOR]
    words = {"partner": JPN, "agenda": "procedures", "outcome": "agreed", "held": str(START)}
    done(node, "meeting hold", meeting="M-1", commitment=["liaison,2027-01-01,send the form"], **words)
    told = done(node, "meeting list")["meetings"][0]["commitments"]
    assert [(one["owner"], one["state"]) for one in told] == [("liaison", "open")]
    done(node, "meeting done", about="M-1", follow_up="1", document="R-1")
    assert done(node, "meeting list")["meetings"][0]["commitments"][0]["state"] == "done"
    security = {**FORM, "kind": "security", "consultation": "JP-KR-7", "agenda": "storage"}
    visit = done(world[JPN], "visit request", **security)["visit"]
    world.settle()
    done(node, "visit approve", visit=visit, authority=AUTHORITY[KOR], ceiling=SECRET[KOR])
    done(node, "visit finding", visit=visit, finding="registrar,2027-02-01,a gap in a log")
    assert [one["owner"] for one in done(node, "visit list")["visits"][0]["findings"]] == ["registrar"]


@pytest.mark.source("G8-6")
@pytest.mark.parametrize(
    ("name", "args", "code"),
    [
        ("visit request", {**FORM, "visitor": ["Sato Hanako"]}, "admin/not-a-visitor"),
        ("visit approve", {"without": ["one"], "authority": "a", "ceiling": "KOR-2"}, "admin/not-a-visitor-number"),
        ("visit disclose", {"facility": REGISTRY, "item": "itm_" + "a" * 26, "how": "sung"}, "admin/unknown-way"),
        ("visit finding", {"finding": "nobody"}, "admin/not-undertaken"),
        ("meeting done", {"about": "M-1", "follow_up": "one", "document": "R-1"}, "admin/not-a-follow-up"),
    ],
)
def test_half_a_line_is_refused(world: World, name: str, args: dict[str, Any], code: str) -> None:
    visit = {"visit": "vis_" + "a" * 26} if name.startswith("visit") and name != "visit request" else {}
    node = world[JPN] if name == "visit request" else world[KOR]
    assert run(node, name, **visit, **args)[1]["error"]["code"] == code
