"""The step in which what is changed is found: on its way, at rest, segments exchanged, signatures stripped.

The true bytes of a delivery are taken out of the sender's outbox, changed, and offered over the sender's own pinned
line: whoever changes them there has got past TLS already. At rest, a copy of the receiving node is changed, and read.
"""

import shutil
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gsomia import canon
from gsomia.demo.exchange import make_report, register
from gsomia.demo.stage import Document, Stage, Unexpected
from gsomia.demo.steps import Evidence, Step, Story, register_count
from gsomia.envelope import DIGEST_BYTES, SEGMENT_BYTES, TAG_BYTES, ReceivedEnvelope, parse_offer, print_offer

PARTNER_FAULT, RECORD_FAULT = 1, 70
CLAUSE = "G12-10"
SEGMENTS = 2
"""Of the satellite image, which is changed at rest."""

Parts = tuple[ReceivedEnvelope, bytes]


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _with_lines(offer: ReceivedEnvelope, choose: Callable[[list[Any]], list[Any]]) -> ReceivedEnvelope:
    said = canon.decode_any(offer.statement)
    return replace(offer, statement=canon.encode({**said, "signatures": choose(said["signatures"])}))


def _with_flipped_manifest(offer: ReceivedEnvelope, at: int) -> ReceivedEnvelope:
    said = canon.decode_any(offer.statement)
    manifest = b64decode(said["payload"])
    flipped = b64encode(_flip(manifest, at % len(manifest))).decode()
    return replace(offer, statement=canon.encode({**said, "payload": flipped}))


def _changes(true: Parts, other: Parts, *, at: int) -> Mapping[str, tuple[ReceivedEnvelope, bytes, str]]:
    """What is changed on the way, what is offered then, and the code that finds it; `at` comes from the challenge."""
    offer, segment = true
    item = offer.header.item.encode()
    forged = offer.header_bytes.replace(item, item[:-1] + (b"a" if item[-1:] != b"a" else b"e"))
    return {
        "a bit of the segment": (offer, _flip(segment, at % len(segment)), "envelope/segment-differs"),
        "the item named in the header": (replace(offer, header_bytes=forged), segment, "envelope/header-differs"),
        "a bit of the manifest": (_with_flipped_manifest(offer, at), segment, "parties/signature-false"),
        "the segment swapped for another item's": (offer, other[1], "envelope/segment-differs"),
        "the label swapped for another item's": (
            replace(offer, sealed_part=other[0].sealed_part),
            segment,
            "envelope/sealed-part-differs",
        ),
        "the ML-DSA signature stripped": (
            _with_lines(offer, lambda lines: lines[:1]),
            segment,
            "parties/signatures-not-as-required",
        ),
        "a signature doubled": (
            _with_lines(offer, lambda lines: [lines[0], *lines]),
            segment,
            "parties/signatures-not-as-required",
        ),
    }


def _tampered(story: Story, evidence: Evidence) -> None:
    at_rest = _at_rest(story, evidence)
    in_transit, control = _in_transit(story, evidence)
    first = in_transit[0]
    evidence.refusal = {
        "exit": first["exit"],
        "code": first["code"],
        "clause": CLAUSE,
        "register_before": first["register_before"],
        "register_after": first["register_after"],
        "in_transit": in_transit,
        "at_rest": at_rest,
    }
    evidence.control = {"changed": "nothing was changed", "outcome": control}


# --- on its way ------------------------------------------------------------------------------------------------


def _in_transit(story: Story, evidence: Evidence) -> tuple[list[Document], Document]:
    stage = story.stage
    stage.stop("KOR")  # nobody carries what it releases now: the bytes stay in its outbox
    items = [
        register(story, "KOR", make_report(story, name), level="KOR-2")["item"] for name in ("sent.txt", "else.txt")
    ]
    taken = [_take(stage, evidence, item) for item in items]
    true, other = (parse_offer(path.read_bytes()) for path, _ in taken)
    before = register_count(stage, "JPN")
    at = int.from_bytes(stage.seeded("tamper", 4), "big")
    cases: list[Document] = []
    for number, (what, (offer, segment, code)) in enumerate(_changes(true, other, at=at).items()):
        forged = stage.directory / "made" / f"tampered-{number}.offer"
        forged.write_bytes(print_offer(offer) + segment)
        known = cases[-1]["register_after"] if cases else before
        consignment = offer.header.consignment
        cases.append(_refused(evidence, what=what, forged=forged, consignment=consignment, code=code, before=known))
    accepted = stage.done("KOR", "link", "offer", "JPN", str(taken[0][0]))
    after = register_count(stage, "JPN")
    evidence.check(accepted["accepted"] and after == before + 1, "the untouched bytes are received")
    entry = evidence.entry("JPN", items[0])
    stage.serve("KOR")
    for item in items:
        stage.until(lambda item=item: _delivered(stage, item), "KOR's worker says the same again and gets the receipt")  # type: ignore[misc]
    evidence.check(register_count(stage, "JPN") == before + len(items), "and nothing is registered twice")
    return cases, {"permitted": True, "item": items[0], "register_after": after, "index": entry["index"]}


def _take(stage: Stage, evidence: Evidence, item: str) -> tuple[Path, str]:
    released = stage.done("KOR", "item", "release", item, "--to", "JPN", "--wait", "0", by="releaser")
    evidence.check(released["state"] == "queued", f"{item} is released and waits")
    path = stage.directory / "made" / f"{released['delivery']}.offer"
    stage.done("KOR", "link", "take", released["delivery"], "--out", str(path))
    evidence.file(path)
    return path, str(released["delivery"])


def _refused(evidence: Evidence, *, what: str, forged: Path, consignment: str, code: str, before: int) -> Document:
    stage = evidence.stage
    said = stage.call("KOR", "link", "offer", "JPN", str(forged))
    found, after = said.document.get("code"), register_count(stage, "JPN")
    evidence.check((said.exit, found) == (PARTNER_FAULT, code), f"{what}: refused with {found}")
    evidence.check(before == after, f"{what}: nothing was registered")
    entry = evidence.entry("JPN", consignment)
    return {
        "changed": what,
        "offer": evidence.file(forged),
        "exit": said.exit,
        "code": found,
        "register_before": before,
        "register_after": after,
        "origin": entry["origin"],
        "index": entry["index"],
    }


def _delivered(stage: Stage, item: str) -> bool:
    return bool(stage.done("KOR", "item", "show", item)["deliveries"][0]["state"] == "received-by-node")


# --- at rest ---------------------------------------------------------------------------------------------------


def _at_rest(story: Story, evidence: Evidence) -> list[Document]:
    stage, made = story.stage, story.made["image"]
    stage.stop("JPN")
    copy = stage.directory / "JPN-tampered"
    shutil.copytree(stage.nodes["JPN"].directory, copy)
    stage.nodes["tampered"] = replace(stage.nodes["JPN"], directory=copy)
    payload = max((copy / "payloads").glob("??/*"), key=lambda path: path.stat().st_size)
    true, start = payload.read_bytes(), SEGMENTS * DIGEST_BYTES
    full = SEGMENT_BYTES + TAG_BYTES
    short = len(true) - start - full
    if not 0 < short < full:
        raise Unexpected("the image does not take two segments")
    at = start + int.from_bytes(stage.seeded("at rest", 4), "big") % (len(true) - start)
    first, last = true[start : start + short], true[start + full :]
    swapped = true[:start] + last + true[start + short : start + full] + first
    slips = len(stage.done("tampered", "item", "show", made["item"])["slips"])
    cases: list[Document] = []
    for what, data, code in (
        (f"byte {at} of the stored content", _flip(true, at), "flows/stored-content-damaged"),
        ("two stored segments swapped", swapped, "flows/stored-content-damaged"),
        ("a bit of the stored segment list", _flip(true, 5), "storage/payload-damaged"),
    ):
        payload.write_bytes(data)
        out = stage.directory / "read" / f"tampered-{len(cases)}.tif"
        words = ["item", "read", made["item"], "--purpose", story.purpose, "--out", str(out)]
        said = stage.call("tampered", *words, by="analyst")
        evidence.check((said.exit, said.code) == (RECORD_FAULT, code), f"{what}: reading refused with {said.code}")
        left = [path.name for path in out.parent.glob(f"{out.name}*")]
        evidence.check(not left, f"{what}: nothing was shown")
        cases.append({"changed": what, "exit": said.exit, "code": said.code, "sha256": evidence.file(payload)})
    after = len(stage.done("tampered", "item", "show", made["item"])["slips"])
    evidence.check(slips == after, f"no slip was written: still {after}")
    payload.write_bytes(true)
    out = stage.directory / "read" / "untouched.tif"
    read = stage.done(
        "tampered", "item", "read", made["item"], "--purpose", story.purpose, "--out", str(out), by="analyst"
    )
    evidence.check(read["digest"] == made["digest"] == evidence.file(out), "the untouched content is shown")
    del stage.nodes["tampered"]
    shutil.rmtree(copy / "keys")  # a copy of a node's keys does not stay behind
    stage.serve("JPN")
    return cases


STEPS = (
    Step(
        id="refused-tampered",
        title="what was changed on its way or at rest is found before anything is shown",
        clauses=(CLAUSE, "G6-7"),
        play=_tampered,
    ),
)
