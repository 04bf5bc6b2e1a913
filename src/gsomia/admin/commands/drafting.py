"""`agreement draft-note`: the words of a note, what it must name, and until when it counts. Nothing is sent or kept."""

from dataclasses import dataclass
from datetime import date
from typing import cast

from msgspec import UNSET, UnsetType

from gsomia.admin.calendar_file import calendar_file
from gsomia.admin.capitals import capital_of, ministry_of
from gsomia.admin.command import Call, Command, Document, Param, check_word, if_named
from gsomia.admin.commands.agreements import INSTRUMENT, read_small, write_new
from gsomia.admin.note_dates import calendar_entries, deadline_document
from gsomia.admin.shipped import names_of, shipped_family
from gsomia.agreements import (
    DRAFTED,
    Deadline,
    Draft,
    DraftError,
    DraftSubject,
    Fact,
    NoteSubject,
    NoteText,
    PactProfile,
    Timeliness,
    Wordings,
    check_names,
    deadline,
    draft_note,
    ended_by_notes,
    force_begins,
    notes_standing,
    parse_facts,
    term_running,
)
from gsomia.errors import LocalError
from gsomia.flows import agree
from gsomia.flows.ports import Tx
from gsomia.flows.standing import facts_about
from gsomia.ids import PartyCode
from gsomia.instants import Instant, read_instant, start_of_day

_RULE = "\n" + "-" * 72 + "\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What a note stands on: the instrument, its terms, and what has happened."""

    instrument: str
    parties: tuple[str, ...]
    title: Wordings
    profile: PactProfile | None
    facts: tuple[Fact, ...]
    force: Instant | None
    term_years: int | None
    notice_days: int | None

    def ends(self, facts: tuple[Fact, ...]) -> Instant | None:
        """When notes end it, by these facts."""
        if self.term_years is None or self.notice_days is None:
            return None
        return ended_by_notes(
            facts, self.instrument, parties=self.parties, term_years=self.term_years, notice_days=self.notice_days
        )


def _draft(call: Call) -> Document:
    subject = _subject(call.text("subject"))
    by = str(check_word("to", call.text("by")))
    day = _day(call.text("date"))
    received = read_instant(call.text("received")) if call.maybe("received") else start_of_day(day)
    ground = _ground(call, at=received)
    to = _other(call, ground, by)
    standing = notes_standing(ground.facts, ground.instrument, party=by, at=received)
    dates = _deadline(ground, to, at=start_of_day(day))
    _check_when(subject, ground, dates=dates, received=received)
    named = check_names(subject, call.many("names"), standing=standing)
    profile = ground.profile
    text = draft_note(
        Draft(
            subject=subject,
            by=names_of(by),
            to=names_of(to),
            ministry=ministry_of(by),
            number=call.text("number"),
            day=day,
            title=ground.title,
            signed=date.fromisoformat(profile.signed) if profile and isinstance(profile.signed, str) else None,
            article=_article(profile, subject),
            names=named,
            authority=_three(call, "authority"),
            condition=_three(call, "condition"),
            last_day=dates.last_day_in_force if dates and subject is NoteSubject.TERMINATION else None,
        )
    )
    document: Document = {
        "instrument": ground.instrument,
        "subject": subject,
        "number": call.text("number"),
        "by": by,
        "to": to,
        "date": str(day),
        "names": [note.name for note in named],
        "texts": {"en": text.en, "ko": text.ko, "ja": text.ja},
        "deadline": deadline_document(dates, parties=ground.parties, to=to, at=start_of_day(day)) if dates else None,
        "text_file": call.maybe("out"),
        "calendar_file": call.maybe("calendar"),
        "sent": False,
    }
    _write(call, ground, text, dates, received)
    return document


def _subject(word: str) -> DraftSubject:
    subjects = {subject.value: subject for subject in DRAFTED}
    if word not in subjects:
        raise LocalError(
            "admin/unknown-subject", "a note has one of the known subjects", remedy="one of: " + ", ".join(subjects)
        )
    return subjects[word]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as cause:
        raise LocalError("admin/not-a-day", f"`{text[:40]}` is no day", remedy="write it as 2019-08-23") from cause


def _ground(call: Call, *, at: Instant) -> _Ground:
    instrument = call.text("instrument")
    profile = shipped_family().profile(instrument)
    facts = parse_facts(read_small(call.text("history"))) if call.maybe("history") else ()
    if call.at_node:

        def read(tx: Tx) -> _Ground:
            agreement = agree.current_agreement(tx, instrument, at=at)
            known = facts or facts_about(tx, agreement)
            codes = tuple(party.code for party in agreement.parties)
            same = profile if profile is not None and profile.title else None
            return _Ground(
                instrument=instrument,
                parties=codes,
                title=_title(same, agreement.title),
                profile=same,
                facts=known,
                force=force_begins(known, instrument, parties=codes),
                term_years=agreement.terms.term_years,
                notice_days=agreement.terms.notice_days,
            )

        return call.desk.store.run(read)
    if profile is None:
        raise LocalError(
            "admin/unknown-instrument",
            f"`{instrument}` is not in the family of instruments",
            remedy="see `gsomia family list`, or name the node that knows it: `--node DIR`",
        )
    force = force_begins(facts, instrument, parties=profile.between)
    if force is None and not facts and isinstance(profile.in_force, str) and len(profile.in_force) == len("2016-11-23"):
        force = read_instant(profile.in_force)
    return _Ground(
        instrument=instrument,
        parties=profile.between,
        title=_title(profile, instrument),
        profile=profile,
        facts=facts,
        force=force,
        term_years=profile.term_years or None,
        notice_days=profile.notice_days or None,
    )


def _title(profile: PactProfile | None, plain: str) -> Wordings:
    if profile is not None and isinstance(profile.title, Wordings):
        return profile.title
    return Wordings(en=plain, ko=plain, ja=plain)


def _other(call: Call, ground: _Ground, by: str) -> PartyCode:
    others = [party for party in ground.parties if party != by]
    to = call.maybe("to") or (others[0] if len(others) == 1 else None)
    if by not in ground.parties or to not in others:
        raise LocalError(
            "admin/not-between",
            f"`{ground.instrument}` is between {', '.join(ground.parties)}",
            remedy="pass `--by` and `--to`",
        )
    return cast("PartyCode", to)


def _deadline(ground: _Ground, to: PartyCode, *, at: Instant) -> Deadline | None:
    if ground.force is None or ground.term_years is None or ground.notice_days is None:
        return None
    capital_of(to)  # no date on a clock that is not known
    term = term_running(ground.force, years=ground.term_years, at=at)
    return deadline(term, days=ground.notice_days, receiver=to)


def _check_when(subject: DraftSubject, ground: _Ground, *, dates: Deadline | None, received: Instant) -> None:
    # A notice a day late is refused; a suspension after the end suspends nothing (T17).
    heard = tuple(fact for fact in ground.facts if fact.eff <= received)
    ends = ground.ends(heard)
    if ends is not None and ends <= received:
        raise DraftError("agreements/ended-already", f"`{ground.instrument}` ended at {ends}", clauses=("T20", "G21-4"))
    if subject is NoteSubject.TERMINATION:
        if dates is None:
            raise DraftError(
                "agreements/no-term-to-end",
                f"the term of `{ground.instrument}` or its notice is not known",
                remedy="name the node that holds its text: `--node DIR`",
                clauses=("T16",),
            )
        worth = dates.judge(received)
        if worth is not Timeliness.IN_TIME:
            raise DraftError(
                "agreements/notice-not-in-time",
                f"a notice received then is {worth}: the last safe day is {dates.safe_day}",
                remedy="the next term can be ended by a notice in the next year",
                clauses=("G21-4", "A-01", "T16"),
            )
    if subject is NoteSubject.COMPLETION and ground.force is not None and ground.force < received:
        raise DraftError(
            "agreements/in-force-already", f"`{ground.instrument}` is in force since {ground.force}", clauses=("T13",)
        )


def _article(profile: PactProfile | None, subject: DraftSubject) -> str | UnsetType:
    if profile is None:
        return UNSET
    if subject is NoteSubject.TERMINATION:
        return profile.notice_article
    return profile.completion_article if subject is NoteSubject.COMPLETION else UNSET


def _three(call: Call, name: str) -> Wordings | None:
    given = [call.maybe(name), call.maybe(f"{name}_ko"), call.maybe(f"{name}_ja")]
    if not any(given):
        return None
    remedy = f"pass `--{name}`, `--{name}-ko` and `--{name}-ja`"
    if not all(given):
        raise LocalError("admin/not-in-three-languages", f"`--{name}`: a language is missing", remedy=remedy)
    try:
        return Wordings(en=given[0], ko=given[1], ja=given[2])
    except ValueError as cause:
        raise LocalError("admin/not-in-three-languages", f"`--{name}`: {cause}", remedy=remedy) from cause


def _write(call: Call, ground: _Ground, text: NoteText, dates: Deadline | None, received: Instant) -> None:
    calendar = call.maybe("calendar")
    if calendar and dates is None:
        raise LocalError(
            "admin/no-dates", f"no dates of `{ground.instrument}` are known", remedy="leave `--calendar` out"
        )
    if call.maybe("out"):
        write_new(call.text("out"), _RULE.join([text.en, text.ko, text.ja]).encode())
    if calendar and dates is not None:
        entries = calendar_entries(ground.instrument, dates)
        write_new(calendar, calendar_file(ground.instrument, entries, now=received))


COMMANDS = (
    Command(
        name="agreement draft-note",
        help="write a note in English, Korean and Japanese, and check what it names and when it counts; sends nothing",
        run=_draft,
        params=(
            INSTRUMENT,
            Param(name="subject", help="termination, suspension, withdrawal, completion or ca-named", required=True),
            Param(name="by", help="whose note it is, for example KOR", required=True),
            Param(name="to", help="who receives it; the other party if left out"),
            Param(name="number", help="the note's number", required=True),
            Param(name="date", help="the day on the note", required=True),
            Param(name="received", help="when it will be received; the beginning of that day if left out"),
            Param(name="names", help="an earlier note, by number or day; repeat it", many=True),
            Param(name="authority", help="the authority named, in English"),
            Param(name="authority_ko", help="the same in Korean"),
            Param(name="authority_ja", help="the same in Japanese"),
            Param(name="condition", help="the condition of a suspension, in English"),
            Param(name="condition_ko", help="the same in Korean"),
            Param(name="condition_ja", help="the same in Japanese"),
            Param(name="history", kind="path", help="facts to stand on; the node's acts if left out"),
            Param(name="out", kind="path", help="new file for the three texts"),
            Param(name="calendar", kind="path", help="new iCalendar file for the dates"),
        ),
        keys=False,
        need=if_named,
    ),
)
