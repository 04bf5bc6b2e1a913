"""`family`: the pacts that Korea and Japan have with others, their levels, and what may be done with them."""

from msgspec import UNSET

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param, if_named
from gsomia.admin.commands.agreements import INSTRUMENT, read_small
from gsomia.admin.shipped import shipped_family, shipped_levels, shipped_servicing
from gsomia.agreements import Family, Pact, PactProfile, check_order, force_begins, pacts_of, parse_facts
from gsomia.errors import LocalError
from gsomia.flows.family import (
    confirm_levels,
    confirmed_rows,
    order_supplies,
    read_mark,
    refused,
    servicing_profile,
)
from gsomia.instants import read_instant
from gsomia.labels import NationalLevels
from gsomia.parties import Office


def _list(call: Call) -> Document:
    family = shipped_family()
    pacts = pacts_of(family, _rows(call))
    shown = {pact.id: _short(pact) for pact in pacts if pact.own == "KOR" or pact.partner != "KOR"}
    others = [
        {
            "instrument": profile.id,
            "between": list(profile.between),
            "kind": profile.kind,
            "signed": profile.signed or None,
            "ceiling": profile.ceiling or None,
            "locked": True,
            "source": profile.source,
        }
        for profile in family.profiles
        if profile.id not in shown
    ]
    return {"instruments": [*shown.values(), *others], "counts": [canon.plain(one) for one in family.counts]}


def _rows(call: Call) -> tuple[NationalLevels, ...]:
    return confirmed_rows(call.desk, shipped_levels()) if call.at_node else shipped_levels()


def _short(pact: Pact) -> Document:
    profile = pact.profile
    return {
        "instrument": pact.id,
        "between": [pact.own, pact.partner],
        "kind": profile.kind if profile else "unknown",
        "signed": (profile.signed or None) if profile else None,
        "ceiling": (profile.ceiling or None) if profile else None,
        "locked": pact.locked,
        "source": pact.row.source,
    }


def _show(call: Call) -> Document:
    family, name = shipped_family(), call.text("instrument")
    profile = family.profile(name)
    pacts = [pact for pact in pacts_of(family, _rows(call)) if pact.id == name]
    if profile is None and not pacts:
        raise LocalError(
            "admin/unknown-instrument",
            f"`{name}` is not in the family of instruments",
            remedy="see `gsomia family list`, or name the node that knows it: `--node DIR`",
        )
    facts = shipped_servicing()
    force = force_begins(facts, name, parties=profile.between) if profile else None
    return {
        "instrument": name,
        "profile": _profile(profile) if profile else None,
        "levels": [_levels(pact) for pact in pacts],
        "acts": [
            {"date": fact.date, "event": fact.event, "actor": fact.actor, "sources": list(fact.src)}
            for fact in facts
            if fact.instr == name
        ],
        "in_force_from": str(force) if force else (profile.in_force or None) if profile else None,
    }


def _profile(profile: PactProfile) -> Document:
    known = canon.plain(profile)
    return {name: value for name, value in known.items() if value is not UNSET}


def _levels(pact: Pact) -> Document:
    confirmed = pact.row.confirmed_by
    return {
        "country": pact.partner,
        "read_by": pact.own,
        "locked": pact.locked,
        "source": pact.row.source,
        "confirmed_by": f"{confirmed.official}: {confirmed.source}" if confirmed else None,
        "marks": [f"{level.rank} {level.mark}" for level in pact.row.levels],
        "since": pact.since,
    }


def _map(call: Call) -> Document:
    found, decision = read_mark(
        call.desk,
        shipped_family(),
        shipped_levels(),
        mark=call.text("mark"),
        country=call.maybe("country"),
        by=call.person or "operator",
    )
    own = {level.id: level.mark for level in call.desk.policy.classifications}
    return {
        "instrument": found.pact.id,
        "country": found.pact.partner,
        "mark": found.mark,
        "rank": found.rank,
        "own": [{"id": level, "mark": own[level]} for level in found.own],
        "pending": len(found.own) > 1,
        "decision": decision.id,
    }


def _confirm(call: Call) -> Document:
    record = confirm_levels(
        call.desk,
        call.actor(Office.SECURITY_OFFICER),
        shipped_levels(),
        country=call.text("country"),
        source=call.text("basis"),
    )
    return {
        "country": record.country,
        "official": record.confirmation.official,
        "source": record.confirmation.source,
        "row": record.confirmation.row,
        "statement": record.statement,
    }


def _order(call: Call) -> Document:
    family, instrument, goods = shipped_family(), call.text("instrument"), call.text("goods")
    if call.maybe("history"):
        return _what_if(call, family, instrument, goods)
    decision = order_supplies(
        call.desk,
        call.actor(Office.LIAISON_OFFICER),
        family,
        shipped_servicing(),
        instrument=instrument,
        goods=goods,
    )
    return {"instrument": instrument, "goods": goods, "permitted": True, "what_if": False, "decision": decision.id}


def _what_if(call: Call, family: Family, instrument: str, goods: str) -> Document:
    profile = servicing_profile(family, instrument)
    facts = parse_facts(read_small(call.text("history")))
    at = max((fact.eff for fact in facts), default=read_instant("1970-01-01"))
    at = read_instant(call.text("at")) if call.maybe("at") else at
    refusal = check_order(facts, profile, at=at)
    if refusal is not None:
        raise refused(refusal, correlation_id=None)
    return {"instrument": instrument, "goods": goods, "permitted": True, "what_if": True, "decision": None}


COMMANDS = (
    Command(
        name="family list",
        help="the pacts of Korea and Japan with others, and whether the partner's levels may be used",
        run=_list,
        keys=False,
        need=if_named,
    ),
    Command(
        name="family show",
        help="one instrument of the family: parameters, levels and their sources, its own history",
        run=_show,
        params=(INSTRUMENT,),
        keys=False,
        need=if_named,
    ),
    Command(
        name="family map",
        help="how another country's mark reads in our levels; on record, refusals too",
        run=_map,
        params=(
            Param(name="mark", help="the mark exactly as it stands", positional=True, required=True),
            Param(name="country", help="whose mark it is, for example POL"),
        ),
        keys=False,
    ),
    Command(
        name="family confirm",
        help="vouch for a country's levels by a source, as a named official",
        run=_confirm,
        params=(
            Param(name="country", help="whose levels, for example ROU", positional=True, required=True),
            Param(name="basis", help="the treaty, law or note that gives them", required=True),
        ),
        acts=True,
    ),
    Command(
        name="family order",
        help="ask for supplies under a cross-servicing agreement; refused unless one is in force",
        run=_order,
        params=(
            INSTRUMENT,
            Param(name="goods", help="what is ordered, as a code, for example FUEL", required=True),
            Param(name="history", kind="path", help="what if this had happened; nothing is recorded"),
            Param(name="at", help="with --history: at which instant; after its last fact if left out"),
        ),
        acts=True,
        keys=False,
        need=if_named,
    ),
)
