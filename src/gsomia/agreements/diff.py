"""Two versions of an instrument in plain words, for people who decide whether to sign the second."""

from collections.abc import Iterable
from typing import Any

from gsomia import canon
from gsomia.agreements.agreement import Agreement
from gsomia.labels import EquivalenceTable

_TERMS = {
    "binding": "whether it binds in law",
    "term_years": "the length of a term, in years (0: none)",
    "renewal": "renewal",
    "notice_days": "the notice period, in days",
    "third_party": "who may allow a third party",
    "ceiling": "the highest level",
    "language": "the language that decides",
    "receipt_days": "days until a receipt is due",
    "tracer_days": "days until a tracer is sent",
    "level_change_days": "days for carrying out a change of level",
    "incident_notice_hours": "hours until the first notice of an incident",
}


def compare_texts(old: Agreement, new: Agreement) -> tuple[str, ...]:
    """What changes from `old` to `new`, one sentence a change; empty if nothing that is signed does.

    Source: T21, G21-2.
    """
    if old.digest == new.digest:
        return ()
    return (
        *_identity(old, new),
        *_parameters("terms", canon.plain(old.terms), canon.plain(new.terms)),
        *_parameters("house rules", canon.plain(old.house_rules), canon.plain(new.house_rules)),
        *_named("party", _by(old.parties, "code"), _by(new.parties, "code")),
        *_named("authority", _by(old.authorities, "id"), _by(new.authorities, "id")),
        *_levels(old.table, new.table),
    )


def _identity(old: Agreement, new: Agreement) -> Iterable[str]:
    if old.id != new.id:
        yield f"it is another instrument: {new.id} instead of {old.id}"
    if old.version != new.version:
        yield f"version {old.version} becomes version {new.version}"
    if old.title != new.title:
        yield f"the title was `{old.title}` and becomes `{new.title}`"


def _parameters(part: str, old: dict[str, Any], new: dict[str, Any]) -> Iterable[str]:
    for name in sorted(set(old) | set(new)):
        before, after = old.get(name), new.get(name)
        if before != after:
            yield f"{part}: {_TERMS.get(name, name)}: {_say(before)} becomes {_say(after)}"


def _named(what: str, old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]) -> Iterable[str]:
    for name in sorted(set(old) | set(new)):
        if name not in new:
            yield f"{what} `{name}` is taken out"
        elif name not in old:
            yield f"{what} `{name}` is added: {new[name]['name']}"
        else:
            for field in sorted(old[name]):
                before, after = _say(old[name][field]), _say(new[name][field])
                if before != after:
                    yield f"{what} `{name}`: {field.replace('_', ' ')}: {before} becomes {after}"


def _levels(old: EquivalenceTable, new: EquivalenceTable) -> Iterable[str]:
    before, after = _cells(old), _cells(new)
    for party, level in sorted(set(before) | set(after)):
        was, becomes = before.get((party, level)), after.get((party, level))
        if was == becomes:
            continue
        if becomes is None:
            yield f"levels: {level} of {party} leaves the table (it read as {was})"
        elif was is None:
            yield f"levels: {level} of {party} enters the table and reads as {becomes}"
        else:
            yield f"levels: {level} of {party} read as {was} and reads as {becomes}"


def _cells(table: EquivalenceTable) -> dict[tuple[str, str], str]:
    return {(cell.party, level): row.word for row in table.rows for cell in row.levels for level in cell.ids}


def _by(values: Iterable[object], key: str) -> dict[str, dict[str, Any]]:
    return {plain[key]: plain for plain in map(canon.plain, values)}


def _say(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
