"""Classified words on a hotline: which level is ours for them, and whether the line is accredited for it.

Source: relay 5.4 (no CMI unless the line is accredited), A-32, G12-11.
"""

from dataclasses import dataclass

from gsomia.agreements import Agreement, Rule
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.exchange import (
    HOUSE_RULES,
    UNCLASSIFIED,
    DisclosureForm,
    DisclosureOpened,
)
from gsomia.flows.contradictions import require_partner_log
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.incidents import mark_incident
from gsomia.flows.ledger import enter, share
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.standing import current_agreement, rules_at, standing
from gsomia.ids import InstrumentId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import Office
from gsomia.registry import ChannelAccreditation, Suspicion

HOTLINE_MARKS = (Suspicion.LINE_NOT_ACCREDITED, Suspicion.LEVEL_NOT_STATED)
"""What the hotline marks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLevel:
    """The levels of ours that words may have, none if no table gives one; and whether the line may carry them.

    Until an officer chose, all of them protect: the stricter of two rule sets counts (A-06).
    """

    own: tuple[str, ...]
    accredited: bool


def line_level(
    tx: Tx, desk: Desk, *, partner: PartyCode, party: PartyCode, level: str, instrument: InstrumentId | None
) -> LineLevel:
    """What a stated level comes to here, now.

    Args:
        tx: the unit.
        desk: ours.
        partner: at the other end of the line.
        party: whose level it is, ours or the partner's.
        level: as stated, classified.
        instrument: the agreement whose table translates a partner's level.

    Source: EQ-1, EQ-3 (protect by the highest of the row), G12-11.
    """
    own = _own_levels(tx, desk, party=party, level=level, instrument=instrument)
    if not own:
        return LineLevel(own=(), accredited=False)
    rank, now = desk.policy.classification(own[0]).rank, desk.clock()
    accredited = any(
        desk.policy.classification(one.level).rank >= rank and one.valid.covers(now)
        for one in tx.every(ChannelAccreditation, channel=partner)
    )
    return LineLevel(own=own, accredited=accredited)


def require_line(
    tx: Tx, desk: Desk, *, to: PartyCode, level: str, instrument: InstrumentId | None, now: Instant
) -> None:
    """Refuse classified words of ours on a line that may not carry them.

    Raises:
        LocalError: no such level, or no agreement named.
        RefusedError: the line is not accredited, or the agreement does not cover the level or is not in force.

    Source: relay 5.4, A-32, G12-11, G21-1, G4-4.
    """
    own = desk.policy.classification(level)
    require_partner_log(tx, desk, to)
    if not line_level(tx, desk, partner=to, party=desk.party, level=own.id, instrument=instrument).accredited:
        raise RefusedError(
            "flows/line-not-accredited",
            f"the line to {to} is not accredited for `{own.id}`",
            remedy="say it without classified information, or have the channel accredited: `facility accredit`",
            clauses=("A-32", "G12-11"),
        )
    if instrument is None:
        raise LocalError(
            "flows/instrument-not-named", "classified words are said under an agreement", remedy="`--instrument ID`"
        )
    agreement = current_agreement(tx, instrument, at=now, desk=desk)
    row = agreement.table.row_of(own.rank)
    ceiling = rules_at(tx, agreement, at=now, desk=desk)[Rule.CEILING]
    if row is None or own.id not in row.of(desk.party) or not row.of(to) or own.rank > ceiling:
        raise RefusedError(
            "flows/level-not-covered",
            f"`{instrument}` does not cover `{own.id}` with {to}",
            remedy="say it without classified information",
            clauses=("G4-4",),
        )
    if not standing(tx, agreement, at=now, desk=desk).allowed.release:
        raise RefusedError(
            "flows/words-not-in-force",
            f"`{instrument}` allows no release today",
            remedy="say it without classified information",
            clauses=("G21-1",),
        )


def open_disclosure(
    tx: Tx, desk: Desk, *, reference: str, party: PartyCode, level: str, accredited: bool, now: Instant
) -> None:
    """Classified words were said: the form is due within the hour; on a line that may not carry them, an incident is.

    Both are due from the moment it is known here. The mark waits for the case that is opened on it.

    Source: A-32, G2-4.
    """
    if tx.latest(DisclosureOpened, reference=reference) is not None:
        return
    opened = DisclosureOpened(
        reference=reference,
        party=party,
        level=level,
        accredited=accredited,
        due=now.plus(seconds=HOUSE_RULES.disclosure_s),
        at=now,
    )
    enter(tx, desk, opened, event=Event.DISCLOSURE_OPENED, subject=reference)
    share(tx, desk, party, event=Event.DISCLOSURE_OPENED, subject=f"disclosure-{reference}", reference=reference)
    if not accredited:
        what = Suspicion.LINE_NOT_ACCREDITED if level else Suspicion.LEVEL_NOT_STATED
        mark_incident(tx, desk, reference, what=what, by=None, party=party)


def book_disclosure(desk: Desk, actor: Actor, form: DisclosureForm) -> DisclosureForm:
    """Fill in the form on classified words that were said; it may be filled in again, and the last one counts.

    Raises:
        LocalError: no such form is open.
        RefusedError: not the act of a duty, control or security officer.

    Source: G2-4, F-13, A-32.
    """
    require_office(desk, actor, Office.DUTY_OFFICER, Office.CONTROL_OFFICER, Office.SECURITY_OFFICER, clause="G2-4")

    def unit(tx: Tx) -> DisclosureForm:
        opened = tx.latest(DisclosureOpened, reference=form.reference)
        if opened is None:
            raise LocalError(
                "flows/no-disclosure",
                f"no form is open about `{form.reference[:80]}`",
                remedy="see `hotline log`; open one with `hotline disclosed`",
            )
        enter(tx, desk, form, event=Event.DISCLOSURE_BOOKED, subject=form.reference)
        subject = f"disclosure-{form.reference}"
        share(tx, desk, opened.party, event=Event.DISCLOSURE_BOOKED, subject=subject, reference=form.reference)
        return form

    return desk.store.run(unit)


def _own_levels(
    tx: Tx, desk: Desk, *, party: PartyCode, level: str, instrument: InstrumentId | None
) -> tuple[str, ...]:
    """Our levels for a stated one, all of the highest rank that the row allows."""
    policy = desk.policies.get(party)
    theirs = policy.find(level) if policy and level not in {"", UNCLASSIFIED} else None
    if theirs is None or party == desk.party:
        return (theirs.id,) if theirs else ()
    agreement = _agreement(tx, desk, instrument)
    row = agreement.table.row_of(theirs.rank) if agreement else None
    ranks = {one: desk.policy.classification(one).rank for one in row.of(desk.party)} if row else {}
    listed = row is not None and theirs.id in row.of(party)
    return tuple(one for one, rank in ranks.items() if listed and rank == max(ranks.values()))


def _agreement(tx: Tx, desk: Desk, instrument: InstrumentId | None) -> Agreement | None:
    if instrument is None:
        return None
    try:
        return current_agreement(tx, instrument, at=desk.clock(), desk=desk)
    except LocalError:  # one we do not know: its table says nothing
        return None
