"""The step in which two registers are compared: equal ones show nothing, and planted differences are found exactly.

A difference is a fault in the store of one node: while it is stopped, a line of its register is made to say something
else than its records do, byte for byte of the same length. How many, of which kind and at which item follows from the
challenge. In the end every line is put back, so that the record holds as before.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gsomia.demo.exchange import KR_JP
from gsomia.demo.stage import Document, Said, Stage, Unexpected
from gsomia.demo.steps import Evidence, Step, Story, refused

SIDES = ("KOR", "JPN")
MOST_PLANTED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A line that is made to say something else: at whose node, which bytes become which, and what that is found as.

    Where a copy stands lies in an index beside its line too, and both are changed.
    """

    at: str
    item: str
    changes: tuple[tuple[bytes, bytes], ...]
    kinds: tuple[str, ...]


def _joint_inventory(story: Story, evidence: Evidence) -> None:
    stage = story.stage
    number, equal = _compared(stage)
    evidence.check(
        [state["differences"] for state in equal] == [[], []],
        f"equal registers of {equal[0]['rosters']['KOR']['entries']} items each show nothing, and open nothing",
    )
    for party in SIDES:
        _sign(stage, party, number, _rosters(stage, party, number))
    stage.until(lambda: all(_show(stage, party, number)["closed"] for party in SIDES), "both have both signatures")
    faults = _choose(stage)
    _write(stage, faults, back=False)
    try:
        _found(story, evidence, faults)
    finally:
        _write(stage, faults, back=True)


def _found(story: Story, evidence: Evidence, faults: list[Fault]) -> None:
    stage = story.stage
    number, told = _compared(stage)
    planted = sorted((fault.item, kind) for fault in faults for kind in fault.kinds)
    found = [sorted((one["item"], one["kind"]) for one in state["differences"]) for state in told]
    evidence.check(
        found == [planted, planted],
        f"{len(faults)} faults were planted, {planted}; both sides show these and nothing else",
    )
    for one in told[0]["differences"]:
        logs = {party: (side["log"], side["index"]) for party, side in one["sides"].items()}
        evidence.check(None not in {index for _, index in logs.values()}, f"{one['kind']}: on record at {logs}")
    for fault in faults:
        words = ["--item", fault.item, "--words", f"planted at {fault.at}"]
        stage.done("JPN", "inventory", "explain", number, *words, by="registrar")
    stage.until(lambda: _show(stage, "KOR", number)["unexplained"] == 0, "Korea heard every explanation")
    before = _rosters(stage, "JPN", number)
    stage.until(
        lambda: stage.call("KOR", "inventory", "draw", number, by="registrar").exit == 0, "Korea draws its roster again"
    )
    stage.until(lambda: _is_compared(stage, number, not_before=before), "both compared the new roster")

    def control() -> Document:
        said = _sign(stage, "JPN", number, _rosters(stage, "JPN", number))
        return {"permitted": said.exit == 0, "minutes": said.document.get("signed_minutes")}

    refused(
        evidence,
        lambda: _sign(stage, "JPN", number, before),
        at="JPN",
        recipient="JPN",
        clause="A-34",
        control=control,
        changed="the minutes are over the two rosters that were drawn last",
    )
    evidence.check(
        _sign(stage, "KOR", number, _rosters(stage, "KOR", number)).exit == 0, "an officer of either side signs"
    )
    stage.until(lambda: all(_show(stage, party, number)["closed"] for party in SIDES), "both have both signatures")
    digests = {_show(stage, party, number)["minutes"] for party in SIDES}
    evidence.check(len(digests) == 1, f"both keep the same minutes: {digests}")
    for party in SIDES:
        evidence.entry(party, number)


def _compared(stage: Stage) -> tuple[str, list[Document]]:
    """A joint inventory that Korea began and Japan drew its roster of; what both sides show of it."""
    begun: list[str] = []

    def begin() -> bool:
        said = stage.call("KOR", "inventory", "open", "JPN", by="registrar")
        begun.extend([said.document["inventory"]] if said.exit == 0 else [])
        return said.exit == 0

    stage.until(begin, "everything that Korea said is heard, and it opens a joint inventory")
    number = begun[0]
    stage.until(lambda: number in _known(stage), "Japan has Korea's roster")
    stage.until(
        lambda: stage.call("JPN", "inventory", "draw", number, by="registrar").exit == 0, "Japan draws its roster"
    )
    stage.until(lambda: _is_compared(stage, number), "both compared the rosters")
    return number, [_show(stage, party, number) for party in SIDES]


def _is_compared(stage: Stage, number: str, *, not_before: list[str] | None = None) -> bool:
    told = [_show(stage, party, number) for party in SIDES]
    same = told[0]["rosters"] == told[1]["rosters"]
    new = not_before is None or not_before != _digests(told[0])
    return same and new and all(state["comparison"] == "compared" for state in told)


def _known(stage: Stage) -> list[str]:
    return [one["inventory"] for one in stage.done("JPN", "inventory", "list")["inventories"]]


def _show(stage: Stage, party: str, number: str) -> Document:
    return stage.done(party, "inventory", "show", number)


def _digests(told: Document) -> list[str]:
    return [str(one["roster"]) for _, one in sorted(told["rosters"].items())]


def _rosters(stage: Stage, party: str, number: str) -> list[str]:
    return _digests(_show(stage, party, number))


def _sign(stage: Stage, party: str, number: str, rosters: list[str]) -> Said:
    words = [word for roster in rosters for word in ("--roster", roster)]
    return stage.call(party, "inventory", "sign", number, *words, by="registrar")


# --- the faults ------------------------------------------------------------------------------------------------


def _choose(stage: Stage) -> list[Fault]:
    """One to four faults, at items that lie in Japan's hand, in an order that follows from the challenge."""
    listed = stage.done("JPN", "item", "list")["items"]
    booked = [line for line in listed if line["originator"] == "KOR" and line["control_no"] and line["held"]]
    draw = stage.seeded("joint inventory", MOST_PLANTED + 1)
    count = 1 + draw[0] % MOST_PLANTED
    kinds: tuple[Callable[[Document], Fault], ...] = (_lost, _destroyed, _other_mark, _other_number)
    faults: list[Fault] = []
    for line in sorted(booked, key=lambda line: stage.seeded(str(line["item"]))):
        if len(faults) == count:
            break
        shown = stage.done("JPN", "item", "show", line["item"])
        if _fits(shown):
            faults.append(kinds[draw[1 + len(faults)] % len(kinds)](shown))
    if not faults:
        raise Unexpected("Japan holds nothing of Korea's that came by the line")
    return faults


def _fits(shown: Document) -> bool:
    """Whether an item came by the line from Korea, once, and lies in Japan as it came."""
    copy, origin = shown["copies"][0], shown["origin"]
    if origin is None:  # made here from others
        return False
    came = (copy["copy"], copy["made"], copy["place"]) == ("1", "received", "held") and copy["consignment"]
    direct = origin["sender"] == "KOR" and origin["instrument"] == KR_JP and not origin["package"]
    return bool(came and direct and shown["level"]["level"] == "KOR-2")


def _lost(shown: Document) -> Fault:
    item = shown["item"]
    line, index = f"{item}1KOR{KR_JP}KORreceived{{}}JPN", f"KOR{KR_JP}received{{}}JPN{item}1"
    changes = _places((line, index), "held", "lost")
    return Fault(at="JPN", item=item, changes=changes, kinds=("ended-on-one-side",))


def _destroyed(shown: Document) -> Fault:
    item, number = shown["item"], shown["origin"]["consignment"]
    line, index = f"{_went(shown)}{{}}JPN", f"JPN{KR_JP}released{{}}JPN{item}{number}"
    changes = _places((line, index), "handed-on", "destroyed")
    return Fault(at="KOR", item=item, changes=changes, kinds=("ended-on-one-side",))


def _other_mark(shown: Document) -> Fault:
    line = f"{shown['item']}{shown['control_no']}KORKOR{KR_JP}{{}}"
    return Fault(at="JPN", item=shown["item"], changes=_places((line,), "KOR-2", "KOR-3"), kinds=("mark-differs",))


def _other_number(shown: Document) -> Fault:
    number = str(shown["origin"]["consignment"])
    other = number[:-1] + ("a" if number[-1] != "a" else "e")
    changes = _places((f"{_went(shown)}handed-onJPN{{}}",), number, other)
    return Fault(at="KOR", item=shown["item"], changes=changes, kinds=("manifest-differs", "number-differs"))


def _places(lines: tuple[str, ...], true: str, false: str) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((line.format(true).encode(), line.format(false).encode()) for line in lines)


def _went(shown: Document) -> str:
    """How the line of what Korea sent begins in its store: its fields follow each other."""
    return f"{shown['item']}{shown['origin']['consignment']}KOR{KR_JP}JPNreleased"


def _write(stage: Stage, faults: list[Fault], *, back: bool) -> None:
    for party in SIDES:
        if any(fault.at == party for fault in faults):
            stage.stop(party)
            path = stage.nodes[party].directory / "node.db"
            data = path.read_bytes()
            for true, false in (change for fault in faults if fault.at == party for change in fault.changes):
                was, then = (false, true) if back else (true, false)
                if was not in data:
                    raise Unexpected(f"{party}: a line is not in the store as it was shown: {was!r}")
                data = data.replace(was, then)
            path.write_bytes(data)
            stage.serve(party)


STEPS = (
    Step(
        id="joint-inventory",
        title="two registers compared by proof: planted differences are found exactly, and both sign the minutes",
        clauses=("A-34", "A-36", "F-21", "LEDGER-8"),
        play=_joint_inventory,
    ),
)
