"""What can be wrong with a warning."""

from gsomia.errors import LocalError, PartnerError


class WarningMessageError(PartnerError):
    """A message that is no warning of ours: malformed, of another topic, or more than a warning may say."""


class WarningUseError(LocalError):
    """Our own side asked for a warning that cannot be."""
