"""One function per clause. Each reads facts and says whether its rule holds; none knows the others.

The agreement's own rules are code. National rules may come beside them and can only forbid more (design 8).
"""

from collections.abc import Iterable
from typing import Protocol

from gsomia.instants import Instant
from gsomia.labels import ClearanceStanding
from gsomia.parties import Office
from gsomia.policy.decision import Finding, Reason
from gsomia.policy.request import (
    AccessFacts,
    InstrumentFacts,
    OnwardFacts,
    PersonFacts,
    PurposeFacts,
    ReleaseFacts,
    Way,
)


class AnItem(Protocol):
    """Facts about an item."""

    @property
    def held(self) -> bool:
        """Whether it is here to be used."""


def finding(*, holds: bool, code: str, clause: str, yes: str, no: str) -> Finding:
    """A rule's answer in one of two sentences."""
    return Finding(holds=holds, reason=Reason(code=code, clause=clause, text=yes if holds else no))


def instrument_allows(instrument: InstrumentFacts | None, *, allowed: bool) -> Finding:
    """An instrument must exist and its state must allow the act.

    Source: G1-1, T14, G21-1, lifecycle 3.6.
    """
    if instrument is None:
        return finding(
            holds=False,
            code="no-instrument",
            clause="G1-1",
            yes="",
            no="no instrument between the parties governs this",
        )
    return finding(
        holds=allowed,
        code="instrument-state",
        clause="G21-1",
        yes=f"{instrument.id} is {instrument.state}",
        no=f"{instrument.id} is {instrument.state}, which does not allow this",
    )


def is_still_held(facts: AnItem) -> Finding:
    """What was destroyed is not read, released or passed on; its register line and slips still answer.

    Source: G13-1, G13-5.
    """
    return finding(
        holds=facts.held,
        code="item-destroyed",
        clause="G13-1",
        yes="the item is held here",
        no="the item is destroyed, or two persons decided that it is",
    )


def both_are_parties(facts: ReleaseFacts | OnwardFacts) -> Finding:
    """The recipient is bound by the instrument; anyone else is a third party.

    Source: G6-1, G6-2, A-08.
    """
    parties = facts.instrument.parties if facts.instrument else ()
    return finding(
        holds=facts.us in parties and facts.to in parties and facts.us != facts.to,
        code="not-a-party",
        clause="G6-1",
        yes=f"{facts.to} is bound by the instrument",
        no=f"{facts.to} is a third party under the instrument",
    )


def item_is_ours(facts: ReleaseFacts) -> Finding:
    """Only the originator releases; what belongs to another goes nowhere without its prior written consent.

    Source: G6-1.
    """
    return finding(
        holds=facts.originator == facts.us,
        code="not-the-originator",
        clause="G6-1",
        yes="the item is our own",
        no=f"the item is {facts.originator}'s: passing it on needs its prior written consent",
    )


def authority_is_named(facts: ReleaseFacts) -> Finding:
    """The releasing body is a competent authority named by a diplomatic note that the other side received.

    Source: G2-5.
    """
    named = facts.instrument.named if facts.instrument else ()
    return finding(
        holds=any(a.id == facts.authority and a.party == facts.us for a in named),
        code="authority-not-named",
        clause="G2-5",
        yes=f"`{facts.authority}` is named by note",
        no=f"`{facts.authority}` is not named by a note received through the diplomatic channel",
    )


def recipient_authority_is_named(facts: ReleaseFacts) -> Finding:
    """The other side has a competent authority named by note, too: a body without one cannot receive.

    Source: G2-5.
    """
    named = facts.instrument.named if facts.instrument else ()
    return finding(
        holds=any(a.party == facts.to for a in named),
        code="recipient-authority-not-named",
        clause="G2-5",
        yes=f"{facts.to} has a named authority",
        no=f"no authority of {facts.to} is named by a received note",
    )


def decider_may_release(facts: ReleaseFacts) -> Finding:
    """A release is decided case by case by an appointed official.

    Source: G1-2, F-14.
    """
    return finding(
        holds=facts.decider.official and Office.RELEASING_AUTHORITY in facts.decider.offices,
        code="decider-not-appointed",
        clause="G1-2",
        yes="decided by an appointed releasing authority",
        no=f"`{facts.decider.id}` is not an appointed releasing authority",
    )


def decider_is_another(facts: ReleaseFacts) -> Finding:
    """Who registered the item does not release it.

    Source: F-14, G1-2.
    """
    return finding(
        holds=facts.decider.id != facts.registrar,
        code="decider-is-registrar",
        clause="F-14",
        yes="decider and registrar are two persons",
        no="the registrar of an item does not release it: a second person decides",
    )


def purpose_is_stated(facts: ReleaseFacts) -> Finding:
    """Every release names its purpose.

    Source: G1-2, A-16.
    """
    return finding(
        holds=bool(facts.purpose),
        code="no-purpose",
        clause="G6-4",
        yes="the purpose is stated",
        no="a release names its purpose",
    )


KEPT_AT_HOME = frozenset({"KOR-1"})
"""Levels that their party shares with no country unless its own rule opens them for an instrument (TR-6)."""


def level_is_shared(*, level: str, opened: bool) -> Finding:
    """Korea's level one goes nowhere by default, whatever a table says.

    Source: TR-6.
    """
    return finding(
        holds=opened or level not in KEPT_AT_HOME,
        code="level-kept-at-home",
        clause="TR-6",
        yes="its party shares the level",
        no=f"`{level}` is shared with no country",
    )


def label_admits_recipient(facts: ReleaseFacts) -> Finding:
    """If the originator limited the item to named parties, the recipient is one of them.

    Source: EQ-8.
    """
    return finding(
        holds=not facts.label.permissive or all(category.has(facts.to) for category in facts.label.permissive),
        code="not-releasable-to",
        clause="EQ-8",
        yes="the label does not exclude the recipient",
        no=f"the originator's label limits the item to others than {facts.to}",
    )


def control_officer_is_named(facts: ReleaseFacts) -> Finding:
    """A facility without a current control officer handles nothing.

    Source: G10-2.
    """
    return finding(
        holds=facts.control_officer is not None,
        code="no-control-officer",
        clause="G10-2",
        yes="the facility has a control officer",
        no="no facility of ours has a current control officer",
    )


def channel_is_accredited(facts: ReleaseFacts, *, rank: int) -> Finding:
    """The channel to the recipient is accredited for the item's level, now; what uses none needs none.

    Source: G12-10, G12-11, A-32.
    """
    if facts.way not in {Way.SEALED, Way.LINE}:
        return finding(
            holds=True, code="channel-not-accredited", clause="G12-11", yes="goes through no electronic channel", no=""
        )
    return finding(
        holds=any(c.channel == facts.to and c.ceiling >= rank and c.valid.covers(facts.now) for c in facts.channels),
        code="channel-not-accredited",
        clause="G12-11",
        yes="the channel is accredited for the level",
        no=f"no channel to {facts.to} is accredited for this level today",
    )


def is_cleared(person: PersonFacts, *, level: str | None, now: Instant) -> Finding:
    """A clearance for the level, under our own law, in force and not past its review.

    One that would reach the level and does not count today is named with its own clause, so that it is seen why.

    Source: G2-6, G7-2, G7-4, G7-6.
    """
    reaching = [clearance.standing(now) for clearance in person.clearances if level in clearance.classifications]
    if reaching and ClearanceStanding.VALID not in reaching:
        return _lapsed(person, reaching[-1])
    return finding(
        holds=bool(reaching),
        code="not-cleared",
        clause="G7-2",
        yes="cleared for the level",
        no=f"`{person.id}` holds no clearance for the item's level",
    )


def _lapsed(person: PersonFacts, standing: ClearanceStanding) -> Finding:
    no = f"the clearance of `{person.id}` does not count today: {standing}"
    if standing is ClearanceStanding.REVIEW_DUE:
        return finding(holds=False, code="clearance-review-due", clause="G7-4", yes="", no=no)
    if standing in {ClearanceStanding.WITHDRAWN, ClearanceStanding.SUSPENDED}:
        return finding(holds=False, code="clearance-not-active", clause="G7-6", yes="", no=no)
    return finding(holds=False, code="clearance-not-valid", clause="G2-6", yes="", no=no)


def is_official(facts: AccessFacts) -> Finding:
    """Access is for government officials only.

    Source: G7-2.
    """
    return finding(
        holds=facts.reader.official,
        code="not-an-official",
        clause="G7-2",
        yes="an official",
        no=f"`{facts.reader.id}` is not a government official",
    )


def duty_needs_it(facts: AccessFacts) -> Finding:
    """The person's duty needs this item, or every item of its purpose.

    Source: G7-2.
    """
    holds = any(
        duty.person == facts.reader.id
        and duty.valid.covers(facts.now)
        and (duty.item == facts.item or (duty.item is None and duty.purpose == facts.item_purpose))
        for duty in facts.duties
    )
    return finding(
        holds=holds,
        code="no-need-to-know",
        clause="G7-2",
        yes="the duty needs it",
        no=f"no duty of `{facts.reader.id}` needs this item",
    )


def is_on_roster(facts: AccessFacts) -> Finding:
    """The person stands on the registry of the facility where the item is, for this instrument and level.

    Source: G6-6.
    """
    instrument = facts.instrument.id if facts.instrument else None
    holds = any(
        line.person == facts.reader.id
        and line.facility == facts.facility
        and (facts.originator == facts.us or line.instrument == instrument)
        and line.ceiling >= facts.own_rank
        and line.valid.covers(facts.now)
        for line in facts.roster
    )
    return finding(
        holds=holds,
        code="not-on-roster",
        clause="G6-6",
        yes="on the facility's registry",
        no=f"`{facts.reader.id}` is not on the registry of the item's facility for this instrument and level",
    )


def site_is_accredited(facts: AccessFacts) -> Finding:
    """The facility where the item lies is accredited for its level, and its review is not due.

    Source: G10-1.
    """
    site = facts.site
    return finding(
        holds=site is not None and site.ceiling >= facts.own_rank and facts.now < site.review_at,
        code="facility-not-accredited",
        clause="G10-1",
        yes="the facility is accredited for the level",
        no="the item's facility is not accredited for its level today",
    )


def nationality_is_ours(facts: AccessFacts) -> Finding:
    """A person of a third nationality is a third party, even if cleared; dual nationals too.

    Source: G6-2, A-09, X-8.
    """
    return finding(
        holds=set(facts.reader.nationalities) == {facts.us} or _agreed_to(facts),
        code="third-nationality",
        clause="G6-2",
        yes="of our nationality only, or agreed to in writing",
        no=f"`{facts.reader.id}` holds the nationality of a third country: the originator must agree in writing first",
    )


def employer_is_ours(facts: AccessFacts) -> Finding:
    """Who works for a third country is a third party, whatever their passport says; so is one nobody knows it of.

    Source: G6-2, A-09.
    """
    return finding(
        holds=facts.reader.employer == facts.us or _agreed_to(facts),
        code="third-employer",
        clause="G6-2",
        yes="employed by us, or agreed to in writing",
        no=f"`{facts.reader.id}` is not known to work for us: the originator must agree in writing first",
    )


def person_is_not_declined(facts: AccessFacts) -> Finding:
    """The originator may decline a person; then no assurance covers them for its information, whatever the purpose.

    Source: A-22, G7-5.
    """
    return finding(
        holds=not facts.declined,
        code="person-declined",
        clause="A-22",
        yes="the originator did not decline the reader",
        no=f"{facts.originator} declined `{facts.reader.id}`: no assurance covers the reader for its items (G7-5)",
    )


def _agreed_to(facts: AccessFacts) -> bool:
    return any(
        (given.person, given.originator) == (facts.reader.id, facts.originator)
        and given.valid.covers(facts.now)
        and (given.item == facts.item or (given.item is None and given.purpose == facts.item_purpose))
        for given in facts.third_party
    )


def is_booked(facts: AccessFacts) -> Finding:
    """Nobody reads before the item carries our own mark beside the originator's.

    Source: G4-2, A-06.
    """
    return finding(
        holds=facts.own_mark is not None or facts.declassified,
        code="not-booked",
        clause="G4-2",
        yes="booked under our own mark",
        no="the item has not been booked: our own mark comes first",
    )


def purpose_is_the_given_one(facts: AccessFacts) -> Finding:
    """An item is used for the purpose it was given for, or for another one to which its originator agreed in writing.

    Source: G6-4.
    """
    return finding(
        holds=facts.purpose == facts.item_purpose or _agreed(facts),
        code="another-purpose",
        clause="G6-4",
        yes="for the purpose it was given for, or one its originator agreed to",
        no="another purpose needs the originator's prior written approval",
    )


def purpose_is_open(facts: AccessFacts) -> Finding:
    """Nothing is used for a purpose that is closed, or past its review, until somebody renews it.

    Source: G6-9, A-16, A-17.
    """
    stands = _purpose(facts)
    return finding(
        holds=stands is None or (not stands.closed and stands.review_at > facts.now),
        code="purpose-ended",
        clause="G6-9",
        yes="the purpose is open",
        no=f"the purpose `{facts.purpose}` has ended: the item is returned or destroyed, or the purpose renewed",
    )


def blanket_purpose_is_agreed(facts: AccessFacts) -> Finding:
    """A purpose so wide that it says little needs the originator's consent for another's item.

    Source: A-16, G6-4.
    """
    stands = _purpose(facts)
    return finding(
        holds=stands is None or not stands.blanket or facts.originator == facts.us or _agreed(facts),
        code="blanket-purpose",
        clause="A-16",
        yes="no blanket purpose, or the originator agreed to it",
        no=f"`{facts.purpose}` is a blanket purpose: the originator has to agree in writing",
    )


def _purpose(facts: AccessFacts) -> PurposeFacts | None:
    return next((one for one in facts.purposes if one.code == facts.purpose), None)


def _agreed(facts: AccessFacts) -> bool:
    return any(one.purpose == facts.purpose and one.valid.covers(facts.now) for one in facts.other_purposes)


def rank_gives_nothing(facts: AccessFacts, others: Iterable[Finding]) -> Finding:
    """Said when rank is all there is: rank, post or clearance alone gives nobody access.

    Source: G7-1.
    """
    failed = any(not other.holds for other in others)
    return finding(
        holds=not (failed and facts.reader.rank),
        code="rank-gives-nothing",
        clause="G7-1",
        yes="rank was not asked",
        no=f"rank (`{facts.reader.rank}`) gives nobody access",
    )
