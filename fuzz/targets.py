"""One target for each parser: any bytes raise its own error, or give a value that prints back.

A target whose parser has one spelling is *exact*: what was parsed prints to the same bytes. A file that people write
has many spellings; its target is *stable*: what was parsed, printed and parsed again is the same value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from gsomia import canon
from gsomia.admin.tables import parse_table, print_csv
from gsomia.agreements import (
    Agreement,
    ClaimError,
    DocumentError,
    HistoryError,
    parse_claims,
    parse_document,
    parse_facts,
    parse_family,
    parse_history,
)
from gsomia.audit import (
    AuditError,
    Contradiction,
    InclusionReceipt,
    LogEpoch,
    encode_leaf,
    parse_add_checkpoint,
    parse_checkpoint,
    parse_leaf,
    parse_note,
    parse_tlog_proof,
    parse_vkey,
    print_add_checkpoint,
    print_note,
    print_tlog_proof,
    print_vkey,
)
from gsomia.audit.note import parse_lines, print_lines
from gsomia.canon import CanonError
from gsomia.config import parse_config, print_config
from gsomia.envelope import (
    Header,
    Holding,
    Manifest,
    RelayManifest,
    RelayPart,
    SealedPart,
    WireError,
    parse_offer,
    parse_relay,
    parse_together,
    print_offer,
    print_relay,
    print_together,
)
from gsomia.errors import LocalError, PartnerError
from gsomia.exchange import (
    Again,
    Answers,
    Ask,
    Coming,
    Dealings,
    ExchangeError,
    Hello,
    LinkUp,
    Refusal,
    Reply,
    Texts,
    parse_head,
)
from gsomia.flows.hear import HEARD, HEARD_OF_NODES
from gsomia.instants import Instant
from gsomia.labels import Label, LabelError, NationalLevels, Policy, parse_policy, read_national_levels
from gsomia.parties import Descriptor, PinFile, SignatureError, read_kind
from gsomia.parties.signature import StatementEnvelope
from gsomia.registry import RegisterError, read_marks, read_register
from gsomia.storage import KINDS
from gsomia.transport.https import SeenOtherError
from gsomia.warning import (
    ASKED,
    Asked,
    DeskReader,
    FrameReader,
    LaneAnswer,
    LaneClosedError,
    LaneError,
    LaneHello,
    LaneReceipt,
    LaneTally,
    WarningMessageError,
    WarningUseError,
    lane_frames,
    parse_cot,
    parse_launches,
    parse_message,
    print_desk,
    print_frame,
    print_message,
    read_signed,
    split_events,
)

Errors = tuple[type[Exception], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A parser, its printer, and the errors it may raise."""

    room: str
    parse: Callable[[bytes], Any]
    print: Callable[[Any], bytes]
    errors: Errors
    again: Callable[[bytes], Any] | None = None
    """How a stable target reads what it printed; None for an exact one."""

    def accepts(self, untrusted: bytes) -> bool:
        """Whether the bytes are taken; holds the property either way.

        Raises:
            AssertionError: they are taken, and do not print back.
            Exception: any error that is not the parser's own: what a harness looks for.
        """
        try:
            value = self.parse(untrusted)
        except self.errors:
            return False
        printed = self.print(value)
        back = printed if self.again is None else self.again(printed)
        expected = untrusted if self.again is None else value
        if back != expected:
            raise AssertionError(f"{untrusted!r} was taken as {value!r} and prints as {printed!r}")
        return True


def _canonical(room: str, kind: Any) -> Target:  # noqa: ANN401  a type expression
    return Target(room=room, parse=lambda data: canon.decode(data, kind), print=canon.encode, errors=(CanonError,))


def _text(data: bytes) -> str:
    """As the adapter that holds the file reads it; what is no text never reaches the parser."""
    return data.decode("utf-8", "replace")


def _exact_text(data: bytes) -> str:
    return data.decode("latin-1")


def _chosen(data: bytes, kinds: Mapping[bytes, Any]) -> tuple[bytes, Any]:
    """The first line names the shape, so that one target covers a whole table."""
    chosen, _, body = data.partition(b"\n")
    if chosen not in kinds:
        raise CanonError("canon/malformed", "no such shape")
    return chosen, canon.decode(body, kinds[chosen])


def _table(room: str, kinds: Mapping[bytes, Any]) -> Target:
    return Target(
        room=room,
        parse=lambda data: _chosen(data, kinds),
        print=lambda value: value[0] + b"\n" + canon.encode(value[1]),
        errors=(CanonError,),
    )


def _frames(data: bytes) -> tuple[lane_frames.Frame, ...]:
    """The frames of a lane's stream that are taken; those that are not leave the others alone."""
    return tuple(frame for frame in FrameReader().feed(data) if not isinstance(frame, LaneError))


def _print_frames(frames: tuple[lane_frames.Frame, ...]) -> bytes:
    return b"".join(map(print_frame, frames))


def _words(data: bytes) -> tuple[Asked, ...]:
    return tuple(DeskReader[Asked](ASKED).feed(data))


def _print_words(words: tuple[Asked, ...]) -> bytes:
    return b"".join(map(print_desk, words))


def _print_offer(value: Any) -> bytes:  # noqa: ANN401  an envelope and what rode along
    return print_offer(value[0]) + bytes(value[1])


def _kind_of(data: bytes) -> bytes:
    read_kind(data)
    return data


def _read(room: str, parse: Callable[[bytes], object], error: type[Exception]) -> Target:
    """A file that is only read: whatever it holds, its parser raises its own error or returns."""

    def read(data: bytes) -> bytes:
        parse(data)
        return data

    return Target(room=room, parse=read, print=bytes, errors=(error,))


def _rows(data: bytes) -> list[list[str]]:
    return parse_table(data, fits=lambda _rows: True).rows


def _print_relay(value: Any) -> bytes:  # noqa: ANN401  a relay and what rode along
    return print_relay(value[0]) + bytes(value[1])


LANE_STATEMENTS = {b"hello": LaneHello, b"answer": LaneAnswer, b"tally": LaneTally, b"receipt": LaneReceipt}
STATEMENTS = {
    **{kind.encode(): shape for kind, (shape, _, _) in HEARD.items()},
    **{kind.encode(): shape for kind, (shape, _) in HEARD_OF_NODES.items()},
}
RECORDS = {table.name.encode(): kind for kind, table in KINDS.items()}
TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        "canon": _canonical("canon", dict),
        "instant": Target(
            room="instants",
            parse=lambda data: Instant.parse(_exact_text(data)),
            print=lambda value: str(value).encode(),
            errors=(ValueError,),
        ),
        "dsse": _canonical("parties", StatementEnvelope),
        "dsse-kind": Target(room="parties", parse=_kind_of, print=bytes, errors=(CanonError, SignatureError)),
        "pin-file": _canonical("parties", PinFile),
        "descriptor": _canonical("parties", Descriptor),
        "leaf": Target(room="audit", parse=parse_leaf, print=encode_leaf, errors=(AuditError,)),
        "note": Target(room="audit", parse=parse_note, print=print_note, errors=(AuditError,)),
        "note-lines": Target(room="audit", parse=parse_lines, print=print_lines, errors=(AuditError,)),
        "vkey": Target(
            room="audit",
            parse=lambda data: parse_vkey(_text(data)),
            print=lambda key: print_vkey(key).encode(),
            errors=(AuditError,),
        ),
        "checkpoint": Target(
            room="audit",
            parse=lambda data: parse_checkpoint(_text(data)),
            print=lambda checkpoint: bytes(checkpoint.text.encode()),
            errors=(AuditError,),
            again=lambda printed: parse_checkpoint(_text(printed)),
        ),
        "tlog-proof": Target(room="audit", parse=parse_tlog_proof, print=print_tlog_proof, errors=(AuditError,)),
        "receipt": _canonical("audit", InclusionReceipt),
        "add-checkpoint": Target(
            room="audit", parse=parse_add_checkpoint, print=print_add_checkpoint, errors=(AuditError,)
        ),
        "contradiction": _canonical("audit", Contradiction),
        "label": _canonical("labels", Label),
        "policy": Target(
            room="labels",
            parse=parse_policy,
            print=canon.encode,
            errors=(LabelError,),
            again=lambda printed: canon.decode(printed, Policy),
        ),
        "national-levels": Target(
            room="labels",
            parse=read_national_levels,
            print=canon.encode,
            errors=(LabelError,),
            again=lambda printed: canon.decode(printed, tuple[NationalLevels, ...]),
        ),
        "agreement-file": Target(
            room="agreements",
            parse=parse_document,
            print=canon.encode,
            errors=(DocumentError,),
            again=lambda printed: canon.decode(printed, Agreement),
        ),
        "history": _read("agreements", parse_history, HistoryError),
        "facts": _read("agreements", parse_facts, DocumentError),
        "claims": _read("agreements", parse_claims, ClaimError),
        "family": _read("agreements", parse_family, DocumentError),
        "log-epoch": _canonical("audit", LogEpoch),
        "link-up": _canonical("exchange", LinkUp),
        "link-question": _table("exchange", {b"ask": Ask, b"again": Again, b"coming": Coming, b"dealings": Dealings}),
        "bundle-head": Target(
            room="exchange",
            parse=parse_head,
            print=lambda head: head[0].value[0] + head[1].to_bytes(4, "big"),
            errors=(ExchangeError,),
        ),
        "statement": _table("flows", STATEMENTS),
        "lane-stream": Target(
            room="warning", parse=_frames, print=_print_frames, errors=(LaneClosedError,), again=_frames
        ),
        "lane-statement": _table("warning", LANE_STATEMENTS),
        "signed-warning": Target(
            room="warning",
            parse=read_signed,
            print=lambda claimed: bytes(claimed.signed + claimed.signature),
            errors=(LaneError,),
        ),
        "desk-words": Target(room="warning", parse=_words, print=_print_words, errors=(WarningUseError,), again=_words),
        "warning-message": Target(
            room="warning", parse=parse_message, print=print_message, errors=(WarningMessageError,)
        ),
        "cot": _read("warning", parse_cot, WarningMessageError),
        "cot-stream": _read("warning", split_events, WarningMessageError),
        "launches": _read("warning", parse_launches, WarningUseError),
        "hotline-words": _canonical("exchange", Texts),
        "header": _canonical("envelope", Header),
        "manifest": _canonical("envelope", Manifest),
        "sealed-part": _canonical("envelope", SealedPart),
        "holding": _canonical("envelope", Holding),
        "offer": Target(room="envelope", parse=parse_offer, print=_print_offer, errors=(WireError, CanonError)),
        "offers": Target(room="envelope", parse=parse_together, print=print_together, errors=(WireError,)),
        "relay": Target(room="envelope", parse=parse_relay, print=_print_relay, errors=(WireError, CanonError)),
        "relay-manifest": _canonical("envelope", RelayManifest),
        "relay-part": _canonical("envelope", RelayPart),
        "answer": _table("exchange", {b"reply": Reply, b"answers": Answers, b"refusal": Refusal, b"hello": Hello}),
        "seen-size": Target(
            room="transport",
            parse=SeenOtherError,
            print=lambda seen: b"%d\n" % seen.size,
            errors=(PartnerError,),
        ),
        "config": Target(
            room="config",
            parse=lambda data: parse_config(_text(data)),
            print=lambda config: print_config(config).encode(),
            errors=(LocalError,),
            again=lambda printed: parse_config(_text(printed)),
        ),
        "record": _table("storage", RECORDS),
        "table": Target(room="admin", parse=_rows, print=print_csv, errors=(LocalError,), again=_rows),
        "paper-register": Target(
            room="registry",
            parse=lambda data: (read_register(_rows(data), names={}), data)[1],
            print=bytes,
            errors=(RegisterError, LocalError),
        ),
        "inventory-sheet": Target(
            room="registry",
            parse=lambda data: (read_marks(_rows(data)), data)[1],
            print=bytes,
            errors=(RegisterError, LocalError),
        ),
    }
)
