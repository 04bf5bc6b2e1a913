"""Tell the story, step by step, and say whether every check held."""

import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from gsomia.demo import (
    assurance,
    courier,
    custody,
    day_zero,
    derived,
    endings,
    endurance,
    exchange,
    hotline,
    incidents,
    inventory,
    keys,
    killing,
    knowledge,
    law,
    lifecycle,
    people,
    record,
    refusals,
    relay,
    tampering,
    visits,
    warning_desks,
    warning_lanes,
    worklist,
)
from gsomia.demo.stage import Stage
from gsomia.demo.steps import Step, Story, play
from gsomia.errors import LocalError
from gsomia.instants import SEOUL_AND_TOKYO

STEPS: tuple[Step, ...] = (
    *exchange.STEPS,
    *refusals.STEPS,
    *custody.STEPS,
    *derived.STEPS,
    *warning_lanes.STEPS,
    *warning_desks.STEPS,
    endings.TWO_PERSONS,
    *hotline.STEPS,
    *lifecycle.STEPS,
    *day_zero.STEPS,
    *law.STEPS,
    *knowledge.STEPS,
    *relay.STEPS,
    *tampering.STEPS,
    *killing.STEPS,
    *people.STEPS,
    *visits.STEPS,
    *assurance.STEPS,
    *incidents.STEPS,
    *inventory.STEPS,
    *worklist.STEPS,
    *keys.STEPS,
    *courier.STEPS,
    *endurance.STEPS,
    *warning_lanes.BY_HUB,
    *record.STEPS,
)
FAILED = 1


def run_demo(*, directory: Path | None, challenge: str | None, keep_serving: bool, as_json: bool) -> int:
    """Play every step; exit code 0 only if every check held.

    Raises:
        LocalError: the directory is not empty, or the challenge is no hex.
    """
    seed = _challenge(challenge)
    where = _directory(directory)
    told = (
        Console(stderr=True, highlight=False, soft_wrap=True) if as_json else Console(highlight=False, soft_wrap=True)
    )
    told.print(f"gsomia demo, challenge {seed.hex()}, in {where}", markup=False)
    stage = Stage(where, challenge=seed)
    story = Story(stage=stage, purpose=f"DPRK-MISSILE-{seed.hex()[:6].upper()}")
    started = time.monotonic()
    documents: list[dict[str, Any]] = []
    try:
        for step in STEPS:
            documents.append(play(step, story))
            _tell(told, documents[-1])
            if not documents[-1]["ok"]:
                break
        stage.write_passphrases()
        ok = len(documents) == len(STEPS) and all(document["ok"] for document in documents)
        if ok and keep_serving:
            for party in exchange.PARTIES:
                stage.serve(party)
    finally:
        if not keep_serving:
            stage.stop_all()
    seconds = round(time.monotonic() - started, 1)
    document = {
        "ok": ok,
        "challenge": seed.hex(),
        "nodes": {party: str(stage.nodes[party].directory) for party in exchange.PARTIES if party in stage.nodes},
        "steps": documents,
        "figures": {"seconds": seconds, **_figures(documents)},
    }
    told.print(f"{'every check held' if ok else 'A CHECK DID NOT HOLD'} in {seconds} s", markup=False)
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
    if ok and keep_serving:
        for party in exchange.PARTIES:
            told.print(f"{party} serves at {stage.nodes[party].address}, admin: --node {stage.nodes[party].directory}")
    return 0 if ok else FAILED


def _challenge(text: str | None) -> bytes:
    try:
        return bytes.fromhex(text) if text else os.urandom(8)  # noqa: TID251  a demo draws its own challenge
    except ValueError as cause:
        raise LocalError("demo/challenge-not-hex", "the challenge is no hex", remedy="for example c0ffee42") from cause


def _directory(given: Path | None) -> Path:
    if given is None:
        stamp = datetime.now(SEOUL_AND_TOKYO).strftime("%Y%m%d-%H%M%S")  # noqa: TID251  a folder's name
        given = Path(".demo") / stamp
    where = given.absolute()
    try:
        where.mkdir(parents=True, mode=0o700, exist_ok=True)
        occupied = any(where.iterdir())
    except OSError as cause:
        raise LocalError("demo/not-writable", f"`{where}` cannot be made: {cause.strerror}", remedy="") from cause
    if occupied:
        raise LocalError("demo/not-empty", f"`{where}` is not empty", remedy="name a new directory")
    return where


def _figures(documents: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        f"{document['id']}.{name}": value
        for document in documents
        for name, value in document["evidence"].get("figures", {}).items()
    }


def _tell(told: Console, document: dict[str, Any]) -> None:
    sign = "ok  " if document["ok"] else "FAIL"
    clauses = ", ".join(document["clauses"])
    told.print(
        f"{sign} {document['id']:<24} {document['title']}  [{clauses}]  {document['seconds']:.1f} s", markup=False
    )
    refusal = document["evidence"].get("refusal")
    if refusal:
        told.print(f"       refused: {refusal['code']} ({refusal['clause']}); exit {refusal['exit']}", markup=False)
        told.print(f"       control: permitted once {document['evidence']['control']['changed']}", markup=False)
    for entry in document["evidence"].get("log", [])[-1:]:
        told.print(f"       on record: {entry['origin']} index {entry['index']}", markup=False)
    if not document["ok"]:
        told.print(f"       {document['problem']}", markup=False)
