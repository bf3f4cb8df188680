"""The real night on the synthetic world: its forecast holds the truth, and comes out as committed.

One model is compiled for all of these tests (one to two minutes, most of it the compiler).
"""

import functools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from models.draws.joint import PERIODS, collect
from models.draws.simulate import simulate
from models.evidence.validation import validate
from models.inference.fit import problem_from_evidence
from models.vocabulary.periods import YEARS
from models.vocabulary.quantities import HEADLINES
from tests.evidence import evidence_of_tables
from tests.market import MARKET
from tests.prefect_server import talking_to
from tests.world.design import AS_OF, TODAY
from tests.world.files import DATA, PLANTED, SUMMARY, TRUTH, committed_world, summary_of, tables, truth_table
from tests.world.night import DRAWS, SEED, forecast_of, run_night

RENEW = "if the change is meant: python -m tests.world --forecast"
# Quantities and years of one world move together: their hits count as this many independent ones.
INDEPENDENT_HITS = 12
LEAST_ESS = 60


@pytest.fixture(scope="module")
def server(prefect_url):
    with talking_to(prefect_url):
        yield


@pytest.fixture(scope="module")
def night(server, tmp_path_factory):
    """State folder and outcome of one real night."""
    state = tmp_path_factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patch:
        outcome = run_night(state, patch)
    return state, outcome


@pytest.fixture(scope="module")
def draws(night) -> dict[str, np.ndarray]:
    """Published draws, (draw, period)."""
    return published_draws(*night)


def published_draws(state: Path, outcome: dict) -> dict[str, np.ndarray]:
    file = state / "draws" / f"run_id={outcome['run_id']}" / "draws.parquet"
    table = pd.read_parquet(file)
    wide = table.pivot_table(index="draw", columns=["quantity", "period"], values="value", observed=True)
    return {q: wide[q][list(PERIODS)].to_numpy() for q in MARKET.by_name}


def tables_of(night) -> dict[str, pd.DataFrame]:
    from warehouse.read import run_tables

    state, outcome = night
    return run_tables(state, outcome["run_id"])


def row_of_runs(night) -> dict:
    from warehouse.read import query

    state, outcome = night
    (row,) = query(state, f"from runs where run_id = '{outcome['run_id']}'").to_pylist()
    return row


@functools.cache
def truth() -> pd.DataFrame:
    return pd.read_csv(TRUTH, dtype={"period": str}).set_index(["quantity", "period"])["value"]


# -- the world on disk


def test_the_committed_world_is_what_its_generator_makes():
    """A change of the chain or of the observation model changes what its publications say."""
    world = committed_world()
    for name, table in tables(world).items():
        committed = pd.read_csv(DATA / name, dtype=str, keep_default_na=False)
        assert list(committed.columns) == list(table.columns), name
        for column in table.columns:
            made, kept = (
                pd.to_numeric(table[column], errors="coerce"),
                pd.to_numeric(committed[column], errors="coerce"),
            )
            text = table[column].fillna("").astype(str)
            same = np.isclose(made, kept, rtol=1e-4) | (text.to_numpy() == committed[column].to_numpy())
            assert same.all(), f"{name}, {column}: {RENEW}"
    made = truth_table(world).set_index(["quantity", "period"])["value"]
    np.testing.assert_allclose(truth().loc[made.index], made, rtol=1e-5, atol=1e-30, err_msg=RENEW)


def test_the_world_passes_validation_and_uses_every_part_of_the_model():
    raw = {
        str(p.relative_to(DATA).as_posix()): pd.read_csv(p, dtype=str, keep_default_na=False)
        for p in DATA.rglob("*.csv")
    }
    found = validate(raw, TODAY)
    assert not found.fatal
    assert found.rejected.empty, found.rejected.to_string()
    problem = problem_from_evidence(evidence_of_tables(found.accepted), AS_OF)
    obs = problem.operator.arrays
    assert len(problem.operator.figures) > 90
    assert problem.operator.unused.empty
    assert len(problem.operator.publishers) > 4
    assert len(problem.operator.definitions) == 2
    assert (obs["censored"] != 0).sum() == 3
    assert (obs["half_width"] > 0).sum() == 2
    assert (problem.weight == 0).any(), "superseded forecasts"
    assert ((problem.weight > 0) & (problem.weight < 1)).any(), "echoes"
    assert PLANTED[0] not in set(problem.operator.figures["figure_id"])


# -- the night


def test_the_night_publishes_and_reports(night):
    state, outcome = night
    assert outcome["status"] == "published"
    assert set(outcome["seconds"]) >= {"ingest", "fit", "simulate", "check", "publish"}
    assert (state / "warehouse.duckdb").is_file()
    assert (state / "reports" / f"{outcome['run_id']}.html").stat().st_size > 10_000


def test_the_gate_looked_and_identities_hold(night):
    found = tables_of(night)["diagnostics"]
    tested = found.dropna(subset=["passed"])
    gate = tested[~tested["name"].str.startswith("check:")]
    assert len(gate) > 10
    assert gate["passed"].astype(bool).all()
    # So few draws can't reach 1 % Monte Carlo error: the warehouse says so, and nothing else.
    warned = set(tested.loc[~tested["passed"].astype(bool), "name"])
    assert warned <= {"check:headline_monte_carlo_error"}
    identities = found[found["name"].str.contains("identity|sum|limit|price")]
    assert len(identities) > 0


def test_intervals_hold_the_truth_about_as_often_as_they_say(draws):
    """Headlines, 2021 to 2027; a binomial 99.8 % band for a dozen independent hits (tests/slow says more)."""
    for level in (0.5, 0.8, 0.9):
        tails = (1 - level) / 2
        hits = []
        for quantity in HEADLINES:
            low, high = np.quantile(draws[quantity][:, -len(YEARS) :], [tails, 1 - tails], axis=0)
            true = np.array([truth()[quantity, year] for year in YEARS])
            hits.append((low <= true) & (true <= high))
        share = np.mean(hits)
        least, most = binom.ppf([0.001, 0.999], INDEPENDENT_HITS, level) / INDEPENDENT_HITS
        assert least <= share <= most, f"{share:.0%} of the truths lie in {level:.0%} intervals"


def test_no_truth_is_unthinkable(draws):
    for quantity in HEADLINES:
        logs = np.log(draws[quantity][:, -len(YEARS) :])
        true = np.log([truth()[quantity, year] for year in YEARS])
        z = (true - logs.mean(axis=0)) / logs.std(axis=0)
        assert np.abs(z).max() < 4, (quantity, z)


def test_the_forecast_knows_the_past_better_than_the_future(draws):
    for quantity in ("hbm_revenue_usd", "dram_revenue_usd", "cowos_capacity_wafers_per_month"):
        spread = np.log(draws[quantity][:, -len(YEARS) :]).std(axis=0)
        assert spread[YEARS.index("2024")] < 0.5 * spread[YEARS.index("2027")], quantity


def test_the_forecast_comes_out_as_committed(night):
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


def test_what_is_published_later_is_not_seen(night, draws):
    fitted = tables_of(night)["figure_fit"]
    planted = fitted[fitted["figure_id"] == PLANTED[0]]
    assert not planted["used"].astype(bool).any()
    assert fitted["used"].astype(bool).sum() > 80
    at = PERIODS.index(PLANTED[2])
    assert np.quantile(draws[PLANTED[1] + "_usd"][:, at], 0.99) < PLANTED[-1] / 10


def test_every_figure_has_its_reason_or_its_place(night):
    fitted = tables_of(night)["figure_fit"]
    unused = fitted[~fitted["used"].astype(bool)]
    assert (unused["reason"].fillna("") != "").all()
    assert set(committed_world().figures["figure_id"]) <= set(fitted["figure_id"])


def test_the_same_night_again_reuses_the_posterior_and_gives_the_same_draws(night, draws):
    state, _ = night
    with pytest.MonkeyPatch.context() as patch:
        again = run_night(state, patch)
    assert again["status"] == "published"
    rows = [row_of_runs(one) for one in (night, (state, again))]
    assert [row["reused_posterior"] for row in rows] == [False, True]
    assert rows[0]["content_hash"] == rows[1]["content_hash"]
    for quantity, values in published_draws(state, again).items():
        np.testing.assert_array_equal(values, draws[quantity], err_msg=quantity)


@pytest.mark.parametrize(("block_draws", "workers"), [(97, 1), (5000, 3)])
def test_the_published_draws_do_not_depend_on_chunks_or_workers(night, draws, block_draws, workers):
    from flows.runtime.artifacts import load_posterior
    from flows.runtime.evidence import evidence_of
    from warehouse.layout import posterior_file

    state, _ = night
    raw = load_posterior(posterior_file(state, row_of_runs(night)["content_hash"])).flat()
    problem = problem_from_evidence(evidence_of(state, AS_OF), AS_OF)
    found = collect(simulate(problem, raw, DRAWS, SEED, block_draws, workers))
    for quantity, values in found.by_quantity.items():
        np.testing.assert_array_equal(values, draws[quantity], err_msg=quantity)
