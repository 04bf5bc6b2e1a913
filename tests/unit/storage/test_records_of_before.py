"""Records that were written before a field was added are sound: they read back, and spell as they were spelled."""

import pytest

from gsomia import canon
from gsomia.flows.relay_records import ConsentDenied, ConsentWithdrawn
from gsomia.ids import sha256_hex
from gsomia.storage import StoredRecord
from gsomia.storage.fsck import check_kind

REQUEST, ITEM, AT = "1f" * 32, "itm_fsewlztjfnfsgsmo3w7jmtjrnu", "2026-11-23T03:00:00Z"
BEFORE: tuple[tuple[type[object], dict[str, str], tuple[str, str]], ...] = (
    (
        ConsentDenied,
        {"request": REQUEST, "item": ITEM, "originator": "KOR", "at": AT},
        (REQUEST, ITEM),
    ),
    (
        ConsentWithdrawn,
        {"consent": REQUEST, "serial": "KOR-7", "originator": "KOR", "at": AT},
        ("KOR-7", REQUEST),
    ),
)


@pytest.mark.source("G6-1", "DESIGN-5")
@pytest.mark.parametrize(("kind", "told", "keys"), BEFORE)
def test_an_answer_of_before_its_statement_was_kept_is_no_damage(
    kind: type[object], told: dict[str, str], keys: tuple[str, str]
) -> None:
    doc = canon.encode(told)
    stored = StoredRecord(seq=1, digest=sha256_hex(doc), doc=doc, keys=keys)
    assert list(check_kind(kind, [stored])) == []
    assert canon.encode(canon.decode(doc, kind)) == doc
