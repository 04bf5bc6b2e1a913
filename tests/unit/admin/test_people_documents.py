"""What the commands about people, places and requests print, and which words they take."""

from dataclasses import dataclass
from typing import Any, cast

import pytest

from gsomia.admin import COMMANDS, Bench, Call, run_command
from gsomia.flows.desk import Desk
from gsomia.parties import PersonSigner
from simulation.world import JPN, KOR, KR_JP, PURPOSE, START, TOPIC, SimNode, World, hand, world_in_force

LATER = "2030-01-01"


@dataclass
class Table:
    """A bench at which everybody's passphrase is right."""

    node: SimNode

    @property
    def desk(self) -> Desk:
        return self.node.desk

    def unlock_person(self, person: str, _passphrase: bytes) -> PersonSigner:
        signer = hand(self.node.party, person, self.node.actor(person).hand.office).signer
        assert isinstance(signer, PersonSigner)
        return signer


@pytest.fixture
def world() -> World:
    world = world_in_force()
    world[JPN].bring_reader()
    return world


def run(node: SimNode, name: str, by: str = "security", **args: Any) -> tuple[int, Any]:
    bench = cast("Bench", Table(node))
    outcome = run_command(COMMANDS[name], Call(bench=bench, args=args, person=by, person_passphrase=b"right"))
    return outcome.exit, outcome.document


def person(node: SimNode, name: str = "analyst") -> Any:
    return next(one for one in run(node, "person list")[1]["people"] if one["person"] == name)


def registry(node: SimNode) -> Any:
    return run(node, "facility list")[1]["facilities"][0]


@pytest.mark.source("G2-6", "G7-4", "G7-6")
def test_the_list_of_people_shows_how_everybody_stands_today(world: World) -> None:
    node = world[JPN]
    assert (person(node)["standing"], person(node, "registrar")["standing"]) == ("valid", "none")
    for command, expected in (("suspend", "suspended"), ("restore", "valid"), ("withdraw", "withdrawn")):
        code, told = run(node, f"person {command}", person="analyst", basis="PSC-77")
        assert (code, told["clearance"]["standing"], person(node)["standing"]) == (0, expected, expected)
    again = {"person": "analyst", "level": "JPN-3", "basis": "PSC-78", "until": LATER, "review": "2027-01-01"}
    assert run(node, "person clear", **again, authority="Public Security Board")[0] == 0
    assert person(node)["clearance"]["authority"] == "Public Security Board"
    world.wait(60 * 86_400)
    assert person(node)["standing"] == "review-due"
    world.wait(4 * 366 * 86_400)
    assert person(node)["standing"] == "expired"
    assert run(node, "person leave", person="analyst")[0] == 0
    assert person(node)["standing"] == "left"


@pytest.mark.source("F-06", "G6-6")
def test_a_facilitys_registry_of_persons_shows_clearance_and_end(world: World) -> None:
    node = world[JPN]
    line = registry(node)["roster"][0]
    assert (line["person"], line["instrument"], line["level"]) == ("analyst", KR_JP, "JPN-2-TOKUTEI")
    assert (line["holds"], line["by"], line["clearance"]["standing"]) == (True, "security", "valid")
    words = {"person": "analyst", "facility": "registry", "instrument": KR_JP}
    code, told = run(node, "person roster", **words, end=True)
    assert (code, told["ended"]) == (0, True)
    line = registry(node)["roster"][0]
    assert (line["holds"], line["valid"]["until"]) == (False, str(START))
    assert run(node, "person roster", **words)[1]["error"]["code"] == "admin/no-level"
    assert run(node, "person roster", **words, level="JPN-3", **{"from": "2026-12-01"})[0] == 0
    assert [one["holds"] for one in registry(node)["roster"]] == [False, False]


@pytest.mark.source("G10-1", "G10-2")
def test_a_facility_is_shown_with_officers_deputies_and_accreditation_as_they_stand(world: World) -> None:
    node = world[JPN]
    shown = registry(node)
    assert (shown["control_officers"], shown["accreditation"]["standing"]) == (["registrar"], "valid")
    renew = {"where": "registry", "number": "F-2", "level": "JPN-2-TOKUTEI"}
    assert run(node, "facility accredit", **renew)[1]["error"]["code"] == "admin/no-review"
    code, told = run(node, "facility accredit", **renew, review="2026-12-01")
    assert (code, told["facility"], told["level"]) == (0, "registry", "JPN-2-TOKUTEI")
    world.wait(30 * 86_400)
    assert registry(node)["accreditation"]["standing"] == "review-due"
    assert run(node, "facility appoint", facility="registry", person="registrar", end=True)[0] == 0
    shown = registry(node)
    assert (shown["control_officers"], shown["appointments"][0]["holds"]) == ([], False)
    code, told = run(node, "facility appoint", facility="registry", person="registrar", deputy=True)
    assert (code, told["deputy"], registry(node)["control_officers"]) == (0, True, [])


@pytest.mark.source("G12-11", "G10-1")
def test_a_channel_is_accredited_by_the_partners_code(world: World) -> None:
    code, told = run(world[JPN], "facility accredit", where="KOR", number="A-9", level="JPN-3", until=LATER)
    assert (code, told) == (0, {"channel": "KOR", "number": "A-9", "level": "JPN-3"})
    code, told = run(world[JPN], "facility accredit", where="Registry", number="A-9", level="JPN-3")
    assert (code, told["error"]["code"]) == (2, "admin/not-a-word")


@pytest.mark.source("G7-2")
def test_a_duty_ends_by_the_same_words_that_granted_it(world: World) -> None:
    node = world[JPN]
    assert person(node)["duties"][0]["holds"]
    assert run(node, "person duty", person="analyst", purpose=PURPOSE, end=True)[0] == 0
    assert not person(node)["duties"][0]["holds"]
    code, told = run(node, "person duty", person="analyst", purpose=PURPOSE, end=True)
    assert (code, told["error"]["code"]) == (2, "flows/nothing-to-end")


@pytest.mark.source("A-09")
def test_what_an_originator_agreed_to_is_shown_with_the_number_of_its_document(world: World) -> None:
    words = {"person": "analyst", "originator": "KOR", "document": "KR-MND-77", "purpose": PURPOSE}
    assert run(world[JPN], "person agree", **words)[0] == 0
    assert [one["number"] for one in person(world[JPN])["employer"]["agreed_to"]] == ["KR-MND-77"]


@pytest.mark.source("G1-3")
def test_a_request_is_shown_on_both_sides_and_by_no_age(world: World) -> None:
    words = {"to": "KOR", "instrument": KR_JP, "topic": TOPIC, "purpose": PURPOSE, "needed_by": LATER}
    code, made = run(world[JPN], "request make", "liaison", **words)
    world.settle()
    assert (code, made["subject"]) == (0, TOPIC)
    told = run(world[KOR], "request decline", "releaser", request_id=made["request"])[1]
    assert told == {"request": made["request"], "state": "declined"}
    world.settle()
    lists = [run(world[party], "request list")[1]["requests"] for party in (JPN, KOR)]
    assert lists[0] == lists[1]
    assert set(lists[0][0]) == {
        "request", "from", "to", "instrument", "subject", "purpose", "needed_by",
        "state", "delivery", "item", "refused",
    }  # fmt: skip
    code, told = run(world[JPN], "request make", "liaison", **{**words, "topic": "a sentence"})
    assert (code, told["error"]["code"]) == (2, "admin/not-a-word")


@pytest.mark.source("G1-3")
def test_an_answer_shows_the_item_once_it_has_arrived(world: World) -> None:
    words = {"to": "KOR", "instrument": KR_JP, "topic": TOPIC, "purpose": PURPOSE}
    request = run(world[JPN], "request make", "liaison", **words)[1]["request"]
    world.settle()
    released = world[KOR].release(world[KOR].register(b"image").id, JPN)
    code, told = run(
        world[KOR], "request answer", "releaser", request_id=request, delivery=released.delivery.consignment
    )
    assert (code, told["state"]) == (0, "answered")
    world.settle()
    line = run(world[JPN], "request list")[1]["requests"][0]
    assert (line["state"], line["item"]) == ("answered", released.item)
    second = run(world[JPN], "request make", "liaison", **words)[1]["request"]
    assert run(world[JPN], "request withdraw", "liaison", request_id=second)[1]["state"] == "withdrawn"
