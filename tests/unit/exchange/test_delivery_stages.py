"""How far a delivery has come: a table, from which nothing leads back."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia import canon
from gsomia.envelope import Holding
from gsomia.exchange import TRANSITIONS, Delivery, DeliveryError, DeliveryStage, Refusal, Stage, advance, queue, queued
from gsomia.ids import new_consignment_id, new_decision_id, sha256_hex
from gsomia.policy import Permit, decide_release
from strategies.agreements import AGREEMENT, INSTRUMENT, JP
from strategies.labels import NOW, POLICIES, modest
from strategies.policy import ITEM, RELEASE

ORDER = (Stage.QUEUED, Stage.SENDING, Stage.RECEIVED, Stage.RECEIPTED, Stage.OPENED)
TERMINAL = (Stage.OPENED, Stage.REFUSED)
CONSIGNMENT = new_consignment_id(bytes)
PERMIT = Permit(decide_release(RELEASE, agreement=AGREEMENT, policies=POLICIES))
EVIDENCE = sha256_hex(b"evidence")
DELIVERY = Delivery(
    consignment=CONSIGNMENT,
    item=ITEM,
    to=JP,
    instrument=INSTRUMENT,
    agreement=AGREEMENT.digest,
    decision=new_decision_id(bytes),
    manifest=sha256_hex(b"manifest"),
    header=b"h",
    statement=b"s",
    sealed_part=b"p",
    holding=Holding(
        item=ITEM,
        header=sha256_hex(b"header"),
        content_bytes=1,
        segments=1,
        segment_list=sha256_hex(b"list"),
        wrapped=bytes(60),
    ),
    at=NOW,
)


def at(stage: Stage) -> DeliveryStage:
    return DeliveryStage(consignment=CONSIGNMENT, item=ITEM, stage=stage, code=None, evidence=None, at=NOW)


def reached(start: Stage, to: Stage) -> Stage | None:
    after = advance(at(start), to, at=NOW.plus(seconds=1), evidence=EVIDENCE, code="x/y")
    if after is None:
        return None
    assert (after.consignment, after.item, after.evidence, after.code) == (CONSIGNMENT, ITEM, EVIDENCE, "x/y")
    assert after.at == NOW.plus(seconds=1)
    return after.stage


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize("stage", TERMINAL)
def test_nothing_leads_out_of_a_terminal_stage(stage: Stage) -> None:
    assert TRANSITIONS[stage] == frozenset()
    for to in Stage:
        try:
            assert reached(stage, to) is None
        except DeliveryError as refusal:
            assert refusal.code == "exchange/stage-not-possible"  # noqa: PT017  both answers leave it where it is


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize(("start", "to"), [(s, t) for i, s in enumerate(ORDER) for t in ORDER[: i + 1]])
def test_duplicates_and_late_stages_change_nothing(start: Stage, to: Stage) -> None:
    assert reached(start, to) is None


@pytest.mark.parametrize("to", [Stage.QUEUED, Stage.SENDING, Stage.REFUSED])
def test_a_refusal_that_comes_again_changes_nothing(to: Stage) -> None:
    assert reached(Stage.REFUSED, to) is None


@pytest.mark.source("DESIGN-6", "G12-5")
@pytest.mark.parametrize("to", [Stage.RECEIVED, Stage.RECEIPTED, Stage.OPENED, Stage.REFUSED, Stage.STOPPED])
def test_evidence_of_a_later_stage_is_taken_while_sending(to: Stage) -> None:
    assert reached(Stage.SENDING, to) is to


@pytest.mark.parametrize(
    ("start", "to"),
    [
        (Stage.QUEUED, Stage.RECEIVED),
        (Stage.QUEUED, Stage.OPENED),
        (Stage.QUEUED, Stage.REFUSED),
        (Stage.RECEIVED, Stage.REFUSED),
        (Stage.RECEIPTED, Stage.REFUSED),
        (Stage.OPENED, Stage.REFUSED),
        (Stage.REFUSED, Stage.RECEIVED),
        (Stage.REFUSED, Stage.OPENED),
    ],
)
def test_what_the_table_does_not_allow_is_refused(start: Stage, to: Stage) -> None:
    with pytest.raises(DeliveryError):
        reached(start, to)


@given(st.lists(st.sampled_from(Stage), max_size=12))
@modest
def test_whatever_arrives_a_delivery_only_goes_forward(arriving: list[Stage]) -> None:
    current, seen = at(Stage.QUEUED), [Stage.QUEUED]
    for to in arriving:
        try:
            after = advance(current, to, at=NOW)
        except DeliveryError:
            continue
        if after is not None:
            assert after.stage in TRANSITIONS[current.stage]
            current = after
            seen.append(after.stage)
    assert len(set(seen)) == len(seen)
    walked = [stage for stage in seen if stage not in {Stage.REFUSED, Stage.STOPPED}]
    assert walked == sorted(walked, key=ORDER.index)
    assert Stage.REFUSED not in seen or seen[-1] is Stage.REFUSED


@pytest.mark.source("DESIGN-6", "TR-5")
@pytest.mark.parametrize("to", [Stage.RECEIVED, Stage.RECEIPTED, Stage.OPENED])
def test_what_was_stopped_while_it_was_on_its_way_may_still_prove_that_it_arrived(to: Stage) -> None:
    assert reached(Stage.STOPPED, to) is to
    assert reached(Stage.STOPPED, Stage.SENDING) is None


def test_the_table_knows_every_stage() -> None:
    assert set(TRANSITIONS) == set(Stage)
    assert {stage for stage, onward in TRANSITIONS.items() if not onward} == set(TERMINAL)


@pytest.mark.source("DESIGN-8", "G1-2")
def test_a_delivery_is_queued_by_a_permit_and_names_what_it_rests_on() -> None:
    outgoing, first = queue(DELIVERY, permit=PERMIT), queued(DELIVERY)
    assert (outgoing.partner, outgoing.reference) == (DELIVERY.to, CONSIGNMENT)
    assert (first.stage, first.consignment, first.at) == (Stage.QUEUED, CONSIGNMENT, DELIVERY.at)


def test_deliveries_and_stages_read_back() -> None:
    assert canon.decode(canon.encode(DELIVERY), Delivery) == DELIVERY
    for stage in Stage:
        assert canon.decode(canon.encode(at(stage)), DeliveryStage) == at(stage)


@pytest.mark.source("STYLE-3.6")
@pytest.mark.parametrize(
    "code", ["", "no slash", "Envelope/x", "envelope/x\n", "envelope/the label is KOR-2", "a/" + "b" * 80]
)
def test_a_refusal_across_the_border_is_a_code_and_no_prose(code: str) -> None:
    words: dict[str, Any] = {"code": "envelope/does-not-open", "correlation_id": "c-1", "recorded": True}
    assert canon.decode(canon.encode(words), Refusal).code == words["code"]
    with pytest.raises(canon.CanonError):
        canon.decode(canon.encode({**words, "code": code}), Refusal)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**words, "reason": 1, "code": code}, Refusal)
