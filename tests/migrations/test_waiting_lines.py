"""A register from before the worklist has, once it is brought up, the lines of what waits."""

from pathlib import Path

import apsw
import pytest

from gsomia.registry import HandOverLine, HandOverOffer, ItemReturn, Regraded, Remarked, ReturnAnswer, WaitState
from gsomia.storage import SqliteStore
from gsomia.storage.lines import derive_waiting, row_of
from gsomia.storage.migrate import known_migrations, migrate_down, migrate_up
from simulation.test_worklist import play
from simulation.world import JPN

BEFORE = next(one.number for one in known_migrations() if one.name == "worklist") - 1


@pytest.mark.source("F-05", "F-10")
def test_what_waits_in_an_older_register_is_what_fsck_derives(tmp_path: Path) -> None:
    node = play().world[JPN]
    offers, taken, orders = node.every(HandOverOffer), node.every(HandOverLine), node.every(Regraded)
    marked, returns, answers = node.every(Remarked), node.every(ItemReturn), node.every(ReturnAnswer)
    records = [*offers, *taken, *orders, *marked, *returns, *answers]
    store = SqliteStore(tmp_path / "node.db")
    store.run(lambda tx: [tx.add(one) for one in records])
    store.close()
    database = apsw.Connection(str(tmp_path / "node.db"))
    known = known_migrations()
    migrate_down(database, known=known, to=BEFORE)
    migrate_up(database, known=known)
    found = database.execute('SELECT "item", "what", "part", "state", "since" FROM waiting_line').fetchall()
    database.close()
    due = [row_of(line) for line in derive_waiting(offers, taken, orders, marked, returns, answers)]
    assert sorted(found) == sorted(due)
    assert {row[3] for row in found} == {WaitState.WAITS}
    assert len(found) > 1
