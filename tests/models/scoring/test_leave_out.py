"""Leaving figures out by weights agrees with a fit that has not seen them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from models.scoring.leave_out import coverage_by, leave_out, refitted, surprises

Y = np.array([0.3, -0.2, 0.5, 1.4])
N_DRAWS = 40_000


def normal_world(seen: np.ndarray, seed: int = 3):
    """Posterior of the mean of normals with unit scale and a N(0, 1) prior, known in closed form."""
    variance = 1.0 / (1.0 + seen.sum())
    center = variance * Y[seen].sum()
    rng = np.random.default_rng(seed)
    mean = center + np.sqrt(variance) * rng.standard_normal(N_DRAWS)
    draws = {
        "log_likelihood": norm.logpdf(Y, mean[:, None]),
        "predicted": mean[:, None] + rng.standard_normal((N_DRAWS, len(Y))),
    }
    names = [f"f{i}" for i in range(len(Y))]
    figures = pd.DataFrame(
        {"publisher": ["a", "a", "b", "b"], "figure_id": names, "quantity": "q", "period": "2024"}
    )
    operator = SimpleNamespace(figures=figures, arrays={"y": Y, "censored": np.zeros(len(Y))})
    return SimpleNamespace(operator=operator, weight=seen.astype(float)), draws


def exact(left_out: list[int], i: int) -> tuple[float, float]:
    """PIT and log density of figure i without some figures."""
    kept = np.setdiff1d(np.arange(len(Y)), left_out)
    variance = 1.0 / (1.0 + len(kept))
    at = norm(variance * Y[kept].sum(), np.sqrt(1.0 + variance))
    return float(at.cdf(Y[i])), float(at.logpdf(Y[i]))


@pytest.mark.parametrize("by", ["figure_id", "publisher"])
def test_weights_leave_out_what_they_say(by):
    problem, draws = normal_world(np.ones(len(Y), bool))
    rows = leave_out(problem, draws, problem.operator.figures[by])
    assert (rows["pareto_k"] < 0.7).all()
    labels = problem.operator.figures[by]
    for i, row in rows.set_index("figure_id").loc[[f"f{i}" for i in range(len(Y))]].reset_index().iterrows():
        pit, elpd = exact(np.flatnonzero(labels == labels[i]).tolist(), int(i))
        assert row["pit"] == pytest.approx(pit, abs=0.015)
        assert row["elpd"] == pytest.approx(elpd, abs=0.05)


def test_a_refit_agrees_with_the_weights():
    seen = np.array([True, True, False, False])
    problem, draws = normal_world(seen)
    rows = refitted(problem, draws, np.ones(len(Y)), "b")
    assert rows["pit"].tolist() == pytest.approx([exact([2, 3], 2)[0], exact([2, 3], 3)[0]], abs=0.01)
    assert set(rows["method"]) == {"refit"}
    # What has no weight can't be left out.
    assert leave_out(problem, draws, problem.operator.figures["figure_id"])["figure_id"].tolist() == [
        "f0",
        "f1",
    ]


def test_one_sided_figures_have_no_pit():
    problem, draws = normal_world(np.ones(len(Y), bool))
    problem.operator.arrays["censored"] = np.array([0, 0, 0, 1])
    rows = leave_out(problem, draws, problem.operator.figures["figure_id"])
    assert rows["pit"].isna().tolist() == [False, False, False, True]
    assert coverage_by(rows, "quantity").set_index("quantity")["n"].to_dict() == {"all": 3, "q": 3}


def test_coverage_and_surprises_read_the_pit():
    rows = pd.DataFrame(
        {"publisher": "a", "figure_id": list("uvwx"), "quantity": "q", "pareto_k": 0.1,
         "pit": [0.5, 0.27, 0.08, 0.999]}
    )  # fmt: skip
    found = coverage_by(rows, "publisher").iloc[0]
    assert (found["coverage_50"], found["coverage_80"], found["coverage_90"]) == (0.5, 0.5, 0.75)
    assert surprises(rows, 2)["figure_id"].tolist() == ["x", "w"]
