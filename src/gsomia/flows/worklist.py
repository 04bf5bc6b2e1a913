"""The worklist of a day: what every rule with a clock has open, from the rules themselves.

A source is a function of a unit, a desk and an instant. A new one stands beside the flow whose clock it shows, or in
the module of its topic, and in that module's `SOURCES`; the clock itself stands in `policy/clocks.py`.

Source: registry 7.2 (08:15), A-12.
"""

from collections.abc import Callable, Iterable

from gsomia.flows import duties_dealings, duties_incidents, duties_people, duties_register, duties_watch
from gsomia.flows.desk import Desk
from gsomia.flows.people import person_at
from gsomia.flows.ports import Tx
from gsomia.ids import FacilityId, PersonId
from gsomia.instants import Instant
from gsomia.parties import Office
from gsomia.policy import Asker, Duty, worklist

Source = Callable[[Tx, Desk, Instant], Iterable[Duty]]
SOURCES: tuple[Source, ...] = (
    *duties_register.SOURCES,
    *duties_people.SOURCES,
    *duties_dealings.SOURCES,
    *duties_watch.SOURCES,
    *duties_incidents.SOURCES,
)
"""Everything that may be due at a node."""


def duties_at(tx: Tx, desk: Desk, now: Instant) -> list[Duty]:
    """Every duty, also those whose deadline is too far away to be listed."""
    return [duty for source in SOURCES for duty in source(tx, desk, now)]


def list_worklist(
    desk: Desk,
    *,
    now: Instant,
    offices: frozenset[Office] | None = None,
    person: PersonId | None = None,
    facility: FacilityId | None = None,
) -> list[Duty]:
    """What is due at an instant, nearest deadline first; a later instant shows what will be due if nobody acts.

    Args:
        desk: ours.
        now: the instant.
        offices: only what one of these may do; with `person`, those of the person if left out.
        person: only what this person may do.
        facility: only what is to be done there, or anywhere.

    Raises:
        LocalError: there is no such person.

    Source: registry 7.2, A-12.
    """

    def unit(tx: Tx) -> list[Duty]:
        held = offices
        if person is not None and held is None:
            held = frozenset(person_at(tx, person).offices)
        wanted = Asker(offices=held, person=person, facility=facility)
        return worklist(duties_at(tx, desk, now), now=now, wanted=wanted)

    return desk.store.run(unit)
