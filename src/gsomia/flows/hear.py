"""Hear a partner's statement: prove who said it, apply it in one unit with the record, answer with a proof of that.

Each kind of statement has one function that applies it; a kind without one is not heard at this door.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from gsomia.agreements import (
    ACKNOWLEDGEMENT,
    ASSURANCE,
    CONSENT,
    CONSENT_DENIAL,
    CONSENT_REQUEST,
    CONSENT_WITHDRAWAL,
    DEED,
    INTRODUCTION,
    LAW_ANSWER,
    LAW_REQUEST,
    NOTE,
    PROPOSAL,
    REQUEST,
    REQUEST_ANSWER,
    REQUEST_WITHDRAWAL,
    SIGNATURE,
    AcknowledgementAct,
    AnswerAct,
    AssuranceAct,
    ConsentAct,
    ConsentDenialAct,
    ConsentRequestAct,
    ConsentWithdrawalAct,
    DeedAct,
    IntroductionAct,
    LawAnswerAct,
    LawRequestAct,
    NoteAct,
    ProposalAct,
    RequestAct,
    SignatureAct,
    WithdrawalAct,
)
from gsomia.audit import Event
from gsomia.errors import NodeError
from gsomia.exchange import (
    ASSURANCE_PERSON,
    ASSURANCE_PERSON_ANSWER,
    ASSURANCE_WITHDRAWAL,
    CHAIN_FORWARD,
    CHAIN_NOTICE,
    HOTLINE_ACKNOWLEDGEMENT,
    HOTLINE_DESK,
    HOTLINE_MESSAGE,
    INCIDENT_ACKNOWLEDGEMENT,
    INCIDENT_REPORT,
    INVENTORY_EXPLANATION,
    INVENTORY_MINUTES,
    INVENTORY_OPENING,
    INVENTORY_ROSTER,
    RADIUS_ANSWER,
    RADIUS_QUESTION,
    RELAY_REPORT,
    VISIT_ANSWER,
    VISIT_NOTICE,
    VISIT_REQUEST,
    Accepted,
    AssuranceWithdrawalAct,
    ChainForward,
    ChainNoticeAct,
    HotlineAcknowledgementAct,
    HotlineDeskAct,
    HotlineMessageAct,
    IncidentAcknowledgementAct,
    IncidentReportAct,
    InventoryExplanationAct,
    Opening,
    PersonAnswerAct,
    PersonNamedAct,
    RadiusAnswer,
    RadiusQuestionAct,
    RelayReport,
    Reply,
    RosterAct,
    SignedMinutesAct,
    VisitAnswerAct,
    VisitNoticeAct,
    VisitRequestAct,
)
from gsomia.flows.agree import hear_proposal, hear_signature
from gsomia.flows.assure import hear_acknowledgement, hear_assurance, hear_assurance_withdrawal
from gsomia.flows.assured_persons import ANSWERING as PERSONS_ANSWERED_BY
from gsomia.flows.assured_persons import hear_person, hear_person_answer
from gsomia.flows.balance import hear_balance
from gsomia.flows.chain import CHAIN_OFFICES, forward_notice, hear_notice, hear_report, report_receipt
from gsomia.flows.consents import hear_consent, hear_consent_denial, hear_consent_request, hear_consent_withdrawal
from gsomia.flows.deeds import hear_deed
from gsomia.flows.desk import Desk, shared_log
from gsomia.flows.disclose import ATTENDED_BY, hear_attendance, hear_disclosure
from gsomia.flows.disclose import OFFICES as DISCLOSED_BY
from gsomia.flows.dispatch import hear_registrar
from gsomia.flows.dispose import OFFICES, hear_destruction
from gsomia.flows.give_back import finish_returns, hear_return, hear_take_back
from gsomia.flows.hotline import hear_message
from gsomia.flows.hotline_answers import hear_acknowledgement as hear_hotline_acknowledgement
from gsomia.flows.hotline_desks import hear_desk
from gsomia.flows.incident_radius import answer_question, hear_radius_answer, hear_radius_question
from gsomia.flows.incident_reports import OFFICES as INCIDENT_OFFICES
from gsomia.flows.incident_reports import hear_acknowledgement as hear_incident_acknowledgement
from gsomia.flows.incident_reports import hear_carried
from gsomia.flows.incident_reports import hear_report as hear_incident_report
from gsomia.flows.introduce import hear_introduction
from gsomia.flows.inventory import follow_opening, follow_roster, hear_opening, hear_roster
from gsomia.flows.law_requests import hear_law_answer, hear_law_request
from gsomia.flows.ledger import enter, share
from gsomia.flows.logs import current_log, locate_shared
from gsomia.flows.minutes import hear_explanation, hear_minutes
from gsomia.flows.notes import hear_note
from gsomia.flows.packages import hear_package_receipt, hear_representative
from gsomia.flows.parcels import hear_transmittal
from gsomia.flows.parties import forget, partner
from gsomia.flows.ports import Tx
from gsomia.flows.prove import prove_entry
from gsomia.flows.purposes import hear_purpose_answer, hear_purpose_request
from gsomia.flows.reconcile import hear_reconciliation
from gsomia.flows.records import StatementRecord
from gsomia.flows.regrade import NOTICE_OFFICES, hear_level_change
from gsomia.flows.remark import hear_level_report
from gsomia.flows.requests import ANSWERING, ASKING, hear_answer, hear_request, hear_withdrawal
from gsomia.flows.rotate import hear_change, verify_heard
from gsomia.flows.visits import OFFICE as VISIT_OFFICE
from gsomia.flows.visits import hear_visit_answer, hear_visit_notice, hear_visit_request
from gsomia.flows.warn import hear_authorisation, hear_stop
from gsomia.ids import PartyCode
from gsomia.instants import Instant
from gsomia.parties import (
    KEY_CHANGE,
    Act,
    Office,
    SignatureError,
    Statement,
    claimed_digest,
    read_kind,
    read_own,
    verify_act,
    verify_statement,
)
from gsomia.registry import (
    ATTENDANCE,
    BALANCE,
    DESTRUCTION,
    DISCLOSURE,
    LEVEL_CHANGE,
    LEVEL_REPORT,
    PACKAGE_RECEIPT,
    PURPOSE_ANSWER,
    PURPOSE_REQUEST,
    RECEIPT,
    RECONCILIATION,
    REPRESENTATIVE,
    RETURN,
    TAKE_BACK,
    TRANSMITTAL,
    AttendanceAct,
    DestructionAct,
    DisclosureAct,
    LevelChangeAct,
    LevelReportAct,
    PackageReceiptAct,
    PurposeAnswerAct,
    PurposeRequestAct,
    ReconciliationAct,
    RegistrarReceipt,
    RegistrarReceiptAct,
    RepresentativeAct,
    ReturnAct,
    SignedBalanceAct,
    TakeBackAct,
    TransmittalAct,
)
from gsomia.warning import AUTHORISATION, STOP, AuthorisationAct, StopAct

Apply = Callable[[Tx, Desk, PartyCode, Statement[Any], Instant], None]


def _registrar(
    tx: Tx, desk: Desk, sender: PartyCode, statement: Statement[Act[RegistrarReceipt]], _now: Instant
) -> None:
    hear_registrar(tx, desk, sender, statement.value.body, statement=statement.digest)


HEARD: MappingProxyType[str, tuple[Any, Apply, frozenset[Office]]] = MappingProxyType(
    {
        PROPOSAL: (ProposalAct, hear_proposal, frozenset({Office.LIAISON_OFFICER})),
        SIGNATURE: (SignatureAct, hear_signature, frozenset({Office.LIAISON_OFFICER})),
        NOTE: (NoteAct, hear_note, frozenset({Office.LIAISON_OFFICER})),
        DEED: (DeedAct, hear_deed, frozenset({Office.LIAISON_OFFICER})),
        ASSURANCE: (AssuranceAct, hear_assurance, frozenset({Office.SECURITY_OFFICER})),
        ACKNOWLEDGEMENT: (
            AcknowledgementAct,
            hear_acknowledgement,
            frozenset({Office.RELEASING_AUTHORITY, Office.SECURITY_OFFICER}),
        ),
        LAW_REQUEST: (LawRequestAct, hear_law_request, frozenset({Office.LIAISON_OFFICER})),
        LAW_ANSWER: (LawAnswerAct, hear_law_answer, frozenset({Office.LIAISON_OFFICER})),
        CONSENT: (ConsentAct, hear_consent, frozenset({Office.RELEASING_AUTHORITY})),
        CONSENT_WITHDRAWAL: (ConsentWithdrawalAct, hear_consent_withdrawal, frozenset({Office.RELEASING_AUTHORITY})),
        CONSENT_REQUEST: (ConsentRequestAct, hear_consent_request, frozenset({Office.RELEASING_AUTHORITY})),
        CONSENT_DENIAL: (ConsentDenialAct, hear_consent_denial, frozenset({Office.RELEASING_AUTHORITY})),
        INTRODUCTION: (IntroductionAct, hear_introduction, frozenset({Office.SECURITY_OFFICER})),
        CHAIN_NOTICE: (ChainNoticeAct, hear_notice, frozenset(CHAIN_OFFICES)),
        DESTRUCTION: (DestructionAct, hear_destruction, frozenset(OFFICES)),
        DISCLOSURE: (DisclosureAct, hear_disclosure, frozenset(DISCLOSED_BY)),
        ATTENDANCE: (AttendanceAct, hear_attendance, frozenset(ATTENDED_BY)),
        REPRESENTATIVE: (RepresentativeAct, hear_representative, frozenset({Office.SECURITY_OFFICER})),
        TRANSMITTAL: (TransmittalAct, hear_transmittal, frozenset({Office.CONTROL_OFFICER})),
        PACKAGE_RECEIPT: (PackageReceiptAct, hear_package_receipt, frozenset({Office.DESIGNATED_REPRESENTATIVE})),
        RECONCILIATION: (ReconciliationAct, hear_reconciliation, frozenset({Office.CONTROL_OFFICER})),
        LEVEL_CHANGE: (LevelChangeAct, hear_level_change, NOTICE_OFFICES),
        LEVEL_REPORT: (LevelReportAct, hear_level_report, frozenset({Office.CONTROL_OFFICER})),
        PURPOSE_REQUEST: (PurposeRequestAct, hear_purpose_request, frozenset({Office.CONTROL_OFFICER})),
        PURPOSE_ANSWER: (PurposeAnswerAct, hear_purpose_answer, frozenset({Office.RELEASING_AUTHORITY})),
        REQUEST: (RequestAct, hear_request, frozenset(ASKING)),
        REQUEST_ANSWER: (AnswerAct, hear_answer, frozenset({ANSWERING})),
        REQUEST_WITHDRAWAL: (WithdrawalAct, hear_withdrawal, frozenset(ASKING)),
        VISIT_REQUEST: (VisitRequestAct, hear_visit_request, frozenset({VISIT_OFFICE})),
        VISIT_ANSWER: (VisitAnswerAct, hear_visit_answer, frozenset({VISIT_OFFICE})),
        VISIT_NOTICE: (VisitNoticeAct, hear_visit_notice, frozenset({VISIT_OFFICE})),
        INCIDENT_REPORT: (IncidentReportAct, hear_incident_report, frozenset(INCIDENT_OFFICES)),
        INCIDENT_ACKNOWLEDGEMENT: (
            IncidentAcknowledgementAct,
            hear_incident_acknowledgement,
            frozenset(INCIDENT_OFFICES),
        ),
        RADIUS_QUESTION: (RadiusQuestionAct, hear_radius_question, frozenset(INCIDENT_OFFICES)),
        AUTHORISATION: (AuthorisationAct, hear_authorisation, frozenset({Office.RELEASING_AUTHORITY})),
        STOP: (StopAct, hear_stop, frozenset({Office.RELEASING_AUTHORITY, Office.SECURITY_OFFICER})),
        RETURN: (ReturnAct, hear_return, frozenset(OFFICES)),
        TAKE_BACK: (TakeBackAct, hear_take_back, frozenset({Office.CONTROL_OFFICER})),
        INVENTORY_ROSTER: (RosterAct, hear_roster, frozenset({Office.CONTROL_OFFICER})),
        INVENTORY_EXPLANATION: (InventoryExplanationAct, hear_explanation, frozenset({Office.CONTROL_OFFICER})),
        INVENTORY_MINUTES: (SignedMinutesAct, hear_minutes, frozenset({Office.CONTROL_OFFICER})),
        BALANCE: (SignedBalanceAct, hear_balance, frozenset({Office.CONTROL_OFFICER})),
        RECEIPT: (RegistrarReceiptAct, _registrar, frozenset({Office.CONTROL_OFFICER})),
        HOTLINE_DESK: (HotlineDeskAct, hear_desk, frozenset({Office.SECURITY_OFFICER})),
        HOTLINE_MESSAGE: (HotlineMessageAct, hear_message, frozenset({Office.DUTY_OFFICER})),
        HOTLINE_ACKNOWLEDGEMENT: (
            HotlineAcknowledgementAct,
            hear_hotline_acknowledgement,
            frozenset({Office.DUTY_OFFICER}),
        ),
        ASSURANCE_WITHDRAWAL: (
            AssuranceWithdrawalAct,
            hear_assurance_withdrawal,
            frozenset({Office.SECURITY_OFFICER}),
        ),
        ASSURANCE_PERSON: (PersonNamedAct, hear_person, frozenset({Office.SECURITY_OFFICER})),
        ASSURANCE_PERSON_ANSWER: (PersonAnswerAct, hear_person_answer, frozenset(PERSONS_ANSWERED_BY)),
    }
)

HEARD_OF_NODES: MappingProxyType[str, tuple[Any, Apply]] = MappingProxyType(
    {
        RELAY_REPORT: (RelayReport, hear_report),
        CHAIN_FORWARD: (ChainForward, hear_carried),
        RADIUS_ANSWER: (RadiusAnswer, hear_radius_answer),
        INVENTORY_OPENING: (Opening, hear_opening),
    }
)
"""What a node says by itself: no person's act, and evidence only of what others signed in it, or of what it opens."""

Follow = Callable[[Desk, PartyCode, Statement[Any]], None]
_FOLLOWED: MappingProxyType[str, Follow] = MappingProxyType(
    {
        RECEIPT: report_receipt,
        CHAIN_NOTICE: forward_notice,
        RADIUS_QUESTION: answer_question,
        INVENTORY_ROSTER: follow_roster,
        INVENTORY_OPENING: follow_opening,
    }
)
"""What is done after a statement is recorded and before it is answered; done again, it changes nothing."""
AWAITED = frozenset({HOTLINE_MESSAGE, HOTLINE_ACKNOWLEDGEMENT})
"""Kinds that somebody at a desk waits for: they are told once it is durable, before the sender is answered."""


def hear_statement(desk: Desk, sender: PartyCode, untrusted: bytes) -> Reply:
    """Take a statement of the connected partner.

    1. It is a kind this door takes.
    2. Heard before, byte for byte? The old answer, even if the key that signed it was replaced since.
    3. The partner's statement key signed it; a change of keys, one of its identities.
    4. A person signed its body, in an office for it (the party vouches for the office), unless a node says it itself.
    5. Its rules allow it; it is recorded with what it changes.

    Raises:
        CanonError, SignatureError, DescriptorError: step 1 to 4.
        ActError, LocalError, RefusedError: step 5; nothing changed.

    Source: design 4 (Statements), design 6 (Duplicates are normal).
    """
    # (1) a kind this door takes
    kind = read_kind(untrusted)
    if kind not in HEARD and kind not in HEARD_OF_NODES and kind != KEY_CHANGE:
        raise SignatureError("parties/type-not-taken", "this door does not take that type of statement")
    if kind == KEY_CHANGE:
        # (2) heard before
        heard = _known_answer(desk, sender, untrusted)
        if heard is not None:
            return heard
        proven = verify_heard(desk, sender, untrusted)
        place = _take(
            desk, sender, proven.statement, kind=kind, apply=lambda tx, now: hear_change(tx, desk, sender, proven, now)
        )
        forget(desk)
        desk.keys_changed()
    else:
        # (3) and (4) said by the party at the other end; what it says no more may be (2) known all the same
        try:
            statement, apply = _verify(desk, sender, untrusted, kind=kind)
        except NodeError:
            heard = _known_answer(desk, sender, untrusted)
            if heard is None:
                raise
            _follow_again(desk, sender, untrusted, kind=kind)
            return heard
        place = _take(desk, sender, statement, kind=kind, apply=lambda tx, now: apply(tx, desk, sender, statement, now))
        if kind in _FOLLOWED:
            _FOLLOWED[kind](desk, sender, statement)
        if kind in AWAITED:
            desk.settled(statement.digest)
        if kind == TAKE_BACK:
            finish_returns(desk)
    return Reply(progress=None, accepted=Accepted(receipt=prove_entry(desk, *place)))


def _known_answer(desk: Desk, sender: PartyCode, untrusted: bytes) -> Reply | None:
    """The old answer to a statement that was heard before, byte for byte."""
    heard = desk.store.run(lambda tx: _heard(tx, desk, sender, untrusted))
    return Reply(progress=None, accepted=Accepted(receipt=prove_entry(desk, *heard))) if heard else None


def _follow_again(desk: Desk, sender: PartyCode, known: bytes, *, kind: str) -> None:
    """What follows a statement that was heard before, in case we died before it was done."""
    if kind in _FOLLOWED:
        value = read_own(known, (HEARD.get(kind) or HEARD_OF_NODES[kind])[0])
        statement = Statement(payload_type=kind, value=value, digest=claimed_digest(known), envelope=known)
        _FOLLOWED[kind](desk, sender, statement)


def _verify(desk: Desk, sender: PartyCode, untrusted: bytes, *, kind: str) -> tuple[Statement[Any], Apply]:
    if kind in HEARD_OF_NODES:
        body, applied = HEARD_OF_NODES[kind]
        key = partner(desk, sender).descriptor.statement
        return verify_statement(untrusted, accepts={kind: body}, key=key), applied
    shape, apply, offices = HEARD[kind]
    statement = verify_statement(untrusted, accepts={kind: shape}, key=partner(desk, sender).descriptor.statement)
    verify_act(statement.value, kind=kind)
    if statement.value.by.office not in offices:
        raise SignatureError("parties/office-not-for-this", f"a `{kind}` is not an act of that office")
    return statement, apply


def _heard(tx: Tx, desk: Desk, sender: PartyCode, untrusted: bytes) -> tuple[str, int] | None:
    known = tx.latest(StatementRecord, digest=claimed_digest(untrusted), direction="heard", party=sender)
    same = known is not None and known.envelope == untrusted
    return locate_shared(tx, desk, sender, subject=known.digest) if known and same else None


def _take(
    desk: Desk,
    sender: PartyCode,
    statement: Statement[Any],
    *,
    kind: str,
    apply: Callable[[Tx, Instant], None],
) -> tuple[str, int]:
    """Record a statement with what it changes; where our log says that we heard it."""

    # (5) once only, with what it changes
    def unit(tx: Tx) -> tuple[str, int]:
        known = tx.latest(StatementRecord, digest=statement.digest, direction="heard", party=sender)
        place = locate_shared(tx, desk, sender, subject=statement.digest) if known else None
        if place is not None:
            return place
        now = desk.clock()
        record = StatementRecord(
            digest=statement.digest,
            kind=kind,
            party=sender,
            direction="heard",
            envelope=statement.envelope,
            at=now,
        )
        if known is None:
            enter(tx, desk, record, event=Event.STATEMENT_RECEIVED, subject=statement.digest, sender=sender)
        index = share(
            tx,
            desk,
            sender,
            event=Event.STATEMENT_RECEIVED,
            subject=statement.digest,
            digest=statement.digest,
            kind=kind,
        )
        origin = current_log(tx, shared_log(desk.party, sender))
        heard_at = tx.head(origin).last_at or now
        if known is None:  # else it was recovered after a restore, and only this log does not name it yet
            apply(tx, heard_at)
        return origin, index

    return desk.store.run(unit)
