"""What the register refuses."""

from gsomia.errors import LocalError


class RegisterError(LocalError):
    """An act the register cannot enter: no such item, a second booking, a mark the table does not allow."""
