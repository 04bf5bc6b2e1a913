"""What is changed at rest, who finds it, and by which code: Tokyo's record, content and keys in real files.

One bit of the file is turned between two runs of the node. `gsomia audit verify` finds it, or the act that needs it is
refused before a byte is shown; the control is the same node untouched.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from gsomia import canon
from gsomia.errors import IntegrityError, NodeError
from gsomia.flows import cosign
from gsomia.flows.desk import shared_log
from gsomia.flows.records import ReceiptRecord, RefusalRecord
from gsomia.ids import ItemId, sha256_hex
from gsomia.registry import ItemRecord, ReadingSlip
from simulation.disk_node import DiskNode, world_with_tokyo_on_disk
from simulation.world import JPN, KOR, World

CONTENT = b"words that nobody may see once they were changed" * 9
FULL = (1 << 20) + 16
LIST = 32


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Seoul, and Tokyo on the disk, which holds two items of Seoul's and is about to read them."""
    made = world_with_tokyo_on_disk(tmp_path, monkeypatch)
    made[JPN].bring_reader()
    made.cosign(JPN, KOR)
    made.cosign(KOR, JPN)
    yield made
    tokyo(made).close()


@pytest.fixture
def items(world: World) -> list[ItemId]:
    """Two received items of one size, the first of them long."""
    sent = [world.send(CONTENT + bytes(FULL)).item, world.send(CONTENT[::-1] + bytes(FULL)).item]
    for item in sent:
        world[JPN].book(item)
    world.settle()
    world.cosign(JPN, KOR)
    world.cosign(KOR, JPN)
    return sent


def tokyo(world: World) -> DiskNode:
    node = world[JPN]
    assert isinstance(node, DiskNode)
    return node


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


KEYS = {
    "log_entry": ("log", "idx"),
    "log_node": ("log", "level", "idx"),
    "log_checkpoint": ("log", "size"),
    "witness": ("origin",),
}
"""Key columns of the tables without a running number."""


def flip_in(directory: Path, table: str, column: str, *, at: int = 40, row: str = "DESC", seal: bool = False) -> None:
    """Turn a bit of the newest row (`ASC`: the oldest), as somebody with the file could; `seal` corrects its digest."""
    database = apsw.Connection(str(directory / "node.db"))
    ours = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?"
    triggers: list[Any] = database.execute(ours, (table,)).fetchall()
    for name, _ in triggers:
        database.execute(f'DROP TRIGGER "{name}"')
    columns = KEYS.get(table, ("seq",))
    order = ", ".join(f"{key} {row}" for key in columns)
    found: Any = database.execute(
        f"SELECT {column}, {', '.join(columns)} FROM {table} ORDER BY {order} LIMIT 1"
    ).fetchone()
    value, *known = found
    changed = value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
    where = " AND ".join(f"{key} = ?" for key in columns)
    database.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (changed, *known))
    if seal:
        database.execute(f"UPDATE {table} SET doc_digest = ? WHERE {where}", (sha256_hex(changed), *known))
    for _, sql in triggers:
        database.execute(sql)
    database.close()


def reopened(world: World, change: Callable[[Path], object]) -> DiskNode:
    """Tokyo's node after something was changed while it was down."""
    node = tokyo(world)
    node.close()
    change(node.directory)
    node.open()
    return node


def nothing_shown(node: DiskNode, item: ItemId) -> str:
    """The code by which a reading ends before its first byte."""
    with pytest.raises(NodeError) as caught:
        next(node.read(item).content)
    assert isinstance(caught.value, IntegrityError)
    return caught.value.code


@pytest.mark.source("DESIGN-4", "DESIGN-7")
def test_the_untouched_node_verifies_and_shows_what_was_sent(world: World, items: list[ItemId]) -> None:
    node = reopened(world, lambda _: None)
    assert node.verify()["ok"]
    assert b"".join(node.read(items[0]).content) == CONTENT + bytes(FULL)


# --- content and keys ----------------------------------------------------------------------------------------


def swap_segments(path: Path) -> None:
    """Exchange two segments of one item: here the last, short one and as much of the first."""
    data = bytearray(path.read_bytes())
    start, short = 2 * LIST, len(data) - 2 * LIST - FULL
    first, last = data[start : start + short], data[start + FULL :]
    data[start : start + short], data[start + FULL :] = last, first
    path.write_bytes(data)


CONTENTS: dict[str, tuple[Callable[[Path, Path], object], str]] = {
    "a bit of the first segment": (lambda one, _: flip(one, 2 * LIST + 9), "flows/stored-content-damaged"),
    "a bit of the last segment": (lambda one, _: flip(one, one.stat().st_size - 1), "flows/stored-content-damaged"),
    "a bit of the segment list": (lambda one, _: flip(one, 9), "storage/payload-damaged"),
    "segments swapped within the item": (lambda one, _: swap_segments(one), "flows/stored-content-damaged"),
    "a segment swapped for another item's": (
        lambda one, other: one.write_bytes(one.read_bytes()[: 2 * LIST] + other.read_bytes()[2 * LIST :]),
        "flows/stored-content-damaged",
    ),
    "the whole content swapped for another item's": (
        lambda one, other: one.write_bytes(other.read_bytes()),
        "storage/payload-damaged",
    ),
    "the end cut off": (
        lambda one, _: one.write_bytes(one.read_bytes()[:-1]),
        "flows/stored-content-damaged",
    ),
    "the content gone": (lambda one, _: one.unlink(), "storage/payload-missing"),
}


@pytest.mark.source("DESIGN-4", "DESIGN-2", "F-07")
@pytest.mark.parametrize("what", CONTENTS)
def test_content_that_was_changed_at_rest_is_found_before_a_slip_is_written(
    world: World, items: list[ItemId], what: str
) -> None:
    change, code = CONTENTS[what]
    one, other = (tokyo(world).payload(item) for item in items)
    node = reopened(world, lambda _: change(one, other))
    assert nothing_shown(node, items[0]) == code
    assert node.count(ReadingSlip) == 0
    assert b"".join(node.read(items[1]).content) == CONTENT[::-1] + bytes(FULL)


@pytest.mark.source("DESIGN-4")
def test_a_bit_of_the_storage_keys_is_found_when_the_node_opens(world: World, items: list[ItemId]) -> None:
    node = tokyo(world)
    node.close()
    keys = node.directory / "storage.keys"
    sound = keys.read_bytes()
    flip(keys, len(sound) // 2)
    with pytest.raises(IntegrityError) as caught:
        node.open()
    assert caught.value.code == "storage/storage-keys-damaged"
    keys.write_bytes(sound)
    node.open()
    assert b"".join(node.read(items[0]).content) == CONTENT + bytes(FULL)


@pytest.mark.source("DESIGN-4")
def test_a_held_key_exchanged_together_with_its_digest_does_not_open(world: World, items: list[ItemId]) -> None:
    node = tokyo(world)
    record = node.every(ItemRecord, id=items[1])[0]
    at = canon.encode(record).index(b'"wrapped":"') + 20
    node = reopened(world, lambda where: flip_in(where, "item", "doc", at=at, seal=True))
    assert nothing_shown(node, items[1]) == "flows/stored-key-damaged"
    assert not node.verify()["ok"], "no entry names the record any more"


# --- the record ----------------------------------------------------------------------------------------------

RECORD: dict[str, tuple[str, str]] = {
    "an item": ("item", "doc"),
    "a receipt": ("receipt", "doc"),
    "a statement": ("statement", "doc"),
    "an arrival": ("arrival", "doc"),
    "an entry of a log": ("log_entry", "leaf"),
    "the hash of an entry": ("log_entry", "leaf_hash"),
    "a hash of the tree": ("log_node", "hash"),
    "a checkpoint": ("log_checkpoint", "body"),
    "a cosignature": ("log_cosignature", "lines"),
    "a partner's checkpoint that was cosigned": ("witness", "body"),
}


@pytest.mark.source("DESIGN-5", "DESIGN-2", "G6-7")
@pytest.mark.parametrize("what", RECORD)
def test_a_bit_of_the_record_is_found_by_verification(world: World, items: list[ItemId], what: str) -> None:
    table, column = RECORD[what]
    assert tokyo(world).verify()["ok"]
    at = 8 if column in {"hash", "leaf_hash"} else 40
    row = "ASC" if table in {"log_entry", "log_node"} else "DESC"  # the end of a log is read when the node opens
    bad = reopened(world, lambda where: flip_in(where, table, column, at=at, row=row)).verify()
    assert not bad["ok"]
    named = [*bad["records"], *(problem for log in bad["logs"] for problem in log["problems"])]
    assert named, f"it says what is bad, of {len(items)} items"


@pytest.mark.source("DESIGN-5", "DESIGN-2")
def test_a_bit_at_the_end_of_a_log_is_found_when_the_node_opens(world: World, items: list[ItemId]) -> None:
    node = tokyo(world)
    node.close()
    flip_in(node.directory, "log_entry", "leaf")
    with pytest.raises(IntegrityError) as caught:
        node.open()
    assert caught.value.code == "storage/log-damaged"
    flip_in(node.directory, "log_entry", "leaf")
    node.open()
    assert node.count(ItemRecord) == len(items)


@pytest.mark.source("DESIGN-5")
def test_a_receipt_that_was_changed_at_rest_is_no_evidence(world: World) -> None:
    node = reopened(world, lambda where: flip_in(where, "receipt", "doc"))
    with pytest.raises(IntegrityError) as caught:
        node.every(ReceiptRecord)
    assert caught.value.code == "storage/record-damaged"


@pytest.mark.source("DESIGN-5", "C2SP tlog-witness")
def test_what_we_kept_of_a_partners_log_is_our_fault_if_it_does_not_hold(world: World) -> None:
    node = reopened(world, lambda where: flip_in(where, "witness", "body"))
    world.send(CONTENT)
    request = cosign.request_cosignature(world[KOR].desk, JPN)
    assert request is not None
    with pytest.raises(IntegrityError) as caught:
        cosign.witness(node.desk, KOR, request.request)
    assert caught.value.code == "flows/witnessed-damaged"
    assert node.count(RefusalRecord) == 0
    seen = node.memory.run(lambda tx: tx.witnessed(shared_log(KOR, JPN)))
    assert seen is not None
