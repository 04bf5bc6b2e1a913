"""Private keys at rest: the node's own, its offline recovery identity, and one file for each person.

`identity.keys` holds every seed of the node under the node's passphrase; `recovery.keys` is written beside it once and
kept elsewhere. A person's file opens with that person's passphrase alone, and names the person inside.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

from msgspec import Meta

from gsomia import canon
from gsomia.canon import CanonError
from gsomia.errors import IntegrityError, LocalError
from gsomia.flows.ports import NodeKeys
from gsomia.ids import Entropy, PartyCode, PersonId
from gsomia.parties import (
    HYBRID_SEED_BYTES,
    SEALING_SEED_BYTES,
    HybridKey,
    HybridSigner,
    Opener,
    PersonSigner,
    Strength,
)
from gsomia.storage.keyring_file import DEFAULT_COST, PassphraseCost, read_sealed, write_sealed

SEED_BYTES = 32
"""Seeds of Ed25519 keys (TLS, persons) and the master key of the storage keys."""

HybridSeed = Annotated[bytes, Meta(min_length=HYBRID_SEED_BYTES, max_length=HYBRID_SEED_BYTES)]
SealingSeed = Annotated[bytes, Meta(min_length=SEALING_SEED_BYTES, max_length=SEALING_SEED_BYTES)]
Seed = Annotated[bytes, Meta(min_length=SEED_BYTES, max_length=SEED_BYTES)]

_PERSON = re.compile(r"[a-z][a-z0-9-]{1,30}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSecrets:
    """Everything secret a node needs to run: its first set of keys. The recovery identity is not among it."""

    party: PartyCode
    working: HybridSeed
    statement: HybridSeed
    log: HybridSeed
    cosigner: HybridSeed
    lane: HybridSeed
    sealing: SealingSeed
    tls: Seed
    master: Seed

    @classmethod
    def generate(cls, party: PartyCode, *, entropy: Entropy) -> "NodeSecrets":
        """Draw a fresh set: every key is independent of every other."""
        return cls(
            party=party,
            working=entropy(HYBRID_SEED_BYTES),
            statement=entropy(HYBRID_SEED_BYTES),
            log=entropy(HYBRID_SEED_BYTES),
            cosigner=entropy(HYBRID_SEED_BYTES),
            lane=entropy(HYBRID_SEED_BYTES),
            sealing=entropy(SEALING_SEED_BYTES),
            tls=entropy(SEED_BYTES),
            master=entropy(SEED_BYTES),
        )

    def unlock(self) -> NodeKeys:
        """Grow the keys of a node's first set."""
        return self.unlock_as(1)

    def unlock_as(self, number: int) -> NodeKeys:
        """Grow the keys of the set `number`."""
        return NodeKeys(
            number=number,
            working=HybridSigner.from_seed(self.working, Strength.STATEMENT),
            statement=HybridSigner.from_seed(self.statement, Strength.STATEMENT),
            log=HybridSigner.from_seed(self.log, Strength.LOG),
            cosigner=HybridSigner.from_seed(self.cosigner, Strength.LOG),
            lane=HybridSigner.from_seed(self.lane, Strength.STATEMENT),
            opener=Opener.from_seed(self.sealing),
            tls_seed=self.tls,
        )

    def __repr__(self) -> str:
        return "NodeSecrets(...)"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recovery:
    recovery: HybridSeed

    def __repr__(self) -> str:
        return "_Recovery(...)"


@dataclass(frozen=True, slots=True, kw_only=True)
class _PersonSecret:
    person: PersonId
    seed: Seed

    def __repr__(self) -> str:
        return "_PersonSecret(...)"


def write_secrets(
    path: Path, secrets: NodeSecrets, *, passphrase: bytes, entropy: Entropy, cost: PassphraseCost = DEFAULT_COST
) -> None:
    """Seal a node's secrets into a new file.

    Raises:
        LocalError: an empty passphrase, or the file is there already.
        UnavailableError: the disk is full or fails.
    """
    write_sealed(path, canon.encode(secrets), passphrase=passphrase, entropy=entropy, cost=cost)


def read_secrets(path: Path, *, passphrase: bytes) -> NodeSecrets:
    """A node's secrets.

    Raises:
        LocalError: no such file, or another passphrase.
        IntegrityError: not a node's key file.
    """
    return _read(path, NodeSecrets, passphrase)


def create_recovery(
    path: Path, *, passphrase: bytes, entropy: Entropy, cost: PassphraseCost = DEFAULT_COST
) -> HybridKey:
    """Draw the recovery identity, seal it into a file of its own, and return its public key.

    Source: design 4, Identities: replacement after theft needs the recovery key.
    """
    secret = _Recovery(recovery=entropy(HYBRID_SEED_BYTES))
    write_sealed(path, canon.encode(secret), passphrase=passphrase, entropy=entropy, cost=cost)
    return HybridSigner.from_seed(secret.recovery, Strength.STATEMENT).public


def unlock_recovery(path: Path, *, passphrase: bytes) -> HybridSigner:
    """The recovery identity.

    Raises:
        LocalError: no such file, or another passphrase.
        IntegrityError: not a recovery key file.
    """
    return HybridSigner.from_seed(_read(path, _Recovery, passphrase).recovery, Strength.STATEMENT)


def create_person(
    directory: Path, person: PersonId, *, passphrase: bytes, entropy: Entropy, cost: PassphraseCost = DEFAULT_COST
) -> bytes:
    """Draw a person's key, seal it under the person's passphrase, and return the public key.

    Args:
        directory: `DIR/keys/persons`.
        person: whose key; names the file and stands inside.
        passphrase: known to the person alone.
        entropy: draws the seed, the salt and the nonce.
        cost: of one try.

    Raises:
        LocalError: an empty passphrase, or the person has a key already.
        UnavailableError: the disk is full or fails.
    """
    secret = _PersonSecret(person=person, seed=entropy(SEED_BYTES))
    path = _person_path(directory, person)
    write_sealed(path, canon.encode(secret), passphrase=passphrase, entropy=entropy, cost=cost)
    return PersonSigner.from_seed(secret.seed).public


def unlock_person(directory: Path, person: PersonId, *, passphrase: bytes) -> PersonSigner:
    """A person's key, for one act or one session.

    Raises:
        LocalError: the person has no key here, or another passphrase.
        IntegrityError: not this person's key file.
    """
    path = _person_path(directory, person)
    secret = _read(path, _PersonSecret, passphrase)
    if secret.person != person:
        raise IntegrityError(
            "storage/key-file-of-another",
            f"`{path.name}` holds the key of `{secret.person}`",
            remedy="give the files back their names",
        )
    return PersonSigner.from_seed(secret.seed)


def _person_path(directory: Path, person: PersonId) -> Path:
    if not _PERSON.fullmatch(person):
        raise LocalError(
            "storage/not-a-person",
            f"`{person[:40]}` is not a person's short name",
            remedy="lower-case letters, digits and hyphens, for example `kim-analyst`",
        )
    return directory / f"{person}.keys"


def _read(path: Path, kind: type[T], passphrase: bytes) -> T:
    try:
        return canon.decode(read_sealed(path, passphrase=passphrase), kind)
    except CanonError as cause:
        raise IntegrityError(
            "storage/key-file-of-another-kind",
            f"`{path.name}` opens, but holds other keys than these",
            remedy="give the files back their names",
        ) from cause
