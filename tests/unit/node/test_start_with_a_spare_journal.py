"""A node starts whatever its spare journal holds."""

from pathlib import Path
from typing import cast

import pytest

from gsomia.config import check_config
from gsomia.exchange import CASE_SALT_BYTES, CaseEntry, CaseMoment, IncidentCase, IncidentSubject, SubjectKind
from gsomia.flows.spare import keep_notice
from gsomia.ids import ItemId, PersonId, new_id, new_incident_id
from gsomia.node import LocalNode, create_node
from gsomia.registry import FIRST_COPY

PASSPHRASE = b"of the node"
BY = cast("PersonId", "security")


@pytest.mark.source("DESIGN-2", "G17-1")
def test_a_node_starts_with_what_cannot_be_entered_and_doctor_shows_it(tmp_path: Path) -> None:
    directory = tmp_path / "KOR"
    create_node(directory, check_config(party="KOR", name="Korea", listen="127.0.0.1:7441"), passphrase=PASSPHRASE)
    with LocalNode(directory, passphrase=PASSPHRASE) as node:
        desk, now = node.desk, node.desk.clock()
        item = cast("ItemId", new_id("itm", desk.entropy))  # of which the register knows no copy to be lost
        case = IncidentCase(
            id=new_incident_id(desk.entropy),
            mark=None,
            what="loss",
            subject=IncidentSubject(kind=SubjectKind.COPY, id=item, copy=FIRST_COPY),
            party=None,
            items=(item,),
            instruments=(),
            lost=True,
            intact=now,
            discovered=now,
            by=BY,
            at=now,
        )
        opened = CaseEntry(
            incident=case.id,
            number=1,
            what=CaseMoment.OPENED,
            words="not in its place",
            salt=bytes(CASE_SALT_BYTES),
            by=BY,
            at=now,
        )
        desk.unlocked.spare.append(b"not of our key")
        keep_notice(desk, BY, case, mark=None, opened=opened, reports=())
    with LocalNode(directory, passphrase=PASSPHRASE) as node:
        assert node.store.run(lambda tx: tx.every(IncidentCase)) == [case]
        checks = cast("list[dict[str, object]]", node.doctor()["checks"])
        (row,) = (one for one in checks if one["name"] == "spare-journal")
        assert not row["ok"]
