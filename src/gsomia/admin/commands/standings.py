"""Where an instrument stands, as documents: for status, for a simulation, for a whole history, for the public."""

from collections.abc import Iterable

from gsomia import canon
from gsomia.admin.command import Document
from gsomia.agreements import (
    CONFLICTS,
    Agreement,
    Change,
    Course,
    Line,
    Refused,
    RefusedLine,
    Replay,
    Simulation,
    Standing,
    StepStatus,
    local_day,
)
from gsomia.ids import PartyCode
from gsomia.instants import Instant


def standing_document(instrument: str, stands: Standing, *, at: Instant) -> Document:
    """The answer of `agreement status`.

    Source: design 10.
    """
    days = stands.last_days
    return {
        "instrument": instrument,
        "at": str(at),
        "state": stands.state,
        "term": stands.term,
        "contested": stands.contested,
        "readings": [
            {
                "party": one.party,
                "reading": one.reading,
                "text": one.text,
                "earliest_end": str(one.earliest_end),
                "stops": list(one.stops),
            }
            for one in stands.readings
        ],
        "allowed": canon.plain(stands.allowed),
        "ends": _instant(stands.ends),
        "since": _instant(stands.since),
        "in_force_from": _instant(stands.in_force_from),
        "banner": stands.banner,
        "last_day_for_notice": {
            "last": str(days.last),
            "contested": str(days.contested),
            "one_paper": str(days.clear),
            "warn_from": str(days.last.replace(day=1)),
        }
        if days
        else None,
        "warning": _warning(stands, at=at),
        "notices": [
            {
                "party": one.party,
                "notes": list(one.notes),
                "received": str(one.received),
                "ends": str(one.ends),
                "suspended": _instant(one.suspended),
                "revived": _instant(one.revived),
                "condition": one.condition,
                "position": one.position,
            }
            for one in stands.course.notices
        ],
        "domestic": domestic_rows(stands.course),
        "lapsed": [
            {"round": lapsed.round, "at": str(lapsed.at), "party": one.party, "step": report.step, "was": report.status}
            for lapsed in stands.course.lapsed
            for one in lapsed.procedures
            for report in one.reports
        ],
        "disputes": list(stands.course.disputes),
        "review": stands.course.review,
        "waiting": [{"event": event, "said_by": list(parties)} for event, _, parties in stands.course.pending],
    }


def domestic_rows(course: Course) -> list[Document]:
    """The domestic procedures of this round, a row a step; the command line shows a skipped one in red."""
    return [
        {
            "party": procedure.party,
            "step": report.step,
            "status": report.status,
            "reason": report.reason,
            "by": report.by,
        }
        for procedure in course.procedures
        for report in procedure.reports
    ]


def change_rows(changes: Iterable[Change], parties: tuple[PartyCode, ...]) -> list[Document]:
    """Changes of one instrument; each with its day in every capital (A-29)."""
    return [
        {
            "at": str(change.at),
            "event": change.event,
            "clause": change.clause,
            "from": change.before,
            "to": change.after,
            "term": change.term,
            "by": list(change.by),
            "act": change.act,
            "local": {party: str(local_day(change.at, party)) for party in parties},
        }
        for change in changes
    ]


def replay_document(replayed: Replay) -> Document:
    """The answer of `agreement replay`."""
    at = max((line.at for line in replayed.lines), default=Instant(0))
    final = {name: replayed.standing(name, at=at) for name in replayed.courses}
    return {
        "ok": not replayed.refused,
        "lines": len(replayed.lines),
        "at": str(at),
        "states": {name: stands.state for name, stands in final.items()},
        "terms": {name: stands.term for name, stands in final.items()},
        "refused": refused_lines(replayed.refused),
        "waiting": [_line(line) for line in replayed.waiting],
        "moved_nothing": [_line(line) for line in replayed.kept],
        "skips": _skips(final),
        "transitions": [
            {"instrument": name, **row}
            for name, history in replayed.courses.items()
            for row in change_rows(history.changes_until(at), history.profile.parties)
        ],
        "conflicts": [
            {
                "matter": one.matter,
                "versions": [{"says": says, "source": source} for says, source in one.versions],
                "lines": [n for n in one.lines if n in {line.n for line in replayed.lines}],
            }
            for one in CONFLICTS
        ],
        "sources": [dict(line.given) for line in replayed.lines],
    }


def refused_lines(refused: Iterable[RefusedLine]) -> list[Document]:
    """Lines of a history that moved nothing, with the clause against each."""
    return [
        {
            **_line(one.line),
            "code": f"agreements/{one.refusal.code}",
            "clause": one.refusal.clause,
            "text": one.refusal.text,
        }
        for one in refused
    ]


def simulation_document(instrument: str, simulated: Simulation) -> Document:
    """The answer of `agreement simulate`."""
    act, before, after = simulated.act, simulated.before, simulated.after
    now_stopped = [
        {"function": one.function, "at": str(act.at), "by": act.event}
        for one in simulated.effects
        if getattr(before.allowed, one.function) and not one.now
    ]
    later = [
        {"function": one.function, "at": str(one.stops), "by": "the end"}
        for one in simulated.effects
        if one.now and one.stops is not None
    ]
    return {
        "instrument": instrument,
        "event": act.event,
        "by": list(act.parties),
        "on": str(act.at),
        "accepted": simulated.refused is None,
        "refused": refusal_document(simulated.refused),
        "before": standing_document(instrument, before, at=act.at),
        "after": standing_document(instrument, after, at=act.at),
        "ends": _instant(after.ends),
        "last_day": str(after.ends.plus(seconds=-1).local_date()) if after.ends else None,
        "stops": [*now_stopped, *later],
        "continues": [one.function for one in simulated.effects if one.now and one.stops is None],
        "changes": change_rows(simulated.changes, act.parties),
        "touched": [],
    }


def refusal_document(refused: Refused | None) -> Document | None:
    """Why an act would move nothing."""
    if refused is None:
        return None
    return {
        "code": f"agreements/{refused.refusal.code}",
        "clause": refused.refusal.clause,
        "text": refused.refusal.text,
    }


def public_document(agreement: Agreement, stands: Standing, *, at: Instant) -> Document:
    """What may be published about an instrument and its making; only what is named here.

    No digest, number, identity, person, address, condition or reading is: those are the two governments' business.
    """
    course = stands.course
    return {
        "instrument": agreement.id,
        "title": agreement.title,
        "version": agreement.version,
        "parties": [{"party": party.code, "name": party.name} for party in agreement.parties],
        "authorities": [{"party": one.party, "name": one.name} for one in agreement.authorities],
        "binding": agreement.terms.binding,
        "term_years": agreement.terms.term_years,
        "notice_days": agreement.terms.notice_days,
        "language": agreement.terms.language,
        "levels": [row.word for row in agreement.table.rows],
        "state": stands.state,
        "as_of": str(at.local_date()),
        "in_force_from": str(stands.in_force_from.local_date()) if stands.in_force_from else None,
        "last_day_of_term": str(stands.ends.plus(seconds=-1).local_date()) if stands.ends else None,
        "notices": [
            {
                "party": one.party,
                "received": str(one.received.local_date()),
                "suspended": str(one.suspended.local_date()) if one.suspended else None,
            }
            for one in course.notices
        ],
        "making": [
            {"party": row["party"], "step": row["step"], "status": row["status"], "reason": row["reason"]}
            for row in domestic_rows(course)
        ],
    }


def _warning(stands: Standing, *, at: Instant) -> str | None:
    if stands.contested:
        first = min((one.earliest_end for one in stands.readings), default=None)
        return f"under one reading it ends, or can end, from {first}" if first else None
    days, today = stands.last_days, at.local_date()
    if days is None or stands.state != "IN_FORCE" or not days.last.replace(day=1) <= today <= days.contested:
        return None
    return (
        f"the last day for a notice is {days.last}; counted from the day after it is {days.contested}, which is "
        f"contested; one paper had {days.clear}"
    )


def _skips(final: dict[str, Standing]) -> list[Document]:
    found = []
    for name, stands in final.items():
        course = stands.course
        rounds = [*((one.round, one.procedures) for one in course.lapsed), (course.round, course.procedures)]
        for number, procedures in rounds:
            found += [
                {
                    "instrument": name,
                    "round": number,
                    "party": procedure.party,
                    "step": report.step,
                    "status": report.status,
                    "reason": report.reason,
                    "by": report.by,
                }
                for procedure in procedures
                for report in procedure.reports
                if report.status is StepStatus.SKIPPED
            ]
    return found


def _line(line: Line) -> Document:
    return {"n": line.n, "at": str(line.at), "instrument": line.instrument, "actor": line.actor, "event": line.event}


def _instant(at: Instant | None) -> str | None:
    return str(at) if at else None
