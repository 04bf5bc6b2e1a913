# ruff: noqa: INP001  a program, not part of a package
"""The vectors of the relay; `build.py` writes them with the others.

The envelope of `envelopes/good` goes on untouched: its recipient is the hub here, and passes it to a third party. The
hub signs once and wraps once, which is kept; everything else follows from it.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import msgspec

from gsomia import canon
from gsomia.agreements import CONSENT, Consent
from gsomia.envelope import (
    RELAY_DECISION,
    KeyedParty,
    ReceivedRelay,
    RelayDecision,
    RelayHeader,
    RelayManifest,
    RelayPart,
    parse_offer,
    parse_relay,
    print_relay,
    read_manifest,
    seal_relay,
    unwrap_key,
)
from gsomia.ids import DecisionId, HexDigest, InstrumentId, PartyCode, new_consignment_id, new_decision_id, sha256_hex
from gsomia.instants import Instant, Validity
from gsomia.parties import (
    Act,
    Hand,
    HybridSigner,
    Office,
    Opener,
    PersonSigner,
    Strength,
    claimed_digest,
    say_act,
    sign_act,
)

OURS = "made by vectors/build.py of this repository"
KOR, JPN, USA = (msgspec.convert(code, PartyCode) for code in ("KOR", "JPN", "USA"))
TISA, FEEDER = (msgspec.convert(name, InstrumentId) for name in ("TISA", "GSOMIA-JP-US"))
NOW = Instant.parse("2026-11-23T01:00:00Z")
ORIGINATOR = HybridSigner.from_seed(bytes(range(64)), Strength.STATEMENT)
HUB = HybridSigner.from_seed(bytes(range(1, 65)), Strength.STATEMENT)
HUB_OPENER, OPENER = Opener.from_seed(bytes(range(96))), Opener.from_seed(bytes(range(1, 97)))

Vector = dict[str, Any]
Draw = Callable[[str, Callable[[], Vector]], Vector]


def relays(draw: Draw, envelope: Vector) -> Iterator[tuple[str, Vector]]:
    """Relayed offers: one that opens, and one changed at each step of the ladder."""
    yield (
        "keys",
        {
            "comment": "statement keys of originator and hub, and the seed of the recipient's sealing key",
            "expect": "none",
            "origin": OURS,
            "originator": _public(ORIGINATOR),
            "hub": _public(HUB),
            "seeds_base64": {"recipient": _b64(bytes(range(1, 97))), "other": _b64(bytes(range(96)))},
        },
    )
    good = draw("relays/good", lambda: _draw_relay(envelope))
    yield "good", good
    received, _ = parse_relay(b64decode(good["relay_base64"]))
    wrong = {"expect": "refuse", "origin": OURS, "drawn": False}

    def changed(comment: str, step: str, made: bytes) -> Vector:
        return {**good, **wrong, "comment": comment, "step": step, "relay_base64": _b64(made)}

    statement = received.statement
    position = statement.index(b'"payload":"') + 60
    flipped = statement[:position] + bytes([statement[position] ^ 1]) + statement[position + 1 :]
    yield (
        "flipped-statement",
        changed("one bit of the hub's manifest", "verify", print_relay(replace(received, statement=flipped))),
    )
    part = received.part[:-1] + bytes([received.part[-1] ^ 1])
    yield "flipped-part", changed("one bit of the relay part", "verify", print_relay(replace(received, part=part)))
    inner = replace(received.offer, sealed_part=received.offer.sealed_part[:-1] + b"\x00")
    yield (
        "changed-envelope",
        changed("one byte of the originator's envelope", "verify", print_relay(replace(received, offer=inner))),
    )
    yield "cut-short", changed("a relayed offer cut short", "parse", b64decode(good["relay_base64"])[:900])
    yield (
        "not-a-relay",
        changed("the originator's offer without the hub's parts", "parse", b64decode(envelope["offer_base64"])),
    )
    yield "another-opener", {**good, **wrong, "comment": "another sealing key", "step": "open", "opener": "other"}


def _draw_relay(envelope: Vector) -> Vector:
    """The envelope passed on, with a fresh signature and a fresh wrapping."""
    offer, _ = parse_offer(b64decode(envelope["offer_base64"]))
    content_key = unwrap_key(offer, opener=HUB_OPENER)
    hand = Hand(Office.RELEASING_AUTHORITY, PersonSigner.from_seed(bytes(32)))
    manifest: HexDigest = claimed_digest(offer.statement)
    granted = Consent(
        serial="KOR-C-000001",
        originator=KOR,
        holder=JPN,
        recipient=USA,
        item=offer.header.item,
        manifest=manifest,
        label=sha256_hex(b"a label"),
        instruments=(TISA,),
        purpose="DPRK-MISSILE-ANALYSIS",
        valid=Validity(start=NOW, until=NOW.plus(days=1)),
    )
    decision_id: DecisionId = new_decision_id(bytes)
    decision = RelayDecision(
        id=decision_id,
        instrument=TISA,
        feeder=FEEDER,
        item=offer.header.item,
        to=USA,
        authority="hub-authority",
        at=NOW,
        rules_version="2026-11",
    )
    act: Act[RelayDecision] = sign_act(decision, kind=RELAY_DECISION, hand=hand)
    part = RelayPart(
        hub_mark="JPN-2-TOKUTEI",
        consent=say_act(granted, kind=CONSENT, hand=hand, signer=ORIGINATOR).envelope,
        received=NOW,
        booked=NOW,
        decision=act,
    )
    header = RelayHeader(
        suite="gsomia-1",
        instrument=TISA,
        agreement=sha256_hex(b"a relay"),
        feeder=FEEDER,
        feeder_agreement=sha256_hex(b"a feeder"),
        hub=KeyedParty(party=JPN, key=HUB.public.key_ids[0]),
        recipient=KeyedParty(party=USA, key=OPENER.public.key_id),
        originator=KOR,
        item=offer.header.item,
        manifest=manifest,
        consignment=new_consignment_id(bytes),
        topics=1,
    )
    statement, sealed = seal_relay(header, content_key=content_key, recipient=OPENER.public, part=part, signer=HUB)
    relay = ReceivedRelay(statement=statement.envelope, part=sealed, offer=offer)
    claimed: RelayManifest = read_manifest(relay)
    return {
        "comment": "the originator's envelope untouched, passed on by its recipient to a third party",
        "expect": "accept",
        "step": "all",
        "opener": "recipient",
        "origin": OURS + " once; signatures and sealed bytes are random",
        "relay_base64": _b64(print_relay(relay)),
        "segments_base64": envelope["segments_base64"],
        "content_sha256": envelope["content_sha256"],
        "item": header.item,
        "hub_mark": part.hub_mark,
        "relay_sha256": canon.digest(claimed),
    }


def _public(signer: HybridSigner) -> Vector:
    return {"ed25519_base64": _b64(signer.public.ed25519), "mldsa65_base64": _b64(signer.public.mldsa)}


def _b64(data: bytes) -> str:
    return b64encode(data).decode()
