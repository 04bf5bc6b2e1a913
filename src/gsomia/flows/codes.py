"""The codes under which items are entered: what both sides know, and what has a register of its own.

Source: G11-2.
"""

from gsomia import canon
from gsomia.agreements import Purpose
from gsomia.errors import LocalError
from gsomia.ids import Topic
from gsomia.registry import RegisterError

KEYING = frozenset({"CCI", "COMSEC", "CRYPTO", "KEYMAT", "KEYS"})
"""Words of a topic code that say that an item is keying material or equipment for it (G11-2)."""


def check_codes(topic: str, purpose: str) -> None:
    """Refuse what is no code, and keying material.

    Raises:
        LocalError: a word that is no code.
        RegisterError: keying material, which has a register of its own.

    Source: G11-2.
    """
    try:
        canon.check(topic, Topic)
        canon.check(purpose, Purpose)
    except canon.CanonError as cause:
        raise LocalError(
            "flows/not-a-code",
            "topic and purpose are codes both sides know",
            remedy="3 to 64 capital letters, digits and hyphens, for example DPRK-MISSILE",
        ) from cause
    if not KEYING.isdisjoint(topic.split("-")):
        raise RegisterError(
            "registry/keying-material",
            "keying material is not entered with documents",
            remedy="it has a register of its own, kept by the crypto custodian outside this node",
            clauses=("G11-2",),
        )
