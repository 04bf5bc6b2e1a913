"""What the node's record keeps of the warning lanes; the warnings themselves lie in the lanes' own journal."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from msgspec import Meta

from gsomia.ids import HexDigest, InstrumentId, PartyCode
from gsomia.instants import Instant
from gsomia.warning.authorisation import PreAuthorisation

UNRECORDED_WARNINGS: Final = "unrecorded-warnings"
"""Statement kind of what the spare journal holds of the lanes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationRecord:
    """A standing pre-authorisation, ours or a partner's, by the digest of what was said."""

    digest: HexDigest
    party: PartyCode
    authorisation: PreAuthorisation
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRecord:
    """A pre-authorisation was stopped by a person."""

    authorisation: HexDigest
    party: PartyCode
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneSession:
    """A lane began or ended: the session log that the mechanism asks for.

    Args:
        party: the other end.
        incoming: whether the partner warns on it.
        instrument: under which.
        authorisation: under which decision.
        open: whether it began.
        code: why it ended.
        at: when.

    Source: relay 5.4 (session log, start and stop).
    """

    party: PartyCode
    incoming: bool
    instrument: InstrumentId
    authorisation: HexDigest
    open: bool
    code: Annotated[str, Meta(max_length=80)]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneCount:
    """A second of a lane, as one side signed it: a tally by the sender, or the recipient's receipt for it.

    Args:
        digest: of the statement.
        party: the other end.
        kind: which of the two.
        by: who signed.
        envelope: the statement.
        at: when it was recorded.
    """

    digest: HexDigest
    party: PartyCode
    kind: Literal["lane-tally", "lane-receipt"]
    by: PartyCode
    envelope: bytes
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrecordedWarning:
    """A warning that was shown although the record could not take it.

    Args:
        lane, instrument: who handed it over, and under which instrument.
        raw: as it came, with the originator's signature.
        shown_us: when it was shown.
    """

    lane: PartyCode
    instrument: InstrumentId
    raw: bytes
    shown_us: Annotated[int, Meta(ge=0, le=2**53 - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrecordedWarnings:
    """One entry of the lanes' spare journal, signed by this node."""

    warnings: Annotated[tuple[UnrecordedWarning, ...], Meta(max_length=256)]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class LateWarning:
    """A warning that was shown without a record is entered.

    Args:
        message: its id.
        originator: whose.
        digest: of the bytes, as they came.
        warning: what the spare journal held.
        at: when it was entered.
    """

    message: str
    originator: PartyCode
    digest: HexDigest
    warning: UnrecordedWarning
    at: Instant
