"""The real night on the synthetic world: the model compiled, the posterior sampled, and what holds of it."""

import numpy as np
import pandas as pd
import pytest

from models.vocabulary.quantities import HEADLINES
from tests.prefect_server import talking_to
from tests.world import holds
from tests.world.files import SEED, SUMMARY, first_plain_seed, summary_of
from tests.world.night import forecast_of, published_draws, run_night, tables_of

pytestmark = pytest.mark.slow
RENEW = "if the change is meant: python -m tests.world --forecast"
LEAST_ESS = 60


@pytest.fixture(scope="module")
def night(prefect_url, tmp_path_factory):
    """State folder and outcome of one real night."""
    state = tmp_path_factory.mktemp("world")
    with talking_to(prefect_url), pytest.MonkeyPatch.context() as patch:
        yield state, run_night(state, patch, sampled=True)


def test_the_committed_world_is_the_first_plain_one():
    assert first_plain_seed() == SEED


def test_it_is_published_with_a_gate_that_looked(night):
    assert night[1]["status"] == "published"
    found = tables_of(night)["diagnostics"].dropna(subset=["passed"])
    gate = found[~found["name"].str.startswith("check:")]
    assert len(gate) > 10
    assert gate["passed"].astype(bool).all()


def test_its_forecast_holds_the_truth_and_nothing_later(night):
    draws = published_draws(*night)
    holds.intervals_hold_the_truth_about_as_often_as_they_say(draws)
    holds.no_truth_is_unthinkable(draws)
    holds.the_past_is_better_known_than_the_future(draws)
    holds.what_is_published_later_is_not_seen(tables_of(night)["figure_fit"], draws)


def test_its_forecast_comes_out_as_committed(night):
    state, outcome = night
    found = summary_of(forecast_of(state, outcome["run_id"])).set_index(["quantity", "period"])
    kept = pd.read_csv(SUMMARY, dtype={"period": str}).set_index(["quantity", "period"])
    assert set(kept.index) == set(found.index), RENEW
    kept = kept.loc[found.index]
    # The Monte Carlo error of a series that hardly mixed is itself hardly known.
    known = (found["ess"] > LEAST_ESS) & (kept["ess"] > LEAST_ESS)
    assert known.mean() > 0.6
    assert known.loc[list(HEADLINES)].mean() > 0.8
    found, kept = found[known], kept[known]
    for name in ("p05", "p50", "p95"):
        error = np.hypot(found[f"mcse_{name}"], kept[f"mcse_{name}"])
        # Two of a thousand normals pass three errors; none passes six. The floor is for rounding.
        far = (found[name] - kept[name]).abs() > 6 * error + 1e-4 * kept[name].abs()
        assert not far.any(), f"{name}: {found[far]}\nwas {kept[far]}\n{RENEW}"
