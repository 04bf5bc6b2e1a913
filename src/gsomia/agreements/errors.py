"""What can be wrong with an agreement file or with an act under an agreement."""

from gsomia.errors import LocalError, PartnerError, RefusedError


class DocumentError(LocalError):
    """The agreement file is not one this software can carry out."""


class HistoryError(LocalError):
    """The history file does not read, or does not speak of what was asked."""


class ActError(PartnerError):
    """An act that the agreement or its state does not allow; nothing changed."""


class ClaimError(LocalError):
    """A source text or the claims coded from it do not hold together."""


class DraftError(RefusedError):
    """A note that the agreement or its calendar does not allow; it is not written."""


class FamilyError(RefusedError):
    """A use of a sister instrument or of its levels that nothing on record allows."""
