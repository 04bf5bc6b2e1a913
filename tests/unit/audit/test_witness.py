import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsomia.audit import (
    AddCheckpoint,
    AuditError,
    Checkpoint,
    CheckpointError,
    Contradiction,
    CosignDecision,
    CosignStatus,
    InconsistentLogError,
    SignedCheckpoint,
    build_consistency,
    cosign,
    decide_cosign,
    parse_add_checkpoint,
    print_add_checkpoint,
    sign_checkpoint,
    verify_cosignature,
)
from gsomia.audit.note import parse_lines, print_lines
from gsomia.errors import PartnerError
from gsomia.instants import Instant
from strategies.audit import COSIGNER, LOG_SIGNER, NOW, ORIGIN, OTHER_SIGNER, WITNESS, Log, flip, leaf_log, log_of

LOG = leaf_log(7)
SIGNED = LOG.signed(7)
LINES = cosign(SIGNED, name=WITNESS, signer=COSIGNER, at=NOW)
FIRST, SECOND = parse_lines(LINES)
REWRITTEN = log_of([b"another past", *LOG.entries[1:]])


def refused_code(untrusted: bytes) -> str:
    with pytest.raises((AuditError, CheckpointError)) as caught:
        verify_cosignature(untrusted, signed=SIGNED, name=WITNESS, key=COSIGNER.public)
    return caught.value.code


def request(old: int, new: int, *, log: Log = LOG) -> AddCheckpoint:
    return AddCheckpoint(old=old, proof=build_consistency(old, new, log.node), checkpoint=log.body(new))


def decide(asked: AddCheckpoint, *, last_seen: SignedCheckpoint | None) -> CosignDecision:
    return decide_cosign(asked, last_seen=last_seen, origin=ORIGIN, key=LOG_SIGNER.public)


@pytest.mark.source("C2SP tlog-cosignature", "DESIGN-5")
def test_a_cosignature_verifies_and_tells_its_time() -> None:
    cosignature = verify_cosignature(LINES, signed=SIGNED, name=WITNESS, key=COSIGNER.public)

    assert (cosignature.at, cosignature.lines) == (NOW, LINES)


@pytest.mark.source("C2SP tlog-cosignature")
def test_a_cosignature_is_one_timestamped_line_of_each_algorithm() -> None:
    assert [(line.name, len(line.signature)) for line in (FIRST, SECOND)] == [(WITNESS, 8 + 64), (WITNESS, 8 + 2420)]


@pytest.mark.source("DESIGN-4")
def test_a_flipped_bit_anywhere_in_a_cosignature_is_refused() -> None:
    for position in range(len(LINES)):
        refused_code(flip(LINES, position))


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize("kept", [(0,), (1,), (0, 0), (0, 1, 1), (0, 0, 1)])
def test_a_stripped_or_doubled_cosignature_line_is_refused(kept: tuple[int, ...]) -> None:
    assert refused_code(print_lines((FIRST, SECOND)[at] for at in kept)) == "audit/signatures-not-as-required"


def test_a_cosignature_does_not_hold_for_another_checkpoint() -> None:
    with pytest.raises(CheckpointError):
        verify_cosignature(LINES, signed=LOG.signed(6), name=WITNESS, key=COSIGNER.public)


def test_a_cosignature_does_not_hold_under_another_name_or_key() -> None:
    with pytest.raises(CheckpointError):
        verify_cosignature(LINES, signed=SIGNED, name="gsomia/usa/cosigner", key=COSIGNER.public)
    with pytest.raises(CheckpointError):
        verify_cosignature(LINES, signed=SIGNED, name=WITNESS, key=OTHER_SIGNER.public)


def test_lines_of_two_different_times_are_no_cosignature() -> None:
    later = parse_lines(cosign(SIGNED, name=WITNESS, signer=COSIGNER, at=NOW.plus(seconds=1)))

    assert refused_code(print_lines((FIRST, later[1]))) == "audit/cosignature-time"


def test_a_cosignature_without_a_time_is_refused() -> None:
    undated = cosign(SIGNED, name=WITNESS, signer=COSIGNER, at=Instant(0))

    assert refused_code(undated) == "audit/cosignature-time"


@pytest.mark.source("C2SP tlog-witness")
def test_lines_of_unknown_keys_are_dropped_from_a_cosignature() -> None:
    stranger = cosign(SIGNED, name="example.com/stranger", signer=OTHER_SIGNER, at=NOW)

    kept = verify_cosignature(stranger + LINES, signed=SIGNED, name=WITNESS, key=COSIGNER.public)

    assert kept.lines == LINES


@pytest.mark.source("C2SP tlog-witness")
@given(
    st.builds(
        AddCheckpoint,
        old=st.integers(0, 2**63 - 1),
        proof=st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
        checkpoint=st.binary(max_size=100),
    )
)
@settings(deadline=None)
def test_parsing_a_printed_request_gives_the_request(asked: AddCheckpoint) -> None:
    assert asked == parse_add_checkpoint(print_add_checkpoint(asked))


@given(st.binary(max_size=200) | st.binary(max_size=100).map(b"old 1\n".__add__))
@settings(deadline=None)
def test_any_bytes_are_refused_or_printed_as_they_were(untrusted: bytes) -> None:
    try:
        asked = parse_add_checkpoint(untrusted)
    except AuditError:
        return
    assert untrusted == print_add_checkpoint(asked)


@pytest.mark.source("C2SP tlog-witness")
@pytest.mark.parametrize(
    "head",
    [
        b"old 1",
        b"old 01\n\n",
        b"old -1\n\n",
        b"new 1\n\n",
        b"old\n\n",
        b"old 1\nAAAA\n\n",
        b"old 1\n\xff\n\n",
        b"old 1\n" + b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n" * 64 + b"\n",
        b"old 1\n\n" + b"x" * (1 << 19),
    ],
)
def test_a_malformed_request_is_refused(head: bytes) -> None:
    with pytest.raises(AuditError):
        parse_add_checkpoint(head)


@pytest.mark.source("C2SP tlog-witness")
@pytest.mark.parametrize("old", range(8))
def test_a_log_that_only_grew_is_cosigned(old: int) -> None:
    decision = decide(request(old, 7), last_seen=LOG.signed(old) if old else None)

    assert decision.status is CosignStatus.COSIGN
    assert decision.signed == SIGNED


@pytest.mark.source("C2SP tlog-witness")
def test_a_note_that_is_no_checkpoint_is_answered_400() -> None:
    decision = decide(AddCheckpoint(old=0, proof=(), checkpoint=b"nothing"), last_seen=None)

    assert decision.status is CosignStatus.MALFORMED


@pytest.mark.source("C2SP tlog-witness")
def test_an_unknown_log_is_answered_404() -> None:
    head = Checkpoint(origin="gsomia/usa/private", size=7, root=LOG.roots[7])
    asked = AddCheckpoint(old=0, proof=(), checkpoint=sign_checkpoint(head, signer=LOG_SIGNER, at=NOW))

    assert decide(asked, last_seen=None).status is CosignStatus.UNKNOWN_LOG


@pytest.mark.source("C2SP tlog-witness")
def test_a_checkpoint_without_the_required_signatures_is_answered_403() -> None:
    false = sign_checkpoint(LOG.head(7), signer=OTHER_SIGNER, at=NOW)

    decision = decide(AddCheckpoint(old=0, proof=(), checkpoint=false), last_seen=None)

    assert decision.status is CosignStatus.NOT_SIGNED
    assert isinstance(decision.error, CheckpointError)


@pytest.mark.source("C2SP tlog-witness")
def test_an_old_size_beyond_the_checkpoint_is_answered_400() -> None:
    asked = AddCheckpoint(old=8, proof=(), checkpoint=LOG.body(7))

    assert decide(asked, last_seen=None).status is CosignStatus.MALFORMED


@pytest.mark.source("C2SP tlog-witness")
def test_another_old_size_is_answered_409_with_the_right_one() -> None:
    decision = decide(request(3, 7), last_seen=LOG.signed(5))

    assert (decision.status, decision.last_size) == (CosignStatus.OTHER_SIZE, 5)
    assert decide(request(3, 7), last_seen=None).last_size == 0


@pytest.mark.source("C2SP tlog-witness", "DESIGN-5")
@pytest.mark.parametrize("old", [1, 3, 4, 7])
def test_a_rewritten_log_is_answered_422_with_both_signed_heads_as_evidence(old: int) -> None:
    decision = decide(request(old, 7, log=REWRITTEN), last_seen=LOG.signed(old))

    assert decision.status is CosignStatus.INCONSISTENT
    assert isinstance(decision.error, InconsistentLogError)
    against = decision.contradiction
    assert against is not None
    assert (against.older, against.newer) == (LOG.body(old), REWRITTEN.body(7))
    assert against.proof == build_consistency(old, 7, REWRITTEN.node)


@pytest.mark.source("DESIGN-5")
def test_two_roots_of_one_size_are_evidence_whatever_the_request_says_it_continues() -> None:
    decision = decide(request(3, 7, log=REWRITTEN), last_seen=LOG.signed(7))

    assert (decision.status, decision.last_size) == (CosignStatus.OTHER_SIZE, 7)
    assert decision.contradiction == Contradiction(older=LOG.body(7), newer=REWRITTEN.body(7))


@pytest.mark.source("DESIGN-5")
@pytest.mark.parametrize("old", [0, 3, 5])
def test_an_honest_log_that_asks_from_another_size_is_accused_of_nothing(old: int) -> None:
    assert decide(request(old, 7), last_seen=LOG.signed(6)).contradiction is None
    assert decide(request(old, 7), last_seen=LOG.signed(7)).contradiction is None


@pytest.mark.source("C2SP tlog-witness")
def test_a_missing_or_superfluous_proof_is_answered_422() -> None:
    bare = AddCheckpoint(old=3, proof=(), checkpoint=LOG.body(7))
    broken = AddCheckpoint(old=3, proof=(b"short",), checkpoint=LOG.body(7))
    padded = AddCheckpoint(old=0, proof=(bytes(32),), checkpoint=LOG.body(7))

    assert decide(bare, last_seen=LOG.signed(3)).status is CosignStatus.INCONSISTENT
    assert decide(broken, last_seen=LOG.signed(3)).status is CosignStatus.INCONSISTENT
    assert decide(padded, last_seen=None).status is CosignStatus.INCONSISTENT


@pytest.mark.source("C2SP tlog-witness")
def test_an_empty_log_with_another_root_is_answered_422() -> None:
    body = sign_checkpoint(Checkpoint(origin=ORIGIN, size=0, root=bytes(32)), signer=LOG_SIGNER, at=NOW)

    assert decide(AddCheckpoint(old=0, proof=(), checkpoint=body), last_seen=None).status is CosignStatus.INCONSISTENT


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_any_bytes_are_no_cosignature_by_a_partners_fault(untrusted: bytes) -> None:
    with pytest.raises(PartnerError):
        verify_cosignature(untrusted, signed=SIGNED, name=WITNESS, key=COSIGNER.public)
