"""The bytes we hash and sign: one spelling per value.

Canonical JSON on a subset where sorted `msgspec` output equals RFC 8785: objects, arrays, strings, booleans, null and
integers within 2^53; keys match `[a-z][a-z0-9_]*` or are the fixed names of DSSE. No floats, no Unicode normalisation.
`decode` re-encodes and refuses unless the bytes are identical, so unknown fields, doubled keys, other orders, other
escapes and white space are all refused by one rule.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Note:
    ...     number: str
    ...     at: Instant
    >>> data = encode(Note("KR-1", Instant(0)))
    >>> data
    b'{"at":"1970-01-01T00:00:00Z","number":"KR-1"}'
    >>> decode(data, Note).number
    'KR-1'
"""

import re
from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

import msgspec
from msgspec import inspect

from gsomia.errors import PartnerError
from gsomia.ids import HexDigest, sha256_hex
from gsomia.instants import Instant

MAX_INTEGER = 2**53 - 1
MAX_STATEMENT_BYTES = 1 << 20
"""A statement is read whole; larger ones are refused unread."""

_KEY = re.compile(r"[a-z][a-z0-9_]*|payloadType")
"""`payloadType` is DSSE's own spelling; `payload`, `signatures`, `keyid` and `sig` match the rule already."""

MAX_KNOWN_KEYS = 1024
"""Keys that were checked once are remembered, so many at most: strangers choose keys too."""
_KNOWN_KEYS: set[str] = set()

T = TypeVar("T")


class CanonError(PartnerError):
    """The bytes are not the canonical form of the value asked for."""


def _to_text(value: object) -> str:
    if isinstance(value, Instant):
        return str(value)
    raise NotImplementedError(type(value).__name__)


def _from_text(kind: type, value: object) -> object:
    if kind is Instant and isinstance(value, str):
        return Instant.parse(value)
    msg = f"no {kind.__name__}"
    raise TypeError(msg)


_ENCODER = msgspec.json.Encoder(enc_hook=_to_text, order="sorted")


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:  # noqa: ANN401  a type expression such as `dict[str, A | B]`
    return msgspec.json.Decoder(kind, dec_hook=_from_text, strict=True)


def encode(value: object) -> bytes:
    """The canonical bytes of a value made of dataclasses, lists, dicts, strings, integers, bytes (base64) and instants.

    Raises:
        ValueError: a float, an integer beyond 2^53, a key outside the subset: a mistake of ours.

    Source: RFC 8785, on the subset named above.
    """
    data = _ENCODER.encode(value)
    _check(msgspec.json.decode(data))
    return data


def spell(value: T) -> tuple[bytes, T]:
    """The canonical bytes of a typed value of ours, and what they read back as; cheaper than `encode` and `decode`.

    The type is what keeps floats and strange keys out, so only the shape is proven.

    Raises:
        ValueError: it would not read back: a mistake of ours.
    """
    data = _ENCODER.encode(value)
    try:
        return data, _decoder(cast("Hashable", type(value))).decode(data)
    except (msgspec.MsgspecError, ValueError, TypeError) as cause:
        msg = f"a `{_name(type(value))}` that would not read back: {_short(cause)}"
        raise ValueError(msg) from cause


def decode(untrusted: bytes, kind: type[T]) -> T:
    """The value of type `kind` whose canonical form is exactly `untrusted`.

    Raises:
        CanonError: malformed, of another shape, or not spelled canonically.

    Trust: nothing is known of the bytes on entry; on return only their shape is, not who wrote them.
    """
    if len(untrusted) > MAX_STATEMENT_BYTES:
        raise CanonError("canon/too-large", f"`{len(untrusted)}` bytes where at most `{MAX_STATEMENT_BYTES}` are read")
    try:
        value: T = _decoder(cast("Hashable", kind)).decode(untrusted)
        # What the decoder of a closed kind lets pass is in the subset, and need not be walked again.
        spelled = _ENCODER.encode(value) if is_closed(cast("Hashable", kind)) else encode(value)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError, OverflowError) as cause:
        raise CanonError("canon/malformed", f"not a well-formed `{_name(kind)}`: {_short(cause)}") from cause
    if spelled != untrusted:
        raise CanonError("canon/not-canonical", f"a `{_name(kind)}` that is not spelled canonically")
    return value


def read_back(trusted: bytes, kind: type[T]) -> T:
    """The value of bytes whose digest is known to be of a canonical form; cheaper than `decode`, and only for those.

    Raises:
        CanonError: of another shape.

    Trust: the caller has held the bytes against a digest that was taken of canonical bytes.
    """
    try:
        value: T = _decoder(cast("Hashable", kind)).decode(trusted)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError, OverflowError) as cause:
        raise CanonError("canon/malformed", f"not a well-formed `{_name(kind)}`: {_short(cause)}") from cause
    return value


def check(value: object, kind: type[T]) -> T:
    """The value as one of type `kind`, if it is one: how words from outside become ids.

    Raises:
        CanonError: it is not.
    """
    try:
        return decode(encode(value), kind)
    except (ValueError, TypeError, NotImplementedError, RecursionError) as cause:
        raise CanonError("canon/malformed", f"not a well-formed `{_name(kind)}`") from cause


def decode_any(trusted: bytes) -> Any:  # noqa: ANN401  JSON values are Any by nature
    """Bytes of our own record as dicts and lists, for people. Not for anything that came from outside."""
    return msgspec.json.decode(trusted)


def digest(value: object) -> HexDigest:
    """SHA-256 over the canonical bytes."""
    return sha256_hex(encode(value))


def plain(value: object) -> Any:  # noqa: ANN401  JSON values are Any by nature
    """The value as dicts, lists, strings and numbers, for people and command output."""
    return msgspec.to_builtins(value, enc_hook=_to_text)


def _name(kind: object) -> str:
    return getattr(kind, "__name__", "value")


def _short(cause: Exception) -> str:
    return str(cause).split("\n", 1)[0][:200]


def _check(value: object) -> None:
    """Hold decoded JSON to the subset, without recursion: any depth that decoded can be checked."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        kind = type(one)
        if kind is str or one is None or kind is bool:
            continue
        if isinstance(one, dict):
            for key in one.keys() - _KNOWN_KEYS:
                _check_key(key)
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
        elif not isinstance(one, int):
            msg = "a number that is not an integer"
            raise ValueError(msg)  # noqa: TRY004  the value is wrong, its JSON type is a number
        elif abs(one) > MAX_INTEGER:
            msg = "an integer beyond 2^53"
            raise ValueError(msg)


@cache
def is_closed(kind: Any) -> bool:  # noqa: ANN401, C901  a type expression; one case a kind
    """Whether every value that decodes as `kind` is in the subset: no free object, no float, no integer without bounds.

    Such a kind is read in half the time.
    """
    waiting: list[inspect.Type] = [inspect.type_info(kind)]
    met: set[object] = set()
    while waiting:
        match waiting.pop():
            case inspect.StrType() | inspect.BytesType() | inspect.BoolType() | inspect.NoneType():
                pass
            case inspect.CustomType(cls=known) if known is Instant:
                pass
            case inspect.EnumType(cls=cls) if all(isinstance(one.value, str) for one in cls):
                pass
            case inspect.LiteralType(values=values) if all(isinstance(one, str) for one in values):
                pass
            case inspect.IntType(ge=int(low), le=int(high)) if low >= -MAX_INTEGER and high <= MAX_INTEGER:
                pass
            case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
                waiting.append(item)
            case inspect.UnionType(types=types):
                waiting.extend(types)
            case inspect.DataclassType(cls=cls, fields=fields) | inspect.StructType(cls=cls, fields=fields):
                if cls not in met:
                    met.add(cls)
                    for field in fields:
                        _check_key(field.encode_name)
                        waiting.append(field.type)
            case _:
                return False
    return True


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        msg = "a key outside `[a-z][a-z0-9_]*`"
        raise ValueError(msg)
    if len(_KNOWN_KEYS) < MAX_KNOWN_KEYS:
        _KNOWN_KEYS.add(key)
