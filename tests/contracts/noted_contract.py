"""What every store owes who asks whether an earlier unit would read the same. `test_store.py` runs it for each."""

import itertools
from collections.abc import Callable
from functools import partial

import msgspec
import pytest

from contracts.samples import JPN, LOG, NOW, consignment, item, stage
from gsomia.exchange import DeliveryStage
from gsomia.flows.ports import Noted, Store, Tx
from gsomia.ids import sha256_hex
from gsomia.registry import CopyLine, Place


class ItemPart(msgspec.Struct, frozen=True):
    item: str


def put(store: Store, *numbers: int) -> None:
    for number in numbers:
        store.run(lambda tx, number=number: tx.add(stage(number)))  # type: ignore[misc]


def asked(tx: Tx, *, ask: Callable[[Tx], object]) -> tuple[object, Noted | None]:
    tx.note()
    return ask(tx), tx.noted()


ASKS: dict[str, Callable[[Tx], object]] = {
    "all": lambda tx: tx.every(DeliveryStage),
    "how many": lambda tx: tx.count(DeliveryStage),
    "last": lambda tx: tx.latest(DeliveryStage, consignment=consignment(2)),
    "one": lambda tx: tx.every(DeliveryStage, consignment=consignment(1)),
}
BEYOND: list[Callable[[Tx], object]] = [
    lambda tx: tx.lines(CopyLine, limit=1, place=Place.HELD),
    lambda tx: tx.line(CopyLine, item=item(1), copy="1"),
    lambda tx: tx.head(LOG),
    lambda tx: tx.origins(),
    lambda tx: tx.find(LOG, subject="one"),
    lambda tx: tx.due(JPN, now=NOW, limit=1),
    lambda tx: tx.small(sha256_hex(b"content")),
    lambda tx: tx.parts(DeliveryStage, ItemPart),
    lambda tx: tx.newest(DeliveryStage, limit=1),
]


class NotedContract:
    """Inherited by each store's tests, which give the fixture `store`."""

    @pytest.mark.parametrize(("ask", "between"), list(itertools.product(sorted(ASKS), [(), (1,), (2,), (3,), (3, 1)])))
    def test_what_was_noted_is_so_still_until_a_question_has_another_answer(
        self, store: Store, ask: str, between: tuple[int, ...]
    ) -> None:
        put(store, 1, 2)
        first, noted = store.run(partial(asked, ask=ASKS[ask]))
        put(store, *between)
        again, _ = store.run(partial(asked, ask=ASKS[ask]))
        assert store.run(lambda tx: tx.still(noted)) is (again == first)

    @pytest.mark.parametrize("ask", BEYOND)
    def test_a_unit_that_read_more_than_records_tell_again_is_not_said_to_be_so_still(
        self, store: Store, ask: Callable[[Tx], object]
    ) -> None:
        _, noted = store.run(partial(asked, ask=ask))
        assert noted is None
        assert not store.run(lambda tx: tx.still(noted))

    def test_nothing_is_noted_before_it_is_asked_for(self, store: Store) -> None:
        assert store.run(lambda tx: (tx.count(DeliveryStage), tx.noted())[1]) is None
