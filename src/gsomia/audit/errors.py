"""What can be wrong with a log, its checkpoints, its proofs and those who cosign it."""

from gsomia.errors import PartnerError, VerificationError


class AuditError(PartnerError):
    """The bytes are no leaf, note, checkpoint, proof or request of the formats this room reads."""


class CheckpointError(VerificationError):
    """A checkpoint or cosignature is not signed as required, or is another log's; carries the received bytes."""


class InclusionError(VerificationError):
    """The proof does not lead from the leaf to the root; carries leaf hash, proof and root."""


class InconsistentLogError(VerificationError):
    """A log is not shown to continue itself; carries both checkpoints and the proof.

    Code `audit/two-roots` (one size, two signed roots) convicts the log, whoever brought it. Code `audit/inconsistent`
    may also come from a false proof between honest checkpoints.
    """
