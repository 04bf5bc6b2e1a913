"""Parties of the house with fixed keys, made once: an ML-DSA signature costs a millisecond, a key as much."""

from dataclasses import dataclass
from functools import cached_property

from hypothesis import strategies as st

from gsomia import canon
from gsomia.ids import PartyCode
from gsomia.instants import Instant
from gsomia.parties import (
    DESCRIPTOR,
    SEALING_SEED_BYTES,
    Descriptor,
    Hand,
    HybridSigner,
    Office,
    Opener,
    PartyRecord,
    PersonSigner,
    PinFile,
    Strength,
    build_certificate,
    sign_statement,
)
from strategies.labels import NOW, party


def signer(seed: int, strength: Strength = Strength.STATEMENT) -> HybridSigner:
    return HybridSigner.from_seed(bytes([seed]) * 64, strength)


@dataclass(frozen=True)
class House:
    """A party with all its private keys; `seed` and the five numbers after it are its own."""

    code: PartyCode
    seed: int

    @cached_property
    def working(self) -> HybridSigner:
        return signer(self.seed)

    @cached_property
    def recovery(self) -> HybridSigner:
        return signer(self.seed + 1)

    @cached_property
    def statement(self) -> HybridSigner:
        return signer(self.seed + 2)

    @cached_property
    def log(self) -> HybridSigner:
        return signer(self.seed + 3, Strength.LOG)

    @cached_property
    def cosigner(self) -> HybridSigner:
        return signer(self.seed + 4, Strength.LOG)

    @cached_property
    def lane(self) -> HybridSigner:
        return signer(self.seed + 6)

    @cached_property
    def opener(self) -> Opener:
        return Opener.from_seed(bytes([self.seed + 5]) * SEALING_SEED_BYTES)

    @cached_property
    def record(self) -> PartyRecord:
        return PartyRecord(
            code=self.code,
            name=f"Ministry of {self.code}",
            working=self.working.public,
            recovery=self.recovery.public,
        )

    @cached_property
    def descriptor(self) -> Descriptor:
        return Descriptor(
            party=self.code,
            number=3,
            issued=NOW,
            address="node.example:8443",
            statement=self.statement.public,
            log=self.log.public,
            cosigner=self.cosigner.public,
            lane=self.lane.public,
            sealing=self.opener.public,
            tls_certificate=build_certificate(party=self.code, seed=bytes([self.seed + 5]) * 32),
        )

    def sign_descriptor(self, descriptor: Descriptor) -> bytes:
        return sign_statement(descriptor, kind=DESCRIPTOR, signer=self.working).envelope

    def pin_file(self, descriptor: Descriptor) -> bytes:
        return canon.encode(PinFile(record=self.record, descriptor=self.sign_descriptor(descriptor)))


SEOUL = House(code=party("KOR"), seed=10)
TOKYO = House(code=party("JPN"), seed=20)
WASHINGTON = House(code=party("USA"), seed=30)

PARK = Hand(Office.RELEASING_AUTHORITY, PersonSigner.from_seed(bytes([40]) * 32))
SATO = Hand(Office.CONTROL_OFFICER, PersonSigner.from_seed(bytes([41]) * 32))


def flip(data: bytes, position: int) -> bytes:
    """`data` with one bit of byte `position` turned over; which bit varies with the position."""
    return data[:position] + bytes([data[position] ^ 1 << position % 8]) + data[position + 1 :]


instants = st.integers(0, 253_402_300_799).map(Instant)
