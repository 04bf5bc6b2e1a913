"""Link-up: the first thing two nodes say to one another after either started, or after the line was down.

1. Each side shows what it last saw of the other: checkpoint, epoch, receipt, act; all under the other's own signature.
2. A side that is shown a head it does not hold was set back. It closes its logs and does nothing more that would stand
   in them, fetches what it lost (`flows.recover`), and opens new epochs.
3. The partner accepts a new epoch only from the head it witnessed itself; then both go on.

The conversation itself is in `flows.greet`.

Source: design 5.
"""

from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gsomia import canon
from gsomia.audit import (
    LOG_EPOCH,
    LogEpoch,
    SignedCheckpoint,
    choose_key,
    epoch_number,
    epoch_origin,
    verify_checkpoint,
)
from gsomia.errors import PartnerError, UnavailableError
from gsomia.exchange import Accepted, ExchangeError, LinkUp, Reply
from gsomia.flows.desk import Desk, shared_log
from gsomia.flows.epoch import accept_epoch
from gsomia.flows.logs import (
    close_logs,
    current_log,
    forget_partner_epochs,
    is_closed,
    partner_log,
    root_at,
)
from gsomia.flows.parties import partner
from gsomia.flows.ports import Tx
from gsomia.flows.prove import prove_entry
from gsomia.flows.records import EpochRecord, ReceiptRecord, StatementRecord
from gsomia.ids import HexDigest, PartyCode
from gsomia.parties import choose_statement_key, read_kind, verify_statement


class Standing(StrEnum):
    """What a link-up came to on our side."""

    LINKED = "linked"
    BEHIND = "behind"
    EPOCH_UNHEARD = "epoch-unheard"
    NOT_READY = "not-ready"
    """We are whole, the partner is not yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something to ask at the partner's door."""

    path: str
    body: bytes


Conversation = Generator[Question, bytes, None]


def our_claim(desk: Desk, to: PartyCode) -> bytes:
    """What we last saw of a partner, for the partner."""
    origin = partner_log(desk, to)
    log = shared_log(to, desk.party)

    def read(tx: Tx) -> LinkUp:
        receipt = tx.latest(ReceiptRecord, party=to)
        act = tx.latest(StatementRecord, party=to, direction="heard")
        epoch = tx.latest(EpochRecord, log=log, party=to)
        opened = tx.latest(StatementRecord, digest=epoch.statement) if epoch else None
        cosigned = tx.witnessed(origin)
        seen = receipt.receipt.checkpoint if receipt else None
        return LinkUp(
            party=desk.party,
            protocol=1,
            ready=not is_closed(tx, shared_log(desk.party, to)),
            epoch=epoch_number(origin, log) or 1,
            opened=opened.envelope if opened else None,
            cosigned=cosigned[1] if cosigned else None,
            seen=seen if seen is not None and seen.startswith(origin.encode() + b"\n") else None,
            act=act.envelope if act else None,
        )

    return canon.encode(desk.store.run(read))


def judge_link(desk: Desk, sender: PartyCode, untrusted: bytes) -> Standing:
    """Hold what a partner saw of us against what we hold; close our logs if we were set back.

    Raises:
        CanonError, ExchangeError: no claim of that partner.

    Trust: of `untrusted` only what carries our own signature counts; the rest is not even looked at.
    """
    claim = canon.decode(untrusted, LinkUp)
    if claim.party != sender:
        raise ExchangeError("exchange/link-of-another", "the partner speaks for another party")
    log = shared_log(desk.party, sender)
    heads = proven_heads(desk, claim, log=log)
    act = proven_act(desk, claim)
    epoch = proven_epoch(desk, claim, log=log)

    def unit(tx: Tx) -> Standing:
        if not is_closed(tx, log) and _is_behind(tx, log, epoch=epoch, heads=heads, act=act):
            shown = max(heads, key=lambda head: head.checkpoint.size, default=None)
            origin = current_log(tx, log)
            close_logs(tx, desk, shown={origin: (shown.checkpoint.size, shown.body)} if shown else {})
        if is_closed(tx, log):
            return Standing.BEHIND
        ours = epoch_number(current_log(tx, log), log) or 1
        if epoch < ours:
            return Standing.EPOCH_UNHEARD
        return Standing.LINKED if claim.ready else Standing.NOT_READY

    standing = desk.store.run(unit)
    if standing in {Standing.LINKED, Standing.NOT_READY}:
        desk.memo[_memo(sender)] = True
    else:
        desk.memo.pop(_memo(sender), None)
    return standing


def answer_link(desk: Desk, sender: PartyCode, untrusted: bytes) -> bytes:
    """The partner opened the conversation: judge what it shows, and show what we saw."""
    judge_link(desk, sender, untrusted)
    return our_claim(desk, sender)


def is_linked(desk: Desk, code: PartyCode) -> bool:
    """Whether the partner has shown what it saw of us since this process started, and we hold all of it."""
    return _memo(code) in desk.memo


def forget_link(desk: Desk, code: PartyCode) -> None:
    """Link up once more before anything else is said or heard."""
    desk.memo.pop(_memo(code), None)


def require_link(desk: Desk, code: PartyCode) -> None:
    """Take nothing from a partner before link-up.

    Raises:
        UnavailableError: there was none; the partner repeats its message after one.
    """
    if not is_linked(desk, code):
        raise UnavailableError(
            "flows/not-linked", f"no link-up with `{code}` since this node started", remedy="it comes by itself"
        )


def hear_epoch(desk: Desk, sender: PartyCode, untrusted: bytes) -> Reply:
    """A partner opens a new epoch of the log it shares with us.

    Raises:
        CanonError, SignatureError: no statement of that partner.
        VerificationError: it does not continue what we witnessed; nothing changed.
    """
    key = partner(desk, sender).descriptor.statement
    statement = verify_statement(untrusted, accepts={LOG_EPOCH: LogEpoch}, key=key)
    try:
        place = desk.store.run(lambda tx: accept_epoch(tx, desk, sender, statement))
    finally:
        forget_partner_epochs(desk, sender)
    return Reply(progress=None, accepted=Accepted(receipt=prove_entry(desk, *place)))


def proven_heads(desk: Desk, claim: LinkUp, *, log: str) -> tuple[SignedCheckpoint, ...]:
    """The heads of our log that the claim proves by our own signature."""
    heads = []
    for note in (claim.cosigned, claim.seen):
        if note is not None:
            try:
                origin = epoch_origin(log, max(claim.epoch, 1))
                key = choose_key(note, origin=origin, keys=desk.unlocked.log_keys)
                heads.append(verify_checkpoint(note, origin=origin, key=key))
            except PartnerError:  # boasting proves nothing, and stops nobody
                continue
    return tuple(heads)


def proven_epoch(desk: Desk, claim: LinkUp, *, log: str) -> int:
    """The epoch of our log that the claim proves; the first needs no proof."""
    if claim.opened is None:
        return 1
    try:
        key = choose_statement_key(claim.opened, keys=desk.unlocked.statement_keys)
        opened = verify_statement(claim.opened, accepts={LOG_EPOCH: LogEpoch}, key=key).value
    except PartnerError:  # as above
        return 1
    return opened.epoch if (opened.log, opened.party, opened.epoch) == (log, desk.party, claim.epoch) else 1


def proven_act(desk: Desk, claim: LinkUp) -> HexDigest | None:
    """The digest of the act of ours that the claim proves by our own signature."""
    if claim.act is None:
        return None
    try:
        accepts: dict[str, type[dict[str, Any]]] = {read_kind(claim.act): dict}
        key = choose_statement_key(claim.act, keys=desk.unlocked.statement_keys)
        return verify_statement(claim.act, accepts=accepts, key=key).digest
    except PartnerError:  # as above
        return None


def _is_behind(tx: Tx, log: str, *, epoch: int, heads: tuple[SignedCheckpoint, ...], act: HexDigest | None) -> bool:
    ours = epoch_number(current_log(tx, log), log) or 1
    if epoch > ours:
        return True
    for head in heads:
        origin, size = head.checkpoint.origin, head.checkpoint.size
        if epoch == ours and (
            size > tx.head(origin).frontier.size or root_at(tx, origin, size) != head.checkpoint.root
        ):
            return True
    return act is not None and tx.latest(StatementRecord, digest=act, direction="own") is None


def _memo(code: PartyCode) -> str:
    return f"linked/{code}"
