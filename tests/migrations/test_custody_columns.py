"""The key columns that incidents ask by are filled for events that were there before."""

from typing import Any

import apsw
import pytest

from gsomia import canon
from gsomia.ids import sha256_hex
from gsomia.instants import Instant
from gsomia.registry import CustodyEvent, CustodyKind
from gsomia.storage.kinds import KINDS, key_values
from gsomia.storage.migrate import known_migrations, migrate_up

KNOWN = known_migrations()
BEFORE = next(one.number for one in KNOWN if one.name.endswith("incidents")) - 1


def event(kind: CustodyKind, **more: str) -> CustodyEvent:
    facts: dict[str, Any] = {"item": "itm_" + "a" * 26, "copy": "1", "custodian": "KOR", **more}
    return CustodyEvent(kind=kind, at=Instant(1), **facts)


@pytest.mark.source("F-17", "DESIGN-7")
def test_custody_events_from_before_are_found_by_container_and_hand() -> None:
    database = apsw.Connection(":memory:")
    migrate_up(database, known=KNOWN[:BEFORE])
    events = [
        event(kind, **more)
        for kind in CustodyKind
        for more in ({}, {"by": "ann"}, {"by": "ann", "to": "ben"}, {"by": "ann", "container": "SAFE-1"})
    ]
    for one in events:
        doc = canon.encode(one)
        line = (sha256_hex(doc), doc, one.consignment, one.item)
        database.execute(
            "INSERT INTO custody (doc_digest, doc, consignment, item) VALUES (?, ?, ?, ?)", line
        ).fetchall()
    migrate_up(database, known=KNOWN)
    columns = ", ".join(KINDS[CustodyEvent].columns)
    found = database.execute(f"SELECT {columns} FROM custody ORDER BY seq").fetchall()
    assert found == [key_values(one) for one in events]
    with pytest.raises(apsw.ConstraintError):
        database.execute("UPDATE custody SET hand = NULL").fetchall()
    database.close()
