"""Two heads of one log that do not go together, kept so that they can be shown to a third.

Both are under the log's own signature, so whoever has its pinned key can judge them without trusting who shows them.

Source: design 5 (two contradictory signed heads convict a log).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gsomia.audit.checkpoint import SignedCheckpoint, choose_key, verify_checkpoint
from gsomia.audit.merkle import HASH_BYTES
from gsomia.audit.note import MAX_NOTE_BYTES
from gsomia.audit.proofs import MAX_PROOF_HASHES, contradicts
from gsomia.parties import HybridKey

Head = Annotated[bytes, Meta(min_length=1, max_length=MAX_NOTE_BYTES)]
Sibling = Annotated[bytes, Meta(min_length=HASH_BYTES, max_length=HASH_BYTES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two heads that are said to contradict each other; nothing proven until `verify_contradiction`.

    Args:
        older: the signed note of one head.
        newer: that of the other, of no smaller size.
        proof: what was said to lead from one to the other; empty for heads of one size.
    """

    older: Head
    newer: Head
    proof: Annotated[tuple[Sibling, ...], Meta(max_length=MAX_PROOF_HASHES)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Both heads, proven to be the log's, and whether it is convicted by them."""

    older: SignedCheckpoint
    newer: SignedCheckpoint
    convicts: bool


def verify_contradiction(untrusted: Contradiction, *, origin: str, keys: Sequence[HybridKey]) -> Judged:
    """Prove that both heads are of the log, and judge whether it can have both.

    1. Both are signed by one of the log's keys.
    2. They are of this log, the smaller one first.
    3. The log is convicted if they have one size and two roots, or if the proof leads to the later root from another
       beginning. If not, nothing is shown: the proof may be false, and the heads honest.

    Args:
        untrusted: from anybody.
        origin: the log.
        keys: every key the log ever had, also revoked ones: whoever stole one made these heads in its name.

    Raises:
        AuditError: step 1 or 2, for bytes that are no checkpoint or heads that cannot be compared.
        CheckpointError: step 1 or 2, for a signature that does not hold.

    Trust: nothing of `untrusted` is believed that the log's signatures do not prove.
    Source: design 5.
    """
    older, newer = (
        verify_checkpoint(note, origin=origin, key=choose_key(note, origin=origin, keys=keys))
        for note in (untrusted.older, untrusted.newer)
    )
    convicts = contradicts(old=older.checkpoint, new=newer.checkpoint, proof=untrusted.proof)
    return Judged(older=older, newer=newer, convicts=convicts)
