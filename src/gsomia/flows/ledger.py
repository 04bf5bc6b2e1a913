"""The only way a flow writes: a record and its log entry in one breath, so that nothing is done that is not recorded.

Every record is named by digest in the private log. What the partner may know of it stands, as ids and codes, in the log
shared with that partner.
"""

from collections.abc import Mapping

from gsomia.audit import Event, Leaf
from gsomia.flows.desk import Desk, private_log, shared_log
from gsomia.flows.logs import log_to_append
from gsomia.flows.ports import Tx
from gsomia.ids import HexDigest, PartyCode


def enter(tx: Tx, desk: Desk, record: object, *, event: Event, subject: str, **ids: str) -> HexDigest:
    """Append a record and the private log entry that names it.

    Args:
        tx: the unit of work.
        desk: whose log.
        record: of a kind in `storage.kinds`.
        event: what happened.
        subject: the id under which the entry is found again.
        **ids: what else the leaf names; ids and codes only.

    Source: design 2 (law 2), G6-7.
    """
    digest = tx.add(record)
    _append(tx, desk, private_log(desk.party), event=event, subject=subject, ids=ids, digest=digest)
    return digest


def share(
    tx: Tx,
    desk: Desk,
    partner: PartyCode,
    *,
    event: Event,
    subject: str,
    digest: HexDigest | None = None,
    code: str | None = None,
    **ids: str,
) -> int:
    """Append an entry to the log shared with `partner` and return its index in the epoch that counts.

    `digest` is of something the partner holds too (a manifest, a statement): it tells nothing new.
    """
    return _append(
        tx, desk, shared_log(desk.party, partner), event=event, subject=subject, ids=ids, digest=digest, code=code
    )


def _append(
    tx: Tx,
    desk: Desk,
    log: str,
    *,
    event: Event,
    subject: str,
    ids: Mapping[str, str],
    digest: HexDigest | None,
    code: str | None = None,
) -> int:
    origin = log_to_append(tx, desk, log)
    now, last = desk.clock(), tx.head(origin).last_at
    at = now if last is None or last <= now else last  # entry time never runs backwards (design 5)
    leaf = Leaf(v=1, event=event, at=at, nonce=desk.entropy(16), ids=dict(ids), digest=digest, code=code)
    return tx.append(origin, leaf, subject=subject)
