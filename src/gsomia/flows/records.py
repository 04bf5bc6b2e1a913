"""Records that belong to what a node does rather than to one room: what was said, decided, proven and refused."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from gsomia.agreements import Acknowledgement, Agreement, Assurance, Consent
from gsomia.audit import Contradiction, EpochReason, InclusionReceipt
from gsomia.exchange import MessageKind, Refusal
from gsomia.ids import ConsignmentId, Count, DecisionId, HexDigest, InstrumentId, ItemId, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.parties import Cause, PartyRecord
from gsomia.policy import Decision

Direction = Literal["own", "heard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRecord:
    """A statement said by us or heard from a partner, as the bytes that verified."""

    digest: HexDigest
    kind: str
    party: PartyCode
    direction: Direction
    envelope: bytes
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRecord:
    """A version of an instrument this node knows."""

    instrument: InstrumentId
    agreement: HexDigest
    text: Agreement
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AssuranceRecord:
    """An assurance given or heard (G7-5)."""

    digest: HexDigest
    instrument: InstrumentId
    party: PartyCode
    assurance: Assurance
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementRecord:
    """An assurance was acknowledged (G7-5)."""

    assurance: HexDigest
    party: PartyCode
    acknowledgement: Acknowledgement
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecord:
    """A third-party consent given or heard (G6-1); a standing one names no item."""

    digest: HexDigest
    item: ItemId | None
    originator: PartyCode
    consent: Consent
    at: Instant

    @property
    def standing_by(self) -> PartyCode | None:
        """Whose standing consent it is; None if it is for one item."""
        return self.originator if self.item is None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """A decision with the facts it rests on, so that it can be replayed."""

    id: DecisionId
    question: Literal["release", "access", "onward", "relay", "contractor"]
    item: ItemId
    facts: bytes
    decision: Decision
    by: PersonId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRecord:
    """A partner's proof that it recorded what we sent; `reference` is a consignment id or a statement digest."""

    reference: str
    party: PartyCode
    receipt: InclusionReceipt
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalSigned:
    """Our registrar signed for an arrival of an item that had come before, by another route (TR-11)."""

    consignment: ConsignmentId
    item: ItemId
    statement: HexDigest
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRecord:
    """Something a pinned partner sent was refused, with the code it was told."""

    party: PartyCode
    code: str
    correlation_id: str
    subject: str
    message: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRefusal:
    """What a person of ours asked for was refused by a rule; who asked, which rule, and nothing else.

    Source: G7-1 (a denial with its reason), design 5.
    """

    correlation_id: str
    command: str
    person: PersonId
    code: str
    clauses: tuple[str, ...]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorRecord:
    """A salted commitment to the private log's head, as it stands in the log shared with a partner.

    Source: design 5.
    """

    party: PartyCode
    size: Count
    root: HexDigest
    salt: bytes
    commitment: HexDigest
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySetRecord:
    """A numbered set of a party's keys came into use, ours or a partner's; the first set stands in the pin file.

    Source: design 4 (Identities).
    """

    party: PartyCode
    number: Count
    cause: Cause
    record: PartyRecord
    descriptor: bytes
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class DisownedRecord:
    """Something a revoked key of `party` signed counts no longer; `reference` is a statement's or manifest's digest.

    Source: design 4 (an earlier signature counts only if a cosigned checkpoint covers it before the revocation).
    """

    reference: HexDigest
    party: PartyCode
    number: Count
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSwitch:
    """A partner called under the certificate of its set `number`: the ones before are no longer taken."""

    party: PartyCode
    number: Count
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleRecord:
    """A bundle was written for a partner, or read from one.

    Args:
        party: the partner.
        direction: whether we wrote it.
        number: counts within its sender and recipient.
        digest: of the bundle's body.
        seen: the highest number of the other side's bundles its sender had read.
        answers: how many answers its sender had written for the recipient, those in it included; 0 if heard.
        at: when, here.
    """

    party: PartyCode
    direction: Direction
    number: Count
    digest: HexDigest
    seen: Count
    answers: Count
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleAnswerRecord:
    """The answer to something that came in a bundle, to be sent back in the next one.

    Args:
        party: the partner.
        kind: what it was.
        reference: what the partner's queue calls it.
        index: where it stands in the log shared with the partner, from which its receipt is proven; None for a proof.
        refusal: what the partner is told if it was refused.
        at: when.
    """

    party: PartyCode
    kind: MessageKind
    reference: str
    index: Count | None
    refusal: Refusal | None
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRecord:
    """A backup of this node is made, and until when it is kept. It may hold what is destroyed later.

    Written before the copy begins, so that the backup knows of itself.
    Source: A-18.
    """

    id: str
    until: Instant
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochProposal:
    """An officer wants a log that does not hold to go on under a new epoch, and signs for it.

    Source: design 2.
    """

    log: str
    first_bad: Count
    by: PersonId
    key: bytes
    signature: bytes
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ContradictionRecord:
    """Two heads of a partner's log that do not go together, under its own signatures.

    `convicts` is false while only no proof was shown that they do: the partner may still bring one.

    Source: design 5.
    """

    party: PartyCode
    log: str
    shown: Contradiction
    convicts: bool
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvictionLifted:
    """An officer answers for releasing again to a party whose log was convicted, and signs for it; two have to.

    `contradiction` is the digest of its record, `basis` the document in which the party explained itself.

    Source: design 2 (two persons), design 5.
    """

    log: str
    contradiction: HexDigest
    basis: Annotated[str, Meta(min_length=1, max_length=200)]
    confirms: bool
    by: PersonId
    key: bytes
    signature: bytes
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRecord:
    """An epoch of a log, ours or a partner's, and the head at which the one before it ended.

    Source: design 5.
    """

    log: str
    party: PartyCode
    epoch: Count
    statement: HexDigest
    closed_size: Count
    closed_root: HexDigest
    reason: EpochReason
    at: Instant
