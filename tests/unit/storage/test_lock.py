import os
from pathlib import Path

import pytest

from gsomia.errors import UnavailableError
from gsomia.storage import NodeLock


@pytest.mark.source("DESIGN-7")
def test_a_node_has_one_owner_at_a_time(tmp_path: Path) -> None:
    with NodeLock(tmp_path / "node.lock"):
        with pytest.raises(UnavailableError) as caught:
            NodeLock(tmp_path / "node.lock")
        assert caught.value.code == "storage/node-owned"
        assert "stop it" in caught.value.remedy
    again = NodeLock(tmp_path / "node.lock")
    again.release()
    again.release()


@pytest.mark.source("DESIGN-7")
def test_a_process_that_dies_gives_the_node_back(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:  # pragma: no cover  the child is not measured
        NodeLock(tmp_path / "node.lock")
        os._exit(9)
    os.waitpid(child, 0)
    NodeLock(tmp_path / "node.lock").release()
