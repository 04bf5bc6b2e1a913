"""Every kind of record a node keeps: its table and its key columns.

A record is stored as its canonical bytes; key columns repeat some of its fields so that it can be found, and fsck holds
them against the bytes. Columns stand most telling first: a search goes by the first one it is given. One table a kind,
append-only by trigger. A new kind is a line here and a migration.
"""

from collections.abc import Iterable
from operator import attrgetter
from types import MappingProxyType
from typing import TypeVar

from gsomia import canon
from gsomia.agreements import (
    ActRecord,
    ConfirmationRecord,
    FamilyDecision,
    InformationAnswered,
    InformationAsked,
    InformationWithdrawn,
    LawAnswerRecord,
    LawClosed,
    LawEntry,
    LawRequestRecord,
    LevelsReview,
    SourceText,
)
from gsomia.errors import IntegrityError
from gsomia.exchange import (
    AcknowledgementEntry,
    Arrival,
    AssurancePerson,
    AssurancePersonAnswered,
    AssuranceWithdrawn,
    CallEntry,
    CallPlan,
    CaseEntry,
    Delivery,
    DeliveryStage,
    DifferenceExplained,
    DisclosureForm,
    DisclosureOpened,
    HotlineAlarm,
    HotlineDesk,
    IncidentAcknowledged,
    IncidentCase,
    IncidentReported,
    MessageEntry,
    MinutesSigned,
    RadiusAnswered,
    RadiusAsked,
    RosterDrawn,
    RosterOpened,
    Transfer,
    VisitAnswered,
    VisitAsked,
    VisitNoticed,
    WatchTurn,
    WordsShown,
)
from gsomia.flows.officers import ForcedChange
from gsomia.flows.records import (
    AcknowledgementRecord,
    AgreementRecord,
    AnchorRecord,
    ArrivalSigned,
    AssuranceRecord,
    BackupRecord,
    BundleAnswerRecord,
    BundleRecord,
    ConsentRecord,
    DecisionRecord,
    DisownedRecord,
    EpochProposal,
    EpochRecord,
    KeySetRecord,
    LinkSwitch,
    OwnRefusal,
    ReceiptRecord,
    RefusalRecord,
    StatementRecord,
)
from gsomia.flows.relay_records import (
    ChainNoticeRecord,
    ConsentAsked,
    ConsentDenied,
    ConsentWithdrawn,
    IntroductionRecord,
    KeptEnvelope,
    OriginatorConfirmed,
    RelayArrival,
    RelayReportRecord,
)
from gsomia.ids import sha256_hex
from gsomia.parties import Appointment, Departure, Facility, Person, PinnedParty
from gsomia.registry import (
    BalanceRecord,
    Booking,
    CarriedOver,
    ChangeOfHands,
    ChannelAccreditation,
    ClearanceChange,
    ClearanceGrant,
    Container,
    ContainerLine,
    ContainerWait,
    Contractor,
    ContractorAppointment,
    ContractorBriefing,
    ContractorClearance,
    ContractorFindingClosed,
    ContractorInspection,
    ContractorMeasure,
    ContractorPerson,
    ContractorReleased,
    CopyApproved,
    CopyLimit,
    CopyRecord,
    CopyRequest,
    CourierCertificate,
    CourierDeclaration,
    CoverApproval,
    CustodyEvent,
    Derivation,
    DerivedFrom,
    DestructionConfirmed,
    DestructionProposal,
    Disclosure,
    DutyGrant,
    EntryEnded,
    FacilityAccreditation,
    FollowUp,
    FollowUpDone,
    HandOverLine,
    HandOverOffer,
    IncidentMark,
    ItemDestroyed,
    ItemRecord,
    ItemReturn,
    LevelNotice,
    LevelReported,
    Meeting,
    Muster,
    MusterClosing,
    MusterPage,
    MusterSheet,
    NationalityConsent,
    OnHold,
    Package,
    PackageEvent,
    PaperImportRecord,
    PurposeAnswered,
    PurposeAsked,
    PurposeLine,
    ReadingSlip,
    ReadingStopped,
    ReconciliationRecord,
    Regraded,
    Remarked,
    RepresentativeRecord,
    ReturnAnswer,
    ReturnProposal,
    RosterLine,
    ShipmentPlan,
    SystemAccreditation,
    VisitAdvice,
    VisitDisclosure,
    VisitStep,
    spot,
    yearly,
)
from gsomia.warning import AuthorisationRecord, LaneCount, LaneSession, LateWarning, PublicAlertRecord, StopRecord

R = TypeVar("R")

KINDS: MappingProxyType[type, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        AcknowledgementRecord: ("acknowledgement", ("assurance", "party")),
        AcknowledgementEntry: ("hotline_acknowledgement", ("message", "statement", "party")),
        ActRecord: ("act", ("statement", "agreement", "instrument")),
        AgreementRecord: ("agreement", ("agreement", "instrument")),
        AnchorRecord: ("anchor", ("party",)),
        Appointment: ("appointment", ("person", "facility", "office")),
        Arrival: ("arrival", ("consignment", "item", "sender")),
        ArrivalSigned: ("arrival_signed", ("consignment", "item")),
        AssurancePerson: ("assurance_person", ("assurance", "party")),
        AssurancePersonAnswered: ("assurance_person_answer", ("assurance", "party")),
        AssuranceRecord: ("assurance", ("digest", "instrument", "party")),
        AssuranceWithdrawn: ("assurance_withdrawn", ("assurance", "party")),
        AuthorisationRecord: ("warning_authorisation", ("digest", "party")),
        BackupRecord: ("backup", ("id",)),
        BalanceRecord: ("balance", ("digest", "instrument", "partner", "party")),
        Booking: ("booking", ("item", "control_no")),
        BundleAnswerRecord: ("bundle_answer", ("party",)),
        BundleRecord: ("bundle", ("digest", "party", "direction")),
        CarriedOver: ("carried_over", ("item", "file")),
        CallEntry: ("hotline_call", ("call", "party")),
        CallPlan: ("hotline_plan", ("plan", "party")),
        ChannelAccreditation: ("channel", ("channel",)),
        ClearanceChange: ("clearance_change", ("person",)),
        ClearanceGrant: ("clearance", ("person",)),
        ConfirmationRecord: ("levels_confirmation", ("country", "statement")),
        Contractor: ("contractor", ("contractor",)),
        ContractorAppointment: ("contractor_appointment", ("contractor",)),
        ContractorBriefing: ("contractor_briefing", ("person", "contractor")),
        ContractorClearance: ("contractor_clearance", ("contractor",)),
        ContractorFindingClosed: ("contractor_finding_closed", ("contractor",)),
        ContractorInspection: ("contractor_inspection", ("contractor",)),
        ContractorMeasure: ("contractor_measure", ("contractor",)),
        ContractorPerson: ("contractor_person", ("contractor",)),
        ContractorReleased: ("contractor_release", ("contractor", "item")),
        Container: ("container", ("id",)),
        ContainerLine: ("container_line", ("container", "turn")),
        ContainerWait: ("container_wait", ("container",)),
        CopyApproved: ("copy_approved", ("order", "item")),
        CopyLimit: ("copy_limit", ("scope",)),
        CopyRecord: ("copy_record", ("order", "item")),
        CopyRequest: ("copy_request", ("order", "item")),
        ChainNoticeRecord: ("chain_notice", ("notice_digest", "item")),
        ConsentAsked: ("consent_asked", ("request", "item")),
        ConsentDenied: ("consent_denied", ("request", "item")),
        ConsentRecord: ("consent", ("digest", "item", "standing_by")),
        ConsentWithdrawn: ("consent_withdrawn", ("serial", "consent")),
        CustodyEvent: ("custody", ("consignment", "item", "container", "hand")),
        DecisionRecord: ("decision", ("id", "item", "question")),
        Delivery: ("delivery", ("consignment", "item", "to")),
        DeliveryStage: ("delivery_stage", ("consignment", "item")),
        Departure: ("departure", ("person",)),
        Derivation: ("derivation", ("item",)),
        DerivedFrom: ("derived_from", ("parent", "item")),
        DestructionConfirmed: ("destruction_order", ("item",)),
        DestructionProposal: ("destruction_proposal", ("item",)),
        DisclosureForm: ("disclosure_form", ("reference",)),
        DisclosureOpened: ("disclosure", ("reference", "party")),
        DisownedRecord: ("disowned", ("reference", "party")),
        Disclosure: ("spoken_disclosure", ("number", "item", "to")),
        DutyGrant: ("duty", ("person",)),
        EntryEnded: ("entry_ended", ("person", "entry")),
        EpochProposal: ("log_epoch_proposal", ("log",)),
        EpochRecord: ("log_epoch", ("log", "party")),
        Facility: ("facility", ("id",)),
        FacilityAccreditation: ("facility_accreditation", ("facility",)),
        FamilyDecision: ("family_decision", ("id", "question")),
        FollowUp: ("follow_up", ("about",)),
        FollowUpDone: ("follow_up_done", ("about",)),
        IntroductionRecord: ("introduction", ("originator", "hub", "direction")),
        HandOverLine: ("hand_over", ("item", "taker")),
        HandOverOffer: ("hand_over_offer", ("item", "taker")),
        IncidentMark: ("incident_mark", ("subject", "party")),
        HotlineAlarm: ("hotline_alarm", ("reference", "code", "party")),
        HotlineDesk: ("hotline_desk", ("desk", "owner", "peer")),
        CaseEntry: ("case_entry", ("incident",)),
        IncidentAcknowledged: ("incident_acknowledgement", ("incident", "party")),
        IncidentCase: ("incident", ("id", "mark")),
        IncidentReported: ("incident_report", ("incident", "direction", "party", "to")),
        RadiusAnswered: ("radius_answer", ("question", "incident", "party")),
        RadiusAsked: ("radius_question", ("id", "incident", "party")),
        ItemDestroyed: ("destruction", ("item", "party")),
        ItemRecord: ("item", ("id", "originator")),
        InformationAnswered: ("information_answer", ("request", "party")),
        InformationAsked: ("information_request", ("id", "party")),
        InformationWithdrawn: ("information_withdrawal", ("request", "party")),
        ItemReturn: ("item_return", ("digest", "item", "party")),
        KeptEnvelope: ("kept_envelope", ("consignment", "item")),
        KeySetRecord: ("key_set", ("party",)),
        LaneCount: ("lane_count", ("digest", "party")),
        LaneSession: ("lane_session", ("party",)),
        LateWarning: ("late_warning", ("message",)),
        LawAnswerRecord: ("law_answer", ("request",)),
        LawClosed: ("law_closed", ("law",)),
        LawEntry: ("law", ("id",)),
        LawRequestRecord: ("law_request", ("request", "instrument", "party")),
        LevelNotice: ("level_notice", ("statement", "item", "number")),
        LevelReported: ("level_report", ("notice", "party")),
        LevelsReview: ("levels_review", ("law", "instrument")),
        LinkSwitch: ("link_switch", ("party",)),
        DifferenceExplained: ("inventory_explanation", ("inventory", "party")),
        ForcedChange: ("forced_change", ("facility",)),
        MinutesSigned: ("inventory_minutes", ("inventory", "party")),
        RosterDrawn: ("inventory_roster", ("inventory", "party", "digest")),
        RosterOpened: ("inventory_opening", ("roster",)),
        spot.SpotDraw: ("spot_draw", ("muster", "facility")),
        Muster: ("muster", ("id", "facility")),
        MusterClosing: ("muster_closing", ("muster",)),
        MusterPage: ("muster_page", ("muster",)),
        MusterSheet: ("muster_sheet", ("muster",)),
        OriginatorConfirmed: ("originator_confirmed", ("originator",)),
        NationalityConsent: ("nationality_consent", ("person",)),
        Meeting: ("meeting", ("number",)),
        MessageEntry: ("hotline_message", ("message", "party", "direction", "number")),
        OnHold: ("on_hold", ("id", "consignment", "sender", "instrument")),
        OwnRefusal: ("own_refusal", ("correlation_id", "person")),
        PaperImportRecord: ("paper_import", ("file",)),
        Person: ("person", ("id",)),
        PinnedParty: ("party", ("code",)),
        PublicAlertRecord: ("public_alert", ("digest", "event")),
        PurposeAnswered: ("purpose_answer", ("request", "item")),
        PurposeAsked: ("purpose_request", ("request", "item")),
        PurposeLine: ("purpose", ("code",)),
        yearly.YearlyReportIssued: ("yearly_report", ("year",)),
        ReadingSlip: ("reading_slip", ("item", "reader")),
        ReadingStopped: ("reading_stopped", ("item", "reader")),
        ReceiptRecord: ("receipt", ("reference", "party")),
        RefusalRecord: ("refusal", ("subject", "code", "party")),
        ChangeOfHands: ("change_of_hands", ("package",)),
        CourierCertificate: ("courier_certificate", ("number", "package")),
        CourierDeclaration: ("courier_declaration", ("number", "moment")),
        CoverApproval: ("cover_approval", ("item", "to")),
        Package: ("package", ("number", "party", "to")),
        PackageEvent: ("package_event", ("number", "leg")),
        ReconciliationRecord: ("reconciliation", ("party", "to")),
        RepresentativeRecord: ("representative", ("party", "to")),
        ShipmentPlan: ("shipment_plan", ("package",)),
        Regraded: ("regraded", ("item", "notice")),
        Remarked: ("remarked", ("notice", "item", "copy")),
        RelayArrival: ("relay_arrival", ("consignment", "item")),
        RelayReportRecord: ("relay_report", ("item", "direction")),
        ReturnAnswer: ("return_answer", ("returned", "item")),
        ReturnProposal: ("return_proposal", ("item",)),
        RosterLine: ("roster", ("person", "facility")),
        SourceText: ("source_text", ("digest",)),
        StatementRecord: ("statement", ("digest", "kind", "party", "direction")),
        StopRecord: ("warning_stop", ("authorisation", "party")),
        SystemAccreditation: ("system_accreditation", ("system",)),
        Transfer: ("transfer", ("consignment", "sender")),
        VisitAdvice: ("visit_advice", ("visit", "facility")),
        VisitAnswered: ("visit_answer", ("visit", "party")),
        VisitAsked: ("visit", ("id", "amends", "party")),
        VisitDisclosure: ("visit_disclosure", ("visit", "item")),
        VisitNoticed: ("visit_notice", ("visit", "party")),
        VisitStep: ("visit_step", ("visit", "facility", "stage")),
        WatchTurn: ("watch_turn", ("desk",)),
        WordsShown: ("words_shown", ("message", "reader")),
    }
)


def key_values(record: object) -> tuple[str | None, ...]:
    """The key columns of a record, in the order of `KINDS`."""
    _, columns = KINDS[type(record)]
    values = (attrgetter(column)(record) for column in columns)
    return tuple(None if value is None else str(value) for value in values)


def read_back(doc: bytes, kind: type[R]) -> R:
    """The record that `doc` will be read as: what cannot be read again is not written.

    Raises:
        ValueError: it cannot; a mistake of ours.
    """
    try:
        return canon.decode(doc, kind)
    except canon.CanonError as cause:
        msg = f"a record that would not read back: {cause.message}"
        raise ValueError(msg) from cause


def read_stored(doc: bytes, kind: type[R], *, digest: str) -> R:
    """A stored record, held against its digest.

    Raises:
        IntegrityError: the bytes are others than were written.
    """
    return read_part(doc, kind, kind, digest=digest)


def read_part(doc: bytes, kind: type[object], part: type[R], *, digest: str) -> R:
    """Those members of a stored record that `part` names; the whole record is held against its digest all the same.

    Raises:
        IntegrityError: the bytes are others than were written.
    """
    try:
        if sha256_hex(doc) == digest:
            return canon.read_back(doc, part)
    except canon.CanonError as cause:
        raise _damaged(KINDS[kind][0], digest) from cause
    raise _damaged(KINDS[kind][0], digest)


def check_keys(kind: type[object], keys: Iterable[str]) -> None:
    """Hold that a kind is kept here and has these key columns."""
    if kind not in KINDS:
        msg = f"`{kind.__name__}` is no kind of record"
        raise TypeError(msg)
    unknown = set(keys) - set(KINDS[kind][1])
    if unknown:
        msg = f"`{kind.__name__}` has no key columns {sorted(unknown)}"
        raise TypeError(msg)


def _damaged(table: str, digest: str) -> IntegrityError:
    return IntegrityError(
        "storage/record-damaged",
        f"a record in `{table}` is not what was written under `{digest}`",
        remedy="stop the node, keep its directory as it is, and restore from a backup",
        evidence={"table": table, "digest": digest},
    )
