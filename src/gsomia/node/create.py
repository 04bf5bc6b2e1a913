"""Make a node: its keys, its record, its first descriptor."""

from pathlib import Path

from gsomia import canon
from gsomia.audit import Event
from gsomia.config import NodeConfig, print_config
from gsomia.errors import LocalError, UnavailableError
from gsomia.flows.desk import Desk
from gsomia.flows.ledger import enter
from gsomia.flows.ports import Tx
from gsomia.flows.records import StatementRecord
from gsomia.ids import sha256_hex
from gsomia.node.layout import OWNER_ONLY, Layout, system_clock, system_entropy
from gsomia.parties import (
    DESCRIPTOR,
    Descriptor,
    PartyRecord,
    PinFile,
    build_certificate,
    sign_statement,
)
from gsomia.storage import (
    FilePayloads,
    NodeSecrets,
    SqliteStore,
    create_recovery,
    create_storage_keys,
    write_secrets,
)


def create_node(directory: Path, config: NodeConfig, *, passphrase: bytes) -> PinFile:
    """Make a node in a directory that is empty or not there yet.

    Raises:
        LocalError: the directory holds something already.
        UnavailableError: it cannot be written.

    Source: design 4 (Identities), design 10 (`gsomia init`).
    """
    layout = Layout(directory)
    try:
        directory.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise LocalError(
                "node/not-empty",
                f"`{directory}` is not empty",
                remedy="name a new or empty directory; nothing was changed",
            )
        for folder in (layout.payloads, layout.keys, layout.persons, layout.socket.parent):
            folder.mkdir(mode=OWNER_ONLY)
        pin_file, envelope = _keys(layout, config, passphrase)
        layout.pin_file.write_bytes(canon.encode(pin_file))
    except OSError as cause:
        raise UnavailableError(
            "node/not-written",
            f"`{directory}` cannot be written: {cause.strerror}",
            remedy="check permissions and free space, then repeat with a new directory",
        ) from cause
    _first_entry(layout, config, envelope)
    # CRASH: without `node.toml` the directory is no node: a cut init is repeated in a new one.
    layout.config.write_text(print_config(config))
    return pin_file


def _keys(layout: Layout, config: NodeConfig, passphrase: bytes) -> tuple[PinFile, bytes]:
    secrets = NodeSecrets.generate(config.party, entropy=system_entropy)
    write_secrets(layout.identity, secrets, passphrase=passphrase, entropy=system_entropy)
    recovery = create_recovery(layout.recovery, passphrase=passphrase, entropy=system_entropy)
    create_storage_keys(layout.storage_keys, master_key=secrets.master, entropy=system_entropy)
    keys = secrets.unlock()
    descriptor = Descriptor(
        party=config.party,
        number=1,
        issued=system_clock(),
        address=config.listen,
        statement=keys.statement.public,
        log=keys.log.public,
        cosigner=keys.cosigner.public,
        lane=keys.lane.public,
        sealing=keys.opener.public,
        tls_certificate=build_certificate(party=config.party, seed=keys.tls_seed),
    )
    envelope = sign_statement(descriptor, kind=DESCRIPTOR, signer=keys.working).envelope
    record = PartyRecord(code=config.party, name=config.name, working=keys.working.public, recovery=recovery)
    return PinFile(record=record, descriptor=envelope), envelope


def _first_entry(layout: Layout, config: NodeConfig, envelope: bytes) -> None:
    store = SqliteStore(layout.database)
    desk = Desk(
        party=config.party,
        store=store,
        payloads=FilePayloads(layout.payloads),
        policies={},
        clock=system_clock,
        entropy=system_entropy,
        custody=None,
    )

    def unit(tx: Tx) -> None:
        record = StatementRecord(
            digest=sha256_hex(envelope),
            kind=DESCRIPTOR,
            party=config.party,
            direction="own",
            envelope=envelope,
            at=system_clock(),
        )
        enter(tx, desk, record, event=Event.NODE_INITIALISED, subject=config.party)

    try:
        store.run(unit)
    finally:
        store.close()
