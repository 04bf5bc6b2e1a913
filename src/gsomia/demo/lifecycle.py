"""The steps about the life of an agreement: its history replayed; notices, readings and an end lived through.

The history is put to the installed program as a file; a changed history is a file made from it, kept in the directory.
The live steps send real notes between the served nodes, and leave the agreement in force.
"""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import msgspec

from gsomia.demo import cast, endings
from gsomia.demo.exchange import KR_JP, received
from gsomia.demo.stage import Document, Said, Stage, Unexpected
from gsomia.demo.steps import REFUSED, Evidence, Step, Story, register_count

SIDES = ("KOR", "JPN")
DRAFT = "GSOMIA-KR-JP-DRAFT"
SURVIVES = ("access", "dispose", "incident", "onward")
LINES = 48
JAPANS_NOTE = 34
NOTICE, SUSPENSION, WITHDRAWAL = 37, 38, 45
ROUND_OF_2016 = range(25, 32)
"""Lines of the history, by number."""
PROBES = (
    ("2010-12-31", "PROPOSED"),
    ("2011-06-01", "NEGOTIATING"),
    ("2012-06-27T12:00+09:00", "CLEARING"),
    ("2012-06-29T12:00+09:00", "CLEARED"),
    ("2012-06-29T17:00+09:00", "SIGN_POSTPONED"),
    ("2016-06-05", "SHELVED"),
    ("2016-11-16", "CLEARING"),
    ("2016-11-24", "IN_FORCE"),
    ("2019-08-22T23:00+09:00", "IN_FORCE"),
    ("2019-08-24", "NOTICE_GIVEN"),
    ("2019-11-22T17:59+09:00", "NOTICE_GIVEN"),
    ("2019-11-23", "NOTICE_SUSPENDED"),
    ("2022-06-01", "NOTICE_SUSPENDED"),
    ("2023-03-18", "NOTICE_SUSPENDED"),
    ("2023-03-22", "IN_FORCE"),
)
"""What the specification says of fifteen days."""


def _history(story: Story, name: str, change: Callable[[Document], Document | None], *more: Document) -> Path:
    """The history as it was published, changed line by line, as a file of the demo."""
    text = files("gsomia.demo").joinpath("data", "history.jsonl").read_bytes()
    lines = [change(msgspec.json.decode(line)) for line in text.splitlines()]
    path = story.stage.directory / "made" / name
    path.write_bytes(b"\n".join(msgspec.json.encode(line) for line in [*lines, *more] if line is not None) + b"\n")
    return path


def _at(stage: Stage, history: Path, when: str, *, instrument: str = KR_JP) -> Document:
    words = ["--history", str(history), "--instrument", instrument, "--at", when]
    return _ok(stage.alone("agreement", "status", *words))


def _ok(said: Said) -> Document:
    if said.exit != 0:
        raise Unexpected(f"came to {said.exit}: {said.document}")
    return said.document


def _replay(stage: Stage, history: Path) -> Document:
    return stage.alone("agreement", "replay", str(history)).document


def _keep(story: Story, evidence: Evidence, name: str, document: Document) -> None:
    path = story.stage.directory / "made" / name
    path.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=2))
    evidence.file(path)


def _history_replayed(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    path = _history(story, "history.jsonl", lambda line: line)
    evidence.file(path)
    told = _replay(stage, path)
    _keep(story, evidence, "history-replayed.json", told)
    evidence.check(told["ok"] and told["lines"] == LINES, f"{told['lines']} lines, none refused")
    evidence.check(len(told["conflicts"]) > 0, f"{len(told['conflicts'])} conflicts between sources are kept")
    ends = {"GSOMIA-KR-JP": "IN_FORCE", "TISA": "IN_FORCE", "MWDS": "ACTIVE"}
    evidence.check(told["states"] == ends, f"at the end of 2023: {told['states']}")
    for when, expected in PROBES:
        evidence.check(_at(stage, path, when)["state"] == expected, f"{when}: {expected}")
    story.made["history"] = path


def _two_notes(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    one = _history(story, "one-note.jsonl", lambda line: None if line["n"] == JAPANS_NOTE else line)
    evidence.file(one)
    evidence.check(
        _at(stage, one, "2019-01-01")["state"] == "SIGNED", "with one note it stays SIGNED for years (G21-1)"
    )
    later = _history(
        story,
        "later-note.jsonl",
        lambda line: {**line, "eff": "2016-12-01T09:30+09:00"} if line["n"] == JAPANS_NOTE else line,
    )
    evidence.file(later)
    evidence.check(
        _at(stage, later, "2016-12-01T09:29:59+09:00")["state"] == "SIGNED", "a second before the later note"
    )
    force = _at(stage, later, "2016-12-01T09:30+09:00")
    evidence.check(force["in_force_from"] == "2016-12-01T00:30:00Z", "force begins when the later note is received")
    live = [stage.done(side, "agreement", "status", "--instrument", KR_JP) for side in SIDES]
    evidence.check(
        live[0]["in_force_from"] == live[1]["in_force_from"], "the two live nodes derive one instant of force"
    )
    acts = stage.done("KOR", "agreement", "show", KR_JP)["acts"]
    times = [act["received"] for act in acts if act["subject"] == "completion" and act["received"]]
    evidence.check(live[0]["in_force_from"] == max(times), "which is when the later of two real notes was received")


def _press(story: Story, evidence: Evidence) -> None:
    stage, path = story.stage, story.made["history"]
    still = [line for line in _replay(stage, path)["moved_nothing"] if line["instrument"] == KR_JP]
    without = _history(story, "no-press.jsonl", _only_legal)
    evidence.file(without)
    told = _replay(stage, without)
    moved = [row for row in told["transitions"] if row["instrument"] == KR_JP]
    known = [row for row in _replay(stage, path)["transitions"] if row["instrument"] == KR_JP]
    evidence.check(
        moved == known, f"without its {len(still)} declarations, letters and statements every transition is the same"
    )
    for when, what in (("2019-08-22T23:00+09:00", "announced"), ("2023-03-16T23:00+09:00", "declared at a summit")):
        states = {_at(stage, file, when)["state"] for file in (path, without)}
        evidence.check(len(states) == 1, f"{when}: {what}, and still {states.pop()}")


def _only_legal(line: Document) -> Document | None:
    silent = {"announce_intent", "political_declaration", "internal_request", "press_statement", "meeting", "context"}
    return None if line["event"] in silent | {"exchange"} else line


# --- a text in the making, live ---------------------------------------------------------------------


def _deed(stage: Stage, party: str, event: str, body: str, *words: str) -> Said:
    return stage.call(party, "agreement", "act", DRAFT, "--event", event, "--body", body, *words, by="liaison")


def _both(stage: Stage, event: str, body: str, *, reaches: str) -> None:
    for party in SIDES:
        _ok(_deed(stage, party, event, body))
    _wait(stage, DRAFT, reaches)


def _wait(stage: Stage, instrument: str, state: str) -> None:
    for party in SIDES:
        stage.until(
            lambda party=party: cast.status(stage, party, instrument) == state,  # type: ignore[misc]
            f"{party} sees {instrument} {state}",
        )


def _skip(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    told = _replay(stage, story.made["history"])["skips"]
    evidence.check(
        [(one["party"], one["step"], one["round"]) for one in told] == [("KOR", "D3", 1)],
        "of 2012 it is kept that Korea's vice-ministers' meeting was skipped",
    )
    _draft(story)
    _ok(_deed(stage, "KOR", "domestic_start", "defence-ministry", "--step", "D1"))
    _wait(stage, DRAFT, "CLEARING")
    _ok(_deed(stage, "KOR", "domestic_step", "legislation-office", "--step", "D2"))
    words = ["--step", "D3", "--status", "skipped"]
    reason = ["--reason", "taken on the spot", "--approver", "the prime minister"]
    _refusal(
        evidence,
        lambda: _deed(stage, "KOR", "domestic_step", "vice-ministers", *words),
        clause="T08",
        changed="the skip has a reason and an approver",
        control=lambda: _permitted(_deed(stage, "KOR", "domestic_step", "vice-ministers", *words, *reason)),
    )
    _refusal(
        evidence,
        lambda: _deed(stage, "KOR", "domestic_step", "head-of-state", "--step", "D5"),
        clause="T07a",
        changed="the cabinet decided first",
        control=lambda: _permitted(_deed(stage, "KOR", "domestic_step", "cabinet", "--step", "D4")),
    )
    consent = ["--step", "parliament", "--status", "not-required", "--reason", "no new burden", "--approver", "cabinet"]
    _ok(_deed(stage, "KOR", "domestic_step", "cabinet", *consent))
    rows = stage.done("KOR", "agreement", "show", DRAFT)["procedure"]
    for row in rows:
        evidence.said.append(
            f"{row['party']} {row['step']}: {row['status']}" + (f" ({row['by']})" if row["by"] else "")
        )
    evidence.check(any(row["status"] == "skipped" and row["by"] for row in rows), "the skip names who approved it")
    public = stage.done("KOR", "agreement", "show", DRAFT, "--public")
    evidence.check("fingerprint" not in str(public) and "statement" not in str(public), "the public page tells no more")
    _keep(story, evidence, "public.json", public)
    evidence.entry("KOR", DRAFT)


def _draft(story: Story) -> None:
    """A text of its own, proposed and agreed by both delegations, so that its approval can begin."""
    stage, prints = story.stage, story.made["prints"]
    text = files("gsomia.demo").joinpath("data", "gsomia-kr-jp-2016.toml").read_bytes()
    text = text.replace(b'id = "GSOMIA-KR-JP"', b'id = "GSOMIA-KR-JP-DRAFT"')
    file = cast.write_agreement(stage, text, name="draft.toml", prints={side: prints[side] for side in SIDES})
    stage.done("KOR", "agreement", "propose", str(file), by="liaison")
    stage.until(
        lambda: any(one["instrument"] == DRAFT for one in stage.done("JPN", "agreement", "list")["agreements"]),
        "Japan has the draft",
    )
    _wait(stage, DRAFT, "PROPOSED")
    _both(stage, "agree_to_explore", "ministers", reaches="EXPLORATION_AGREED")
    _both(stage, "open_talks", "delegation", reaches="NEGOTIATING")
    _both(stage, "agree_text", "delegation", reaches="TEXT_AGREED")


def _lapse(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    before = stage.done("KOR", "agreement", "status", "--instrument", DRAFT)["domestic"]
    evidence.check(len(before) > 0, f"{len(before)} steps of the draft are on record")
    _ok(_deed(stage, "JPN", "shelve", "foreign-ministry", "--words", "no date for resumption"))
    _wait(stage, DRAFT, "SHELVED")
    _both(stage, "resume_talks", "foreign-ministry", reaches="NEGOTIATING")
    told = stage.done("JPN", "agreement", "status", "--instrument", DRAFT)
    evidence.check(told["domestic"] == [], "no approval of the old round counts in the new one (A-27)")
    evidence.check(len(told["lapsed"]) == len(before), f"{len(told['lapsed'])} lapsed ones are kept")
    straight = _history(story, "straight-to-signature.jsonl", lambda line: None if line["n"] in ROUND_OF_2016 else line)
    evidence.file(straight)
    refused = _replay(stage, straight)["refused"]
    first = next(one for one in refused if one["event"] == "sign")
    evidence.check(first["clause"] == "T12", "in 2016 too: signature on the approvals of 2012 alone is refused (T12)")
    evidence.entry("JPN", DRAFT)


# --- notices, live ----------------------------------------------------------------------------------


def _simulated(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    before = stage.done("KOR", "agreement", "show", KR_JP)["acts"]
    now = stage.done("KOR", "agreement", "status", "--instrument", KR_JP)["at"]
    words = ["--event", "give_notice", "--on", now, "--by", "KOR", "--instrument", KR_JP]
    foreseen = stage.done("KOR", "agreement", "simulate", *words)
    _keep(story, evidence, "simulated.json", foreseen)
    evidence.check(foreseen["accepted"], f"a notice of today would end the agreement at {foreseen['ends']}")
    evidence.check(stage.done("KOR", "agreement", "show", KR_JP)["acts"] == before, "nothing was touched")
    cast.note(stage, "KOR", KR_JP, "KR-NV-2026-0801", "--subject", "termination")
    stage.until(lambda: received(stage, "KOR", KR_JP, "KR-NV-2026-0801"), "Japan received the notice")
    _wait(stage, KR_JP, "NOTICE_GIVEN")
    for party in SIDES:
        real = stage.done(party, "agreement", "status", "--instrument", KR_JP)
        same = all(real[name] == foreseen["after"][name] for name in ("state", "ends", "term", "allowed", "banner"))
        evidence.check(same, f"{party}: the real note did what was foreseen: {real['state']}, {real['banner']}")
    for stop in foreseen["stops"]:
        allowed = stage.done("JPN", "agreement", "status", "--instrument", KR_JP, "--at", stop["at"])["allowed"]
        evidence.check(
            not allowed[stop["function"]] or stop["by"] == "give_notice", f"{stop['function']} stops at {stop['at']}"
        )
    story.made["ends"] = foreseen["ends"]
    evidence.entry("KOR", KR_JP)
    evidence.entry("JPN", KR_JP)


def _midnight(story: Story, evidence: Evidence) -> None:
    stage, ends = story.stage, story.made["ends"]
    item = story.made["image"]["item"]
    last = _second_before(ends)
    words = ["decide", "release", item, "--to", "JPN", "--decider", "releaser", "--at"]
    before = register_count(stage, "JPN")
    permitted, denied = (stage.done("KOR", *words, at) for at in (last, ends))
    _keep(story, evidence, "last-second.json", permitted)
    _keep(story, evidence, "after-midnight.json", denied)
    evidence.check(permitted["decision"] == "permit", f"{last}: permit")
    evidence.check(denied["decision"] == "deny", f"{ends}: deny")
    reason = denied["reasons"][0]
    evidence.check(len(denied["reasons"]) == 1 and "TERMINATED" in reason["text"], f"for one reason: {reason['text']}")
    evidence.refusal = {
        "exit": 0,
        "code": f"policy/{reason['code']}",
        "clause": reason["clause"],
        "register_before": before,
        "register_after": register_count(stage, "JPN"),
    }
    evidence.control = {"changed": "it is decided one second earlier", "outcome": {"permitted": True, "at": last}}
    after = stage.done("JPN", "agreement", "status", "--instrument", KR_JP, "--at", ends)["allowed"]
    goes_on = [name for name in SURVIVES if after[name]]
    evidence.check(len(goes_on) == len(SURVIVES), f"what was given stays protected (G21-5): {', '.join(goes_on)}")
    unsuspended = _history(story, "no-suspension.jsonl", lambda line: None if line["n"] == SUSPENSION else line)
    evidence.file(unsuspended)
    states = [_at(stage, unsuspended, when)["state"] for when in ("2019-11-22T23:59:59+09:00", "2019-11-23")]
    evidence.check(
        states == ["NOTICE_GIVEN", "TERMINATED"], f"in 2019, without the suspension: {' then '.join(states)}"
    )


def _second_before(instant: str) -> str:
    from gsomia.instants import Instant  # noqa: PLC0415  the one value the demo counts with

    return str(Instant.parse(instant).plus(seconds=-1))


def _suspension(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    words = ["--subject", "suspension", "--words", "it may be ended at any time", "--names", "KR-NV-2026-0801"]
    cast.note(stage, "KOR", KR_JP, "KR-NV-2026-0802", *words)
    _wait(stage, KR_JP, "NOTICE_SUSPENDED")
    cast.note(stage, "JPN", KR_JP, "JP-NV-2026-0901", "--subject", "position", "--position", "understands")
    stage.until(lambda: received(stage, "JPN", KR_JP, "JP-NV-2026-0901"), "Korea received Japan's position")
    told = stage.done("KOR", "agreement", "status", "--instrument", KR_JP)
    evidence.check(
        told["banner"] == "legal status contested" and told["allowed"]["release"], "release goes on, with a banner"
    )
    notice = told["notices"][0]
    evidence.check(
        notice["position"] == "understands", f"condition `{notice['condition']}`; Japan {notice['position']}"
    )
    one = ["--number", "KR-NV-2026-0803", "--subject", "withdrawal", "--names", "KR-NV-2026-0801"]
    _refusal(
        evidence,
        lambda: stage.call("KOR", "agreement", "note", KR_JP, *one, by="liaison"),
        clause="T19",
        changed="it names both notes (simulated here, sent in the next step)",
        control=lambda: _would(stage, "withdraw_notice", "KR-NV-2026-0801", "KR-NV-2026-0802"),
    )
    late = _history(
        story,
        "a-day-late.jsonl",
        lambda line: {**line, "eff": "2019-08-25T10:00+09:00"} if line["n"] == NOTICE else line,
    )
    evidence.file(late)
    first = _replay(stage, late)["refused"][0]
    evidence.check(first["clause"] == "A-01", f"in 2019, a day later: {first['text']}")
    evidence.entry("JPN", KR_JP)


def _readings(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    told = {
        party: stage.done(party, "agreement", "status", "--instrument", KR_JP, "--at", story.made["ends"])
        for party in SIDES
    }
    evidence.check(told["KOR"]["readings"] == told["JPN"]["readings"], "both nodes keep the same two readings")
    for reading in told["KOR"]["readings"]:
        evidence.said.append(f"{reading['party']}: {reading['text']}; earliest end {reading['earliest_end']}")
    evidence.check(
        told["KOR"]["contested"] and told["KOR"]["term"] > 1,
        f"past the anniversary: term {told['KOR']['term']}, contested",
    )
    revived = _history(
        story,
        "revived.jsonl",
        lambda line: None if line["n"] == WITHDRAWAL else line,
        {"n": 100, "eff": "2020-10-01T10:00+09:00", "instr": KR_JP, "actor": "KR", "event": "revive_notice"},
    )
    evidence.file(revived)
    between = _at(stage, revived, "2021-03-01")
    evidence.check(
        between["state"] == "NOTICE_GIVEN" and between["ends"] == "2021-11-22T15:00:00Z",
        "revived: the later end counts",
    )
    evidence.check(
        {one["earliest_end"] for one in between["readings"]} == {"2020-10-01T01:00:00Z", "2021-11-22T15:00:00Z"},
        "at once, or with the term: both are kept",
    )
    both = ["--subject", "withdrawal", "--names", "KR-NV-2026-0801", "--names", "KR-NV-2026-0802"]
    cast.note(stage, "KOR", KR_JP, "KR-NV-2026-0803", *both)
    _wait(stage, KR_JP, "IN_FORCE")
    evidence.check(
        stage.done("JPN", "agreement", "status", "--instrument", KR_JP)["readings"] == [],
        "withdrawn: one reading again",
    )
    evidence.entry("KOR", KR_JP)


def _would(stage: Stage, event: str, *names: str) -> Document:
    now = stage.done("KOR", "agreement", "status", "--instrument", KR_JP)["at"]
    words = ["--event", event, "--on", now, "--by", "KOR", "--instrument", KR_JP]
    for name in names:
        words += ["--names", name]
    told = stage.done("KOR", "agreement", "simulate", *words)
    return {"permitted": told["accepted"], "state": told["after"]["state"]}


def _permitted(said: Said) -> Document:
    return {"permitted": said.exit == 0, **{name: said.document.get(name) for name in ("event", "body", "matter")}}


def _refusal(
    evidence: Evidence, act: Callable[[], Said], *, clause: str, changed: str, control: Callable[[], Document]
) -> None:
    """An act of our own people that the table refuses: nothing is said, no act is added; then the control."""
    stage = evidence.stage
    before = {party: register_count(stage, party) for party in SIDES}
    said = act()
    error = said.document.get("error", {})
    evidence.refusal = {
        "exit": said.exit,
        "code": said.code,
        "clause": clause,
        "clauses": error.get("clauses", []),
        "register_before": before["JPN"],
        "register_after": register_count(stage, "JPN"),
    }
    evidence.check(said.exit == REFUSED and clause in error.get("clauses", []), f"refused: {said.code} ({clause})")
    evidence.control = {"changed": changed, "outcome": control()}
    evidence.check(bool(evidence.control["outcome"].get("permitted")), f"permitted once {changed}")


STEPS = (
    Step(
        id="history-replayed",
        title="forty-eight lines of history, fifteen probe dates",
        clauses=("A-24", "A-25", "A-26", "A-28", "T15", "T15a"),
        play=_history_replayed,
    ),
    Step(
        id="two-notes-one-force",
        title="force begins with the later of two notes",
        clauses=("G21-1", "T13", "T14", "A-24"),
        play=_two_notes,
    ),
    Step(id="press-moves-nothing", title="what is declared moves no state", clauses=("A-28", "F-25"), play=_press),
    Step(
        id="skip-recorded",
        title="a skipped step names a reason and an approver",
        clauses=("T07a", "T08"),
        play=_skip,
    ),
    Step(id="approvals-lapse", title="approvals lapse with their round", clauses=("A-27", "T10", "T11"), play=_lapse),
    Step(
        id="simulate-equals-act",
        title="what was simulated is what the real notice did",
        clauses=("T16", "G21-4", "A-01"),
        play=_simulated,
    ),
    Step(
        id="terminated-stops-exchange",
        title="decisions on either side of midnight",
        clauses=("T20", "G21-5", "A-03"),
        play=_midnight,
    ),
    endings.BALANCE,
    Step(
        id="notice-and-suspension",
        title="a notice suspended; a withdrawal names each note",
        clauses=("T17", "T19", "A-01"),
        play=_suspension,
    ),
    Step(
        id="two-readings",
        title="two governments, two readings, both kept",
        clauses=("A-02", "A-25", "T15a", "T18"),
        play=_readings,
    ),
)
