"""Japan's people visit Korea's registry: the form, and what each side does about it."""

from typing import Any

from gsomia.exchange import (
    VisitKind,
    Visitor,
    VisitRequest,
    VisitState,
)
from gsomia.flows import visit_days, visits
from gsomia.ids import ConsignmentId, ItemId, PartyCode, VisitId
from gsomia.instants import Instant, Validity
from gsomia.registry import Shown, VisitDisclosure
from simulation.sim_node import AUTHORITY
from simulation.world import JPN, KOR, KR_JP, PURPOSE, REGISTRY, SECRET, START, TOPIC, World

DAY = 86_400
FIRST = START.plus(days=40)
LAST = FIRST.plus(days=2)


def visitor(number: int, *, level: str = SECRET[JPN], **changes: Any) -> Visitor:
    facts: dict[str, Any] = {
        "name": f"Visitor {number}",
        "born": "1980-01-01",
        "birthplace": "Tokyo",
        "level": level,
        "document": f"ID-{number}",
        "nationality": JPN,
        "position": "analyst",
        **changes,
    }
    return Visitor(**facts)


def form(**changes: Any) -> dict[str, Any]:
    """A complete form for two days at Korea's registry."""
    return {
        "number": "JP-RFV-1",
        "instrument": KR_JP,
        "authority": AUTHORITY[JPN],
        "facilities": (REGISTRY,),
        "valid": Validity(start=FIRST, until=LAST),
        "kind": VisitKind.ONE_TIME,
        "subject": TOPIC,
        "purpose": PURPOSE,
        "justification": "the analysis is compared on the spot",
        "level": SECRET[JPN],
        "programme": "TRILATERAL-1",
        "visitors": (visitor(1), visitor(2)),
        "security_officer": "security officer of the ministry",
        "certified": True,
        "approval": "JP-CA-77",
        **changes,
    }


def ask(world: World, *, by: PartyCode = JPN, to: PartyCode = KOR, **changes: Any) -> VisitRequest:
    node = world[by]
    return visits.request_visit(node.desk, node.actor("security"), to=to, form=form(**changes))


def ask_and_settle(world: World, **changes: Any) -> VisitId:
    asked = ask(world, **changes).id
    world.settle()
    return asked


def approve(
    world: World,
    visit: VisitId,
    *,
    by: PartyCode = KOR,
    ceiling: str | None = None,
    declined: tuple[int, ...] = (),
    waived: bool = False,
) -> None:
    node = world[by]
    visits.approve_visit(
        node.desk,
        node.actor("security"),
        visit,
        authority=AUTHORITY[by],
        ceiling=ceiling or SECRET[by],
        declined=declined,
        waived=waived,
    )


def decline(world: World, visit: VisitId, *, by: PartyCode = KOR) -> None:
    node = world[by]
    visits.decline_visit(node.desk, node.actor("security"), visit, authority=AUTHORITY[by])


def notify(world: World, visit: VisitId, *, visitor: int | None = None, by: PartyCode = JPN) -> None:
    node = world[by]
    visits.notify_visit(node.desk, node.actor("security"), visit, visitor=visitor)


def advise(world: World, visit: VisitId) -> None:
    node = world[KOR]
    visit_days.advise_facility(
        node.desk,
        node.actor("security"),
        visit,
        facility=REGISTRY,
        scope="the analysis, nothing else",
        contact=node.actor("registrar").person,
    )


def acknowledge(world: World, visit: VisitId, *, by: str = "registrar") -> None:
    node = world[KOR]
    visit_days.acknowledge_advice(node.desk, node.actor(by), visit, facility=REGISTRY)


def receive(world: World, visit: VisitId) -> None:
    node = world[KOR]
    visit_days.open_visit(node.desk, node.actor("registrar"), visit, facility=REGISTRY)


def leave(world: World, visit: VisitId) -> None:
    node = world[KOR]
    visit_days.close_visit(node.desk, node.actor("registrar"), visit, facility=REGISTRY)


def show(
    world: World,
    visit: VisitId,
    item: ItemId,
    *visitors: int,
    by: str = "releaser",
    record: ConsignmentId | None = None,
) -> VisitDisclosure:
    node = world[KOR]
    return visit_days.disclose(
        node.desk,
        node.actor(by),
        visit,
        facility=REGISTRY,
        item=item,
        visitors=visitors,
        how=Shown.VISUAL,
        notes=False,
        record=record,
    )


def move_to(world: World, day: Instant) -> None:
    """The day comes, everywhere."""
    for node in world.nodes.values():
        node.clock.now = day


def bring_visit(world: World, *, ceiling: str | None = None, **changes: Any) -> VisitId:
    """A visit that is open on its first day."""
    visit = ask_and_settle(world, **changes)
    approve(world, visit, ceiling=ceiling)
    world.settle()
    advise(world, visit)
    acknowledge(world, visit)
    move_to(world, FIRST)
    receive(world, visit)
    return visit


def states(world: World) -> list[tuple[PartyCode, VisitState]]:
    return [(party, one.state) for party in (JPN, KOR) for one in world[party].memory.run(visits.list_visits)]


def both(*states: VisitState) -> list[tuple[PartyCode, VisitState]]:
    return [(party, state) for party in (JPN, KOR) for state in states]
