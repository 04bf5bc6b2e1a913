"""The clocks that an agreement and its arrangements set, as of the day on which a clock began.

They are signed with the text; an arrangement may only tighten them. What no signed agreement governs runs by the house
rules of the node. A clock keeps the length it began with, so that what was seen late once stays the same case.

Source: A-12 (parameters, printed as house rules), G5-1, G5-2.
"""

from collections.abc import Mapping

from gsomia.agreements import Rule
from gsomia.exchange import NOTICE_HOURS
from gsomia.flows.desk import Desk
from gsomia.flows.ports import Tx
from gsomia.flows.records import AgreementRecord
from gsomia.flows.standing import instrument_of, rules_at
from gsomia.ids import InstrumentId
from gsomia.instants import Instant
from gsomia.policy import INCIDENT_DAYS, LEVEL_CHANGE_DAYS, TRACER_DAYS
from gsomia.registry import CopyLine

HOUSE: Mapping[Rule, int] = {
    Rule.RECEIPT_DAYS: TRACER_DAYS,
    Rule.TRACER_DAYS: INCIDENT_DAYS,
    Rule.LEVEL_CHANGE_DAYS: LEVEL_CHANGE_DAYS,
    Rule.INCIDENT_NOTICE_HOURS: NOTICE_HOURS,
}
"""Where no agreement says otherwise. The field calls the day of the tracer `receipt_days`: by then a receipt is due."""


class HouseClocks:
    """Lengths of clocks, asked for many times in one unit."""

    def __init__(self, tx: Tx, desk: Desk) -> None:
        self._tx, self._desk = tx, desk
        self._known: dict[tuple[InstrumentId, Instant], Mapping[Rule, int]] = {}

    def length(self, instrument: InstrumentId | None, rule: Rule, *, since: Instant) -> int:
        """Days or hours of a clock that began at `since`, as the field of the agreement names them."""
        if instrument is None:
            return HOUSE[rule]
        key = (instrument, since)
        if key not in self._known:
            self._known[key] = self._rules(instrument, since)
        return self._known[key][rule]

    def days(self, line: CopyLine, rule: Rule) -> int:
        """Days of a clock that began when a copy last moved."""
        return self.length(line.instrument, rule, since=line.at)

    def _rules(self, instrument: InstrumentId, since: Instant) -> Mapping[Rule, int]:
        if self._tx.latest(AgreementRecord, instrument=instrument) is None:  # only its name is known
            return HOUSE
        agreement = instrument_of(self._tx, instrument, desk=self._desk).bound(at=since)
        return rules_at(self._tx, agreement, at=since, desk=self._desk) if agreement is not None else HOUSE
