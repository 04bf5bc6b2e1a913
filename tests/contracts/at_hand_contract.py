"""What every store owes of short content, and of the ends of logs. `test_store.py` runs it for each."""

import pytest

from contracts.samples import LOG, leaf
from contracts.store_contract import fail
from gsomia.flows.ports import SmallPayload, Store, Tx
from gsomia.ids import sha256_hex


class AtHandContract:
    """Inherited by each store's tests, which give the fixture `store`."""

    def test_short_content_is_seen_in_its_own_unit_and_dropped_there(self, store: Store) -> None:
        small, address = SmallPayload(digest=b"digest", sealed=b"sealed"), sha256_hex(b"digest")

        def unit(tx: Tx) -> list[object]:
            tx.put_small(address, small)
            tx.put_small(address, small)
            seen: list[object] = [tx.small(address), tx.drop_small(address), tx.small(address)]
            tx.put_small(address, small)
            return [*seen, tx.drop_small(address), tx.drop_small(address)]

        assert store.run(unit) == [small, True, None, True, False]

    @pytest.mark.source("DESIGN-5")
    def test_what_was_taken_back_is_not_at_hand_for_a_proof(self, store: Store) -> None:
        store.run(lambda tx: [tx.append(LOG, leaf(number), subject="s") for number in range(3)])
        fail(store, lambda tx: [tx.append(LOG, leaf(number), subject="s") for number in (8, 9)])
        for reading in (lambda tx: tx.leaf(LOG, 3), lambda tx: tx.node_at_hand(LOG, 1, 1)):
            with pytest.raises(KeyError):
                store.run(reading)
        store.run(lambda tx: tx.append(LOG, leaf(3), subject="s"))
        for index in range(4):
            assert store.run(lambda tx, at=index: tx.leaf(LOG, at)) == store.run(  # type: ignore[misc]
                lambda tx, at=index: tx.entries(LOG, start=at, limit=1)[0].leaf  # type: ignore[misc]
            )
        for place in ((0, 3), (1, 0), (1, 1), (2, 0)):
            ours = store.run(lambda tx, at=place: tx.node_at_hand(LOG, *at))  # type: ignore[misc]
            assert ours == store.run(lambda tx, at=place: tx.node(LOG, *at))  # type: ignore[misc]

    @pytest.mark.source("DESIGN-2")
    def test_what_is_at_hand_without_a_turn_is_what_a_unit_finds(self, store: Store) -> None:
        with pytest.raises(KeyError):
            store.leaf_at_hand(LOG, 0)
        store.run(lambda tx: [tx.append(LOG, leaf(number), subject="s") for number in range(3)])

        def goes_wrong(tx: Tx) -> None:
            tx.append(LOG, leaf(8), subject="s")
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            store.run(goes_wrong)
        for place in ((0, 3), (1, 1), (2, 0)):
            with pytest.raises(KeyError):
                store.node_at_hand(LOG, *place)
        store.run(lambda tx: tx.append(LOG, leaf(3), subject="s"))
        assert store.leaf_at_hand(LOG, 3) == store.run(lambda tx: tx.entries(LOG, start=3, limit=1)[0].leaf)
        for place in ((0, 3), (1, 1), (2, 0)):
            assert store.node_at_hand(LOG, *place) == store.run(lambda tx, at=place: tx.node(LOG, *at))  # type: ignore[misc]

    @pytest.mark.source("DESIGN-2")
    def test_a_durable_head_is_that_of_the_units_that_succeeded(self, store: Store) -> None:
        assert store.durable_head(LOG).frontier.size == 0
        store.run(lambda tx: tx.append(LOG, leaf(0), subject="s"))
        fail(store, lambda tx: tx.append(LOG, leaf(1), subject="s"))
        assert store.durable_head(LOG) == store.run(lambda tx: tx.head(LOG))
        assert store.durable_head(LOG).frontier.size == 1
