"""How an epoch of a lane begins: two hybrid-signed hellos with fresh keys, and a secret that both halves make.

Each hello names both parties, the instrument, the pre-authorisation and the epoch, and its kind names the direction; so
a key made here serves one lane, one way, under one decision. Both private keys and both halves are forgotten when the
epoch ends, so that whoever takes the node's long-lived keys later opens nothing that was recorded on the line.

Source: design 6 (the fast lane).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from msgspec import Meta

from gsomia.envelope import (
    LANE_SUITE,
    SECRET_BYTES,
    EpochKeys,
    OpenError,
    derive_epoch_keys,
    unwrap_secret,
    wrap_secret,
)
from gsomia.ids import Count, Entropy, HexDigest, InstrumentId, PartyCode
from gsomia.parties import (
    SEALING_SEED_BYTES,
    HybridKey,
    HybridSigner,
    Opener,
    SealingKey,
    Statement,
    sign_statement,
    verify_statement,
)
from gsomia.warning.errors import LaneClosedError

HELLO: Final = "lane-hello"
ANSWER: Final = "lane-answer"
TALLY: Final = "lane-tally"
RECEIPT: Final = "lane-receipt"
"""Statement kinds; they are signed by lane keys and never heard at another door."""

Nonce = Annotated[bytes, Meta(min_length=32, max_length=32)]
EpochNumber = Annotated[int, Meta(ge=1, le=2**53 - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneHello:
    """The warning side begins an epoch.

    Args:
        suite: which algorithms.
        sender, recipient: the two ends; `sender` warns.
        instrument: under which.
        authorisation: digest of the sender's standing pre-authorisation.
        epoch: higher than every one before it on this lane.
        nonce: fresh.
        key: fresh, for the recipient's half of the secret.
    """

    suite: Literal["gsomia-lane-1"]
    sender: PartyCode
    recipient: PartyCode
    instrument: InstrumentId
    authorisation: HexDigest
    epoch: EpochNumber
    nonce: Nonce
    key: SealingKey


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneAnswer:
    """The warned side joins an epoch.

    Args:
        hello: digest of the hello it answers.
        sender, recipient: the two ends, as in the hello.
        epoch: which.
        nonce: fresh.
        key: fresh, for the sender's half of the secret.
        wrapped: the recipient's half, for the hello's key.
    """

    hello: HexDigest
    sender: PartyCode
    recipient: PartyCode
    epoch: EpochNumber
    nonce: Nonce
    key: SealingKey
    wrapped: Annotated[bytes, Meta(max_length=4096)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneTally:
    """What was sealed in an epoch since the last tally: the sender's word for it, signed by both halves of its key.

    Args:
        sender, recipient, instrument, epoch: which lane and epoch.
        first, last: sequence numbers.
        running: digest over everything sealed in the epoch up to `last`.
        again: how many frames of the epoch so far carry a message that an earlier epoch carried before.
    """

    sender: PartyCode
    recipient: PartyCode
    instrument: InstrumentId
    epoch: EpochNumber
    first: Count
    last: Count
    running: HexDigest
    again: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneReceipt:
    """The recipient holds every frame of a tally: its word for it, signed by both halves of its key."""

    tally: HexDigest
    sender: PartyCode
    recipient: PartyCode
    epoch: EpochNumber
    last: Count
    running: HexDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningEpoch:
    """An epoch that the sender has begun and the recipient has not answered."""

    statement: Statement[LaneHello]
    opener: Opener


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredEpoch:
    """An epoch that the recipient has answered; it waits for the sender's half."""

    hello: Statement[LaneHello]
    statement: Statement[LaneAnswer]
    opener: Opener
    half: bytes

    def __repr__(self) -> str:
        return f"AnsweredEpoch({self.hello.value.epoch})"


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochStart:
    """An epoch that both sides have the keys of; `transcript` is where its running digest begins."""

    number: int
    keys: EpochKeys
    transcript: bytes


def say_hello(
    *,
    sender: PartyCode,
    recipient: PartyCode,
    instrument: InstrumentId,
    authorisation: HexDigest,
    epoch: int,
    entropy: Entropy,
    signer: HybridSigner,
) -> OpeningEpoch:
    """Begin an epoch."""
    opener = Opener.from_seed(entropy(SEALING_SEED_BYTES))
    hello = LaneHello(
        suite=LANE_SUITE,
        sender=sender,
        recipient=recipient,
        instrument=instrument,
        authorisation=authorisation,
        epoch=epoch,
        nonce=entropy(32),
        key=opener.public,
    )
    return OpeningEpoch(statement=sign_statement(hello, kind=HELLO, signer=signer), opener=opener)


def verify_hello(
    untrusted: bytes, *, key: HybridKey, sender: PartyCode, us: PartyCode, after: Mapping[str, int]
) -> Statement[LaneHello]:
    """Prove that the connected partner begins an epoch with us.

    1. Its lane key signed, both halves.
    2. It is the partner at the other end of the connection, and we are meant.
    3. The epoch is newer than every one before it: an old hello begins nothing.

    Args:
        untrusted: the statement as received.
        key: the lane key of the partner that the certificate names.
        sender: that partner.
        us: our own code.
        after: the last epoch of each lane with that partner, by instrument.

    Raises:
        CanonError, SignatureError: step 1.
        LaneClosedError: step 2 or 3.

    Trust: `untrusted` is hostile; whether the lane is allowed is asked afterwards.
    Source: design 6 (Replay is judged by epoch and sequence, not by time).
    """
    statement = verify_statement(untrusted, accepts={HELLO: LaneHello}, key=key)
    hello = statement.value
    if (hello.sender, hello.recipient) != (sender, us):
        raise LaneClosedError("warning/lane-of-another", "the hello is of another party, or to another")
    last = after.get(hello.instrument, 0)
    if hello.epoch <= last:
        raise LaneClosedError("warning/epoch-old", f"epoch `{hello.epoch}` is not newer than `{last}`")
    return statement


def answer_hello(hello: Statement[LaneHello], *, entropy: Entropy, signer: HybridSigner) -> AnsweredEpoch:
    """Join an epoch."""
    opener, half = Opener.from_seed(entropy(SEALING_SEED_BYTES)), entropy(SECRET_BYTES)
    answer = LaneAnswer(
        hello=hello.digest,
        sender=hello.value.sender,
        recipient=hello.value.recipient,
        epoch=hello.value.epoch,
        nonce=entropy(32),
        key=opener.public,
        wrapped=wrap_secret(half, hello.value.key, bound_to=bytes.fromhex(hello.digest)),
    )
    return AnsweredEpoch(
        hello=hello, statement=sign_statement(answer, kind=ANSWER, signer=signer), opener=opener, half=half
    )


def take_answer(
    untrusted: bytes, *, opening: OpeningEpoch, key: HybridKey, entropy: Entropy
) -> tuple[EpochStart, bytes]:
    """The epoch's keys at the sender, and its own half, wrapped, which the recipient needs to have them too.

    1. The partner's lane key signed, both halves.
    2. It answers this very hello.
    3. Its half opens with the fresh key of the hello.

    Raises:
        CanonError, SignatureError: step 1.
        LaneClosedError: step 2 or 3.

    Trust: `untrusted` is hostile; on return only the partner can have the keys.
    """
    statement = verify_statement(untrusted, accepts={ANSWER: LaneAnswer}, key=key)
    hello, answer = opening.statement.value, statement.value
    expected = (opening.statement.digest, hello.sender, hello.recipient, hello.epoch)
    if (answer.hello, answer.sender, answer.recipient, answer.epoch) != expected:
        raise LaneClosedError("warning/answer-of-another", "the answer is to another hello")
    half = _unwrap(answer.wrapped, opening.opener, bound_to=opening.statement.digest)
    ours = entropy(SECRET_BYTES)
    wrapped = wrap_secret(ours, answer.key, bound_to=bytes.fromhex(statement.digest))
    transcript = _transcript(opening.statement.digest, statement.digest, wrapped)
    keys = derive_epoch_keys(ours, half, transcript=transcript)
    return EpochStart(number=hello.epoch, keys=keys, transcript=transcript), wrapped


def begin_epoch(answered: AnsweredEpoch, untrusted_wrapped: bytes) -> EpochStart:
    """The epoch's keys at the recipient.

    Raises:
        LaneClosedError: the sender's half does not open.

    Trust: who wrapped it is not proven here; only who also holds the other half can seal a frame that opens.
    """
    half = _unwrap(untrusted_wrapped, answered.opener, bound_to=answered.statement.digest)
    transcript = _transcript(answered.hello.digest, answered.statement.digest, untrusted_wrapped)
    keys = derive_epoch_keys(half, answered.half, transcript=transcript)
    return EpochStart(number=answered.hello.value.epoch, keys=keys, transcript=transcript)


def _unwrap(wrapped: bytes, opener: Opener, *, bound_to: HexDigest) -> bytes:
    try:
        return unwrap_secret(wrapped, opener, bound_to=bytes.fromhex(bound_to))
    except OpenError as cause:
        raise LaneClosedError("warning/epoch-does-not-open", "the half of the secret does not open") from cause


def _transcript(hello: HexDigest, answer: HexDigest, wrapped: bytes) -> bytes:
    parts = bytes.fromhex(hello) + bytes.fromhex(answer) + hashlib.sha256(wrapped).digest()
    return hashlib.sha256(b"gsomia/lane/transcript\x00" + parts).digest()
