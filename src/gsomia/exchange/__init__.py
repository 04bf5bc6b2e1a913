"""The conversation between two nodes, without sockets: messages, outbox, inbox, receipts."""

from gsomia.exchange.errors import DeliveryError, ExchangeError
from gsomia.exchange.inbox import (
    MAX_DECLARED_BYTES,
    MAX_OPEN_TRANSFERS,
    Arrival,
    Judgement,
    Transfer,
    check_caps,
    judge_offer,
)
from gsomia.exchange.linkup import MAX_LISTED, Again, Ask, Coming, Dealing, Dealings, LinkUp
from gsomia.exchange.messages import Accepted, Hello, Progress, Refusal, Reply
from gsomia.exchange.outbox import (
    TRANSITIONS,
    Delivery,
    DeliveryStage,
    MessageKind,
    Outgoing,
    Stage,
    advance,
    queue,
)
from gsomia.exchange.receipt import check_receipt, receipt_digest

__all__ = [
    "MAX_DECLARED_BYTES",
    "MAX_LISTED",
    "MAX_OPEN_TRANSFERS",
    "TRANSITIONS",
    "Accepted",
    "Again",
    "Arrival",
    "Ask",
    "Coming",
    "Dealing",
    "Dealings",
    "Delivery",
    "DeliveryError",
    "DeliveryStage",
    "ExchangeError",
    "Hello",
    "Judgement",
    "LinkUp",
    "MessageKind",
    "Outgoing",
    "Progress",
    "Refusal",
    "Reply",
    "Stage",
    "Transfer",
    "advance",
    "check_caps",
    "check_receipt",
    "judge_offer",
    "queue",
    "receipt_digest",
]
