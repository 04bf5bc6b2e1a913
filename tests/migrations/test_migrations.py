"""The schema is what the kinds need; scripts run once, forward and back, and are never changed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from contracts.samples import LOG, leaf, stage
from gsomia.errors import IntegrityError, LocalError
from gsomia.storage import KINDS, SqliteStore
from gsomia.storage.lines import LINES, LineTable
from gsomia.storage.migrate import Migration, known_migrations, migrate_down, migrate_up, read_schema

KNOWN = known_migrations()


@pytest.fixture
def database() -> Iterator[apsw.Connection]:
    database = apsw.Connection(":memory:")
    yield database
    database.close()


def test_migrations_are_numbered_from_one_without_gaps_and_each_has_its_way_back() -> None:
    assert [migration.number for migration in KNOWN] == list(range(1, len(KNOWN) + 1))
    assert all(migration.down.strip() for migration in KNOWN)


@pytest.mark.source("DESIGN-7")
def test_up_down_up_gives_the_same_schema(database: apsw.Connection) -> None:
    migrate_up(database, known=KNOWN)
    first = read_schema(database)
    database.execute("INSERT INTO log (origin) VALUES ('gsomia/kor/private')").fetchall()
    database.execute("INSERT INTO statement (doc_digest, doc) VALUES ('', x'')").fetchall()
    migrate_down(database, known=KNOWN, to=0)
    assert read_schema(database).keys() == {"migration"}
    migrate_up(database, known=KNOWN)
    assert read_schema(database) == first


def test_running_up_twice_changes_nothing(database: apsw.Connection) -> None:
    migrate_up(database, known=KNOWN)
    first = read_schema(database)
    migrate_up(database, known=KNOWN)
    assert read_schema(database) == first


@pytest.mark.source("A-18")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_has_its_table_its_indexes_and_its_triggers(database: apsw.Connection, kind: type) -> None:
    migrate_up(database, known=KNOWN)
    table = KINDS[kind].name
    found = [name for (name,) in database.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchall()]
    assert found == ["seq", "doc_digest", "doc", *KINDS[kind].columns]
    schema = read_schema(database)
    indexes = {name for (name,) in database.execute(f"SELECT name FROM pragma_index_list('{table}')").fetchall()}
    assert indexes == {f"{table}_by_{column}" for column in KINDS[kind].searched}
    assert schema.keys() >= {f"{table}_is_not_changed", f"{table}_is_not_deleted"}


def test_there_is_no_table_that_nothing_keeps(database: apsw.Connection) -> None:
    migrate_up(database, known=KNOWN)
    query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    tables = {name for (name,) in database.execute(query).fetchall()}
    logs = {"log", "log_entry", "log_node", "log_checkpoint", "log_cosignature"}
    lines = {table.name for table in LINES.values()}
    assert tables == {table.name for table in KINDS.values()} | logs | lines | {
        "witness",
        "outbox",
        "counter",
        "small_payload",
        "segment_list",
        "migration",
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_search_goes_by_the_most_telling_key_and_never_through_the_whole_table(
    database: apsw.Connection, kind: type
) -> None:
    from gsomia.storage.sqlite_records import _query  # noqa: PLC0415  behind the door, here alone

    migrate_up(database, known=KNOWN)
    table, columns = KINDS[kind].name, KINDS[kind].columns
    for place, first in enumerate(columns):
        if first in KINDS[kind].searched:
            query = _query(KINDS[kind], tuple(reversed(columns[place:])), "latest")
            plan = database.execute(f"EXPLAIN QUERY PLAN {query}", ("x",) * len(columns[place:])).fetchall()
            assert [line[3] for line in plan] == [f"SEARCH {table} USING INDEX {table}_by_{first} ({first}=?)"]


@pytest.mark.parametrize("table", LINES.values(), ids=lambda table: table.name)
def test_a_search_for_lines_goes_by_the_most_telling_column(database: apsw.Connection, table: LineTable) -> None:
    migrate_up(database, known=KNOWN)
    for place, column in enumerate(table.searched):
        terms = " AND ".join(f'{"+" if later else ""}"{name}" = ?' for later, name in enumerate(table.searched[place:]))
        query = f"EXPLAIN QUERY PLAN SELECT * FROM {table.name} WHERE {terms}"
        plan = [str(line[3]) for line in database.execute(query, ("x",) * (len(table.searched) - place)).fetchall()]
        assert [line for line in plan if line.startswith(f"SEARCH {table.name}") and f"({column}=?" in line]


@pytest.mark.source("DESIGN-7")
def test_a_script_that_changed_after_it_ran_is_refused(database: apsw.Connection) -> None:
    migrate_up(database, known=KNOWN)
    changed = (replace(KNOWN[0], up=KNOWN[0].up + "-- a word more\n"), *KNOWN[1:])
    with pytest.raises(IntegrityError) as caught:
        migrate_up(database, known=changed)
    assert caught.value.code == "storage/migration-changed"


@pytest.mark.source("DESIGN-7")
def test_a_database_newer_than_the_program_is_refused_with_a_remedy(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "node.db").close()
    database = apsw.Connection(str(tmp_path / "node.db"))
    database.execute("INSERT INTO migration VALUES (99, 'later', 'x')").fetchall()
    database.close()
    with pytest.raises(LocalError) as caught:
        SqliteStore(tmp_path / "node.db")
    assert caught.value.code == "storage/newer-database"
    assert "later" in caught.value.remedy


def test_a_script_that_fails_leaves_nothing_of_itself(database: apsw.Connection) -> None:
    migrate_up(database, known=KNOWN)
    before = read_schema(database)
    number = len(KNOWN) + 1
    broken = Migration(number=number, name="broken", up="CREATE TABLE half (x); CREATE TABLE half (x);", down="")
    with pytest.raises(apsw.SQLError):
        migrate_up(database, known=(*KNOWN, broken))
    assert read_schema(database) == before
    assert not database.in_transaction


def test_data_outlives_a_later_migration_and_its_way_back(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "node.db")
    store.run(lambda tx: (tx.add(stage(1)), tx.append(LOG, leaf(1), subject="s")))
    store.close()
    later = Migration(number=len(KNOWN) + 1, name="later", up="CREATE TABLE later (x);", down="DROP TABLE later;")
    database = apsw.Connection(str(tmp_path / "node.db"))
    migrate_up(database, known=(*KNOWN, later))
    migrate_down(database, known=(*KNOWN, later), to=len(KNOWN))
    database.close()
    store = SqliteStore(tmp_path / "node.db")
    assert store.run(lambda tx: tx.latest(type(stage(1)))) == stage(1)
    assert store.run(lambda tx: tx.head(LOG).frontier.size) == 1
    assert store.check_records() == []
    store.close()
