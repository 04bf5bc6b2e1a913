"""Lines of the register read back as they were written, and nothing else reads as one."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.canon import CanonError
from gsomia.envelope import Holding
from gsomia.ids import new_consignment_id, new_decision_id, sha256_hex
from gsomia.labels import ClearanceStatus
from gsomia.parties import sign_act, verify_act
from gsomia.registry import (
    RECEIPT,
    SLIP,
    Booking,
    ChannelAccreditation,
    ClearanceChange,
    ClearanceGrant,
    CustodyEvent,
    CustodyKind,
    DutyGrant,
    EntryEnded,
    EntryKind,
    FacilityAccreditation,
    Form,
    ItemRecord,
    NationalityConsent,
    Origin,
    ReadingSlip,
    ReadingStopped,
    RegistrarReceipt,
    RosterLine,
    Slip,
    control_number,
)
from strategies.agreements import AGREEMENT, INSTRUMENT, JP, KR
from strategies.labels import JPN, NOW, modest
from strategies.parties import SATO
from strategies.policy import ITEM, PURPOSE, YEAR, cleared, facility, own_label, person

CONSIGNMENT = new_consignment_id(bytes)
ICHIGAYA, OFFICER = facility("ichigaya"), person("sato")
HOLDING = Holding(
    item=ITEM,
    header=sha256_hex(b"header"),
    content_bytes=3,
    segments=1,
    segment_list=sha256_hex(b"list"),
    wrapped=bytes(60),
)
ORIGIN = Origin(
    sender=KR,
    instrument=INSTRUMENT,
    agreement=AGREEMENT.digest,
    state="IN_FORCE",
    consignment=CONSIGNMENT,
    manifest=sha256_hex(b"manifest"),
)
RECORD = ItemRecord(
    id=ITEM,
    originator=KR,
    label=own_label("KOR-2", releasable_to=["JPN"], caveats=["NO-COPY"]),
    form=Form.ELECTRONIC,
    topic="MISSILE",
    purpose=PURPOSE,
    content_digest=sha256_hex(b"content"),
    holding=HOLDING,
    registrar=None,
    facility=None,
    origin=ORIGIN,
    at=NOW,
)
BOOKING = Booking(
    item=ITEM,
    own_mark="JPN-2-TOKUTEI",
    rank=3,
    basis="designated 2026-11-23",
    control_no="JPN-GSOMIA-KR-JP-2026-000017",
    officer=OFFICER,
    facility=ICHIGAYA,
    at=NOW,
)
SLIP_BODY = Slip(
    item=ITEM,
    copy="1",
    reader=OFFICER,
    purpose=PURPOSE,
    decision=new_decision_id(bytes),
    content_digest=sha256_hex(b"content"),
    at=NOW,
)
RECEIPT_BODY = RegistrarReceipt(
    item=ITEM,
    instrument=INSTRUMENT,
    consignment=CONSIGNMENT,
    manifest=ORIGIN.manifest,
    party=JP,
    to=KR,
    seals_intact=True,
    at=NOW,
)
LINES: list[Any] = [
    RECORD,
    replace(RECORD, origin=None, registrar=OFFICER, facility=ICHIGAYA),
    BOOKING,
    SLIP_BODY,
    RECEIPT_BODY,
    ReadingSlip(item=ITEM, reader=OFFICER, slip=sign_act(SLIP_BODY, kind=SLIP, hand=SATO), at=NOW),
    *(
        CustodyEvent(
            item=ITEM, copy="1", kind=kind, custodian=JP, facility=ICHIGAYA, by=OFFICER, consignment=CONSIGNMENT, at=NOW
        )
        for kind in CustodyKind
    ),
    ClearanceGrant(person=OFFICER, clearance=cleared(JPN, "JPN-2-TOKUTEI"), by=person("abe"), at=NOW),
    DutyGrant(person=OFFICER, item=None, purpose=PURPOSE, valid=YEAR, by=person("abe"), at=NOW),
    RosterLine(
        facility=ICHIGAYA,
        person=OFFICER,
        instrument=INSTRUMENT,
        level="JPN-2-TOKUTEI",
        valid=YEAR,
        by=person("abe"),
        at=NOW,
    ),
    ChannelAccreditation(channel=KR, number="A-7", level="JPN-2-GOKUHI", valid=YEAR, by=person("abe"), at=NOW),
    ClearanceChange(person=OFFICER, grant=1, status=ClearanceStatus.SUSPENDED, basis="PSC-7", by=person("abe"), at=NOW),
    *(EntryEnded(person=OFFICER, entry=entry, number=1, by=person("abe"), at=NOW) for entry in EntryKind),
    FacilityAccreditation(
        facility=ICHIGAYA, number="F-7", level="JPN-2-TOKUTEI", review_at=NOW, by=person("abe"), at=NOW
    ),
    NationalityConsent(
        person=OFFICER, originator=KR, item=ITEM, purpose=None, number="N-7", valid=YEAR, by=person("abe"), at=NOW
    ),
    ReadingStopped(item=ITEM, reader=OFFICER, slip=sha256_hex(b"s"), decision=SLIP_BODY.decision, segments=3, at=NOW),
]


def heard(line: Any, **changes: Any) -> Any:
    return canon.decode(canon.encode({**canon.plain(line), **changes}), type(line))


@pytest.mark.source("G6-7", "F-01")
@pytest.mark.parametrize("line", LINES, ids=lambda line: type(line).__name__)
def test_a_line_of_the_register_reads_back(line: Any) -> None:
    assert canon.decode(canon.encode(line), type(line)) == line


@pytest.mark.source("G4-1", "EQ-4")
def test_the_originators_mark_is_kept_byte_for_byte() -> None:
    mark = RECORD.label.mark
    assert mark.encode() in canon.encode(RECORD)
    assert canon.decode(canon.encode(RECORD), ItemRecord).label.mark == mark == "군사Ⅱ급비밀"


@pytest.mark.source("G1-1")
@pytest.mark.parametrize("field", ["instrument", "agreement", "state"])
def test_a_received_line_cannot_lack_its_instrument_version_or_state(field: str) -> None:
    origin = canon.plain(ORIGIN)
    del origin[field]
    with pytest.raises(CanonError):
        heard(RECORD, origin=origin)


@pytest.mark.source("G2-3")
@pytest.mark.parametrize("form", ["paper", "", "ELECTRONIC", None, 1])
def test_a_form_without_a_path_is_refused(form: Any) -> None:
    with pytest.raises(CanonError):
        heard(RECORD, form=form)


@pytest.mark.source("G12-6", "F-04")
@pytest.mark.parametrize("change", [{"seals_intact": False}, {"seals_intact": 1}, {"note": "opened"}, {"manifest": ""}])
def test_a_receipt_says_that_the_seals_are_intact_and_nothing_classified(change: dict[str, Any]) -> None:
    with pytest.raises(CanonError):
        heard(RECEIPT_BODY, **change)


@pytest.mark.source("F-07", "G13-5")
def test_a_reading_slip_is_the_readers_own_act_and_no_receipt() -> None:
    act = sign_act(SLIP_BODY, kind=SLIP, hand=SATO)
    assert verify_act(act, kind=SLIP) == SLIP_BODY
    with pytest.raises(Exception, match="does not verify"):
        verify_act(act, kind=RECEIPT)


@pytest.mark.parametrize("kind", ["", "mislaid", "REGISTERED", None])
def test_an_unknown_custody_event_is_refused(kind: Any) -> None:
    with pytest.raises(CanonError):
        heard(next(line for line in LINES if isinstance(line, CustodyEvent)), kind=kind)


@pytest.mark.source("G6-7", "F-01")
def test_a_control_number_names_party_instrument_year_and_place() -> None:
    made = control_number(party=JP, instrument=INSTRUMENT, year=2026, running=17)
    assert made == "JPN-GSOMIA-KR-JP-2026-000017"
    assert control_number(party=KR, instrument=None, year=2026, running=1) == "KOR-OWN-2026-000001"


numbers = st.tuples(
    st.sampled_from([KR, JP]), st.none() | st.just(INSTRUMENT), st.integers(2016, 2100), st.integers(1, 2_000_000)
)


@pytest.mark.source("G6-7")
@given(numbers, numbers)
@modest
def test_two_items_never_share_a_control_number(left: Any, right: Any) -> None:
    def spelled(drawn: Any) -> str:
        return control_number(party=drawn[0], instrument=drawn[1], year=drawn[2], running=drawn[3])

    assert (spelled(left) == spelled(right)) == (left == right)
