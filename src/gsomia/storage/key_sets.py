"""The node's numbered sets of keys in `identity.keys`: drawn before they are named, kept after they were replaced.

A node begins with one set. Its successors are appended to the same sealed file, which is rewritten whole; which set is
in use is said by the record, never by the file. Old sets stay: what was sealed to them may still be on its way.
"""

import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from gsomia import canon
from gsomia.canon import CanonError
from gsomia.errors import IntegrityError
from gsomia.flows.ports import NodeKeys
from gsomia.ids import Entropy, PartyCode
from gsomia.parties import HybridSigner, Opener
from gsomia.storage.durable import destroy_leftovers
from gsomia.storage.identity_keys import NodeSecrets
from gsomia.storage.keyring_file import open_sealed, rewrite_sealed

MAX_SETS = 60
"""So many fit into a key file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _NumberedSecrets:
    number: Annotated[int, Meta(ge=1, le=2**31)]
    secrets: NodeSecrets

    def __repr__(self) -> str:
        return "_NumberedSecrets(...)"


@dataclass(frozen=True, slots=True, kw_only=True)
class _SetsFile:
    sets: Annotated[tuple[_NumberedSecrets, ...], Meta(min_length=1, max_length=MAX_SETS)]

    def __repr__(self) -> str:
        return "_SetsFile(...)"


class MemoryKeyring:
    """Sets of keys in memory; what tests and the file keyring have in common.

    Args:
        first: the set a node begins with.
        entropy: draws every later one.
    """

    def __init__(self, first: NodeSecrets, *, entropy: Entropy) -> None:
        self._entropy = entropy
        self._secrets = {1: first}
        self._keys = {1: first.unlock()}
        self._current = 1
        self._held: dict[str, int] = {}
        self.turn = threading.RLock()
        """Held while keys change: one change at a time."""

    @property
    def party(self) -> PartyCode:
        """Whose keys they are."""
        return self._secrets[min(self._secrets)].party

    @property
    def master(self) -> bytes:
        """The master key of the storage keys; it belongs to no set."""
        return self._secrets[min(self._secrets)].master

    @property
    def current(self) -> NodeKeys:
        """The set in use."""
        return self._keys[self._current]

    def every(self) -> tuple[NodeKeys, ...]:
        """All sets that are or were in use, oldest first."""
        return tuple(self._keys[number] for number in sorted(self._keys) if number <= self._current)

    def draw(self, number: int) -> NodeKeys:
        """Draw a set under the same working identity, durable on return and not in use yet."""
        fresh = NodeSecrets.generate(self.party, entropy=self._entropy)
        return self._add(number, replace(fresh, working=self._secrets[self._current].working))

    def draw_identity(self, number: int) -> NodeKeys:
        """As `draw`, with a new working identity."""
        return self._add(number, NodeSecrets.generate(self.party, entropy=self._entropy))

    def use(self, number: int) -> None:
        """Work with the set `number` from now on."""
        if number not in self._keys:
            raise IntegrityError(
                "storage/keys-missing",
                f"the record names key set `{number}`, and the key file does not hold it",
                remedy="take `identity.keys` from a backup that is as new as the record",
            )
        self._current = number

    def opener(self, key_id: str) -> Opener | None:
        """The private key for something sealed to any set that is or was in use."""
        return next((keys.opener for keys in self.every() if keys.opener.public.key_id == key_id), None)

    def hold_log(self, origin: str, number: int) -> None:
        """Sign checkpoints of `origin` with the log key of set `number` until its reader heard of a newer one."""
        self._held[origin] = number

    def release_log(self, origin: str) -> None:
        """Sign checkpoints of `origin` with the log key in use."""
        self._held.pop(origin, None)

    def log_signer(self, origin: str) -> HybridSigner:
        """Who signs checkpoints of `origin` now."""
        return self._keys[self._held.get(origin, self._current)].log

    def _add(self, number: int, secrets: NodeSecrets) -> NodeKeys:
        with self.turn:
            kept = {known: one for known, one in self._secrets.items() if known <= self._current}
            drawn = {**kept, number: replace(secrets, master=self.master)}
            self._keep(drawn)
            self._secrets = drawn
            self._keys = {known: self._keys[known] for known in kept} | {number: drawn[number].unlock_as(number)}
            return self._keys[number]

    def replace_master(self, master: bytes) -> None:
        """Put another master key in the place of the one there is, durably; the old one is destroyed.

        Source: design 4 (Destruction).
        """
        with self.turn:
            changed = {number: replace(secrets, master=master) for number, secrets in self._secrets.items()}
            self._keep(changed)
            self._secrets = changed

    def _keep(self, drawn: dict[int, NodeSecrets]) -> None:
        """Make the sets last; memory does not."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._keys)} sets)"


class FileKeyring(MemoryKeyring):
    """The sets of keys in a node's `identity.keys`.

    Args:
        path: the file.
        passphrase: of the node.
        entropy: draws later sets and the nonces of the file.

    Raises:
        LocalError: no such file, or another passphrase.
        IntegrityError: not a node's key file.
    """

    def __init__(self, path: Path, *, passphrase: bytes, entropy: Entropy) -> None:
        plaintext, self._file_key = open_sealed(path, passphrase=passphrase)
        self._path = path
        destroy_leftovers(path)
        sets = _read_sets(path, plaintext)
        super().__init__(sets[min(sets)], entropy=entropy)
        self._secrets = sets
        self._keys = {number: secrets.unlock_as(number) for number, secrets in sets.items()}
        self._current = min(sets)

    def _keep(self, drawn: dict[int, NodeSecrets]) -> None:
        if len(drawn) > MAX_SETS:
            raise IntegrityError(
                "storage/too-many-key-sets",
                f"the key file holds `{MAX_SETS}` sets, and no more fit",
                remedy="make a new node for the party and have its partners pin it",
            )
        sets = tuple(_NumberedSecrets(number=number, secrets=drawn[number]) for number in sorted(drawn))
        # CRASH: a set that the record does not name is not in use; the next change replaces it.
        rewrite_sealed(self._path, canon.encode(_SetsFile(sets=sets)), file_key=self._file_key, entropy=self._entropy)


def _read_sets(path: Path, plaintext: bytes) -> dict[int, NodeSecrets]:
    try:
        return {1: canon.decode(plaintext, NodeSecrets)}  # as `gsomia init` wrote it
    except CanonError:
        pass
    try:
        return {one.number: one.secrets for one in canon.decode(plaintext, _SetsFile).sets}
    except CanonError as cause:
        raise IntegrityError(
            "storage/key-file-of-another-kind",
            f"`{path.name}` opens, but holds other keys than these",
            remedy="give the files back their names",
        ) from cause
