"""Two persons: the first is told to wait for another, and who was the first is never the second as well.

Source: G6-7, G13-1, F-05, F-20, F-21.
"""

from gsomia.errors import RefusedError, WaitingError
from gsomia.flows.desk import Actor
from gsomia.ids import PersonId
from gsomia.policy import PROPOSAL_DAYS


def wait_for_second(what: str, *, clause: str) -> WaitingError:
    """What the first of two persons is told: what waits, and who ends it.

    Source: G13-1, F-21.
    """
    return WaitingError(
        "flows/second-person",
        f"{what}; a second person has to confirm it",
        remedy=f"within {PROPOSAL_DAYS} days another officer types the same command",
        clauses=(clause,),
    )


def require_another(actor: Actor, *, first: PersonId, key: bytes, clause: str) -> None:
    """Hold that the second of two persons is another person than the first, with another key.

    Args:
        actor: who would be the second.
        first: who acted first.
        key: the one the first signed with.
        clause: why there are two.

    Raises:
        RefusedError: the same person, or the same key under another name.

    Source: G13-1, F-20, F-21, G6-7.
    """
    if actor.person == first or actor.hand.signer.public == key:
        raise same_person(f"`{actor.person}` was the first and cannot be the second person", clause=clause)


def same_person(message: str, *, clause: str) -> RefusedError:
    """What is told to one who would be both persons."""
    return RefusedError(
        "flows/same-person",
        message,
        remedy="another officer, with a key of their own, confirms it",
        clauses=(clause,),
    )
