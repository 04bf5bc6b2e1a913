"""Every input that a fuzzer was seeded with or ever found goes through its target, without the fuzzer."""

from pathlib import Path

import pytest
from fuzz.targets import TARGETS

CORPUS = Path(__file__).parents[3] / "fuzz" / "corpus"


@pytest.mark.source("STYLE-3.6", "LAW-10")
@pytest.mark.parametrize("name", TARGETS)
def test_saved_inputs_are_refused_by_the_parsers_own_error_or_print_back(name: str) -> None:
    saved = sorted((CORPUS / name).iterdir())
    taken = [path.name for path in saved if TARGETS[name].accepts(path.read_bytes())]
    assert taken, "a harness whose parser takes nothing of its corpus tests nothing"


def test_there_is_a_corpus_for_every_target_and_no_other() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)
    assert sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()) < 1_000_000


def test_a_target_tells_a_parser_whose_value_prints_otherwise() -> None:
    target = TARGETS["canon"]
    broken = type(target)(room="canon", parse=target.parse, print=lambda _: b"{}", errors=target.errors)
    assert broken.accepts(b"{}")
    with pytest.raises(AssertionError, match="prints as"):
        broken.accepts(b'{"a":1}')
