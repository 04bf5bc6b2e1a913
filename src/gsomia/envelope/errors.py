"""What can be wrong with an envelope. Seen from outside, every failure to open looks alike."""

from gsomia.errors import PartnerError, VerificationError


class WireError(PartnerError):
    """The bytes at the door are not an offer of this protocol."""


class EnvelopeError(VerificationError):
    """An envelope's parts do not belong together, or not to us."""


class SegmentError(VerificationError):
    """A segment is not the one its list names."""


class OpenError(VerificationError):
    """The envelope does not open with our key, or what it commits to is not what it holds."""
