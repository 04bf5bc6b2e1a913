"""What `registry import` says of a file before anything at the node is asked."""

from pathlib import Path

import pytest

from gsomia.admin import COMMANDS
from gsomia.admin.command import Call
from gsomia.errors import NodeError


def refused(path: Path, *names: str) -> str:
    call = Call.without_node({"file": str(path), "dry_run": True, "map": list(names)})
    with pytest.raises(NodeError) as raised:
        COMMANDS["registry import"].run(call)
    return raised.value.code


@pytest.mark.source("F-01")
def test_a_wrong_heading_is_said_and_not_taken_for_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes("관리번호,비밀등급,등기\r\n".encode("cp949"))
    assert refused(path) == "registry/unknown-column"
    assert refused(path, "등기=비고") == "registry/column-missing"


@pytest.mark.source("F-01")
@pytest.mark.parametrize("name", ["=kim", "kim", " =kim"])
def test_a_name_without_a_text_and_a_code_is_refused(tmp_path: Path, name: str) -> None:
    assert refused(tmp_path / "register.csv", name) == "admin/not-a-name"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.csv") == "admin/file-not-read"
