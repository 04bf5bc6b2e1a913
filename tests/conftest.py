"""What every test may rely on: a slow machine is no failure, and what is dear to set up is set up once."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("shared-machine", deadline=None)
settings.load_profile("shared-machine")

JOURNEYS = "tests/journeys/"
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 2 << 30
"""Bytes: so much must be free there, or the files of the tests go to the disk."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Keep the files of the tests in memory, if there is room: what a crash leaves is simulated, never pulled."""
    chosen = config.option.basetemp is None and not hasattr(config, "workerinput")
    if chosen and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED:
        made = tempfile.mkdtemp(prefix="gsomia-tests-", dir=MEMORY)
        config.option.basetemp = made
        config.add_cleanup(lambda: shutil.rmtree(made, ignore_errors=True))


class JourneysWhole(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Every test goes where there is room, but a journey stays with one worker: its nodes are started once.

    The marks of `--dist loadgroup` would say the same; with pytest 9.2 they no longer reach the scheduler.
    """

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0] if nodeid.startswith(JOURNEYS) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> JourneysWhole:
    """Hand out tests by that rule."""
    return JourneysWhole(config, log)
