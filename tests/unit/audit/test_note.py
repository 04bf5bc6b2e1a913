"""Outside vectors: keys, texts and signatures only.

The example key and note are of C2SP signed-note.md; PeterNeumann and EnochRoot of golang.org/x/mod sumdb/note; the
witness cosignature of FiloSottile/sunlight cmd/skylight/testdata/witness; `torchwood-mldsa.txt` (a key, then a note)
of FiloSottile/torchwood cmd/litewitness/testdata/mldsa.txt.
"""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from gsomia.audit import (
    AuditError,
    Note,
    NoteKey,
    log_keys,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    print_note,
    print_vkey,
)
from gsomia.audit.checkpoint import subtree_message
from gsomia.audit.note import Algorithm, parse_decimal, parse_lines, print_lines
from gsomia.instants import Instant
from strategies.audit import LOG_SIGNER, flip, notes

EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n\u2014 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()
PETER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH_KEY = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
PETER_AND_ENOCH = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    "\u2014 EnochRoot "
    "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
).encode()
WITNESS_KEY = "witness.example.org+b8a2cf20+BFLN3yikSfFkVAJtrnh/CiY3Zozkoy7clp+P7XB28qUN"
WITNESSED = (
    "rome2026h1.example.org\n300\nlCkHUpkmVBEms2r2T1K6Og69+wUuuN3MIEW1/ezu2v0=\n\n"
    "\u2014 rome2026h1.example.org kVB1JgAAAZtxtEwABAMARzBFAiEAi+mTa2xjL1IdWpH82OeciGsGvwRAP+f1WkfKaSZCfFECIHoNPZ/"
    "Q3y6UNzvKOO9cuLr6V16vPNfhwhle9f6r5H/Z\n"
    "\u2014 witness.example.org "
    "uKLPIAAAAABpVGeAhm2bOvKc3LaB9PFN1ruG19Y5yqslmcAAbhftnn1Zznmo0LXFZq4LGvqKqLX8jWlwLKasxEGTLIqAVusneCBmBw==\n"
).encode()
TORCHWOOD_KEY, _, TORCHWOOD = (Path(__file__).parent / "torchwood-mldsa.txt").read_bytes().partition(b"\n")


@pytest.mark.source("C2SP signed-note")
@pytest.mark.parametrize(("untrusted", "keys"), [(EXAMPLE, [EXAMPLE_KEY]), (PETER_AND_ENOCH, [PETER_KEY, ENOCH_KEY])])
def test_published_notes_verify_under_their_published_keys(untrusted: bytes, keys: list[str]) -> None:
    note = parse_note(untrusted)

    for line, vkey in zip(note.lines, keys, strict=True):
        key = parse_vkey(vkey)
        assert line.is_of(key)
        Ed25519PublicKey.from_public_bytes(key.public).verify(line.signature, note.text.encode())


@pytest.mark.source("C2SP tlog-cosignature")
def test_a_published_ed25519_cosignature_verifies() -> None:
    note, key = parse_note(WITNESSED), parse_vkey(WITNESS_KEY)
    line = note.lines[1]
    seconds = int.from_bytes(line.signature[:8], "big")

    assert line.is_of(key)
    assert key.algorithm is Algorithm.ED25519_COSIGNATURE
    message = f"cosignature/v1\ntime {seconds}\n{note.text}".encode()
    Ed25519PublicKey.from_public_bytes(key.public).verify(line.signature[8:], message)


@pytest.mark.source("C2SP tlog-cosignature")
def test_a_published_ml_dsa_subtree_signature_verifies() -> None:
    note, key = parse_note(TORCHWOOD), parse_vkey(TORCHWOOD_KEY.decode())
    (line,) = note.lines

    assert line.is_of(key)
    message = subtree_message(parse_checkpoint(note.text), name=key.name, at=Instant(0))
    assert line.signature[:8] == bytes(8)
    MLDSA44PublicKey.from_public_bytes(key.public).verify(line.signature[8:], message)


@pytest.mark.parametrize("untrusted", [EXAMPLE, PETER_AND_ENOCH, WITNESSED, TORCHWOOD])
def test_published_notes_are_printed_as_they_were(untrusted: bytes) -> None:
    assert untrusted == print_note(parse_note(untrusted))


@pytest.mark.parametrize("vkey", [EXAMPLE_KEY, PETER_KEY, ENOCH_KEY, WITNESS_KEY, TORCHWOOD_KEY.decode()])
def test_published_keys_are_printed_as_they_were(vkey: str) -> None:
    assert vkey == print_vkey(parse_vkey(vkey))


@given(notes)
@settings(deadline=None)
def test_parsing_what_was_printed_gives_the_note(note: Note) -> None:
    assert note == parse_note(print_note(note))
    assert note.lines == parse_lines(print_lines(note.lines))


@given(st.binary(max_size=200) | notes.map(print_note).flatmap(lambda data: st.builds(flip, st.just(data), _at(data))))
@settings(deadline=None)
def test_any_bytes_are_refused_or_printed_as_they_were(untrusted: bytes) -> None:
    try:
        note = parse_note(untrusted)
    except AuditError:
        return
    assert untrusted == print_note(note)


@given(st.text(max_size=100) | st.integers(0, len(EXAMPLE_KEY) - 1).map(lambda at: flip(EXAMPLE_KEY.encode(), at)))
@settings(deadline=None)
def test_any_text_but_the_right_one_is_no_verifier_key(untrusted: str | bytes) -> None:
    text = untrusted if isinstance(untrusted, str) else untrusted.decode(errors="replace")
    with pytest.raises(AuditError):
        parse_vkey(text)


@pytest.mark.source("C2SP signed-note")
@pytest.mark.parametrize(
    "untrusted",
    [
        b"",
        b"\n",
        b"text only\n",
        b"no signature\n\n",
        b"text\n\n" + "\u2014 name AAAAAAA=".encode(),
        b"text\n\n" + "\u2014 name AAAAAA==\n".encode(),
        b"text\n\n" + "\u2014 name AAAAAAB=\n".encode(),
        b"text\n\n" + "\u2014 na+me AAAAAAA=\n".encode(),
        b"text\n\n" + "\u2014 na\u00a0me AAAAAAA=\n".encode(),
        b"text\n\n" + "\u2014  AAAAAAA=\n".encode(),
        b"text\n\n" + "\u2014 name  AAAAAAA=\n".encode(),
        b"text\n\n" + "\u2014 name AAAAAAA= \n".encode(),
        b"text\n\n- name AAAAAAA=\n",
        b"te\rxt\n\n" + "\u2014 name AAAAAAA=\n".encode(),
        b"te\x00xt\n\n" + "\u2014 name AAAAAAA=\n".encode(),
        b"te\xffxt\n\n" + "\u2014 name AAAAAAA=\n".encode(),
        b"text\n\n" + "\u2014 name AAAAAAA=\n".encode() * 33,
        b"x" * (1 << 18) + EXAMPLE,
    ],
)
def test_malformed_and_malleable_notes_are_refused(untrusted: bytes) -> None:
    with pytest.raises(AuditError):
        parse_note(untrusted)


@pytest.mark.source("C2SP signed-note")
def test_at_least_sixteen_signatures_are_read() -> None:
    line = EXAMPLE.rpartition(b"\n\n")[2]

    assert len(parse_note(EXAMPLE + 15 * line).lines) == 16


@pytest.mark.source("C2SP signed-note")
def test_text_and_signatures_part_at_the_last_empty_line() -> None:
    assert parse_note(b"one\n\n" + EXAMPLE).text == "one\n\nThis is an example message.\n"


def test_overlong_signature_lines_are_refused_unread() -> None:
    with pytest.raises(AuditError):
        parse_lines(b"x" * (1 << 18) + b"\n")


@pytest.mark.parametrize("untrusted", ["", "00", "01", "+1", "-1", "1_0", "\u0661", "9223372036854775808", "1 "])
def test_a_number_has_one_spelling(untrusted: str) -> None:
    with pytest.raises(AuditError):
        parse_decimal(untrusted)


@pytest.mark.parametrize("number", [0, 1, 2**63 - 1])
def test_numbers_up_to_the_bound_are_read(number: int) -> None:
    assert number == parse_decimal(str(number))


def test_a_verifier_key_of_another_type_or_length_is_refused() -> None:
    for material in (b"\x02" + bytes(32), b"\x01" + bytes(31), b"\x06" + bytes(32)):
        with pytest.raises(AuditError):
            parse_vkey("name+00000000+" + base64.b64encode(material).decode())


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b"])
def test_a_name_that_cannot_stand_in_a_line_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        NoteKey(name=name, algorithm=Algorithm.ED25519, public=bytes(32))


def test_a_log_hands_out_one_verifier_key_for_each_half() -> None:
    for key in log_keys("gsomia/kor/private", LOG_SIGNER.public):
        assert key == parse_vkey(print_vkey(key))


def _at(data: bytes) -> st.SearchStrategy[int]:
    return st.integers(0, len(data) - 1)
