"""The conversation of a link-up, as questions: a worker with sockets and a test without them play the same one.

Source: design 5.
"""

from gsomia import canon
from gsomia.errors import UnreachableError
from gsomia.exchange import LinkUp
from gsomia.flows.desk import Desk, shared_log
from gsomia.flows.linkup import Conversation, Question, Standing, judge_link, our_claim
from gsomia.flows.ports import Tx
from gsomia.flows.records import EpochRecord, StatementRecord
from gsomia.flows.recover import recover
from gsomia.ids import PartyCode

LINK = "/v1/link"
EPOCH = "/v1/link/epoch"
ROUNDS = 3
"""Told that we are behind, told the epoch, and once more until both are ready."""


def link_up(desk: Desk, to: PartyCode) -> Conversation:
    """Talk until both sides may go on.

    Raises:
        UnreachableError: the partner is not ready.
        PartnerError: it said something that proves nothing.
    """
    for _ in range(ROUNDS):
        told = yield Question(path=LINK, body=our_claim(desk, to))
        standing = judge_link(desk, to, told)
        if standing is Standing.LINKED:
            return
        if standing is Standing.NOT_READY:
            break
        if standing is Standing.BEHIND:
            yield from recover(desk, to, canon.decode(told, LinkUp))
        yield from tell_epoch(desk, to)
    raise UnreachableError("flows/partner-not-ready", f"`{to}` has not caught up yet", remedy="it is repeated later")


def tell_epoch(desk: Desk, to: PartyCode) -> Conversation:
    """Say which epoch our log goes on under; it counts once the partner has accepted it."""
    log = shared_log(desk.party, to)

    def read(tx: Tx) -> bytes | None:
        record = tx.latest(EpochRecord, log=log, party=desk.party)
        statement = tx.latest(StatementRecord, digest=record.statement) if record else None
        return statement.envelope if statement else None

    envelope = desk.store.run(read)
    if envelope is not None:
        yield Question(path=EPOCH, body=envelope)
