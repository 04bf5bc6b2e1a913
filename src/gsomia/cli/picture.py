"""The picture of the warning floor in a terminal: a banner, a line for each event, lanes and alarms below.

What must not be overlooked is never left to colour alone: EXERCISE and TEST stand in the banner and on every line,
UNRECORDED and CANCELLED are written out.
"""

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from gsomia.warning import (
    Alarm,
    Character,
    EventState,
    ImpactArea,
    LaunchReport,
    Link,
    Mark,
    Picture,
    Row,
    TrackUpdate,
    characters,
    rows,
)

COLUMNS = ("world", "from", "event", "state", "launched at", "last point", "impact area", "age", "conf.", "beside")
SHOWN_ALARMS = 5
_WORLD = {Character.REAL: "bold white on red", Character.EXERCISE: "black on yellow", Character.TEST: "black on cyan"}
_STATE = {
    EventState.FLYING: "bold",
    EventState.STALE: "yellow",
    EventState.ENDED: "dim",
    EventState.CANCELLED: "bold magenta",
}


def render(picture: Picture, *, links: Sequence[Link], alarms: Sequence[Alarm], now_us: int) -> RenderableType:
    """Everything a duty officer looks at, as one block."""
    table = Table(show_edge=False, pad_edge=False, expand=True)
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for row in rows(picture, now_us=now_us):
        table.add_row(*_cells(row), style=_STATE[row.state])
    parts: list[RenderableType] = [banner(characters(picture)), table]
    parts += [Text(_link(link), style="" if link.up else "bold red") for link in links]
    parts += [Text(f"ALARM {alarm.party} {alarm.code}: {alarm.text}", style="red") for alarm in alarms[-SHOWN_ALARMS:]]
    return Group(*parts)


def banner(present: Sequence[Character]) -> Panel:
    """Which worlds the picture speaks of."""
    if not present:
        return Panel(Text("nothing heard yet", justify="center"))
    text = Text(justify="center")
    for character in present:
        words = "REAL" if character is Character.REAL else f"{character.value} - NOT REAL"
        text.append(f" {words} ", style=_WORLD[character]).append(" ")
    return Panel(text)


def line(row: Row) -> str:
    """One event as one line of plain text."""
    return " | ".join(cell.plain for cell in _cells(row))


def document(row: Row) -> dict[str, object]:
    """One event for programs."""
    return {
        "character": row.key.character.value,
        "originator": row.key.originator,
        "event": row.key.event,
        "state": row.state.value,
        "ended": row.ended.value if row.ended else None,
        "cancelled": row.cancelled.value if row.cancelled else None,
        "launch": _place(row.launch),
        "last_point": None if row.track is None else {**_place(row.track), "height_m": row.track.height_m},
        "impact_area": None if row.area is None else {**_place(row.area), "along_m": row.area.along_m},
        "derived": row.derived,
        "confidence_pct": row.confidence_pct,
        "age_s": row.age_s,
        "heard": row.heard,
        "superseded": row.superseded,
        "complete": row.complete,
        "marks": [mark.value for mark in row.marks],
    }


def _place(body: LaunchReport | TrackUpdate | ImpactArea | None) -> Mapping[str, object]:
    if body is None:
        return {}
    return {"latitude_udeg": body.latitude_udeg, "longitude_udeg": body.longitude_udeg}


def _cells(row: Row) -> tuple[Text, ...]:
    beside = [Text(mark.value, style="bold white on red" if mark is Mark.UNRECORDED else "red") for mark in row.marks]
    if not row.complete:
        beside.append(Text("NO LAUNCH REPORT", style="yellow"))
    if row.derived:
        beside.append(Text("derived"))
    if row.superseded:
        beside.append(Text(f"{row.superseded} older points"))
    height = "" if row.track is None else f" {row.track.height_m / 1000:.1f} km"
    radius = "" if row.area is None else f" +-{row.area.along_m / 1000:.0f} km"
    return (
        Text(f" {row.key.character.value} ", style=_WORLD[row.key.character]),
        Text(row.key.originator),
        Text(row.key.event[4:10]),
        Text(_state(row)),
        Text(_where(row.launch)),
        Text(_where(row.track) + height),
        Text(_where(row.area) + radius),
        Text(f"{row.age_s} s"),
        Text("-" if row.confidence_pct is None else f"{row.confidence_pct} %"),
        Text(", ").join(beside),
    )


def _state(row: Row) -> str:
    if row.cancelled is not None:
        return f"CANCELLED {row.cancelled.value}"
    if row.state is EventState.ENDED and row.ended is not None:
        return f"ENDED {row.ended.value}"
    return row.state.value


def _where(body: LaunchReport | TrackUpdate | ImpactArea | None) -> str:
    if body is None:
        return "-"
    north, east = body.latitude_udeg / 1e6, body.longitude_udeg / 1e6
    return f"{abs(north):.3f}{'N' if north >= 0 else 'S'} {abs(east):.3f}{'E' if east >= 0 else 'W'}"


def _link(link: Link) -> str:
    way = "from" if link.incoming else "to"
    state = "up" if link.up else "DOWN"
    return (
        f"lane {way} {link.party} under {link.instrument}: {state}, round trip {link.round_trip_us / 1000:.1f} ms, "
        f"their clock {link.offset_us / 1000:+.1f} ms"
    )
