"""Dealings between the two sides: each figure is measured in a module of its own, and gathered here."""

from bench import worklist
from bench.measure import Result

PARTS = (worklist.run,)
"""One function for each figure, or few of them."""


def run() -> Result:
    result = Result()
    for part in PARTS:
        found = part()
        result.figures |= found.figures
        result.spread |= found.spread
        result.samples |= found.samples
    return result
