"""What can be wrong with an agreement file or with an act under an agreement."""

from gsomia.errors import LocalError, PartnerError


class DocumentError(LocalError):
    """The agreement file is not one this software can carry out."""


class ActError(PartnerError):
    """An act that the agreement or its state does not allow; nothing changed."""
