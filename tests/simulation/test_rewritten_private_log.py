"""Somebody with the node's own keys writes its private log anew, consistently: what partners cosigned tells."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from gsomia.audit import Checkpoint, Event, Frontier, encode_leaf, leaf_hash, parse_leaf, sign_checkpoint
from gsomia.flows import cosign
from gsomia.flows.cosign import commit
from gsomia.flows.desk import private_log
from gsomia.flows.ledger import enter, share
from gsomia.flows.logs import BROKEN
from gsomia.flows.records import AnchorRecord
from gsomia.flows.soundness import finish_private_epoch
from gsomia.ids import hex_digest, sha256_hex
from simulation.disk_node import DiskNode, world_with_tokyo_on_disk
from simulation.world import JPN, KOR

LOG = private_log(JPN)


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DiskNode]:
    """Tokyo on the disk: what it did is anchored, and cosigned by Seoul; since then it registered an item."""
    world = world_with_tokyo_on_disk(tmp_path, monkeypatch)
    world.cosign(JPN, KOR)
    world[JPN].register(b"after it")
    tokyo = world[JPN]
    assert isinstance(tokyo, DiskNode)
    yield tokyo
    tokyo.close()


def anchor(node: DiskNode) -> AnchorRecord:
    return node.every(AnchorRecord)[-1]


def problems(node: DiskNode) -> list[str]:
    found = node.verify()
    return [*found["records"], *(problem for log in found["logs"] for problem in log["problems"])]


def rewrite(node: DiskNode, index: int) -> None:
    """Another nonce in one entry of the private log; everything above is computed and signed anew."""
    signer = node.desk.unlocked.keys.log
    node.close()
    database = apsw.Connection(str(node.directory / "node.db"))
    ours = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name LIKE 'log_%'"
    triggers = [(str(name), str(sql)) for name, sql in database.execute(ours).fetchall()]
    for name, _ in triggers:
        database.execute(f'DROP TRIGGER "{name}"')
    ((log,),) = database.execute("SELECT number FROM log WHERE origin = ?", (LOG,)).fetchall()
    frontier = Frontier()
    roots = {0: frontier.root()}
    entries = database.execute("SELECT idx, leaf FROM log_entry WHERE log = ? ORDER BY idx", (log,)).fetchall()
    for at, leaf in entries:
        assert isinstance(at, int)
        assert isinstance(leaf, bytes)
        written = encode_leaf(replace(parse_leaf(leaf), nonce=bytes(16))) if at == index else leaf
        frontier, completed = frontier.append(leaf_hash(written))
        roots[at + 1] = frontier.root()
        words = (written, leaf_hash(written), log, at)
        database.execute("UPDATE log_entry SET leaf = ?, leaf_hash = ? WHERE log = ? AND idx = ?", words)
        for tree in completed:
            place = (tree.hash, log, tree.level, tree.index)
            database.execute("UPDATE log_node SET hash = ? WHERE log = ? AND level = ? AND idx = ?", place)
    for (size,) in database.execute("SELECT size FROM log_checkpoint WHERE log = ?", (log,)).fetchall():
        assert isinstance(size, int)
        head = Checkpoint(origin=LOG, size=size, root=roots[size])
        body = sign_checkpoint(head, signer=signer, at=node.clock())
        database.execute("UPDATE log_checkpoint SET body = ? WHERE log = ? AND size = ?", (body, log, size))
    for _, sql in triggers:
        database.execute(sql)
    database.close()
    node.open()


@pytest.mark.source("DESIGN-5")
def test_a_private_log_that_was_anchored_holds(node: DiskNode) -> None:
    assert problems(node) == []


@pytest.mark.source("DESIGN-5")
@pytest.mark.parametrize("back", [1, 5])
def test_what_was_rewritten_below_a_commitment_is_found(node: DiskNode, back: int) -> None:
    size = anchor(node).size
    rewrite(node, size - back)
    (problem,) = problems(node)
    assert problem == f"entry `{size}` commits to another head than that of the entries before it"


@pytest.mark.source("DESIGN-5")
def test_above_the_last_commitment_nobody_else_has_seen_anything(node: DiskNode) -> None:
    rewrite(node, node.sizes()[LOG] - 1)
    assert problems(node) == []


@pytest.mark.source("DESIGN-5")
def test_a_commitment_that_was_never_shown_is_found(node: DiskNode) -> None:
    made_up = replace(anchor(node), salt=bytes(16))
    digest = node.memory.run(lambda tx: enter(tx, node.desk, made_up, event=Event.LOG_ANCHORED, subject=KOR))
    assert f"anchor {digest[:16]}: it does not commit to the head it names" in problems(node)


@pytest.mark.source("DESIGN-5")
def test_a_commitment_that_nothing_here_opens_is_found(node: DiskNode) -> None:
    other = sha256_hex(b"of another past")
    node.memory.run(lambda tx: share(tx, node.desk, KOR, event=Event.LOG_ANCHORED, subject=JPN, digest=other))
    (problem,) = problems(node)
    assert problem.endswith("no anchor opens the commitment")


@pytest.mark.source("DESIGN-5")
def test_a_commitment_that_stands_in_no_shared_log_is_found(node: DiskNode) -> None:
    private = node.memory.run(lambda tx: tx.head(LOG).frontier)
    root, salt = hex_digest(private.root()), bytes(16)
    made = AnchorRecord(
        party=KOR,
        size=private.size,
        root=root,
        salt=salt,
        commitment=commit(salt, size=private.size, root=root),
        at=node.clock(),
    )
    digest = node.memory.run(lambda tx: enter(tx, node.desk, made, event=Event.LOG_ANCHORED, subject=KOR))
    assert problems(node) == [f"anchor {digest[:16]}: the log shared with KOR does not hold it"]


@pytest.mark.source("DESIGN-5")
def test_a_private_log_goes_on_being_anchored_under_its_next_epoch(node: DiskNode) -> None:
    before = len(node.every(AnchorRecord))
    node.memory.run(lambda tx: tx.put_witnessed(LOG, size=1, body=BROKEN))
    node.restart()
    finish_private_epoch(node.desk)
    node.register(b"under the next epoch")
    node.memory.run(lambda tx: share(tx, node.desk, KOR, event=Event.ITEM_REGISTERED, subject="something"))
    cosign.request_cosignature(node.desk, KOR)
    assert len(node.every(AnchorRecord)) == before + 1
    assert anchor(node).size < node.every(AnchorRecord)[-2].size  # it is of another log, which is younger
    assert problems(node) == []


@pytest.mark.source("DESIGN-2", "DESIGN-5")
def test_a_damaged_anchor_blames_its_record_and_not_the_log(node: DiskNode) -> None:
    node.close()
    database = apsw.Connection(str(node.directory / "node.db"))
    ((name, sql),) = database.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name = 'anchor_is_not_changed'"
    ).fetchall()
    database.execute(f'DROP TRIGGER "{name}"')
    (doc,) = database.execute("SELECT CAST(doc AS TEXT) FROM anchor").fetchall()[-1]
    database.execute("UPDATE anchor SET doc = ?", (str(doc).replace('"size":', '"size":1').encode(),))
    database.execute(str(sql))
    database.close()
    node.open()
    found = node.verify()
    assert found["records"]
    assert found["first_bad"] is None
