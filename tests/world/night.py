"""A night on the synthetic world: the flow of `hbmcast nightly` with fewer draws and a wider gate.

The posterior is an approximation that costs seconds (`tests.world.approximate`), or sampled as always.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from models.draws.joint import PERIODS
from tests.market import MARKET
from tests.world.design import AS_OF, TODAY
from tests.world.files import DATA

SEED = 11
POSTERIOR_DRAWS = 800
CHAINS = 2
DRAWS = 800
LITTLE_PILOT = {"PILOT_TUNING": 80, "PILOT_POSITIONS": 8, "STRETCH_DRAWS": 80}
"""For `models.inference.pilot`: some hundred figures need less tuning than a real night has."""


def wide_thresholds() -> Any:
    """Gate for a posterior a fifth as long as the real one; identities stay as strict as they are.

    The least determined of 3,000 series (a product class of which nobody writes) mixes slowly: what this gate
    still catches is a chain that went somewhere else.
    """
    from models.draws.thresholds import THRESHOLDS

    return replace(
        THRESHOLDS,
        rhat=1.5,
        parameter_rhat=1.6,
        ess=8.0,
        headline_error=0.25,
        bfmi=0.2,
        divergent_share=0.005,
        coverage=((0.5, 0.3, 0.95), (0.8, 0.6, 1.0), (0.9, 0.75, 1.0)),
    )


def run_night(
    state: Path, patch: pytest.MonkeyPatch, sampled: bool = False, overlays: Sequence[Path] = ()
) -> dict[str, Any]:
    """Run the nightly flow on the world; needs a Prefect server (test harness or embedded).

    Parameters
    ----------
    state : Path
        State folder.
    patch : MonkeyPatch
        Undone by the caller.
    sampled : bool
        Whether the model is compiled and sampled.
    overlays : sequence of Path
        Folders of evidence laid over the world's.

    Returns
    -------
    dict
        What the flow returns.
    """
    import models.draws.tables as tables
    from flows.night import run as night
    from flows.runtime.settings import DATA_VARIABLE, resolve

    def small(**asked: Any) -> Any:
        return replace(resolve(**asked), posterior_draws=POSTERIOR_DRAWS, chains=CHAINS, today=TODAY)

    patch.setenv(DATA_VARIABLE, os.pathsep.join(map(str, (DATA, *overlays))))
    patch.delenv("HBMCAST_FEEDS", raising=False)
    patch.setattr(night, "resolve", small)
    patch.setattr(night, "prepare_environment", lambda state: None)
    patch.setattr(tables, "thresholds_of", lambda is_first: wide_thresholds())
    (_sample_little if sampled else _approximate)(patch)
    from flows.night.flow import nightly

    return nightly(as_of=AS_OF.isoformat(), seed=SEED, draws=DRAWS, state=str(state))


def _sample_little(patch: pytest.MonkeyPatch) -> None:
    import models.draws.coverage as coverage
    import models.inference.fit as fit
    import models.inference.pilot as pilot

    patch.setattr(fit, "THIN", 1)
    # One world of a right model is stopped in one night of fifty, and this one is always the same: of its 31
    # figures on HBM 28 to 30 lie inside 80 %, by the sampler's seed. Many worlds judge coverage elsewhere.
    patch.setattr(coverage, "LOO_CHANCE", 0.9998)
    for name, number in LITTLE_PILOT.items():
        patch.setattr(pilot, name, number)


def _approximate(patch: pytest.MonkeyPatch) -> None:
    import models.inference.fit as fit
    from tests.world import approximate

    patch.setattr(fit, "import_compilers", lambda: None)
    patch.setattr(fit, "compile_model", approximate.compile_model)
    patch.setattr(fit, "sample", approximate.sample)


def forecast_of(state: Path, run_id: str) -> pd.DataFrame:
    """Published forecast of a run."""
    from warehouse.read import forecast

    return forecast(state, run_id)


def table_of_draws(state: Path, outcome: dict[str, Any]) -> pa.Table:
    """Published draws of a night, a row each: millions, which Arrow compares in no time."""
    file = state / "draws" / f"run_id={outcome['run_id']}" / "draws.parquet"
    # Not as a data set: the folder's name is no column of it. Words as such, whatever their dictionaries.
    plain = pa.schema(
        [("draw", pa.int32()), ("quantity", pa.string()), ("period", pa.string()), ("value", pa.float32())]
    )
    return pq.ParquetFile(file).read().cast(plain)


def published_draws(state: Path, outcome: dict[str, Any]) -> dict[str, np.ndarray]:
    """Published draws of a night, (draw, period)."""
    table = table_of_draws(state, outcome)
    values = np.full((len(MARKET.by_name), DRAWS, len(PERIODS)), np.nan, np.float32)
    quantity, period = (
        pc.index_in(table[name], pa.array(known)).to_numpy()
        for name, known in (("quantity", list(MARKET.by_name)), ("period", list(PERIODS)))
    )
    values[quantity, table["draw"].to_numpy(), period] = table["value"].to_numpy()
    # Each has its place, and no place is left: none stands twice.
    assert len(table) == values.size == np.isfinite(values).sum()
    return dict(zip(MARKET.by_name, values, strict=True))


def tables_of(night: tuple[Path, dict[str, Any]]) -> dict[str, pd.DataFrame]:
    """Tables of a night's run."""
    from warehouse.read import run_tables

    state, outcome = night
    return run_tables(state, outcome["run_id"])
