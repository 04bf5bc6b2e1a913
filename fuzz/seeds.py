"""The first inputs of every harness: taken from the public vectors and from files that ship with the program."""

import io
import itertools
import zipfile
from base64 import b64decode
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import msgspec

from fuzz.sample import CONSIGNMENT, ITEM, JPN, KOR, NOW, counted
from fuzz.statements import WORDS, every_kind, hotline
from gsomia import canon
from gsomia.audit import (
    NO_ROOT,
    AddCheckpoint,
    Contradiction,
    EpochReason,
    InclusionReceipt,
    LogEpoch,
    print_add_checkpoint,
)
from gsomia.config import NodeConfig, print_config
from gsomia.envelope import (
    begin_holding,
    finish_holding,
    open_envelope,
    open_relay_part,
    parse_offer,
    parse_relay,
    print_together,
    read_manifest,
    unwrap_key,
    verify_envelope,
)
from gsomia.exchange import (
    Accepted,
    Again,
    Answer,
    Answers,
    Ask,
    Dealings,
    Hello,
    LinkUp,
    Progress,
    Refusal,
    Reply,
    Texts,
    Transfer,
)
from gsomia.flows.records import RefusalRecord
from gsomia.ids import (
    HexDigest,
    InstrumentId,
    PartyCode,
    sha256_hex,
)
from gsomia.parties import (
    DESCRIPTOR,
    Descriptor,
    HybridSigner,
    Opener,
    PartyRecord,
    PinFile,
    Strength,
    build_certificate,
    sign_statement,
)
from gsomia.storage import KINDS
from gsomia.warning import (
    LaneTally,
    Naming,
    Replay,
    Submit,
    Watch,
    lane_frames,
    parse_launches,
    parse_message,
    plan_replay,
    print_cot,
    print_desk,
    print_frame,
    print_message,
    say_hello,
    sign_warning,
)

VECTORS = Path(__file__).parents[1] / "vectors"
PER_FOLDER = 12
"""So many of a folder of vectors go into one corpus."""


def write_seeds(corpus: Path) -> None:
    """Write every seed as `corpus/TARGET/seed-NN`; what was found later stands beside them and stays."""
    for old in corpus.glob("*/seed-*"):
        old.unlink()
    for name, seeds in every_seed().items():
        (corpus / name).mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(seeds):
            (corpus / name / f"seed-{number:02}").write_bytes(data)


def every_seed() -> dict[str, list[bytes]]:
    """The seeds by target."""
    receipts = [canon.decode(one["receipt"].encode(), InclusionReceipt) for one in _vectors("receipts")][:3]
    notes = [one["note"].encode() for one in _vectors("checkpoints") if "note" in one][:PER_FOLDER]
    keys = _read("checkpoints/keys")
    vkeys = [vkey for group in ("keys", "cosigners") for known in keys[group].values() for vkey in known["vkeys"]]
    cosigned = _read("checkpoints/cosigned")["cosignature"].encode()
    proofs = [[b64decode(hash_) for hash_ in one["proof_base64"]] for one in _vectors("proofs")[:3]]
    asked = [AddCheckpoint(old=old, proof=tuple(proof), checkpoint=notes[0]) for old, proof in enumerate(proofs)]
    data, policies = files("gsomia.demo").joinpath("data"), files("gsomia.labels").joinpath("policies")
    statements = [one["envelope"].encode() for one in _vectors("statements") if "envelope" in one]
    return {
        "canon": [b64decode(one["bytes_base64"]) for one in _vectors("canon")],
        "instant": [str(NOW).encode(), b"9999-12-31T23:59:59Z", b"2026-02-29T00:00:00Z"],
        "dsse": statements[:PER_FOLDER],
        "dsse-kind": statements[:3],
        **_identities(),
        "leaf": [receipt.leaf for receipt in receipts],
        "note": notes,
        "note-lines": [cosigned, *(note.rpartition(b"\n\n")[2] for note in notes[:2])],
        "vkey": [vkey.encode() for vkey in vkeys],
        "checkpoint": [note.rpartition(b"\n\n")[0] + b"\n" for note in notes[:6]],
        "tlog-proof": [one["tlog_proof"].encode() for one in _vectors("receipts")][:4],
        "receipt": [canon.encode(receipt) for receipt in receipts],
        "add-checkpoint": [print_add_checkpoint(one) for one in asked],
        "contradiction": [
            canon.encode(Contradiction(older=older, newer=newer, proof=tuple(proof)))
            for older, newer, proof in zip(notes[:3], notes[1:4], proofs, strict=True)
        ],
        "policy": [policies.joinpath(f"{party}.toml").read_bytes() for party in ("kor", "jpn", "usa")],
        "national-levels": [
            b"code,name,pact_with,top_secret,secret,confidential,restricted,source,note\n",
            files("gsomia.labels").joinpath("levels.csv").read_bytes(),
        ],
        "agreement-file": [
            data.joinpath(name)
            .read_bytes()
            .replace(b"@KOR@", b"0" * 64)
            .replace(b"@JPN@", b"1" * 64)
            .replace(b"@USA@", b"2" * 64)
            for name in ("gsomia-kr-jp-2016.toml", "tisa-demo.toml", "gsomia-kr-us-demo.toml")
        ],
        "history": [data.joinpath("history.jsonl").read_bytes()[:4000].rpartition(b"\n")[0], b"{}", b"[]\n"],
        "facts": [data.joinpath("history.jsonl").read_bytes()[:4000].rpartition(b"\n")[0], b"{}"],
        "claims": [data.joinpath("claims-demo.jsonl").read_bytes()[:3000].rpartition(b"\n")[0], b"{}"],
        "family": [files("gsomia.agreements").joinpath("family.toml").read_bytes()],
        "log-epoch": [canon.encode(_epoch())],
        "link-up": [canon.encode(_link_up(cosigned)) for cosigned in (None, notes[0])],
        "link-question": [
            b"ask\n" + canon.encode(Ask(what="arrivals", after=7)),
            b"again\n" + canon.encode(Again(consignments=(CONSIGNMENT,))),
            b"dealings\n" + canon.encode(Dealings(found=(), following=3)),
        ],
        "bundle-head": [b"O\x00\x00\x00\x09", b"G\xff\xff\xff\xff"],
        "statement": [*every_kind(), *hotline()],
        "hotline-words": [canon.encode(WORDS), canon.encode(Texts(ko=None, ja=None, en="read back", salt=bytes(16)))],
        **_envelopes(),
        **_relays(),
        "answer": [
            b"reply\n" + canon.encode(Reply(progress=None, accepted=Accepted(receipt=receipts[0]))),
            b"reply\n" + canon.encode(Reply(progress=Progress(consignment=CONSIGNMENT, next_segment=3), accepted=None)),
            b"refusal\n" + canon.encode(Refusal(code="exchange/id-reused", correlation_id="cor_a", recorded=True)),
            b"hello\n" + canon.encode(Hello(party="KOR", protocol=1, descriptor=1)),
            b"answers\n" + canon.encode(Answers(answers=(Answer(reply=None, refusal=None),))),
        ],
        "seen-size": [b"0\n", b"17\n", b"007\n", b"9007199254740991\n"],
        "config": [print_config(NodeConfig(party=KOR, name="Republic of Korea", listen="127.0.0.1:7441")).encode()],
        "record": list(_records()),
        "table": [*_papers(), _workbook(), b'a,"b\r\nc"\r\n\r\nd\r\n'],
        "paper-register": [*_papers(), _workbook()],
        "inventory-sheet": [
            b"control no,copy,expected place,seen,explanation,item\r\nR-1,1,SAFE-1,yes,,\r\n",
            "관리번호,사본,확인,사유\r\nR-1,2,,열람 중\r\n".encode(),
        ],
        **_warnings(),
    }


def _warnings() -> dict[str, list[bytes]]:
    shipped = files("gsomia.warning").joinpath("missile-tests.jsonl").read_bytes()
    run = Replay(run=bytes(16), start_us=NOW.epoch_s * 1_000_000, speed=60, originator=KOR, level="KOR-2")
    said = plan_replay(parse_launches(shipped)[-1:], replay=run)[:PER_FOLDER]
    events = [print_cot(message) for message in said]
    return {
        **_lanes(print_message(said[0])),
        "warning-message": [print_message(message) for message in said],
        "cot": events,
        "cot-stream": [b"\n".join(events[:3]), events[0][:-3]],
        "launches": [b"\n".join(shipped.splitlines()[-3:])],
    }


def _lanes(message: bytes) -> dict[str, list[bytes]]:
    """What crosses a lane, and the sockets of a floor."""
    counted = itertools.count()
    signer = HybridSigner.from_seed(bytes([7]) * 64, Strength.STATEMENT)

    def draw(size: int) -> bytes:
        return bytes([next(counted)]) * size

    opening = say_hello(
        sender=KOR,
        recipient=JPN,
        instrument=canon.check("GSOMIA-KR-JP", InstrumentId),
        authorisation=sha256_hex(b"decision"),
        epoch=5,
        entropy=draw,
        signer=signer,
    )
    hello = opening.statement.value
    tally = LaneTally(
        sender=KOR,
        recipient=JPN,
        instrument=hello.instrument,
        epoch=5,
        first=1,
        last=9,
        running=sha256_hex(b""),
        again=0,
    )
    naming = Naming(
        originator=KOR,
        keys=1,
        instrument=hello.instrument,
        authorisation=bytes.fromhex(hello.authorisation),
        serial=1,
        message=message,
    )
    frames: list[lane_frames.Frame] = [
        lane_frames.Beat(said_us=1),
        lane_frames.Echo(beat_us=1, heard_us=2, said_us=3),
        lane_frames.Data(epoch=5, sequence=1, sealed=bytes(40)),
        lane_frames.Ack(epoch=5, sequence=1, sealed=bytes(20)),
        lane_frames.Refusal(epoch=5, sequence=1, code="warning/replayed"),
        lane_frames.Closing(code="warning/node-ends"),
    ]
    stream = b"".join(map(print_frame, frames))
    return {
        "lane-stream": [stream, stream[:-3], (40_000).to_bytes(4, "big") + bytes(40_000) + stream],
        "lane-statement": [b"hello\n" + canon.encode(hello), b"tally\n" + canon.encode(tally)],
        "signed-warning": [sign_warning(parse_message(message), naming, signer=signer).raw],
        "desk-words": [print_desk(Watch()) + print_desk(Submit(message=message))],
    }


def _with_fingerprints(text: bytes) -> bytes:
    for number, party in enumerate((b"@KOR@", b"@JPN@", b"@USA@")):
        text = text.replace(party, str(number).encode() * 64)
    return text


def _read(name: str) -> Any:  # noqa: ANN401  JSON values are Any by nature
    return msgspec.json.decode((VECTORS / f"{name}.json").read_bytes())


def _vectors(folder: str) -> list[Any]:
    names = sorted(path.stem for path in (VECTORS / folder).glob("*.json"))
    return [_read(f"{folder}/{name}") for name in sorted(names, key=lambda name: (not name.startswith("good"), name))]


def _identities() -> dict[str, list[bytes]]:
    def signer(number: int, strength: Strength) -> HybridSigner:
        return HybridSigner.from_seed(bytes([number]) * 64, strength)

    working = signer(1, Strength.STATEMENT)
    descriptor = Descriptor(
        party=KOR,
        number=1,
        issued=NOW,
        address="127.0.0.1:7441",
        statement=signer(3, Strength.STATEMENT).public,
        log=signer(4, Strength.LOG).public,
        cosigner=signer(5, Strength.LOG).public,
        lane=signer(7, Strength.STATEMENT).public,
        sealing=Opener.from_seed(bytes(range(96))).public,
        tls_certificate=build_certificate(party=KOR, seed=bytes([6]) * 32),
    )
    record = PartyRecord(
        code=KOR, name="Republic of Korea", working=working.public, recovery=signer(2, Strength.STATEMENT).public
    )
    said = sign_statement(descriptor, kind=DESCRIPTOR, signer=working).envelope
    return {
        "descriptor": [canon.encode(descriptor)],
        "pin-file": [canon.encode(PinFile(record=record, descriptor=said))],
    }


def _epoch() -> LogEpoch:
    return LogEpoch(
        party=KOR,
        to=JPN,
        log="gsomia/kor/shared/jpn",
        epoch=2,
        closed_size=7,
        closed_root=sha256_hex(b"head"),
        held_size=5,
        held_root=NO_ROOT,
        reason=EpochReason.RESTORED,
        at=NOW,
    )


def _link_up(cosigned: bytes | None) -> LinkUp:
    return LinkUp(party=KOR, protocol=1, ready=True, epoch=1, opened=None, cosigned=cosigned, seen=None, act=None)


def _records() -> Iterator[bytes]:
    transfer = Transfer(consignment=CONSIGNMENT, sender=KOR, item=ITEM, manifest=cast("HexDigest", "0" * 64), at=NOW)
    refusal = RefusalRecord(party=KOR, code="a/b", correlation_id="cor_a", subject="s", message="m", at=NOW)
    for record in (transfer, refusal):
        yield KINDS[type(record)].name.encode() + b"\n" + canon.encode(record)


_PAPER = (
    ("관리번호", "비밀등급", "형태", "제목", "사본번호", "취급자", "제공국", "목적", "주제", "쪽수", "접수일"),
    ("국방-103", "特定秘密", "문서", "x", "1/2", "kim", "JPN", "ANALYSIS", "MISSILE", "12", "2024년 3월 5일"),
    ("국방-103", "特定秘密", "문서", "x", "2/2", "lee", "JPN", "ANALYSIS", "MISSILE", "12", "2024년 3월 5일"),
    ("국방-104", "KOR-3", "장비", "x", "1", "kim", "KOR", "ANALYSIS", "MISSILE", "", "2024.3.5"),
)


def _papers() -> Iterator[bytes]:
    text = "".join(",".join(row) + "\r\n" for row in _PAPER)
    yield text.encode()
    yield text.encode("cp949")


def _workbook() -> bytes:
    """The least that a spreadsheet program writes; the same bytes in every run."""
    kind, rels = "http://schemas.openxmlformats.org", "http://schemas.openxmlformats.org/package/2006/relationships"
    main, office = f"{kind}/spreadsheetml/2006/main", f"{kind}/officeDocument/2006/relationships"
    told = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>" for row in _PAPER
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{kind}/package/2006/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{told}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{told}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{rels}">'
        f'<Relationship Id="a" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">'
        '<sheets><sheet name="a" sheetId="1" r:id="a"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{rels}">'
        f'<Relationship Id="a" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return out.getvalue()


def _envelopes() -> dict[str, list[bytes]]:
    good, keys = _read("envelopes/good"), _read("envelopes/keys")
    received, _ = parse_offer(b64decode(good["offer_base64"]))
    payload = b64decode(canon.decode_any(received.statement)["payload"])
    opener = Opener.from_seed(b64decode(keys["seeds_base64"]["recipient"]))
    sender = _Sender(KOR, HybridSigner.from_seed(bytes(range(64)), Strength.STATEMENT))
    verified = verify_envelope(
        received, sender=cast("Descriptor", sender), recipient=JPN, our_keys={opener.public.key_id}
    )
    part = canon.encode(open_envelope(verified, opener=opener).part)
    sealing = begin_holding(ITEM, content_bytes=9, entropy=counted)
    holding = finish_holding(sealing, segment_list=bytes(32), storage_key=bytes(32), entropy=counted)
    label = canon.encode(canon.decode_any(part)["label"])
    segment = b64decode(good["segments_base64"][0])
    offer = b64decode(good["offer_base64"]) + segment
    return {
        "header": [received.header_bytes],
        "manifest": [payload],
        "sealed-part": [part],
        "label": [label],
        "holding": [canon.encode(holding)],
        "offer": [
            offer,
            *(b64decode(one["offer_base64"]) for one in _vectors("envelopes")[1:4] if "offer_base64" in one),
        ],
        "offers": [print_together([offer]), print_together([b"x", offer, b"y"]), print_together([])],
    }


def _relays() -> dict[str, list[bytes]]:
    good, keys = _read("relays/good"), _read("envelopes/keys")
    relay, _ = parse_relay(b64decode(good["relay_base64"]))
    key = unwrap_key(relay.offer, opener=Opener.from_seed(b64decode(keys["seeds_base64"]["recipient"])))
    return {
        "relay": [
            b64decode(good["relay_base64"]) + b64decode(good["segments_base64"][0]),
            *(b64decode(one["relay_base64"]) for one in _vectors("relays")[1:] if "relay_base64" in one),
        ],
        "relay-manifest": [canon.encode(read_manifest(relay))],
        "relay-part": [canon.encode(open_relay_part(relay, content_key=key))],
    }


class _Sender:
    """What `verify_envelope` asks of a descriptor, for the key of the vectors."""

    def __init__(self, party: PartyCode, signer: HybridSigner) -> None:
        self.party, self.statement = party, signer.public
