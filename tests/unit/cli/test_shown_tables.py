"""What a person sees on a terminal."""

import pytest

from gsomia.cli.show import _table


@pytest.mark.source("LIFECYCLE-3.2", "T08")
def test_a_skipped_step_is_red_and_no_other_is() -> None:
    steps = [{"step": "D1", "status": "done"}, {"step": "D3", "status": "skipped"}, {"step": "D4", "status": "asked"}]
    assert [row.style for row in _table(steps).rows] == [None, "bold red", None]
