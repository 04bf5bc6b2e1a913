"""Whether the private log still is what was committed to in the logs that partners cosign.

A partner cannot see the private log. Before its head is offered, the log shared with a partner takes a salted
commitment to the private log's head. Whoever writes the private log anew below one is found here; whoever writes the
shared log anew as well is found by the partner that cosigned it, at the next head or link-up.

Source: design 5 (a salted commitment to the private log's head).
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from gsomia import canon
from gsomia.audit import AuditError, Event, parse_leaf
from gsomia.canon import CanonError
from gsomia.flows.cosign import commit
from gsomia.flows.desk import shared_log
from gsomia.flows.logs import epochs_of
from gsomia.flows.parties import partners
from gsomia.flows.records import AnchorRecord
from gsomia.ids import HexDigest, PartyCode, sha256_hex
from gsomia.node.entries import read_entries

if TYPE_CHECKING:
    from gsomia.node.bench import LocalNode


def anchors_of(node: "LocalNode") -> dict[HexDigest, AnchorRecord]:
    """Every commitment as it was made, by the digest that its entry in the private log names.

    One that is not what was written is left out: the check of records names it.
    """
    found = {}
    for stored in node.store.iterate_records(AnchorRecord):
        with suppress(CanonError):
            if sha256_hex(stored.doc) != stored.digest:
                continue
            found[stored.digest] = canon.decode(stored.doc, AnchorRecord)
    return found


def anchored_heads(anchors: Mapping[HexDigest, AnchorRecord]) -> dict[str, tuple[int, bytes]]:
    """Size and root of the heads that were committed to, as `check_log` takes them."""
    return {digest: (one.size, bytes.fromhex(one.root)) for digest, one in anchors.items()}


def check_anchors(node: "LocalNode", anchors: Mapping[HexDigest, AnchorRecord]) -> Iterator[str]:
    """Commitments that do not stand in the log shared with the partner, and those there that nothing here opens."""
    said: dict[PartyCode, dict[str, str]] = {known.code: dict(_said(node, known.code)) for known in partners(node.desk)}
    for digest, one in anchors.items():
        if commit(one.salt, size=one.size, root=one.root) != one.commitment:
            yield f"anchor {digest[:16]}: it does not commit to the head it names"
        elif said.get(one.party, {}).pop(one.commitment, None) is None:
            yield f"anchor {digest[:16]}: the log shared with {one.party} does not hold it"
    left = {commitment: place for places in said.values() for commitment, place in places.items()}
    late = {one.commitment for one in anchors_of(node).values()} if left else set()  # made since they were read
    yield from (f"entry {left[one]}: no anchor opens the commitment" for one in left.keys() - late)


def _said(node: "LocalNode", party: PartyCode) -> Iterator[tuple[str, str]]:
    """Commitments in the log shared with a partner, and where each stands."""
    for origin in node.store.run(lambda tx: epochs_of(tx, shared_log(node.desk.party, party))):
        size = node.store.run(lambda tx, origin=origin: tx.head(origin).frontier.size)  # type: ignore[misc]
        for entry in read_entries(node, origin, size):
            if Event.LOG_ANCHORED.encode() not in entry.leaf:  # few are, and reading one costs ten times the look
                continue
            with suppress(AuditError):
                leaf = parse_leaf(entry.leaf)
                if leaf.event is Event.LOG_ANCHORED and leaf.digest is not None:
                    yield leaf.digest, f"{entry.index} of {origin}"
