"""`source`: texts kept by digest, and what the record says of each claim coded from them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import UNSET

from gsomia.admin.command import Call, Command, Document, Param, if_named
from gsomia.admin.commands.agreements import read_small
from gsomia.admin.shipped import shipped_claims, shipped_family, shipped_servicing
from gsomia.agreements import (
    Claim,
    Compared,
    Comparison,
    Fact,
    Family,
    SourceText,
    Stamp,
    check_spans,
    compare,
    ended_by_notes,
    parse_claims,
    parse_facts,
    profile_facts,
)
from gsomia.errors import LocalError
from gsomia.flows.sources import add_source, sources_held
from gsomia.flows.standing import facts_held
from gsomia.ids import HexDigest
from gsomia.instants import Instant
from gsomia.parties import Office

CLAIMS = Param(name="claims", kind="path", help="claims file; those that ship with the program if left out")


def _add(call: Call) -> Document:
    path = call.text("file")
    kept = add_source(
        call.desk,
        call.actor(Office.LIAISON_OFFICER),
        read_small(path),
        name=Path(path).name,
        claims=_claims(call),
    )
    return {"source": kept.digest, "bytes": len(kept.text), "claims": kept.claims, "kept_at": str(kept.at)}


def _compare(call: Call) -> Document:
    claims, family = _claims(call), shipped_family()
    wanted = call.maybe("source")
    if wanted is not None:
        claims = tuple(claim for claim in claims if claim.document == wanted)
        if not claims:
            raise LocalError(
                "admin/no-claims",
                f"no claim is coded from `{wanted}`",
                remedy="see which texts: `gsomia source compare`",
            )
    facts = _facts(call, family)
    held = {one.digest: one for one in sources_held(call.desk)} if call.at_node else {}
    found = [
        compare(claim, facts=facts, counts=family.counts, end_of=lambda mine, name: _end(family, mine, name))
        for claim in claims
    ]
    counted = Counter(one.verdict for one in found)
    return {
        "claims": [_shown(one) for one in found],
        "counts": {verdict.value: counted[verdict] for verdict in Comparison},
        "sources": [_source(digest, claims, held) for digest in dict.fromkeys(claim.document for claim in claims)],
    }


def _claims(call: Call) -> tuple[Claim, ...]:
    return parse_claims(read_small(call.text("claims"))) if call.maybe("claims") else shipped_claims()


def _facts(call: Call, family: Family) -> tuple[Fact, ...]:
    # A history file is the whole of what happened to the instruments it names; profiles stand in for the others.
    if call.maybe("history"):
        told = parse_facts(read_small(call.text("history")))
    elif call.at_node:
        told = call.desk.store.run(facts_held)
    else:
        raise LocalError(
            "admin/no-facts",
            "claims are held against what happened",
            remedy="pass `--history FILE`, or name a node that holds acts: `--node DIR`",
        )
    known = {fact.instr for fact in told}
    beside = (fact for fact in (*shipped_servicing(), *profile_facts(family)) if fact.instr not in known)
    return (*told, *beside)


def _end(family: Family, facts: Sequence[Fact], instrument: str) -> Instant | None:
    profile = family.profile(instrument)
    if profile is None or not profile.term_years or not profile.notice_days:
        return None
    return ended_by_notes(
        facts,
        instrument,
        parties=profile.between,
        term_years=profile.term_years,
        notice_days=profile.notice_days,
    )


def _shown(one: Compared) -> Document:
    claim = one.claim
    stamp = claim.published
    return {
        "claim": claim.id,
        "verdict": one.verdict,
        "says": claim.says,
        "gist": claim.gist,
        "instrument": claim.subject,
        "told": claim.told.text,
        "precision": claim.told.precision,
        "told_from": str(claim.told.begins),
        "published": stamp.local if isinstance(stamp, Stamp) else None,
        "published_zone": stamp.zone if isinstance(stamp, Stamp) else None,
        "published_utc": str(stamp.instant) if isinstance(stamp, Stamp) else None,
        "planned": claim.planned,
        "name": claim.name.raw if claim.name is not UNSET else None,
        "means": (claim.name.record or None) if claim.name is not UNSET else None,
        "by": list(one.by),
        "clauses": list(one.clauses),
        "reason": one.reason,
        "source": claim.document,
        "span": [claim.start, claim.end],
    }


def _source(digest: HexDigest, claims: tuple[Claim, ...], held: Mapping[HexDigest, SourceText]) -> Document:
    kept = held.get(digest)
    return {
        "source": digest,
        "claims": sum(claim.document == digest for claim in claims),
        "kept": kept is not None,
        "spans_checked": check_spans(claims, kept.text) if kept is not None else 0,
    }


COMMANDS = (
    Command(
        name="source add",
        help="keep an unclassified text by its digest, and hold the claims coded from it against it",
        run=_add,
        params=(Param(name="file", kind="path", help="the text", positional=True, required=True), CLAIMS),
        acts=True,
        keys=False,
    ),
    Command(
        name="source compare",
        help="what the record says of each claim: agrees, contradicts, unknown; moves nothing",
        run=_compare,
        params=(
            CLAIMS,
            Param(name="history", kind="path", help="facts to compare with; the node's acts if left out"),
            Param(name="source", help="only the claims of the text with this digest"),
        ),
        keys=False,
        need=if_named,
    ),
)
