"""What every keeper of storage keys owes the flows. `test_storage_keys.py` runs it for each."""

from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest

from contracts.samples import item
from gsomia.errors import IntegrityError
from gsomia.flows.ports import StorageKeys
from gsomia.ids import ItemId


class StorageKeysContract:
    """Inherited by each keeper's tests, which give the fixture `keys`."""

    def test_a_key_is_32_bytes_fresh_for_each_item_and_found_again(self, keys: StorageKeys) -> None:
        first, second = keys.create(item(1)), keys.create(item(2))
        assert (len(first), len({first, second})) == (32, 2)
        assert (keys.get(item(1)), keys.get(item(2))) == (first, second)

    def test_an_item_without_a_key_is_gone_for_good(self, keys: StorageKeys) -> None:
        with pytest.raises(IntegrityError) as caught:
            keys.get(item(1))
        assert caught.value.code == "storage/no-storage-key"

    def test_an_item_that_has_a_key_keeps_it(self, keys: StorageKeys) -> None:
        assert keys.create(item(1)) == keys.create(item(1)) == keys.get(item(1))

    def test_several_get_their_keys_together_and_what_has_one_keeps_it(self, keys: StorageKeys) -> None:
        kept = keys.create(item(2))
        made = keys.create_all([item(1), item(2), item(3), item(1)])
        assert (made[1], made[3], len(set(made))) == (kept, made[0], 3)
        assert made == [keys.get(item(number)) for number in (1, 2, 3, 1)]
        assert keys.create_all([]) == []

    def test_a_destroyed_key_is_gone_and_the_others_are_not(self, keys: StorageKeys) -> None:
        kept = keys.create(item(1))
        keys.create(item(2))
        keys.destroy(item(2))
        keys.destroy(item(2))
        assert (keys.has(item(1)), keys.has(item(2)), keys.get(item(1))) == (True, False, kept)
        with pytest.raises(IntegrityError):
            keys.get(item(2))

    def test_something_that_is_no_item_id_is_a_mistake(self, keys: StorageKeys) -> None:
        with pytest.raises(ValueError, match="item id"):
            keys.create(cast("ItemId", "itm_short"))

    def test_many_threads_get_each_their_own_key_and_the_same_item_one(self, keys: StorageKeys) -> None:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda n: (n // 2, keys.create(item(n // 2))), range(100)))
        assert len({key for _, key in found}) == 50
        assert all(keys.get(item(number)) == key for number, key in found)

    def test_it_shows_no_key(self, keys: StorageKeys) -> None:
        key = keys.create(item(1))
        assert key.hex() not in repr(keys)
        assert repr(key) not in repr(keys)
