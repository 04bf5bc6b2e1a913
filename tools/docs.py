"""Print the documents that are made from the code: errors, audit events, states, how commands are spelled.

    python tools/docs.py           write them
    python tools/docs.py --check   write nothing; exit 1 if one differs

`docs/errors.md` is read from the source text, not from running it: every raise of a `NodeError` with its code, message
and remedy. Codes that are put together at run time are expanded from the rules whose codes they carry; a code that this
tool cannot expand stops it, so none escapes the catalogue.
"""

import argparse
import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from diagrams import (
    MADE_BY,
    print_agreement_states,
    print_arrangement_states,
    print_data_link_states,
    print_delivery_states,
    print_hotline_states,
)
from gsomia.admin import COMMANDS, Need
from gsomia.audit import MEANINGS, Event

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "gsomia"

TABLE_REFUSALS = ("translate",)
"""Functions whose refusals reach a code as `{result.code}`."""
DECISION_REFUSALS = ("decide_release", "decide_access", "decide_relay")
"""Functions whose reasons reach a code as `{first.code}`: the decisions a flow enforces."""
FAMILY_REFUSALS = ("map_mark", "check_order")
"""Functions whose refusals end a question about the family of instruments."""
RULES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("flows/release", "policy/{first.code}"): DECISION_REFUSALS,
    ("flows/incoming", "policy/{result.code}"): TABLE_REFUSALS,
    ("flows/relay_intake", "policy/{result.code}"): TABLE_REFUSALS,
    ("flows/relay_intake", "policy/{reason.code}"): ("consent_covers",),
    ("flows/containers", "policy/{first.code}"): ("decide_container",),
    ("flows/terms", "policy/{result.code}"): TABLE_REFUSALS,
    ("flows/standing", "agreements/{refusal.code}"): ("apply_act",),
    ("flows/register", "policy/{translated.code}"): TABLE_REFUSALS,
    ("flows/family", "agreements/{refusal.code}"): FAMILY_REFUSALS,
}
"""Where a rule's code becomes an error's code, and the functions that make those rules' answers."""
HANDED_ON = {
    ("transport/https", "refusal.code"),
    ("audit/witness", "error.code"),
    ("flows/standing", "error.code"),
    ("flows/warn", "closed.code"),
    ("transport/lane_taker", "closed.code"),
}
"""Codes handed on as they came: they were made, and are listed, elsewhere."""
EXIT_MEANINGS: Mapping[int, str] = {
    1: "a check did not hold, or the partner broke the rules",
    2: "wrong use",
    3: "refused by a rule",
    4: "waiting for a second person",
    5: "partner not reached",
    70: "our own record does not hold",
    75: "try again here",
}


TRUNK = "NodeError"


class UnknownCodeError(Exception):
    """A code that is put together in a way this tool does not know."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Row:
    """One way in which an error is raised."""

    code: str
    kind: str
    exit: int
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Module:
    """A parsed source file; `name` is `room/module`."""

    name: str
    tree: ast.Module


# --- errors --------------------------------------------------------------------------------


def read_modules() -> list[Module]:
    """Every module of the product."""
    return [
        Module(str(path.relative_to(SRC).with_suffix("")), ast.parse(path.read_text()))
        for path in sorted(SRC.rglob("*.py"))
    ]


def error_rows(modules: Sequence[Module]) -> list[Row]:
    """Every way in which the product raises one of its errors."""
    exits = _exit_codes(modules)
    answers = _Answers(modules)
    found = {row for module in modules for row in _rows_of(module, exits, answers)}
    return sorted(found)


def _exit_codes(modules: Sequence[Module]) -> dict[str, int]:
    """The exit code of every error class, its own or its base's."""
    nodes = (node for module in modules for node in ast.walk(module.tree))
    classes = {node.name: node for node in nodes if isinstance(node, ast.ClassDef)}
    exits: dict[str, int] = {}

    def exit_of(name: str) -> int | None:
        node = classes.get(name)
        if node is None:
            return None
        for line in node.body:
            if isinstance(line, ast.Assign | ast.AnnAssign) and line.value and "exit_code" in ast.unparse(line):
                return int(ast.literal_eval(line.value))
        return next((code for base in node.bases if (code := exit_of(ast.unparse(base))) is not None), None)

    for name in classes:
        code = exit_of(name)
        if code is not None:
            exits[name] = code
    return exits


def _rows_of(module: Module, exits: Mapping[str, int], answers: "_Answers") -> Iterator[Row]:
    for function, call, kind in _raisings(module, exits):
        remedy = next((_text(word.value) for word in call.keywords if word.arg == "remedy"), "")
        message = _text(call.args[1]) if len(call.args) > 1 else ""
        for code, fill in _codes(module, function, call.args[0], answers):
            yield Row(
                code=code, kind=kind, exit=exits[kind], message=_filled(message, fill), remedy=_filled(remedy, fill)
            )


def _filled(template: str, fill: Mapping[str, str]) -> str:
    return re.sub(r"\{([^{}]*)\}", lambda hole: fill.get(hole[1], hole[0]), template)


def _raisings(module: Module, exits: Mapping[str, int]) -> Iterator[tuple[ast.AST, ast.Call, str]]:
    """Calls that make an error: of its class, or of `super()` in the constructor of its class."""
    own = {
        node.name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and any(isinstance(part, ast.FunctionDef) for part in node.body)
    }
    for scope, parent in _scopes(module.tree):
        for call in _calls(scope):
            name = _called(call)
            if name in exits and name not in own:
                yield scope, call, name
            elif (
                ast.unparse(call.func) == "super().__init__"
                and isinstance(parent, ast.ClassDef)
                and parent.name in exits
                and parent.name != TRUNK
            ):
                yield scope, call, parent.name


def _scopes(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.AST]]:
    for parent in ast.walk(tree):
        for child in ast.iter_child_nodes(parent):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield child, parent


def _calls(scope: ast.AST) -> Iterator[ast.Call]:
    """Calls of a function, without those of functions inside it."""
    for child in ast.iter_child_nodes(scope):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from _calls(child)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)


def _codes(
    module: Module, scope: ast.AST, code: ast.expr, answers: "_Answers"
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every code that the expression can be, and what stands in its message's holes then."""
    if isinstance(code, ast.Constant):
        yield str(code.value), {}
        return
    if isinstance(code, ast.IfExp):
        yield from _codes(module, scope, code.body, answers)
        yield from _codes(module, scope, code.orelse, answers)
        return
    text = _text(code, whole=True)
    if (module.name, text.strip("{}")) in HANDED_ON:
        return
    if (module.name, text) in RULES:
        prefix = text.partition("/")[0]
        for slug, said in answers.of(RULES[module.name, text]):
            yield f"{prefix}/{slug}", {"text": said, "…": said}
        return
    words = list(_arguments(module, scope, code))
    if not words:
        raise UnknownCodeError(f"{module.name}: `{ast.unparse(code)}`: add it to RULES")
    yield from words


def _arguments(module: Module, scope: ast.AST, code: ast.expr) -> Iterator[tuple[str, Mapping[str, str]]]:
    """A code with one parameter of its function in it: filled with what the module passes."""
    if not isinstance(code, ast.JoinedStr) or not isinstance(scope, ast.FunctionDef):
        return
    holes = [part.value for part in code.values if isinstance(part, ast.FormattedValue)]
    parameters = [argument.arg for argument in scope.args.args]
    if len(holes) != 1 or not isinstance(holes[0], ast.Name) or holes[0].id not in parameters:
        return
    position = parameters.index(holes[0].id)
    for call in (node for node in ast.walk(module.tree) if isinstance(node, ast.Call)):
        if _called(call) == scope.name and len(call.args) > position:
            word = call.args[position]
            if not isinstance(word, ast.Constant):
                raise UnknownCodeError(f"{module.name}: `{ast.unparse(call)}` passes no literal")
            filled = "".join(str(p.value) if isinstance(p, ast.Constant) else str(word.value) for p in code.values)
            yield filled, {holes[0].id: str(word.value)}


class _Answers:
    """The codes that rules answer with, followed from the functions that decide."""

    def __init__(self, modules: Sequence[Module]) -> None:
        rules = [module for module in modules if module.name.startswith(("policy/", "labels/", "agreements/"))]
        self._functions = {
            (module.name, node.name): node
            for module in rules
            for node in module.tree.body
            if isinstance(node, ast.FunctionDef)
        }
        self._tables = {
            (module.name, ast.unparse(node.target)): _names(node.value)
            for module in rules
            for node in module.tree.body
            if isinstance(node, ast.AnnAssign) and node.value is not None
        }
        """Names that stand in each table of a module: a function found in one is called by whoever looks there."""

    def of(self, roots: Sequence[str]) -> list[tuple[str, str]]:
        """Code and text of every answer that a decision can give for a no."""
        seen: set[tuple[str, str]] = set()
        waiting = [key for key in self._functions if key[1] in roots]
        found: set[tuple[str, str]] = set()
        while waiting:
            key = waiting.pop()
            if key in seen:
                continue
            seen.add(key)
            found.update(_answers(self._functions[key]))
            waiting.extend(self._called_by(key))
        return sorted(found)

    def _called_by(self, key: tuple[str, str]) -> Iterator[tuple[str, str]]:
        calls = (node for node in ast.walk(self._functions[key]) if isinstance(node, ast.Call))
        names = {_called(call) for call in calls if not _is_of_text(call)}
        for looked_at in _names(self._functions[key]):
            names |= self._tables.get((key[0], looked_at), set())
        for name in names:
            if (key[0], name) in self._functions:
                yield key[0], name
            elif not name.startswith("_"):
                yield from (other for other in self._functions if other[1] == name and _rooms_meet(key[0], other[0]))


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _rooms_meet(caller: str, called: str) -> bool:
    """Whether a call may lead from one module to the other: the table's conditions stay in their room."""
    rooms = caller.partition("/")[0], called.partition("/")[0]
    return "agreements" not in rooms or rooms[0] == rooms[1]


def _is_of_text(call: ast.Call) -> bool:
    """Whether it is a method of a piece of text, such as `", ".join`."""
    return isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Constant)


def _answers(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """`finding(code=, no=)`, `Reason(code=, text=)`, `LabelRefusal(code=, text=)` and `_no(code, clause, text)`."""
    yeses = {
        ast.unparse(word.value)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and _called(node) == "Finding"
        for word in node.keywords
        if word.arg == "reason" and "holds=True" in ast.unparse(node)
    }
    agreed = {
        id(node.value)
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and {ast.unparse(target) for target in node.targets} & yeses
    }
    for call in (node for node in ast.walk(function) if isinstance(node, ast.Call) and id(node) not in agreed):
        words = {word.arg: word.value for word in call.keywords}
        code = words.get("code")
        if _called(call) == "_no":
            code, words["text"] = call.args[0], call.args[2]
        elif _called(call) not in {"finding", "Reason", "LabelRefusal", "Refusal"}:
            continue
        if isinstance(code, ast.Constant):
            yield str(code.value), _text(words.get("no", words.get("text")))


def _text(node: ast.expr | None, *, whole: bool = False) -> str:
    """An expression as a template: its words, and in braces what is filled in."""
    match node:
        case None:
            return ""
        case ast.Constant():
            return str(node.value)
        case ast.JoinedStr():
            return "".join(_text(part, whole=whole) for part in node.values)
        case ast.FormattedValue():
            return "{" + (ast.unparse(node.value) if whole else _hole(node.value)) + "}"
        case ast.BinOp(op=ast.Add()):
            return _text(node.left, whole=whole) + _text(node.right, whole=whole)
        case _:
            return "{" + (ast.unparse(node) if whole else _hole(node)) + "}"


def _hole(node: ast.expr) -> str:
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return node.attr
        case ast.Subscript():
            return _hole(node.value)
        case _:
            return "…"


def print_errors(rows: Sequence[Row]) -> str:
    """`docs/errors.md`."""
    lines = [
        MADE_BY,
        "# Errors",
        "",
        "Every error has a stable code, `room/slug`.",
        "Inside a node it tells everything; across the border only its code and a correlation id travel.",
        "In messages, braces stand for what is filled in.",
        "",
        "| exit | means |",
        "|---|---|",
        *(f"| {code} | {meaning} |" for code, meaning in EXIT_MEANINGS.items()),
    ]
    room = ""
    for code, group in groupby(rows, key=lambda row: row.code):
        if code.partition("/")[0] != room:
            room = code.partition("/")[0]
            lines += ["", f"## {room}", "", "| code | class | exit | message | remedy |", "|---|---|---|---|---|"]
        ways = [(row.kind, str(row.exit), row.message, row.remedy) for row in group]
        cells = (_cell(column) for column in zip(*ways, strict=True))
        lines.append(f"| `{code}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(values: Sequence[str]) -> str:
    """The different values of one column, in one cell."""
    different = dict.fromkeys(" ".join(value.split()).replace("|", "\\|") for value in values if value)
    return "<br>".join(different)


# --- audit events and states -----------------------------------------------------------------


def print_events() -> str:
    """`docs/audit-events.md`."""
    lines = [
        MADE_BY,
        "# Audit events",
        "",
        "The closed catalogue of what the record can say.",
        "A leaf of the log names one of these events and the ids and digests it is about, never a title or content.",
        "",
        "| event | what happened |",
        "|---|---|",
        *(f"| `{event.value}` | {MEANINGS[event]} |" for event in Event),
    ]
    return "\n".join(lines) + "\n"


def print_commands() -> str:
    """How every command that is always run at a node is spelled, for who asks a served one."""
    spelled = {
        command.name: {"acts": command.acts, "params": [asdict(param) for param in command.params]}
        for command in COMMANDS.values()
        if command.need({}) is Need.NODE
    }
    return json.dumps(spelled, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def documents() -> dict[Path, str]:
    """Every generated document and its text."""
    return {
        ROOT / "docs" / "errors.md": print_errors(error_rows(read_modules())),
        ROOT / "docs" / "audit-events.md": print_events(),
        SRC / "cli" / "commands.json": print_commands(),
        ROOT / "docs" / "states" / "agreement.md": print_agreement_states(),
        ROOT / "docs" / "states" / "arrangement.md": print_arrangement_states(),
        ROOT / "docs" / "states" / "data-link.md": print_data_link_states(),
        ROOT / "docs" / "states" / "delivery.md": print_delivery_states(),
        ROOT / "docs" / "states" / "hotline.md": print_hotline_states(),
    }


def main(arguments: Sequence[str]) -> int:
    """Write the documents, or say which differ."""
    parser = argparse.ArgumentParser(description="documents that are made from the code")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a document differs")
    check = parser.parse_args(arguments).check
    try:
        made = documents()
    except UnknownCodeError as unknown:
        print(f"an error code that cannot be listed: {unknown}", file=sys.stderr)
        return 1
    stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[path])
        print(f"{path.relative_to(ROOT)} {'differs from the code' if check else 'written'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
