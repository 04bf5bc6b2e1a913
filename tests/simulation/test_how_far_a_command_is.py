"""Registering, releasing and reading tell how far they are, segment by segment."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gsomia.admin import COMMANDS, Bench, Call, run_command
from gsomia.envelope import SEGMENT_BYTES
from simulation.world import JPN, KOR, PURPOSE, SECRET, SimNode, world_in_force

SIZE = 3 * SEGMENT_BYTES + 7
FAR = [(SEGMENT_BYTES, SIZE), (2 * SEGMENT_BYTES, SIZE), (3 * SEGMENT_BYTES, SIZE), (SIZE, SIZE)]


def run(node: SimNode, name: str, args: dict[str, Any], *, person: str) -> tuple[dict[str, Any], list[tuple[int, int]]]:
    """Run a command of the table at a simulated node; its document, and what it told."""
    told: list[tuple[int, int]] = []
    bench = SimpleNamespace(
        desk=node.desk,
        unlock_person=lambda known, _passphrase: node.actor(known).hand.signer,
    )
    call = Call(
        bench=cast("Bench", bench),
        args=args,
        person=person,
        person_passphrase=b"",
        progress=lambda done, total: told.append((done, total)),
    )
    outcome = run_command(COMMANDS[name], call)
    assert outcome.exit == 0, outcome.document
    return outcome.document, told


@pytest.mark.source("DESIGN-10")
def test_registering_releasing_and_reading_tell_every_segment(tmp_path: Path) -> None:
    world = world_in_force()
    world[JPN].bring_reader()
    file = tmp_path / "image"
    file.write_bytes(bytes(SIZE))
    words = {"file": str(file), "level": SECRET[KOR], "purpose": PURPOSE}
    registered, told = run(world[KOR], "item register", words, person="registrar")
    assert told == FAR
    item = registered["item"]
    _, told = run(world[KOR], "item release", {"item": item, "to": JPN}, person="releaser")
    assert told == FAR
    world.settle()
    world[JPN].book(item)
    out = {"item": item, "out": str(tmp_path / "read"), "purpose": PURPOSE}
    _, told = run(world[JPN], "item read", out, person="analyst")
    assert told == FAR
