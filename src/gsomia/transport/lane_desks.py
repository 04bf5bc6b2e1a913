"""The socket at which desks watch and sources speak: `DIR/run/warn.sock`, mode 0600, the caller's uid checked.

The words are those of `gsomia.warning.desk`. A desk that does not read is cut off before it holds up the others.
"""

import asyncio
import contextlib
import os
import socket
import struct
from pathlib import Path
from typing import cast

from gsomia.errors import LocalError
from gsomia.transport.lane_floor import Floor
from gsomia.warning import ASKED, Asked, DeskReader, SourceRefused, Submit, Watch, print_desk

MAX_UNREAD_BYTES = 4 << 20
_CREDENTIALS = struct.Struct("3i")


class DeskDoor:
    """Listens for desks and sources.

    Args:
        floor: ours.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()

    async def open(self, path: Path) -> None:
        """Start listening; a stale socket of a process that died is replaced (the node's lock is ours)."""
        await asyncio.to_thread(path.unlink, missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
        mask = os.umask(0o177)
        try:
            listening.bind(f"/proc/self/fd/{directory}/{path.name}")  # a socket's path may have 107 bytes
        finally:
            os.umask(mask)
            os.close(directory)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(
            lambda: _Connection(self._floor, self._connections), sock=listening
        )

    async def close(self) -> None:
        """Stop listening, and hang up."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.hang_up()
        await asyncio.sleep(0)


class _Connection(asyncio.Protocol):
    def __init__(self, floor: Floor, connections: "set[_Connection]") -> None:
        self._floor = floor
        self._connections = connections
        self._reader: DeskReader[Asked] = DeskReader(ASKED)
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Only our own uid may speak here."""
        peer = transport.get_extra_info("socket")
        credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        if _CREDENTIALS.unpack(credentials)[1] != os.getuid():
            transport.close()
            return
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Words of a desk or a source."""
        if self._transport is None:
            return
        try:
            for word in self._reader.feed(data):
                match word:
                    case Watch():
                        self._floor.picture.lines.add(self)
                        for incoming, lane in list(self._floor.picture.links):
                            self._floor.picture.moved(lane, incoming=incoming)
                    case SourceRefused():
                        self._floor.refusals.count(word)
                    case Submit():
                        self._floor.submit(word.message, lambda answer: self.show(print_desk(answer)))
        except LocalError:
            self.hang_up()

    def connection_lost(self, _cause: Exception | None) -> None:
        """It went away."""
        self._transport = None
        self._floor.picture.lines.discard(self)
        self._connections.discard(self)

    def show(self, frame: bytes) -> None:
        """Send it a word, or cut it off if it does not read."""
        transport = self._transport
        if transport is None:
            return
        if transport.get_write_buffer_size() > MAX_UNREAD_BYTES:
            self._floor.picture.lines.discard(self)
            transport.abort()
            return
        transport.write(frame)

    def hang_up(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            with contextlib.suppress(OSError):
                self._transport.close()
