"""Cursor-on-Target over TLS: a door for TAK clients, and a way to a TAK server; both ends pinned, no CA trust.

A peer is known by its certificate alone, compared whole. It may be shown events, or say some, or both. One that says
what is not taken stays connected, for what it says next may be; one whose stream can no longer be cut into events, or
that does not read, is cut off. A stranger fails the handshake; a certificate that only a pinned one vouches for passes
it, is compared, and counted as a stranger's.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gsomia.errors import LocalError, UnavailableError
from gsomia.warning import MAX_COT_BYTES, WarningMessageError, split_events

MAX_WAITING_EVENTS: Final = 1_000
"""A peer that lets more wait is cut off."""
MAX_PEERS: Final = 64
AGAIN_S: Final = 3.0
"""The pause before a TAK server is called again."""
HANDSHAKE_S: Final = 10.0
_READ_BYTES: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class CotPeer:
    """A TAK client or server somebody configured.

    Args:
        name: ours for it.
        certificate: DER, compared whole.
        sees: whether it is shown what the floor shows.
        speaks: whether what it says is read; otherwise it is read past.
    """

    name: str
    certificate: bytes
    sees: bool
    speaks: bool


Said = Callable[[CotPeer, bytes], Awaitable[None]]
"""Called with each whole event of a peer that speaks; raises nothing."""


@dataclass(slots=True)
class CotCounts:
    """What happened on these lines."""

    strangers: int = 0
    connected: int = 0
    cut: dict[str, int] = field(default_factory=dict)

    def count_cut(self, why: str) -> None:
        """A peer was cut off."""
        self.cut[why] = self.cut.get(why, 0) + 1


class CotLines:
    """Every connection to a TAK client or server.

    Args:
        said: told each event of a peer that speaks.
        peers: who may be on the other end.
    """

    def __init__(self, said: Said, *, peers: Iterable[CotPeer]) -> None:
        self._said = said
        self._peers = {peer.certificate: peer for peer in peers}
        self._outgoing: dict[asyncio.StreamWriter, asyncio.Queue[bytes]] = {}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.counts = CotCounts()

    async def listen(self, host: str, port: int, *, context: ssl.SSLContext) -> int:
        """Open the door; returns the port.

        Raises:
            UnavailableError: the address is in use or not ours.
        """
        try:
            self._server = await asyncio.start_server(
                self._accept, host, port, ssl=context, ssl_handshake_timeout=HANDSHAKE_S, limit=MAX_COT_BYTES
            )
        except OSError as cause:
            raise UnavailableError(
                "transport/cot-address-in-use",
                f"cannot listen for TAK clients on `{host}:{port}`: {cause.strerror}",
                remedy="stop what uses the port, or change `listen` in the bridge's settings",
            ) from cause
        return int(self._server.sockets[0].getsockname()[1])

    def call(self, host: str, port: int, *, context: ssl.SSLContext) -> None:
        """Keep a line to a TAK server: called again whenever it ends."""
        self._keep(self._call(host, port, context))

    def show(self, event: bytes) -> None:
        """Show an event to every peer that sees."""
        for writer, waiting in list(self._outgoing.items()):
            if waiting.full():
                self.counts.count_cut("does-not-read")
                del self._outgoing[writer]
                writer.transport.abort()
            else:
                waiting.put_nowait(event)

    async def close(self) -> None:
        """Close the door and every line."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _keep(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._keep(self._converse(reader, writer))

    async def _call(self, host: str, port: int, context: ssl.SSLContext) -> None:
        while True:
            with contextlib.suppress(OSError, TimeoutError):  # not reached, or not whom we pinned: again later
                reader, writer = await asyncio.open_connection(
                    host, port, ssl=context, server_hostname=host, ssl_handshake_timeout=HANDSHAKE_S
                )
                await self._converse(reader, writer)
            await asyncio.sleep(AGAIN_S)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tls = writer.get_extra_info("ssl_object")
        peer = self._peers.get(tls.getpeercert(binary_form=True)) if tls is not None else None
        if peer is None or len(self._tasks) > MAX_PEERS:
            self.counts.strangers += 1
            writer.close()
            return
        self.counts.connected += 1
        writing = None
        if peer.sees:
            waiting: asyncio.Queue[bytes] = asyncio.Queue(MAX_WAITING_EVENTS)
            self._outgoing[writer] = waiting
            writing = asyncio.create_task(_write(writer, waiting))
        try:
            await self._read(reader, peer)
        except WarningMessageError as error:
            self.counts.count_cut(error.code)
        except OSError:
            self.counts.count_cut("line-broke")
        finally:
            self._outgoing.pop(writer, None)
            if writing is not None:
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, peer: CotPeer) -> None:
        rest = b""
        while data := await reader.read(_READ_BYTES):
            if peer.speaks:
                events, rest = split_events(rest + data)
                for event in events:
                    await self._said(peer, event)


async def _write(writer: asyncio.StreamWriter, waiting: "asyncio.Queue[bytes]") -> None:
    with contextlib.suppress(OSError):  # the reader of this line finds out as well, and ends it
        while True:
            writer.write(await waiting.get() + b"\n")
            await writer.drain()


def cot_context(*, server: bool, certificate: Path, key: Path, pinned: Iterable[bytes]) -> ssl.SSLContext:
    """TLS 1.3 with our certificate, and nobody on the other end but the pinned.

    Args:
        server: whether we are called.
        certificate: our own, PEM.
        key: its key, PEM.
        pinned: certificates (DER) of who may be on the other end.

    Raises:
        LocalError: our files do not read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_COMPRESSION
    if server:
        context.num_tickets = 0
    else:
        context.check_hostname = False  # the certificate itself is pinned; names mean nothing here
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # a TAK authority issued it, which we do not trust
    try:
        context.load_cert_chain(certificate, key)
        for known in pinned:
            context.load_verify_locations(cadata=known)
    except (OSError, ValueError) as cause:
        raise LocalError(
            "transport/cot-certificate",
            "a certificate or key of the bridge does not read",
            remedy="check the files named in the bridge's settings: PEM, key not encrypted",
        ) from cause
    return context
