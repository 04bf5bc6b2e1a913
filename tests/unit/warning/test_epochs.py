"""How an epoch begins: only with both keys, only for this lane, never twice."""

from dataclasses import replace

import pytest

from contracts.samples import seeded
from gsomia.envelope import open_frame, seal_frame
from gsomia.parties import SignatureError, sign_statement
from gsomia.warning import (
    ANSWER,
    HELLO,
    LaneClosedError,
    OpeningEpoch,
    answer_hello,
    begin_epoch,
    say_hello,
    take_answer,
    verify_hello,
)
from strategies.lanes import DIGEST, INSTRUMENT, shake_hands
from strategies.parties import SEOUL, TOKYO

KEY = SEOUL.lane.public


def opening(epoch: int = 5) -> OpeningEpoch:
    return say_hello(
        sender=SEOUL.code, recipient=TOKYO.code, instrument=INSTRUMENT, authorisation=DIGEST, epoch=epoch,
        entropy=seeded("hello"), signer=SEOUL.lane,
    )  # fmt: skip


@pytest.mark.source("DESIGN-6")
def test_both_ends_come_to_the_same_keys_one_for_each_direction() -> None:
    ours, theirs = shake_hands(1)
    sealed = seal_frame(ours.keys.data, b"x", epoch=1, sequence=1)
    assert open_frame(theirs.keys.data, sealed, epoch=1, sequence=1) == b"x"
    assert seal_frame(theirs.keys.back, b"x", epoch=1, sequence=1) != sealed
    assert ours.transcript == theirs.transcript


def test_two_epochs_never_have_the_same_keys() -> None:
    one, other = shake_hands(1)[0], shake_hands(2)[0]
    assert seal_frame(one.keys.data, b"x", epoch=1, sequence=1) != seal_frame(
        other.keys.data, b"x", epoch=1, sequence=1
    )


@pytest.mark.source("DESIGN-6")
def test_a_hello_of_an_epoch_that_was_used_begins_nothing() -> None:
    said = opening(5).statement.envelope
    verify_hello(said, key=KEY, sender=SEOUL.code, us=TOKYO.code, after={INSTRUMENT: 4})
    with pytest.raises(LaneClosedError) as caught:
        verify_hello(said, key=KEY, sender=SEOUL.code, us=TOKYO.code, after={INSTRUMENT: 5})
    assert caught.value.code == "warning/epoch-old"


def test_a_hello_to_another_party_begins_nothing_here() -> None:
    with pytest.raises(LaneClosedError):
        verify_hello(opening().statement.envelope, key=KEY, sender=SEOUL.code, us=SEOUL.code, after={})


def test_a_hello_that_the_statement_key_signed_is_refused() -> None:
    forged = sign_statement(opening().statement.value, kind=HELLO, signer=SEOUL.statement).envelope
    with pytest.raises(SignatureError):
        verify_hello(forged, key=KEY, sender=SEOUL.code, us=TOKYO.code, after={})


def test_an_answer_to_another_hello_gives_no_keys() -> None:
    ours = opening()
    answer = answer_hello(ours.statement, entropy=seeded("answer"), signer=TOKYO.lane).statement.value
    other = sign_statement(replace(answer, epoch=6), kind=ANSWER, signer=TOKYO.lane).envelope
    with pytest.raises(LaneClosedError):
        take_answer(other, opening=ours, key=TOKYO.lane.public, entropy=seeded("x"))


def test_a_half_of_the_secret_that_was_changed_gives_no_keys() -> None:
    ours = opening()
    answered = answer_hello(ours.statement, entropy=seeded("answer"), signer=TOKYO.lane)
    _, wrapped = take_answer(answered.statement.envelope, opening=ours, key=TOKYO.lane.public, entropy=seeded("x"))
    with pytest.raises(LaneClosedError):
        begin_epoch(answered, wrapped[:-1] + bytes([wrapped[-1] ^ 1]))
