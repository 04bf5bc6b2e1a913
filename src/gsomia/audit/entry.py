"""Leaves: what one entry of a log says, and the bytes that are hashed for it.

A leaf is canonical JSON with ids, codes and digests; titles, names and content never stand in it. Its 16 random bytes
keep anyone who knows the ids from recognising the leaf by its hash.

    >>> leaf = Leaf(v=1, event=Event.NODE_INITIALISED, at=Instant(0), nonce=bytes(16), ids={"party": "KOR"})
    >>> parse_leaf(encode_leaf(leaf)) == leaf
    True
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta

from gsomia import canon
from gsomia.audit.errors import AuditError
from gsomia.audit.events import Event
from gsomia.ids import HexDigest
from gsomia.instants import Instant

MAX_LEAF_BYTES = 65_535
"""An entry bundle of tlog-tiles gives each entry a 16-bit length."""
NONCE_BYTES = 16
MAX_IDS = 32

IdName = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*\\Z", max_length=40)]
Word = Annotated[str, Meta(pattern="^[!-~]+\\Z", max_length=128)]
"""An id or a code: visible ASCII without spaces, so that prose cannot slip in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One entry: what happened, when, to which ids, about which bytes, with which code.

    Source: design 5; G6-7.
    """

    v: Literal[1]
    event: Event
    at: Instant
    nonce: Annotated[bytes, Meta(min_length=NONCE_BYTES, max_length=NONCE_BYTES)]
    ids: Annotated[dict[IdName, Word], Meta(max_length=MAX_IDS)] = field(default_factory=dict)
    digest: HexDigest | None = None
    code: Word | None = None


def encode_leaf(leaf: Leaf) -> bytes:
    """The bytes of `leaf` that are stored and hashed; `parse_leaf` takes them back.

    Raises:
        ValueError: a nonce, id or code outside its bounds: a mistake of ours.
    """
    data, _ = canon.spell(leaf)
    if len(data) > MAX_LEAF_BYTES:
        msg = f"a leaf of `{len(data)}` bytes"
        raise ValueError(msg)
    return data


def parse_leaf(untrusted: bytes) -> Leaf:
    """The leaf whose canonical bytes are exactly `untrusted`.

    Raises:
        AuditError: too long, malformed, of an unlisted event, or not spelled canonically.
    """
    if len(untrusted) > MAX_LEAF_BYTES:
        raise AuditError(
            "audit/leaf-malformed", f"`{len(untrusted)}` bytes where a leaf has at most `{MAX_LEAF_BYTES}`"
        )
    try:
        return canon.decode(untrusted, Leaf)
    except canon.CanonError as cause:
        raise AuditError("audit/leaf-malformed", cause.message) from cause
