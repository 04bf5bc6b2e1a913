"""A log that does not verify: release and reading stop, receiving goes on, two persons open the next epoch.

The mark lies beside the heads that were shown to us, under the log's name and `#broken`. It belongs to the epoch: the
next one starts without it.

Source: design 2.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from gsomia.audit import EpochReason, Event, check_tail, claimed_checkpoint, restore_frontier
from gsomia.errors import IntegrityError, LocalError
from gsomia.flows.contradictions import require_partner_log
from gsomia.flows.desk import Actor, Desk, private_log, shared_log
from gsomia.flows.epoch import open_private_epoch
from gsomia.flows.ledger import enter
from gsomia.flows.linkup import forget_link
from gsomia.flows.logs import BROKEN, current_log, first_epoch, forget_open, is_closed
from gsomia.flows.parties import partners
from gsomia.flows.people import require_office
from gsomia.flows.ports import LoggedEntry, Tx
from gsomia.flows.records import EpochProposal
from gsomia.flows.second import require_another, wait_for_second
from gsomia.ids import PartyCode
from gsomia.instants import Instant
from gsomia.parties import Office, sign_act
from gsomia.policy import proposal_ends

BATCH = 2_000
"""Entries read in one unit while a tail is checked."""
EPOCH_PROPOSAL = "epoch-proposal"
OFFICES = (Office.SECURITY_OFFICER, Office.CONTROL_OFFICER)


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochOrder:
    """What each of the two persons signs: this log is not continued past what it was witnessed at."""

    log: str
    first_bad: int
    at: Instant


def mark_broken(desk: Desk, origin: str, *, first_bad: int) -> None:
    """Remember that a log of ours does not hold from an entry on."""
    desk.memo.pop("sound", None)
    desk.store.run(lambda tx: tx.put_witnessed(_mark(origin), size=first_bad, body=b"broken\n"))
    desk.memo.pop("sound", None)


def broken_logs(tx: Tx) -> dict[str, int]:
    """Logs of ours that do not hold, by the name of the epoch that counts, and the first bad entry of each."""
    found = {}
    for origin in {current_log(tx, first_epoch(name)) for name in tx.origins()}:
        mark = tx.witnessed(_mark(origin))
        if mark is not None:
            found[origin] = mark[0]
    return found


def require_sound(tx: Tx, desk: Desk, *, to: PartyCode | None = None) -> None:
    """Stop release and ordinary reading while a log of ours does not hold, or the log of whom it is released to.

    Raises:
        IntegrityError: one of ours does not.
        RefusedError: the partner's is convicted.

    Source: design 2, design 5.
    """
    if to is not None:
        require_partner_log(tx, desk, to)
    if "sound" in desk.memo:
        return
    broken = broken_logs(tx)
    if broken:
        origin, first_bad = min(broken.items())
        raise IntegrityError(
            "flows/log-broken",
            f"the log `{origin}` does not hold from entry `{first_bad}` on",
            remedy=f"see `gsomia audit verify`; then two officers type `gsomia audit new-epoch {first_epoch(origin)}`",
            evidence={"origin": origin, "index": first_bad},
        )
    desk.memo["sound"] = True


def check_tails(desk: Desk) -> dict[str, int]:
    """Check the tail of every log of ours since the last head that was witnessed, and mark what does not hold.

    Returns the first bad entry of each log that does not hold.
    """
    bad = {}
    for origin in desk.store.run(lambda tx: sorted({current_log(tx, first_epoch(name)) for name in tx.origins()})):
        first_bad = _check_tail(desk, origin)
        if first_bad is not None:
            mark_broken(desk, origin, first_bad=first_bad)
            bad[origin] = first_bad
    return bad


def propose_epoch(desk: Desk, actor: Actor, log: str) -> str:
    """Propose that a broken log goes on under a new epoch, or confirm what another officer proposed.

    The log shared with a partner is closed, and its next epoch opened at link-up, from the head the partner witnessed;
    the private log goes on at once. Returns the name of the log that counts now.

    Raises:
        WaitingError: it is proposed, and waits for a second person.
        LocalError: no such log, or it holds.
        RefusedError: no officer, or the same person twice.

    Source: design 2 (two persons may open a new log epoch that names the break).
    """
    require_office(desk, actor, *OFFICES, clause="G6-7")
    now = desk.clock()

    def unit(tx: Tx) -> bool:
        origin = current_log(tx, log)
        first_bad = broken_logs(tx).get(origin)
        if first_bad is None or is_closed(tx, log):
            raise LocalError("flows/log-holds", f"no broken log `{log}` is open", remedy="see `gsomia doctor`")
        proposal = tx.latest(EpochProposal, log=origin)
        order = sign_act(EpochOrder(log=origin, first_bad=first_bad, at=now), kind=EPOCH_PROPOSAL, hand=actor.hand)
        made = EpochProposal(
            log=origin,
            first_bad=first_bad,
            by=actor.person,
            key=order.by.key,
            signature=order.by.signature,
            at=now,
        )
        waits = proposal is None or now >= proposal_ends(proposal.at)
        if not waits and proposal is not None:
            require_another(actor, first=proposal.by, key=proposal.key, clause="G6-7")
        enter(tx, desk, made, event=Event.LOG_EPOCH_PROPOSED, subject=log, log=origin)
        if not waits:
            forget_open(desk, log)
            tx.put_witnessed(origin, size=tx.head(origin).frontier.size, body=BROKEN)
        return waits

    if desk.store.run(unit):
        raise wait_for_second(f"a new epoch of `{log}` is proposed", clause="G6-7")
    desk.memo.pop("sound", None)
    finish_private_epoch(desk)
    for known in partners(desk):
        if log == shared_log(desk.party, known.code):
            forget_link(desk, known.code)  # its worker links up anew, and opens the epoch there
    return desk.store.run(lambda tx: current_log(tx, log))


def finish_private_epoch(desk: Desk) -> None:
    """Open the next epoch of the private log, if two persons decided so and a crash came between."""
    seen = desk.store.run(lambda tx: tx.witnessed(current_log(tx, private_log(desk.party))))
    if seen is not None and seen[1] == BROKEN:
        open_private_epoch(desk, reason=EpochReason.BROKEN)


def _check_tail(desk: Desk, origin: str) -> int | None:
    def heads(tx: Tx) -> tuple[int, bytes | None, int, bytes]:
        head = tx.head(origin).frontier
        cosigned = tx.last_cosignature(origin) or tx.last_checkpoint(origin)  # nobody cosigns the private log
        below = cosigned[0] if cosigned else 0
        bodies = [body for body in tx.checkpoints(origin) if int(body.split(b"\n", 2)[1]) == below]
        root = claimed_checkpoint(bodies[0]).root if bodies else None
        return min(below, head.size), root, head.size, head.root()

    below, witnessed, size, root = desk.store.run(heads)
    try:
        start = desk.store.run(lambda tx: restore_frontier(below, lambda level, at: tx.node(origin, level, at)))
    except KeyError:
        return max(below - 1, 0)

    def read() -> Iterator[tuple[bytes, bytes]]:
        for at in range(below, size, BATCH):
            found = desk.store.run(partial(_entries, origin=origin, start=at, limit=min(BATCH, size - at)))
            yield from ((entry.leaf, entry.leaf_hash) for entry in found)

    return check_tail(start, read(), root=root, witnessed=witnessed)


def _entries(tx: Tx, *, origin: str, start: int, limit: int) -> list[LoggedEntry]:
    return tx.entries(origin, start=start, limit=limit)


def _mark(origin: str) -> str:
    return f"{origin}#broken"
