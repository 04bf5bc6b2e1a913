"""Where things are in a node's directory, and the two things every node draws from the machine: time and entropy."""

import os
import time
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from gsomia.errors import LocalError
from gsomia.ids import PartyCode
from gsomia.instants import Instant
from gsomia.labels import Policy, exercise_policy, parse_policy
from gsomia.parties import is_exercise

OWNER_ONLY = 0o700


@dataclass(frozen=True, slots=True)
class Layout:
    """A node's directory (design 10)."""

    directory: Path

    @property
    def config(self) -> Path:
        """Settings."""
        return self.directory / "node.toml"

    @property
    def pin_file(self) -> Path:
        """Our own public record and descriptor."""
        return self.directory / "party.json"

    @property
    def database(self) -> Path:
        """The record."""
        return self.directory / "node.db"

    @property
    def payloads(self) -> Path:
        """Sealed content."""
        return self.directory / "payloads"

    @property
    def keys(self) -> Path:
        """Key files."""
        return self.directory / "keys"

    @property
    def identity(self) -> Path:
        """The node's secrets."""
        return self.keys / "identity.keys"

    @property
    def recovery(self) -> Path:
        """The recovery identity, to be taken off line."""
        return self.keys / "recovery.keys"

    @property
    def storage_keys(self) -> Path:
        """Per-item storage keys."""
        return self.keys / "storage.keys"

    @property
    def persons(self) -> Path:
        """Personal keys."""
        return self.keys / "persons"

    @property
    def socket(self) -> Path:
        """The admin socket."""
        return self.directory / "run" / "admin.sock"

    @property
    def spare(self) -> Path:
        """The spare journal."""
        return self.directory / "spare.journal"

    @property
    def warn_socket(self) -> Path:
        """The warning floor's socket."""
        return self.directory / "run" / "warn.sock"

    @property
    def lane(self) -> Path:
        """The lanes' journal."""
        return self.directory / "lane"

    @property
    def lane_spare(self) -> Path:
        """The lanes' spare journal."""
        return self.directory / "lane.spare"

    @property
    def lock(self) -> Path:
        """The node's lock."""
        return self.directory / "node.lock"

    def require(self) -> None:
        """Refuse a directory that holds no node.

        Raises:
            LocalError: it does not.
        """
        if not self.config.is_file():
            raise LocalError(
                "node/not-a-node",
                f"there is no node in `{self.directory}`",
                remedy=f"make one: gsomia init {self.directory} --party KOR",
            )


def system_clock() -> Instant:
    """The machine's clock, in whole seconds."""
    return Instant(int(time.time()))  # noqa: TID251  here the clock is chosen


class SteadyClock:
    """Says by how much the machine's clock stepped since this was made."""

    def __init__(self) -> None:
        self._apart = self._difference()

    def __call__(self) -> int:
        """Seconds, forward or backward; drift of less than a second is none."""
        return round(self._difference() - self._apart)

    @staticmethod
    def _difference() -> float:
        return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)  # noqa: TID251  here the clock is chosen


def system_clock_us() -> int:
    """The machine's clock, in microseconds: what the warning lanes stamp with."""
    return time.time_ns() // 1_000  # here the clock is chosen


def system_entropy(count: int) -> bytes:
    """Random bytes from the kernel."""
    return os.urandom(count)  # noqa: TID251  here the source of entropy is chosen


def national_policies(party: PartyCode) -> dict[PartyCode, Policy]:
    """The label policies a party's node knows: those that ship with this program, or what an exercise makes of them."""
    policies = [
        parse_policy(file.read_bytes())
        for file in files("gsomia.labels").joinpath("policies").iterdir()
        if file.name.endswith(".toml")
    ]
    if is_exercise(party):
        governments = [policy.party for policy in policies]
        policies = [exercise_policy(policy, governments=governments) for policy in policies]
    return {policy.party: policy for policy in policies}
