"""Keep an unclassified text by its digest, so that what was coded from it can be checked; nothing is moved by it.

Source: A-28, system 1.6.
"""

from collections.abc import Sequence

from gsomia.agreements import Claim, SourceText, check_spans
from gsomia.audit import Event
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_own_key
from gsomia.flows.ports import Tx
from gsomia.ids import sha256_hex


def add_source(desk: Desk, actor: Actor, text: bytes, *, name: str, claims: Sequence[Claim]) -> SourceText:
    """Keep a text under its digest, after holding against it every claim coded from exactly these bytes.

    The same bytes again are the same text: the record that stands is returned.

    Args:
        desk: ours.
        actor: who brings the text; any person of this node, for nothing follows from it.
        text: its bytes, as they came.
        name: what the file was called.
        claims: every claim known here, of this text or of others.

    Raises:
        ClaimError: too large, not UTF-8, or a claim's span does not fit.

    Source: system 1.6.
    """
    require_own_key(desk, actor)
    checked = check_spans(claims, text)
    record = SourceText(digest=sha256_hex(text), name=name, text=text, claims=checked, by=actor.person, at=desk.clock())

    def unit(tx: Tx) -> SourceText:
        known = tx.latest(SourceText, digest=record.digest)
        if known is not None:
            return known
        enter(tx, desk, record, event=Event.SOURCE_ADDED, subject=record.digest)
        return record

    return desk.store.run(unit)


def sources_held(desk: Desk) -> list[SourceText]:
    """The texts this node keeps, oldest first."""
    return desk.store.run(lambda tx: tx.every(SourceText))
