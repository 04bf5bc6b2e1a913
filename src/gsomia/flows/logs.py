"""Which epoch of a log counts, which one is closed, and what a partner's older epochs may still prove.

A log of ours is *closed* as soon as a head of it is known that this node does not hold, or after the node was restored.
Nothing is appended to a closed log, and so nothing is done that would have to stand in it (law 2). The mark is the head
itself, kept where heads of partners' logs are kept, under the name of our own log.

Invariant (never twice): an epoch that was closed is never appended to again; its successor has another name.
Source: design 2, design 5.
"""

from collections.abc import Mapping
from typing import cast

from gsomia.audit import (
    NO_ROOT,
    claimed_checkpoint,
    epoch_number,
    epoch_origin,
    parse_leaf,
    restore_frontier,
)
from gsomia.errors import UnavailableError
from gsomia.flows.desk import Desk, shared_log
from gsomia.flows.ports import Tx
from gsomia.flows.records import EpochRecord
from gsomia.ids import HexDigest, PartyCode, hex_digest

RESTORED = b"restored\n"
"""Stands where the head would, if the node was restored and nobody has shown it yet how far its log had come."""
BROKEN = b"broken\n"
"""Stands there if two persons decided that a log which does not verify is not continued."""


def epochs_of(tx: Tx, log: str) -> list[str]:
    """The names of all epochs of a log of ours, the newest first; the first one even if it has no entry yet."""
    numbers = {1, *(n for origin in tx.origins() if (n := epoch_number(origin, log)) is not None)}
    return [epoch_origin(log, number) for number in sorted(numbers, reverse=True)]


def current_log(tx: Tx, log: str) -> str:
    """The epoch of a log of ours that counts."""
    return epochs_of(tx, log)[0]


def log_to_append(tx: Tx, desk: Desk, log: str) -> str:
    """The epoch of a log of ours that takes entries.

    Raises:
        UnavailableError: the log is closed; nothing may be entered before link-up opened the next epoch.
    """
    # Whoever closes a log or opens its next epoch forgets this memo in the same unit. Units run one after another; one
    # that failed may leave the name of an epoch behind that never began, which has no entry.
    known = desk.memo.get(_open(log))
    if isinstance(known, str) and (known == log or tx.head(known).frontier.size):
        return known
    origin = current_log(tx, log)
    if tx.witnessed(origin) is not None:
        raise UnavailableError(
            "flows/log-closed",
            f"this node is behind what it said before: nothing is entered in `{origin}` any more",
            remedy="serve the node and let it link up with its partners; `gsomia doctor` says what it waits for",
        )
    desk.memo[_open(log)] = origin
    return origin


def forget_open(desk: Desk, log: str) -> None:
    """Look again which epoch of a log takes entries."""
    desk.memo.pop(_open(log), None)


def _open(log: str) -> str:
    return f"open/{log}"


def first_epoch(origin: str) -> str:
    """The name of the log that an epoch belongs to, which is that of its first epoch."""
    log, _, number = origin.rpartition("/")
    return log if number.isdigit() else origin


def closed_logs(tx: Tx) -> list[str]:
    """Logs of ours that wait for their next epoch."""
    firsts = {first_epoch(origin) for origin in tx.origins()}
    return sorted(origin for origin in (current_log(tx, log) for log in firsts) if tx.witnessed(origin) is not None)


def is_closed(tx: Tx, log: str) -> bool:
    """Whether a log of ours waits for its next epoch."""
    return tx.witnessed(current_log(tx, log)) is not None


def close_logs(tx: Tx, desk: Desk, *, shown: Mapping[str, tuple[int, bytes]]) -> None:
    """Close every log of ours: a node is set back as a whole.

    Args:
        tx: the unit.
        desk: ours.
        shown: heads that a partner proved, by origin; the others are closed without one.
    """
    for origin in {*tx.origins(), *shown}:
        forget_open(desk, first_epoch(origin))
        if origin in shown:
            size, body = shown[origin]
            tx.put_witnessed(origin, size=size, body=body)
        elif tx.witnessed(origin) is None:
            tx.put_witnessed(origin, size=tx.head(origin).frontier.size, body=RESTORED)


def root_at(tx: Tx, origin: str, size: int) -> bytes:
    """The root over the first `size` entries of a log of ours."""
    return restore_frontier(size, lambda level, index: tx.node(origin, level, index)).root()


def witnessed_head(seen: tuple[int, bytes] | None) -> tuple[int, HexDigest]:
    """Size and root of a head as we kept it; of no entries if none is."""
    if seen is None:
        return 0, NO_ROOT
    checkpoint = claimed_checkpoint(seen[1])
    return checkpoint.size, hex_digest(checkpoint.root)


def forget_partner_epochs(desk: Desk, sender: PartyCode) -> None:
    """Read a partner's epochs again."""
    desk.memo.pop(_memo(sender), None)


def partner_log(desk: Desk, sender: PartyCode) -> str:
    """The epoch of a partner's log shared with us that counts."""
    return _partner_epochs(desk, sender)[-1][0]


def partner_log_of(desk: Desk, sender: PartyCode, checkpoint: bytes) -> str:
    """Which log of a partner a checkpoint must be of to be believed.

    A closed epoch still proves what it held up to the head that its successor names; beyond that nothing.

    Trust: `checkpoint` is untrusted, and only read for the name it claims; whoever asks verifies it under the answer.
    """
    epochs = _partner_epochs(desk, sender)
    lines = checkpoint.split(b"\n", 2)
    for origin, closed in epochs[:-1]:
        if lines[0] == origin.encode() and lines[1].isdigit() and int(lines[1]) <= closed:
            return origin
    return epochs[-1][0]


def locate_shared(tx: Tx, desk: Desk, to: PartyCode, *, subject: str) -> tuple[str, int] | None:
    """Where the last entry about `subject` stands in the log shared with a partner, if the partner will believe it."""
    log = shared_log(desk.party, to)
    for origin in epochs_of(tx, log):
        index = tx.find(origin, subject=subject)
        if index is not None and is_provable(tx, desk, log, origin, index):
            return origin, index
    return None


def is_provable(tx: Tx, desk: Desk, log: str, origin: str, index: int) -> bool:
    """Whether an entry lies in the epoch that counts, or below the head at which its epoch was closed."""
    if origin == current_log(tx, log):
        return True
    number = epoch_number(origin, log) or 1
    ends = [r.closed_size for r in tx.every(EpochRecord, log=log, party=desk.party) if r.epoch > number]
    return bool(ends) and index < ends[0]


def locate_entry(tx: Tx, desk: Desk, to: PartyCode, index: int, *, consignment: str) -> str:
    """In which epoch the entry `index` is the one about `consignment`: records name an index, not an epoch."""
    epochs = epochs_of(tx, shared_log(desk.party, to))
    for origin in epochs[:-1]:
        for entry in tx.entries(origin, start=index, limit=1):
            if parse_leaf(entry.leaf).ids.get("consignment") == consignment:
                return origin
    return epochs[-1]


def entry_reference(tx: Tx, desk: Desk, to: PartyCode, index: int) -> str:
    """How an outbox row names an entry just made in the log shared with a partner: its index, after a later epoch."""
    log = shared_log(desk.party, to)
    number = epoch_number(current_log(tx, log), log) or 1
    return str(index) if number == 1 else f"{number}/{index}"


def _partner_epochs(desk: Desk, sender: PartyCode) -> tuple[tuple[str, int], ...]:
    """Every epoch of a partner's log, oldest first, with the size it was closed at."""
    log = shared_log(sender, desk.party)

    def read(tx: Tx) -> tuple[tuple[str, int], ...]:
        records = tx.every(EpochRecord, log=log, party=sender)
        numbers = (1, *(record.epoch for record in records))
        sizes = (*(record.closed_size for record in records), 0)
        found = tuple((epoch_origin(log, number), size) for number, size in zip(numbers, sizes, strict=True))
        desk.memo[_memo(sender)] = found
        return found

    known = desk.memo.get(_memo(sender))
    return cast("tuple[tuple[str, int], ...]", known) if known is not None else desk.store.run(read)


def _memo(sender: PartyCode) -> str:
    return f"epochs/{sender}"
