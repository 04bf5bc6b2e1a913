"""Carries sealed bytes between nodes: TLS contexts, the HTTPS client, the worker that drains the outbox."""

from gsomia.transport.https import Link, PartnerRefusedError
from gsomia.transport.tls import Identity, client_context, server_context
from gsomia.transport.worker import Worker

__all__ = ["Identity", "Link", "PartnerRefusedError", "Worker", "client_context", "server_context"]
