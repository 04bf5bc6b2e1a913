"""After a destruction no byte of a node's directory holds the key or the content, and other items still open."""

from pathlib import Path
from typing import cast

import pytest

from gsomia.config import check_config
from gsomia.errors import IntegrityError, WaitingError
from gsomia.flows import officers, people, vouch
from gsomia.flows.content import content_of, open_stored
from gsomia.flows.desk import Actor
from gsomia.flows.dispose import destroy_item
from gsomia.flows.register import register_item
from gsomia.ids import PersonId
from gsomia.instants import Instant
from gsomia.node import LocalNode, create_node
from gsomia.parties import Facility, Hand, Office, Person
from gsomia.registry import ItemRecord
from simulation.sim_node import KOR, REGISTRY, UNTIL, hand, pieces

PASSPHRASE = b"of the node"
SECRET = b"a sentence that stands nowhere else in the world " * 40
OTHER = b"another one " * 40


def officer(node: LocalNode, name: str, office: Office) -> Actor:
    made: Hand = hand(KOR, name, office)
    person = Person(
        id=cast("PersonId", name),
        name=name,
        rank="",
        official=True,
        nationalities=(KOR,),
        employer=KOR,
        employer_country=KOR,
        offices=(office,),
        key=made.signer.public,
        at=Instant(0),
    )
    people.add_person(node.desk, person)
    return Actor(person=person.id, hand=made)


def register(node: LocalNode, registrar: Actor, content: bytes) -> ItemRecord:
    return register_item(
        node.desk,
        registrar,
        pieces(content),
        content_bytes=len(content),
        level="KOR-2",
        purpose="DPRK-MISSILE-ANALYSIS",
        topic="DPRK-MISSILE",
    ).item


def every_byte(directory: Path) -> bytes:
    return b"\x00".join(path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file())


@pytest.mark.source("G13-1", "DESIGN-4", "F-16")
def test_no_byte_of_the_directory_holds_key_or_content_after_a_destruction(tmp_path: Path) -> None:
    directory = tmp_path / "KOR"
    create_node(directory, check_config(party="KOR", name="Korea", listen="127.0.0.1:7441"), passphrase=PASSPHRASE)
    with LocalNode(directory, passphrase=PASSPHRASE) as node:
        registrar = officer(node, "registrar", Office.CONTROL_OFFICER)
        security = officer(node, "security", Office.SECURITY_OFFICER)
        people.add_facility(node.desk, Facility(id=REGISTRY, name="Registry", at=Instant(0)))
        officers.appoint(
            node.desk,
            security,
            facility=REGISTRY,
            person=registrar.person,
            office=Office.CONTROL_OFFICER,
            until=UNTIL,
        )
        vouch.accredit_facility(node.desk, security, facility=REGISTRY, number="FAC-1", level="KOR-1", review_at=UNTIL)
        doomed, kept = register(node, registrar, SECRET), register(node, registrar, OTHER)
        key = node.desk.unlocked.storage_keys.get(doomed.id)
        sealed_key = (directory / "keys" / "storage.keys").read_bytes()
        sealed = node.desk.payloads.segment(content_of(doomed).segment_list, 0, segments=1)
        assert sealed in every_byte(directory)
        with pytest.raises(WaitingError):
            destroy_item(node.desk, registrar, doomed.id)
        destroy_item(node.desk, security, doomed.id)
        left = every_byte(directory)  # the record's write-ahead log included
        assert b"".join(open_stored(node.desk, kept)) == OTHER
    left += every_byte(directory)
    for what in (key, key.hex().encode(), sealed, sealed[:64], SECRET[:49], sealed_key[-150:]):
        assert what not in left
    with LocalNode(directory, passphrase=PASSPHRASE) as node:
        assert b"".join(open_stored(node.desk, kept)) == OTHER
        with pytest.raises(IntegrityError):
            b"".join(open_stored(node.desk, doomed))
        assert node.verify()["ok"]
