"""What every test may rely on: a slow machine is no failure, and what is dear to set up is set up once."""

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("shared-machine", deadline=None)
settings.load_profile("shared-machine")

JOURNEYS = "tests/journeys/"


class JourneysWhole(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Every test goes where there is room, but a journey stays with one worker: its nodes are started once.

    The marks of `--dist loadgroup` would say the same; with pytest 9.2 they no longer reach the scheduler.
    """

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0] if nodeid.startswith(JOURNEYS) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> JourneysWhole:
    """Hand out tests by that rule."""
    return JourneysWhole(config, log)
