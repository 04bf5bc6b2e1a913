"""Notes and deeds between the nodes of a world, and where they say the agreement stands."""

from typing import Any

from gsomia.agreements import (
    Body,
    DeedKind,
    NoteSubject,
)
from gsomia.flows.deeds import DeedText, do_deed
from gsomia.flows.notes import NoteText, give_note
from gsomia.flows.standing import current_agreement, standing
from gsomia.ids import PartyCode
from gsomia.instants import Instant, read_instant
from simulation.world import JPN, KOR, KR_JP, SimNode, World

ENDS = read_instant("2027-11-23")
"""The world's agreement enters into force on 2026-11-23, local time."""


def note(world: World, by: PartyCode, subject: NoteSubject, number: str, **says: Any) -> None:
    node = world[by]
    give_note(node.desk, node.actor("liaison"), instrument=KR_JP, number=number, subject=subject, says=NoteText(**says))
    world.settle()


def deed(world: World, by: PartyCode, kind: DeedKind, body: Body, **says: Any) -> None:
    node = world[by]
    do_deed(
        node.desk,
        node.actor("liaison"),
        instrument=KR_JP,
        kind=kind,
        body=body,
        says=DeedText(**says),
        our_fingerprint=node.identity.record.fingerprint,
    )
    world.settle()


def both(world: World, kind: DeedKind, body: Body, **says: Any) -> None:
    for party in (KOR, JPN):
        deed(world, party, kind, body, **says)


def stands(node: SimNode, at: Instant | None = None) -> Any:
    when = at or node.clock()
    return node.memory.run(lambda tx: standing(tx, current_agreement(tx, KR_JP, at=when), at=when))


def states(world: World, at: Instant | None = None) -> tuple[str, str]:
    return stands(world[KOR], at).state, stands(world[JPN], at).state
