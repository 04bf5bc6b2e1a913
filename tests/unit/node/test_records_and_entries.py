"""Every record has its entry and every entry its record, also where two records are equal byte for byte."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.samples import refusal
from gsomia.audit import Event
from gsomia.config import check_config
from gsomia.flows.ledger import enter
from gsomia.flows.records import RefusalRecord
from gsomia.node import LocalNode, create_node
from gsomia.node.health import verify

PASSPHRASE = b"of the node"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[LocalNode]:
    directory = tmp_path / "KOR"
    create_node(directory, check_config(party="KOR", name="Korea", listen="127.0.0.1:7441"), passphrase=PASSPHRASE)
    with LocalNode(directory, passphrase=PASSPHRASE) as opened:
        yield opened


def enter_twice(node: LocalNode, record: RefusalRecord) -> None:
    for _ in range(2):
        node.store.run(lambda tx: enter(tx, node.desk, record, event=Event.INTAKE_REFUSED, subject="one"))


@pytest.mark.source("DESIGN-2", "G6-7")
def test_two_equal_records_with_an_entry_each_hold(node: LocalNode) -> None:
    enter_twice(node, refusal(1))
    assert verify(node)["records"] == []


@pytest.mark.source("DESIGN-2", "G6-7")
def test_an_equal_record_more_than_there_are_entries_is_found(node: LocalNode) -> None:
    enter_twice(node, refusal(1))
    node.store.run(lambda tx: tx.add(refusal(1)))
    assert [problem.partition(": ")[2] for problem in verify(node)["records"]] == ["no log entry names it"]
