"""Whom an incident is told, and by which ids they know the items.

A derived item came from nobody: it is told to those who gave what it was derived from, to the first generation.

Source: G17-1, TR-12, A-35, LEDGER-6.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gsomia.exchange import IncidentCase
from gsomia.flows.facts import get_item
from gsomia.flows.ports import Tx
from gsomia.flows.relay_records import RelayArrival
from gsomia.ids import ItemId, PartyCode
from gsomia.registry import Derivation, ItemRecord

MAX_ROOTS = 64
"""So many items that a derived one goes back to are named in a report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """A party that is told of an incident, about which items; through a hub if no line joins us, over which item."""

    party: PartyCode
    items: tuple[ItemId, ...]
    hub: PartyCode | None = None
    over: ItemId | None = None


def addressees(tx: Tx, us: PartyCode, case: IncidentCase) -> tuple[Addressee, ...]:
    """Whom an incident is told: the originator of each item, and the hub by which it came.

    Source: G17-1, TR-12.
    """
    direct: dict[PartyCode, list[ItemId]] = {}
    carried: dict[PartyCode, tuple[PartyCode, list[ItemId]]] = {}
    for item in case.items:
        originator = get_item(tx, item).originator
        if originator == us:
            continue
        for sender in dict.fromkeys(map(_sender, roots_of(tx, item))):
            direct.setdefault(sender, []).append(item)
            if sender != originator:
                carried.setdefault(originator, (sender, []))[1].append(item)
    if not case.items and case.party is not None and case.party != us:
        direct[case.party] = []
    found = [Addressee(party=party, items=tuple(items)) for party, items in sorted(direct.items())]
    for originator, (hub, items) in sorted(carried.items()):
        if originator in direct:
            found = [_joined(one, items) if one.party == originator else one for one in found]
        else:
            over = next((one for item in items for one in _carried_as(tx, item)), items[0])
            found.append(Addressee(party=originator, items=tuple(items), hub=hub, over=over))
    return tuple(found)


def roots_of(tx: Tx, item: ItemId) -> tuple[ItemRecord, ...]:
    """What an item goes back to, of the originator that it has itself; an item that came as it is, to itself."""
    originator = get_item(tx, item).originator
    roots: list[ItemRecord] = []
    seen, waiting = {item}, [item]
    while waiting:
        one = waiting.pop()
        derivation = tx.latest(Derivation, item=one)
        if derivation is None:
            roots.append(get_item(tx, one))
        parents = derivation.parents if derivation else ()
        waiting += [parent for parent in parents if parent not in seen]
        seen.update(parents)
    return tuple(sorted((one for one in roots if one.originator == originator), key=lambda one: one.id))


def known_as(tx: Tx, item: ItemId, *, to: PartyCode) -> tuple[ItemId, ...]:
    """By which ids an addressee knows what a derived item goes back to; of another sender's, a hub is told none.

    Source: A-35.
    """
    roots = [one for one in roots_of(tx, item) if one.id != item and to in {one.originator, _sender(one)}]
    return tuple(one.id for one in roots)[:MAX_ROOTS]


def _sender(record: ItemRecord) -> PartyCode:
    return record.origin.sender if record.origin else record.originator


def _joined(one: Addressee, items: Iterable[ItemId]) -> Addressee:
    return Addressee(party=one.party, items=tuple(dict.fromkeys((*one.items, *items))))


def _carried_as(tx: Tx, item: ItemId) -> list[ItemId]:
    """What the hub carried: the item, or what it was derived from."""
    return [one.id for one in roots_of(tx, item) if tx.latest(RelayArrival, item=one.id)]
