"""Leaving a figure out gives back what was known without it."""

import numpy as np
import pytest
from scipy.special import softmax

from models.draws.left_out import LOO_COLUMNS, left_out_one_by_one
from models.inference.observation import (
    log_likelihood,
    log_points,
    noise_scale,
    published,
    student4_cdf,
)
from models.inference.pymc_model import quantity_rows, working_values
from tests.models.forecast_world import figure
from tests.models.small_problem import draws_of_prior, problem

N_DRAWS = 2000


def test_leaving_a_figure_out_gives_back_what_was_known_without_it():
    """One figure at the edge of the prior: the posterior has moved to it; left out, it is at the edge."""
    # A range, not a point: what a lone point says is too much for the weights to undo (k above 0.7).
    of = problem([figure("alone", low=6e9, high=1.35e10, period="2023", kind="estimate")])
    prior = draws_of_prior(of, 6000, seed=11)
    theta, obs = working_values(prior, of.data()), of.operator.arrays
    points = log_points(np, quantity_rows(theta, of), obs)
    z = (obs["y"] - published(np, points, theta, obs)) / noise_scale(np, theta, obs)
    before = float(student4_cdf(np, z).mean())
    weight = softmax(log_likelihood(np, points, theta, obs)[:, 0])
    at = np.random.default_rng(5).choice(len(weight), N_DRAWS, p=weight)
    after = float(student4_cdf(np, z)[at].mean())
    found = left_out_one_by_one(of, {k: v[at] for k, v in prior.items()})
    assert list(found.columns) == list(LOO_COLUMNS)
    assert found["pareto_k"][0] < 0.7
    assert found["pit"][0] == pytest.approx(before, abs=0.03)
    assert abs(after - before) > 0.15, "the figure drew the posterior to it"


def test_a_figure_without_weight_is_not_left_out_and_a_bound_has_its_probability():
    old = figure("old", 3e9, period="2023", kind="estimate", published_on="2024-01-10")
    new = figure("new", 4e9, period="2023", kind="estimate", published_on="2024-06-10")
    over = figure("over", low=1e3, period="2025", publisher="B")
    under = figure("under", high=1e3, period="2025", publisher="C")
    of = problem([old, new, over, under])
    found = left_out_one_by_one(of, draws_of_prior(of, 300)).set_index("figure_id")
    assert set(found.index) == {"new", "over", "under"}
    assert list(found.loc[["new", "over", "under"], "one_sided"]) == [False, True, True]
    assert found.loc["over", "pit"] > 0.999
    assert found.loc["under", "pit"] < 0.01
    assert (found["topic"] == "hbm").all()
