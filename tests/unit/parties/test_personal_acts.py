"""A person signs what was done, in the domain of its kind; the party vouches for the key around it."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.parties import (
    Act,
    PersonSigner,
    SignatureError,
    say_act,
    sign_act,
    verify_act,
    verify_person,
    verify_statement,
)
from strategies.labels import modest
from strategies.parties import PARK, SATO, SEOUL, flip


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherDeed:
    item: str


ACT = sign_act(Deed(item="a"), kind="deed", hand=PARK)


@pytest.mark.source("DESIGN-4")
def test_an_act_is_proven_by_the_persons_signature() -> None:
    assert verify_act(ACT, kind="deed") == Deed(item="a")
    assert (ACT.by.office, ACT.by.key) == (PARK.office, PARK.signer.public)


@pytest.mark.source("DESIGN-4")
def test_an_act_travels_inside_its_partys_statement() -> None:
    said = say_act(Deed(item="a"), kind="deed", hand=PARK, signer=SEOUL.statement)
    heard = verify_statement(said.envelope, accepts={"deed": Act[Deed]}, key=SEOUL.statement.public)
    assert verify_act(heard.value, kind="deed") == Deed(item="a")


def test_a_changed_body_is_refused() -> None:
    with pytest.raises(SignatureError):
        verify_act(replace(ACT, body=Deed(item="b")), kind="deed")


@pytest.mark.parametrize("kind", ["", "deed ", "deeds", "deed-by-person", "note"])
def test_an_act_of_another_kind_is_refused(kind: str) -> None:
    with pytest.raises(SignatureError):
        verify_act(ACT, kind=kind)


def test_a_personal_signature_is_no_signature_of_the_party() -> None:
    alone = PARK.signer.sign(canon.encode(Deed(item="a")))
    with pytest.raises(SignatureError):
        verify_act(replace(ACT, by=replace(ACT.by, signature=alone)), kind="deed")


def test_another_persons_key_or_signature_is_refused() -> None:
    theirs = sign_act(Deed(item="a"), kind="deed", hand=SATO)
    for mark in (replace(ACT.by, key=theirs.by.key), replace(ACT.by, signature=theirs.by.signature)):
        with pytest.raises(SignatureError):
            verify_act(replace(ACT, by=mark), kind="deed")


@given(st.integers(0, 63), st.integers(0, 31))
@modest
def test_a_flipped_bit_in_signature_or_key_is_refused(in_signature: int, in_key: int) -> None:
    for mark in (
        replace(ACT.by, signature=flip(ACT.by.signature, in_signature)),
        replace(ACT.by, key=flip(ACT.by.key, in_key)),
    ):
        with pytest.raises(SignatureError):
            verify_act(replace(ACT, by=mark), kind="deed")


@pytest.mark.parametrize("lengths", [(0, 64), (31, 64), (33, 64), (32, 0), (32, 63), (32, 65)])
def test_keys_and_signatures_of_another_length_are_refused(lengths: tuple[int, int]) -> None:
    with pytest.raises(SignatureError):
        verify_person(PARK.signer.public[: lengths[0]].ljust(lengths[0], b"\0"), b"x", bytes(lengths[1]))


def test_a_person_signs_reproducibly_from_a_seed() -> None:
    signer = PersonSigner.from_seed(bytes(32))
    assert signer.sign(b"x") == PersonSigner.from_seed(bytes(32)).sign(b"x")
    verify_person(signer.public, b"x", signer.sign(b"x"))
