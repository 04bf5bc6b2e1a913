"""The agreement of 2016 as a file and as a value, and acts that move it."""

import msgspec
from hypothesis import strategies as st

from gsomia.agreements import (
    NOTE,
    PROPOSAL,
    SIGNATURE,
    ActRecord,
    Agreement,
    AgreementSignature,
    Note,
    NoteSubject,
    Proposal,
    parse_document,
    record_of,
)
from gsomia.ids import InstrumentId, PartyCode, sha256_hex
from gsomia.instants import Instant, read_instant
from strategies.labels import party

INSTRUMENT = msgspec.convert("GSOMIA-KR-JP", InstrumentId)

SAMPLE = f"""\
# The agreement of 23 November 2016, as this software carries it out.
[instrument]
id = "GSOMIA-KR-JP"
version = 1
title = "Agreement on the Protection of Classified Military Information"

[terms]
binding = true
term_years = 1
renewal = "automatic"
notice_days = 90
third_party = "originator-consent"
ceiling = 3
language = "en"

[house_rules]
receipt_days = 10
tracer_days = 30
level_change_days = 7
incident_notice_hours = 24

[[party]]
code = "KOR"
name = "Republic of Korea"
fingerprint = "{sha256_hex(b"KOR")}"

[[party]]
code = "JPN"
name = "Japan"
fingerprint = "{sha256_hex(b"JPN")}"

[[authority]]
id = "kor-mnd"
party = "KOR"
name = "Ministry of National Defense"
lead = true
named_by = "KR-2016-41"

[[authority]]
id = "kor-dapa"
party = "KOR"
name = "Defense Acquisition Program Administration"
lead = false
named_by = "KR-2016-42"

[[authority]]
id = "jpn-mod"
party = "JPN"
name = "Ministry of Defense"
lead = true
named_by = "JP-2016-107"

[[level]]
rank = 3
word = "SECRET"
KOR = ["KOR-2"]
JPN = ["JPN-2-GOKUHI", "JPN-2-TOKUTEI"]

[[level]]
rank = 2
word = "CONFIDENTIAL"
KOR = ["KOR-3"]
JPN = ["JPN-3"]
"""

AGREEMENT = parse_document(SAMPLE.encode())
KR, JP = party("KOR"), party("JPN")
SIDES = (KR, JP)


def day(text: str) -> Instant:
    return read_instant(text)


def propose(by: PartyCode, received: Instant | None, *, text: Agreement = AGREEMENT) -> ActRecord:
    to = next(side for side in SIDES if side != by)
    body = Proposal(agreement=text, to=to, at=received or Instant(0))
    return record_of(body, statement=sha256_hex(b"proposal"), kind=PROPOSAL, party=by, received=received)


def sign(by: PartyCode, received: Instant | None, *, text: Agreement = AGREEMENT) -> ActRecord:
    body = AgreementSignature(instrument=text.id, agreement=text.digest, party=by, at=received or Instant(0))
    return record_of(body, statement=sha256_hex(b"signature"), kind=SIGNATURE, party=by, received=received)


def note(
    by: PartyCode,
    received: Instant | None,
    *,
    text: Agreement = AGREEMENT,
    subject: NoteSubject = NoteSubject.COMPLETION,
    authority: str | None = None,
    number: str = "KR-2016-40",
    sent: Instant | None = None,
) -> ActRecord:
    body = Note(
        number=number,
        instrument=text.id,
        agreement=text.digest,
        party=by,
        to=next(side for side in SIDES if side != by),
        subject=subject,
        authority=authority,
        names=(),
        words=None,
        position=None,
        levels=False,
        previous=None,
        sent=sent or received or Instant(0),
    )
    return record_of(body, statement=sha256_hex(b"note"), kind=NOTE, party=by, received=received)


def history(force: Instant) -> list[ActRecord]:
    """Proposed, signed by both and noted by both, the last note received at `force`."""
    return [
        propose(KR, force.plus(days=-30)),
        sign(KR, force.plus(days=-20)),
        sign(JP, force.plus(days=-19)),
        note(KR, force.plus(days=-2)),
        note(JP, force, number="JP-2016-106"),
    ]


@st.composite
def edited_documents(draw: st.DrawFn) -> bytes:
    """The sample with lines lost, doubled, swapped or spoiled: mostly nearly right, which is the hardest."""
    lines = SAMPLE.splitlines()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        other = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["lose", "double", "swap", "spoil", "value"])):
            case "lose":
                del lines[at]
            case "double":
                lines.insert(other, lines[at])
            case "swap":
                lines[at], lines[other] = lines[other], lines[at]
            case "spoil":
                spot = draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:spot] + draw(st.text(max_size=2)) + lines[at][spot:]
            case _:
                lines[at] = lines[at].partition("=")[0] + "= " + draw(st.sampled_from(ODD_VALUES))
        lines = lines or [""]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


ODD_VALUES = [
    "1", "-1", "0", "1.5", "nan", "inf", "true", '""', '"x"', "[]", "{}", '["KOR-2"]', "[[1]]", "{a = 1}",
    "2016-11-23", "2016-11-23T00:00:00Z", "10:00:00", "9223372036854775807", "99999999999999999999", '"KOR"',
    '"\\u0000"', '["JPN-3", 1]',
]  # fmt: skip


def altered(old: str, new: str, *, times: int = 1) -> bytes:
    """The sample with `old` replaced; it must be there."""
    assert SAMPLE.count(old) >= times, old
    return SAMPLE.replace(old, new, times).encode()
