"""Read an agreement file: TOML that a lawyer can read, refused unless every word of it is understood.

The digest that is signed is that of the canonical JSON of the parsed value, so comments and layout are free.
`tables` are written `[[level]]` with one list of level ids per party: `KOR = ["KOR-2"]`.
"""

import tomllib
from typing import Any

import msgspec

from gsomia import canon
from gsomia.agreements.agreement import Agreement
from gsomia.agreements.errors import DocumentError
from gsomia.errors import NodeError
from gsomia.parties import check_one_world

MAX_DOCUMENT_BYTES = 256 << 10
_KEYS = {"instrument", "terms", "house_rules", "party", "authority", "level", "relay", "feeder", "topic", "introduced"}
_INSTRUMENT = {"id", "version", "title"}
_LEVEL_WORDS = {"rank", "word"}


def parse_document(untrusted: bytes) -> Agreement:
    """The agreement that the TOML bytes spell.

    Raises:
        DocumentError: not TOML, a field missing, unknown or of the wrong kind, or a table that does not hold together.

    Trust: hostile on entry; on return the value is well formed, nobody has signed it.
    Source: style 3.1 (`agreements.document`).
    """
    if len(untrusted) > MAX_DOCUMENT_BYTES:
        raise DocumentError(
            "agreements/document-too-large", f"an agreement file has at most `{MAX_DOCUMENT_BYTES}` bytes"
        )
    try:
        raw = tomllib.loads(untrusted.decode())
        agreement = canon.decode(canon.encode(_assemble(raw)), Agreement)
        _check(agreement)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.MsgspecError, ValueError, TypeError) as cause:
        raise _broken(str(cause)) from cause
    except (KeyError, AttributeError, RecursionError, OverflowError) as cause:
        raise _broken(f"a part is missing or nested wrongly: {cause}") from cause
    except DocumentError:
        raise
    except NodeError as cause:
        raise _broken(cause.message) from cause
    return agreement


def _assemble(raw: dict[str, Any]) -> dict[str, Any]:
    unknown = (set(raw) - _KEYS) | (set(raw["instrument"]) - _INSTRUMENT)
    if unknown:
        raise _broken(f"unknown part `{min(unknown)}`")
    levels = raw["level"]
    covers = sorted({party for row in levels for party in row if party not in _LEVEL_WORDS})
    rows = [
        {
            "rank": row["rank"],
            "word": row["word"],
            "levels": [{"party": code, "ids": _ids(code, row[code])} for code in covers if code in row],
        }
        for row in levels
    ]
    return {
        **_relay(raw),
        **raw["instrument"],
        "parties": sorted(raw["party"], key=lambda party: party["code"]),
        "authorities": sorted(raw.get("authority", []), key=lambda authority: authority["id"]),
        "table": {"rows": sorted(rows, key=lambda row: -row["rank"])},
        "terms": raw["terms"],
        "house_rules": raw["house_rules"],
    }


def _relay(raw: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "introduced" in raw:
        found["introduced"] = sorted(raw["introduced"], key=lambda one: (one["hub"], one["originator"]))
    if "relay" not in raw:
        if "feeder" in raw or "topic" in raw:
            raise _broken("feeders and topics belong to a `[relay]`")
        return found
    if set(raw["relay"]) != {"hub", "topics_version"}:
        raise _broken("a `[relay]` names its `hub` and its `topics_version`")
    found["relay"] = {
        "hub": raw["relay"]["hub"],
        "feeders": sorted(raw["feeder"], key=lambda feeder: feeder["party"]),
        "topics": {
            "version": raw["relay"]["topics_version"],
            "lines": sorted(raw["topic"], key=lambda line: line["topic"]),
        },
    }
    return found


def _ids(code: str, listed: Any) -> list[str]:  # noqa: ANN401  TOML holds anything
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise _broken(f"the levels of `{code}` are a list of ids")
    if not all(one.startswith(f"{code}-") for one in listed):
        raise _broken(f"a level of `{code}` begins with `{code}-`")
    return sorted(listed)


def _check(agreement: Agreement) -> None:
    codes = [party.code for party in agreement.parties]
    ids = [authority.id for authority in agreement.authorities]
    check_one_world(codes)
    if len(set(codes)) != len(codes) or len(set(ids)) != len(ids):
        raise _broken("a party or an authority stands twice")
    notes = [(authority.party, authority.named_by) for authority in agreement.authorities]
    if len(set(notes)) != len(notes):
        raise _broken("one note names one authority")
    if {authority.party for authority in agreement.authorities} - set(codes):
        raise _broken("an authority belongs to no party of the agreement")
    for code in codes:
        if sum(authority.lead for authority in agreement.authorities_of(code)) != 1:
            raise _broken(f"`{code}` needs exactly one lead authority")
        if any(code not in {entry.party for entry in row.levels} for row in agreement.table.rows):
            raise _broken(f"a level row does not name `{code}`")
    if agreement.terms.term_years == 0 and agreement.terms.renewal == "automatic":
        raise _broken("without terms nothing renews itself: `renewal` is `none`")
    if max(row.rank for row in agreement.table.rows) > agreement.terms.ceiling:
        raise _broken("a level row lies above the ceiling")
    _check_relay(agreement, set(codes))


def _check_relay(agreement: Agreement, codes: set[str]) -> None:
    relay = agreement.relays
    if relay is not None:
        if {relay.hub, *(feeder.party for feeder in relay.feeders)} != codes:
            raise _broken("a relay has one hub, and a feeder to every other party")
        if agreement.terms.binding:
            raise _broken("a relay binds nobody in law: `binding` is false")
        if agreement.id in {feeder.instrument for feeder in relay.feeders}:
            raise _broken("a relay is not its own feeder")
    for one in agreement.introduced if isinstance(agreement.introduced, tuple) else ():
        if one.hub not in codes or one.originator in codes:
            raise _broken("the hub that introduces is a party, the originator it introduces is none")


def _broken(why: str) -> DocumentError:
    return DocumentError(
        "agreements/document-malformed",
        f"the agreement file does not read: {why[:200]}",
        remedy="compare it with `docs/agreement-file.md`",
    )
