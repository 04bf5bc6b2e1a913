"""Envelopes of the public vectors: sealed once, opened for ever; each changed one stops at its step."""

from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gsomia.envelope import open_envelope, open_segment, parse_offer, verify_envelope, verify_segment
from gsomia.errors import PartnerError
from gsomia.ids import sha256_hex
from gsomia.parties import HybridKey, Opener
from strategies.parties import SEOUL, TOKYO

FOLDER = Path(__file__).parents[3] / "vectors" / "envelopes"
ENVELOPES = sorted(path for path in FOLDER.glob("*.json") if path.stem != "keys")
KEYS: dict[str, Any] = msgspec.json.decode((FOLDER / "keys.json").read_bytes())
SENDER = replace(
    SEOUL.descriptor,
    statement=HybridKey(
        ed25519=b64decode(KEYS["sender"]["ed25519_base64"]), mldsa=b64decode(KEYS["sender"]["mldsa65_base64"])
    ),
)
RECIPIENT = Opener.from_seed(b64decode(KEYS["seeds_base64"]["recipient"]))


def climb(vector: dict[str, Any]) -> tuple[str, bytes]:
    """The steps in order: where it was refused, or `all` and the content."""
    step, content = "parse", b""
    try:
        received, _ = parse_offer(b64decode(vector["offer_base64"]))
        step = "verify"
        verified = verify_envelope(received, sender=SENDER, recipient=TOKYO.code, our_keys={RECIPIENT.public.key_id})
        step = "open"
        opener = Opener.from_seed(b64decode(KEYS["seeds_base64"][vector["opener"]]))
        unwrapped = open_envelope(verified, opener=opener)
        step = "segment"
        last = received.header.segments - 1
        for index, sealed in enumerate(map(b64decode, vector["segments_base64"])):
            verify_segment(verified.segment_list, sealed, index=index)
            content += open_segment(unwrapped.keys, sealed, index=index, last=index == last)
    except PartnerError:
        return step, content
    assert unwrapped.part.content_digest == sha256_hex(content)
    assert received.header.item == vector["item"]
    return "all", content


@pytest.mark.source("DESIGN-4")
@pytest.mark.parametrize("path", ENVELOPES, ids=lambda path: path.stem)
def test_an_envelope_opens_or_stops_at_the_step_its_vector_names(path: Path) -> None:
    vector: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    step, content = climb(vector)
    assert step == vector["step"]
    assert (vector["expect"] == "accept") == (step == "all")
    assert (sha256_hex(content) == vector["content_sha256"]) == (step == "all")
