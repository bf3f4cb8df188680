"""A night freezes what it publishes, and scores what earlier nights froze when an outcome has come."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tests.warehouse.synthetic_warehouse as synthetic
from flows.night.frozen import freeze, scores_of_frozen
from flows.night.record import Night
from flows.runtime.artifacts import save_posterior
from flows.runtime.evidence import evidence_of
from flows.runtime.preparation import prepare_state
from flows.runtime.settings import resolve
from models.draws.simulate import PERIODS
from models.inference.from_evidence import problem_from_evidence
from models.inference.posterior import named
from models.inference.problem import parameter_shapes
from models.scoring.prospective import FROZEN_DRAWS
from tests.flows.small_state import take_in
from warehouse.draws import write_draws
from warehouse.frozen import VALUE_BITS, newest_frozen_scores, sha256_of
from warehouse.layout import frozen_file, posterior_file
from warehouse.query import query

TODAY = date(2027, 6, 30)
FROZEN_ON = date(2026, 1, 2)
OUTCOME = ("hbm_revenue", "2026", 50e9, "actual", "2027-02-20", "Yolo")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A state with one frozen night; not to be changed by a test."""
    state = tmp_path_factory.mktemp("made") / "state"
    found = replace(resolve(state=state), today=TODAY, as_of=TODAY)
    prepare_state(found.state)
    take_in(found.state, OUTCOME)
    publish(found, "early", as_of=FROZEN_ON, frozen=True)
    return found


@pytest.fixture
def settings(made, tmp_path):
    return replace(made, state=Path(shutil.copytree(made.state, tmp_path / "state")))


def publish(settings, run_id, **changes):
    """Publish a synthetic run whose fit names no figure, and whose draws no product, of this evidence."""
    draws = {name: v for name, v in synthetic.joint_draws(n=40).items() if "_class_" not in name}
    fit = synthetic.frames(draws, run_id, FROZEN_ON)["figure_fit"].iloc[:0]
    synthetic.publish(settings.state, run_id, draws, figure_fit=fit, **changes)


def tonight(settings, **changes):
    """A night whose posterior is the middle of the prior."""
    known = evidence_of(settings.state, settings.as_of)
    problem = problem_from_evidence(known, settings.as_of)
    shapes = parameter_shapes(problem.operator, problem.market)
    raw = {name: np.zeros((2, 5, *shape)) for name, shape in shapes.items()}
    path = posterior_file(settings.state, "middle")
    save_posterior(path, named(raw, {"diverging": np.zeros((2, 5))}, problem.market, problem.operator))
    return replace(Night(run_id="late", posterior=path), **changes)


def test_an_outcome_that_came_is_scored_once(settings):
    scored = scores_of_frozen(settings, tonight(settings))
    assert scored[["run_id", "frozen_run_id", "quantity", "period"]].to_numpy().tolist() == [
        ["late", "early", "hbm_revenue_usd", "2026"]
    ]
    row = scored.iloc[0]
    assert row["outcome_value"] == pytest.approx(50e9)
    drawn = synthetic.joint_draws(n=40)["hbm_revenue_usd"][:20:2, synthetic.PERIODS.index("2026")]
    assert row["absolute_error"] == pytest.approx(
        abs(np.log(50e9) - np.median(np.log(drawn))), abs=2.0**-VALUE_BITS
    )
    publish(settings, "late", as_of=TODAY, frozen_scores=scored)
    assert len(newest_frozen_scores(settings.state)) == 1
    assert scores_of_frozen(settings, tonight(settings)) is None, "nothing new has come"
    board = query(settings.state, "SELECT prospective, n FROM prospective_scoreboard").to_pylist()
    # It was frozen now for a day long ago.
    assert board == [{"prospective": False, "n": 1}]


def test_a_rerun_of_history_and_an_unchanged_night_score_nothing(settings):
    night = tonight(settings)
    assert scores_of_frozen(settings, replace(night, reused_posterior=True)) is None
    assert scores_of_frozen(replace(settings, as_of=date(2026, 6, 30)), night) is None


def test_a_file_that_was_touched_is_not_scored_and_the_log_says_so(settings, caplog):
    night = tonight(settings)
    path = settings.state / frozen_file("early")
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"x")
    assert scores_of_frozen(settings, night) is None
    assert "not the forecast that was published" in caplog.text


def test_a_night_freezes_its_quantiles_and_draws_by_lot(settings):
    values = {name: np.ones((400, len(PERIODS))) for name in ("hbm_revenue_usd", "hbm_bits_gb")}
    for array in values.values():
        array *= np.arange(1, 401)[:, None]
    file = settings.state / "all.parquet"
    write_draws(file, PERIODS, values)
    night = replace(tonight(settings), draws_file=file)
    forecast = synthetic.forecast_frame(synthetic.joint_draws(n=40), "late", TODAY)
    few = replace(settings, draws=400)
    path = freeze(few, night, forecast)
    kept = pd.read_parquet(path)
    drawn = kept[kept["draw"].notna()]
    assert set(drawn["quantity"]) == set(values), "any of them may be printed one day"
    assert "2027" in set(drawn["period"])
    assert "2024" not in set(drawn["period"]), "its outcome is long known"
    assert drawn["draw"].nunique() == FROZEN_DRAWS
    assert (drawn["value"] == drawn["draw"] + 1).all()
    assert {50, 500, 950} <= set(kept["level_per_mille"].dropna())
    assert sha256_of(freeze(few, night, forecast)) == sha256_of(path), "the same night, the same file"
    assert freeze(few, replace(night, draws_file=None), forecast) is None
