"""Relays of the public vectors: passed on once, opened for ever; each changed one stops at its step."""

from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from gsomia.envelope import open_relay, open_segment, parse_offer, parse_relay, verify_relay, verify_segment
from gsomia.errors import PartnerError
from gsomia.ids import PartyCode, sha256_hex
from gsomia.parties import HybridKey, Opener
from strategies.parties import SEOUL, TOKYO

VECTORS = Path(__file__).parents[3] / "vectors"
RELAYS = sorted(path for path in (VECTORS / "relays").glob("*.json") if path.stem != "keys")
KEYS: dict[str, Any] = msgspec.json.decode((VECTORS / "relays" / "keys.json").read_bytes())
RECIPIENT = Opener.from_seed(b64decode(KEYS["seeds_base64"]["recipient"]))
USA = cast("PartyCode", "USA")


def key(name: str) -> HybridKey:
    return HybridKey(ed25519=b64decode(KEYS[name]["ed25519_base64"]), mldsa=b64decode(KEYS[name]["mldsa65_base64"]))


ORIGINATOR, HUB = (
    replace(SEOUL.descriptor, statement=key("originator")),
    replace(TOKYO.descriptor, statement=key("hub")),
)


def climb(vector: dict[str, Any]) -> tuple[str, bytes]:
    """The steps in order: where it was refused, or `all` and the content."""
    step, content = "parse", b""
    try:
        received, _ = parse_relay(b64decode(vector["relay_base64"]))
        step = "verify"
        relay = verify_relay(
            received, hub=HUB, originator=ORIGINATOR, recipient=USA, our_keys={RECIPIENT.public.key_id}
        )
        step = "open"
        opened = open_relay(relay, opener=Opener.from_seed(b64decode(KEYS["seeds_base64"][vector["opener"]])))
        step = "segment"
        last = received.offer.header.segments - 1
        for index, sealed in enumerate(map(b64decode, vector["segments_base64"])):
            verify_segment(relay.verified.segment_list, sealed, index=index)
            content += open_segment(opened.unwrapped.keys, sealed, index=index, last=index == last)
    except PartnerError:
        return step, content
    assert opened.unwrapped.part.content_digest == sha256_hex(content)
    assert (relay.header.item, opened.part.hub_mark) == (vector["item"], vector["hub_mark"])
    assert relay.statement.digest == vector["relay_sha256"]
    return "all", content


@pytest.mark.source("DESIGN-4", "DESIGN-6")
@pytest.mark.parametrize("path", RELAYS, ids=lambda path: path.stem)
def test_a_relay_opens_or_stops_at_the_step_its_vector_names(path: Path) -> None:
    vector: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    step, content = climb(vector)
    assert step == vector["step"]
    assert (vector["expect"] == "accept") == (step == "all")
    assert (sha256_hex(content) == vector["content_sha256"]) == (step == "all")


@pytest.mark.source("DESIGN-6")
def test_the_envelope_inside_is_the_originators_byte_for_byte() -> None:
    good = msgspec.json.decode((VECTORS / "relays" / "good.json").read_bytes())
    first = msgspec.json.decode((VECTORS / "envelopes" / "good.json").read_bytes())
    relay, _ = parse_relay(b64decode(good["relay_base64"]))
    offer, _ = parse_offer(b64decode(first["offer_base64"]))
    assert relay.offer == offer
    assert b64decode(good["relay_base64"]).endswith(b64decode(first["offer_base64"]))
