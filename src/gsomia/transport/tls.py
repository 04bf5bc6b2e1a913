"""Mutual TLS 1.3 with pinned certificates: no authority is trusted, no session is resumed, no early data.

Whoever presents no pinned certificate fails the handshake. The partner's descriptor pins the certificate: trust comes
and goes with it. The standard library here negotiates X25519; content stays protected against a later
quantum computer by the envelope's hybrid keys, metadata on the wire does not (`docs/threats.md`).
"""

import os
import ssl
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gsomia.ids import PartyCode
from gsomia.parties import tls_private_pem
from gsomia.warning import LANE_PROTOCOL


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Our own certificate and the seed of its key."""

    certificate: bytes
    seed: bytes

    def __repr__(self) -> str:
        return "Identity(...)"


def server_name(party: PartyCode, number: int) -> str:
    """How a caller asks for the certificate of a party's key set `number`, in the name it calls.

    A partner that has not heard of our newest keys asks for those it knows; nothing else hangs on the name.
    """
    return f"n{number}.{party.lower()}.gsomia"


def server_context(
    identity: Identity, *, pinned: Collection[bytes], others: Mapping[str, Identity] = MappingProxyType({})
) -> ssl.SSLContext:
    """For our door: every caller must present one of the `pinned` certificates (DER).

    Args:
        identity: shown to a caller that asks for no name of `others`.
        pinned: whom to let in.
        others: what else we may show, by `server_name`.

    Source: design 6; RFC 8446.
    """
    named = {name: _server_context(other, pinned) for name, other in others.items()}

    def choose(connection: ssl.SSLSocket | ssl.SSLObject, name: str | None, _first: ssl.SSLContext) -> None:
        if name in named:
            connection.context = named[name]

    context = _server_context(identity, pinned)
    context.sni_callback = choose
    return context


def _server_context(identity: Identity, pinned: Iterable[bytes]) -> ssl.SSLContext:
    context = _context(ssl.PROTOCOL_TLS_SERVER, identity, pinned)
    context.verify_mode = ssl.CERT_REQUIRED
    context.num_tickets = 0
    context.set_alpn_protocols([LANE_PROTOCOL, "http/1.1"])
    return context


def client_context(identity: Identity, *, pinned: bytes) -> ssl.SSLContext:
    """For calling one partner: it must present exactly the pinned certificate (DER)."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, identity, [pinned])
    context.check_hostname = False  # the certificate itself is pinned; names mean nothing here
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def lane_context(identity: Identity, *, pinned: bytes) -> ssl.SSLContext:
    """As `client_context`, asking the partner's door for a warning lane instead of HTTP (ALPN)."""
    context = client_context(identity, pinned=pinned)
    context.set_alpn_protocols([LANE_PROTOCOL])
    return context


def _context(protocol: int, identity: Identity, pinned: Iterable[bytes]) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_COMPRESSION
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    _load_own(context, identity)
    for certificate in pinned:
        context.load_verify_locations(cadata=certificate)
    return context


def _load_own(context: ssl.SSLContext, identity: Identity) -> None:
    # OpenSSL reads keys from files only; an anonymous one in memory never reaches the disk.
    pem = ssl.DER_cert_to_PEM_cert(identity.certificate).encode() + tls_private_pem(identity.seed)
    descriptor = os.memfd_create("gsomia-tls", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, pem)
        context.load_cert_chain(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)
