"""A node that was set back fetches what it lost, and only then opens the next epoch of its logs.

1. What the partner lists as said between the two is fetched, if we do not have it; nothing is entered yet.
2. The private log goes on under a new epoch.
3. Each statement is proven again and applied as of the time its receipt proves, so that both sides derive the same.
4. Items the partner had delivered and that are gone here are asked for once more; what the partner received of ours and
   we know nothing of any more is kept as its proof.
5. The shared log goes on under a new epoch that names the head the partner witnessed.

# CRASH: until step 5 the shared log stays closed, and the next link-up starts over; what is known is skipped.

Source: design 5.
"""

from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any

from gsomia import canon
from gsomia.agreements import (
    ACKNOWLEDGEMENT,
    ASSURANCE,
    CONSENT,
    CONSENT_DENIAL,
    CONSENT_REQUEST,
    CONSENT_WITHDRAWAL,
    LAW_ANSWER,
    LAW_REQUEST,
    PROPOSAL,
    REQUEST,
    REQUEST_ANSWER,
    REQUEST_WITHDRAWAL,
    ActRecord,
    record_of,
)
from gsomia.audit import (
    LOG_EPOCH,
    NO_ROOT,
    EpochReason,
    Event,
    InclusionReceipt,
    LogEpoch,
    epoch_number,
    epoch_origin,
)
from gsomia.errors import IntegrityError, NodeError, UnavailableError
from gsomia.exchange import (
    ASSURANCE_PERSON,
    ASSURANCE_PERSON_ANSWER,
    ASSURANCE_WITHDRAWAL,
    HOTLINE_ACKNOWLEDGEMENT,
    HOTLINE_DESK,
    HOTLINE_MESSAGE,
    INCIDENT_ACKNOWLEDGEMENT,
    INCIDENT_REPORT,
    INVENTORY_EXPLANATION,
    INVENTORY_MINUTES,
    INVENTORY_OPENING,
    INVENTORY_ROSTER,
    MAX_LISTED,
    RADIUS_QUESTION,
    VISIT_ANSWER,
    VISIT_NOTICE,
    VISIT_REQUEST,
    Again,
    Arrival,
    Ask,
    Coming,
    Dealing,
    Dealings,
    ExchangeError,
    LinkUp,
    check_receipt,
)
from gsomia.flows.acts import EVENTS, note_received
from gsomia.flows.again import content_is_gone
from gsomia.flows.agree import know_text
from gsomia.flows.assure import enter_acknowledgement, enter_assurance, enter_assurance_withdrawal
from gsomia.flows.assured_persons import enter_person, enter_person_answer
from gsomia.flows.balance import enter_own_balance
from gsomia.flows.consents import enter_consent, enter_consent_denial, enter_consent_request, enter_consent_withdrawal
from gsomia.flows.desk import Desk, shared_log
from gsomia.flows.dispose import enter_destroyed, finish_destructions
from gsomia.flows.epoch import enter_epoch, open_epoch, open_private_epoch, sign_epoch
from gsomia.flows.give_back import enter_answer, enter_return, finish_returns
from gsomia.flows.hear import HEARD, HEARD_OF_NODES
from gsomia.flows.hotline_answers import enter_own_acknowledgement, enter_own_message
from gsomia.flows.hotline_desks import enter_desk
from gsomia.flows.incident_radius import enter_own_question_again
from gsomia.flows.incident_reports import enter_own_acknowledgement_again, enter_own_report_again
from gsomia.flows.inventory import enter_opening, enter_roster
from gsomia.flows.law_requests import enter_law_answer, enter_law_request
from gsomia.flows.ledger import enter
from gsomia.flows.linkup import Conversation, Question, proven_act, proven_epoch, proven_heads
from gsomia.flows.logs import BROKEN, RESTORED, current_log, forget_partner_epochs, is_closed, partner_log_of
from gsomia.flows.minutes import enter_explanation, enter_minutes
from gsomia.flows.parties import key_sets
from gsomia.flows.ports import Tx
from gsomia.flows.purposes import enter_answer as enter_purpose_answer
from gsomia.flows.purposes import enter_request as enter_purpose_request
from gsomia.flows.records import ReceiptRecord, StatementRecord
from gsomia.flows.regrade import enter_own_again
from gsomia.flows.remark import enter_report
from gsomia.flows.requests import enter_answer as enter_request_answer
from gsomia.flows.requests import enter_request, enter_withdrawal
from gsomia.flows.spare import try_to_enter
from gsomia.flows.visits import enter_visit_answer, enter_visit_notice, enter_visit_request
from gsomia.ids import PartyCode, hex_digest
from gsomia.instants import Instant
from gsomia.parties import Statement, choose_statement_key, read_kind, verify_act, verify_statement
from gsomia.registry import (
    BALANCE,
    DESTRUCTION,
    LEVEL_CHANGE,
    LEVEL_REPORT,
    PURPOSE_ANSWER,
    PURPOSE_REQUEST,
    RETURN,
    TAKE_BACK,
)

ASK = "/v1/link/ask"
STATEMENT = "/v1/link/statement"
AGAIN = "/v1/link/again"
MAX_PAGES = 1 << 20

Pages = Generator[Question, bytes, list[Dealing]]


def recover(desk: Desk, to: PartyCode, claim: LinkUp) -> Conversation:
    """Fetch what this node lost of its dealings with one partner, then open the next epoch of the log shared with it.

    Args:
        desk: ours; its logs are closed.
        to: the partner.
        claim: what it showed in this link-up.

    Raises:
        PartnerError: what it handed out is not what it listed, or proves nothing.
    """
    # (1) fetch first; nothing is entered meanwhile
    unknown = [dealing for dealing in (yield from _all("statements")) if not _is_known(desk, to, dealing)]
    envelopes = []
    for dealing in unknown:
        envelopes += [(yield Question(path=STATEMENT, body=canon.encode(dealing.reference)))]
    deliveries = yield from _all("deliveries")
    arrivals = yield from _all("arrivals")
    # (2) the private log goes on
    open_private_epoch(desk, reason=_reason(desk, to))
    # (3) as of the time that is proven
    for dealing, envelope in zip(unknown, envelopes, strict=True):
        _take_back(desk, to, claim, dealing, envelope)
    _keep_act(desk, to, claim)
    # What was destroyed does not come back; its certificate is said once the log shared with its sender is open.
    try_to_enter(desk)
    with suppress(UnavailableError):
        finish_destructions(desk)
        finish_returns(desk)
    # (4) items
    for dealing in arrivals:
        _keep_proof(desk, to, dealing)
    gone = desk.store.run(lambda tx: [d.reference for d in deliveries if _is_gone(tx, desk, to, d)])
    for start in range(0, len(gone), MAX_LISTED):
        wanted = canon.encode({"consignments": gone[start : start + MAX_LISTED]})
        canon.decode((yield Question(path=AGAIN, body=canon.encode(canon.decode(wanted, Again)))), Coming)
    # (5) and the log shared with the partner
    _open_shared(desk, to, claim)
    with suppress(UnavailableError):
        finish_destructions(desk)
        finish_returns(desk)


def _keep_act(desk: Desk, to: PartyCode, claim: LinkUp) -> None:
    """Keep the last act that the partner heard of us, even if it could not list it: it shall not set us back again."""
    digest = proven_act(desk, claim)
    if digest is None or claim.act is None:
        return
    envelope, kind = claim.act, read_kind(claim.act)

    def unit(tx: Tx) -> None:
        if tx.latest(StatementRecord, digest=digest, direction="own") is None:
            record = StatementRecord(
                digest=digest, kind=kind, party=to, direction="own", envelope=envelope, at=desk.clock()
            )
            enter(tx, desk, record, event=Event.ACT_RECOVERED, subject=digest, kind=kind)

    desk.store.run(unit)


def _all(what: Any) -> Pages:  # noqa: ANN401  one of the three words of `Ask`
    found: list[Dealing] = []
    after = 0
    for _ in range(MAX_PAGES):
        page = canon.decode((yield Question(path=ASK, body=canon.encode(Ask(what=what, after=after)))), Dealings)
        found += page.found
        if page.following is None:
            return found
        if page.following != len(found):
            break
        after = page.following
    raise ExchangeError("exchange/pages-do-not-follow", "the partner's list has no end, or a gap")


def _is_known(desk: Desk, to: PartyCode, dealing: Dealing) -> bool:
    direction = "own" if dealing.own else "heard"

    def read(tx: Tx) -> bool:
        known = tx.latest(StatementRecord, digest=dealing.reference, party=to, direction=direction)
        receipted = not dealing.own or tx.latest(ReceiptRecord, reference=dealing.reference, party=to) is not None
        return known is not None and receipted

    return desk.store.run(read)


def _is_gone(tx: Tx, desk: Desk, to: PartyCode, dealing: Dealing) -> bool:
    if tx.latest(Arrival, consignment=dealing.reference, sender=to) is None:
        return True
    return dealing.item is not None and content_is_gone(tx, desk, dealing.item)


def _take_back(desk: Desk, to: PartyCode, claim: LinkUp, dealing: Dealing, envelope: bytes) -> None:
    theirs = tuple(one.descriptor.statement for one in key_sets(desk, to).counting)
    key = choose_statement_key(envelope, keys=desk.unlocked.statement_keys if dealing.own else theirs)
    kind = read_kind(envelope)
    known = HEARD.get(kind) or HEARD_OF_NODES.get(kind)
    shape: Any = LogEpoch if kind == LOG_EPOCH else known[0] if known else dict
    accepts: dict[str, Any] = {kind: shape}
    statement: Statement[Any] = verify_statement(envelope, accepts=accepts, key=key)
    if kind in HEARD:
        verify_act(statement.value, kind=kind)
    at = _received_at(desk, to, claim, dealing, digest=statement.digest)

    def whole(tx: Tx) -> None:
        _record(tx, desk, to, dealing, statement, kind=kind)
        if kind in _EITHERS:
            _EITHERS[kind](tx, desk, statement, at)
        elif dealing.own:
            _apply_own(tx, desk, statement, kind=kind, at=at)
        elif kind == LOG_EPOCH:
            enter_epoch(tx, desk, statement, event=Event.LOG_EPOCH_ACCEPTED)
        elif known is not None:
            known[1](tx, desk, to, statement, at)

    try:
        desk.store.run(whole)
    except (UnavailableError, IntegrityError) as error:
        if error.code != "flows/receipts-outstanding":
            raise  # our own trouble: the next link-up starts over
        desk.store.run(lambda tx: _record(tx, desk, to, dealing, statement, kind=kind))
    except NodeError:  # what it is about is lost on both sides: the statement itself is still evidence
        desk.store.run(lambda tx: _record(tx, desk, to, dealing, statement, kind=kind))
    finally:
        forget_partner_epochs(desk, to)


def _received_at(desk: Desk, to: PartyCode, claim: LinkUp, dealing: Dealing, *, digest: str) -> Instant:
    """When a statement counted: our own lost log says it for what we heard, the partner's for what we said."""
    receipt = dealing.receipt
    log = shared_log(desk.party, to)
    named = receipt.checkpoint.split(b"\n", 1)[0].decode(errors="replace")
    number = epoch_number(named, log) or 1
    leaf, _ = check_receipt(
        receipt,
        origin=partner_log_of(desk, to, receipt.checkpoint)
        if dealing.own
        else epoch_origin(log, min(number, max(claim.epoch, 1))),
        keys=key_sets(desk, to).log_keys if dealing.own else desk.unlocked.log_keys,
        events=frozenset({Event.STATEMENT_RECEIVED}),
        ids={},
        digest=digest,
    )
    return leaf.at


def _record(tx: Tx, desk: Desk, to: PartyCode, dealing: Dealing, statement: Statement[Any], *, kind: str) -> None:
    direction = "own" if dealing.own else "heard"
    if tx.latest(StatementRecord, digest=statement.digest, party=to, direction=direction) is None:
        record = StatementRecord(
            digest=statement.digest,
            kind=kind,
            party=to,
            direction="own" if dealing.own else "heard",
            envelope=statement.envelope,
            at=desk.clock(),
        )
        enter(tx, desk, record, event=Event.ACT_RECOVERED, subject=statement.digest, kind=kind)
    if dealing.own:
        _record_receipt(tx, desk, to, dealing.reference, dealing.receipt)


def _record_receipt(tx: Tx, desk: Desk, to: PartyCode, reference: str, receipt: InclusionReceipt) -> None:
    if tx.latest(ReceiptRecord, reference=reference, party=to) is None:
        record = ReceiptRecord(reference=reference, party=to, receipt=receipt, at=desk.clock())
        enter(tx, desk, record, event=Event.RECEIPT_RECEIVED, subject=reference, to=to)


def _apply_own(tx: Tx, desk: Desk, statement: Statement[Any], *, kind: str, at: Instant) -> None:
    if kind not in HEARD:
        return
    body: Any = statement.value.body
    if kind == PROPOSAL:
        know_text(tx, desk, body.agreement, body.at)
    if kind in EVENTS:
        if tx.latest(ActRecord, statement=statement.digest) is None:
            act = record_of(body, statement=statement.digest, kind=kind, party=desk.party, received=None)
            enter(tx, desk, act, event=EVENTS[kind], subject=act.instrument, statement=act.statement)
        note_received(tx, desk, statement.digest, received=at)
    elif kind in _OWN:
        _OWN[kind](tx, desk, statement, at)


_OWN: dict[str, Callable[[Tx, Desk, Statement[Any], Instant], object]] = {
    ASSURANCE: enter_assurance,
    ACKNOWLEDGEMENT: lambda tx, desk, statement, at: enter_acknowledgement(tx, desk, statement.value.body, at),
    ASSURANCE_WITHDRAWAL: enter_assurance_withdrawal,
    ASSURANCE_PERSON: enter_person,
    ASSURANCE_PERSON_ANSWER: enter_person_answer,
    CONSENT: enter_consent,
    CONSENT_DENIAL: enter_consent_denial,
    CONSENT_REQUEST: enter_consent_request,
    CONSENT_WITHDRAWAL: enter_consent_withdrawal,
    LAW_ANSWER: enter_law_answer,
    LAW_REQUEST: enter_law_request,
    BALANCE: enter_own_balance,
    DESTRUCTION: lambda tx, desk, statement, at: enter_destroyed(tx, desk, statement.value, at=at),
    REQUEST: enter_request,
    REQUEST_ANSWER: enter_request_answer,
    REQUEST_WITHDRAWAL: enter_withdrawal,
    INCIDENT_ACKNOWLEDGEMENT: enter_own_acknowledgement_again,
    INCIDENT_REPORT: enter_own_report_again,
    RADIUS_QUESTION: enter_own_question_again,
    VISIT_ANSWER: enter_visit_answer,
    VISIT_NOTICE: enter_visit_notice,
    VISIT_REQUEST: enter_visit_request,
    RETURN: lambda tx, desk, statement, at: enter_return(tx, desk, statement.value, at=at),
    LEVEL_CHANGE: lambda tx, desk, statement, at: enter_own_again(tx, desk, statement, at=at),
    LEVEL_REPORT: lambda tx, desk, statement, at: enter_report(tx, desk, statement.value.body, at=at),
    PURPOSE_REQUEST: lambda tx, desk, statement, at: enter_purpose_request(tx, desk, statement, at=at),
    PURPOSE_ANSWER: lambda tx, desk, statement, at: enter_purpose_answer(tx, desk, statement, at=at),
    HOTLINE_ACKNOWLEDGEMENT: enter_own_acknowledgement,
    HOTLINE_DESK: lambda tx, desk, statement, at: enter_desk(tx, desk, statement.value.body, at),
    HOTLINE_MESSAGE: enter_own_message,
    TAKE_BACK: lambda tx, desk, statement, at: enter_answer(tx, desk, statement.value, at=at),
}
"""What a statement of our own changed here, besides the acts of agreements, by its kind."""

_EITHERS: dict[str, Callable[[Tx, Desk, Statement[Any], Instant], object]] = {
    INVENTORY_EXPLANATION: enter_explanation,
    INVENTORY_MINUTES: enter_minutes,
    INVENTORY_OPENING: lambda tx, desk, statement, at: enter_opening(tx, desk, statement.value, at),
    INVENTORY_ROSTER: enter_roster,
}
"""What either side said and the other took, by its kind: entered as it stood, for it speaks of logs that are gone."""


def _keep_proof(desk: Desk, to: PartyCode, dealing: Dealing) -> None:
    """The partner holds a consignment of ours: keep its proof, above all if our own register lost the delivery."""
    check_receipt(
        dealing.receipt,
        origin=partner_log_of(desk, to, dealing.receipt.checkpoint),
        keys=key_sets(desk, to).log_keys,
        events=frozenset({Event.DELIVERY_RECEIVED}),
        ids={"consignment": dealing.reference},
        digest=dealing.manifest or "",
    )
    desk.store.run(lambda tx: _record_receipt(tx, desk, to, dealing.reference, dealing.receipt))


def _open_shared(desk: Desk, to: PartyCode, claim: LinkUp) -> None:
    log = shared_log(desk.party, to)
    heads = proven_heads(desk, claim, log=log)
    cosigned = next((head.checkpoint for head in heads if head.body == claim.cosigned), None)
    closed = (cosigned.size, hex_digest(cosigned.root)) if cosigned else (0, NO_ROOT)
    known = proven_epoch(desk, claim, log=log)
    reason = _reason(desk, to)

    def unit(tx: Tx) -> None:
        if not is_closed(tx, log):
            return
        number = max(epoch_number(current_log(tx, log), log) or 1, known) + 1
        open_epoch(tx, desk, sign_epoch(tx, desk, log, to=to, epoch=number, closed=closed, reason=reason))

    desk.store.run(unit)


def _reason(desk: Desk, to: PartyCode) -> EpochReason:
    seen = desk.store.run(lambda tx: tx.witnessed(current_log(tx, shared_log(desk.party, to))))
    reasons = {RESTORED: EpochReason.RESTORED, BROKEN: EpochReason.BROKEN}
    return EpochReason.RESTORED if seen is None else reasons.get(seen[1], EpochReason.BEHIND)
