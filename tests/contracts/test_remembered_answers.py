"""Whatever is added, taken back and asked in between: the database answers as the plain store does.

What the database keeps in memory is made so small that answers and records are forgotten all the time.
"""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contracts.samples import JPN, USA, refusal
from gsomia.flows.ports import Tx
from gsomia.flows.records import RefusalRecord
from gsomia.storage import MemoryStore, SqliteStore, sqlite_remembered

SUBJECTS = st.sampled_from([f"subject-{number}" for number in range(3)])
CODES = st.sampled_from(["a/one", "a/other"])
PARTIES = st.sampled_from([JPN, USA])
KEYS: st.SearchStrategy[dict[str, str]] = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"subject": SUBJECTS}, optional={"code": CODES, "party": PARTIES}),
    st.fixed_dictionaries({"code": CODES}, optional={"party": PARTIES}),
)
ADDED = st.builds(
    lambda number, code, party: replace(refusal(number, party=party), code=code), st.integers(0, 2), CODES, PARTIES
)


def asked(tx: Tx, keys: dict[str, str]) -> tuple[object, ...]:
    return tx.latest(RefusalRecord, **keys), tx.every(RefusalRecord, **keys), tx.count(RefusalRecord, **keys)


def take_back() -> NoReturn:
    msg = "taken back"
    raise LookupError(msg)


class Twins(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(sqlite_remembered, "MAX_REMEMBERED", 2)
        self.patch.setattr(sqlite_remembered, "MAX_ANSWERS", 2)
        self.patch.setattr(sqlite_remembered, "MAX_PRESENT", 2)
        self.directory = tempfile.TemporaryDirectory()
        self.plain, self.database = MemoryStore(), SqliteStore(Path(self.directory.name) / "node.db")

    def both(self, unit: Callable[[Tx], object]) -> None:
        assert self.database.run(unit) == self.plain.run(unit)

    @rule(records=st.lists(ADDED, min_size=1, max_size=4), keys=KEYS)
    def add_and_ask_in_one_unit(self, records: list[RefusalRecord], keys: dict[str, str]) -> None:
        def unit(tx: Tx) -> object:
            for record in records:
                tx.add(record)
            return asked(tx, keys)

        self.both(unit)

    @rule(record=ADDED, keys=KEYS)
    def add_ask_and_take_back(self, record: RefusalRecord, keys: dict[str, str]) -> None:
        def unit(tx: Tx) -> object:
            tx.add(record)
            asked(tx, keys)
            take_back()

        for store in (self.plain, self.database):
            with pytest.raises(LookupError):
                store.run(unit)

    @rule(keys=KEYS)
    def ask(self, keys: dict[str, str]) -> None:
        self.both(lambda tx: asked(tx, keys))

    @invariant()
    def as_many_on_both_sides(self) -> None:
        if hasattr(self, "database"):
            self.both(lambda tx: tx.count(RefusalRecord))

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            self.directory.cleanup()
            self.patch.undo()


TestTwins = Twins.TestCase
TestTwins.settings = settings(TestTwins.settings, max_examples=30, stateful_step_count=20)


@pytest.mark.parametrize("search", ["latest", "every", "count"])
def test_a_key_that_only_narrows_a_search_down_is_never_searched_by_alone(tmp_path: Path, search: str) -> None:
    for store in (MemoryStore(), SqliteStore(tmp_path / "node.db")):
        store.run(lambda tx: tx.add(refusal(1, party=JPN)))
        assert store.run(lambda tx: tx.count(RefusalRecord, subject="subject-1", party=JPN)) == 1
        with pytest.raises(TypeError, match="no index"):
            store.run(lambda tx: getattr(tx, search)(RefusalRecord, party=JPN))
        store.close()
