"""The exception from the second law: an act that may not wait is kept in the spare journal, and entered when it can be.

Of the three acts that have the exception one exists so far: destruction in an emergency. Entries are statements of this
node, signed, and marked UNRECORDED wherever they are shown.

Source: design 2, G13-4.
"""

from gsomia.audit import Event
from gsomia.flows.desk import Desk
from gsomia.flows.ledger import enter
from gsomia.flows.ports import Tx
from gsomia.ids import PersonId
from gsomia.parties import choose_statement_key, sign_statement, verify_statement
from gsomia.registry import UNRECORDED, DestructionAct, DestructionConfirmed, UnrecordedDestruction


def keep_unrecorded(desk: Desk, by: PersonId, act: DestructionAct) -> None:
    """Keep an emergency destruction that the log cannot take.

    Raises:
        UnavailableError: the spare journal cannot take it either; the act fails.
    """
    entry = UnrecordedDestruction(by=by, act=act, at=desk.clock())
    statement = sign_statement(entry, kind=UNRECORDED, signer=desk.unlocked.keys.statement)
    desk.unlocked.spare.append(statement.envelope)


def unrecorded(desk: Desk) -> list[UnrecordedDestruction]:
    """What was done and stands in no log yet.

    Raises:
        PartnerError: an entry is not one that this node signed.
    """
    keys = desk.unlocked.statement_keys
    return [
        verify_statement(
            envelope,
            accepts={UNRECORDED: UnrecordedDestruction},
            key=choose_statement_key(envelope, keys=keys),
        ).value
        for envelope in desk.unlocked.spare.entries()
    ]


def enter_unrecorded(desk: Desk) -> int:
    """Enter what was done without a record, in one unit; how many acts there were.

    # CRASH: entered and not cleared: the next start finds the entries in the record and only clears the journal.

    Raises:
        UnavailableError: the log still takes nothing.
    """
    late = unrecorded(desk)
    if not late:
        return 0

    def unit(tx: Tx) -> None:
        for one in late:
            item = one.act.body.item
            if tx.latest(DestructionConfirmed, item=item) is None:
                record = DestructionConfirmed(item=item, by=one.by, act=one.act, at=one.at)
                enter(tx, desk, record, event=Event.ITEM_DESTRUCTION_ENTERED_LATE, subject=item)

    desk.store.run(unit)
    desk.unlocked.spare.clear()
    return len(late)
