"""Write the synthetic world again.

`python -m tests.world` writes evidence and truth, `--forecast` also the forecast summary (a few minutes),
`--renew` takes assumptions and products over from data/ first.
"""

import sys
import tempfile
from pathlib import Path

import pytest

from tests.world.files import SUMMARY, summary_of, write_world
from tests.world.generate import renew_inputs


def main() -> None:
    """Write what was asked for."""
    if "--renew" in sys.argv:
        renew_inputs()
    write_world()
    if "--forecast" not in sys.argv:
        return
    from prefect.testing.utilities import prefect_test_harness

    from tests.world.night import forecast_of, run_night

    with (
        tempfile.TemporaryDirectory() as folder,
        prefect_test_harness(server_startup_timeout=300),
        pytest.MonkeyPatch.context() as patch,
    ):
        state = Path(folder)
        outcome = run_night(state, patch)
        summary_of(forecast_of(state, outcome["run_id"])).to_csv(
            SUMMARY, index=False, float_format="%.6g", lineterminator="\n"
        )
    print(f"wrote {SUMMARY.name}: {outcome['seconds']}")


if __name__ == "__main__":
    main()
