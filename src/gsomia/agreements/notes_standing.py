"""Which notes of a party still have an effect, and which of them a new note must name.

The drafter refuses a note that would not do what it is written for: a withdrawal that leaves an earlier note standing,
a suspension of nothing, a second notice beside one that runs.

Source: T16 to T19, F-25.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import assert_never

from gsomia.agreements.errors import DraftError
from gsomia.agreements.facts import Fact, day_of
from gsomia.agreements.lifecycle import Event
from gsomia.agreements.note_text import DraftSubject, EarlierNote
from gsomia.agreements.notes import NoteSubject
from gsomia.instants import Instant

_STANDING: Mapping[str, DraftSubject] = MappingProxyType(
    {Event.GIVE_NOTICE: NoteSubject.TERMINATION, Event.SUSPEND_NOTICE: NoteSubject.SUSPENSION}
)


def notes_standing(facts: Iterable[Fact], instrument: str, *, party: str, at: Instant) -> tuple[EarlierNote, ...]:
    """The notes of a party that still have an effect: given or suspended, and not withdrawn.

    Source: T16 to T19.
    """
    standing: list[EarlierNote] = []
    mine = (fact for fact in facts if fact.instr == instrument and fact.actor == party and fact.eff <= at)
    for fact in sorted(mine, key=lambda one: (one.eff, one.n)):
        if fact.event == Event.WITHDRAW_NOTICE:
            standing.clear()
        elif fact.event == Event.REVIVE_NOTICE:
            standing = [note for note in standing if note.subject is not NoteSubject.SUSPENSION]
        elif fact.event in _STANDING:
            number = fact.note if fact.prec == "received" and fact.note else None
            standing.append(EarlierNote(subject=_STANDING[fact.event], day=day_of(fact), number=number))
    return tuple(standing)


def check_names(
    subject: DraftSubject, names: Sequence[str], *, standing: Sequence[EarlierNote]
) -> tuple[EarlierNote, ...]:
    """The earlier notes that a note names, if it names what it must.

    A withdrawal names each note that stands, as that of 2023 named both of 2019; a suspension suspends the one notice
    of termination that stands; no other note names any, and no notice is given while one of the same party runs.

    Raises:
        DraftError: a note is left out, or one is named that does not stand.

    Source: T16, T17, T19.
    """
    for name in names:
        if not any(note.is_called(name) for note in standing):
            raise DraftError(
                "agreements/no-such-note",
                f"no standing note is called `{name[:60]}`",
                remedy="standing: " + (", ".join(note.name for note in standing) or "none"),
                clauses=("T19",),
            )
    match subject:
        case NoteSubject.WITHDRAWAL:
            missing = [note for note in standing if not any(note.is_called(name) for name in names)]
            if missing or not standing:
                raise DraftError(
                    "agreements/earlier-note-unnamed",
                    "a withdrawal names every earlier note: "
                    + (f"missing {', '.join(note.name for note in missing)}" if standing else "no note stands"),
                    remedy="name each by number or day: `--names 2019-08-23 --names 2019-11-22`",
                    clauses=("T19",),
                )
            return tuple(standing)
        case NoteSubject.SUSPENSION:
            notices = [note for note in standing if note.subject is NoteSubject.TERMINATION]
            if not notices or standing[-1].subject is NoteSubject.SUSPENSION:
                raise DraftError(
                    "agreements/nothing-to-suspend",
                    "only a running notice of termination can be suspended",
                    remedy="see which notes stand: `gsomia agreement show`",
                    clauses=("T17",),
                )
            return (notices[-1],)
        case NoteSubject.TERMINATION | NoteSubject.COMPLETION | NoteSubject.AUTHORITY_NAMED:
            if names:
                raise DraftError(
                    "agreements/names-nothing", f"a note of {subject} names no earlier note", clauses=("F-25",)
                )
            if subject is NoteSubject.TERMINATION and standing and standing[-1].subject is subject:
                raise DraftError(
                    "agreements/notice-running",
                    f"a notice runs already: {standing[-1].name}",
                    remedy="suspend or withdraw it first, or let it run",
                    clauses=("T16",),
                )
            return ()
    assert_never(subject)
