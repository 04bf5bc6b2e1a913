"""A node opened in this process: its desk, and what commands need besides it."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from gsomia import canon
from gsomia.admin import Call, Command, Outcome, run_command
from gsomia.config import NodeConfig, parse_config
from gsomia.errors import IntegrityError, LocalError, PartnerError, UnavailableError
from gsomia.exchange import Hello, MessageKind, Reply
from gsomia.flows.bundle_export import begin_export, close_export, export_frames
from gsomia.flows.bundle_import import is_key_change, prove_bundle, take_bundle
from gsomia.flows.desk import Custody, Desk
from gsomia.flows.dispose import finish_destructions
from gsomia.flows.give_back import finish_returns
from gsomia.flows.greet import link_up
from gsomia.flows.intake import Intake
from gsomia.flows.parties import partner
from gsomia.flows.rotate import number_known_to, own_descriptors, own_pin_file, resume
from gsomia.flows.soundness import check_tails, finish_private_epoch
from gsomia.flows.spare import try_to_enter
from gsomia.ids import PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.node.copies import back_up
from gsomia.node.health import doctor, verify
from gsomia.node.layout import Layout, SteadyClock, national_policies, system_clock, system_entropy
from gsomia.node.threads import SegmentThreads
from gsomia.parties import Descriptor, HybridSigner, PersonSigner, PinFile, PinnedParty, verify_descriptor
from gsomia.storage import (
    CheckpointKeeper,
    FileKeyring,
    FilePayloads,
    FileSpareJournal,
    FileStorageKeys,
    NodeLock,
    RowPayloads,
    SqliteStore,
    create_person,
    unlock_person,
    unlock_recovery,
)
from gsomia.transport import (
    Endpoint,
    Floor,
    Identity,
    Link,
    PartnerRefusedError,
    client_context,
    converse,
    lane_context,
    open_bundle,
    read_first,
    read_frames,
    server_name,
    write_bundle,
)

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
        self.floor: Floor | None = None
        self.strangers: Callable[[], int] = lambda: 0
        self.said: Callable[[PartyCode], None] = lambda _partner: None
        self.consigned: Callable[[PartyCode], None] = lambda _partner: None
        self.settled: Callable[[str], None] = lambda _consignment: None
        self.keys_changed: Callable[[], None] = lambda: None
        self._watching: tuple[Callable[[], None], ...] = ()
        self._watching_lock = threading.Lock()
        self._store: SqliteStore | None = None
        self._threads = SegmentThreads()
        try:
            self.config: NodeConfig = parse_config(self.layout.config.read_text())
            self.first: PinFile = _read_pin_file(self.layout)
            verify_descriptor(self.first.descriptor, record=self.first.record)
            self.store = self._store = SqliteStore(self.layout.database)
            self.desk = Desk(
                party=self.config.party,
                store=self.store,
                payloads=RowPayloads(self.store, FilePayloads(self.layout.payloads)),
                policies=national_policies(self.config.party),
                clock=system_clock,
                clock_step=SteadyClock(),
                entropy=system_entropy,
                custody=None if passphrase is None else self._unlock(passphrase),
                ordered=self._threads,
                said=self._said,
                consigned=self._consigned,
                settled=self._tell_settled,
                keys_changed=self._tell_keys_changed,
            )
            check_tails(self.desk)
            if self.desk.custody is not None:
                resume(self.desk)
                self._catch_up()
            self.intake = Intake(self.desk)
        except BaseException:
            self.close()
            raise

    def _catch_up(self) -> None:
        """Go on with what was decided before this start; what cannot be done now is shown by `doctor`."""
        for act in (finish_private_epoch, try_to_enter, finish_destructions, finish_returns):
            with suppress(UnavailableError):  # a full disk, a closed log
                act(self.desk)

    def _said(self, code: PartyCode) -> None:
        self.said(code)  # set once the node is served

    def _consigned(self, code: PartyCode) -> None:
        self.consigned(code)  # set once the node is served

    def _tell_keys_changed(self) -> None:
        self.keys_changed()  # set once the node is served

    def _tell_settled(self, consignment: str) -> None:
        self.settled(consignment)
        for look in self._watching:
            look()

    def _unlock(self, passphrase: bytes) -> Custody:
        keyring = FileKeyring(self.layout.identity, passphrase=passphrase, entropy=system_entropy)
        return Custody(
            keyring=keyring,
            storage_keys=FileStorageKeys(
                self.layout.storage_keys,
                master_key=keyring.master,
                entropy=system_entropy,
                reseal=keyring.replace_master,
            ),
            checkpoints=CheckpointKeeper(self.store, signer=keyring.log_signer, clock=system_clock),
            spare=FileSpareJournal(self.layout.spare),
        )

    @property
    def pin_file(self) -> PinFile:
        """Our own public record and current descriptor."""
        return own_pin_file(self.desk, self.first)

    @property
    def descriptor(self) -> Descriptor:
        """Our current descriptor."""
        return self.own_descriptors()[-1]

    def own_descriptors(self) -> tuple[Descriptor, ...]:
        """Every descriptor we had, oldest first."""
        return own_descriptors(self.desk, self.first)

    @property
    def identity(self) -> Identity:
        """Our side of mutual TLS."""
        return self.identities()[self.desk.unlocked.keys.number]

    def identities(self) -> dict[int, Identity]:
        """Our side of mutual TLS under every set of keys we had, by number."""
        seeds = {keys.number: keys.tls_seed for keys in self.desk.unlocked.keyring.every()}
        return {
            one.number: Identity(certificate=one.tls_certificate, seed=seeds[one.number])
            for one in self.own_descriptors()
            if one.number in seeds
        }

    def open_link(self, pinned: PinnedParty) -> Link:
        """A link to a partner's door, under the certificates by which it may know us."""
        identities, current = self.identities(), self.desk.unlocked.keys.number
        numbers = dict.fromkeys((number_known_to(self.desk, pinned.code), current))
        certificate = pinned.descriptor.tls_certificate
        contexts = [client_context(identities[number], pinned=certificate) for number in numbers]
        return Link(
            party=pinned.code,
            address=pinned.descriptor.address,
            context=contexts[0],
            others=contexts[1:],
            server_name=server_name(pinned.code, pinned.descriptor.number),
        )

    def lane_endpoint(self, code: PartyCode) -> Endpoint:
        """How a partner's door is called for a warning lane, under the certificate by which it knows us."""
        pinned = partner(self.desk, code)
        host, _, port = pinned.descriptor.address.rpartition(":")
        identity = self.identities()[number_known_to(self.desk, code)]
        return Endpoint(
            host=host,
            port=int(port),
            context=lane_context(identity, pinned=pinned.descriptor.tls_certificate),
            server_name=server_name(code, pinned.descriptor.number),
        )

    def warn_stats(self) -> dict[str, object]:
        """How the warning floor is.

        Raises:
            LocalError: it is open only while the node is served.
        """
        if self.floor is None:
            raise LocalError(
                "node/not-served", "the warning floor is open while the node is served", remedy="gsomia serve DIR"
            )
        return self.floor.stats()

    def run(self, command: Command, call: Call) -> Outcome:
        """Run a command of the table on this node."""
        return run_command(command, call)

    def unlock_person(self, person: PersonId, passphrase: bytes) -> PersonSigner:
        """A person's key."""
        return unlock_person(self.layout.persons, person, passphrase=passphrase)

    def unlock_recovery(self, path: str, passphrase: bytes) -> HybridSigner:
        """The recovery identity, from the file that is kept off line."""
        return unlock_recovery(Path(path), passphrase=passphrase)

    def create_person(self, person: PersonId, passphrase: bytes) -> bytes:
        """Make a person's key and return its public half."""
        return create_person(self.layout.persons, person, passphrase=passphrase, entropy=system_entropy)

    def link_test(self, code: PartyCode) -> Hello:
        """Call a partner's door."""
        return asyncio.run(self._with_link(code, lambda link: link.hello()))

    def link_offer(self, code: PartyCode, body: bytes) -> dict[str, object]:
        """Offer raw bytes at a partner's door, after a link-up, and return what it answers."""

        async def offer(link: Link) -> Reply:
            await converse(link, link_up(self.desk, code), run=asyncio.to_thread)
            return await link.offer(body)

        try:
            reply = asyncio.run(self._with_link(code, offer))
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

    def bundle_export(self, code: PartyCode, out: str) -> dict[str, object]:
        """Write what waits for a partner to a new file."""
        export = begin_export(self.desk, code)
        path = Path(out)
        tally = write_bundle(
            path, export_frames(self.desk, export), seal=lambda counted: close_export(self.desk, export, counted)
        )
        kinds = [outgoing.kind for _, outgoing in export.rows]
        return {
            "partner": code,
            "number": export.number,
            "file": out,
            "bytes": path.stat().st_size,
            "digest": tally.finish(),
            "items": kinds.count(MessageKind.CONSIGNMENT),
            "statements": kinds.count(MessageKind.STATEMENT),
            "proofs": kinds.count(MessageKind.STAGE),
            "answers": len(export.answers),
        }

    def bundle_import(self, file: str) -> dict[str, object]:
        """Go through a partner's bundle."""
        with open_bundle(Path(file)) as opened:
            first = read_first(opened, is_change=is_key_change)
            proven = prove_bundle(self.desk, first.seal, tally=first.tally, changes=first.changes)
            done = take_bundle(self.desk, self.intake, proven, read_frames(opened))
        return {
            "partner": done.sender,
            "number": done.number,
            "digest": proven.value.digest,
            "repeated": done.repeated,
            "items": done.items,
            "statements": done.statements,
            "refused": done.refused,
            "settled": done.settled,
            "unproven": done.unproven,
        }

    async def _with_link(self, code: PartyCode, act: Callable[[Link], Awaitable[T]]) -> T:
        async with self.open_link(partner(self.desk, code)) as link:
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

    @contextmanager
    def watched(self, look: Callable[[], None]) -> Iterator[None]:
        """While it is open, `look` is called whenever something was settled, in the thread that settled it."""
        with self._watching_lock:
            self._watching = (*self._watching, look)
        try:
            yield
        finally:
            with self._watching_lock:
                self._watching = tuple(one for one in self._watching if one is not look)

    def close(self) -> None:
        """Close the record and give the node back."""
        self._threads.close()
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
