"""Rounds, medians and spread."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Result:
    """What a benchmark found."""

    figures: dict[str, float] = field(default_factory=dict)
    spread: dict[str, tuple[float, float]] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    samples: dict[str, Any] = field(default_factory=dict)

    def rounds(self, key: str, values: Iterable[float]) -> None:
        """The median of several rounds, with their range."""
        found = sorted(values)
        self.figures[key] = rounded(statistics.median(found))
        self.spread[key] = (rounded(found[0]), rounded(found[-1]))
        self.samples[key] = found


def rounded(value: float) -> float:
    """Three significant digits are what a shared machine gives."""
    return float(f"{value:.3g}")
