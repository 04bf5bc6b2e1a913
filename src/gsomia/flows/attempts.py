"""What no rule lets anybody do to an item is refused on record: an attempt is a fact too."""

from gsomia.audit import Event
from gsomia.errors import RefusedError
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.ids import ItemId, new_decision_id
from gsomia.registry import RefusedAct


def refuse_act(
    desk: Desk,
    actor: Actor,
    item: ItemId,
    *,
    act: str,
    code: str,
    message: str,
    clauses: tuple[str, ...],
    remedy: str = "ask the originator in writing",
) -> RefusedError:
    """Record that somebody tried what no rule lets them do; the error to raise."""
    attempt = RefusedAct(
        id=new_decision_id(desk.entropy), item=item, act=act, code=code, by=actor.person, at=desk.clock()
    )
    desk.store.run(lambda tx: enter(tx, desk, attempt, event=Event.ITEM_ACT_REFUSED, subject=attempt.id, item=item))
    return RefusedError(code, message, remedy=remedy, clauses=clauses, evidence={"correlation_id": attempt.id})
