"""Answers of the partner's door: codes and correlation ids, nothing else."""

from aiohttp import web

from gsomia import canon
from gsomia.errors import IntegrityError, NodeError, UnavailableError
from gsomia.exchange import Refusal


def answer(value: object) -> web.Response:
    """A canonical JSON answer."""
    return web.Response(body=canon.encode(value), content_type="application/json")


def refusal(told: Refusal) -> web.Response:
    """A refusal that is on record here."""
    return web.Response(status=422, body=canon.encode(told), content_type="application/json")


def unavailable(error: NodeError) -> web.Response:
    """Not now: the partner repeats it later. Our own trouble is not the partner's business."""
    status = 503 if isinstance(error, UnavailableError | IntegrityError) else 500
    return web.Response(status=status, body=b"")
