"""`gsomia warn replay`, `watch` and `cot`: sources and desks, each a process of its own beside the served node.

They speak over the node's `run/warn.sock`; none opens the node's record or needs its passphrase.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gsomia.cli.floor import Answers, Floor, messages_digest
from gsomia.cli.show import show_outcome
from gsomia.cli.words import Parsed, named_node
from gsomia.errors import LocalError, UnavailableError
from gsomia.warning import (
    Message,
    Replay,
    Shown,
    Submit,
    Watch,
    launches_on,
    parse_launches,
    parse_message,
    plan_replay,
    print_message,
    rows,
)

DESCRIPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "warn replay": "play launches of the past as a source: TEST at a real node, EXERCISE at one for training",
        "warn watch": "show the picture of the warning floor",
        "warn cot": "carry warnings, tracks and cancellations to and from TAK clients, until SIGTERM",
    }
)
ANSWER_TIMEOUT_S = 30
"""How long a source waits for the last answers of its node."""
REFRESH_S = 0.25
RUN_BYTES = 16
REFUSED = 3
SECRET_RANK = 3


def add_arguments(name: str, parser: argparse.ArgumentParser) -> None:
    """The arguments of one of these commands."""
    parser.add_argument("--node", metavar="DIR", help="the node's directory (or GSOMIA_NODE)")
    if name == "warn replay":
        parser.add_argument(
            "file", nargs="?", metavar="FILE", help="launches as JSON lines; those that ship if left out"
        )
        parser.add_argument("--speed", type=int, default=1, metavar="N", help="how many times faster than it happened")
        parser.add_argument("--on", metavar="DATE", help="only the launches of this day in Seoul and Tokyo")
        parser.add_argument("--level", metavar="LEVEL", help="one of our levels; our SECRET if left out")
        parser.add_argument("--run", metavar="HEX", help="16 bytes that the ids grow from; random if left out")
        return
    if name == "warn cot":
        parser.add_argument("settings", metavar="FILE", help="who may be on the other end (TOML)")
        return
    parser.add_argument("--messages", type=int, metavar="N", help="stop after so many messages")
    parser.add_argument("--save", metavar="DIR", help="keep each message there as it was said; classified, unsealed")
    parser.add_argument("--seconds", type=int, metavar="S", help="stop after so many seconds")


def replay(parsed: Parsed) -> int:
    """Say every message of a replay when its time has come; the node's answers are counted.

    Raises:
        LocalError: no such file, day, level or run; or the node is not served.
        UnavailableError: the node hung up, or did not answer.
    """
    from gsomia.admin import WarnDesk  # noqa: PLC0415  a heavy import only where it is used
    from gsomia.node import system_clock_us, system_entropy  # noqa: PLC0415  the same

    args = parsed.args
    directory = named_node(args["node"])
    launches = parse_launches(_read(args["file"]))
    if args["on"]:
        launches = launches_on(launches, day=_day(args["on"]))
    run = _run(args["run"]) if args["run"] else system_entropy(RUN_BYTES)
    party, level = _speaker(directory, args["level"])
    answers = Answers()
    with WarnDesk(directory / "run" / "warn.sock") as desk:
        plan = Replay(run=run, start_us=system_clock_us(), speed=args["speed"], originator=party, level=level)
        said = plan_replay(launches, replay=plan)
        for message in said:
            while (left_us := message.at_us - system_clock_us()) > 0:
                answers.take(desk.next(timeout_s=left_us / 1e6))
            desk.say(Submit(message=print_message(message)))
            while answers.take(desk.next(timeout_s=0.0)):
                pass
        deadline = time.monotonic() + ANSWER_TIMEOUT_S
        while answers.count < len(said):
            if not answers.take(desk.next(timeout_s=max(0.0, deadline - time.monotonic()))):
                raise UnavailableError(
                    "cli/source-not-answered",
                    f"the node answered `{answers.count}` of `{len(said)}` messages",
                    remedy="look at its record before saying them again",
                )
    taken = [message for message in said if message.message in answers.taken]
    document: dict[str, Any] = {
        "run": run.hex(),
        "character": plan.character.value,
        "launches": len(launches),
        "messages": len(said),
        "taken": len(taken),
        "to": sorted(answers.to),
        "denied": [{"code": code, "count": count} for code, count in sorted(answers.denied.items())],
        "clauses": sorted(answers.clauses),
        "digest": messages_digest(taken),
    }
    return show_outcome(document, exit_code=REFUSED if answers.denied else 0, as_json=parsed.as_json)


def watch(parsed: Parsed) -> int:
    """Show what the floor hears, until told to stop; then what stood in the picture.

    Raises:
        LocalError: the node is not served.
        UnavailableError: it hung up.
    """
    from gsomia.admin import WarnDesk  # noqa: PLC0415  a heavy import only where it is used
    from gsomia.node import system_clock_us  # noqa: PLC0415  the same

    args = parsed.args
    floor = Floor()
    ends = None if args["seconds"] is None else time.monotonic() + args["seconds"]
    with WarnDesk(named_node(args["node"]) / "run" / "warn.sock") as desk, ExitStack() as stack:
        show = _display(stack, parsed, system_clock_us)
        desk.say(Watch())
        sys.stderr.write("watching\n")
        sys.stderr.flush()
        try:
            while not _over(floor, args["messages"], ends):
                word = desk.next(timeout_s=REFRESH_S)
                if word is not None:
                    floor.hear(word)
                    if args["save"] and isinstance(word, Shown):
                        _save(Path(args["save"]), word)
                show(floor)
        except KeyboardInterrupt:
            pass
    return show_outcome(floor.document(system_clock_us()), exit_code=0, as_json=parsed.as_json)


def cot(parsed: Parsed) -> int:
    """Carry Cursor-on-Target events until told to stop; then what was carried.

    Raises:
        LocalError: the settings do not read, or the node is not served.
        UnavailableError: the address is in use, or the node hung up.
    """
    from gsomia.node import read_cot_settings, run_cot_bridge  # noqa: PLC0415  a heavy import only where it is used

    def ready(port: int | None) -> None:
        sys.stderr.write("calling\n" if port is None else f"listening on port {port}\n")
        sys.stderr.flush()

    settings = read_cot_settings(Path(parsed.args["settings"]).absolute())
    document = run_cot_bridge(named_node(parsed.args["node"]), settings, ready=ready)
    return show_outcome(document, exit_code=0, as_json=parsed.as_json)


def _display(stack: ExitStack, parsed: Parsed, clock_us: Callable[[], int]) -> Callable[[Floor], None]:
    if parsed.as_json:
        return lambda _floor: None
    from gsomia.cli.picture import line, render  # noqa: PLC0415  programs ask with --json and need no picture

    if sys.stdout.isatty():
        from rich.live import Live  # noqa: PLC0415  the same

        live = stack.enter_context(Live(auto_refresh=False, screen=True))
        drawn_at = 0.0

        def redraw(floor: Floor) -> None:
            # A desk that draws every message does not read them all in time, and would be cut off.
            nonlocal drawn_at
            if time.monotonic() - drawn_at < REFRESH_S:
                return
            drawn_at, links = time.monotonic(), list(floor.links.values())
            live.update(render(floor.picture, links=links, alarms=floor.alarms, now_us=clock_us()), refresh=True)

        return redraw
    written: list[Message] = []

    def say(floor: Floor) -> None:
        if floor.last is None or floor.last in written[-1:]:
            return
        written[:] = [floor.last]
        found = [row for row in rows(floor.picture, now_us=clock_us()) if row.key.event == floor.last.event]
        sys.stdout.writelines(line(row) + "\n" for row in found)
        sys.stdout.flush()

    return say


def _save(folder: Path, word: Shown) -> None:
    path = folder / f"{parse_message(word.message).message}.json"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(word.message)
    except OSError as cause:
        why = f"`{path}` cannot be written: {cause.strerror}"
        raise LocalError("cli/not-written", why, remedy="name another directory") from cause


def _over(floor: Floor, messages: int | None, ends: float | None) -> bool:
    enough = messages is not None and len(floor.heard) >= messages
    return enough or (ends is not None and time.monotonic() >= ends)


def _read(path: str | None) -> bytes:
    if path is None:
        return files("gsomia.warning").joinpath("missile-tests.jsonl").read_bytes()
    try:
        return Path(path).read_bytes()
    except OSError as cause:
        raise LocalError(
            "cli/not-readable", f"`{path}` cannot be read: {cause.strerror}", remedy="name a file"
        ) from cause


def _day(text: str) -> Any:  # noqa: ANN401  a date
    from gsomia.instants import read_instant  # noqa: PLC0415  kept with its use

    return read_instant(text).local_date()


def _run(text: str) -> bytes:
    try:
        run = bytes.fromhex(text)
    except ValueError:
        run = b""
    if len(run) != RUN_BYTES:
        raise LocalError("cli/not-a-run", "`--run` is 16 bytes in hexadecimal", remedy="leave it out for a new one")
    return run


def _speaker(directory: Path, level: str | None) -> tuple[Any, str]:
    """Our party and the level a source of ours speaks under."""
    from gsomia.config import parse_config  # noqa: PLC0415  a heavy import only where it is used
    from gsomia.node import Layout, national_policies  # noqa: PLC0415  the same

    layout = Layout(directory)
    layout.require()
    party = parse_config(layout.config.read_text()).party
    policy = national_policies(party)[party]
    if level is not None:
        return party, policy.classification(level).id
    return party, next(known.id for known in policy.classifications if known.rank == SECRET_RANK)


COMMANDS: Mapping[str, Callable[[Parsed], int]] = MappingProxyType(
    {"warn cot": cot, "warn replay": replay, "warn watch": watch}
)
