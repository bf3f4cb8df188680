"""A short run of what `python -m tests.endurance` does at length: nights killed, nights in a row."""

import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.skipif(sys.platform != "linux", reason="processor time of a process is read from /proc")
def test_whatever_instant_a_night_is_killed_at_nothing_is_lost_and_the_next_goes_on(tmp_path: Path):
    from tests.endurance import killed

    halts, reader = killed.run(tmp_path, 40, follow=10, say=False)
    assert [halt for halt in halts if halt.faults] == []
    assert reader.faults == []
    assert reader.opens > 0
    stages = {halt.stage for halt in halts}
    assert {"ingest", "fit", "simulate", "publish"} <= stages
    assert any(halt.is_new for halt in halts)
    assert sum(halt.is_followed for halt in halts) >= len(halts) // 10


def test_nights_in_a_row_publish_and_their_costs_are_written_down(tmp_path: Path):
    from tests.endurance import soak

    costs, reader = soak.run(tmp_path, 4, say=False)
    assert reader.faults == []
    assert [cost.is_new for cost in costs] == [True, False, False, True]
    assert len((tmp_path / "soak.csv").read_text().splitlines()) == 5
    # Builds and draws of a week are kept; the rest of a night is small.
    assert costs[-1].warehouse_mb < 2 * costs[0].warehouse_mb
