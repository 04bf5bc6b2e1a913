"""Each contract of `[tool.importlinter]` holds, and breaks when it is violated on purpose."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

BUILDING = "the building: outer rooms import inner rooms, never the reverse"
CORE = "the core does no I/O, keeps no clock, draws no randomness, writes no log"
FLOWS = "flows speak through their ports: no drivers, sockets, loops, files or logs"
DATABASES = "only storage speaks to the databases"
HTTP = "only the partner's door and the worker speak HTTP"
DEMO = "the demo acts through the installed program only"
XML = "only warnings are read and written as XML"
CALENDARS = "only the command that exports a note's dates writes calendars"
CLAIMS = "what texts claim never reaches what derives a state"

PLANTS = {
    "a core room reaches outwards": (BUILDING, "labels/planted_up.py", "from gsomia.policy import Decision"),
    "two of the ring know another": (BUILDING, "storage/planted_ring.py", "import gsomia.transport"),
    "a room that was never placed": (BUILDING, "annex/__init__.py", ""),
    "a core room opens a file": (CORE, "audit/planted_os.py", "import os"),
    "a core room reads the clock": (CORE, "agreements/planted_time.py", "from time import monotonic"),
    "a flow opens a socket": (FLOWS, "flows/planted_socket.py", "import socket"),
    "a flow runs a loop": (FLOWS, "flows/planted_loop.py", "import asyncio"),
    "another flow starts a thread": (FLOWS, "flows/planted_thread.py", "import threading"),
    "the worker opens the database": (DATABASES, "transport/planted_apsw.py", "import apsw"),
    "the local door speaks HTTP": (HTTP, "admin/planted_http.py", "from aiohttp import web"),
    "a flow reads XML": (XML, "flows/planted_xml.py", "from lxml import etree"),
    "a core room writes calendars": (CALENDARS, "agreements/planted_calendar.py", "import icalendar"),
    "a derivation takes a claim": (CLAIMS, "agreements/planted_claim.py", "from gsomia.agreements.claims import Claim"),
    "the demo calls a flow": (DEMO, "demo/planted_flow.py", "from gsomia.flows.release import release_item"),
}

BANS = {
    "datetime.datetime.now": "import datetime\ndatetime.datetime.now()\n",
    "datetime.datetime.utcnow": "import datetime\ndatetime.datetime.utcnow()\n",
    "time.time": "import time\ntime.time()\n",
    "os.urandom": "import os\nos.urandom(1)\n",
    "secrets": "import secrets\n",
    "uuid": "import uuid\n",
    "random": "import random\n",
    "pickle": "import pickle\n",
    "json": "import json\n",
    "sqlite3": "import sqlite3\n",
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("contracts")
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


@pytest.fixture
def planted(copy: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    _, place, text = PLANTS[request.param]
    plant = copy / "src" / "gsomia" / place
    new_room = not plant.parent.exists()
    plant.parent.mkdir(exist_ok=True)
    plant.write_text(text + "\n")
    yield copy
    shutil.rmtree(plant.parent) if new_room else plant.unlink()


def broken_contracts(root: Path) -> tuple[int, set[str]]:
    environment = {**os.environ, "PYTHONPATH": str(root / "src"), "COLUMNS": "200"}
    ran = subprocess.run([BIN / "lint-imports"], cwd=root, env=environment, capture_output=True, text=True, check=False)
    return ran.returncode, set(re.findall(r"^(.+) BROKEN(?: \(.*\))?$", ran.stdout, re.MULTILINE))


def test_every_contract_holds(copy: Path) -> None:
    assert broken_contracts(copy) == (0, set())


@pytest.mark.parametrize("planted", list(PLANTS), indirect=True)
def test_a_planted_violation_breaks_its_contract_and_no_other(planted: Path, request: pytest.FixtureRequest) -> None:
    contract = PLANTS[request.node.callspec.params["planted"]][0]
    assert broken_contracts(planted) == (1, {contract})


def test_every_contract_is_seen_to_break() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert {contract["name"] for contract in config["contracts"]} == {contract for contract, _, _ in PLANTS.values()}


def test_every_banned_call_is_seen_to_be_refused() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]
    assert set(BANS) == set(config["lint"]["flake8-tidy-imports"]["banned-api"])
    name = ROOT / "src" / "gsomia" / "labels" / "planted.py"
    ran = subprocess.run(
        [
            BIN / "ruff",
            "check",
            "--no-cache",
            "--select",
            "TID251",
            "--stdin-filename",
            name,
            "--output-format=concise",
            "-",
        ],
        input="\n".join(BANS.values()),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    refused = {ban for ban in BANS if f"`{ban}` is banned" in ran.stdout}
    assert refused == set(BANS)
