"""A standing pre-authorisation: the release decision that warnings rest on, taken by a person before the launch.

Nobody decides anew while a missile flies. A named authority decides beforehand what may cross: to whom, under which
instrument, of which topics and kinds, at which levels, with which fields, until when. Any releasing authority may stop
it with one act, which counts at once here, and at the partner when it is heard. A frame outside the scope is not sent,
and not taken.

Source: design 2 (laws), relay 5.4, G5-1, G6-1.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from gsomia.agreements import AuthorityId
from gsomia.ids import HexDigest, InstrumentId, PartyCode, Topic
from gsomia.instants import Instant
from gsomia.labels import ClassificationId
from gsomia.parties import Act
from gsomia.warning.errors import LaneError
from gsomia.warning.messages import (
    Cancellation,
    Character,
    End,
    ImpactArea,
    Kind,
    LaunchReport,
    Message,
    TrackUpdate,
)

AUTHORISATION: Final = "warning-authorisation"
STOP: Final = "warning-stop"
"""Statement kinds."""
ARRANGED: Final = "WARNING-DATA"
"""The word that the scope of a supplementary arrangement begins with if it arranges direct warnings (G5-1)."""

FieldName = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{1,40}\\Z")]
EVERY_FIELD: Final[tuple[str, ...]] = tuple(
    sorted(
        {name for body in (LaunchReport, TrackUpdate, ImpactArea, End, Cancellation) for name in body.__struct_fields__}
    )
)
"""What a warning can say at all."""


class Way(StrEnum):
    """How warnings reach a partner.

    Source: relay 5.4.
    """

    DIRECT = "direct"
    """To the partner itself, under the agreement with it and a supplementary arrangement."""
    HUB = "hub"
    """Under the warning data mechanism, through its hub."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreAuthorisation:
    """What may cross a lane without a decision for each message.

    Args:
        way: direct, or through a hub.
        instrument: under which.
        agreement: the digest of its text.
        arrangement: the matter of the supplementary arrangement it rests on; None by the hub.
        authority: the competent authority that decides.
        party: whose decision it is.
        to: who is called; the hub, if it goes through one.
        onward: whom the hub hands it on to.
        originators: whose warnings; others' than our own only if we are the hub.
        topics, kinds, characters, levels, fields: the scope.
        until: when it ends by itself.
        at: when it was decided.
    """

    way: Way
    instrument: InstrumentId
    agreement: HexDigest
    arrangement: HexDigest | None
    authority: AuthorityId
    party: PartyCode
    to: PartyCode
    onward: Annotated[tuple[PartyCode, ...], Meta(max_length=8)]
    originators: Annotated[tuple[PartyCode, ...], Meta(min_length=1, max_length=8)]
    topics: Annotated[tuple[Topic, ...], Meta(min_length=1, max_length=8)]
    kinds: Annotated[tuple[Kind, ...], Meta(min_length=1, max_length=8)]
    characters: Annotated[tuple[Character, ...], Meta(min_length=1, max_length=3)]
    levels: Annotated[tuple[ClassificationId, ...], Meta(min_length=1, max_length=8)]
    fields: Annotated[tuple[FieldName, ...], Meta(min_length=1, max_length=64)]
    until: Instant
    at: Instant

    def __post_init__(self) -> None:
        """Hold that way, arrangement and originators fit together.

        Raises:
            ValueError: they do not.
        """
        if (self.way is Way.DIRECT) != (self.arrangement is not None):
            msg = "direct warnings rest on an arrangement, others on none"
            raise ValueError(msg)
        if self.way is Way.DIRECT and (self.onward or self.originators != (self.party,)):
            msg = "direct warnings are our own, and go to the partner only"
            raise ValueError(msg)
        if self.party in {self.to, *self.onward} or self.to in self.onward:
            msg = "nobody authorises itself, and nobody is named twice"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationStop:
    """A pre-authorisation ends now.

    Args:
        authorisation: its digest.
        party: whose.
        at: when.
    """

    authorisation: HexDigest
    party: PartyCode
    at: Instant


AuthorisationAct = Act[PreAuthorisation]
StopAct = Act[AuthorisationStop]


def check_scope(authorisation: PreAuthorisation, message: Message, *, now: Instant) -> None:
    """Hold a message against the decision it rests on.

    Raises:
        LaneError: it is not covered, or the decision has ended.

    Source: relay 5.4; G5-1.
    """
    if now >= authorisation.until:
        raise LaneError(
            "warning/authorisation-expired",
            f"the pre-authorisation ended on `{authorisation.until}`",
            remedy="a releasing authority decides anew: gsomia warn authorise",
            clauses=("G5-1",),
        )
    if message.originator not in authorisation.originators:
        raise _outside("its originator")
    if message.topic not in authorisation.topics:
        raise _outside("its topic")
    if message.kind not in authorisation.kinds:
        raise _outside("its kind")
    if message.character not in authorisation.characters:
        raise _outside("its character")
    if message.level not in authorisation.levels:
        raise _outside("its level")
    body, fields = message.body, authorisation.fields
    for name in body.__struct_fields__:
        if name not in fields and getattr(body, name) is not None:
            raise _outside(f"its field `{name}`")


def _outside(what: str) -> LaneError:
    return LaneError(
        "warning/not-authorised",
        f"the pre-authorisation does not cover a warning with {what}",
        remedy="say it without, or let a releasing authority decide on a wider scope",
        clauses=("RELAY-5.4",),
    )
