"""What can go wrong in the conversation between two nodes."""

from gsomia.errors import LocalError, PartnerError, UnavailableError


class ExchangeError(PartnerError):
    """The other side's message does not fit the conversation: a reused id, a stage out of order, too much at once."""


class DeliveryError(LocalError):
    """Our own delivery cannot do that: it is past that stage, or it does not exist."""


class ShareError(UnavailableError):
    """A partner has its share of this node already, or keeps it waiting: not now, and on record."""
