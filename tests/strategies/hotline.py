"""Messages, acknowledgements and plans of a watch log, in any order they could have been entered."""

from typing import cast

from hypothesis import strategies as st

from gsomia import canon
from gsomia.exchange import (
    AcknowledgementEntry,
    CallPlan,
    HotlineAcknowledgement,
    Matter,
    MessageEntry,
    MessageFacts,
    MessageHead,
    Precedence,
    ReadBack,
    Texts,
)
from gsomia.ids import HexDigest, PartyCode, PersonId, sha256_hex
from gsomia.instants import Instant

START = Instant(1_800_000_000)
JPN, KOR = cast("PartyCode", "JPN"), cast("PartyCode", "KOR")
DUTY = cast("PersonId", "duty")
SPAN_S = 30_000

seen_text = st.text(
    st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")), min_size=1, max_size=60
).filter(lambda text: bool(text.strip()))
salts = st.binary(min_size=16, max_size=16)
precedences = st.sampled_from(list(Precedence))
moments = st.integers(0, SPAN_S).map(lambda s: START.plus(seconds=s))


@st.composite
def texts(draw: st.DrawFn) -> Texts:
    """Texts in one to three languages."""
    languages = draw(st.sets(st.sampled_from(["ko", "ja", "en"]), min_size=1))
    given = {name: draw(seen_text) if name in languages else None for name in ("ko", "ja", "en")}
    return Texts(ko=given["ko"], ja=given["ja"], en=given["en"], salt=draw(salts))


def entry(
    *,
    number: int = 1,
    at: Instant = START,
    precedence: Precedence = Precedence.FLASH,
    direction: str = "heard",
    matter: Matter = Matter.COORDINATION,
) -> MessageEntry:
    """A message between `ours` and `theirs`, entered at `at`."""
    own = direction == "own"
    head = MessageHead(
        sender=KOR if own else JPN,
        to=JPN if own else KOR,
        number=number,
        level="UNCLASSIFIED",
        precedence=precedence,
        matter=matter,
        from_desk="ours" if own else "theirs",
        to_desk="theirs" if own else "ours",
        instrument=None,
        plan=None,
        at=at,
    )
    return MessageEntry(
        message=canon.digest(head),
        party=JPN,
        direction="own" if own else "heard",
        number=number,
        head=head,
        by=None,
        at=at,
    )


def acknowledgement(message: HexDigest, *, at: Instant, right: bool | None) -> AcknowledgementEntry:
    """An acknowledgement, with a right or wrong read-back or none."""
    read_back = None if right is None else ReadBack(form="words", repeated=sha256_hex(str(right).encode()))
    body = HotlineAcknowledgement(message=message, party=KOR, to=JPN, desk="ours", read_back=read_back, at=at)
    return AcknowledgementEntry(
        message=message,
        statement=canon.digest(body),
        party=JPN,
        direction="own",
        acknowledgement=body,
        right=right,
        by=None,
        at=at,
    )


@st.composite
def message_facts(draw: st.DrawFn) -> MessageFacts:
    """A message and what came of it."""
    made = entry(at=draw(moments), precedence=draw(precedences), direction=draw(st.sampled_from(["own", "heard"])))
    answers = draw(st.lists(st.sampled_from([None, True, False]), max_size=4))
    after = sorted(draw(st.lists(st.integers(0, SPAN_S), min_size=len(answers), max_size=len(answers))))
    return MessageFacts(
        entry=made,
        acknowledgements=[
            acknowledgement(made.message, at=made.at.plus(seconds=s), right=right)
            for s, right in zip(after, answers, strict=True)
        ],
        delivered=made.direction == "heard" or bool(answers) or draw(st.booleans()),
    )


def plan(*, every_s: int, within_s: int, direction: str = "own") -> CallPlan:
    """Test calls from `START` on."""
    return CallPlan(
        plan=sha256_hex(b"plan"),
        party=JPN,
        direction="own" if direction == "own" else "heard",
        our_desk="ours",
        their_desk="theirs",
        precedence=Precedence.ROUTINE,
        first=START,
        every_s=every_s,
        within_s=within_s,
        by=DUTY,
        at=START,
    )
