"""Show what the record says: an entry's proof, and whether every log and every record still holds."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from gsomia.audit import InclusionReceipt, build_inclusion, choose_key, verify_checkpoint
from gsomia.errors import LocalError
from gsomia.flows.desk import Desk
from gsomia.flows.ports import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Where an entry stands, and its proof under a signed checkpoint."""

    origin: str
    index: int
    size: int
    root: bytes
    receipt: InclusionReceipt


def prove_entry(desk: Desk, origin: str, index: int) -> InclusionReceipt:
    """The inclusion proof of an entry under a checkpoint that is signed and stored before it is returned.

    Source: design 2 (law 1), design 5.
    """
    body = desk.unlocked.checkpoints.cover(origin, size=index + 1)
    size = int(body.split(b"\n", 2)[1])

    def build(leaf: Callable[[str, int], bytes], node: Callable[[str, int, int], bytes]) -> InclusionReceipt:
        proof = build_inclusion(index, size, partial(node, origin))
        return InclusionReceipt(leaf=leaf(origin, index), index=index, proof=proof, checkpoint=body)

    try:  # of an entry just written, all is at hand
        return build(desk.store.leaf_at_hand, desk.store.node_at_hand)
    except KeyError:
        return desk.store.run(lambda tx: build(tx.leaf, tx.node_at_hand), reads=True)


def prove_subject(desk: Desk, subject: str) -> Proof:
    """The proof of the last entry about `subject`, from a shared log if one has it, else from the private log.

    Raises:
        LocalError: no log of ours names it.
    """

    def unit(tx: Tx) -> tuple[str, int] | None:
        shared_first = sorted(tx.origins(), key=lambda origin: "/shared/" not in origin)
        for origin in shared_first:
            index = tx.find(origin, subject=subject)
            if index is not None:
                return origin, index
        return None

    found = desk.store.run(unit)
    if found is None:
        raise LocalError(
            "flows/not-in-record", f"no log entry names `{subject}`", remedy="see `gsomia item list` or `audit verify`"
        )
    origin, index = found
    receipt = prove_entry(desk, origin, index)
    own = desk.unlocked.log_keys
    key = choose_key(receipt.checkpoint, origin=origin, keys=own)
    signed = verify_checkpoint(receipt.checkpoint, origin=origin, key=key).checkpoint
    return Proof(origin=origin, index=index, size=signed.size, root=signed.root, receipt=receipt)
