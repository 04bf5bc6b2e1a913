"""Items made from items: translations, extracts, and what is one's own in a mixed work. Parents are linked for ever.

1. Whoever makes one may read every parent: the same decision, on the facts of this moment.
2. A translation is not issued without its note in the language it is in; a machine translates only on an accredited
   system, and the cleared person signs as translator.
3. The originator stays that of the foreign parents; caveats are joined; the level is the highest of the parts.
4. The content is sealed at rest under a key of its own, like that of any item.

Source: F-09, G4-6, G15-1 to G15-4, A-14, A-15, A-20, LEDGER-6.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from gsomia.audit import Event
from gsomia.envelope import begin_holding, finish_holding, segment_count
from gsomia.errors import RefusedError
from gsomia.flows.clock import require_clock
from gsomia.flows.content import store_sealed
from gsomia.flows.copying import refuse_forbidden, refuse_top_level
from gsomia.flows.custody import begin_copy, show_item
from gsomia.flows.decide import Answer, ask_access, record_decision
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import get_item
from gsomia.flows.ledger import enter
from gsomia.flows.levels import Level, check_not_below, governing, label_at, level_of, rolled_up
from gsomia.flows.people import require_office, require_own_key
from gsomia.flows.ports import Tx
from gsomia.flows.read import check_counts
from gsomia.flows.register import next_control_number, pieces_or_none, room_for, unchanged
from gsomia.flows.release import refuse_unless_permitted
from gsomia.flows.soundness import require_sound
from gsomia.ids import FacilityId, ItemId, PartyCode, new_decision_id, new_item_id
from gsomia.instants import Instant, Validity
from gsomia.labels import Label, simple_label
from gsomia.parties import Office
from gsomia.policy import Verdict
from gsomia.registry import (
    FIRST_COPY,
    Booking,
    CustodyEvent,
    CustodyKind,
    Derivation,
    DerivedFrom,
    DerivedKind,
    Form,
    ItemRecord,
    Origin,
    RegisterError,
    SystemAccreditation,
    joined_caveats,
    language_note,
)

TRANSLATIONS = frozenset({DerivedKind.TRANSLATION, DerivedKind.MACHINE_TRANSLATION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What is to be made.

    Args:
        kind: how.
        parents: from what, each once.
        purpose: for which use.
        level: the level of own material in it, or that was stated for the whole, under our own policy.
        language: into which it was translated, two letters.
        system: on which accredited system a machine translated.
    """

    kind: DerivedKind
    parents: tuple[ItemId, ...]
    purpose: str
    level: str | None = None
    language: str | None = None
    system: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A derived item that was entered."""

    item: ItemRecord
    booking: Booking
    derivation: Derivation


@dataclass(frozen=True, slots=True, kw_only=True)
class _Basis:
    """What a derived item takes from its parents."""

    label: Label
    level: Level
    originator: PartyCode
    topic: str
    origin: Origin | None
    facility: FacilityId


def derive_item(desk: Desk, actor: Actor, content: Iterable[bytes], *, content_bytes: int, making: Making) -> Derived:
    """Enter an item made from others.

    Args:
        desk: ours, unlocked.
        actor: who made it: the translator, the author.
        content: plaintext pieces of `SEGMENT_BYTES`, the last one shorter.
        content_bytes: declared size; what comes must match.
        making: what it is made from, and how.

    Raises:
        RefusedError: a rule says no, or the originator forbids it; it is recorded.
        RegisterError: it would stand lower than a parent, or there is no note in its language.
        UnavailableError: the disk is too full.

    Source: F-09, G4-6, G15-1, G15-3, A-14, A-20.
    """
    require_own_key(desk, actor)
    _check(desk, actor, making)
    note = _note(desk, making)
    _decide(desk, actor, making)
    now = desk.clock()
    room_for(desk, content_bytes)
    item = new_item_id(desk.entropy)
    storage_key = desk.unlocked.storage_keys.create(item)
    sealing = begin_holding(item, content_bytes=content_bytes, entropy=desk.entropy)
    sealed = store_sealed(
        desk,
        item,
        pieces_or_none(content),
        keys=sealing.keys,
        segments=segment_count(content_bytes),
        check=partial(unchanged, content_bytes),
    )
    holding = finish_holding(sealing, segment_list=sealed.segment_list, storage_key=storage_key, entropy=desk.entropy)

    def unit(tx: Tx) -> Derived:
        for parent in making.parents:  # what was permitted before sealing must be so still
            answer = ask_access(tx, desk, parent, reader=actor.person, purpose=making.purpose)
            refuse_unless_permitted(answer.decision, decision_id=new_decision_id(desk.entropy))
        basis = _basis(tx, desk, making, now)
        record = ItemRecord(
            id=item,
            originator=basis.originator,
            label=basis.label,
            form=Form.ELECTRONIC,
            topic=basis.topic,
            purpose=get_item(tx, making.parents[0]).purpose,
            content_digest=sealed.content_digest,
            holding=holding,
            registrar=actor.person,
            facility=basis.facility,
            origin=None,
            at=now,
        )
        derivation = Derivation(
            item=item,
            kind=making.kind,
            parents=making.parents,
            own_level=desk.policy.classification(making.level).id if making.level else None,
            author=actor.person,
            language=making.language,
            note=note,
            system=making.system,
            at=now,
        )
        return _enter(tx, desk, actor, record, derivation, basis)

    return desk.store.run(unit)


def _enter(tx: Tx, desk: Desk, actor: Actor, record: ItemRecord, derivation: Derivation, basis: _Basis) -> Derived:
    if basis.level.own_mark is None:
        raise RegisterError(
            "registry/two-categories",
            "the parents bear two marks of one rank, and neither stands for the other",
            remedy="keep the portions apart, or state the level of the whole",
            clauses=("A-06", "A-14"),
        )
    instrument = basis.origin.instrument if basis.origin else None
    booking = Booking(
        item=record.id,
        own_mark=basis.level.own_mark,
        rank=basis.level.rank,
        basis=f"{derivation.kind} made here",
        control_no=next_control_number(tx, desk, instrument, record.at),
        officer=actor.person,
        facility=basis.facility,
        at=record.at,
    )
    enter(tx, desk, record, event=Event.ITEM_REGISTERED, subject=record.id)
    enter(tx, desk, derivation, event=Event.ITEM_DERIVED, subject=record.id)
    if derivation.kind is not DerivedKind.OWN_PORTIONS:
        for parent in derivation.parents:
            link = DerivedFrom(parent=parent, item=record.id)
            enter(tx, desk, link, event=Event.ITEM_DERIVED, subject=parent, item=record.id)
    enter(tx, desk, booking, event=Event.ITEM_BOOKED, subject=record.id)
    custody = CustodyEvent(
        item=record.id,
        copy=FIRST_COPY,
        kind=CustodyKind.REGISTERED,
        custodian=desk.party,
        facility=basis.facility,
        by=actor.person,
        instrument=instrument,
        at=record.at,
    )
    begin_copy(tx, desk, custody, originator=record.originator)
    show_item(tx, record, booking)
    return Derived(item=record, booking=booking, derivation=derivation)


def accredit_system(
    desk: Desk, actor: Actor, *, system: str, number: str, level: str, valid: Validity
) -> SystemAccreditation:
    """Let a system translate items up to a level of our own.

    Source: A-20.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="A-20")
    record = SystemAccreditation(
        system=system,
        number=number,
        level=desk.policy.classification(level).id,
        valid=valid,
        by=actor.person,
        at=desk.clock(),
    )
    desk.store.run(lambda tx: enter(tx, desk, record, event=Event.FACILITY_ACCREDITED, subject=system))
    return record


def _check(desk: Desk, actor: Actor, making: Making) -> None:
    if not making.parents or len(set(making.parents)) != len(making.parents):
        raise RegisterError("registry/parents", "name each parent once", remedy="at least one", clauses=("G4-6",))
    if (making.language is not None) != (making.kind in TRANSLATIONS):
        raise RegisterError("registry/which-language", "a translation, and only that, names its language", remedy="")
    for parent in making.parents:
        # An extract repeats the words: it is a copy in part. A translation inherits the caveat; nobody copies it.
        refuse = refuse_forbidden if making.kind is DerivedKind.EXTRACT else refuse_top_level
        refuse(desk, parent)
    if making.kind is DerivedKind.MACHINE_TRANSLATION:
        _check_system(desk, making)
    if making.kind is DerivedKind.OWN_PORTIONS:
        _check_reviewer(desk, actor, making)


def _check_reviewer(desk: Desk, actor: Actor, making: Making) -> None:
    # who wrote a mixed work declares what is its own; a control officer, and nobody alone, lets it out.
    require_office(desk, actor, Office.CONTROL_OFFICER, clause="A-15")
    made = desk.store.run(lambda tx: [tx.latest(Derivation, item=parent) for parent in making.parents])
    if any(one is not None and one.author == actor.person for one in made):
        raise RefusedError(
            "flows/own-work",
            f"`{actor.person}` wrote that work and cannot say alone what of it holds nothing of another's",
            remedy="another control officer reviews it",
            clauses=("A-14", "A-15"),
        )


def _check_system(desk: Desk, making: Making) -> None:
    def holds(tx: Tx) -> bool:
        known = tx.latest(SystemAccreditation, system=making.system)
        if known is None or not known.valid.covers(desk.clock()):
            return False
        ceiling = desk.policy.classification(known.level).rank
        return all(level_of(tx, get_item(tx, parent)).rank <= ceiling for parent in making.parents)

    if not desk.store.run(holds):
        raise RefusedError(
            "flows/system-not-accredited",
            "that system is not accredited today to translate items of this level",
            remedy="accredit it: gsomia facility accredit-system; or let a cleared person translate",
            clauses=("A-20", "G15-1"),
        )


def _note(desk: Desk, making: Making) -> str | None:
    if making.language is None:
        return None
    parents = desk.store.run(lambda tx: [get_item(tx, parent) for parent in making.parents])
    names = desk.policies[_originator(desk, parents)].names
    name = next((one.text for one in names if one.language == making.language), None)
    return language_note(making.language, originator=name)


def _decide(desk: Desk, actor: Actor, making: Making) -> None:
    decision_id = new_decision_id(desk.entropy)

    def unit(tx: Tx) -> Answer | None:
        require_sound(tx, desk)
        require_clock(tx, desk)
        for parent in making.parents:
            check_counts(tx, parent)
            answer = ask_access(tx, desk, parent, reader=actor.person, purpose=making.purpose)
            if answer.decision.verdict is Verdict.DENY:
                record_decision(
                    tx, desk, answer, decision_id=decision_id, question="access", item=parent, by=actor.person
                )
                return answer
        return None

    denied = desk.store.run(unit)
    if denied is not None:
        refuse_unless_permitted(denied.decision, decision_id=decision_id, act="G15-1")


def _originator(desk: Desk, parents: Iterable[ItemRecord]) -> PartyCode:
    foreign = {parent.originator for parent in parents} - {desk.party}
    if len(foreign) > 1:
        raise RegisterError(
            "registry/two-originators",
            "two originators' information would become one item, which neither could control",
            remedy="make one item for each originator",
            clauses=("G4-6", "G6-1"),
        )
    return next(iter(foreign), desk.party)


def _basis(tx: Tx, desk: Desk, making: Making, now: Instant) -> _Basis:
    parents = tuple(get_item(tx, parent) for parent in making.parents)
    booking = tx.latest(Booking, item=parents[0].id)
    if booking is None:
        msg = "what may be read is booked"
        raise RuntimeError(msg)
    if len({parent.purpose for parent in parents}) > 1:
        raise RegisterError(
            "registry/two-purposes",
            "the parents were given for different purposes",
            remedy="make one item for each purpose",
            clauses=("G6-4",),
        )
    if making.kind is DerivedKind.OWN_PORTIONS:
        label, level = _own_portions(tx, desk, making, now)
        return _Basis(
            label=label,
            level=level,
            originator=desk.party,
            topic=parents[0].topic,
            origin=None,
            facility=booking.facility,
        )
    originator = _originator(desk, parents)
    levels = tuple(level_of(tx, parent) for parent in parents)
    if making.level is not None:
        check_not_below(desk.policy.classification(making.level), levels)
    level = rolled_up(desk, originator, levels, own=making.level, held=making.level)
    theirs = [parent for parent in parents if parent.originator == originator]
    top = max(theirs, key=lambda parent: _rank(tx, desk, parent))
    restrictive, permissive = joined_caveats([parent.label for parent in theirs])
    label = replace(top.label, restrictive=restrictive, permissive=permissive)
    if level.classification is not None:
        label = label_at(label, level.classification, policy=desk.policies[originator])
    if originator == desk.party:
        label = replace(label, created_at=now, review_at=None)
    origin = next((found for parent in theirs if (found := governing(tx, parent)) is not None), None)
    return _Basis(
        label=label,
        level=level,
        originator=originator,
        topic=parents[0].topic,
        origin=origin,
        facility=booking.facility,
    )


def _rank(tx: Tx, desk: Desk, parent: ItemRecord) -> int:
    level = level_of(tx, parent).classification
    found = desk.policies[parent.originator].find(level) if level else None
    return found.rank if found else 0


def _own_portions(tx: Tx, desk: Desk, making: Making, now: Instant) -> tuple[Label, Level]:
    """What is ours in a mixed work stays ours, under the level that was declared for it (A-14)."""
    (parent, *more) = making.parents
    derivation = tx.latest(Derivation, item=parent)
    if more or derivation is None or derivation.own_level is None or making.level is not None:
        raise RegisterError(
            "registry/no-own-portions",
            f"`{parent}` is no mixed work in which portions were declared our own",
            remedy="portions are declared when the work is made: `--level` of what is our own",
            clauses=("A-14", "G4-6"),
        )
    found = desk.policy.classification(derivation.own_level)
    label = simple_label(desk.policy, found.id, created_at=now)
    return label, Level(classification=found.id, own_mark=found.id, rank=found.rank)
