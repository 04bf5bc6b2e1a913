import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsomia.audit import (
    AuditError,
    Checkpoint,
    CheckpointError,
    Note,
    NoteLine,
    cosign,
    parse_checkpoint,
    parse_note,
    print_note,
    sign_checkpoint,
    verify_checkpoint,
)
from gsomia.errors import PartnerError
from gsomia.instants import Instant
from gsomia.parties import HybridSigner, Strength
from strategies.audit import COSIGNER, LOG_SIGNER, NOW, ORIGIN, OTHER_SIGNER, WITNESS, flip, leaf_log

LOG = leaf_log(3)
BODY = LOG.body(3)
NOTE = parse_note(BODY)
KEY = LOG_SIGNER.public


def with_lines(*lines: NoteLine) -> bytes:
    return print_note(Note(text=NOTE.text, lines=lines))


def refused_code(untrusted: bytes) -> str:
    with pytest.raises((AuditError, CheckpointError)) as caught:
        verify_checkpoint(untrusted, origin=ORIGIN, key=KEY)
    return caught.value.code


@pytest.mark.source("C2SP tlog-checkpoint", "DESIGN-4")
def test_a_signed_checkpoint_verifies_and_keeps_its_bytes() -> None:
    signed = verify_checkpoint(BODY, origin=ORIGIN, key=KEY)

    assert signed.checkpoint == LOG.head(3)
    assert signed.at == NOW
    assert signed.body == BODY


@pytest.mark.source("C2SP tlog-checkpoint", "C2SP tlog-cosignature")
def test_a_checkpoint_carries_one_ed25519_and_one_ml_dsa_line_of_the_origin() -> None:
    assert [(line.name, len(line.signature)) for line in NOTE.lines] == [(ORIGIN, 64), (ORIGIN, 8 + 2420)]


@pytest.mark.source("DESIGN-4")
def test_a_flipped_bit_anywhere_in_a_checkpoint_is_refused() -> None:
    for position in range(len(BODY)):
        refused_code(flip(BODY, position))


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize("kept", [(0,), (1,), (0, 0), (1, 1), (0, 0, 1), (0, 1, 1), (0, 1, 0, 1)])
def test_a_stripped_or_doubled_signature_is_refused(kept: tuple[int, ...]) -> None:
    assert refused_code(with_lines(*(NOTE.lines[at] for at in kept))) == "audit/signatures-not-as-required"


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize("half", [0, 1])
def test_one_true_signature_does_not_make_up_for_a_false_one(half: int) -> None:
    line = NOTE.lines[half]
    false = NoteLine(name=line.name, key_id=line.key_id, signature=flip(line.signature, 40))

    assert (
        refused_code(with_lines(*(false if at == half else NOTE.lines[at] for at in (0, 1)))) == "audit/signature-false"
    )


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("length", [1, 7, 63, 65, 2427, 2429])
def test_a_required_signature_of_the_wrong_length_is_refused(half: int, length: int) -> None:
    line = NOTE.lines[half]
    wrong = NoteLine(name=line.name, key_id=line.key_id, signature=bytes(length))

    assert refused_code(with_lines(*(wrong if at == half else NOTE.lines[at] for at in (0, 1)))) == (
        "audit/signature-malformed"
    )


def test_a_signature_from_after_the_year_9999_is_refused() -> None:
    line = NOTE.lines[1]
    late = NoteLine(name=line.name, key_id=line.key_id, signature=b"\xff" * 8 + line.signature[8:])

    assert refused_code(with_lines(NOTE.lines[0], late)) == "audit/signature-malformed"


@pytest.mark.source("C2SP signed-note")
def test_lines_of_unknown_keys_mean_nothing() -> None:
    stranger = NoteLine(name="example.com/stranger", key_id=b"abcd", signature=b"anything")
    namesake = NoteLine(name=ORIGIN, key_id=b"abcd", signature=b"anything")

    verify_checkpoint(with_lines(stranger, *NOTE.lines, namesake), origin=ORIGIN, key=KEY)


@pytest.mark.source("C2SP tlog-witness")
def test_appended_cosignatures_keep_a_checkpoint_valid() -> None:
    cosigned = BODY + cosign(LOG.signed(3), name=WITNESS, signer=COSIGNER, at=NOW)

    assert verify_checkpoint(cosigned, origin=ORIGIN, key=KEY).body == cosigned


def test_the_checkpoint_of_another_log_is_refused() -> None:
    with pytest.raises(CheckpointError) as caught:
        verify_checkpoint(BODY, origin="gsomia/jpn/shared/kor", key=KEY)

    assert caught.value.code == "audit/checkpoint-of-another"
    assert caught.value.evidence == {"checkpoint": BODY}


def test_a_checkpoint_signed_by_another_key_is_refused() -> None:
    assert refused_code(sign_checkpoint(LOG.head(3), signer=OTHER_SIGNER, at=NOW)) == "audit/signatures-not-as-required"


@pytest.mark.source("C2SP tlog-checkpoint")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n",
        "origin\n3\n",
        f"{ORIGIN}\n3\nAAAA\n",
        f"{ORIGIN}\n03\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        f"{ORIGIN}\n-3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        f"{ORIGIN}\n9223372036854775808\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        f"{ORIGIN}\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nextension\n",
        f"{ORIGIN}\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
        "\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "o" * 256 + "\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
    ],
)
def test_a_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(AuditError):
        parse_checkpoint(text)


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
@settings(deadline=None)
def test_parsing_the_text_gives_the_checkpoint(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin=ORIGIN, size=size, root=root)

    assert checkpoint == parse_checkpoint(checkpoint.text)


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_any_bytes_are_refused_as_a_partners_fault(untrusted: bytes) -> None:
    with pytest.raises(PartnerError):
        verify_checkpoint(untrusted, origin=ORIGIN, key=KEY)


def test_a_key_of_statement_strength_signs_no_checkpoint() -> None:
    signer = HybridSigner.from_seed(bytes(64), Strength.STATEMENT)

    with pytest.raises(ValueError, match="key"):
        sign_checkpoint(LOG.head(3), signer=signer, at=Instant(0))


@pytest.mark.parametrize(
    ("origin", "size", "root"), [("", 0, bytes(32)), ("a\nb", 0, bytes(32)), ("a", -1, bytes(32)), ("a", 0, b"")]
)
def test_a_checkpoint_that_no_text_could_say_is_refused(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(ValueError, match="checkpoint"):
        Checkpoint(origin=origin, size=size, root=root)
