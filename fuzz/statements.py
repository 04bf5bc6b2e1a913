"""The first statements of every kind that the harnesses read."""

from collections.abc import Iterator
from typing import cast

from fuzz.sample import CONSIGNMENT, ITEM, JPN, KOR, NOW, counted
from fuzz.targets import STATEMENTS
from gsomia import canon
from gsomia.agreements import (
    SIGNATURE,
    AgreementSignature,
)
from gsomia.envelope import (
    seal_short,
)
from gsomia.exchange import (
    ASSURANCE_PERSON,
    ASSURANCE_PERSON_ANSWER,
    ASSURANCE_WITHDRAWAL,
    HOTLINE_ACKNOWLEDGEMENT,
    HOTLINE_DESK,
    HOTLINE_MESSAGE,
    INCIDENT_ACKNOWLEDGEMENT,
    INCIDENT_REPORT,
    RADIUS_QUESTION,
    VISIT_ANSWER,
    VISIT_NOTICE,
    VISIT_REQUEST,
    Account,
    AssuranceWithdrawal,
    CaseEntry,
    CaseMoment,
    DeskNotice,
    Extent,
    HotlineAcknowledgement,
    HotlineMessage,
    IncidentAcknowledgement,
    IncidentReport,
    Matter,
    MessageHead,
    PersonAnswer,
    PersonNamed,
    Precedence,
    RadiusQuestion,
    ReportedItem,
    ReportStage,
    Texts,
    ToldLine,
    VisitAnswer,
    VisitKind,
    VisitNotice,
    Visitor,
    VisitRequest,
    repeat_words,
)
from gsomia.ids import (
    FacilityId,
    IncidentId,
    InstrumentId,
    ItemId,
    PersonId,
    RequestId,
    VisitId,
    sha256_hex,
)
from gsomia.instants import Validity
from gsomia.parties import (
    Hand,
    Office,
    Opener,
    PersonSigner,
    sign_act,
)
from gsomia.registry import (
    ATTENDANCE,
    PACKAGE_RECEIPT,
    RECONCILIATION,
    Attendance,
    Known,
    PackageReceipt,
    ReconciledLine,
    Reconciliation,
)


def every_kind() -> Iterator[bytes]:
    """One of each kind that a partner may say, empty where no example is made."""
    body = AgreementSignature(
        instrument=cast("InstrumentId", "GSOMIA-KR-JP"), agreement=sha256_hex(b"a text"), party=KOR, at=NOW
    )
    number = "KOR-JPN-2026-000001"
    line = ReconciledLine(number=number, sender=KOR, state=Known.SENT, since=NOW)
    bodies: dict[str, object] = {
        SIGNATURE: body,
        ATTENDANCE: Attendance(number=CONSIGNMENT, item=ITEM, party=JPN, to=KOR, heard=2, note_taken=True, at=NOW),
        PACKAGE_RECEIPT: PackageReceipt(
            number=number,
            transmittal=sha256_hex(b"a list"),
            party=JPN,
            to=KOR,
            copies=1,
            seals_intact=True,
            at=NOW,
        ),
        RECONCILIATION: Reconciliation(party=KOR, to=JPN, since=NOW, lines=(line,), at=NOW),
        **_visits(),
        **_assurances(),
        **_incidents(),
    }
    hand = Hand(Office.LIAISON_OFFICER, PersonSigner.from_seed(bytes(32)))
    acts = {kind.encode(): canon.encode(sign_act(one, kind=kind, hand=hand)) for kind, one in bodies.items()}
    for kind in STATEMENTS:
        yield kind + b"\n" + acts.get(kind, b"{}")


def _assurances() -> dict[str, object]:
    """What is said about an assurance after it was given."""
    given = sha256_hex(b"an assurance")
    return {
        ASSURANCE_WITHDRAWAL: AssuranceWithdrawal(
            assurance=given, instrument=cast("InstrumentId", "GSOMIA-KR-JP"), party=JPN, to=KOR, at=NOW
        ),
        ASSURANCE_PERSON: PersonNamed(assurance=given, number=1, party=JPN, to=KOR, name="Sato", at=NOW),
        ASSURANCE_PERSON_ANSWER: PersonAnswer(
            assurance=given, number=1, party=KOR, to=JPN, turn=1, declined=True, at=NOW
        ),
    }


def _visits() -> dict[str, object]:
    """What two governments say about a visit."""
    visit = cast("VisitId", "vis_" + "a" * 26)
    visitor = Visitor(
        name="Sato Hanako",
        born="1980-01-01",
        birthplace="Tokyo",
        level="JPN-2-TOKUTEI",
        document="ID-1",
        nationality=JPN,
        position="analyst",
    )
    request = VisitRequest(
        id=visit,
        number="JP-RFV-1",
        instrument=cast("InstrumentId", "GSOMIA-KR-JP"),
        agreement=sha256_hex(b"a text"),
        party=JPN,
        to=KOR,
        authority="jpn-mod",
        facilities=(cast("FacilityId", "registry"),),
        valid=Validity(start=NOW, until=NOW.plus(days=2)),
        kind=VisitKind.ONE_TIME,
        subject="DPRK-MISSILE",
        purpose="DPRK-MISSILE-ANALYSIS",
        justification="compared on the spot",
        level="JPN-2-TOKUTEI",
        programme="TRILATERAL-1",
        visitors=(visitor,),
        security_officer="officer of the ministry",
        certified=True,
        approval="JP-CA-1",
        remarks=None,
        waived=False,
        amends=None,
        consultation=None,
        agenda=None,
        at=NOW,
    )
    answer = VisitAnswer(
        visit=visit, party=KOR, to=JPN, authority="kor-mnd", ceiling="KOR-2", declined=(2,), waived=True, at=NOW
    )
    notice = VisitNotice(visit=visit, party=JPN, to=KOR, visitor=1, at=NOW)
    return {VISIT_REQUEST: request, VISIT_ANSWER: answer, VISIT_NOTICE: notice}


def _incidents() -> dict[str, object]:
    """What two sides say about an incident."""
    incident, item = cast("IncidentId", "inc_" + "a" * 26), cast("ItemId", "itm_" + "a" * 26)
    entry = CaseEntry(
        incident=incident,
        number=1,
        what=CaseMoment.OPENED,
        words="not there",
        salt=bytes(16),
        by=cast("PersonId", "kim"),
        at=NOW,
    )
    lines = (ToldLine(number=1, what=entry.what, commitment=entry.commitment, at=NOW),)
    extent = Extent(
        item=item,
        known=True,
        copies=1,
        readers=1,
        readings=2,
        hand_overs=0,
        containers=0,
        packages=0,
        contractors=0,
        derived=(),
        onward=(),
    )
    reported = ReportedItem(
        item=item,
        parents=(),
        originator=KOR,
        mark="KOR-2",
        subject="DPRK-MISSILE",
        dated=NOW,
        copies=("1",),
        place="lost",
        extent=extent,
    )
    report = IncidentReport(
        incident=incident,
        serial=1,
        stage=ReportStage.FIRST,
        party=JPN,
        to=KOR,
        what="loss",
        intact=NOW,
        discovered=NOW,
        items=(reported,),
        account=Account(narrative="not there at the count"),
        lines=lines,
        opened=(),
        at=NOW,
    )
    answer = IncidentAcknowledgement(
        incident=incident, serial=1, report=canon.digest(report), party=KOR, to=JPN, lines=(), at=NOW
    )
    question = RadiusQuestion(
        id=cast("RequestId", "req_" + "a" * 26),
        incident=incident,
        party=KOR,
        to=JPN,
        items=(item,),
        intact=NOW,
        discovered=NOW,
        at=NOW,
    )
    return {INCIDENT_REPORT: report, INCIDENT_ACKNOWLEDGEMENT: answer, RADIUS_QUESTION: question}


WORDS = Texts(ko="복창 바랍니다.", ja="復唱願います。", en="Read back.", salt=bytes(range(16)))


def hotline() -> Iterator[bytes]:
    """One of each statement of the hotline."""
    hand = Hand(Office.DUTY_OFFICER, PersonSigner.from_seed(bytes(32)))
    head = MessageHead(
        sender=KOR,
        to=JPN,
        number=1,
        level="UNCLASSIFIED",
        precedence=Precedence.FLASH,
        matter=Matter.COORDINATION,
        from_desk="mnd-ops",
        to_desk="mod-ops",
        instrument=None,
        plan=None,
        at=NOW,
    )
    reader = Opener.from_seed(bytes(range(96))).public
    words = seal_short(canon.encode(WORDS), head=canon.digest(head), readers=(reader,), entropy=counted)
    notice = DeskNotice(
        party=KOR,
        to=JPN,
        desk="mnd-ops",
        title_ko="작전상황실",
        title_ja="",
        title_en="operations",
        numbers=("+82 2 000 0000",),
        valid=Validity(start=NOW),
    )
    answer = HotlineAcknowledgement(
        message=canon.digest(head),
        party=JPN,
        to=KOR,
        desk="mod-ops",
        read_back=repeat_words("ALFA BRAVO", salt=WORDS.salt),
        at=NOW,
    )
    for kind, body in (
        (HOTLINE_DESK, notice),
        (HOTLINE_MESSAGE, HotlineMessage(head=head, words=words)),
        (HOTLINE_ACKNOWLEDGEMENT, answer),
    ):
        yield kind.encode() + b"\n" + canon.encode(sign_act(body, kind=kind, hand=hand))
