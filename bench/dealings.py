"""How fast the dealings between two sides are: each figure in a module of its own."""

from bench import inventory
from bench.measure import Result

PARTS = (inventory.run,)


def run() -> Result:
    """Every figure."""
    result = Result()
    for part in PARTS:
        one = part()
        result.figures |= one.figures
        result.spread |= one.spread
        result.samples |= one.samples
    return result
