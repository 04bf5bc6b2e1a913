"""What can be wrong with a warning."""

from gsomia.errors import LocalError, PartnerError


class WarningMessageError(PartnerError):
    """A message that is no warning of ours: malformed, of another topic, or more than a warning may say."""


class WarningUseError(LocalError):
    """Our own side asked for a warning that cannot be."""


class LaneError(PartnerError):
    """Something on a warning lane that is not taken: the one frame is refused with its code, and the lane stays up."""


class LaneClosedError(PartnerError):
    """A lane may not be opened, or no longer run, under what it names."""
