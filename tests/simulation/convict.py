"""Two heads of a log that contradict each other, signed by the party itself, and kept by a partner."""

from gsomia.audit import Checkpoint, Contradiction, sign_checkpoint
from gsomia.flows.contradictions import keep_contradiction
from gsomia.flows.desk import shared_log
from gsomia.ids import PartyCode
from simulation.world import SimNode, identity


def contradiction(log: str, party: PartyCode, node: SimNode, *, size: int = 7) -> Contradiction:
    """Two heads of one size, with the key that the party began with."""
    signer = identity(party).keys.log
    older, newer = (
        sign_checkpoint(Checkpoint(origin=log, size=size, root=bytes([root]) * 32), signer=signer, at=node.clock())
        for root in (1, 2)
    )
    return Contradiction(older=older, newer=newer)


def convict(node: SimNode, party: PartyCode) -> str:
    """Have a node hold what convicts the log that a partner shares with it; the log."""
    log = shared_log(party, node.party)
    shown = contradiction(log, party, node)
    node.memory.run(lambda tx: keep_contradiction(tx, node.desk, party, log, shown=shown))
    return log
