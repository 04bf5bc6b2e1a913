"""What a set of verified acts says about an agreement: its state, its named authorities, its assurances."""

from collections.abc import Iterable
from dataclasses import dataclass

from gsomia.agreements.acts import AgreementSignature, Note, NoteSubject, Proposal
from gsomia.agreements.agreement import Agreement, Authority
from gsomia.agreements.lifecycle import Event, Moment, Standing, derive_standing
from gsomia.ids import HexDigest, InstrumentId, PartyCode
from gsomia.instants import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRecord:
    """An act as one node knows it. Sent, received and effective times are kept apart.

    `received` is when the other side's node recorded it: in that side's signed receipt if we sent it, in our own log if
    we received it. Until a note is received it counts for nothing (A-24).
    """

    statement: HexDigest
    kind: str
    instrument: InstrumentId
    agreement: HexDigest
    party: PartyCode
    sent: Instant
    received: Instant | None
    note: Note | None


def record_of(
    body: Proposal | AgreementSignature | Note,
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
    )


_EVENTS = {"agreement-proposal": Event.PROPOSE, "agreement-signature": Event.SIGN}


def standing_of(agreement: Agreement, acts: Iterable[ActRecord], *, at: Instant) -> Standing:
    """The state that `acts` give to `agreement` at `at`. Acts over another digest count for nothing (T12)."""
    moments = []
    for act in acts:
        if act.agreement != agreement.digest or act.received is None:
            continue
        event = _EVENTS.get(act.kind)
        if act.note is not None and act.note.subject is NoteSubject.COMPLETION:
            event = Event.NOTIFY_COMPLETED
        if event is not None:
            moments.append(Moment(event=event, party=act.party, at=act.received))
    return derive_standing(agreement, moments, at=at)


def named_authorities(agreement: Agreement, acts: Iterable[ActRecord], *, at: Instant) -> tuple[Authority, ...]:
    """The competent authorities whose naming note, of the number the agreement gives, was received by `at`.

    Source: G2-5.
    """
    notes = {
        (act.party, act.note.authority, act.note.number)
        for act in acts
        if act.note is not None
        and act.note.subject is NoteSubject.AUTHORITY_NAMED
        and act.agreement == agreement.digest
        and act.received is not None
        and act.received <= at
    }
    return tuple(a for a in agreement.authorities if (a.party, a.id, a.named_by) in notes)
