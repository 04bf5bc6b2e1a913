"""What can be wrong with keys, signatures, records of parties and people."""

from gsomia.errors import PartnerError, VerificationError


class SignatureError(VerificationError):
    """A required signature is missing, doubled or false, or the statement is of a type this door does not take."""


class DescriptorError(PartnerError):
    """A party's record or descriptor cannot be believed."""


class ExerciseError(PartnerError):
    """An exercise party and a real one were to deal with each other, or a code cannot be an exercise party's."""
