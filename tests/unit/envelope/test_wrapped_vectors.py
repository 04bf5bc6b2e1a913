"""Wrapped keys of the public vectors: the good one opens, the others do not. `make interop` opens them elsewhere."""

import hashlib
from base64 import b64decode
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gsomia.envelope import OpenError
from gsomia.envelope.suite import unwrap
from gsomia.parties import Opener

FOLDER = Path(__file__).parents[3] / "vectors" / "wrapped"


@pytest.mark.source("DESIGN-4", "RFC 9180")
@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_a_wrapped_key_opens_or_not_as_its_vector_says(path: Path) -> None:
    vector: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    opener = Opener.from_seed(hashlib.shake_256(b64decode(vector["seed_base64"])).digest(96))
    wrapped, header = b64decode(vector["wrapped_base64"]), b64decode(vector["info_base64"])[-32:]
    if vector["expect"] == "accept":
        assert unwrap(wrapped, opener, header) == b64decode(vector["content_key_base64"])
    else:
        with pytest.raises(OpenError):
            unwrap(wrapped, opener, header)
