"""Two texts compared in words: every change that is signed is told, and nothing else."""

import pytest

from gsomia.agreements import compare_texts, parse_document
from strategies.agreements import AGREEMENT, SAMPLE, altered


@pytest.mark.source("T21", "G21-2")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version = 1", "version = 2", "version 1 becomes version 2"),
        ("notice_days = 90", "notice_days = 30", "the notice period, in days: 90 becomes 30"),
        ("binding = true", "binding = false", "whether it binds in law: yes becomes no"),
        ("receipt_days = 10", "receipt_days = 5", "days until a receipt is due: 10 becomes 5"),
        ('name = "Japan"', 'name = "Nippon"', "party `JPN`: name: Japan becomes Nippon"),
        (', "JPN-2-TOKUTEI"]', "]", "JPN-2-TOKUTEI of JPN leaves the table"),
        ('word = "CONFIDENTIAL"', 'word = "GUARDED"', "JPN-3 of JPN read as CONFIDENTIAL and reads as GUARDED"),
        ('named_by = "KR-2016-42"', 'named_by = "KR-2016-43"', "authority `kor-dapa`: named by: KR-2016-42 becomes"),
    ],
)
def test_a_change_is_told_in_words(old: str, new: str, said: str) -> None:
    told = compare_texts(AGREEMENT, parse_document(altered(old, new)))
    assert any(said in sentence for sentence in told), told
    if "word" not in old:
        assert len(told) == 1


def test_what_changes_nothing_that_is_signed_is_no_change() -> None:
    assert compare_texts(AGREEMENT, parse_document(SAMPLE.replace("\n", "  # x\n").encode())) == ()
