"""Log epochs: a log that must not be continued ends, and the next one names where it ended.

The first epoch of a log has the log's own name; later ones add their number, so that nothing that names the first one
changes: `gsomia/kor/shared/jpn`, then `gsomia/kor/shared/jpn/2`. An epoch is opened by a signed statement naming the
last head of the old one that the partner cosigned. Nobody believes the old one past that head, so there is no fork.

    >>> epoch_origin("gsomia/kor/shared/jpn", 1), epoch_origin("gsomia/kor/shared/jpn", 2)
    ('gsomia/kor/shared/jpn', 'gsomia/kor/shared/jpn/2')
    >>> epoch_number("gsomia/kor/shared/jpn/2", "gsomia/kor/shared/jpn")
    2
    >>> epoch_number("gsomia/kor/shared/jpn", "gsomia/kor/private") is None
    True

Source: design 2 (two persons may open a new log epoch that names the break), design 5 (link-up, restored node).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from gsomia.audit.merkle import EMPTY_ROOT
from gsomia.ids import Count, HexDigest, PartyCode, hex_digest
from gsomia.instants import Instant

LOG_EPOCH = "log-epoch"

_NUMBER = re.compile(r"[2-9]|[1-9][0-9]{1,8}")


class EpochReason(StrEnum):
    """Why a log was not continued."""

    RESTORED = "restored"
    BEHIND = "behind"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEpoch:
    """A log goes on under a new epoch.

    Args:
        party: whose log.
        to: the partner it is shared with; None for the private log.
        log: the name of its first epoch.
        epoch: the number of the new epoch, 2 or more.
        closed_size: the last head of the old epoch that the partner cosigned; 0 if it cosigned none.
        closed_root: its root.
        held_size: how much of the old epoch the party holds itself.
        held_root: its root, or that of no entries if it cannot be computed.
        reason: why.
        at: when.
    """

    party: PartyCode
    to: PartyCode | None
    log: Annotated[str, Meta(max_length=120)]
    epoch: Annotated[int, Meta(ge=2, le=999_999_999)]
    closed_size: Count
    closed_root: HexDigest
    held_size: Count
    held_root: HexDigest
    reason: EpochReason
    at: Instant


NO_ROOT: HexDigest = hex_digest(EMPTY_ROOT)
"""The root of a log without entries."""


def epoch_origin(log: str, epoch: int) -> str:
    """The name of an epoch of a log."""
    return log if epoch == 1 else f"{log}/{epoch}"


def epoch_number(origin: str, log: str) -> int | None:
    """Which epoch of `log` the name `origin` is, or None if it is of another log."""
    if origin == log:
        return 1
    number = origin.removeprefix(log + "/")
    return int(number) if number != origin and _NUMBER.fullmatch(number) else None
