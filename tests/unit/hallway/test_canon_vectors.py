"""Our reader agrees with the public vectors, and the vectors with the program that makes them."""

import importlib.util
from base64 import b64decode
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gsomia import canon
from gsomia.canon import CanonError
from gsomia.ids import sha256_hex

VECTORS = Path(__file__).parents[3] / "vectors"
CANON = sorted((VECTORS / "canon").glob("*.json"))
EVERY = sorted(VECTORS.glob("*/*.json"))


@pytest.mark.source("RFC 8785", "DESIGN-4")
@pytest.mark.parametrize("path", CANON, ids=lambda path: path.stem)
def test_canonical_bytes_are_taken_and_all_others_refused(path: Path) -> None:
    vector: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    data = b64decode(vector["bytes_base64"])
    if vector["expect"] == "accept":
        value = canon.decode(data, dict)
        assert canon.encode(value) == data
        assert canon.digest(value) == sha256_hex(data) == vector["sha256"]
    else:
        with pytest.raises(CanonError):
            canon.decode(data, dict)


@pytest.mark.source("DESIGN-4")
def test_every_vector_says_what_it_shows_what_to_expect_and_who_made_it() -> None:
    assert len(EVERY) > 50
    for path in EVERY:
        vector: dict[str, Any] = msgspec.json.decode(path.read_bytes())
        assert vector["comment"]
        assert vector["origin"]
        assert vector["expect"] in {"accept", "refuse", "none"}
    assert sum(path.stat().st_size for path in EVERY) < 700_000


@pytest.mark.source("DESIGN-4")
def test_the_vectors_are_what_their_program_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(VECTORS)
    spec = importlib.util.spec_from_file_location("vectors_build", VECTORS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    committed = {path.relative_to(VECTORS).as_posix(): path.read_bytes() for path in EVERY}
    assert build.build() == committed
