"""Leaving a figure out gives back what was known without it."""

import numpy as np
import pytest
from scipy.special import softmax

from models.inference.left_out import BY_MIXTURE, LOO_COLUMNS, PARETO_LIMIT, left_out, left_out_by_weights
from models.inference.observation import (
    log_likelihood,
    log_points,
    noise_scale,
    published,
    student4_cdf,
)
from models.inference.problem import quantity_rows, working_values
from models.inference.reweighting import smoothed_weights
from tests.models.forecast_world import figure
from tests.models.small_problem import draws_of_prior, problem

N_DRAWS = 2000


def test_leaving_a_figure_out_gives_back_what_was_known_without_it():
    """One figure at the edge of the prior: the posterior has moved to it; left out, it is at the edge."""
    # A range, not a point: what a lone point says is too much for the weights to undo (k above 0.7).
    of = problem([figure("alone", low=5.5e9, high=1.4e10, period="2023", kind="estimate")])
    prior = draws_of_prior(of, 6000, seed=11)
    theta, obs = working_values(prior, of.data()), of.operator.arrays
    points = log_points(np, quantity_rows(theta, of), obs)
    z = (obs["y"] - published(np, points, theta, obs)) / noise_scale(np, theta, obs)
    before = float(student4_cdf(np, z).mean())
    weight = softmax(log_likelihood(np, points, theta, obs)[:, 0])
    at = np.random.default_rng(5).choice(len(weight), N_DRAWS, p=weight)
    after = float(student4_cdf(np, z)[at].mean())
    found = left_out_by_weights(of, {k: v[at] for k, v in prior.items()})
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
    found = left_out_by_weights(of, draws_of_prior(of, 300)).set_index("figure_id")
    assert set(found.index) == {"new", "over", "under"}
    assert list(found.loc[["new", "over", "under"], "one_sided"]) == [False, True, True]
    assert found.loc["over", "pit"] > 0.999
    assert found.loc["under", "pit"] < 0.01
    assert (found["topic"] == "hbm").all()


def test_the_tail_of_weights_that_are_all_alike_is_no_tail():
    """The same heavy shape twice: where no weight is a hundredth above the mean it means nothing."""
    shape = np.abs(np.random.default_rng(3).standard_t(1.5, 4000))
    shape /= shape.max()
    weight, k = smoothed_weights(0.005 * shape)
    assert k == -np.inf
    assert np.ptp(weight) < 0.006 * weight.mean()
    assert smoothed_weights(50.0 * shape)[1] > PARETO_LIMIT


def test_a_figure_that_holds_the_posterior_is_left_out_by_a_mixture():
    """Weights of a lone point rest on a few draws (k above the limit); the mixture gives what was known."""
    harmless = figure("far", low=1e3, period="2026", publisher="B")
    of = problem([figure("alone", 1.35e10, period="2023", kind="actual"), harmless])
    prior = draws_of_prior(of, 20_000, seed=11)
    theta, obs = working_values(prior, of.data()), of.operator.arrays
    points = log_points(np, quantity_rows(theta, of), obs)
    z = (obs["y"] - published(np, points, theta, obs)) / noise_scale(np, theta, obs)
    likelihood = log_likelihood(np, points, theta, obs)
    far_alone = softmax(likelihood[:, 1])
    before = float(far_alone @ student4_cdf(np, z)[:, 0])
    generator = np.random.default_rng(5)
    asked = []

    def taken(weight: np.ndarray) -> dict[str, np.ndarray]:
        at = generator.choice(len(weight), N_DRAWS, p=weight)
        return {name: values[at] for name, values in prior.items()}

    def sample_mixture(share: np.ndarray) -> dict[str, np.ndarray]:
        asked.append(share)
        lacking = np.log(share, where=share > 0, out=np.full_like(share, -np.inf)) - likelihood
        of_all = likelihood.sum(axis=1)
        return taken(softmax(of_all + np.logaddexp(0.0, np.logaddexp.reduce(lacking, axis=1))))

    posterior = taken(softmax(likelihood.sum(axis=1)))
    by_weights = left_out_by_weights(of, posterior).set_index("figure_id")
    assert by_weights.loc["alone", "pareto_k"] > PARETO_LIMIT
    found = left_out(of, posterior, sample_mixture).set_index("figure_id")
    assert found.loc["alone", "method"] == BY_MIXTURE
    assert found.loc["alone", "pareto_k"] < PARETO_LIMIT
    assert found.loc["alone", "pit"] == pytest.approx(before, abs=0.03)
    assert [share[0] > 0 for share in asked] == [True]
    assert found.loc["far", "pit"] == by_weights.loc["far", "pit"]
