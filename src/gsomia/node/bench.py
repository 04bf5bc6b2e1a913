"""A node opened in this process: its desk, and what commands need besides it."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from gsomia import canon
from gsomia.admin import Call, Command, Outcome, run_command
from gsomia.config import NodeConfig, parse_config
from gsomia.errors import IntegrityError, LocalError, PartnerError, UnavailableError
from gsomia.exchange import Hello
from gsomia.flows.desk import Custody, Desk
from gsomia.flows.dispose import finish_destructions
from gsomia.flows.parties import partner
from gsomia.flows.soundness import check_tails, finish_private_epoch
from gsomia.flows.spare import enter_unrecorded
from gsomia.ids import PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.node.copies import back_up
from gsomia.node.health import doctor, verify
from gsomia.node.layout import Layout, national_policies, system_clock, system_entropy
from gsomia.parties import Descriptor, PersonSigner, PinFile, verify_descriptor
from gsomia.storage import (
    CheckpointKeeper,
    FilePayloads,
    FileSpareJournal,
    FileStorageKeys,
    NodeLock,
    SqliteStore,
    create_person,
    unlock_person,
    unlock_secrets,
)
from gsomia.transport import Identity, Link, PartnerRefusedError, client_context

T = TypeVar("T")


class LocalNode:
    """Everything of one node, open in this process and nowhere else.

    Args:
        directory: the node's.
        passphrase: of the node; without it only what needs no key works.

    Raises:
        LocalError: no node there, or a wrong passphrase.
        UnavailableError: another process owns it.
        IntegrityError: its record cannot be opened.
    """

    def __init__(self, directory: Path, *, passphrase: bytes | None) -> None:
        self.layout = Layout(directory)
        self.layout.require()
        self.lock = NodeLock(self.layout.lock)
        self.served = False
        self.strangers: Callable[[], int] = lambda: 0
        self.said: Callable[[PartyCode], None] = lambda _partner: None
        self.settled: Callable[[str], None] = lambda _consignment: None
        self._settled = threading.Condition()
        self._store: SqliteStore | None = None
        try:
            self.config: NodeConfig = parse_config(self.layout.config.read_text())
            self.pin_file: PinFile = _read_pin_file(self.layout)
            self.descriptor: Descriptor = verify_descriptor(self.pin_file.descriptor, record=self.pin_file.record)
            self.store = self._store = SqliteStore(self.layout.database)
            self.desk = Desk(
                party=self.config.party,
                store=self.store,
                payloads=FilePayloads(self.layout.payloads),
                policies=national_policies(),
                clock=system_clock,
                entropy=system_entropy,
                custody=None if passphrase is None else self._unlock(passphrase),
                said=self._said,
                settled=self._tell_settled,
            )
            check_tails(self.desk)
            if self.desk.custody is not None:
                self._catch_up()
        except BaseException:
            self.close()
            raise

    def _catch_up(self) -> None:
        """Go on with what was decided before this start; what cannot be done now is shown by `doctor`."""
        for act in (finish_private_epoch, enter_unrecorded, finish_destructions):
            with suppress(UnavailableError, PartnerError):  # a full disk, a closed log, a spare journal not of our key
                act(self.desk)

    def _said(self, code: PartyCode) -> None:
        self.said(code)  # set once the node is served

    def _tell_settled(self, consignment: str) -> None:
        self.settled(consignment)
        with self._settled:
            self._settled.notify_all()

    def _unlock(self, passphrase: bytes) -> Custody:
        secrets, reseal = unlock_secrets(self.layout.identity, passphrase=passphrase, entropy=system_entropy)
        keys = secrets.unlock()
        return Custody(
            keys=keys,
            storage_keys=FileStorageKeys(
                self.layout.storage_keys, master_key=secrets.master, entropy=system_entropy, reseal=reseal
            ),
            checkpoints=CheckpointKeeper(self.store, signer=keys.log, clock=system_clock),
            spare=FileSpareJournal(self.layout.spare),
        )

    @property
    def identity(self) -> Identity:
        """Our side of mutual TLS."""
        return Identity(certificate=self.descriptor.tls_certificate, seed=self.desk.unlocked.keys.tls_seed)

    def run(self, command: Command, call: Call) -> Outcome:
        """Run a command of the table on this node."""
        return run_command(command, call)

    def unlock_person(self, person: PersonId, passphrase: bytes) -> PersonSigner:
        """A person's key."""
        return unlock_person(self.layout.persons, person, passphrase=passphrase)

    def create_person(self, person: PersonId, passphrase: bytes) -> bytes:
        """Make a person's key and return its public half."""
        return create_person(self.layout.persons, person, passphrase=passphrase, entropy=system_entropy)

    def link_test(self, code: PartyCode) -> Hello:
        """Call a partner's door."""
        return asyncio.run(self._with_link(code, lambda link: link.hello()))

    def link_offer(self, code: PartyCode, body: bytes) -> dict[str, object]:
        """Offer raw bytes at a partner's door and return what it answers."""
        try:
            reply = asyncio.run(self._with_link(code, lambda link: link.offer(body)))
        except PartnerRefusedError as refused:
            told = refused.refusal
            return {
                "partner": code,
                "accepted": False,
                "code": told.code,
                "correlation_id": told.correlation_id,
                "recorded": told.recorded,
                "_exit": PartnerError.exit_code,
            }
        return {"partner": code, "accepted": reply.accepted is not None, "code": None}

    async def _with_link(self, code: PartyCode, act: Callable[[Link], Awaitable[T]]) -> T:
        pinned = partner(self.desk, code).descriptor
        context = client_context(self.identity, pinned=pinned.tls_certificate)
        async with Link(party=code, address=pinned.address, context=context) as link:
            return await act(link)

    def doctor(self) -> dict[str, object]:
        """How the node is."""
        return doctor(self)

    def back_up(self, out: Path, *, passphrase: bytes, until: Instant) -> dict[str, object]:
        """Write a backup."""
        return back_up(self, out, passphrase=passphrase, until=until)

    def verify(self) -> dict[str, object]:
        """Whether every log and record holds."""
        return verify(self)

    def wait(self, done: Callable[[], bool], *, timeout_s: float) -> bool:
        """Wait until the worker made `done` true; False at once if no worker runs."""
        if not self.served:
            return done()
        with self._settled:
            return self._settled.wait_for(done, timeout=timeout_s)

    def close(self) -> None:
        """Close the record and give the node back."""
        if self._store is not None:
            self._store.close()
        self.lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _read_pin_file(layout: Layout) -> PinFile:
    try:
        return canon.decode(layout.pin_file.read_bytes(), PinFile)
    except canon.CanonError as cause:
        raise IntegrityError(
            "node/own-record-damaged", "the node's own `party.json` does not read", remedy="restore it from a backup"
        ) from cause
    except OSError as cause:
        raise LocalError(
            "node/not-readable", f"the node cannot be read: {cause.strerror}", remedy="check who owns the directory"
        ) from cause
