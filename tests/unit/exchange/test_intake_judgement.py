"""What an offer is to us: new, continued, already here, a reused id, or too much."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsomia.exchange import (
    MAX_DECLARED_BYTES,
    MAX_OPEN_BYTES,
    MAX_OPEN_TRANSFERS,
    Arrival,
    ExchangeError,
    Judgement,
    ShareError,
    Transfer,
    check_caps,
    judge_offer,
)
from gsomia.ids import HexDigest, new_consignment_id, sha256_hex
from strategies.agreements import KR
from strategies.labels import NOW, modest
from strategies.policy import ITEM

CONSIGNMENT = new_consignment_id(bytes)
FIRST, SECOND = sha256_hex(b"first"), sha256_hex(b"second")


def transfer(manifest: HexDigest = FIRST) -> Transfer:
    return Transfer(consignment=CONSIGNMENT, sender=KR, item=ITEM, manifest=manifest, at=NOW)


def arrival(manifest: HexDigest = FIRST) -> Arrival:
    return Arrival(consignment=CONSIGNMENT, sender=KR, item=ITEM, manifest=manifest, log_index=4, at=NOW)


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize(
    ("begun", "whole", "judged"),
    [
        (None, None, Judgement.NEW),
        (transfer(), None, Judgement.CONTINUED),
        (None, arrival(), Judgement.ALREADY_RECEIVED),
        (transfer(), arrival(), Judgement.ALREADY_RECEIVED),
    ],
)
def test_the_same_id_with_the_same_manifest_has_the_old_answer(
    begun: Transfer | None, whole: Arrival | None, judged: Judgement
) -> None:
    assert judge_offer(consignment=CONSIGNMENT, manifest=FIRST, transfer=begun, arrival=whole) is judged
    assert judge_offer(consignment=CONSIGNMENT, manifest=FIRST, transfer=begun, arrival=whole) is judged


@pytest.mark.source("DESIGN-6")
@pytest.mark.parametrize(("begun", "whole"), [(transfer(), None), (None, arrival()), (transfer(), arrival())])
def test_the_same_id_with_another_manifest_is_refused_and_both_are_evidence(
    begun: Transfer | None, whole: Arrival | None
) -> None:
    with pytest.raises(ExchangeError) as caught:
        judge_offer(consignment=CONSIGNMENT, manifest=SECOND, transfer=begun, arrival=whole)
    assert caught.value.code == "exchange/id-reused"
    assert caught.value.evidence == {"first": FIRST, "second": SECOND}


@pytest.mark.source("A-03", "DESIGN-6")
@pytest.mark.parametrize("begun", [None, transfer()])
def test_what_came_after_the_end_has_the_old_answer_too(begun: Transfer | None) -> None:
    judged = judge_offer(consignment=CONSIGNMENT, manifest=FIRST, transfer=begun, arrival=None, on_hold=FIRST)
    assert judged is Judgement.ON_HOLD
    with pytest.raises(ExchangeError) as caught:
        judge_offer(consignment=CONSIGNMENT, manifest=SECOND, transfer=begun, arrival=None, on_hold=FIRST)
    assert caught.value.code == "exchange/id-reused"


@pytest.mark.source("DESIGN-6")
@given(st.integers(0, 1 << 44), st.integers(0, 200), st.integers(0, 1 << 38))
@modest
def test_what_a_partner_may_have_open_here_is_bounded(content_bytes: int, open_transfers: int, open_bytes: int) -> None:
    fits = content_bytes <= MAX_DECLARED_BYTES and open_bytes + content_bytes <= MAX_OPEN_BYTES
    allowed = fits and open_transfers < MAX_OPEN_TRANSFERS
    codes = {"exchange/declared-too-large", "exchange/too-many-open", "exchange/too-much-open"}
    try:
        check_caps(content_bytes=content_bytes, open_transfers=open_transfers, open_bytes=open_bytes)
    except (ExchangeError, ShareError) as refusal:
        assert not allowed
        assert refusal.code in codes  # noqa: PT017
    else:
        assert allowed


def test_the_caps_are_reached_exactly() -> None:
    room = MAX_OPEN_BYTES - MAX_DECLARED_BYTES
    check_caps(content_bytes=MAX_DECLARED_BYTES, open_transfers=MAX_OPEN_TRANSFERS - 1, open_bytes=room)
    with pytest.raises(ExchangeError):
        check_caps(content_bytes=MAX_DECLARED_BYTES + 1, open_transfers=0, open_bytes=0)
    with pytest.raises(ShareError):
        check_caps(content_bytes=0, open_transfers=MAX_OPEN_TRANSFERS, open_bytes=0)
    with pytest.raises(ShareError):
        check_caps(content_bytes=MAX_DECLARED_BYTES, open_transfers=0, open_bytes=room + 1)
