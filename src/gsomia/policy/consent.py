"""Does the originator's consent cover this passing on? One rule for a third party of the pact and for the relay."""

from dataclasses import dataclass

from gsomia.agreements import Consent, StandingScope
from gsomia.ids import Count, HexDigest, InstrumentId, ItemId, PartyCode, Topic
from gsomia.instants import Instant
from gsomia.policy.decision import Finding
from gsomia.policy.rules import finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be passed on, by whom, to whom, under what, and when.

    Attributes:
        topics: the version of the relay's table of topics; None where no relay carries it.
    """

    originator: PartyCode
    holder: PartyCode
    recipient: PartyCode
    item: ItemId
    manifest: HexDigest | None
    label: HexDigest
    level: str
    topic: Topic
    topics: Count | None
    instrument: InstrumentId | None
    purpose: str
    now: Instant


def consent_covers(consent: Consent | None, wanted: Wanted, *, withdrawn: bool) -> Finding:
    """The originator agreed in writing, beforehand, to this item or topic, recipient, purpose, instrument and day.

    Silence is no; what was taken back covers nothing more.

    Source: G6-1, F-18, TR-4, TR-5.
    """
    if consent is None:
        return finding(
            holds=False,
            code="no-consent",
            clause="G6-1",
            yes="",
            no=f"{wanted.originator} has not agreed in writing to passing this item to {wanted.recipient}",
        )
    if withdrawn:
        return finding(
            holds=False,
            code="consent-withdrawn",
            clause="G6-1",
            yes="",
            no=f"{wanted.originator} took the consent back",
        )
    return finding(
        holds=_between(consent, wanted) and _scope(consent, wanted) and consent.valid.covers(wanted.now),
        code="consent-does-not-cover",
        clause="G6-1",
        yes=f"{wanted.originator} consented to this item, recipient and purpose",
        no="the consent is for another item, recipient, purpose, instrument or day",
    )


def is_standing(consent: Consent | None) -> bool:
    """Whether a consent is for a topic rather than for one item."""
    return consent is not None and isinstance(consent.standing, StandingScope)


def _between(consent: Consent, wanted: Wanted) -> bool:
    given = (consent.originator, consent.holder, consent.recipient, consent.purpose)
    return (
        given == (wanted.originator, wanted.holder, wanted.recipient, wanted.purpose)
        and wanted.instrument in consent.instruments
    )


def _scope(consent: Consent, wanted: Wanted) -> bool:
    standing = consent.standing
    if isinstance(standing, StandingScope):
        return (standing.topic, standing.topics, standing.level) == (wanted.topic, wanted.topics, wanted.level)
    given = (consent.item, consent.manifest, consent.label)
    return given == (wanted.item, wanted.manifest, wanted.label)
