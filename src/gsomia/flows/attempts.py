"""What no rule lets anybody do to an item is refused on record: an attempt is a fact too."""

from gsomia.audit import Event
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.ids import ItemId, new_decision_id
from gsomia.registry import RefusedAct


def record_attempt(desk: Desk, actor: Actor, item: ItemId, *, act: str, code: str) -> dict[str, object]:
    """Record that somebody tried what no rule lets them do; the evidence that its refusal carries.

    Source: G4-7, G14-4, design 5.
    """
    attempt = RefusedAct(
        id=new_decision_id(desk.entropy), item=item, act=act, code=code, by=actor.person, at=desk.clock()
    )
    desk.store.run(lambda tx: enter(tx, desk, attempt, event=Event.ITEM_ACT_REFUSED, subject=attempt.id, item=item))
    return {"correlation_id": attempt.id}
