"""What a paper register says, held against what this node knows: who, where, under which instrument, at which level.

1. The control number is new here, and not one that this node would give itself.
2. The originator's policy has the level and the caveats, and the agreement's table of that day allows our mark.
3. A copy is in the hand of somebody who may hold it, or in a container of the facility whose ceiling suffices.

Nothing is written here: a dry run and an import ask the same questions.

Source: F-01, G4-1, G4-2, G7-2, G11-1, EQ-1, LEDGER-2.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from gsomia import canon
from gsomia.agreements import Agreement
from gsomia.errors import LocalError, RefusedError
from gsomia.flows.codes import check_codes
from gsomia.flows.desk import Desk
from gsomia.flows.facts import control_facility, facts_on_entry
from gsomia.flows.ports import Tx
from gsomia.flows.records import AgreementRecord
from gsomia.flows.standing import current_agreement
from gsomia.flows.tenure import has_left, require_site
from gsomia.ids import FacilityId, ItemId, PersonId, RegisterCode, new_item_id
from gsomia.instants import Instant
from gsomia.labels import (
    Label,
    LabelError,
    LabelRefusal,
    LabelUseError,
    check_own_mark,
    simple_label,
    translate,
    validate,
)
from gsomia.parties import Person
from gsomia.policy import Verdict, decide_access
from gsomia.registry import (
    Booking,
    Column,
    Container,
    PaperCopy,
    PaperItem,
    PaperRegister,
    RegisterError,
    Unmatched,
    Why,
)

_OUR_NUMBER = re.compile(r"-[0-9]{4}-[0-9]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """An item of the paper that can be entered.

    Args:
        item: the id it will have.
        paper: what its lines say.
        label: the originator's.
        own_mark: our level for it.
        rank: of our level.
        agreement: the text under which it came; None for our own.
    """

    item: ItemId
    paper: PaperItem
    label: Label
    own_mark: str
    rank: int
    agreement: Agreement | None


class _NoMatch(Exception):  # noqa: N818  never leaves this module
    def __init__(self, column: Column, why: Why, value: str, *, line: int | None = None) -> None:
        super().__init__(why)
        self.column, self.why, self.value, self.line = column, why, value, line


def match_register(
    tx: Tx, desk: Desk, paper: PaperRegister, *, facility: FacilityId, now: Instant
) -> tuple[tuple[Matched, ...], tuple[Unmatched, ...]]:
    """Every item that can be entered, and every line that cannot, by line.

    Source: F-01, G6-7.
    """
    matched: list[Matched] = []
    unmatched = list(paper.unmatched)
    for item in paper.items:
        try:
            matched.append(_match(tx, desk, item, facility=facility, now=now))
        except _NoMatch as wrong:
            unmatched += _lines(item, wrong)
    return tuple(matched), tuple(sorted(unmatched, key=lambda one: one.line))


def _lines(item: PaperItem, wrong: _NoMatch) -> Iterator[Unmatched]:
    for line in item.lines:
        if wrong.line in {None, line}:
            yield Unmatched(line=line, column=wrong.column, value=wrong.value[:80], why=wrong.why)
        else:
            yield Unmatched(line=line, column=Column.CONTROL_NO, value=item.control_no, why=Why.WITH_ANOTHER_LINE)


def _match(tx: Tx, desk: Desk, paper: PaperItem, *, facility: FacilityId, now: Instant) -> Matched:
    # (1) the number
    number = paper.control_no
    if number.startswith(f"{desk.party}-") and _OUR_NUMBER.search(number):
        raise _NoMatch(Column.CONTROL_NO, Why.OUR_NUMBERS, number)
    if tx.latest(Booking, control_no=number) is not None:
        raise _NoMatch(Column.CONTROL_NO, Why.IN_REGISTER, number)
    if paper.day > now:
        raise _NoMatch(Column.DAY, Why.FUTURE_DAY, str(paper.day.local_date()))
    try:
        check_codes(paper.topic, paper.purpose)
    except RegisterError as keying:
        raise _NoMatch(Column.TOPIC, Why.KEYING_MATERIAL, paper.topic) from keying
    # (2) label and mark
    label = _label(desk, paper)
    agreement = None if paper.originator == desk.party else _agreement(tx, desk, paper)
    own_mark = _own_mark(desk, paper, label, agreement)
    found = Matched(
        item=new_item_id(desk.entropy),
        paper=paper,
        label=label,
        own_mark=own_mark,
        rank=desk.policy.classification(own_mark).rank,
        agreement=agreement,
    )
    # (3) where it is
    try:
        require_site(tx, desk, facility, rank=found.rank, now=now)
    except RefusedError as site:
        raise _NoMatch(Column.LEVEL, Why.ABOVE_FACILITY, paper.level) from site
    for copy in paper.copies:
        if copy.place is not None:
            _check_container(tx, desk, found, copy, copy.place, facility=facility)
        elif copy.holder is not None:
            _check_holder(tx, desk, found, copy, copy.holder, facility=facility, now=now)
    return found


def _label(desk: Desk, paper: PaperItem) -> Label:
    policy = desk.policies.get(paper.originator)
    if policy is None:
        raise _NoMatch(Column.ORIGINATOR, Why.UNKNOWN_ORIGINATOR, paper.originator)
    try:
        level = policy.classification(paper.level).id
        label = simple_label(policy, level, created_at=paper.day)
    except (LabelError, LabelUseError) as wrong:
        raise _NoMatch(Column.LEVEL, Why.UNKNOWN_LEVEL, paper.level) from wrong
    try:
        label = simple_label(policy, level, created_at=paper.day, caveats=paper.caveats)
    except (LabelError, LabelUseError) as wrong:
        raise _NoMatch(Column.CAVEATS, Why.UNKNOWN_CAVEAT, " ".join(paper.caveats)) from wrong
    if validate(label, policy=policy):
        raise _NoMatch(Column.DAY, Why.UNKNOWN_LEVEL, str(paper.day.local_date()))  # before the policy held
    if paper.review is None:
        return label
    if paper.review <= paper.day:
        raise _NoMatch(Column.DISPOSAL, Why.MALFORMED, str(paper.review.local_date()))
    return replace(label, review_at=paper.review)


def _agreement(tx: Tx, desk: Desk, paper: PaperItem) -> Agreement:
    if paper.instrument is None:
        raise _NoMatch(Column.INSTRUMENT, Why.MISSING, "")
    known = tx.every(AgreementRecord, instrument=paper.instrument)
    if not any(one.text.has_party(paper.originator) and one.text.has_party(desk.party) for one in known):
        raise _NoMatch(Column.INSTRUMENT, Why.UNKNOWN_INSTRUMENT, paper.instrument)
    return current_agreement(tx, paper.instrument, at=paper.day, desk=desk)


def _own_mark(desk: Desk, paper: PaperItem, label: Label, agreement: Agreement | None) -> str:
    said = paper.own_mark
    if agreement is None:
        if paper.instrument is not None:
            raise _NoMatch(Column.INSTRUMENT, Why.UNKNOWN_INSTRUMENT, paper.instrument)
        if said is not None and _level(desk, said) != label.classification:
            raise _NoMatch(Column.OWN_MARK, Why.MARK_NOT_ALLOWED, said)
        return label.classification
    if said is None:
        raise _NoMatch(Column.OWN_MARK, Why.MISSING, "")
    translated = translate(
        label,
        table=agreement.table,
        from_policy=desk.policies[paper.originator],
        to_policy=desk.policy,
        now=label.created_at,
    )
    if isinstance(translated, LabelRefusal):
        raise _NoMatch(Column.LEVEL, Why.MARK_NOT_ALLOWED, paper.level)
    chosen = _level(desk, said)
    if isinstance(check_own_mark(translated, chosen), LabelRefusal):
        raise _NoMatch(Column.OWN_MARK, Why.MARK_NOT_ALLOWED, said)
    return chosen


def _level(desk: Desk, said: str) -> str:
    try:
        return desk.policy.classification(said).id
    except (LabelError, LabelUseError) as wrong:
        raise _NoMatch(Column.OWN_MARK, Why.UNKNOWN_LEVEL, said) from wrong


def _check_container(tx: Tx, desk: Desk, found: Matched, copy: PaperCopy, place: str, *, facility: FacilityId) -> None:
    container = tx.latest(Container, id=place) if _is(place, RegisterCode) else None
    if container is None or container.facility != facility:
        raise _NoMatch(Column.PLACE, Why.UNKNOWN_CONTAINER, place, line=copy.line)
    if found.rank > desk.policy.classification(container.ceiling).rank:
        raise _NoMatch(Column.PLACE, Why.ABOVE_CEILING, place, line=copy.line)


def _check_holder(
    tx: Tx, desk: Desk, found: Matched, copy: PaperCopy, holder: str, *, facility: FacilityId, now: Instant
) -> None:
    person = tx.latest(Person, id=holder) if _is(holder, PersonId) else None
    if person is None or has_left(tx, person.id):
        raise _NoMatch(Column.HOLDER, Why.UNKNOWN_PERSON, holder, line=copy.line)
    # The control officer keeps what the facility holds; anybody else holds what they may read.
    if control_facility(tx, person.id, now=now) == facility:
        return
    facts = facts_on_entry(
        tx,
        desk,
        found.item,
        originator=found.paper.originator,
        own_mark=found.own_mark,
        own_rank=found.rank,
        purpose=found.paper.purpose,
        facility=facility,
        agreement=found.agreement,
        reader=person.id,
        now=now,
    )
    if decide_access(facts).verdict is not Verdict.PERMIT:
        raise _NoMatch(Column.HOLDER, Why.HOLDER_MAY_NOT, holder, line=copy.line)


def _is(text: str, kind: Any) -> bool:  # noqa: ANN401  a type expression
    try:
        canon.check(text, kind)
    except canon.CanonError:
        return False
    return True


def facility_of(tx: Tx, facility: FacilityId | None, *, officer: PersonId | None, now: Instant) -> FacilityId:
    """The facility whose register is imported: the one that was named, else the officer's.

    Raises:
        LocalError: neither says one.
    """
    chosen = facility or (control_facility(tx, officer, now=now) if officer else None)
    if chosen is None:
        raise LocalError(
            "flows/which-facility", "it is not said whose register this is", remedy="name the facility: `--facility`"
        )
    return chosen
