"""Diplomatic notes about an instrument: given, heard, and held against the table before anything is written.

From signature on only notes and the calendar move the state (A-28). A note counts from when the other side has it.
"""

from dataclasses import dataclass

from gsomia.agreements import (
    NOTE,
    NOTE_EVENTS,
    SIGNATURE,
    ActError,
    Agreement,
    Moment,
    Note,
    NoteSubject,
    Position,
    State,
)
from gsomia.errors import UnavailableError
from gsomia.flows.acts import check_chain, known_text, previous_act, record_heard, record_own
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.people import require_office
from gsomia.flows.ports import Tx
from gsomia.flows.standing import (
    acts_of,
    check_allowed,
    current_agreement,
    our_own_act,
    standing,
    wait_for_receipts,
)
from gsomia.ids import InstrumentId, PartyCode
from gsomia.instants import Instant
from gsomia.parties import Act, Office, Statement, say_act


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteText:
    """What a note says beside its number and subject."""

    authority: str | None = None
    names: tuple[str, ...] = ()
    words: str | None = None
    position: Position | None = None
    levels: bool = False


def give_note(
    desk: Desk,
    actor: Actor,
    *,
    instrument: InstrumentId,
    number: str,
    subject: NoteSubject,
    authority: str | None = None,
    says: NoteText | None = None,
) -> tuple[PartyCode, ...]:
    """Send a diplomatic note about an instrument to its other parties.

    Args:
        desk: ours.
        actor: a liaison officer: the diplomatic channel.
        instrument: which one.
        number: the note's.
        subject: what it does.
        authority: which competent authority it names, if it names one.
        says: what else it says.

    Raises:
        RefusedError: the table, a condition or the calendar does not allow it; nothing is said.
        UnavailableError: another act of ours was written meanwhile.

    Source: F-25, G2-5, G21-4, T13, T16 to T19.
    """
    require_office(desk, actor, Office.LIAISON_OFFICER, clause="G2-5")
    now = desk.clock()
    words = says or NoteText(authority=authority)

    def read(tx: Tx) -> list[Note]:
        agreement = current_agreement(tx, instrument, at=now, desk=desk)
        others = [party.code for party in agreement.parties if party.code != desk.party]
        notes = [
            Note(
                number=number,
                instrument=agreement.id,
                agreement=agreement.digest,
                party=desk.party,
                to=to,
                subject=subject,
                authority=words.authority,
                names=words.names,
                words=words.words,
                position=words.position,
                levels=words.levels,
                previous=previous_act(tx, desk, agreement, to),
                sent=now,
            )
            for to in others
        ]
        _check_own(tx, desk, agreement, notes[0], now)
        return notes

    with our_own_act():
        notes = desk.store.run(read)
    said = [say_act(note, kind=NOTE, hand=actor.hand, signer=desk.unlocked.keys.statement) for note in notes]

    def unit(tx: Tx) -> None:
        for note, statement in zip(notes, said, strict=True):
            agreement = known_text(tx, note.instrument, note.agreement)
            if previous_act(tx, desk, agreement, note.to) != note.previous:
                raise UnavailableError(
                    "flows/acted-meanwhile",
                    "another act of ours was written meanwhile",
                    remedy="give the command again",
                )
            record_own(tx, desk, statement, kind=NOTE, to=note.to, subject=note.instrument)

    desk.store.run(unit)
    for note in notes:
        desk.said(note.to)
    return tuple(note.to for note in notes)


def hear_note(tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[Note]], now: Instant) -> None:
    """A note arrived; it counts from now (A-24)."""
    note = statement.value.body
    agreement = known_text(tx, note.instrument, note.agreement)
    if note.party != sender or note.to != desk.party or not agreement.has_party(sender):
        raise ActError("agreements/not-addressed", "the note is not to us, or not by its sender", clauses=("F-25",))
    _check_naming(agreement, note)
    check_chain(tx, agreement, sender, previous=note.previous, sent=note.sent, now=now)
    if note.subject is NoteSubject.COMPLETION:
        # What is asked is whether both signed, not whether both have heard of it: our receipt may still be on its way.
        acts = acts_of(tx, agreement)
        signed = {act.party for act in acts if act.kind == SIGNATURE}
        if not signed >= {party.code for party in agreement.parties}:
            raise ActError("agreements/not-signed", "completion follows signature", clauses=("T13",))
        if any(act.party == sender and act.note and act.note.subject is note.subject for act in acts):
            raise ActError("agreements/completed-before", "the sender noted its completion before", clauses=("T13",))
    elif note.subject in NOTE_EVENTS:
        try:
            check_allowed(tx, desk, agreement, note_moment(note, at=now))
        except ActError:
            wait_for_receipts(tx, desk, agreement)
            raise
    record_heard(tx, desk, statement, kind=NOTE, sender=sender, now=now)


def note_moment(note: Note, *, at: Instant) -> Moment:
    """A note as the table reads it, received at `at`."""
    return Moment(
        id="note",
        event=NOTE_EVENTS[note.subject],
        parties=(note.party,),
        at=at,
        number=note.number,
        names=note.names,
        words=note.words,
        position=note.position,
        levels=note.levels,
    )


def _check_own(tx: Tx, desk: Desk, agreement: Agreement, note: Note, now: Instant) -> None:
    _check_naming(agreement, note)
    ours = [act.note for act in acts_of(tx, agreement) if act.note is not None and act.party == desk.party]
    if note.subject is not NoteSubject.AUTHORITY_NAMED and note.number in {one.number for one in ours}:
        raise ActError(
            "agreements/number-used",
            f"note `{note.number}` was sent before",
            remedy="give a new number",
            clauses=("F-25",),
        )
    if note.subject is NoteSubject.COMPLETION:
        state = standing(tx, agreement, at=now, desk=desk).state
        if state is not State.SIGNED:
            raise ActError(
                "agreements/not-signed", f"`{agreement.id}` is {state}: completion follows signature", clauses=("T13",)
            )
    if note.subject in NOTE_EVENTS:
        check_allowed(tx, desk, agreement, note_moment(note, at=now))


def _check_naming(agreement: Agreement, note: Note) -> None:
    if note.subject is not NoteSubject.AUTHORITY_NAMED:
        return
    expected = [a.named_by for a in agreement.authorities_of(note.party) if a.id == note.authority]
    if expected != [note.number]:
        raise ActError(
            "agreements/note-does-not-name",
            f"the agreement does not have `{note.authority}` named by note `{note.number}`",
            remedy="see `agreement show` for authorities and their note numbers",
            clauses=("G2-5",),
        )
