"""Texts kept, levels confirmed, supplies asked for: on record, signed where it counts, and no state moves."""

from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files

import pytest

from gsomia.agreements import (
    CONFIRMATION,
    ActRecord,
    ClaimError,
    ConfirmationAct,
    ConfirmationRecord,
    FamilyDecision,
    FamilyError,
    SourceText,
    parse_claims,
    parse_facts,
)
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError, UnavailableError
from gsomia.flows.desk import private_log
from gsomia.flows.family import confirm_levels, confirmed_rows, order_supplies, read_mark
from gsomia.flows.records import StatementRecord
from gsomia.flows.sources import add_source, sources_held
from gsomia.ids import sha256_hex
from gsomia.parties import verify_act, verify_statement
from simulation.sim_node import SimNode
from simulation.world import JPN, KOR, PowerCut, World, world_in_force
from strategies.knowledge import FAMILY, ROWS

DATA = files("gsomia.demo").joinpath("data")
TEXT = DATA.joinpath("texts", "feed-2023.txt").read_bytes()
CLAIMS = parse_claims(DATA.joinpath("claims-demo.jsonl").read_bytes())
ACSA = parse_facts(files("gsomia.agreements").joinpath("acsa.jsonl").read_bytes())


@pytest.fixture
def world() -> World:
    return world_in_force()


def events(node: SimNode) -> list[Event]:
    return [leaf.event for leaf in node.leaves(private_log(node.party))]


def add(node: SimNode, text: bytes = TEXT) -> SourceText:
    return add_source(node.desk, node.actor("registrar"), text, name="feed.txt", claims=CLAIMS)


def confirm(
    node: SimNode, country: str = "ROU", *, by: str = "security", source: str = "law 182"
) -> ConfirmationRecord:
    return confirm_levels(node.desk, node.actor(by), ROWS, country=country, source=source)


def refused_map(node: SimNode, mark: str, country: str | None) -> FamilyError:
    with pytest.raises(FamilyError) as caught:
        read_mark(node.desk, FAMILY, ROWS, mark=mark, country=country, by="operator")
    return caught.value


@pytest.mark.source("SYSTEM-1.6", "A-28")
def test_a_text_is_kept_by_its_digest_once_and_moves_no_state(world: World) -> None:
    node = world[KOR]
    before = (node.state(), node.in_force_from(), node.every(ActRecord), node.queued(JPN))
    first, again = add(node), add(node)
    assert first == again == sources_held(node.desk)[0]
    assert (first.digest, first.claims, first.text) == (sha256_hex(TEXT), 2, TEXT)
    assert events(node).count(Event.SOURCE_ADDED) == 1
    assert (node.state(), node.in_force_from(), node.every(ActRecord), node.queued(JPN)) == before
    assert node.problems() == []


@pytest.mark.source("SYSTEM-1.6")
def test_a_text_whose_claims_do_not_fit_is_not_kept(world: World) -> None:
    node = world[KOR]
    shifted = tuple(replace(claim, end=claim.end + 10_000) for claim in CLAIMS)
    with pytest.raises(ClaimError):
        add_source(node.desk, node.actor("registrar"), TEXT, name="feed.txt", claims=shifted)
    assert sources_held(node.desk) == []
    assert add(node, TEXT + b"\n").claims == 0


@pytest.mark.source("EQ-6")
def test_a_named_official_unlocks_a_country_by_a_signed_act(world: World) -> None:
    node = world[KOR]
    locked = refused_map(node, "Secret", "ROU")
    record = confirm(node)
    found, decision = read_mark(node.desk, FAMILY, ROWS, mark="Secret", country="ROU", by="operator")
    assert (locked.clauses, found.own, decision.permitted) == (("EQ-6",), ("KOR-3",), True)
    kept = node.every(StatementRecord, digest=record.statement)[0]
    statement = verify_statement(
        kept.envelope, accepts={CONFIRMATION: ConfirmationAct}, key=node.desk.unlocked.keys.statement.public
    )
    assert verify_act(statement.value, kind=CONFIRMATION) == record.confirmation
    assert record.confirmation.source == "law 182"
    assert {Event.LEVELS_CONFIRMED, Event.STATEMENT_ISSUED} <= set(events(node))
    assert node.problems() == []


@pytest.mark.source("EQ-6")
def test_what_one_government_confirmed_stays_locked_at_the_other(world: World) -> None:
    confirm(world[KOR], "AUS")
    assert refused_map(world[JPN], "SECRET", "AUS").clauses == ("EQ-6",)


@pytest.mark.source("EQ-6")
@pytest.mark.parametrize(
    ("country", "by", "source", "code"),
    [
        ("ROU", "registrar", "law 182", "flows/office-required"),
        ("ROU", "security", " ", "flows/no-source"),
        ("UZB", "security", "a letter", "flows/no-levels"),
        ("XXX", "security", "a letter", "flows/no-levels"),
        ("POL", "security", "a letter", "flows/levels-usable"),
    ],
)
def test_a_confirmation_that_confirms_nothing_is_refused_and_leaves_no_trace(
    world: World, country: str, by: str, source: str, code: str
) -> None:
    node = world[KOR]
    before = events(node)
    with pytest.raises((LocalError, RefusedError)) as caught:
        confirm(node, country, by=by, source=source)
    assert (caught.value.code, events(node)) == (code, before)
    assert confirmed_rows(node.desk, ROWS) == ROWS


@pytest.mark.source("EQ-5")
def test_a_mark_without_its_country_is_refused_and_the_question_is_on_record(world: World) -> None:
    node = world[KOR]
    error = refused_map(node, "Secret", None)
    decision = node.every(FamilyDecision)[-1]
    assert (error.clauses, error.evidence["correlation_id"]) == (("EQ-5",), decision.id)
    assert (decision.permitted, decision.clause, decision.question) == (False, "EQ-5", "map")
    assert "ROU" in error.message
    assert "USA" in error.message


@pytest.mark.source("T14", "G21-1")
def test_an_order_is_refused_because_nothing_is_in_force(world: World) -> None:
    node = world[KOR]
    with pytest.raises(FamilyError) as caught:
        order_supplies(node.desk, node.actor("liaison"), FAMILY, ACSA, instrument="ACSA-KR-JP", goods="FUEL")
    decision = node.every(FamilyDecision)[-1]
    assert (caught.value.code, caught.value.clauses) == ("agreements/nothing-in-force", ("T14",))
    assert (decision.question, decision.subject, decision.permitted) == ("order", "ACSA-KR-JP FUEL", False)


@pytest.mark.source("T14")
@pytest.mark.parametrize("instrument", ["GSOMIA-KR-JP", "GSOMIA-KR-US", "NOTHING"])
def test_a_pact_on_information_is_no_pact_on_supplies(world: World, instrument: str) -> None:
    node = world[KOR]
    with pytest.raises(LocalError, match="no cross-servicing agreement"):
        order_supplies(node.desk, node.actor("liaison"), FAMILY, ACSA, instrument=instrument, goods="FUEL")
    assert node.every(FamilyDecision) == []


def _source(node: SimNode) -> object:
    return add(node)


def _confirmation(node: SimNode) -> object:
    return confirm(node)


def _question(node: SimNode) -> object:
    return read_mark(node.desk, FAMILY, ROWS, mark="TAJNE", country="POL", by="operator")


@pytest.mark.source("DESIGN-2")
@pytest.mark.parametrize("power", [False, True], ids=["disk-full", "power-cut"])
@pytest.mark.parametrize(
    ("act", "kind"),
    [(_source, SourceText), (_confirmation, ConfirmationRecord), (_question, FamilyDecision)],
    ids=["source", "confirmation", "question"],
)
def test_each_act_is_on_record_whole_or_not_at_all(act: Callable[[SimNode], object], kind: type, power: bool) -> None:  # noqa: FBT001  a case of the table
    world = world_in_force()
    node = world[KOR]
    for at in range(1, 12):
        log = {Event.SOURCE_ADDED, Event.LEVELS_CONFIRMED, Event.FAMILY_ASKED}
        before = node.count(kind)
        node.fragile.fail(at, cut_after=power)
        try:
            act(node)
        except (UnavailableError, PowerCut):
            node.restart()
            entries = sum(event in log for event in events(node))
            assert node.count(kind) == entries
            assert node.problems() == []
            if node.count(kind) > before:
                return
        else:
            assert node.count(kind) == before + 1
            return
    raise AssertionError("the act never came through")
