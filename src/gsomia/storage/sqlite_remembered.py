"""What a node's record answered lately: decoded records, which records a search found, and the ends of its logs.

A record's digest names one value for ever. What a search found stays true until a record is added that it would find
too, and adding tells it so; if a unit is taken back, every answer is forgotten.

Most questions are whether something rare ever happened to an item: of a key column with few values all are kept, so
that what is not among them needs no search. Records are never removed, so a value that is missing was never there.
"""

from collections import OrderedDict
from typing import Any, TypeVar

from gsomia.flows.ports import What

MAX_ANSWERS = 1024
"""Answers kept to one shape of question (kind, keys asked by, what is asked)."""
MAX_REMEMBERED = 4096
"""Decoded records kept at hand."""
MAX_PRESENT = 16_384
"""Values of a key column kept at hand; of a column with more, the database is asked."""
MAX_NODES = 8192
"""Hashes of subtrees kept at hand: proofs are of entries just written, and lead through the same few subtrees."""
MAX_LEAVES = 512
"""Leaves kept at hand, for the same reason."""

R = TypeVar("R")
Values = tuple[str | None, ...]
Shape = tuple[What, tuple[str, ...]]
Found = tuple[int | None, str]
"""Row number and digest of a record; a record that is held back has no row number yet."""
Answers = dict[Values, list[Any]]


class Remembered:
    """Decoded records by digest, the least recently used going first; answers by question."""

    def __init__(self) -> None:
        self._records: OrderedDict[tuple[type, str], Any] = OrderedDict()
        self._answers: dict[type[object], dict[Shape, Answers]] = {}
        self._by_shape: dict[tuple[type[object], What, tuple[str, ...]], Answers] = {}
        """The same answers, found in one step."""
        self._present: dict[type[object], dict[str, set[str | None] | None]] = {}
        """All values of key columns, and perhaps some that were taken back; None of a column with too many."""
        self.nodes: OrderedDict[tuple[int, int, int], bytes] = OrderedDict()
        """Hashes by log, level and index."""
        self.leaves: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        """Leaves by log and index."""

    def get(self, kind: type[R], digest: str) -> R | None:
        """The record, if it is at hand."""
        found: R | None = self._records.get((kind, digest))
        if found is not None:
            self._records.move_to_end((kind, digest))
        return found

    def put(self, kind: type[R], digest: str, record: R) -> None:
        """Keep a record at hand."""
        self._records[kind, digest] = record
        if len(self._records) > MAX_REMEMBERED:
            self._records.popitem(last=False)

    def answers(self, kind: type[object], what: What, keys: tuple[str, ...]) -> Answers | None:
        """What searches of one shape find, by the values asked for; None if it was never asked."""
        return self._by_shape.get((kind, what, keys))

    def is_answered(self, kind: type[object], what: What, keys: tuple[str, ...], values: Values) -> bool:
        """Whether what a search finds is at hand."""
        answers = self._by_shape.get((kind, what, keys))
        return answers is not None and values in answers

    def put_answer(
        self, kind: type[object], what: What, keys: tuple[str, ...], values: Values, found: list[Any]
    ) -> None:
        """Keep what a search found: pairs of `Found`, or one number for a count."""
        answers = self._by_shape.get((kind, what, keys))
        if answers is None:
            answers = self._by_shape[kind, what, keys] = {}
            self._answers.setdefault(kind, {})[what, keys] = answers
        elif len(answers) >= MAX_ANSWERS and values not in answers:
            answers.clear()
        answers[values] = found

    def present(self, kind: type[object], column: str) -> set[str | None] | None:
        """Every value that a key column holds, and perhaps some that were taken back; None if they are too many.

        Raises:
            KeyError: they were not counted yet.
        """
        return self._present[kind][column]

    def put_present(self, kind: type[object], column: str, values: set[str | None]) -> set[str | None] | None:
        """Keep which values a key column holds, unless they are too many; what is kept."""
        kept = values if len(values) <= MAX_PRESENT else None
        self._present.setdefault(kind, {})[column] = kept
        return kept

    def added(self, kind: type[object], columns: tuple[str, ...], values: Values, digest: str) -> None:
        """A record was added: whoever searched for it before finds it too."""
        shapes, present = self._answers.get(kind), self._present.get(kind)
        if not shapes and not present:
            return
        held = dict(zip(columns, values, strict=True))
        for column, known in (present or {}).items():
            if known is not None:
                known.add(held[column])
                self.put_present(kind, column, known)
        for (what, keys), answers in (shapes or {}).items():
            asked = tuple([held[key] for key in keys])
            if what == "latest":  # whoever asks for the first time is told without a search
                self.put_answer(kind, what, keys, asked, [(None, digest)])
            elif (found := answers.get(asked)) is None:
                continue
            elif what == "count":
                found[0] += 1
            else:
                found.append((None, digest))

    def put_node(self, place: tuple[int, int, int], hashed: bytes) -> None:
        """Keep the hash of a subtree at hand."""
        self.nodes[place] = hashed
        self.nodes.move_to_end(place)
        if len(self.nodes) > MAX_NODES:
            self.nodes.popitem(last=False)

    def put_leaf(self, place: tuple[int, int], leaf: bytes) -> None:
        """Keep a leaf at hand."""
        self.leaves[place] = leaf
        if len(self.leaves) > MAX_LEAVES:
            self.leaves.popitem(last=False)

    def forget_answers(self) -> None:
        """A unit was taken back, and what it appended to logs with it."""
        self._answers.clear()
        self._by_shape.clear()
        self.nodes.clear()
        self.leaves.clear()
