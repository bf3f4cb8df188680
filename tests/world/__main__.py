"""Write the synthetic world again.

`python -m tests.world` writes evidence, truth and the forecast from the approximate posterior, `--forecast`
also the one from a sampled posterior (a few minutes). `--renew` takes assumptions and products over from
data/ first.
"""

import os
import sys
import tempfile
from pathlib import Path

import pytest

from tests.world.files import APPROXIMATE_SUMMARY, SUMMARY, summary_of, write_world
from tests.world.generate import renew_inputs


def main() -> None:
    """Write what was asked for."""
    if "--renew" in sys.argv:
        renew_inputs()
    write_world()
    # Before Prefect is imported: its server reads it once.
    os.environ |= {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=300):
        write_forecast(APPROXIMATE_SUMMARY, sampled=False)
        if "--forecast" in sys.argv:
            write_forecast(SUMMARY, sampled=True)


def write_forecast(path: Path, sampled: bool) -> None:
    """Run a night and write what is committed of its forecast."""
    from tests.world.night import forecast_of, run_night

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        outcome = run_night(Path(folder), patch, sampled)
        summary = summary_of(forecast_of(Path(folder), outcome["run_id"]))
    summary.to_csv(path, index=False, float_format="%.6g", lineterminator="\n")
    print(f"wrote {path.name}: {outcome['seconds']}")


if __name__ == "__main__":
    main()
