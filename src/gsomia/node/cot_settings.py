"""The settings of the Cursor-on-Target bridge: who may be on the other end, and for what.

listen = "127.0.0.1:8089"          # the door for TAK clients; may be left out
certificate = "bridge.pem"         # ours; paths are taken from where the settings lie
key = "bridge.key"

[[client]]
name = "radar-1"
certificate = "radar-1.pem"        # pinned whole
sees = false
speaks = { character = "REAL", level = "KOR-2", sensor = "GROUND_RADAR", confidence_pct = 90 }

[[server]]                         # a TAK server that is called, and shown the picture
name = "tak-1"
address = "127.0.0.1:8090"
certificate = "tak-1.pem"
sees = true
"""

import ssl
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from gsomia.errors import LocalError
from gsomia.labels import ClassificationId
from gsomia.transport import CotPeer
from gsomia.warning import Character, CotSource, Sensor

MAX_SETTINGS_BYTES: Final = 256 << 10
_Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,30}\\Z")]
_Address = Annotated[str, Meta(pattern="^[a-z0-9.-]{1,200}:[0-9]{1,5}\\Z")]


class _Speaks(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    character: Character
    level: ClassificationId
    sensor: Sensor
    confidence_pct: Annotated[int, Meta(ge=0, le=100)]


class _Peer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: _Name
    certificate: str
    sees: bool
    speaks: _Speaks | None = None
    address: _Address | None = None


class _Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    certificate: str
    key: str
    listen: _Address | None = None
    client: tuple[_Peer, ...] = ()
    server: tuple[_Peer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CotSettings:
    """What the bridge was told.

    Args:
        certificate: our own, PEM.
        key: its key, PEM.
        listen: where TAK clients call.
        clients: who may call.
        servers: whom we call, and where.
        sources: what those who speak stand for, by name.
    """

    certificate: Path
    key: Path
    listen: tuple[str, int] | None
    clients: tuple[CotPeer, ...]
    servers: tuple[tuple[CotPeer, tuple[str, int]], ...]
    sources: dict[str, CotSource]


def read_cot_settings(path: Path) -> CotSettings:
    """The settings in a file, with the certificates they name.

    Raises:
        LocalError: a file does not read, a setting is missing, unknown or of the wrong kind, or a name or certificate
            stands twice.
    """
    try:
        text = path.read_bytes()
        if len(text) > MAX_SETTINGS_BYTES:
            raise _broken("the file is too large")
        settings = msgspec.convert(tomllib.loads(text.decode()), _Settings)
        peers = [*settings.client, *settings.server]
        known = {peer.name: _peer(peer, path.parent) for peer in peers}
    except OSError as cause:
        raise _broken(f"`{cause.filename}` cannot be read: {cause.strerror}") from cause
    except (ValueError, RecursionError) as cause:  # tomllib, msgspec and ssl say so
        raise _broken(str(cause).splitlines()[0][:200]) from cause
    if len(known) != len(peers) or len({peer.certificate for peer in known.values()}) != len(peers):
        raise _broken("a name or a certificate stands twice")
    if any(peer.address is None for peer in settings.server) or any(peer.address for peer in settings.client):
        raise _broken("a server has an `address`, a client has none")
    return CotSettings(
        certificate=path.parent / settings.certificate,
        key=path.parent / settings.key,
        listen=_split(settings.listen) if settings.listen else None,
        clients=tuple(known[peer.name] for peer in settings.client),
        servers=tuple((known[peer.name], _split(peer.address)) for peer in settings.server if peer.address),
        sources={peer.name: _source(peer.name, peer.speaks) for peer in peers if peer.speaks},
    )


def _peer(peer: _Peer, folder: Path) -> CotPeer:
    certificate = ssl.PEM_cert_to_DER_cert((folder / peer.certificate).read_text())
    return CotPeer(name=peer.name, certificate=certificate, sees=peer.sees, speaks=peer.speaks is not None)


def _source(name: str, speaks: _Speaks) -> CotSource:
    return CotSource(
        name=name,
        character=speaks.character,
        level=speaks.level,
        sensor=speaks.sensor,
        confidence_pct=speaks.confidence_pct,
    )


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


def _broken(why: Any) -> LocalError:  # noqa: ANN401  words of several libraries
    return LocalError(
        "node/cot-settings", f"the bridge's settings do not read: {why}", remedy="see `docs/cursor-on-target.md`"
    )
