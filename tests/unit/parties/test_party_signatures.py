"""A statement is believed when exactly the two required signatures of the pinned key stand under exactly its bytes."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.canon import CanonError
from gsomia.errors import PartnerError
from gsomia.ids import sha256_hex
from gsomia.parties import SignatureError, pae, payload_type, read_kind, sign_statement, verify_statement
from gsomia.parties.signature import SignatureLine, StatementEnvelope
from strategies.labels import modest
from strategies.parties import SEOUL, TOKYO, flip


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    number: int


KEY = SEOUL.statement.public
SAID = sign_statement(Word(text="prior written approval"), kind="word", signer=SEOUL.statement)
ENVELOPE = canon.decode(SAID.envelope, StatementEnvelope)
ED25519, MLDSA = ENVELOPE.signatures


def said_again(
    *,
    payload: bytes = ENVELOPE.payload,
    kind: str = ENVELOPE.payloadType,
    lines: tuple[SignatureLine, ...] = ENVELOPE.signatures,
) -> bytes:
    return canon.encode(StatementEnvelope(payload=payload, payloadType=kind, signatures=lines))


def refused(untrusted: bytes) -> str:
    with pytest.raises((SignatureError, CanonError)) as caught:
        verify_statement(untrusted, accepts={"word": Word}, key=KEY)
    return caught.value.code


@pytest.mark.source("DESIGN-4")
def test_a_statement_with_both_signatures_is_believed() -> None:
    accepts: dict[str, type[Any]] = {"number": Number, "word": Word}
    heard = verify_statement(SAID.envelope, accepts=accepts, key=KEY)
    assert heard == SAID
    assert heard.value == Word(text="prior written approval")


@pytest.mark.source("DESIGN-4")
def test_a_statement_is_named_by_the_digest_of_its_payload_not_of_its_signatures() -> None:
    again = sign_statement(SAID.value, kind="word", signer=SEOUL.statement)
    assert again.digest == SAID.digest == sha256_hex(canon.encode(SAID.value))
    assert again.envelope != SAID.envelope


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((), id="none"),
        pytest.param((ED25519,), id="Ed25519 alone"),
        pytest.param((MLDSA,), id="ML-DSA alone"),
        pytest.param((ED25519, ED25519), id="Ed25519 twice"),
        pytest.param((MLDSA, MLDSA), id="ML-DSA twice"),
        pytest.param((ED25519, ED25519, MLDSA), id="Ed25519 doubled"),
        pytest.param((ED25519, MLDSA, MLDSA), id="ML-DSA doubled"),
        pytest.param((MLDSA, ED25519), id="reordered"),
        pytest.param((ED25519, MLDSA, ED25519, MLDSA), id="all doubled"),
        pytest.param((ED25519, MLDSA) * 3, id="too many"),
    ],
)
def test_signatures_stripped_doubled_or_reordered_are_refused(lines: tuple[SignatureLine, ...]) -> None:
    refused(said_again(lines=lines))


def test_signatures_swapped_under_their_key_ids_are_refused() -> None:
    swapped = (SignatureLine(keyid=ED25519.keyid, sig=MLDSA.sig), SignatureLine(keyid=MLDSA.keyid, sig=ED25519.sig))
    assert refused(said_again(lines=swapped)) == "parties/signature-false"


@pytest.mark.parametrize("half", [0, 1])
def test_one_false_half_is_enough_to_refuse(half: int) -> None:
    forged = verify_lines(half, sign_statement(Word(text="other"), kind="word", signer=SEOUL.statement).envelope)
    assert refused(said_again(lines=forged)) == "parties/signature-false"


def verify_lines(half: int, other: bytes) -> tuple[SignatureLine, ...]:
    theirs = canon.decode(other, StatementEnvelope).signatures
    return tuple(theirs[half] if index == half else line for index, line in enumerate(ENVELOPE.signatures))


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("cut", ["empty", "short", "long"])
def test_a_signature_of_another_length_is_refused(half: int, cut: str) -> None:
    line = ENVELOPE.signatures[half]
    sig = {"empty": b"", "short": line.sig[:-1], "long": line.sig + b"\x00"}[cut]
    lines = list(ENVELOPE.signatures)
    lines[half] = SignatureLine(keyid=line.keyid, sig=sig)
    assert refused(said_again(lines=tuple(lines))) == "parties/signature-false"


def test_another_partys_signatures_are_refused_even_under_our_key_ids() -> None:
    theirs = sign_statement(SAID.value, kind="word", signer=TOKYO.statement)
    assert refused(theirs.envelope) == "parties/signatures-not-as-required"
    lines = canon.decode(theirs.envelope, StatementEnvelope).signatures
    renamed = (SignatureLine(keyid=ED25519.keyid, sig=lines[0].sig), SignatureLine(keyid=MLDSA.keyid, sig=lines[1].sig))
    assert refused(said_again(lines=renamed)) == "parties/signature-false"


def test_another_key_of_the_same_party_is_refused() -> None:
    assert refused(sign_statement(SAID.value, kind="word", signer=SEOUL.working).envelope)


def test_the_envelope_does_not_choose_its_key() -> None:
    with pytest.raises(SignatureError):
        verify_statement(SAID.envelope, accepts={"word": Word}, key=TOKYO.statement.public)


@pytest.mark.source("DESIGN-4")
def test_bytes_signed_as_one_kind_are_never_read_as_another() -> None:
    moved = said_again(kind=payload_type("other-word"))
    with pytest.raises(SignatureError) as caught:
        verify_statement(moved, accepts={"other-word": Word}, key=KEY)
    assert caught.value.code == "parties/signature-false"


def test_a_door_takes_only_the_types_it_lists() -> None:
    with pytest.raises(SignatureError) as caught:
        verify_statement(SAID.envelope, accepts={"number": Number}, key=KEY)
    assert caught.value.code == "parties/type-not-taken"


def test_a_signed_payload_of_another_shape_is_refused() -> None:
    odd = sign_statement(Number(number=1), kind="word", signer=SEOUL.statement)
    with pytest.raises(CanonError):
        verify_statement(odd.envelope, accepts={"word": Word}, key=KEY)


@pytest.mark.parametrize(
    "payload", [b'{"text": "x"}', b'{"text":"x","text":"x"}', b'{"more":1,"text":"x"}', b"", b"\xff"]
)
def test_a_signed_payload_that_is_not_canonical_is_refused(payload: bytes) -> None:
    signature = SEOUL.statement.sign(pae(payload_type("word"), payload))
    lines = (
        SignatureLine(keyid=ED25519.keyid, sig=signature.ed25519),
        SignatureLine(keyid=MLDSA.keyid, sig=signature.mldsa),
    )
    with pytest.raises(CanonError):
        verify_statement(said_again(payload=payload, lines=lines), accepts={"word": Word}, key=KEY)


@pytest.mark.source("DESIGN-4")
@given(st.integers(0, len(SAID.envelope) - 1))
@modest
def test_a_flipped_bit_anywhere_is_refused(position: int) -> None:
    refused(flip(SAID.envelope, position))


def test_a_flipped_bit_in_payload_type_or_key_id_is_refused() -> None:
    start = SAID.envelope.index(b'"payloadType"')
    for position in range(start, start + 140):
        refused(flip(SAID.envelope, position))


@given(st.binary(max_size=100))
@modest
def test_any_bytes_are_refused_by_the_partners_error(untrusted: bytes) -> None:
    with pytest.raises(PartnerError):
        verify_statement(untrusted, accepts={"word": Word}, key=KEY)
    with pytest.raises(PartnerError):
        read_kind(untrusted)


def test_the_claimed_kind_only_chooses_the_door() -> None:
    assert read_kind(SAID.envelope) == "word"
    assert read_kind(said_again(lines=())) == "word"
    with pytest.raises(SignatureError):
        read_kind(said_again(kind="application/json"))
    with pytest.raises(SignatureError):
        read_kind(said_again(kind="application/vnd.gsomia.word.v2+json"))


@pytest.mark.source("DSSE protocol")
def test_the_pre_authentication_encoding_is_that_of_the_standard() -> None:
    example = pae("http://example.com/HelloWorld", b"hello world")
    assert example == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


@given(st.text(max_size=9), st.binary(max_size=9), st.text(max_size=9), st.binary(max_size=9))
@modest
def test_two_pairs_of_type_and_payload_never_share_an_encoding(a: str, b: bytes, c: str, d: bytes) -> None:
    assert (pae(a, b) == pae(c, d)) == ((a, b) == (c, d))
