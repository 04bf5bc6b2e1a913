"""What a node's record answered lately: decoded records, and which records a search found.

A record's digest names one value for ever. What a search found stays true until a record is added that it would find
too, and adding tells it so; if a unit is taken back, every answer is forgotten.
"""

from collections import OrderedDict
from typing import Any, TypeVar

from gsomia.flows.ports import What

MAX_ANSWERS = 1024
"""Answers kept to one shape of question (kind, keys asked by, what is asked)."""
MAX_REMEMBERED = 4096
"""Decoded records kept at hand."""

R = TypeVar("R")
Values = tuple[str | None, ...]
Shape = tuple[What, tuple[str, ...]]
Found = tuple[int | None, str]
"""Row number and digest of a record; a record that is held back has no row number yet."""


class Remembered:
    """Decoded records by digest, the least recently used going first; answers by question."""

    def __init__(self) -> None:
        self._records: OrderedDict[tuple[type, str], Any] = OrderedDict()
        self._answers: dict[type[object], dict[Shape, dict[Values, list[Any]]]] = {}

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

    def answer(self, kind: type[object], shape: Shape, values: Values) -> list[Any] | None:
        """What a search finds, if it was asked lately: pairs of `Found`, or one number for a count."""
        return self._answers.get(kind, {}).get(shape, {}).get(values)

    def put_answer(self, kind: type[object], shape: Shape, values: Values, found: list[Any]) -> None:
        """Keep what a search found."""
        answers = self._answers.setdefault(kind, {}).setdefault(shape, {})
        if len(answers) >= MAX_ANSWERS:
            answers.clear()
        answers[values] = found

    def added(self, kind: type[object], columns: tuple[str, ...], values: Values, digest: str) -> None:
        """A record was added: whoever searched for it before finds it too."""
        held = dict(zip(columns, values, strict=True))
        for (what, keys), answers in self._answers.get(kind, {}).items():
            found = answers.get(tuple(held[key] for key in keys))
            if found is None:
                continue
            match what:
                case "count":
                    found[0] += 1
                case "every":
                    found.append((None, digest))
                case "latest":
                    found[:] = [(None, digest)]

    def forget_answers(self) -> None:
        """A unit was taken back."""
        self._answers.clear()
