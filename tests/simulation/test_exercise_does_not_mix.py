"""A node that trains and a real one: neither pins the other, opens its door to it, or signs a text with it."""

from importlib.resources import files
from typing import cast

import pytest

from gsomia.agreements import DocumentError, parse_document
from gsomia.audit import Event
from gsomia.errors import LocalError, RefusedError
from gsomia.flows.parties import caller, calling_certificates, forget, partner, partners, pin_partner
from gsomia.flows.records import RefusalRecord
from gsomia.ids import PartyCode
from gsomia.instants import Instant
from gsomia.parties import PinnedParty, pin
from simulation.world import JPN, KOR, SimNode

XKOR, XJPN = (cast("PartyCode", code) for code in ("XKOR", "XJPN"))
PAIRS = [(JPN, XKOR), (XKOR, JPN), (KOR, XKOR), (XKOR, KOR)]
TEXT = files("gsomia.demo").joinpath("data/gsomia-kr-jp-2016.toml").read_text()


def pin_at(us: PartyCode, them: PartyCode) -> tuple[SimNode, SimNode]:
    node, other = SimNode(us), SimNode(them)
    pin_partner(node.desk, other.identity.pin_file, fingerprint=other.identity.record.fingerprint, by="kim")
    return node, other


def planted(us: PartyCode, them: PartyCode) -> tuple[SimNode, bytes]:
    """A node whose record says, against every rule, that somebody pinned a party of the other world."""
    node, other = SimNode(us), SimNode(them)
    record = pin(other.identity.pin_file, fingerprint=other.identity.record.fingerprint, by="kim", now=Instant(0))
    node.memory.run(lambda tx: tx.add(record))
    forget(node.desk)
    return node, other.identity.descriptor.tls_certificate


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize(("us", "them"), PAIRS)
def test_neither_pins_the_other_and_the_refusal_is_recorded(us: PartyCode, them: PartyCode) -> None:
    with pytest.raises(RefusedError) as refused:
        pin_at(us, them)
    assert refused.value.code == "flows/exercise-does-not-mix"
    node, other = SimNode(us), SimNode(them)
    with pytest.raises(RefusedError) as refused:
        pin_partner(node.desk, other.identity.pin_file, fingerprint=other.identity.record.fingerprint, by="kim")
    assert node.every(PinnedParty) == []
    assert [one.correlation_id for one in node.every(RefusalRecord)] == [refused.value.evidence["correlation_id"]]
    assert node.leaves(f"gsomia/{us.lower()}/private")[-1].event is Event.PARTY_REFUSED


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize(("us", "them"), [(JPN, KOR), (XJPN, XKOR)])
def test_two_of_one_world_pin_each_other(us: PartyCode, them: PartyCode) -> None:
    node, other = pin_at(us, them)
    assert [known.code for known in partners(node.desk)] == [them]
    certificate = other.identity.descriptor.tls_certificate
    called = caller(node.desk, certificate)
    assert called is not None
    assert called.code == them
    assert calling_certificates(node.desk) == (certificate,)


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize(("us", "them"), PAIRS)
def test_a_party_of_the_other_world_has_no_way_in_even_if_the_record_has_it(us: PartyCode, them: PartyCode) -> None:
    node, certificate = planted(us, them)
    assert caller(node.desk, certificate) is None
    assert calling_certificates(node.desk) == ()
    assert partners(node.desk) == ()
    with pytest.raises(LocalError):
        partner(node.desk, them)


@pytest.mark.source("DESIGN-4")
def test_the_code_stands_in_everything_a_node_is_known_by() -> None:
    node = SimNode(XKOR)
    assert node.identity.record.fingerprint != SimNode(KOR).identity.record.fingerprint
    assert (node.identity.record.code, node.identity.descriptor.party) == (XKOR, XKOR)
    assert b"gsomia node XKOR" in node.identity.descriptor.tls_certificate


def text(kor: str, jpn: str) -> bytes:
    said = TEXT.replace('"KOR"', f'"{kor}"').replace('"JPN"', f'"{jpn}"').replace("KOR = [", f"{kor} = [")
    said = said.replace("JPN = [", f"{jpn} = [").replace('"KOR-', f'"{kor}-').replace('"JPN-', f'"{jpn}-')
    return said.replace("@KOR@", "a" * 64).replace("@JPN@", "b" * 64).encode()


@pytest.mark.source("DESIGN-4")
def test_no_text_binds_a_real_party_and_one_that_trains() -> None:
    assert {party.code for party in parse_document(text("KOR", "JPN")).parties} == {"KOR", "JPN"}
    assert {party.code for party in parse_document(text("XKOR", "XJPN")).parties} == {"XKOR", "XJPN"}
    for mixed in (text("XKOR", "JPN"), text("KOR", "XJPN")):
        with pytest.raises(DocumentError, match="exists for exercises only"):
            parse_document(mixed)
