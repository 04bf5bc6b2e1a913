"""C2SP signed notes: text, an empty line, and lines that each carry one signature of a named key.

One note has one spelling here: base64 that is not canonical, control characters, stray lines and over-long notes are
refused, so that printing what was parsed gives the received bytes. Lines of unknown keys are kept and mean nothing.

    >>> key = parse_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    >>> key.algorithm, key.key_id.hex()
    (<Algorithm.ED25519: 1>, '530d903a')

Source: C2SP signed-note.md.
"""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from hashlib import sha256

from gsomia.audit.errors import AuditError

MAX_NOTE_BYTES = 1 << 18
"""Ours: room for `MAX_SIGNATURES` of the largest kind this room writes (3.3 kB of text each), twice over."""
MAX_SIGNATURES = 32
"""Ours; the format asks to accept at least 16."""
KEY_ID_BYTES = 4
MAX_KEY_IDS = 256
"""Key ids that are remembered."""

_DASH = "\u2014 "
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class Algorithm(IntEnum):
    """Signature types this room reads; the number is hashed into the key id."""

    ED25519 = 0x01
    ED25519_COSIGNATURE = 0x04
    MLDSA44_SUBTREE = 0x06


_PUBLIC_BYTES = {Algorithm.ED25519: 32, Algorithm.ED25519_COSIGNATURE: 32, Algorithm.MLDSA44_SUBTREE: 1312}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteKey:
    """A public key under the name and for the one algorithm it signs notes with."""

    name: str
    algorithm: Algorithm
    public: bytes

    def __post_init__(self) -> None:
        """Refuse names that cannot stand in a line and keys of the wrong length.

        Raises:
            ValueError: they are.
        """
        if not _is_name(self.name) or len(self.public) != _PUBLIC_BYTES[self.algorithm]:
            msg = "no name or no public key for a note"
            raise ValueError(msg)

    @property
    def key_id(self) -> bytes:
        """Four bytes that, with the name, say which key and algorithm a line is of."""
        return _key_id(self.name, self.algorithm, self.public)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLine:
    """One signature line; whose it is and whether it holds is not known yet."""

    name: str
    key_id: bytes
    signature: bytes

    def is_of(self, key: NoteKey) -> bool:
        """Whether the line claims to be of `key`."""
        return self.name == key.name and self.key_id == key.key_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note as received: shape known, nothing proven."""

    text: str
    lines: tuple[NoteLine, ...]


@lru_cache(maxsize=MAX_KEY_IDS)
def _key_id(name: str, algorithm: Algorithm, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:KEY_ID_BYTES]


def parse_note(untrusted: bytes) -> Note:
    """The note whose one spelling is `untrusted`.

    Raises:
        AuditError: it is no note, or a longer one than is read.
    """
    if len(untrusted) > MAX_NOTE_BYTES:
        raise _malformed(f"`{len(untrusted)}` bytes where at most `{MAX_NOTE_BYTES}` are read")
    text, blank, lines = _text_of(untrusted).rpartition("\n\n")
    if not blank:
        raise _malformed("no empty line before the signatures")
    return Note(text=text + "\n", lines=_parse_lines(lines))


def print_note(note: Note) -> bytes:
    """The bytes of a note."""
    return note.text.encode() + b"\n" + print_lines(note.lines)


def parse_lines(untrusted: bytes) -> tuple[NoteLine, ...]:
    """Signature lines alone, as a cosigner answers with.

    Raises:
        AuditError: they are none.
    """
    if len(untrusted) > MAX_NOTE_BYTES:
        raise _malformed(f"`{len(untrusted)}` bytes where at most `{MAX_NOTE_BYTES}` are read")
    return _parse_lines(_text_of(untrusted))


def print_lines(lines: Iterable[NoteLine]) -> bytes:
    """The bytes of signature lines."""
    return "".join(f"{_DASH}{line.name} {to_base64(line.key_id + line.signature)}\n" for line in lines).encode()


def parse_vkey(untrusted: str) -> NoteKey:
    """The key written as `name+id+base64`.

    Raises:
        AuditError: malformed, of a type this room does not read, or with the id of another key.
    """
    match = _VKEY.fullmatch(untrusted)
    if match is None:
        raise _malformed("a verifier key is written name+id+key")
    name, key_id, material = match[1], match[2], from_base64(match[3])
    try:
        key = NoteKey(name=name, algorithm=Algorithm(material[0]), public=material[1:])
    except ValueError as cause:
        raise _malformed(f"a verifier key that is not read here: {cause}") from cause
    if key.key_id.hex() != key_id:
        raise _malformed("a verifier key under another key's id")
    return key


def print_vkey(key: NoteKey) -> str:
    """How a key is handed to others: `name+id+base64`."""
    return f"{key.name}+{key.key_id.hex()}+{to_base64(bytes([key.algorithm]) + key.public)}"


def to_base64(data: bytes) -> str:
    """Standard base64 with padding, as all C2SP formats write it."""
    return base64.b64encode(data).decode()


def from_base64(untrusted: str) -> bytes:
    """What `to_base64` wrote.

    Raises:
        AuditError: empty, or spelled in any other way.
    """
    try:
        data = base64.b64decode(untrusted, validate=True)
    except ValueError as cause:
        raise _malformed("not base64") from cause
    if not data or to_base64(data) != untrusted:
        raise _malformed("base64 that is empty or not canonical")
    return data


def parse_decimal(untrusted: str) -> int:
    """A size or index below 2^63: ASCII digits without leading zeroes.

    Raises:
        AuditError: anything else.
    """
    if not _DECIMAL.fullmatch(untrusted) or int(untrusted) >= 1 << 63:
        raise _malformed("not a decimal number below 2^63")
    return int(untrusted)


def _text_of(untrusted: bytes) -> str:
    try:
        text = untrusted.decode()
    except UnicodeDecodeError as cause:
        raise _malformed("not UTF-8") from cause
    if _CONTROL.search(text):
        raise _malformed("control characters")
    return text


def _parse_lines(text: str) -> tuple[NoteLine, ...]:
    *lines, rest = text.split("\n")
    if rest or not 1 <= len(lines) <= MAX_SIGNATURES:
        raise _malformed(f"signatures are 1 to `{MAX_SIGNATURES}` whole lines")
    return tuple(_parse_line(line) for line in lines)


def _parse_line(line: str) -> NoteLine:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    data = from_base64(encoded)
    if not line.startswith(_DASH) or not _is_name(name) or len(data) <= KEY_ID_BYTES:
        raise _malformed("a line that is no signature")
    return NoteLine(name=name, key_id=data[:KEY_ID_BYTES], signature=data[KEY_ID_BYTES:])


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(char.isspace() for char in name) and not _CONTROL.search(name)


def _malformed(what: str) -> AuditError:
    return AuditError("audit/note-malformed", what)
