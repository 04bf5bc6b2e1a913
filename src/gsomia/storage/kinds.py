"""Every kind of record a node keeps: its table and its key columns.

A record is stored as its canonical bytes; key columns repeat some of its fields so that it can be found, and fsck holds
them against the bytes. One table a kind, append-only by trigger. A new kind is a line here and a migration.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
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
    ContradictionRecord,
    ConvictionLifted,
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


@dataclass(frozen=True, slots=True, eq=False)
class RecordTable:
    """Where records of a kind are kept.

    Args:
        name: of the table.
        columns: the key columns, most telling first; a search goes by the first of those it is given.
        beside: those of them that nobody asks by alone: they have no index, and only narrow a search down.
    """

    name: str
    columns: tuple[str, ...]
    beside: tuple[str, ...] = ()

    @property
    def searched(self) -> tuple[str, ...]:
        """The columns that a search may go by; each has an index."""
        return tuple(column for column in self.columns if column not in self.beside)


KINDS: MappingProxyType[type, RecordTable] = MappingProxyType(
    {
        AcknowledgementRecord: RecordTable("acknowledgement", ("assurance", "party"), beside=("party",)),
        AcknowledgementEntry: RecordTable(
            "hotline_acknowledgement", ("message", "statement", "party"), beside=("party",)
        ),
        ActRecord: RecordTable("act", ("statement", "agreement", "instrument")),
        AgreementRecord: RecordTable("agreement", ("agreement", "instrument")),
        AnchorRecord: RecordTable("anchor", ("party",)),
        ContradictionRecord: RecordTable("contradiction", ("log",)),
        ConvictionLifted: RecordTable("conviction_lifted", ("contradiction",)),
        Appointment: RecordTable("appointment", ("person", "facility", "office"), beside=("office",)),
        Arrival: RecordTable("arrival", ("consignment", "item", "sender")),
        ArrivalSigned: RecordTable("arrival_signed", ("consignment", "item")),
        AssurancePerson: RecordTable("assurance_person", ("assurance", "party")),
        AssurancePersonAnswered: RecordTable("assurance_person_answer", ("assurance", "party")),
        AssuranceRecord: RecordTable("assurance", ("digest", "instrument", "party"), beside=("instrument",)),
        AssuranceWithdrawn: RecordTable("assurance_withdrawn", ("assurance", "party")),
        AuthorisationRecord: RecordTable("warning_authorisation", ("digest", "party")),
        BackupRecord: RecordTable("backup", ("id",)),
        BalanceRecord: RecordTable(
            "balance", ("digest", "instrument", "partner", "party"), beside=("partner", "party")
        ),
        Booking: RecordTable("booking", ("item", "control_no")),
        BundleAnswerRecord: RecordTable("bundle_answer", ("party",)),
        BundleRecord: RecordTable("bundle", ("digest", "party", "direction"), beside=("direction",)),
        CarriedOver: RecordTable("carried_over", ("item", "file")),
        CallEntry: RecordTable("hotline_call", ("call", "party"), beside=("party",)),
        CallPlan: RecordTable("hotline_plan", ("plan", "party"), beside=("party",)),
        ChannelAccreditation: RecordTable("channel", ("channel",)),
        ClearanceChange: RecordTable("clearance_change", ("person",)),
        ClearanceGrant: RecordTable("clearance", ("person",)),
        ConfirmationRecord: RecordTable("levels_confirmation", ("country", "statement"), beside=("statement",)),
        Contractor: RecordTable("contractor", ("contractor",)),
        ContractorAppointment: RecordTable("contractor_appointment", ("contractor",)),
        ContractorBriefing: RecordTable("contractor_briefing", ("person", "contractor"), beside=("contractor",)),
        ContractorClearance: RecordTable("contractor_clearance", ("contractor",)),
        ContractorFindingClosed: RecordTable("contractor_finding_closed", ("contractor",)),
        ContractorInspection: RecordTable("contractor_inspection", ("contractor",)),
        ContractorMeasure: RecordTable("contractor_measure", ("contractor",)),
        ContractorPerson: RecordTable("contractor_person", ("contractor",)),
        ContractorReleased: RecordTable("contractor_release", ("contractor", "item")),
        Container: RecordTable("container", ("id",)),
        ContainerLine: RecordTable("container_line", ("container", "turn"), beside=("turn",)),
        ContainerWait: RecordTable("container_wait", ("container",)),
        CopyApproved: RecordTable("copy_approved", ("order", "item"), beside=("item",)),
        CopyLimit: RecordTable("copy_limit", ("scope",)),
        CopyRecord: RecordTable("copy_record", ("order", "item")),
        CopyRequest: RecordTable("copy_request", ("order", "item")),
        ChainNoticeRecord: RecordTable("chain_notice", ("notice_digest", "item")),
        ConsentAsked: RecordTable("consent_asked", ("request", "item")),
        ConsentDenied: RecordTable("consent_denied", ("request", "item"), beside=("item",)),
        ConsentRecord: RecordTable("consent", ("digest", "item", "standing_by")),
        ConsentWithdrawn: RecordTable("consent_withdrawn", ("serial", "consent")),
        CustodyEvent: RecordTable("custody", ("consignment", "item", "container", "hand")),
        DecisionRecord: RecordTable("decision", ("id", "item", "question"), beside=("item", "question")),
        Delivery: RecordTable("delivery", ("consignment", "item", "to")),
        DeliveryStage: RecordTable("delivery_stage", ("consignment", "item"), beside=("item",)),
        Departure: RecordTable("departure", ("person",)),
        Derivation: RecordTable("derivation", ("item",)),
        DerivedFrom: RecordTable("derived_from", ("parent", "item"), beside=("item",)),
        DestructionConfirmed: RecordTable("destruction_order", ("item",)),
        DestructionProposal: RecordTable("destruction_proposal", ("item",)),
        DisclosureForm: RecordTable("disclosure_form", ("reference",)),
        DisclosureOpened: RecordTable("disclosure", ("reference", "party"), beside=("party",)),
        DisownedRecord: RecordTable("disowned", ("reference", "party")),
        Disclosure: RecordTable("spoken_disclosure", ("number", "item", "to"), beside=("to",)),
        DutyGrant: RecordTable("duty", ("person",)),
        EntryEnded: RecordTable("entry_ended", ("person", "entry"), beside=("entry",)),
        EpochProposal: RecordTable("log_epoch_proposal", ("log",)),
        EpochRecord: RecordTable("log_epoch", ("log", "party"), beside=("party",)),
        Facility: RecordTable("facility", ("id",)),
        FacilityAccreditation: RecordTable("facility_accreditation", ("facility",)),
        FamilyDecision: RecordTable("family_decision", ("id", "question"), beside=("question",)),
        FollowUp: RecordTable("follow_up", ("about",)),
        FollowUpDone: RecordTable("follow_up_done", ("about",)),
        IntroductionRecord: RecordTable(
            "introduction", ("originator", "hub", "direction"), beside=("hub", "direction")
        ),
        HandOverLine: RecordTable("hand_over", ("item", "taker"), beside=("taker",)),
        HandOverOffer: RecordTable("hand_over_offer", ("item", "taker"), beside=("taker",)),
        IncidentMark: RecordTable("incident_mark", ("subject", "party"), beside=("party",)),
        HotlineAlarm: RecordTable("hotline_alarm", ("reference", "code", "party"), beside=("code", "party")),
        HotlineDesk: RecordTable("hotline_desk", ("desk", "owner", "peer"), beside=("peer",)),
        CaseEntry: RecordTable("case_entry", ("incident",)),
        IncidentAcknowledged: RecordTable("incident_acknowledgement", ("incident", "party"), beside=("party",)),
        IncidentCase: RecordTable("incident", ("id", "mark")),
        IncidentReported: RecordTable(
            "incident_report", ("incident", "direction", "party", "to"), beside=("party", "to")
        ),
        RadiusAnswered: RecordTable("radius_answer", ("question", "incident", "party"), beside=("party",)),
        RadiusAsked: RecordTable("radius_question", ("id", "incident", "party")),
        ItemDestroyed: RecordTable("destruction", ("item", "party")),
        ItemRecord: RecordTable("item", ("id", "originator"), beside=("originator",)),
        InformationAnswered: RecordTable("information_answer", ("request", "party"), beside=("party",)),
        InformationAsked: RecordTable("information_request", ("id", "party"), beside=("party",)),
        InformationWithdrawn: RecordTable("information_withdrawal", ("request", "party"), beside=("party",)),
        ItemReturn: RecordTable("item_return", ("digest", "item", "party")),
        KeptEnvelope: RecordTable("kept_envelope", ("consignment", "item"), beside=("item",)),
        KeySetRecord: RecordTable("key_set", ("party",)),
        LaneCount: RecordTable("lane_count", ("digest", "party"), beside=("party",)),
        LaneSession: RecordTable("lane_session", ("party",)),
        LateWarning: RecordTable("late_warning", ("message",)),
        LawAnswerRecord: RecordTable("law_answer", ("request",)),
        LawClosed: RecordTable("law_closed", ("law",)),
        LawEntry: RecordTable("law", ("id",)),
        LawRequestRecord: RecordTable("law_request", ("request", "instrument", "party"), beside=("party",)),
        LevelNotice: RecordTable("level_notice", ("statement", "item", "number")),
        LevelReported: RecordTable("level_report", ("notice", "party"), beside=("party",)),
        LevelsReview: RecordTable("levels_review", ("law", "instrument"), beside=("instrument",)),
        LinkSwitch: RecordTable("link_switch", ("party",)),
        DifferenceExplained: RecordTable("inventory_explanation", ("inventory", "party"), beside=("party",)),
        ForcedChange: RecordTable("forced_change", ("facility",)),
        MinutesSigned: RecordTable("inventory_minutes", ("inventory", "party"), beside=("party",)),
        RosterDrawn: RecordTable("inventory_roster", ("inventory", "party", "digest"), beside=("digest",)),
        RosterOpened: RecordTable("inventory_opening", ("roster",)),
        spot.SpotDraw: RecordTable("spot_draw", ("muster", "facility")),
        Muster: RecordTable("muster", ("id", "facility")),
        MusterClosing: RecordTable("muster_closing", ("muster",)),
        MusterPage: RecordTable("muster_page", ("muster",)),
        MusterSheet: RecordTable("muster_sheet", ("muster",)),
        OriginatorConfirmed: RecordTable("originator_confirmed", ("originator",)),
        NationalityConsent: RecordTable("nationality_consent", ("person",)),
        Meeting: RecordTable("meeting", ("number",)),
        MessageEntry: RecordTable(
            "hotline_message", ("message", "party", "direction", "number"), beside=("direction", "number")
        ),
        OnHold: RecordTable("on_hold", ("id", "consignment", "sender", "instrument")),
        OwnRefusal: RecordTable("own_refusal", ("correlation_id", "person"), beside=("person",)),
        PaperImportRecord: RecordTable("paper_import", ("file",)),
        Person: RecordTable("person", ("id",)),
        PinnedParty: RecordTable("party", ("code",)),
        PublicAlertRecord: RecordTable("public_alert", ("digest", "event"), beside=("event",)),
        PurposeAnswered: RecordTable("purpose_answer", ("request", "item")),
        PurposeAsked: RecordTable("purpose_request", ("request", "item"), beside=("item",)),
        PurposeLine: RecordTable("purpose", ("code",)),
        yearly.YearlyReportIssued: RecordTable("yearly_report", ("year",)),
        ReadingSlip: RecordTable("reading_slip", ("item", "reader")),
        ReadingStopped: RecordTable("reading_stopped", ("item", "reader"), beside=("reader",)),
        ReceiptRecord: RecordTable("receipt", ("reference", "party")),
        RefusalRecord: RecordTable("refusal", ("subject", "code", "party"), beside=("party",)),
        ChangeOfHands: RecordTable("change_of_hands", ("package",)),
        CourierCertificate: RecordTable("courier_certificate", ("number", "package")),
        CourierDeclaration: RecordTable("courier_declaration", ("number", "moment"), beside=("moment",)),
        CoverApproval: RecordTable("cover_approval", ("item", "to"), beside=("to",)),
        Package: RecordTable("package", ("number", "party", "to"), beside=("party", "to")),
        PackageEvent: RecordTable("package_event", ("number", "leg"), beside=("leg",)),
        ReconciliationRecord: RecordTable("reconciliation", ("party", "to"), beside=("to",)),
        RepresentativeRecord: RecordTable("representative", ("party", "to"), beside=("to",)),
        ShipmentPlan: RecordTable("shipment_plan", ("package",)),
        Regraded: RecordTable("regraded", ("item", "notice")),
        Remarked: RecordTable("remarked", ("notice", "item", "copy"), beside=("copy",)),
        RelayArrival: RecordTable("relay_arrival", ("consignment", "item")),
        RelayReportRecord: RecordTable("relay_report", ("item", "direction"), beside=("direction",)),
        ReturnAnswer: RecordTable("return_answer", ("returned", "item")),
        ReturnProposal: RecordTable("return_proposal", ("item",)),
        RosterLine: RecordTable("roster", ("person", "facility")),
        SourceText: RecordTable("source_text", ("digest",)),
        StatementRecord: RecordTable(
            "statement", ("digest", "kind", "party", "direction"), beside=("kind", "direction")
        ),
        StopRecord: RecordTable("warning_stop", ("authorisation", "party"), beside=("party",)),
        SystemAccreditation: RecordTable("system_accreditation", ("system",)),
        Transfer: RecordTable("transfer", ("consignment", "sender"), beside=("sender",)),
        VisitAdvice: RecordTable("visit_advice", ("visit", "facility"), beside=("facility",)),
        VisitAnswered: RecordTable("visit_answer", ("visit", "party"), beside=("party",)),
        VisitAsked: RecordTable("visit", ("id", "amends", "party"), beside=("party",)),
        VisitDisclosure: RecordTable("visit_disclosure", ("visit", "item"), beside=("item",)),
        VisitNoticed: RecordTable("visit_notice", ("visit", "party"), beside=("party",)),
        VisitStep: RecordTable("visit_step", ("visit", "facility", "stage"), beside=("facility", "stage")),
        WatchTurn: RecordTable("watch_turn", ("desk",)),
        WordsShown: RecordTable("words_shown", ("message", "reader"), beside=("reader",)),
    }
)


def key_values(record: object) -> tuple[str | None, ...]:
    """The key columns of a record, in the order of `KINDS`."""
    values = (attrgetter(column)(record) for column in KINDS[type(record)].columns)
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
        raise _damaged(KINDS[kind].name, digest) from cause
    raise _damaged(KINDS[kind].name, digest)


def check_keys(kind: type[object], keys: Iterable[str]) -> None:
    """Hold that a kind is kept here and has these key columns, one of which has an index.

    Raises:
        TypeError: it is not, or has not: a mistake of ours.
    """
    if kind not in KINDS:
        msg = f"`{kind.__name__}` is no kind of record"
        raise TypeError(msg)
    asked = set(keys)
    unknown = asked - set(KINDS[kind].columns)
    if unknown:
        msg = f"`{kind.__name__}` has no key columns {sorted(unknown)}"
        raise TypeError(msg)
    if asked and asked <= set(KINDS[kind].beside):
        msg = f"`{kind.__name__}` is not searched by {sorted(asked)} alone: there is no index"
        raise TypeError(msg)


@cache
def most_telling(table: RecordTable, keys: tuple[str, ...]) -> str:
    """The key column that a search by `keys` goes by; `check_keys` holds that there is one."""
    return next(column for column in table.searched if column in keys)


def _damaged(table: str, digest: str) -> IntegrityError:
    return IntegrityError(
        "storage/record-damaged",
        f"a record in `{table}` is not what was written under `{digest}`",
        remedy="stop the node, keep its directory as it is, and restore from a backup",
        evidence={"table": table, "digest": digest},
    )
