"""Back a node up while it runs, and restore one onto an empty directory.

A restored node is set back by definition: its logs are closed until each partner has linked up (`flows.linkup`). It has
no storage keys, for a backup holds none: what partners released to it is fetched again, its own items are lost unless
the key file was kept apart and is given back.

Source: design 4, design 5 (`restore` always starts so), A-18.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from gsomia.audit import EpochReason, Event
from gsomia.config import NodeConfig, parse_config
from gsomia.errors import LocalError, UnavailableError
from gsomia.flows.desk import Custody, Desk
from gsomia.flows.epoch import open_private_epoch
from gsomia.flows.ledger import enter
from gsomia.flows.logs import close_logs, closed_logs
from gsomia.flows.parties import partners
from gsomia.flows.records import BackupRecord
from gsomia.flows.rotate import resume
from gsomia.ids import new_id
from gsomia.instants import Instant
from gsomia.node.layout import OWNER_ONLY, Layout, system_clock, system_entropy
from gsomia.storage import (
    CheckpointKeeper,
    FileKeyring,
    FilePayloads,
    FileSpareJournal,
    FileStorageKeys,
    NodeLock,
    SqliteStore,
    create_storage_keys,
    read_backup,
    write_backup,
    write_new,
)

if TYPE_CHECKING:
    from gsomia.node.bench import LocalNode


def back_up(node: "LocalNode", out: Path, *, passphrase: bytes, until: Instant) -> dict[str, Any]:
    """Enter that a backup is made, and write it, of a node that may be serving.

    Raises:
        LocalError: the file is there already.
        UnavailableError: the disk is full or fails; nothing is left.
    """
    layout = node.layout
    record = BackupRecord(id=new_id("bak", system_entropy), until=until, at=system_clock())
    node.store.run(lambda tx: enter(tx, node.desk, record, event=Event.NODE_BACKED_UP, subject=record.id))
    with TemporaryDirectory(prefix="backup-", dir=layout.socket.parent) as folder:
        snapshot = Path(folder) / "node.db"
        node.store.copy_to(snapshot)
        made = write_backup(out, _files(layout, snapshot), passphrase=passphrase, entropy=system_entropy)
    told = {"file": str(out), "sha256": made.digest, "bytes": made.size, "files": made.files}
    return {**told, "id": record.id, "until": str(until)}


def restore(
    source: Path, directory: Path, *, backup_passphrase: bytes, passphrase: bytes, storage_keys: Path | None
) -> dict[str, Any]:
    """Make a node again from a backup, on a directory that is empty or not there yet.

    Args:
        source: the backup.
        directory: the new node's.
        backup_passphrase: of the backup.
        passphrase: of the node that was backed up.
        storage_keys: the key file of that node, if it was kept apart.

    Raises:
        LocalError: the directory holds something, or a passphrase is wrong.
        IntegrityError: the backup or the key file is damaged.
        UnavailableError: the disk is full or fails.
    """
    layout = Layout(directory)
    _require_empty(directory)
    try:
        for folder in (layout.payloads, layout.keys, layout.persons, layout.socket.parent):
            folder.mkdir(mode=OWNER_ONLY, exist_ok=True)
        with NodeLock(layout.lock):
            count = read_backup(source, directory, passphrase=backup_passphrase)
            config, waiting = _prepare(layout, passphrase=passphrase, storage_keys=storage_keys)
    except BaseException:
        for left in directory.iterdir():  # it was empty before
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        raise
    return {
        "node": str(directory),
        "party": config.party,
        "files": count,
        "storage_keys": storage_keys is not None,
        "waits_for": waiting,
        "next": f"gsomia serve {directory}: it links up with its partners and fetches what it lost",
    }


def _prepare(layout: Layout, *, passphrase: bytes, storage_keys: Path | None) -> tuple[NodeConfig, list[str]]:
    # CRASH: until the settings have their name the directory is no node; a cut restore is repeated in a new one.
    settings = layout.config.with_suffix(".restoring")
    layout.config.rename(settings)
    config = parse_config(settings.read_text())
    keyring = FileKeyring(layout.identity, passphrase=passphrase, entropy=system_entropy)
    if storage_keys is None:
        create_storage_keys(layout.storage_keys, master_key=keyring.master, entropy=system_entropy)
    else:
        write_new(layout.storage_keys, storage_keys.read_bytes())
    keys = FileStorageKeys(layout.storage_keys, master_key=keyring.master, entropy=system_entropy)
    store = SqliteStore(layout.database)
    try:
        checkpoints = CheckpointKeeper(store, signer=keyring.log_signer, clock=system_clock)
        desk = Desk(
            party=config.party,
            store=store,
            payloads=FilePayloads(layout.payloads),
            policies={},
            clock=system_clock,
            entropy=system_entropy,
            custody=Custody(
                keyring=keyring,
                storage_keys=keys,
                checkpoints=checkpoints,
                spare=FileSpareJournal(layout.spare),
            ),
        )
        resume(desk)
        store.run(lambda tx: close_logs(tx, desk, shown={}))
        if not partners(desk):  # nobody is there to link up with
            open_private_epoch(desk, reason=EpochReason.RESTORED)
        waiting = store.run(closed_logs)
    finally:
        store.close()
    settings.rename(layout.config)
    return config, waiting


def _files(layout: Layout, snapshot: Path) -> Iterator[tuple[str, Path]]:
    yield "node.db", snapshot
    yield "party.json", layout.pin_file
    yield "keys/identity.keys", layout.identity
    for person in sorted(layout.persons.glob("*.keys")):
        yield f"keys/persons/{person.name}", person
    for folder in sorted(layout.payloads.glob("[0-9a-f][0-9a-f]")):
        for payload in sorted(folder.iterdir()):
            yield f"payloads/{folder.name}/{payload.name}", payload
    yield "node.toml", layout.config


def _require_empty(directory: Path) -> None:
    try:
        directory.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        occupied = any(directory.iterdir())
    except OSError as cause:
        raise UnavailableError(
            "node/not-written", f"`{directory}` cannot be written: {cause.strerror}", remedy="choose another directory"
        ) from cause
    if occupied:
        raise LocalError(
            "node/not-empty", f"`{directory}` is not empty", remedy="name a new or empty directory; nothing was changed"
        )
