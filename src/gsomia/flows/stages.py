"""How far a delivery of ours has come: that it is queued is the delivery itself, every later stage a record.

Source: design 6, G12-5.
"""

from gsomia.exchange import Delivery, DeliveryStage, Stage, queued
from gsomia.flows.ports import Tx


def stage_of(tx: Tx, delivery: Delivery) -> DeliveryStage:
    """The last stage."""
    return tx.latest(DeliveryStage, consignment=delivery.consignment) or queued(delivery)


def stages_of(tx: Tx, delivery: Delivery) -> list[DeliveryStage]:
    """Every stage, oldest first."""
    reached = tx.every(DeliveryStage, consignment=delivery.consignment)
    recorded = reached and reached[0].stage is Stage.QUEUED  # as it was recorded once
    return reached if recorded else [queued(delivery), *reached]
