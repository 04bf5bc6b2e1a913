"""Statements of the public vectors: the good one is believed, the others are not."""

from base64 import b64decode
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gsomia.agreements import NOTE, SIGNATURE, AgreementSignature
from gsomia.canon import CanonError
from gsomia.parties import HybridKey, HybridSigner, SignatureError, Strength, verify_statement

FOLDER = Path(__file__).parents[3] / "vectors" / "statements"
STATEMENTS = sorted(path for path in FOLDER.glob("*.json") if path.stem != "keys")
KEYS: dict[str, Any] = msgspec.json.decode((FOLDER / "keys.json").read_bytes())
KINDS: dict[str, type[Any]] = {SIGNATURE: AgreementSignature, NOTE: AgreementSignature}


def public(name: str) -> HybridKey:
    words = KEYS["keys"][name]
    return HybridKey(ed25519=b64decode(words["ed25519_base64"]), mldsa=b64decode(words["mldsa65_base64"]))


@pytest.mark.parametrize("name", ["key", "other"])
def test_the_keys_grow_from_their_seeds(name: str) -> None:
    seed = b64decode(KEYS["seeds_base64"][name])
    assert HybridSigner.from_seed(seed, Strength.STATEMENT).public == public(name)


@pytest.mark.source("DESIGN-4", "DSSE protocol")
@pytest.mark.parametrize("path", STATEMENTS, ids=lambda path: path.stem)
def test_a_statement_is_believed_or_refused_as_its_vector_says(path: Path) -> None:
    vector: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    accepts = {kind: KINDS[kind] for kind in vector["accepts"]}
    said = vector["envelope"].encode()
    if vector["expect"] == "accept":
        heard = verify_statement(said, accepts=accepts, key=public(vector["key"]))
        assert heard.digest == vector["payload_sha256"]
    else:
        with pytest.raises((SignatureError, CanonError)):
            verify_statement(said, accepts=accepts, key=public(vector["key"]))
