"""`warn authorise`, `warn stop`, `warn list` and `warn stats`: what may cross the warning lanes, and how they are."""

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Param
from gsomia.agreements import AuthorityId
from gsomia.flows import warn
from gsomia.ids import HexDigest, PartyCode
from gsomia.instants import read_instant
from gsomia.labels import ClassificationId
from gsomia.parties import Office
from gsomia.warning import Character, Kind


def _authorise(call: Call) -> Document:
    via = call.maybe("via")
    digest = warn.authorise(
        call.desk,
        call.actor(Office.RELEASING_AUTHORITY),
        instrument=call.text("instrument"),
        authority=canon.check(call.text("authority"), AuthorityId),
        scope=warn.Scope(
            to=call.text("to"),
            via=canon.check(via, PartyCode) if via else None,
            originators=tuple(canon.check(one, PartyCode) for one in call.args["of"]),
            kinds=tuple(canon.check(one, Kind) for one in call.args["kind"]),
            characters=tuple(canon.check(one, Character) for one in call.args["character"]),
            fields=tuple(call.args["field"]),
            levels=tuple(canon.check(one, ClassificationId) for one in call.args["level"]),
            until=read_instant(call.text("until")),
        ),
    )
    return {"authorisation": digest, "instrument": call.text("instrument"), "to": call.text("to"), "via": via}


def _stop(call: Call) -> Document:
    named = call.maybe("authorisation")
    digest = canon.check(named, HexDigest) if named else None
    stopped = warn.stop(call.desk, call.actor(Office.RELEASING_AUTHORITY, Office.SECURITY_OFFICER), digest)
    return {"stopped": list(stopped)}


def _list(call: Call) -> Document:
    law = warn.lane_law(call.desk)
    return {
        "authorisations": [
            {
                "authorisation": one.digest,
                "closed": one.closed.code if one.closed else None,
                **canon.plain(one.authorisation),
            }
            for one in (*law.own, *law.heard.values())
        ]
    }


def _stats(call: Call) -> Document:
    return call.bench.warn_stats()


COMMANDS = (
    Command(
        name="warn authorise",
        help="decide beforehand which warnings cross to a partner without a decision for each",
        run=_authorise,
        params=(
            Param(name="to", help="the partner that is warned", required=True),
            Param(name="instrument", help="under which instrument", required=True),
            Param(name="authority", help="the competent authority that decides", required=True),
            Param(name="level", help="at which of the originator's levels", required=True, many=True),
            Param(name="until", help="date or time at which it ends by itself", required=True),
            Param(name="via", help="the hub, if it goes through one"),
            Param(name="of", help="whose warnings, if we are the hub; our own if left out", many=True),
            Param(name="kind", help="LAUNCH, TRACK, IMPACT_AREA, END or CANCELLATION; all if left out", many=True),
            Param(name="character", help="REAL, EXERCISE or TEST; REAL and TEST if left out", many=True),
            Param(name="field", help="a field that may cross; all if left out", many=True),
        ),
        acts=True,
    ),
    Command(
        name="warn stop",
        help="stop a decision on warnings, or every one of ours, at once",
        run=_stop,
        params=(Param(name="authorisation", help="its digest; every one if left out", positional=False),),
        acts=True,
    ),
    Command(name="warn list", help="decisions on warnings, and why one does not count now", run=_list, keys=False),
    Command(name="warn stats", help="the warning lanes: what crossed, what waits, how far the clocks are", run=_stats),
)
