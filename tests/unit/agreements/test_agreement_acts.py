"""Acts that cannot be meant cannot be built, and cannot be received."""

from dataclasses import replace
from typing import Any

import pytest

from gsomia import canon
from gsomia.agreements import Assurance, AssuranceAct, Consent, Note, NoteSubject, Proposal
from gsomia.canon import CanonError
from gsomia.ids import new_item_id, sha256_hex
from gsomia.instants import Validity
from gsomia.parties import sign_act, verify_act
from strategies.agreements import AGREEMENT, INSTRUMENT, JP, KR
from strategies.labels import NOW, party
from strategies.parties import PARK

VALID = Validity(start=NOW, until=NOW.plus(days=365))
ASSURANCE = Assurance(
    instrument=INSTRUMENT,
    agreement=AGREEMENT.digest,
    party=JP,
    to=KR,
    authority="jpn-mod",
    persons=12,
    level="JPN-2-TOKUTEI",
    purpose="DPRK-MISSILE-ANALYSIS",
    official_purpose=True,
    equivalent_protection=True,
    valid=VALID,
)
NOTE = Note(
    number="JP-2016-107",
    instrument=INSTRUMENT,
    agreement=AGREEMENT.digest,
    party=JP,
    to=KR,
    subject=NoteSubject.AUTHORITY_NAMED,
    authority="jpn-mod",
    names=(),
    words=None,
    position=None,
    levels=False,
    previous=None,
    sent=NOW,
)
CONSENT = Consent(
    serial="JP-C-1",
    originator=JP,
    holder=KR,
    recipient=party("USA"),
    item=new_item_id(bytes),
    manifest=sha256_hex(b"manifest"),
    label=sha256_hex(b"label"),
    instruments=(INSTRUMENT,),
    purpose="DPRK-MISSILE-ANALYSIS",
    valid=VALID,
)


def heard(value: Any, **changes: Any) -> Any:
    words = {**canon.plain(value), **changes}
    return canon.decode(canon.encode(words), type(value))


@pytest.mark.source("G7-5", "F-24")
@pytest.mark.parametrize("part", ["official_purpose", "equivalent_protection"])
def test_an_assurance_with_a_part_missing_can_neither_be_built_nor_received(part: str) -> None:
    with pytest.raises(ValueError, match="affirms"):
        replace(ASSURANCE, **{part: False})  # type: ignore[arg-type]
    with pytest.raises(CanonError):
        heard(ASSURANCE, **{part: False})
    with pytest.raises(CanonError):
        heard(ASSURANCE, **{part: 1})
    words = canon.plain(ASSURANCE)
    del words[part]
    with pytest.raises(CanonError):
        canon.decode(canon.encode(words), Assurance)


@pytest.mark.source("G7-5")
@pytest.mark.parametrize(
    "change",
    [{"persons": 0}, {"persons": -1}, {"persons": 10_001}, {"purpose": ""}, {"purpose": "a talk"}, {"authority": ""}],
)
def test_an_assurance_names_persons_authority_and_purpose(change: dict[str, Any]) -> None:
    with pytest.raises(CanonError):
        heard(ASSURANCE, **change)


@pytest.mark.source("A-35")
def test_an_assurance_names_no_person() -> None:
    assert heard(ASSURANCE) == ASSURANCE
    with pytest.raises(CanonError):
        heard(ASSURANCE, names=["Sato"])


@pytest.mark.source("F-25", "G2-5")
@pytest.mark.parametrize(
    ("subject", "authority"), [("completion", "jpn-mod"), ("ca-named", None), ("termination", "jpn-mod"), ("", None)]
)
def test_a_note_names_an_authority_exactly_when_that_is_its_subject(subject: str, authority: str | None) -> None:
    assert heard(NOTE) == NOTE
    assert heard(NOTE, subject="completion", authority=None)
    with pytest.raises(CanonError):
        heard(NOTE, subject=subject, authority=authority)


@pytest.mark.source("T17", "T19", "G3-3")
@pytest.mark.parametrize(
    "change",
    [
        {"subject": "position", "authority": None},
        {"subject": "termination", "authority": None, "position": "accepts"},
        {"subject": "termination", "authority": None, "levels": True},
        {"subject": "scrapped", "authority": None},
        {"subject": "withdrawal", "authority": None, "names": [""]},
        {"subject": "suspension", "authority": None, "words": ""},
    ],
)
def test_a_note_says_what_its_subject_asks_for_and_nothing_else(change: dict[str, Any]) -> None:
    assert heard(NOTE, subject="position", authority=None, position="contests")
    assert heard(NOTE, subject="law-change", authority=None, levels=True)
    with pytest.raises(CanonError):
        heard(NOTE, **change)


@pytest.mark.source("A-11")
@pytest.mark.parametrize("number", ["", "-", "by telephone", "jp-1", "JP-1\n", "J" * 42])
def test_a_note_has_a_number(number: str) -> None:
    with pytest.raises(CanonError):
        heard(NOTE, number=number)


@pytest.mark.source("G6-1", "F-18")
@pytest.mark.parametrize(
    "change",
    [
        {"serial": ""},
        {"instruments": []},
        {"instruments": ["GSOMIA-KR-JP"] * 5},
        {"item": "any"},
        {"manifest": ""},
        {"recipient": "ANYONE"},
        {"purpose": ""},
        {"label": None},
    ],
)
def test_a_consent_names_exactly_one_item_one_recipient_and_one_purpose(change: dict[str, Any]) -> None:
    assert heard(CONSENT) == CONSENT
    with pytest.raises(CanonError):
        heard(CONSENT, **change)


@pytest.mark.source("T01")
def test_a_proposal_carries_the_whole_text() -> None:
    proposal = Proposal(agreement=AGREEMENT, to=JP, at=NOW)
    assert heard(proposal).agreement.digest == AGREEMENT.digest


def test_an_act_of_a_person_under_an_agreement_reads_back_and_verifies() -> None:
    act = sign_act(ASSURANCE, kind="assurance", hand=PARK)
    assert verify_act(canon.decode(canon.encode(act), AssuranceAct), kind="assurance") == ASSURANCE
