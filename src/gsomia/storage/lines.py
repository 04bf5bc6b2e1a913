"""Lines: what the records come to, one row a line, replaced when it changes. They can be derived again at any time.

A line's table has its fields as columns. Of the columns that are searched by, the most telling stand first: a search
goes by the first one it is given, whatever the others are. A new kind is a line here and a migration.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType, NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from gsomia.flows.ports import Row
from gsomia.ids import ItemId
from gsomia.instants import Instant
from gsomia.registry import (
    Booking,
    CopyLine,
    CustodyEvent,
    HandOverLine,
    HandOverOffer,
    ItemLine,
    ItemRecord,
    ItemReturn,
    Regraded,
    Remarked,
    ReturnAnswer,
    Waiting,
    WaitingLine,
    WaitState,
    begin,
    follow,
    item_line,
)

L = TypeVar("L")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTable:
    """Where lines of a kind are kept.

    Args:
        name: of the table.
        key: the columns that name one line.
        searched: the columns that have an index, most telling first; that of `counterpart` holds what a balance asks.
        columns: all of them, the fields of the kind.
        back: for each column, how its value becomes the field again.
    """

    name: str
    key: tuple[str, ...]
    searched: tuple[str, ...]
    columns: tuple[str, ...]
    back: tuple[Callable[[Any], Any], ...]


def _table(kind: type, *, name: str, key: tuple[str, ...], searched: tuple[str, ...]) -> LineTable:
    names = tuple(field.name for field in fields(kind))
    hints = get_type_hints(kind)
    return LineTable(
        name=name, key=key, searched=searched, columns=names, back=tuple(_back(hints[name]) for name in names)
    )


def _back(hint: object) -> Callable[[Any], Any]:
    if get_origin(hint) in {Union, UnionType}:
        (inner,) = (one for one in get_args(hint) if one is not NoneType)
        whole = _back(inner)
        return lambda value: None if value is None else whole(value)
    if isinstance(hint, type) and issubclass(hint, StrEnum | Instant):
        return hint
    return lambda value: value


LINES: MappingProxyType[type, LineTable] = MappingProxyType(
    {
        ItemLine: _table(
            ItemLine,
            name="item_line",
            key=("item",),
            searched=(
                "item",
                "control_no",
                "topic",
                "purpose",
                "facility",
                "sender",
                "instrument",
                "own_mark",
                "mark",
                "form",
                "originator",
            ),
        ),
        CopyLine: _table(
            CopyLine,
            name="copy_line",
            key=("item", "copy"),
            searched=(
                "item",
                "package",
                "container",
                "holder",
                "facility",
                "place",
                "counterpart",
                "custodian",
                "originator",
            ),
        ),
        WaitingLine: _table(WaitingLine, name="waiting_line", key=("item", "what", "part"), searched=("item", "state")),
    }
)


def derive(
    events: Iterable[CustodyEvent],
    records: Iterable[ItemRecord],
    bookings: Iterable[Booking],
    regraded: Iterable[Regraded] = (),
) -> Iterator[object]:
    """Every line that the records come to; events of an item that is not among the records come to none.

    Raises:
        RegisterError: an event that cannot follow those before it.
    """
    items = {record.id: record for record in records}  # the last line about an item counts
    booked = {booking.item: booking for booking in bookings}
    levels = {one.item: one for one in regraded}
    copies: dict[tuple[str, str], CopyLine] = {}
    for event in events:
        if event.item not in items:
            continue
        line = copies.get((event.item, event.copy))
        copies[event.item, event.copy] = (
            follow(line, event) if line else begin(event, originator=items[event.item].originator)
        )
    yield from (item_line(record, booked.get(item), levels.get(item)) for item, record in items.items())
    yield from copies.values()


def derive_waiting(
    offers: Iterable[HandOverOffer],
    taken: Iterable[HandOverLine],
    orders: Iterable[Regraded],
    remarked: Iterable[Remarked],
    returns: Iterable[ItemReturn],
    answers: Iterable[ReturnAnswer],
) -> Iterator[WaitingLine]:
    """Every line of what waits, or waited, for a person."""
    given = {(one.item, one.copy): one for one in offers}  # the last offer of a copy counts
    done = {(one.item, one.copy): one for one in taken}
    for (item, copy), offer in given.items():
        last = done.get((item, copy))
        yield _waiting(
            item, Waiting.HAND_OVER, copy, done=last is not None and last.given == offer.given, since=offer.at
        )
    marked: dict[tuple[str, str], set[str]] = {}
    for mark in remarked:
        marked.setdefault((mark.item, mark.notice), set()).add(mark.copy)
    first: dict[tuple[str, str], Regraded] = {}
    for order in orders:
        if order.copies:
            first.setdefault((order.item, order.notice), order)
    for (marked_item, notice), order in first.items():
        left = set(order.copies) - marked.get((marked_item, notice), set())
        yield _waiting(order.item, Waiting.REMARKING, notice, done=not left, since=order.at)
    answered = {answer.returned for answer in answers}
    for one in returns:
        yield _waiting(one.item, Waiting.RETURN, one.digest, done=one.digest in answered, since=one.at)


def _waiting(item: ItemId, what: Waiting, part: str, *, done: bool, since: Instant) -> WaitingLine:
    state = WaitState.DONE if done else WaitState.WAITS
    return WaitingLine(item=item, what=what, part=part, state=state, since=since)


def row_of(line: object) -> Row:
    """A line as its row."""
    return tuple(to_column(getattr(line, name)) for name in LINES[type(line)].columns)


def line_of(kind: type[L], row: Iterable[Any]) -> L:
    """A row as the line it was."""
    table = LINES[kind]
    return kind(**{name: back(value) for name, back, value in zip(table.columns, table.back, row, strict=True)})


def key_of(line: object) -> Row:
    """What names a line among those of its kind."""
    return tuple(to_column(getattr(line, name)) for name in LINES[type(line)].key)


def to_column(value: object) -> str | int | None:
    """A field as SQLite keeps it."""
    match value:
        case Instant():
            return value.epoch_s
        case StrEnum():
            return value.value
        case str() | int() | None:
            return value
        case _:
            msg = f"a line holds no `{type(value).__name__}`"
            raise TypeError(msg)


def wanted(kind: type, equals: Mapping[str, object]) -> dict[str, str | int | None]:
    """The columns to search by, most telling first; what is asked to be None is not searched by.

    Raises:
        TypeError: no kind of line, or a column that has no index.
    """
    if kind not in LINES:
        msg = f"`{kind.__name__}` is no kind of line"
        raise TypeError(msg)
    table = LINES[kind]
    if unknown := equals.keys() - set(table.columns):
        msg = f"`{kind.__name__}` has no columns {sorted(unknown)}"
        raise TypeError(msg)
    if equals and not any(equals.get(name) is not None for name in table.searched):
        msg = f"`{kind.__name__}` is not searched by {sorted(equals)} alone: the register would be read whole"
        raise TypeError(msg)
    order = {name: place for place, name in enumerate(table.searched)}
    names = sorted(equals, key=lambda name: (equals[name] is None, order.get(name, len(order))))
    return {name: to_column(equals[name]) for name in names}
