"""What a set of verified acts says about an agreement: its state, its named authorities, its arrangements."""

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec import Struct

from gsomia.agreements.acts import AgreementSignature, Proposal
from gsomia.agreements.agreement import Agreement, Authority
from gsomia.agreements.course import Course, Moment, current_term, running_end
from gsomia.agreements.dates import NoticeDays, notice_days
from gsomia.agreements.follow import History, follow
from gsomia.agreements.lifecycle import IN_FORCE, MATRIX, SURVIVING, Allowed, Event, State
from gsomia.agreements.notes import NOTE_EVENTS, Deed, Note, NoteSubject, Override, Rule, base_value
from gsomia.agreements.profile import Profile, profile_of
from gsomia.agreements.readings import Reading, is_contested, readings_of
from gsomia.ids import HexDigest, InstrumentId, PartyCode, ProvenDigest, ProvenParty
from gsomia.instants import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRecord:
    """An act as one node knows it. Sent, received and effective times are kept apart.

    `received` is when the other side's node recorded it: in that side's signed receipt if we sent it, in our own log if
    we received it. Until an act is received it counts for nothing (A-24).
    """

    statement: HexDigest
    kind: str
    instrument: InstrumentId
    agreement: HexDigest
    party: PartyCode
    sent: Instant
    received: Instant | None
    note: Note | None
    deed: Deed | None


class NotePart(Struct, frozen=True, kw_only=True, gc=False):
    """What of a note moves a state."""

    number: str
    subject: NoteSubject
    names: tuple[str, ...]
    words: str | None
    position: str | None
    levels: bool


class ActPart(Struct, frozen=True, kw_only=True, gc=False):
    """What of an `ActRecord` moves a state; an instrument's whole course is derived from these.

    Invariant (same course): the names are those of `ActRecord`, and `moment_of` reads both alike.
    """

    statement: str
    kind: str
    agreement: ProvenDigest
    party: ProvenParty
    received: Instant | None
    note: NotePart | None
    deed: Deed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an instrument stands at an instant.

    Attributes:
        ends: when it ends or its term does, as things stand; when it ended, once it has.
        contested: whether the parties read its legal status differently.
        readings: each party's, while they differ.
        banner: what must be shown beside anything done under it.
        last_days: for a notice that would end it with this term.
    """

    state: State
    since: Instant | None
    in_force_from: Instant | None
    term: int | None
    ends: Instant | None
    allowed: Allowed
    contested: bool
    readings: tuple[Reading, ...]
    banner: str | None
    last_days: NoticeDays | None
    course: Course


def standing_at(course: Course, profile: Profile, *, at: Instant) -> Standing:
    """What a course that the calendar has brought to `at` means.

    Source: lifecycle 3.1, 3.6.
    """
    survives = course.ended is not None and course.state not in IN_FORCE
    contested = is_contested(course)
    term = current_term(course, profile)
    ends = course.ends if course.state is State.NOTICE_SUSPENDED else running_end(course)
    return Standing(
        state=course.state,
        since=course.since,
        in_force_from=course.in_force_from,
        term=course.term,
        ends=ends,
        allowed=SURVIVING if survives else MATRIX[course.state],
        contested=contested,
        readings=readings_of(course, profile, at=at),
        banner=_banner(course, ends=ends, contested=contested),
        last_days=notice_days(term, days=profile.notice_days) if term else None,
        course=course,
    )


def record_of(
    body: Proposal | AgreementSignature | Note | Deed,
    *,
    statement: HexDigest,
    kind: str,
    party: PartyCode,
    received: Instant | None,
) -> ActRecord:
    """The record of an act of `party`."""
    agreement = body.agreement.digest if isinstance(body, Proposal) else body.agreement
    instrument = body.agreement.id if isinstance(body, Proposal) else body.instrument
    return ActRecord(
        statement=statement,
        kind=kind,
        instrument=instrument,
        agreement=agreement,
        party=party,
        sent=body.sent if isinstance(body, Note) else body.at,
        received=received,
        note=body if isinstance(body, Note) else None,
        deed=body if isinstance(body, Deed) else None,
    )


_EVENTS = {"agreement-proposal": Event.PROPOSE, "agreement-signature": Event.SIGN}


def moment_of(act: ActRecord | ActPart, *, at: Instant, order: int = 0) -> Moment | None:
    """An act as the table reads it, counting from `at` in its party's order; None if it is none that moves a state."""
    if act.note is not None:
        note = act.note
        event = NOTE_EVENTS.get(note.subject)
        if event is None:
            return None
        return Moment(
            id=act.statement,
            event=event,
            parties=(act.party,),
            at=at,
            order=order,
            number=note.number,
            names=note.names,
            words=note.words,
            position=note.position,
            levels=note.levels,
        )
    if act.deed is not None:
        deed = act.deed
        return Moment(
            id=act.statement,
            event=Event(deed.kind),
            parties=(act.party,),
            at=at,
            order=order,
            matter=deed.matter,
            text=deed.text,
            steps=deed.steps,
            body=deed.body,
            open_points=deed.open_points,
            words=deed.words,
        )
    event = _EVENTS.get(act.kind)
    if event is None:
        return None
    return Moment(
        id=act.statement,
        event=event,
        parties=(act.party,),
        at=at,
        order=order,
        matter=act.agreement,
        text=act.agreement,
        whole=event is Event.PROPOSE,
    )


def moments_of(digest: HexDigest, acts: Iterable[ActRecord | ActPart]) -> tuple[Moment, ...]:
    """The received acts over one exact text, each party's in its own order; others count for nothing (T12).

    A party's acts are chained, so both sides hold them in one order, and that order outlives a clock's second.
    """
    found: list[Moment] = []
    running: dict[PartyCode, int] = {}
    for act in acts:
        if act.agreement != digest or act.received is None:
            continue
        order = running[act.party] = running.get(act.party, -1) + 1
        moment = moment_of(act, at=act.received, order=order)
        if moment is not None:
            found.append(moment)
    return tuple(found)


def history_of(agreement: Agreement, acts: Iterable[ActRecord]) -> History:
    """The course that received acts give to `agreement`."""
    return follow(profile_of(agreement), moments_of(agreement.digest, acts))


def standing_of(agreement: Agreement, acts: Iterable[ActRecord], *, at: Instant) -> Standing:
    """The state that `acts` give to `agreement` at `at`; later acts change nothing of it."""
    by_then = (act for act in acts if act.received is not None and act.received <= at)
    return standing_at(*history_of(agreement, by_then).reached(at), at=at)


def effective_times(history: History) -> dict[str, Instant]:
    """From when each act had an effect: for an act of all, from when the last of them was received."""
    return {change.act: change.at for change in history.changes if change.act is not None}


def named_authorities(
    agreement: Agreement, acts: Iterable[ActRecord], *, at: Instant, family: frozenset[HexDigest] = frozenset()
) -> tuple[Authority, ...]:
    """The competent authorities whose naming note, of the number the agreement gives, was received by `at`.

    Args:
        agreement: the text that names them.
        acts: of the instrument.
        at: the instant.
        family: digests of texts that amendments join with this one; a note under any of them counts.

    Source: G2-5.
    """
    notes = {
        (act.party, act.note.authority, act.note.number)
        for act in acts
        if act.note is not None
        and act.note.subject is NoteSubject.AUTHORITY_NAMED
        and act.agreement in family | {agreement.digest}
        and act.received is not None
        and act.received <= at
    }
    return tuple(a for a in agreement.authorities if (a.party, a.id, a.named_by) in notes)


def effective_rules(agreement: Agreement, deeds: Iterable[Deed], course: Course) -> tuple[Override, ...]:
    """Every parameter as the arrangements that took effect leave it: the tightest counts.

    Source: G5-1, G5-2.
    """
    agreed = [rule for deed in deeds if deed.matter in course.arrangements for rule in deed.rules]
    return tuple(
        Override(
            rule=rule, value=min([base_value(agreement, rule), *(one.value for one in agreed if one.rule is rule)])
        )
        for rule in Rule
    )


def _banner(course: Course, *, ends: Instant | None, contested: bool) -> str | None:
    if course.state is State.NOTICE_GIVEN and ends is not None:
        last = ends.plus(seconds=-1).local_date()
        return f"ends on {last} 24:00" + ("; legal status contested" if contested else "")
    return "legal status contested" if course.state is State.NOTICE_SUSPENDED else None
