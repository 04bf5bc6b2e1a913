"""Containers: who may open them, the log of their openings, and copies that are locked away or taken out.

1. Somebody opens who is on the list and, at that minute, cleared and rostered for everything that may lie in it.
2. The seals found are compared with those set; if they differ, an incident is marked at once.
3. A container that may hold the top level is opened by two persons.
4. Copies go in and out while it is open, at or below its ceiling; then it is closed and sealed.

Source: F-20, G11-1, G7-2, LEDGER-2.
"""

from dataclasses import dataclass, replace

from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError, WaitingError
from gsomia.flows.custody import copy_line, move_copy
from gsomia.flows.desk import Actor, Desk
from gsomia.flows.facts import person_facts, roster_facts
from gsomia.flows.incidents import mark_incident
from gsomia.flows.ledger import enter
from gsomia.flows.people import require_known, require_office, require_own_key
from gsomia.flows.ports import Tx
from gsomia.flows.second import require_another
from gsomia.ids import CopyId, FacilityId, ItemId, PersonId, RegisterCode
from gsomia.labels import TOP_RANK
from gsomia.parties import Act, Office, sign_act
from gsomia.policy import ContainerFacts, Decision, Verdict, decide_container
from gsomia.registry import (
    CONTAINER,
    OPENING_WAIT_S,
    Booking,
    Container,
    ContainerEntry,
    ContainerLine,
    ContainerWait,
    CopyLine,
    CustodyEvent,
    CustodyKind,
    RegisterError,
    Suspicion,
    Turn,
    seals_intact,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerState:
    """A container, its last line, how many copies lie in it, and who is on its list without being authorised."""

    container: Container
    last: ContainerLine | None
    copies: int
    flagged: dict[PersonId, tuple[str, ...]]


def add_container(
    desk: Desk,
    actor: Actor,
    *,
    container: RegisterCode,
    facility: FacilityId,
    ceiling: str,
    openers: tuple[PersonId, ...],
) -> ContainerState:
    """Enter a container, or say anew who opens it; whoever is listed and not authorised is flagged.

    Raises:
        RegisterError: it stands in another facility already, or would no longer take what lies in it.
        RefusedError: the actor is no security officer.

    Source: G11-1, F-20.
    """
    require_office(desk, actor, Office.SECURITY_OFFICER, clause="G11-1")
    made = Container(
        id=container,
        facility=facility,
        ceiling=desk.policy.classification(ceiling).id,
        openers=tuple(dict.fromkeys(openers)),
        by=actor.person,
        at=desk.clock(),
    )

    def unit(tx: Tx) -> ContainerState:
        require_known(tx, facility=facility, persons=openers)
        known = tx.latest(Container, id=container)
        if known is not None and (known.facility, known.ceiling) != (made.facility, made.ceiling):
            raise RegisterError(
                "registry/container-elsewhere",
                f"container `{container}` stands in `{known.facility}`, up to `{known.ceiling}`",
                remedy="empty it and enter it under another number",
                clauses=("F-20",),
            )
        enter(tx, desk, made, event=Event.CONTAINER_ENTERED, subject=container)
        return container_state(tx, desk, made)

    return desk.store.run(unit)


def open_container(
    desk: Desk, actor: Actor, container: RegisterCode, *, seals: tuple[RegisterCode, ...], remarks: str
) -> ContainerLine:
    """Open a container, as found under `seals`; the second of two persons opens one of the top level.

    Raises:
        WaitingError: the first person has signed.
        RefusedError: the actor may not, or is the same person twice.
        RegisterError: it is open.
    """
    require_own_key(desk, actor)
    entry = _entry(desk, actor, container, Turn.OPENED, seals=seals, remarks=remarks)

    def unit(tx: Tx) -> ContainerLine | None:
        known, last = _known(tx, container), tx.latest(ContainerLine, container=container)
        _require_authorised(tx, desk, known, actor.person)
        if last is not None and last.turn is Turn.OPENED:
            raise RegisterError(
                "registry/container-open", f"container `{container}` is open", remedy="close it", clauses=("F-20",)
            )
        first = None
        if _rank(desk, known) >= TOP_RANK:
            first = _first_person(tx, desk, container)
            if first is None:
                wait = ContainerWait(container=container, by=actor.person, entry=entry, at=entry.body.at)
                enter(tx, desk, wait, event=Event.CONTAINER_AWAITED, subject=container)
                return None
            _require_authorised(tx, desk, known, first.by)
            require_another(actor, first=first.by, key=first.entry.by.key, clause="F-20")
        set_before = last.entries[-1].body.seals if last else None
        intact = None if set_before is None else seals_intact(found=seals, set_before=set_before)
        line = ContainerLine(
            container=container,
            turn=Turn.OPENED,
            by=first.by if first else actor.person,
            second=actor.person if first else None,
            entries=(first.entry, entry) if first else (entry,),
            intact=intact,
            at=entry.body.at,
        )
        enter(tx, desk, line, event=Event.CONTAINER_OPENED, subject=container)
        if intact is False:
            mark_incident(tx, desk, container, what=Suspicion.SEALS_DIFFER, by=actor.person)
        return line

    line = desk.store.run(unit)
    if line is None:
        raise WaitingError(
            "flows/second-opener",
            f"container `{container}` may hold the top level: a second person opens it too",
            remedy=f"within {OPENING_WAIT_S // 60} minutes another one on its list types the same command",
            clauses=("F-20", "G11-1"),
        )
    return line


def close_container(
    desk: Desk, actor: Actor, container: RegisterCode, *, seals: tuple[RegisterCode, ...], remarks: str
) -> ContainerLine:
    """Close a container under new seals.

    Raises:
        RegisterError: it is not open, or no seal is named.
    """
    require_own_key(desk, actor)
    if not seals:
        raise RegisterError("registry/no-seals", "a container is closed under seals", remedy="name them: `--seal`")
    entry = _entry(desk, actor, container, Turn.CLOSED, seals=seals, remarks=remarks)

    def unit(tx: Tx) -> ContainerLine:
        known = _known(tx, container)
        _require_authorised(tx, desk, known, actor.person)
        _require_open(tx, container)
        line = ContainerLine(
            container=container,
            turn=Turn.CLOSED,
            by=actor.person,
            second=None,
            entries=(entry,),
            intact=None,
            at=entry.body.at,
        )
        enter(tx, desk, line, event=Event.CONTAINER_CLOSED, subject=container)
        return line

    return desk.store.run(unit)


def store_copy(desk: Desk, actor: Actor, item: ItemId, *, copy: CopyId, container: RegisterCode) -> CopyLine:
    """Lock a copy away in an open container.

    Raises:
        RefusedError: the actor may not reach what lies there, or the item lies above the container's ceiling.
        RegisterError: it is closed, or the copy is not in the actor's hand.

    Source: G11-1, F-20.
    """

    def unit(tx: Tx) -> CopyLine:
        known = _reach(tx, desk, actor, container)
        booking = tx.latest(Booking, item=item)
        if booking is None or booking.rank > _rank(desk, known):
            raise RefusedError(
                "flows/above-container-ceiling",
                f"`{item}` does not go into container `{container}`, whose ceiling is `{known.ceiling}`",
                remedy="book it first, or choose a container for its level",
                clauses=("G11-1",),
            )
        event = _event(desk, actor, CustodyKind.STORED, item, copy, container)
        return move_copy(tx, desk, replace(event, facility=known.facility))

    require_own_key(desk, actor)
    return desk.store.run(unit)


def take_out_copy(desk: Desk, actor: Actor, item: ItemId, *, copy: CopyId) -> CopyLine:
    """Take a copy out of the open container in which it lies; it is in the actor's hand then.

    Raises:
        RefusedError: the actor may not reach what lies there.
        RegisterError: it is closed, or the copy lies in none.
    """

    def unit(tx: Tx) -> CopyLine:
        line = copy_line(tx, item, copy)
        if line.container is None:
            raise RegisterError(
                "registry/not-in-container",
                f"copy {copy} of `{item}` lies in no container",
                remedy="see `item show`",
                clauses=("F-20",),
            )
        _reach(tx, desk, actor, line.container)
        return move_copy(tx, desk, _event(desk, actor, CustodyKind.TAKEN_OUT, item, copy, line.container))

    require_own_key(desk, actor)
    return desk.store.run(unit)


def list_containers(desk: Desk) -> list[ContainerState]:
    """Every container as it stands, with whoever is on its list and not authorised."""

    def read(tx: Tx) -> list[ContainerState]:
        latest = {one.id: one for one in tx.every(Container)}
        return [container_state(tx, desk, one) for one in latest.values()]

    return desk.store.run(read)


def container_state(tx: Tx, desk: Desk, container: Container) -> ContainerState:
    """A container as it stands.

    Source: G11-1 (a list with somebody unauthorised on it is flagged).
    """
    decided = {person: _decide(tx, desk, container, person) for person in container.openers}
    return ContainerState(
        container=container,
        last=tx.latest(ContainerLine, container=container.id),
        copies=sum(tx.tally(CopyLine, by=("place",), container=container.id).values()),
        flagged={
            person: tuple(reason.code for reason in decision.reasons)
            for person, decision in decided.items()
            if decision.verdict is not Verdict.PERMIT
        },
    )


def _entry(
    desk: Desk, actor: Actor, container: RegisterCode, turn: Turn, *, seals: tuple[RegisterCode, ...], remarks: str
) -> Act[ContainerEntry]:
    body = ContainerEntry(container=container, turn=turn, seals=seals, remarks=remarks, at=desk.clock())
    return sign_act(body, kind=CONTAINER, hand=actor.hand)


def _known(tx: Tx, container: RegisterCode) -> Container:
    known = tx.latest(Container, id=container)
    if known is None:
        raise LocalError(
            "flows/unknown-container", f"there is no container `{container}`", remedy="see `gsomia container list`"
        )
    return known


def _reach(tx: Tx, desk: Desk, actor: Actor, container: RegisterCode) -> Container:
    known = _known(tx, container)
    _require_authorised(tx, desk, known, actor.person)
    _require_open(tx, container)
    return known


def _require_open(tx: Tx, container: RegisterCode) -> None:
    last = tx.latest(ContainerLine, container=container)
    if last is None or last.turn is not Turn.OPENED:
        raise RegisterError(
            "registry/container-closed",
            f"container `{container}` is closed",
            remedy="open it first: `container open`",
            clauses=("F-20",),
        )


def _require_authorised(tx: Tx, desk: Desk, container: Container, person: PersonId) -> None:
    decision = _decide(tx, desk, container, person)
    if decision.verdict is not Verdict.PERMIT:
        first = decision.reasons[0]
        raise RefusedError(
            f"policy/{first.code}",
            "; ".join(reason.text for reason in decision.reasons),
            remedy="see `gsomia container list`",
            clauses=tuple(dict.fromkeys(("G11-1", *(reason.clause for reason in decision.reasons)))),
        )


def _decide(tx: Tx, desk: Desk, container: Container, person: PersonId) -> Decision:
    facts = ContainerFacts(
        now=desk.clock(),
        us=desk.party,
        container=container.id,
        facility=container.facility,
        ceiling=container.ceiling,
        rank=_rank(desk, container),
        listed=person in container.openers,
        person=person_facts(tx, person),
        roster=roster_facts(tx, desk, person),
    )
    return decide_container(facts)


def _rank(desk: Desk, container: Container) -> int:
    return desk.policy.classification(container.ceiling).rank


def _first_person(tx: Tx, desk: Desk, container: RegisterCode) -> ContainerWait | None:
    wait = tx.latest(ContainerWait, container=container)
    if wait is None or desk.clock() > wait.at.plus(seconds=OPENING_WAIT_S):
        return None
    last = tx.latest(ContainerLine, container=container, turn=Turn.OPENED)
    return None if last is not None and wait.entry in last.entries else wait  # a signature opens once


def _event(
    desk: Desk, actor: Actor, kind: CustodyKind, item: ItemId, copy: CopyId, container: RegisterCode
) -> CustodyEvent:
    return CustodyEvent(
        item=item,
        copy=copy,
        kind=kind,
        custodian=desk.party,
        by=actor.person,
        container=container,
        at=desk.clock(),
    )
