"""Brings a database to the schema this program knows: numbered scripts, each in one transaction, each with its digest.

A script that has run is never changed: its SHA-256 stands in the table `migration`. A database that is newer than the
program, or whose scripts were others, is refused before anything is read from it.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import apsw

from gsomia.errors import IntegrityError, LocalError
from gsomia.ids import HexDigest, sha256_hex

_SCRIPT = re.compile(r"([0-9]{4})_([a-z0-9_]+)\.up\.sql")
_LEDGER = """
    CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL) STRICT
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One step of the schema, and the way back."""

    number: int
    name: str
    up: str
    down: str

    @property
    def digest(self) -> HexDigest:
        """SHA-256 over the script that makes."""
        return sha256_hex(self.up.encode())


@cache
def known_migrations() -> tuple[Migration, ...]:
    """Every migration of this program, oldest first; numbers run from 1 without gaps."""
    folder = resources.files("gsomia.storage") / "migrations"
    names = sorted(entry.name for entry in folder.iterdir())
    found = [match for match in map(_SCRIPT.fullmatch, names) if match]
    return tuple(
        Migration(
            number=int(match[1]),
            name=match[2],
            up=(folder / match[0]).read_text(encoding="utf-8"),
            down=(folder / match[0].replace(".up.", ".down.")).read_text(encoding="utf-8"),
        )
        for match in found
    )


def migrate_up(database: apsw.Connection, *, known: tuple[Migration, ...]) -> None:
    """Run what has not run yet.

    1. Nothing ran that this program does not know.
    2. What ran is what this program knows.
    3. The rest runs, each script in one transaction with its line in the ledger.

    Raises:
        LocalError: the database is newer than this program.
        IntegrityError: a script that ran was another one.
    """
    _run(database, _LEDGER)
    ran: list[Any] = database.execute("SELECT number, digest FROM migration").fetchall()
    applied: dict[int, str] = dict(ran)
    # (1) nothing unknown
    if applied and max(applied) > len(known):
        raise LocalError(
            "storage/newer-database",
            f"the database has migration `{max(applied)}`, this program knows `{len(known)}`",
            remedy="use the release that wrote it, or a later one",
        )
    for migration in known:
        # (2) nothing changed
        if migration.number in applied:
            if applied[migration.number] != migration.digest:
                raise IntegrityError(
                    "storage/migration-changed",
                    f"migration `{migration.number}` ran with another script than this program has",
                    remedy="use the release that wrote the database; report the difference",
                )
            continue
        # (3) one transaction: script and ledger line
        _in_one(
            database,
            migration.up,
            "INSERT INTO migration (number, name, digest) VALUES (?, ?, ?)",
            (migration.number, migration.name, migration.digest),
        )


def migrate_down(database: apsw.Connection, *, known: tuple[Migration, ...], to: int) -> None:
    """Take away every migration above `to`, newest first, with all that stands in its tables."""
    applied = {number for (number,) in database.execute("SELECT number FROM migration").fetchall()}
    for migration in reversed(known):
        if migration.number > to and migration.number in applied:
            _in_one(database, migration.down, "DELETE FROM migration WHERE number = ?", (migration.number,))


def read_schema(database: apsw.Connection) -> dict[str, str]:
    """Name and text of every table, index and trigger of ours."""
    query = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name"
    return {str(name): str(text) for name, text in database.execute(query)}


def _in_one(database: apsw.Connection, script: str, ledger: str, line: tuple[int | str, ...]) -> None:
    # CRASH: before COMMIT nothing of the script is there; after it, its line is too.
    _run(database, "BEGIN IMMEDIATE")
    try:
        _run(database, script)
        _run(database, ledger, line)
        _run(database, "COMMIT")
    except apsw.Error:
        if database.in_transaction:
            _run(database, "ROLLBACK")
        raise


def _run(database: apsw.Connection, sql: str, line: tuple[int | str, ...] = ()) -> None:
    # Several statements in one call stop at the first row nobody fetches: exhaust the cursor.
    for _ in database.execute(sql, line):
        pass
