"""Carries sealed bytes between nodes: TLS contexts, the HTTPS client, the worker that drains the outbox."""

from gsomia.transport.conversation import converse
from gsomia.transport.cot import CotLines, CotPeer, cot_context
from gsomia.transport.courier import open_bundle, read_first, read_frames, write_bundle
from gsomia.transport.https import Link, PartnerRefusedError
from gsomia.transport.lane_caller import Endpoint
from gsomia.transport.lane_desks import DeskDoor
from gsomia.transport.lane_floor import Floor
from gsomia.transport.lanes import Lanes
from gsomia.transport.tls import Identity, client_context, lane_context, server_context, server_name
from gsomia.transport.worker import Worker

__all__ = [
    "CotLines",
    "CotPeer",
    "DeskDoor",
    "Endpoint",
    "Floor",
    "Identity",
    "Lanes",
    "Link",
    "PartnerRefusedError",
    "Worker",
    "client_context",
    "converse",
    "cot_context",
    "lane_context",
    "open_bundle",
    "read_first",
    "read_frames",
    "server_context",
    "server_name",
    "write_bundle",
]
