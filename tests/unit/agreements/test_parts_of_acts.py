"""A course derived from the parts of acts is the one the whole acts give, whatever was said and in what order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.agreements import (
    DEED,
    ActPart,
    ActRecord,
    Body,
    Deed,
    DeedKind,
    Note,
    NoteSubject,
    Position,
    build_instrument,
    parse_document,
    record_of,
)
from gsomia.errors import IntegrityError
from gsomia.ids import sha256_hex
from gsomia.instants import Instant
from gsomia.storage.kinds import read_part, read_stored
from strategies.agreements import AGREEMENT, SIDES, altered, day, propose, sign

FORCE = day("2016-11-23T10:00:00+09:00")
AMENDED = parse_document(altered("version = 1", "version = 2"))
TEXTS = (AGREEMENT, AMENDED)
MOVING = [subject for subject in NoteSubject if subject is not NoteSubject.AUTHORITY_NAMED]


@st.composite
def notes(draw: st.DrawFn, number: int, received: Instant | None) -> ActRecord:
    party, subject = draw(st.sampled_from(SIDES)), draw(st.sampled_from(MOVING))
    text = draw(st.sampled_from(TEXTS))
    body = Note(
        number=f"N-{number}",
        instrument=text.id,
        agreement=text.digest,
        party=party,
        to=next(side for side in SIDES if side != party),
        subject=subject,
        authority=None,
        names=tuple(f"N-{one}" for one in draw(st.lists(st.integers(0, number), max_size=3))),
        words=draw(st.sampled_from([None, "it may be ended at any time"])),
        position=draw(st.sampled_from(Position)) if subject is NoteSubject.POSITION else None,
        levels=subject is NoteSubject.LAW_CHANGE and draw(st.booleans()),
        previous=None,
        sent=FORCE,
    )
    return record_of(body, statement=sha256_hex(b"%d" % number), kind="note", party=party, received=received)


@st.composite
def deeds(draw: st.DrawFn, number: int, received: Instant | None) -> ActRecord:
    party = draw(st.sampled_from(SIDES))
    body = Deed(
        kind=draw(st.sampled_from([DeedKind.AMEND, DeedKind.ARRANGE, DeedKind.SHELVE])),
        instrument=AGREEMENT.id,
        agreement=AGREEMENT.digest,
        party=party,
        body=draw(st.sampled_from([Body.FOREIGN_MINISTRY, Body.DEFENCE_MINISTRY])),
        text=AMENDED.digest,
        steps=(),
        rules=(),
        open_points=0,
        words=None,
        previous=None,
        at=FORCE,
    )
    return record_of(body, statement=sha256_hex(b"%d" % number), kind=DEED, party=party, received=received)


@st.composite
def records_of_acts(draw: st.DrawFn) -> list[ActRecord]:
    acts = [
        propose(SIDES[0], FORCE.plus(days=-9)),
        *(sign(side, FORCE.plus(days=-8)) for side in SIDES),
    ]
    for number in range(draw(st.integers(0, 30))):
        days = draw(st.integers(-3, 1200))
        received = draw(st.sampled_from([FORCE.plus(days=days)] * 5 + [None]))
        acts.append(draw(st.one_of(notes(number, received), notes(number, received), deeds(number, received))))
    return draw(st.permutations(acts)) if draw(st.booleans()) else acts


@pytest.mark.source("T12", "T14", "T16", "T21", "A-24")
@given(records_of_acts())
def test_the_parts_of_acts_give_the_course_that_the_acts_give(acts: list[ActRecord]) -> None:
    parts = [canon.read_back(canon.encode(act), ActPart) for act in acts]
    assert build_instrument(TEXTS, parts) == build_instrument(TEXTS, acts)


@pytest.mark.source("DESIGN-5")
@given(records_of_acts(), st.data())
def test_bytes_that_were_changed_are_refused_in_the_same_words_whole_or_in_part(
    acts: list[ActRecord], data: st.DataObject
) -> None:
    doc = canon.encode(data.draw(st.sampled_from(acts)))
    digest = sha256_hex(doc)
    spot = data.draw(st.integers(0, len(doc) - 1))
    changed = doc[:spot] + bytes([doc[spot] ^ data.draw(st.integers(1, 255))]) + doc[spot + 1 :]
    told = []
    for read in (
        lambda: read_stored(changed, ActRecord, digest=digest),
        lambda: read_part(changed, ActRecord, ActPart, digest=digest),
    ):
        with pytest.raises(IntegrityError) as caught:
            read()
        told.append((caught.value.code, caught.value.message, caught.value.remedy, caught.value.evidence))
    assert told[0] == told[1]


def test_a_part_names_nothing_that_an_act_does_not_have() -> None:
    assert set(ActPart.__struct_fields__) <= set(ActRecord.__dataclass_fields__)
    part = ActPart.__annotations__["note"].__args__[0]
    assert set(part.__struct_fields__) <= set(Note.__dataclass_fields__)
