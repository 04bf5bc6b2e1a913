"""Search the register by any field of the ledger; a search costs what its answer is long.

Source: G6-7 (where is it, who holds it, which copies, since when), F-01.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gsomia.errors import LocalError
from gsomia.flows.desk import Desk
from gsomia.flows.ports import Tx
from gsomia.registry import CopyLine, ItemLine

OF_ITEM = (
    "control_no",
    "originator",
    "sender",
    "instrument",
    "mark",
    "own_mark",
    "form",
    "topic",
    "purpose",
)
OF_COPY = ("copy", "place", "custodian", "facility", "holder", "container", "package", "counterpart")
PAGE = 500
MOST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An item with those of its copies that match."""

    item: ItemLine
    copies: tuple[CopyLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found, by item; `more` if there is more than was asked for."""

    found: tuple[Found, ...]
    more: bool


def search_register(desk: Desk, wanted: Mapping[str, str], *, limit: int) -> Answer:
    """Items and copies whose fields equal `wanted`.

    Args:
        desk: ours.
        wanted: fields of `OF_ITEM` and `OF_COPY`.
        limit: so many items at most.

    Raises:
        LocalError: no field, an unknown one, or a limit out of range.
    """
    if not wanted or wanted.keys() - {*OF_ITEM, *OF_COPY} or not 0 < limit <= MOST:
        raise LocalError(
            "flows/search-by",
            "a search names at least one field of the ledger, and at most a thousand items",
            remedy=f"by one of {', '.join((*OF_ITEM, *OF_COPY))}",
        )
    of_item = {name: value for name, value in wanted.items() if name in OF_ITEM}
    of_copy = {name: value for name, value in wanted.items() if name in OF_COPY}

    def read(tx: Tx) -> Answer:
        found: list[Found] = []
        for one in _by_copy(tx, of_copy, of_item) if of_copy else _by_item(tx, of_item):
            if len(found) == limit:
                return Answer(found=tuple(found), more=True)
            found.append(one)
        return Answer(found=tuple(found), more=False)

    return desk.store.run(read)


def _by_item(tx: Tx, of_item: Mapping[str, str]) -> Iterator[Found]:
    last: ItemLine | None = None
    while page := tx.lines(ItemLine, limit=PAGE, after=last, **of_item):
        for line in page:
            yield Found(item=line, copies=tuple(tx.lines(CopyLine, limit=MOST, item=line.item)))
        last = page[-1]


def _by_copy(tx: Tx, of_copy: Mapping[str, str], of_item: Mapping[str, str]) -> Iterator[Found]:
    last: CopyLine | None = None
    item: ItemLine | None = None
    held: list[CopyLine] = []
    while page := tx.lines(CopyLine, limit=PAGE, after=last, **of_copy):
        for line in page:
            if item is None or item.item != line.item:
                if item is not None and held:
                    yield Found(item=item, copies=tuple(held))
                item, held = tx.line(ItemLine, item=line.item), []
            if item is not None and all(str(getattr(item, name)) == value for name, value in of_item.items()):
                held.append(line)
        last = page[-1]
    if item is not None and held:
        yield Found(item=item, copies=tuple(held))
