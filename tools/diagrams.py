"""The state machines of the code as pages with a diagram each; `docs.py` writes them."""

from collections.abc import Mapping, Sequence

from gsomia.agreements import ARRANGEMENT, DATA_LINK, State, Who
from gsomia.agreements import TRANSITIONS as AGREEMENT
from gsomia.agreements import Event as Deed
from gsomia.agreements import Row as Line
from gsomia.exchange import ALARMS, HOUSE_RULES, PROGRESS, AlarmCode, MessageProgress, Precedence, Stage
from gsomia.exchange import TRANSITIONS as DELIVERY

MADE_BY = "<!-- made by tools/docs.py: change the code, then run it -->\n"


def print_agreement_states() -> str:
    """`docs/states/agreement.md`."""
    return _states(
        "The states of an agreement",
        "An instrument's state is derived from its acts at any instant; it is stored nowhere. "
        "The table is `TRANSITIONS` in `gsomia/agreements/lifecycle.py`; who acts and the clause stand in brackets. "
        "Acts that only go to the record, as a declaration or a letter does, have no line: they move nothing.",
        AGREEMENT,
    )


def print_arrangement_states() -> str:
    """`docs/states/arrangement.md`."""
    return _states(
        "The states of an arrangement",
        "An arrangement binds nobody in law and is effective on signature. "
        "The table is `ARRANGEMENT` in `gsomia/agreements/lifecycle.py`.",
        ARRANGEMENT,
    )


def print_data_link_states() -> str:
    """`docs/states/data-link.md`."""
    return _states(
        "The states of a data link",
        "A mechanism for warning data is made ready and then activated. "
        "The table is `DATA_LINK` in `gsomia/agreements/lifecycle.py`.",
        DATA_LINK,
    )


def _states(title: str, text: str, table: Mapping[tuple[State, Deed], Line]) -> str:
    edges = [
        f"    {start} --> {row.to} : {event} [{row.clause}, {row.who if row.who is not Who.DERIVED else 'the machine'}]"
        for (start, event), row in table.items()
    ]
    return _diagram(title, text, [f"    [*] --> {State.NONE}", *edges])


def print_delivery_states() -> str:
    """`docs/states/delivery.md`."""
    names = [f'    state "{stage.value}" as {stage.name}' for stage in Stage]
    edges = [f"    {stage.name} --> {after.name}" for stage in Stage for after in Stage if after in DELIVERY[stage]]
    ends = [f"    {stage.name} --> [*]" for stage in Stage if not DELIVERY[stage]]
    return _diagram(
        "The stages of a delivery",
        "How far an item has come, as its sender can prove it; a stage has its evidence and is never taken back. "
        "The table is `TRANSITIONS` in `gsomia/exchange/outbox.py`.",
        [*names, f"    [*] --> {Stage.QUEUED.name}", *edges, *ends],
    )


def print_hotline_states() -> str:
    """`docs/states/hotline.md`: how far a message is, and what is alarmed."""
    names = [f'    state "{one.value}" as {one.name}' for one in MessageProgress]
    edges = [f"    {a.name} --> {b.name}" for a in MessageProgress for b in MessageProgress if b in PROGRESS[a]]
    ends = [f"    {one.name} --> [*]" for one in MessageProgress if not PROGRESS[one]]
    page = _diagram(
        "How far a hotline message is",
        "Both sides derive it from their watch logs, and store it nowhere. "
        "The table is `PROGRESS` in `gsomia/exchange/hotline_rules.py`.",
        [*names, f"    [*] --> {MessageProgress.QUEUED.name}", *edges, *ends],
    )
    limits = [(one, HOUSE_RULES.limit(one)) for one in reversed(Precedence)]
    lines = [
        "",
        "Limits are house rules, in seconds from the entry in the watch log (A-12).",
        "",
        "| precedence | acknowledge | read back |",
        "|---|---|---|",
        *(f"| {one} | {limit.acknowledge_s} | {limit.read_back_s or 'need not be'} |" for one, limit in limits),
        "",
        "| alarm | when |",
        "|---|---|",
        *(f"| `{code.value}` | {ALARMS[code]} |" for code in AlarmCode),
    ]
    return page + "\n".join(lines) + "\n"


def _diagram(title: str, text: str, lines: Sequence[str]) -> str:
    sentences = text.replace(". ", ".\n")
    return "\n".join([MADE_BY, f"# {title}", "", sentences, "", "```mermaid", "stateDiagram-v2", *lines, "```"]) + "\n"


# --- the command -----------------------------------------------------------------------------
