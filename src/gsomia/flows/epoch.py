"""Open the next epoch of a log of ours by a signed statement; accept a partner's.

Source: design 2 (two persons may open a new log epoch that names the break), design 5 (never a fork).
"""

from gsomia.audit import LOG_EPOCH, EpochReason, Event, Leaf, LogEpoch, epoch_number, epoch_origin, parse_leaf
from gsomia.errors import VerificationError
from gsomia.flows.desk import Desk, private_log, shared_log
from gsomia.flows.ledger import enter, share
from gsomia.flows.logs import (
    current_log,
    forget_open,
    forget_partner_epochs,
    is_provable,
    locate_shared,
    witnessed_head,
)
from gsomia.flows.ports import Tx
from gsomia.flows.records import EpochRecord, StatementRecord
from gsomia.ids import HexDigest, PartyCode, hex_digest
from gsomia.parties import Statement, sign_statement


def sign_epoch(
    tx: Tx,
    desk: Desk,
    log: str,
    *,
    to: PartyCode | None,
    epoch: int,
    closed: tuple[int, HexDigest],
    reason: EpochReason,
) -> Statement[LogEpoch]:
    """The statement that opens an epoch of a log of ours."""
    old = current_log(tx, log)
    held = tx.head(old).frontier
    body = LogEpoch(
        party=desk.party,
        to=to,
        log=log,
        epoch=epoch,
        closed_size=closed[0],
        closed_root=closed[1],
        held_size=held.size,
        held_root=hex_digest(held.root()),
        reason=reason,
        at=desk.clock(),
    )
    return sign_statement(body, kind=LOG_EPOCH, signer=desk.unlocked.keys.statement)


def open_epoch(tx: Tx, desk: Desk, statement: Statement[LogEpoch]) -> None:
    """Begin the epoch that a statement of ours opens: its first entry names that statement.

    The private log must be open, or be the one that is opened here: the records are named in it.
    """
    body, now = statement.value, desk.clock()
    origin = epoch_origin(body.log, body.epoch)
    leaf = Leaf(
        v=1,
        event=Event.LOG_EPOCH_OPENED,
        at=now,
        nonce=desk.entropy(16),
        ids={"log": body.log, "epoch": str(body.epoch)},
        digest=statement.digest,
        code=body.reason,
    )
    forget_open(desk, body.log)
    tx.append(origin, leaf, subject=statement.digest)
    envelope = StatementRecord(
        digest=statement.digest,
        kind=LOG_EPOCH,
        party=body.to or desk.party,
        direction="own",
        envelope=statement.envelope,
        at=now,
    )
    enter(tx, desk, envelope, event=Event.LOG_EPOCH_OPENED, subject=statement.digest)
    enter_epoch(tx, desk, statement, event=Event.LOG_EPOCH_OPENED)


def open_private_epoch(desk: Desk, *, reason: EpochReason) -> None:
    """Open the next epoch of the private log, if the current one is closed. It names the head this node holds."""
    log = private_log(desk.party)

    def unit(tx: Tx) -> None:
        origin = current_log(tx, log)
        if tx.witnessed(origin) is None:
            return
        held = tx.head(origin).frontier
        number = (epoch_number(origin, log) or 1) + 1
        closed = held.size, hex_digest(held.root())
        open_epoch(tx, desk, sign_epoch(tx, desk, log, to=None, epoch=number, closed=closed, reason=reason))

    desk.store.run(unit)


def accept_epoch(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[LogEpoch]) -> tuple[str, int]:
    """Believe a partner's new epoch, if it names the head of the old one that we witnessed; where our entry stands.

    1. It is of the log the partner shares with us, and says so of itself.
    2. Known already? The old answer.
    3. Its number follows the one we know, and it names the head we cosigned last.
    4. On record; what the old epoch may still prove ends at that head.

    Raises:
        VerificationError: step 1 or 3: there would be two logs.

    Source: design 5 (the partner accepts the epoch only if its own witnessed head equals the named one).
    """
    body, log = statement.value, shared_log(sender, desk.party)
    # (1) the log it shares with us
    if (body.party, body.to, body.log) != (sender, desk.party, log):
        raise VerificationError("flows/epoch-of-another", "the epoch is of another log than the one shared with us")
    # (2) known already
    known = tx.latest(EpochRecord, log=log, party=sender)
    if known is not None and known.statement == statement.digest:
        return locate_shared(tx, desk, sender, subject=statement.digest) or _share(tx, desk, sender, statement)
    # (3) from the head that we witnessed
    number = known.epoch if known else 1
    seen = tx.witnessed(epoch_origin(log, number))
    head = witnessed_head(seen)
    if body.epoch != number + 1 or (body.closed_size, body.closed_root) != head:
        raise VerificationError(
            "flows/epoch-names-another-head",
            f"the epoch `{body.epoch}` does not continue the head of `{head[0]}` entries that we witnessed",
            evidence={"statement": statement.envelope, "witnessed": seen},
        )
    # (4) on record
    forget_partner_epochs(desk, sender)
    heard = StatementRecord(
        digest=statement.digest,
        kind=LOG_EPOCH,
        party=sender,
        direction="heard",
        envelope=statement.envelope,
        at=desk.clock(),
    )
    enter(tx, desk, heard, event=Event.STATEMENT_RECEIVED, subject=statement.digest, sender=sender)
    enter_epoch(tx, desk, statement, event=Event.LOG_EPOCH_ACCEPTED)
    return _share(tx, desk, sender, statement)


def enter_epoch(tx: Tx, desk: Desk, statement: Statement[LogEpoch], *, event: Event) -> None:
    """Enter that a log goes on under a new epoch."""
    body = statement.value
    record = EpochRecord(
        log=body.log,
        party=body.party,
        epoch=body.epoch,
        statement=statement.digest,
        closed_size=body.closed_size,
        closed_root=body.closed_root,
        reason=body.reason,
        at=body.at,
    )
    enter(tx, desk, record, event=event, subject=body.log)


def _share(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[LogEpoch]) -> tuple[str, int]:
    index = share(
        tx,
        desk,
        sender,
        event=Event.STATEMENT_RECEIVED,
        subject=statement.digest,
        digest=statement.digest,
        kind=LOG_EPOCH,
    )
    return current_log(tx, shared_log(desk.party, sender)), index


def enter_anew(tx: Tx, desk: Desk, to: PartyCode, origin: str, index: int) -> tuple[str, int]:
    """Where an entry of the log shared with a partner can be proven: if its epoch was closed below it, a new entry.

    The new entry says the same again, in the epoch that counts; the old one stays where it is.
    """
    log = shared_log(desk.party, to)
    if is_provable(tx, desk, log, origin, index):
        return origin, index
    leaf = parse_leaf(tx.leaf(origin, index))
    subject = leaf.ids.get("item", leaf.digest or to)
    again = share(tx, desk, to, event=leaf.event, subject=subject, digest=leaf.digest, code=leaf.code, **leaf.ids)
    return current_log(tx, log), again
