"""A receipt is the recipient's log entry about what we sent; anyone else's is refused."""

from dataclasses import replace
from typing import Any

import pytest

from gsomia import canon
from gsomia.audit import AuditError, CheckpointError, Event, InclusionError, InclusionReceipt, encode_leaf
from gsomia.exchange import ExchangeError, check_receipt, receipt_digest
from gsomia.ids import sha256_hex
from strategies.audit import LOG_SIGNER, ORIGIN, OTHER_SIGNER, flip, leaf, log_of

SENT = replace(leaf(3), event=Event.DELIVERY_RECEIVED, ids={"consignment": "csg_a", "item": "itm_a", "to": "JPN"})
OTHER = replace(SENT, ids={**SENT.ids, "consignment": "csg_b"})
WITHOUT = replace(SENT, ids={"to": "JPN"})
BARE = replace(SENT, digest=None)
LOG = log_of([encode_leaf(entry) for entry in (leaf(0), SENT, OTHER, WITHOUT, BARE)])
RECEIPT = LOG.receipt(1, 5)
EXPECTED: dict[str, Any] = {
    "origin": ORIGIN,
    "keys": (LOG_SIGNER.public,),
    "events": frozenset({Event.DELIVERY_RECEIVED}),
    "ids": {"consignment": "csg_a", "item": "itm_a"},
    "digest": sha256_hex(b"manifest"),
}


def refused(receipt: InclusionReceipt, error: type[Exception] = ExchangeError, **changes: Any) -> None:
    with pytest.raises(error):
        check_receipt(receipt, **{**EXPECTED, **changes})


@pytest.mark.source("DESIGN-5", "G12-5")
def test_a_receipt_for_what_we_sent_is_proof() -> None:
    proven, checkpoint = check_receipt(RECEIPT, **EXPECTED)
    assert proven == SENT
    assert checkpoint.checkpoint == LOG.head(5)


@pytest.mark.source("DESIGN-5")
@pytest.mark.parametrize("index", [0, 2, 3, 4])
def test_someone_elses_receipt_is_refused(index: int) -> None:
    refused(LOG.receipt(index, 5))


@pytest.mark.parametrize(
    "changes",
    [
        {"digest": sha256_hex(b"another manifest")},
        {"digest": ""},
        {"events": frozenset({Event.DELIVERY_OPENED, Event.DELIVERY_REFUSED})},
        {"events": frozenset()},
        {"ids": {"consignment": "csg_c", "item": "itm_a"}},
        {"ids": {"consignment": "csg_a", "item": "itm_b"}},
        {"ids": {**EXPECTED["ids"], "instrument": "GSOMIA-KR-JP"}},
    ],
)
def test_a_receipt_about_something_else_is_refused(changes: dict[str, Any]) -> None:
    refused(RECEIPT, **changes)


def test_a_receipt_for_another_stage_is_refused_unless_it_was_expected() -> None:
    opened = log_of([encode_leaf(replace(SENT, event=Event.DELIVERY_OPENED))]).receipt(0, 1)
    refused(opened)
    wider = {**EXPECTED, "events": frozenset({Event.DELIVERY_RECEIVED, Event.DELIVERY_OPENED})}
    assert check_receipt(opened, **wider)[0].event is Event.DELIVERY_OPENED


def test_a_receipt_of_another_log_or_key_is_refused() -> None:
    refused(RECEIPT, CheckpointError, origin="gsomia/usa/shared/kor")
    refused(RECEIPT, CheckpointError, keys=(OTHER_SIGNER.public,))


def test_a_receipt_whose_leaf_place_or_proof_was_changed_is_refused() -> None:
    for position in range(0, len(RECEIPT.leaf), 5):
        refused(replace(RECEIPT, leaf=flip(RECEIPT.leaf, position)), InclusionError)
    refused(replace(RECEIPT, leaf=encode_leaf(OTHER)), InclusionError)
    refused(replace(RECEIPT, index=2), InclusionError)
    refused(replace(RECEIPT, proof=RECEIPT.proof[:-1]), InclusionError)
    refused(log_of([b"no leaf"]).receipt(0, 1), AuditError)


def test_a_receipt_is_named_by_its_bytes() -> None:
    assert receipt_digest(RECEIPT) == sha256_hex(canon.encode(RECEIPT))
    assert receipt_digest(LOG.receipt(2, 5)) != receipt_digest(RECEIPT)
