"""The spot check: a few copies drawn at random, so that anyone can draw them again from what is stored.

1. The seed is entered before the list is taken: whoever asks for a check knows no sample yet.
2. The whole list stands in the record. Seed, list and size give the sample; the sample itself is stored nowhere.
3. A seed that was entered is used by the next check of that facility, so nobody draws until the sample pleases.

    >>> draw_sample(["a", "b", "c"], seed=b"1" * 32, size=2) == draw_sample(["c", "b", "a"], seed=b"1" * 32, size=2)
    True

Source: F-21 (the random draw is stored).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from gsomia.ids import FacilityId, PersonId, RegisterCode, sha256_hex
from gsomia.instants import Instant

SPOT_COPIES = 10
"""House rule (A-12): so many control numbers a day."""
MOST_DRAWN = 1_000
_DOMAIN = b"gsomia spot check\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotDraw:
    """What a spot check draws with, entered before what it draws from is known.

    Args:
        muster: the check that uses it.
        facility: where.
        size: how many copies; all of them if fewer are there.
        seed: fresh random bytes.
        by: who asked.
        at: when.
    """

    muster: RegisterCode
    facility: FacilityId
    size: Annotated[int, Meta(ge=1, le=MOST_DRAWN)]
    seed: Annotated[bytes, Meta(min_length=32, max_length=32)]
    by: PersonId
    at: Instant


def draw_sample(names: Iterable[str], *, seed: bytes, size: int) -> frozenset[str]:
    """Those `size` names whose SHA-256 over seed and name comes first: the same from the same list, in any order.

    Source: F-21.
    """
    return frozenset(sorted(names, key=lambda name: sha256_hex(_DOMAIN + seed + name.encode()))[:size])
