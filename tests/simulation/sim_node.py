"""One government's node, with real keys from fixed seeds, its record in memory, and a clock that is set."""

import copy
import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TypeVar, cast

from gsomia import canon
from gsomia.agreements import NoteSubject
from gsomia.audit import Cosigner, Leaf, LogReport, check_log, epoch_number, parse_leaf
from gsomia.envelope import SEGMENT_BYTES
from gsomia.exchange import Delivery, Stage
from gsomia.flows import agree, assure, cosign, officers, people, vouch
from gsomia.flows.desk import Actor, Custody, Desk, shared_log
from gsomia.flows.intake import Intake
from gsomia.flows.parties import every_key_set
from gsomia.flows.ports import NodeKeys, Store, Tx
from gsomia.flows.read import Reading, read_item
from gsomia.flows.register import book_item, register_item
from gsomia.flows.release import Released, release_item
from gsomia.flows.rotate import own_descriptors, resume
from gsomia.flows.stages import stages_of
from gsomia.ids import Entropy, FacilityId, HexDigest, InstrumentId, ItemId, PartyCode, PersonId
from gsomia.instants import Instant, Validity
from gsomia.labels import Policy, clearance_upto, parse_policy
from gsomia.parties import (
    DESCRIPTOR,
    Descriptor,
    Facility,
    Hand,
    HybridSigner,
    Office,
    PartyRecord,
    Person,
    PersonSigner,
    PinFile,
    Strength,
    build_certificate,
    sign_statement,
)
from gsomia.registry import Booking, ItemRecord
from gsomia.storage import (
    KINDS,
    CheckpointKeeper,
    MemoryKeyring,
    MemoryPayloads,
    MemorySpareJournal,
    MemoryStorageKeys,
    MemoryStore,
    NodeSecrets,
    key_values,
)
from simulation.fragile_store import FragileStore

T = TypeVar("T")

KOR, JPN, USA = (cast("PartyCode", code) for code in ("KOR", "JPN", "USA"))
KR_JP = cast("InstrumentId", "GSOMIA-KR-JP")
START = Instant.parse("2026-11-23T03:00:00Z")
UNTIL = Instant.parse("2035-01-01T00:00:00Z")
PURPOSE = "DPRK-MISSILE-ANALYSIS"
TOPIC = "DPRK-MISSILE"
REGISTRY = cast("FacilityId", "registry")
TOP = {KOR: "KOR-1", JPN: "JPN-1", USA: "USA-TS"}
SECRET = {KOR: "KOR-2", JPN: "JPN-2-TOKUTEI", USA: "USA-S"}
AUTHORITY = {KOR: "kor-mnd", JPN: "jpn-mod"}
NAMED_BY = {KOR: "KR-NV-2016-0101", JPN: "JP-NV-2016-0201"}
COMPLETED_BY = {KOR: "KR-NV-2016-0110", JPN: "JP-NV-2016-0210"}
OFFICES = {
    "liaison": Office.LIAISON_OFFICER,
    "security": Office.SECURITY_OFFICER,
    "registrar": Office.CONTROL_OFFICER,
    "releaser": Office.RELEASING_AUTHORITY,
    "analyst": Office.READER,
    "duty": Office.DUTY_OFFICER,
    "relief": Office.DUTY_OFFICER,
}
LONGEST_WAIT_S = 61
"""After so long every postponed row is due again."""


def seeded(seed: str) -> Entropy:
    """Bytes that look random and are the same in every run."""
    counter = itertools.count()
    return lambda n: hashlib.shake_256(f"{seed}/{next(counter)}".encode()).digest(n)


@cache
def policies() -> dict[PartyCode, Policy]:
    """The national label policies that ship with the program."""
    folder = files("gsomia.labels").joinpath("policies")
    parsed = (parse_policy(file.read_bytes()) for file in folder.iterdir() if file.name.endswith(".toml"))
    return {policy.party: policy for policy in parsed}


@dataclass(frozen=True)
class Identity:
    """A party's keys, and the pin file that says them; grown once for a whole run."""

    keys: NodeKeys
    secrets: NodeSecrets
    recovery: HybridSigner
    record: PartyRecord
    descriptor: Descriptor
    pin_file: bytes


@cache
def identity(party: PartyCode, *, address: str = "node.example:7441") -> Identity:
    """The identity of a party; every run has the same."""
    secrets = NodeSecrets.generate(party, entropy=seeded(f"secrets of {party}"))
    keys = secrets.unlock()
    recovery = HybridSigner.from_seed(seeded(f"recovery of {party}")(64), Strength.STATEMENT)
    record = PartyRecord(
        code=party, name=f"Government of {party}", working=keys.working.public, recovery=recovery.public
    )
    descriptor = Descriptor(
        party=party,
        number=1,
        issued=START,
        address=address,
        statement=keys.statement.public,
        log=keys.log.public,
        cosigner=keys.cosigner.public,
        lane=keys.lane.public,
        sealing=keys.opener.public,
        tls_certificate=build_certificate(party=party, seed=keys.tls_seed),
    )
    envelope = sign_statement(descriptor, kind=DESCRIPTOR, signer=keys.working).envelope
    return Identity(
        keys=keys,
        secrets=secrets,
        recovery=recovery,
        record=record,
        descriptor=descriptor,
        pin_file=canon.encode(PinFile(record=record, descriptor=envelope)),
    )


def hand(party: PartyCode, person: str, office: Office) -> Hand:
    """A person's hand."""
    return Hand(office, PersonSigner.from_seed(seeded(f"{person} of {party}")(32)))


@dataclass
class Clock:
    """What a node's clock says: the world's time, and how far the node's clock is off."""

    now: Instant = START
    offset_s: int = 0

    def __call__(self) -> Instant:
        return self.now.plus(seconds=self.offset_s)


class SimNode:
    """One government's node."""

    def __init__(self, party: PartyCode) -> None:
        self.party = party
        self.identity = identity(party)
        self.clock = Clock()
        self.memory = MemoryStore()
        self.fragile = FragileStore(self.memory)
        self.payloads = MemoryPayloads()
        self.entropy = seeded(f"entropy of {party}")
        self.storage_keys = MemoryStorageKeys(self.entropy)
        self.keyring = MemoryKeyring(self.identity.secrets, entropy=self.entropy)
        self.spare = MemorySpareJournal()
        self.desk = self._open()
        self.intake = Intake(self.desk)
        self.linked: set[PartyCode] = set()
        """Whom this process's workers have linked up with."""

    def _open(self) -> Desk:
        store: Store = self.fragile
        checkpoints = CheckpointKeeper(store, signer=self.keyring.log_signer, clock=self.clock)
        desk = Desk(
            party=self.party,
            store=store,
            payloads=self.payloads,
            policies=policies(),
            clock=self.clock,
            entropy=self.entropy,
            custody=Custody(
                keyring=self.keyring, storage_keys=self.storage_keys, checkpoints=checkpoints, spare=self.spare
            ),
        )
        resume(desk)
        return desk

    def restart(self) -> None:
        """The process ends and starts again: what was in memory only is gone."""
        self.fragile.fail(0)
        self.desk = self._open()
        self.fragile.runs = 0
        self.intake = Intake(self.desk)
        self.linked.clear()

    def copy_record(self) -> MemoryStore:
        """A copy of the record as it is now, as a backup or a snapshot holds it."""
        copied = MemoryStore()
        copied._state = copy.deepcopy(self.memory._state)
        return copied

    def set_back(self, record: MemoryStore, *, keys: bool = True) -> None:
        """The machine comes up with an older record, and without storage keys if `keys` is not set."""
        self.memory = record
        self.fragile = FragileStore(record)
        if not keys:
            self.storage_keys = MemoryStorageKeys(self.entropy)
        self.restart()

    @property
    def first(self) -> PinFile:
        """What the node began with."""
        return canon.decode(self.identity.pin_file, PinFile)

    def actor(self, person: str) -> Actor:
        """A person of the node, in their office."""
        office = OFFICES.get(person, Office.READER)
        return Actor(person=cast("PersonId", person), hand=hand(self.party, person, office))

    def every(self, kind: type[T], **keys: str | None) -> list[T]:
        """Records of a kind, whatever they are asked by."""
        found, columns = self.memory.run(lambda tx: tx.every(kind)), KINDS[kind].columns
        assert keys.keys() <= set(columns)
        return [one for one in found if keys.items() <= dict(zip(columns, key_values(one), strict=True)).items()]

    def count(self, kind: type[object], **keys: str | None) -> int:
        """How many there are."""
        return len(self.every(kind, **keys))

    def queued(self, to: PartyCode) -> int:
        """How many rows wait for a partner."""
        return self.memory.run(lambda tx: tx.queued(to))

    def stages(self, consignment: str) -> list[Stage]:
        """The stages a delivery went through."""
        (delivery,) = self.every(Delivery, consignment=consignment)
        return [one.stage for one in self.memory.run(lambda tx: stages_of(tx, delivery))]

    def sizes(self) -> dict[str, int]:
        """How long each log is."""
        return self.memory.run(lambda tx: {origin: tx.head(origin).frontier.size for origin in tx.origins()})

    def leaves(self, origin: str) -> list[Leaf]:
        """Every entry of a log."""
        entries = self.memory.run(lambda tx: tx.entries(origin, start=0, limit=1 << 20))
        return [parse_leaf(entry.leaf) for entry in entries]

    def text(self, origin: str) -> bytes:
        """Every byte of a log's entries."""
        return b"".join(entry.leaf for entry in self.memory.run(lambda tx: tx.entries(origin, start=0, limit=1 << 20)))

    def add_person(
        self,
        person: str,
        *,
        rank: str = "",
        official: bool = True,
        nationality: PartyCode | None = None,
        employer: PartyCode | None = None,
    ) -> None:
        """Enter a person."""
        actor = self.actor(person)
        people.add_person(
            self.desk,
            Person(
                id=actor.person,
                name=f"{person} of {self.party}",
                rank=rank,
                official=official,
                nationalities=(nationality or self.party,),
                employer=f"Ministry of {self.party}",
                employer_country=employer or self.party,
                offices=(actor.hand.office,),
                key=actor.hand.signer.public,
                at=self.clock(),
            ),
        )

    def bring_people(self) -> None:
        """The officers of a node, its registry, its control officer, and the clearance of who decides."""
        for person in ("liaison", "security", "registrar", "releaser"):
            self.add_person(person)
        people.add_facility(self.desk, Facility(id=REGISTRY, name=f"Registry of {self.party}", at=self.clock()))
        officers.appoint(
            self.desk,
            self.actor("security"),
            facility=REGISTRY,
            person=self.actor("registrar").person,
            office=Office.CONTROL_OFFICER,
            until=UNTIL,
        )
        self.accredit_facility()
        self.clear("releaser", level=TOP[self.party])

    def accredit_facility(self, *, level: str | None = None, review_at: Instant = UNTIL) -> None:
        """Accredit the registry, up to the top level if none is named."""
        security, level = self.actor("security"), level or TOP[self.party]
        vouch.accredit_facility(
            self.desk, security, facility=REGISTRY, number="FAC-1", level=level, review_at=review_at
        )

    def bring_reader(self, person: str = "analyst", *, cleared: bool = True, rank: str = "") -> None:
        """A reader on the registry's roster, whose duty is the purpose."""
        self.add_person(person, rank=rank)
        security, known = self.actor("security"), self.actor(person).person
        people.put_on_roster(
            self.desk,
            security,
            facility=REGISTRY,
            person=known,
            instrument=KR_JP,
            level=SECRET[self.party],
            until=UNTIL,
        )
        people.grant_duty(self.desk, security, person=known, item=None, purpose=PURPOSE, until=UNTIL)
        if cleared:
            self.clear(person, level=SECRET[self.party])

    def clear(self, person: str, *, level: str, until: Instant = UNTIL, review_at: Instant | None = None) -> None:
        """Record a clearance."""
        clearance = clearance_upto(
            self.desk.policy,
            level,
            valid=Validity(start=self.clock(), until=until),
            basis=f"PSC-{person}",
            review_at=review_at or until,
        )
        people.clear_person(self.desk, self.actor("security"), person=self.actor(person).person, clearance=clearance)

    def accredit(self, channel: PartyCode) -> None:
        """Accredit the channel to a partner."""
        people.accredit_channel(
            self.desk,
            self.actor("security"),
            channel=channel,
            number=f"ACC-{self.party}-{channel}",
            level=SECRET[self.party],
            until=UNTIL,
        )

    def note(self, subject: NoteSubject) -> None:
        """Send one of the two notes every side sends."""
        named = subject is NoteSubject.AUTHORITY_NAMED
        agree.give_note(
            self.desk,
            self.actor("liaison"),
            instrument=KR_JP,
            number=(NAMED_BY if named else COMPLETED_BY)[self.party],
            subject=subject,
            authority=AUTHORITY[self.party] if named else None,
        )

    def assure(self, to: PartyCode, *, purpose: str = PURPOSE) -> HexDigest:
        """Give the three-part assurance."""
        return assure.give_assurance(
            self.desk,
            self.actor("security"),
            to=to,
            instrument=KR_JP,
            authority=AUTHORITY[self.party],
            persons=3,
            level=SECRET[self.party],
            purpose=purpose,
            until=UNTIL,
        )

    def acknowledge(self, digest: HexDigest) -> None:
        """Acknowledge an assurance."""
        assure.acknowledge(self.desk, self.actor("releaser"), digest)

    def register(self, content: bytes, *, level: str | None = None, purpose: str = PURPOSE) -> ItemRecord:
        """Register an item of our own."""
        return register_item(
            self.desk,
            self.actor("registrar"),
            pieces(content),
            content_bytes=len(content),
            level=level or SECRET[self.party],
            purpose=purpose,
            topic=TOPIC,
        ).item

    def release(self, item: ItemId, to: PartyCode) -> Released:
        """Release it."""
        return release_item(self.desk, self.actor("releaser"), item, to=to)

    def book(self, item: ItemId, *, mark: str | None = None) -> Booking:
        """Book an item that arrived."""
        mark = mark or SECRET[self.party]
        return book_item(self.desk, self.actor("registrar"), item, mark=mark, basis="Act 108 of 2013, defence")

    def read(self, item: ItemId, person: str = "analyst", *, purpose: str = PURPOSE) -> Reading:
        """Open an item."""
        return read_item(self.desk, self.actor(person), item, purpose=purpose)

    def state(self, *, at: Instant | None = None) -> str:
        """Where the agreement stands, as this node derives it."""

        def unit(tx: Tx) -> str:
            agreement = agree.current_agreement(tx, KR_JP, at=at or self.clock())
            return agree.standing(tx, agreement, at=at or self.clock()).state

        return self.memory.run(unit)

    def in_force_from(self) -> Instant | None:
        """Since when, as this node derives it."""

        def unit(tx: Tx) -> Instant | None:
            return agree.standing(
                tx, agree.current_agreement(tx, KR_JP, at=self.clock()), at=self.clock()
            ).in_force_from

        return self.memory.run(unit)

    def check(self) -> list[LogReport]:
        """Every log, computed again from its entries."""
        return [self._check(origin) for origin in self.memory.run(lambda tx: tx.origins())]

    def _check(self, origin: str) -> LogReport:
        cosigners: list[Cosigner] = []
        cosignatures = []
        desk = replace(self.desk, store=self.memory, memo={})
        own = own_descriptors(desk, self.first)
        for code, known in every_key_set(desk).items():
            if epoch_number(origin, shared_log(self.party, code)) is not None:
                name = cosign.witness_name(code)
                cosigners = [Cosigner(name=name, key=one.descriptor.cosigner) for one in known.sets]
                last = self.memory.run(lambda tx: tx.last_cosignature(origin))
                cosignatures = [last] if last else []
        entries = self.memory.run(lambda tx: tx.entries(origin, start=0, limit=1 << 20))
        return check_log(
            origin=origin,
            key=own[-1].log,
            earlier=[descriptor.log for descriptor in own[:-1]],
            entries=[entry.leaf for entry in entries],
            checkpoints=self.memory.run(lambda tx: tx.checkpoints(origin)),
            leaf_hashes=[entry.leaf_hash for entry in entries],
            node=lambda level, index: self.memory.run(lambda tx: tx.node(origin, level, index)),
            cosigner=cosigners[-1] if cosigners else None,
            earlier_cosigners=cosigners[:-1],
            cosignatures=cosignatures,
        )

    def problems(self) -> list[str]:
        """What does not hold in logs and records; empty if all does."""
        return [problem for report in self.check() for problem in report.problems] + self.memory.check_records()


def pieces(content: bytes) -> Iterator[bytes]:
    """As a file is read."""
    return (content[start : start + SEGMENT_BYTES] for start in range(0, len(content), SEGMENT_BYTES))


def flip(payloads: MemoryPayloads, address: str, index: int) -> None:
    """Turn one bit of a stored segment."""
    _, held = payloads._stored[cast("HexDigest", address)]
    held[index] = held[index][:5] + bytes([held[index][5] ^ 1]) + held[index][6:]
