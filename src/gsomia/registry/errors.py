"""What the register refuses."""

from gsomia.errors import RefusedError


class RegisterError(RefusedError):
    """An act the register cannot enter: a second booking, a second custodian, a mark the table does not allow."""
