"""What `item release` and `relay forward` answer: the delivery, once the recipient's proof is here or time is over."""

from gsomia.admin.awaited import LONGEST_WAIT_S, Awaited
from gsomia.admin.command import Call, Document, Param
from gsomia.exchange import DeliveryStage, Stage
from gsomia.flows.release import Released

WAIT_S = 10
WAIT = Param(
    name="wait",
    kind="number",
    help=f"seconds to wait for the recipient's proof, at most {LONGEST_WAIT_S}; {WAIT_S} if left out",
)


def await_proof(call: Call, released: Released) -> Awaited:
    """Wait, as long as the caller said, until the recipient's proof or refusal is on record."""
    consignment = released.delivery.consignment

    def look() -> tuple[bool, Document]:
        latest = call.desk.store.run(lambda tx: tx.latest(DeliveryStage, consignment=consignment))
        stage = latest.stage if latest else Stage.QUEUED
        return stage not in {Stage.QUEUED, Stage.SENDING}, {
            "item": released.item,
            "delivery": consignment,
            "state": stage,
            "manifest": released.delivery.manifest,
            "decision": released.delivery.decision,
        }

    given = call.maybe("wait")
    return Awaited(look=look, timeout_s=WAIT_S if given is None else given)
