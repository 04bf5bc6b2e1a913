"""What can be wrong with an agreement file or with an act under an agreement."""

from gsomia.errors import LocalError, PartnerError


class DocumentError(LocalError):
    """The agreement file is not one this software can carry out."""


class HistoryError(LocalError):
    """The history file does not read, or does not speak of what was asked."""


class ActError(PartnerError):
    """An act that the agreement or its state does not allow; nothing changed."""
