"""The blast radius of an incident: what an item, a copy, a container, a package, a person or a facility reached.

From the subject to the items it concerns, from each item down to everything derived from it, and from there to copies,
readers, hands, containers, packages and onward releases: between the time all was last seen intact and the discovery.
What is held counts if it was there in that time, what is done if it was done in it.

Only what is asked for is read: lines and events of an item, a container or a hand, never the register. A copy does not
change its facility while it moves from hand to hand, so the lines of a facility name every copy that was there.

Source: G17-1, G17-4, F-17, LEDGER-6 (derived items), A-35.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from gsomia.errors import LocalError
from gsomia.exchange import MAX_NAMED, Extent, IncidentSubject, OnwardTold, SubjectKind
from gsomia.flows.ports import Tx
from gsomia.ids import ConsignmentId, ContractorId, CopyId, ItemId, PartyCode, PersonId, RegisterCode
from gsomia.instants import Instant
from gsomia.parties import Facility, Person
from gsomia.registry import (
    Container,
    ContractorReleased,
    CopyLine,
    CopyRecord,
    CustodyEvent,
    CustodyKind,
    Derivation,
    DerivedFrom,
    DerivedKind,
    Disclosure,
    ItemRecord,
    Package,
    Place,
    ReadingSlip,
    begin,
    follow,
)

PAGE = 500
_ENDED = frozenset({Place.DESTROYED, Place.RETURNED})
_ONWARD = frozenset({CustodyKind.RELEASED, CustodyKind.DISPATCHED, CustodyKind.FORWARDED})
Concerned = dict[ItemId, set[CopyId]]
"""The items a subject concerns, each with the copies that were there; none if no single copy is meant."""
Seen = dict[ItemId, list[CustodyEvent]]
"""The events of items that were read before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From when all was last seen intact until the discovery, both included."""

    intact: Instant
    discovered: Instant

    def has(self, at: Instant) -> bool:
        """Whether something was done in this time."""
        return self.intact <= at <= self.discovered

    def meets(self, since: Instant, until: Instant | None) -> bool:
        """Whether something that lasted was there in this time."""
        return since <= self.discovered and (until is None or until >= self.intact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A copy was at one place, in one hand or container, from one event to the next; `until` None means still."""

    line: CopyLine
    since: Instant
    until: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A person knew an item: read, heard or spoke it, copied it, or made another one from it."""

    item: ItemId
    person: PersonId
    how: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A copy went from one hand to another."""

    item: ItemId
    copy: CopyId
    giver: PersonId | None
    taker: PersonId | None
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Lay:
    """A copy lay in a container, or went in a package."""

    item: ItemId
    copy: CopyId
    where: RegisterCode


@dataclass(frozen=True, slots=True, kw_only=True)
class WentOn:
    """An item went on to another party."""

    item: ItemId
    to: PartyCode
    number: ConsignmentId | RegisterCode
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An item was opened to people of a contractor."""

    item: ItemId
    contractor: ContractorId
    persons: tuple[PersonId, ...]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An item was derived from another one that is in the radius."""

    item: ItemId
    kind: DerivedKind
    parents: tuple[ItemId, ...]
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Radius:
    """Everything at this side; `roots` are the items concerned, all others are derived from them."""

    roots: tuple[ItemId, ...]
    derived: tuple[Made, ...]
    copies: tuple[CopyLine, ...]
    readers: tuple[Reached, ...]
    hands: tuple[Handed, ...]
    containers: tuple[Lay, ...]
    packages: tuple[Lay, ...]
    onward: tuple[WentOn, ...]
    contractors: tuple[Opened, ...]

    @property
    def items(self) -> tuple[ItemId, ...]:
        """Roots and derived items."""
        return (*self.roots, *(one.item for one in self.derived))


def concerned(tx: Tx, subject: IncidentSubject, window: Window, *, seen: Seen | None = None) -> Concerned:
    """Which items a subject concerns, with the copies of each; what was read of an item is left in `seen`.

    Raises:
        LocalError: the register has no such thing.
    """
    name, seen = subject.id, {} if seen is None else seen
    match subject.kind:
        case SubjectKind.ITEM | SubjectKind.COPY:
            found = _named(tx, name, subject)
        case SubjectKind.CONTAINER:
            stored = {event.item for event in tx.parts(CustodyEvent, CustodyEvent, container=name)}
            found = _there(tx, stored, window, lambda line: line.container == name, seen=seen)
        case SubjectKind.PERSON:
            found = _of_person(tx, name, window, seen=seen)
        case SubjectKind.PACKAGE:
            found = _packed(tx, name)
        case SubjectKind.FACILITY:
            found = _at_facility(tx, name, window)
        case SubjectKind.CALL:
            found = {}
    return found


def require_known(tx: Tx, subject: IncidentSubject) -> None:
    """Refuse a container, a person or a facility that the register does not have: it would concern nothing.

    Raises:
        LocalError: the register has no such thing.
    """
    name = subject.id
    match subject.kind:
        case SubjectKind.CONTAINER:
            known = tx.latest(Container, id=name) is not None
        case SubjectKind.PERSON:
            known = tx.latest(Person, id=name) is not None
        case SubjectKind.FACILITY:
            known = tx.latest(Facility, id=name) is not None
        case _:
            known = True  # items and packages are looked up where they are read, calls in the watch log
    if not known:
        raise _unknown(f"{subject.kind} `{name}`")


def blast_radius(tx: Tx, items: Iterable[ItemId], window: Window, *, seen: Seen | None = None) -> Radius:
    """What items reached at this side, with everything derived from them; it costs what it finds.

    Source: F-17, G17-4.
    """
    roots = tuple(dict.fromkeys(items))
    derived = tuple(_derived(tx, roots, window))
    every = (*roots, *(one.item for one in derived))
    copies: list[CopyLine] = []
    readers: list[Reached] = []
    hands: list[Handed] = []
    containers: dict[Lay, None] = {}
    packages: dict[Lay, None] = {}
    onward: list[WentOn] = []
    firms: list[Opened] = []
    for item in every:
        events = seen[item] if seen and item in seen else _events(tx, item)
        copies += [line for line in lines_of(tx, item=item) if _was_there(line, window)]
        readers += _readers(tx, item, window)
        firms += [
            Opened(item=item, contractor=one.contractor, persons=one.persons, at=one.at)
            for one in tx.every(ContractorReleased, item=item)
            if window.has(one.at)
        ]
        for stay in stays(events):
            if stay.line.container is not None and window.meets(stay.since, stay.until):
                containers[Lay(item=item, copy=stay.line.copy, where=stay.line.container)] = None
        for event in events:
            if not window.has(event.at):
                continue
            if event.kind is CustodyKind.HANDED_OVER:
                hands.append(Handed(item=item, copy=event.copy, giver=event.by, taker=event.to, at=event.at))
            if event.package is not None:
                packages[Lay(item=item, copy=event.copy, where=event.package)] = None
            number = event.consignment or event.package
            if event.kind in _ONWARD and event.counterpart is not None and number is not None:
                onward.append(WentOn(item=item, to=event.counterpart, number=number, at=event.at))
    return Radius(
        roots=roots,
        derived=derived,
        copies=tuple(copies),
        readers=tuple(readers),
        hands=tuple(hands),
        containers=tuple(containers),
        packages=tuple(packages),
        onward=tuple(onward),
        contractors=tuple(firms),
    )


def extent_of(tx: Tx, item: ItemId, window: Window, *, known: bool = True) -> Extent:
    """The numbers of one item's radius, with what its originator may know by id; of an unknown one, nothing.

    Source: A-35 (readers are counted, never named).
    """
    found = blast_radius(tx, (item,) if known else (), window)
    onward = {OnwardTold(to=one.to, number=one.number): None for one in found.onward}
    return Extent(
        item=item,
        known=known,
        copies=len(found.copies),
        readers=len({one.person for one in found.readers}),
        readings=len(found.readers),
        hand_overs=len(found.hands),
        containers=len({one.where for one in found.containers}),
        packages=len({one.where for one in found.packages}),
        contractors=len({one.contractor for one in found.contractors}),
        derived=tuple(one.item for one in found.derived)[:MAX_NAMED],
        onward=tuple(onward)[:MAX_NAMED],
    )


def stays(events: Sequence[CustodyEvent]) -> Iterator[Stay]:
    """Where each copy of an item was from one event to the next, in the order of the events.

    Raises:
        RegisterError: an event that cannot follow those before it.
    """
    lines: dict[CopyId, tuple[CopyLine, Instant]] = {}
    for event in events:
        known = lines.get(event.copy)
        line = follow(known[0], event) if known else begin(event, originator=event.custodian)
        if known is not None and _where(known[0]) == _where(line):
            lines[event.copy] = line, known[1]
            continue
        if known is not None:
            yield Stay(line=known[0], since=known[1], until=event.at)
        lines[event.copy] = line, event.at
    yield from (Stay(line=line, since=since, until=None) for line, since in lines.values())


def lines_of(tx: Tx, **equals: object) -> list[CopyLine]:
    """Every copy whose columns equal `equals`."""
    found: list[CopyLine] = []
    while True:
        page = tx.lines(CopyLine, limit=PAGE, after=found[-1] if found else None, **equals)
        found += page
        if len(page) < PAGE:
            return found


def _events(tx: Tx, item: ItemId) -> list[CustodyEvent]:
    # In one search: what is met here once would push out what is at hand for others.
    return tx.parts(CustodyEvent, CustodyEvent, item=item)


def _where(line: CopyLine) -> tuple[object, ...]:
    return line.place, line.holder, line.container


def _was_there(line: CopyLine, window: Window) -> bool:
    return window.meets(line.since, line.at if line.place in _ENDED else None)


def _named(tx: Tx, name: str, subject: IncidentSubject) -> Concerned:
    record = tx.latest(ItemRecord, id=name)
    if record is None:
        raise _unknown(f"item `{name}`")
    if subject.copy is None:
        return {record.id: set()}
    if tx.line(CopyLine, item=record.id, copy=subject.copy) is None:
        raise _unknown(f"copy {subject.copy} of `{name}`")
    return {record.id: {subject.copy}}


def _there(tx: Tx, items: Iterable[ItemId], window: Window, at: Callable[[CopyLine], bool], *, seen: Seen) -> Concerned:
    found = Concerned()
    for item in sorted(items):
        seen[item] = _events(tx, item)
        for stay in stays(seen[item]):
            if at(stay.line) and window.meets(stay.since, stay.until):
                found.setdefault(item, set()).add(stay.line.copy)
    return found


def _of_person(tx: Tx, person: str, window: Window, *, seen: Seen) -> Concerned:
    had = {event.item for event in tx.parts(CustodyEvent, CustodyEvent, hand=person)}
    found = _there(tx, had, window, lambda line: line.holder == person, seen=seen)
    for slip in tx.every(ReadingSlip, reader=person):
        if window.has(slip.at):
            found.setdefault(slip.item, set())
    for said in _latest(tx.every(Disclosure)):
        if person in said.heard and window.has(said.at):
            found.setdefault(said.item, set())
    return found


def _packed(tx: Tx, number: str) -> Concerned:
    found = Concerned()
    for package in tx.every(Package, number=number):
        for packed in package.list.packed:
            if tx.latest(ItemRecord, id=packed.item) is not None:
                found.setdefault(packed.item, set())
    for line in lines_of(tx, package=number):
        found.setdefault(line.item, set()).add(line.copy)
    if not found and not tx.count(Package, number=number):
        raise _unknown(f"package `{number}`")
    return found


def _at_facility(tx: Tx, facility: str, window: Window) -> Concerned:
    found = Concerned()
    for line in lines_of(tx, facility=facility):
        left = None if line.place is Place.HELD else line.at
        if window.meets(line.since, left):
            found.setdefault(line.item, set()).add(line.copy)
    return found


def _derived(tx: Tx, roots: Sequence[ItemId], window: Window) -> Iterator[Made]:
    seen, waiting = set(roots), list(roots)
    while waiting:
        for link in tx.every(DerivedFrom, parent=waiting.pop()):
            made = tx.latest(Derivation, item=link.item)
            if link.item in seen or made is None or made.at > window.discovered:
                continue
            seen.add(link.item)
            waiting.append(link.item)
            yield Made(item=made.item, kind=made.kind, parents=made.parents, at=made.at)


def _readers(tx: Tx, item: ItemId, window: Window) -> Iterator[Reached]:
    for slip in tx.every(ReadingSlip, item=item):
        if window.has(slip.at):
            yield Reached(item=item, person=slip.reader, how="read", at=slip.at)
    for link in tx.every(DerivedFrom, parent=item):
        made = tx.latest(Derivation, item=link.item)
        if made is not None and window.has(made.at):
            yield Reached(item=item, person=made.author, how="derived", at=made.at)
    for copied in tx.every(CopyRecord, item=item):
        if window.has(copied.at):
            yield Reached(item=item, person=copied.act.body.copier, how="copied", at=copied.at)
    for said in _latest(tx.every(Disclosure, item=item)):
        if window.has(said.at):
            yield from (Reached(item=item, person=one, how="heard", at=said.at) for one in said.heard)
            if said.speaker is not None:
                yield Reached(item=item, person=said.speaker, how="spoke", at=said.at)


def _latest(said: Iterable[Disclosure]) -> tuple[Disclosure, ...]:
    return tuple({one.number: one for one in said}.values())


def _unknown(what: str) -> LocalError:
    return LocalError(
        "flows/incident-about-nothing",
        f"the register has no {what}",
        remedy="see `item list`, `container list`, `package list`, `person list` or `facility list`",
    )
