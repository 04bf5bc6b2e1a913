"""`agreement`, continued: the life of an instrument, on a node's record or on a history file, for any instant."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from gsomia import canon
from gsomia.admin.command import Call, Command, Document, Need, Param
from gsomia.admin.commands.agreements import INSTRUMENT, read_small
from gsomia.admin.commands.standings import (
    domestic_rows,
    public_document,
    refused_lines,
    replay_document,
    simulation_document,
    standing_document,
)
from gsomia.agreements import (
    COMPETENT,
    NON_LEGAL,
    Agreement,
    Body,
    DeedKind,
    Event,
    History,
    Moment,
    Override,
    Replay,
    Rule,
    Standing,
    State,
    Step,
    StepReport,
    StepStatus,
    compare_texts,
    effective_times,
    parse_document,
    parse_history,
    replay,
    simulate_act,
)
from gsomia.errors import LocalError
from gsomia.flows import deeds
from gsomia.flows.closing import remains_of
from gsomia.flows.ports import Tx
from gsomia.flows.records import AgreementRecord
from gsomia.flows.standing import acts_of, current_agreement, instrument_of, named_now, rules_of, standing
from gsomia.ids import InstrumentId
from gsomia.instants import Instant, read_instant
from gsomia.parties import Office

HISTORY = Param(name="history", kind="path", help="a history file (JSON lines) instead of a node's record")
CHECK_FAILED = 1
MAX_RULE = 3660
_SHORT = {"KR": "KOR", "JP": "JPN", "US": "USA"}
"""As the history file names the parties."""
W = TypeVar("W", bound=StrEnum)


def from_history(args: Mapping[str, Any]) -> bool:
    """Whether the question is put to a file."""
    return bool(args.get("history"))


def unless_history(args: Mapping[str, Any]) -> Need:
    """A node's acts are asked, unless a file is."""
    return Need.NOTHING if from_history(args) else Need.NODE


def _nothing(_args: Mapping[str, Any]) -> Need:
    return Need.NOTHING


def _status(call: Call) -> Document:
    asked = call.maybe("at")
    file = call.maybe("history")
    if file:
        replayed = _replay_file(file)
        at = read_instant(asked) if asked else max((line.at for line in replayed.lines), default=Instant(0))
        name = call.text("instrument")
        told = standing_document(name, replayed.standing(name, at=at), at=at)
        refused = [one for one in replayed.refused if one.line.instrument == name and one.line.at <= at]
        return {**told, "refused": refused_lines(refused)}
    at = read_instant(asked) if asked else call.desk.clock()

    def read(tx: Tx) -> Document:
        agreement = current_agreement(tx, call.text("instrument"), at=at, desk=call.desk)
        stands = standing(tx, agreement, at=at, desk=call.desk)
        rules = rules_of(tx, agreement, stands)
        return {
            **standing_document(agreement.id, stands, at=at),
            "digest": agreement.digest,
            "rules": dict(rules),
            **_remaining(tx, call, agreement, stands),
        }

    return call.desk.store.run(read)


def _remaining(tx: Tx, call: Call, agreement: Agreement, stands: Standing) -> Document:
    """Of an instrument that has ended: what is left of it now, and whether it is closed (A-36)."""
    if stands.state is not State.TERMINATED:
        return {}
    parties = [party.code for party in agreement.parties]
    left = remains_of(tx, call.desk, agreement.id, parties=parties)
    return {
        "remaining": {
            "held_of": {party: left.held_of.get(party, 0) for party in parties},
            "on_the_way": left.on_the_way,
            "lost": left.lost,
            "on_hold": left.on_hold,
            "incidents": left.incidents,
        },
        "closed": left.is_closed,
    }


def _replay(call: Call) -> Document:
    document = replay_document(_replay_file(call.text("file")))
    return document if document["ok"] else {**document, "_exit": CHECK_FAILED}


def _replay_file(path: str) -> Replay:
    return replay(parse_history(read_small(path)))


def _simulate(call: Call) -> Document:
    file = call.maybe("history")
    if file:
        replayed = _replay_file(file)
        name = call.maybe("instrument") or "GSOMIA-KR-JP"
        replayed.standing(name, at=Instant(0))  # it speaks of that instrument, or says that it does not
        return _simulated(call, name, replayed.courses[name])

    def read(tx: Tx) -> Document:
        at = read_instant(call.text("on"))
        name = call.maybe("instrument") or _only_instrument(tx)
        known = instrument_of(tx, name, desk=call.desk)
        return _simulated(call, name, known.history(known.current(at=at).digest, at=at))

    return call.desk.store.run(read)


def _simulated(call: Call, name: str, history: History) -> Document:
    at = read_instant(call.text("on"))
    event = _word(Event, call.text("event"), "event")
    if event in NON_LEGAL:
        raise LocalError(
            "admin/moves-nothing", f"`{event}` is no legal event: it moves nothing", remedy="name an act of the table"
        )
    by = _SHORT.get(call.text("by"), call.text("by"))
    parties = history.profile.parties if by == "ALL" else (by,)
    notice = history.reached(at)[0].notice_of(parties[0])
    act = Moment(
        id="simulated",
        event=event,
        parties=parties,
        at=at,
        order=1 << 30,  # behind whatever else counts from that instant
        number=call.maybe("number") or "SIMULATED",
        names=call.many("names") or (notice.notes if notice else ()),
        body=min(COMPETENT.get(event, frozenset()), default=None),
    )
    return simulation_document(name, simulate_act(history, act))


def _only_instrument(tx: Tx) -> InstrumentId:
    known = list(dict.fromkeys(record.instrument for record in tx.every(AgreementRecord)))
    if len(known) != 1:
        raise LocalError(
            "admin/which-instrument", f"`{len(known)}` instruments are known here", remedy="pass `--instrument ID`"
        )
    return known[0]


def _diff(call: Call) -> Document:
    old, new = (parse_document(read_small(call.text(name))) for name in ("a", "b"))
    changes = compare_texts(old, new)
    return {"same": not changes, "from": old.digest, "to": new.digest, "changes": list(changes)}


def _act(call: Call) -> Document:
    kind = _word(DeedKind, call.text("event"), "event")
    body = _word(Body, call.text("body"), "body")
    deed = deeds.do_deed(
        call.desk,
        call.actor(Office.LIAISON_OFFICER),
        instrument=call.text("instrument"),
        kind=kind,
        body=body,
        says=deeds.DeedText(
            text=call.maybe("digest"),
            steps=_steps(call),
            rules=_rules(call.many("rule")),
            open_points=call.maybe("open_points") or 0,
            words=call.maybe("words"),
        ),
        our_fingerprint=call.bench.pin_file.record.fingerprint,
    )
    return {
        "instrument": deed.instrument,
        "event": deed.kind,
        "body": deed.body,
        "matter": deed.matter,
        "steps": [canon.plain(step) for step in deed.steps],
    }


def _steps(call: Call) -> tuple[StepReport, ...]:
    step = call.maybe("step")
    if step is None:
        return ()
    return (
        StepReport(
            step=_word(Step, step, "step"),
            status=_word(StepStatus, call.maybe("status") or "done", "status"),
            reason=call.maybe("reason"),
            by=call.maybe("approver"),
        ),
    )


def _rules(given: tuple[str, ...]) -> tuple[Override, ...]:
    found = []
    for one in given:
        name, _, value = one.partition("=")
        if not value.isdecimal() or not 1 <= int(value) <= MAX_RULE:
            raise LocalError("admin/not-a-rule", f"`{one[:60]}` sets no rule", remedy="for example receipt_days=5")
        found.append(Override(rule=_word(Rule, name, "rule"), value=int(value)))
    return tuple(found)


def _word(kind: type[W], given: str, what: str) -> W:
    try:
        return kind(given)
    except ValueError as cause:
        known = ", ".join(str(one.value) for one in kind)
        raise LocalError("admin/unknown-word", f"`{given[:40]}` is no {what}", remedy=f"one of: {known}") from cause


def _show(call: Call) -> Document:
    now = call.desk.clock()

    def read(tx: Tx) -> Document:
        agreement = current_agreement(tx, call.text("instrument"), at=now, desk=call.desk)
        known = instrument_of(tx, agreement.id, desk=call.desk)
        stands = known.standing(agreement.digest, at=now)
        if call.maybe("public"):
            return public_document(agreement, stands, at=now)
        effective = effective_times(known.history(agreement.digest, at=now))
        return {
            "agreement": canon.plain(agreement),
            "digest": agreement.digest,
            "named_authorities": [authority.id for authority in named_now(tx, agreement, at=now)],
            "procedure": domestic_rows(stands.course),
            "acts": [
                {
                    "kind": act.kind,
                    "party": act.party,
                    "note": act.note.number if act.note else None,
                    "subject": act.note.subject if act.note else act.deed.kind if act.deed else None,
                    "sent": str(act.sent),
                    "received": str(act.received) if act.received else None,
                    "effective": str(effective[act.statement]) if act.statement in effective else None,
                    "statement": act.statement,
                }
                for act in acts_of(tx, agreement)
            ],
        }

    return call.desk.store.run(read)


COMMANDS = (
    Command(
        name="agreement show",
        help="an instrument and its acts; or only what may be published",
        run=_show,
        params=(INSTRUMENT, Param(name="public", kind="flag", help="only what may be published, and nothing else")),
        keys=False,
    ),
    Command(
        name="agreement status",
        help="the state of an instrument, now or at an instant, on the record or on a history file",
        run=_status,
        params=(
            Param(name="instrument", help="id of the instrument", required=True),
            Param(name="at", help="date or time; now if left out"),
            HISTORY,
        ),
        keys=False,
        need=unless_history,
    ),
    Command(
        name="agreement replay",
        help="put a history file to the machine, line by line",
        run=_replay,
        params=(Param(name="file", kind="path", help="history file (JSON lines)", positional=True, required=True),),
        keys=False,
        need=_nothing,
    ),
    Command(
        name="agreement simulate",
        help="what an act would stop and end, and on which day; nothing is touched",
        run=_simulate,
        params=(
            Param(name="event", help="the act, for example give_notice", required=True),
            Param(name="on", help="the day or instant it is received", required=True),
            Param(name="by", help="whose act: a party's code, or ALL", required=True),
            Param(name="instrument", help="id of the instrument; the only one known if left out"),
            Param(name="names", help="an earlier note it names; all that stand if left out", many=True),
            Param(name="number", help="the note's number"),
            HISTORY,
        ),
        keys=False,
        need=unless_history,
    ),
    Command(
        name="agreement diff",
        help="two agreement files, compared in plain words",
        run=_diff,
        params=(
            Param(name="a", kind="path", help="the older file", positional=True, required=True),
            Param(name="b", kind="path", help="the newer file", positional=True, required=True),
        ),
        keys=False,
        need=_nothing,
    ),
    Command(
        name="agreement act",
        help="record what a body of ours did: talks, text, domestic steps, amendment, arrangement",
        run=_act,
        params=(
            INSTRUMENT,
            Param(name="event", help="what was done, for example agree_text", required=True),
            Param(name="body", help="which body did it, for example delegation", required=True),
            Param(name="digest", help="the text it is about; the instrument's own if left out"),
            Param(name="step", help="step of the domestic procedure: D1 to D6, parliament"),
            Param(name="status", help="done, skipped, not-applicable, not-required"),
            Param(name="reason", help="why a step was skipped or is not required"),
            Param(name="approver", help="who approved that, or who did the step"),
            Param(name="open_points", kind="number", help="open points of the text"),
            Param(name="rule", help="a rule of an arrangement, for example receipt_days=5", many=True),
            Param(name="words", help="the reason, or an arrangement's scope"),
        ),
        acts=True,
    ),
)
