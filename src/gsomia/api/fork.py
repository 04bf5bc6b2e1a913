"""One door, two protocols: who asked for a warning lane in the TLS handshake gets one, all others speak HTTP.

The choice is made once, when the handshake is done and the certificate is proven, from what was negotiated (ALPN).

Source: design 6 (the fast lane), RFC 7301.
"""

import asyncio
from collections.abc import Callable

from gsomia.warning import LANE_PROTOCOL


class Fork(asyncio.Protocol):
    """Waits for the handshake, then is one or the other.

    Args:
        http: the partner's line, bounded by its share.
        lane: makes the protocol of a lane; None if this node has no warning floor.
    """

    def __init__(self, http: asyncio.Protocol, lane: Callable[[], asyncio.Protocol] | None) -> None:
        self._chosen = http
        self._lane = lane

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Choose by what was negotiated."""
        tls = transport.get_extra_info("ssl_object")
        if self._lane is not None and tls is not None and tls.selected_alpn_protocol() == LANE_PROTOCOL:
            self._chosen = self._lane()
        self._chosen.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Pass on."""
        self._chosen.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass on."""
        return self._chosen.eof_received()

    def pause_writing(self) -> None:
        """Pass on."""
        self._chosen.pause_writing()

    def resume_writing(self) -> None:
        """Pass on."""
        self._chosen.resume_writing()

    def connection_lost(self, cause: Exception | None) -> None:
        """Pass on."""
        self._chosen.connection_lost(cause)
