"""The daily reconciliation: each side says its numbers and states, and each lists where the registers differ.

Source: A-34, LEDGER-8.
"""

from dataclasses import dataclass

from gsomia.audit import Event
from gsomia.errors import LocalError
from gsomia.exchange import ExchangeError
from gsomia.flows.acts import MAX_SKEW_S
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.ledger import enter
from gsomia.flows.packages import lines_where
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.say import say
from gsomia.ids import PartyCode
from gsomia.instants import Instant
from gsomia.parties import Act, Office, Statement, say_act
from gsomia.registry import (
    MOST_LINES,
    RECONCILIATION,
    Difference,
    ReconciledLine,
    Reconciliation,
    ReconciliationRecord,
    compare,
    reconcile_lines,
)

DAYS = 40
"""So far back a list reaches if nothing else is said: past the day on which a late receipt becomes an incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What was said, and where the registers differ as of the partner's last list; None if it has sent none."""

    said: Reconciliation | None
    theirs: Reconciliation | None
    differences: tuple[Difference, ...]


def reconcile(desk: Desk, actor: Actor, *, other: PartyCode, days: int = DAYS) -> Reconciled:
    """Say our transmittals with a partner, by number and state, and list the differences to its last list.

    Raises:
        LocalError: there are more than one list takes.
        RefusedError: the actor is no control officer.

    Source: A-34, LEDGER-8.
    """
    require_office(desk, actor, Office.CONTROL_OFFICER, clause="A-34")
    now = desk.clock()
    since = now.plus(days=-days)
    lines = desk.store.run(lambda tx: _lines(tx, desk, other, since=since))
    if len(lines) > MOST_LINES:
        raise LocalError(
            "flows/too-many-transmittals",
            f"`{len(lines)}` transmittals with `{other}` since {since} do not fit into one list",
            remedy="look at fewer days: `--days`",
        )
    body = Reconciliation(party=desk.party, to=other, since=since, lines=lines, at=now)
    statement = say_act(body, kind=RECONCILIATION, hand=actor.hand, signer=desk.unlocked.keys.statement)

    def unit(tx: Tx) -> None:
        record = ReconciliationRecord(party=desk.party, to=other, list=body, at=now)
        enter(tx, desk, record, event=Event.REGISTERS_COMPARED, subject=statement.digest, party=other)
        say(tx, desk, statement, kind=RECONCILIATION, to=other, subject=statement.digest)

    desk.store.run(unit)
    desk.said(other)
    theirs, differences = differences_with(desk, other)
    return Reconciled(said=body, theirs=theirs, differences=differences)


def differences_with(desk: Desk, other: PartyCode) -> tuple[Reconciliation | None, tuple[Difference, ...]]:
    """The partner's last list, and where our register differs from it now.

    Source: LEDGER-8.
    """

    def read(tx: Tx) -> tuple[Reconciliation | None, tuple[Difference, ...]]:
        heard = tx.latest(ReconciliationRecord, party=other, to=desk.party)
        if heard is None:
            return None, ()
        ours = _lines(tx, desk, other, since=Instant(0))
        return heard.list, compare(ours, heard.list, now=desk.clock())

    return desk.store.run(read)


def hear_reconciliation(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[Reconciliation]], now: Instant
) -> None:
    """A partner says its transmittals with us.

    Raises:
        ExchangeError: it is not to us, names a third party, or is dated in the future.
    """
    body = statement.value.body
    third = {line.sender for line in body.lines} - {sender, desk.party}
    if (body.party, body.to) != (sender, desk.party) or third:
        raise ExchangeError("exchange/not-addressed", "the list is not to us, or tells of others")
    if body.at > now.plus(seconds=MAX_SKEW_S):
        raise ExchangeError("exchange/list-disagrees", "the list is dated in the future")
    record = ReconciliationRecord(party=sender, to=desk.party, list=body, at=now)
    enter(tx, desk, record, event=Event.REGISTERS_COMPARED, subject=statement.digest, party=sender)


def _lines(tx: Tx, desk: Desk, other: PartyCode, *, since: Instant) -> tuple[ReconciledLine, ...]:
    return reconcile_lines(lines_where(tx, counterpart=other), us=desk.party, since=since)
