"""A whole night on the synthetic world: its forecast holds the truth, and comes out as committed.

Its posterior is the Gaussian about the mode (`tests.world.approximate`). The same is asked of the one that is
compiled and sampled, which takes minutes, in tests/slow/test_sampled_night.py.
"""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from models.draws.joint import collect
from models.draws.simulate import simulate
from models.evidence.validation import validate
from models.inference.from_evidence import problem_from_evidence
from tests.evidence import evidence_of_tables
from tests.prefect_server import talking_to
from tests.world import holds
from tests.world.design import AS_OF, TODAY
from tests.world.files import (
    APPROXIMATE_SUMMARY,
    DATA,
    PLANTED,
    committed_world,
    summary_of,
    tables,
    truth_table,
)
from tests.world.generate import is_plain
from tests.world.holds import truth
from tests.world.night import (
    DRAWS,
    SEED,
    forecast_of,
    published_draws,
    run_night,
    table_of_draws,
    tables_of,
)

RENEW = "if the change is meant: python -m tests.world"
# Between machines the mode differs by what the last step of its search gains.
AS_COMMITTED = 0.01


@pytest.fixture(scope="module")
def server(prefect_url):
    with talking_to(prefect_url):
        yield


@pytest.fixture(scope="module")
def night(server, tmp_path_factory):
    """State folder and outcome of one night."""
    from dashboards import sampler_charts

    state = tmp_path_factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patch:
        # Charts of all of the slowest parameters are drawn for the page of tests/dashboards: each costs.
        patch.setattr(sampler_charts, "slowest", partial(sampler_charts.slowest, n=2))
        outcome = run_night(state, patch)
    return state, outcome


@pytest.fixture(scope="module")
def draws(night) -> dict[str, np.ndarray]:
    """Published draws, (draw, period)."""
    return published_draws(*night)


def row_of_runs(night) -> dict:
    from warehouse.query import query

    state, outcome = night
    (row,) = query(state, f"from runs where run_id = '{outcome['run_id']}'").to_pylist()
    return row


# -- the world on disk


def test_the_committed_world_is_what_its_generator_makes():
    """A change of the chain or of the observation model changes what its publications say."""
    world = committed_world()
    assert is_plain(world)
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
    holds.intervals_hold_the_truth_about_as_often_as_they_say(draws)


def test_no_truth_is_unthinkable(draws):
    # Sizes of errors are held at their medians: a little too sure of itself.
    holds.no_truth_is_unthinkable(draws, most=6.0)


def test_the_forecast_knows_the_past_better_than_the_future(draws):
    holds.the_past_is_better_known_than_the_future(draws)


def test_the_forecast_comes_out_as_committed(night):
    state, outcome = night
    found = summary_of(forecast_of(state, outcome["run_id"])).set_index(["quantity", "period"])
    kept = pd.read_csv(APPROXIMATE_SUMMARY, dtype={"period": str}).set_index(["quantity", "period"])
    assert set(kept.index) == set(found.index), RENEW
    for name in ("p05", "p50", "p95"):
        wanted = kept.loc[found.index, name]
        far = (found[name] - wanted).abs() > AS_COMMITTED * wanted.abs()
        assert not far.any(), f"{name}: {found[far]}\nwas {wanted[far]}\n{RENEW}"


def test_what_is_published_later_is_not_seen(night, draws):
    holds.what_is_published_later_is_not_seen(tables_of(night)["figure_fit"], draws)


def test_every_figure_has_its_reason_or_its_place(night):
    fitted = tables_of(night)["figure_fit"]
    unused = fitted[~fitted["used"].astype(bool)]
    assert (unused["reason"].fillna("") != "").all()
    assert set(committed_world().figures["figure_id"]) <= set(fitted["figure_id"])


def test_the_same_night_again_reuses_the_posterior_and_gives_the_same_draws(night):
    from flows.night import flow

    state, _ = night
    with pytest.MonkeyPatch.context() as patch:
        # Its page is that of the night before, and costs as much as the rest.
        patch.setattr(flow, "REAL", flow.REAL._replace(report=lambda settings, night, report: night))
        again = run_night(state, patch)
    assert again["status"] == "published"
    rows = [row_of_runs(one) for one in (night, (state, again))]
    assert [row["reused_posterior"] for row in rows] == [False, True]
    assert rows[0]["content_hash"] == rows[1]["content_hash"]
    assert table_of_draws(state, again).equals(table_of_draws(*night))


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
