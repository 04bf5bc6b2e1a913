"""Rooms are entered by their door: what `__init__` exports, and nothing behind it."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[2] / "src" / "gsomia"
ROOMS = sorted(path.parent.name for path in SRC.glob("*/__init__.py"))
WITHOUT_DOOR = {
    "flows": "one module per act: its modules are its doors",
    "cli": "the program's entry point is `gsomia.cli.main`, and nobody imports the room",
}


def imports(path: Path) -> Iterator[tuple[str, list[str]]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            yield node.module or "", [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)


def crossings() -> Iterator[tuple[str, str, list[str]]]:
    """Who imports what from another room: the file, the module, the names."""
    for path in sorted(SRC.rglob("*.py")):
        home = path.relative_to(SRC).parts[0].removesuffix(".py")
        for module, names in imports(path):
            parts = module.split(".")
            if parts[0] == "gsomia" and len(parts) > 1 and parts[1] in ROOMS and parts[1] != home:
                yield str(path.relative_to(SRC)), module, names


def exported(room: str) -> set[str]:
    for node in ast.parse((SRC / room / "__init__.py").read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def test_rooms_are_entered_by_their_door() -> None:
    behind = [
        f"{path}: {module}"
        for path, module, _ in crossings()
        if module.count(".") > 1 and module.split(".")[1] not in WITHOUT_DOOR
    ]
    assert behind == []


def test_what_is_used_of_a_room_is_exported_by_its_door() -> None:
    missing = [
        f"{path}: {module}.{name}"
        for path, module, names in crossings()
        if module.count(".") == 1 and module.split(".")[1] not in WITHOUT_DOOR
        for name in names
        if name not in exported(module.split(".")[1])
    ]
    assert missing == []


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in WITHOUT_DOOR])
def test_a_door_exports_only_what_exists(room: str) -> None:
    door = importlib.import_module(f"gsomia.{room}")
    assert [name for name in door.__all__ if not hasattr(door, name)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for(room: str) -> None:
    assert ast.get_docstring(ast.parse((SRC / room / "__init__.py").read_text()))


def test_rooms_without_a_door_exist() -> None:
    assert set(WITHOUT_DOOR) <= set(ROOMS)
