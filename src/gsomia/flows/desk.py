"""The desk a flow works at: who we are, and the ports to everything outside the core."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from gsomia.errors import LocalError
from gsomia.flows.journals import SpareJournal
from gsomia.flows.ports import (
    Checkpoints,
    Keyring,
    NodeKeys,
    Ordered,
    Payloads,
    StorageKeys,
    Store,
)
from gsomia.ids import Entropy, PartyCode, PersonId
from gsomia.instants import Instant
from gsomia.labels import Policy
from gsomia.parties import Hand, HybridKey

A = TypeVar("A")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """What is only there when the node's passphrase was given."""

    keyring: Keyring
    storage_keys: StorageKeys
    checkpoints: Checkpoints
    spare: SpareJournal

    @property
    def keys(self) -> NodeKeys:
        """The set of keys in use; it may be another one a moment later."""
        return self.keyring.current

    @property
    def log_keys(self) -> tuple[HybridKey, ...]:
        """Every key that is or was ours to sign checkpoints with, newest first."""
        return tuple(keys.log.public for keys in reversed(self.keyring.every()))

    @property
    def statement_keys(self) -> tuple[HybridKey, ...]:
        """Every key that is or was ours to sign statements with, newest first."""
        return tuple(keys.statement.public for keys in reversed(self.keyring.every()))


def in_turn(act: Callable[[A], R], inputs: Iterable[A], /) -> Iterator[R]:
    """One after another, in the calling thread."""
    return map(act, inputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a flow may use. One clock, one source of entropy, one store."""

    party: PartyCode
    store: Store
    payloads: Payloads
    policies: Mapping[PartyCode, Policy]
    clock: Callable[[], Instant]
    entropy: Entropy
    custody: Custody | None
    said: Callable[[PartyCode], None] = field(default=lambda _partner: None)
    """Called after a statement was queued for a partner, so that the worker need not poll."""
    consigned: Callable[[PartyCode], None] = field(default=lambda _partner: None)
    """The same for a consignment."""
    settled: Callable[[str], None] = field(default=lambda _consignment: None)
    """Called after a delivery was settled or a hotline message entered, so that nobody who waits for it need poll."""
    ordered: Ordered = in_turn
    """How work on the segments of large content is spread."""
    keys_changed: Callable[[], None] = field(default=lambda: None)
    """Called after our keys or a partner's changed, so that connections follow."""
    clock_step: Callable[[], int] = lambda: 0
    """By how many seconds the clock stepped, against one that only counts, since the node was opened."""
    memo: dict[str, object] = field(default_factory=dict)
    """What only this process changes and every message asks for; the flow that changes it clears it."""

    @property
    def unlocked(self) -> Custody:
        """Keys and key stores.

        Raises:
            LocalError: the node was opened without its passphrase.
        """
        if self.custody is None:
            raise LocalError(
                "flows/locked",
                "this needs the node's keys, and no passphrase was given",
                remedy="pass `--passphrase-fd N`, or serve the node and repeat the command",
            )
        return self.custody

    @property
    def policy(self) -> Policy:
        """Our own national label policy."""
        return self.policies[self.party]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person at the desk, proven by their passphrase."""

    person: PersonId
    hand: Hand


def private_log(party: PartyCode) -> str:
    """The name of a party's private log."""
    return f"gsomia/{party.lower()}/private"


def shared_log(owner: PartyCode, partner: PartyCode) -> str:
    """The name of the log that `owner` keeps for `partner` to see and cosign."""
    return f"gsomia/{owner.lower()}/shared/{partner.lower()}"
