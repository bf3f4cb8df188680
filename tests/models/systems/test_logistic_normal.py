"""Logistic-normal shares: exact where the answer is known, and shares in every draw."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from models.evidence.assumptions import Prior
from models.systems.logistic_normal import ANCHOR, Layer, drifting_walk_covariance, posterior_paths
from models.systems.share_figures import Observations, linearised, predicted, shares
from models.vocabulary.periods import N_QUARTERS

FIXED = Prior(0.0, 1e-9, "lognormal")


def two_parts(y, sd, quarter=ANCHOR, censored=0, level_sd=1.0):
    """One figure about the first of two parts in one quarter."""
    layer = Layer(np.zeros(2), np.array([level_sd, 0.0]), 0.0, 0.3)
    weight = np.zeros((1, N_QUARTERS))
    weight[0, quarter] = 1
    seen = Observations(
        np.array([y]),
        np.zeros(1, bool),
        np.zeros(1, int),
        np.ones((1, 1)),
        weight,
        np.array([sd]),
        np.zeros(1),
        censored=np.array([censored]),
    )
    return layer, seen


def log_ratio(layer, seen, n=20_000):
    latent, _ = posterior_paths([layer], seen, FIXED, FIXED, n, np.random.default_rng(5))
    return latent[:, 0, 0] - latent[:, 0, 1]


def test_one_figure_about_one_quarter_is_bayes_rule():
    # Logit of the first share of two is their log-ratio: linear, so that the answer is known.
    layer, seen = two_parts(0.8, 0.5)
    found = log_ratio(layer, seen)[:, ANCHOR]
    assert found.mean() == pytest.approx(0.8 / 1.25, abs=0.02)
    assert found.std() == pytest.approx(np.sqrt(0.2), rel=0.03)


def test_far_quarters_know_less():
    layer, seen = two_parts(0.8, 0.1)
    spread = log_ratio(layer, seen, 4000).std(axis=0)
    assert spread[-1] > 2 * spread[ANCHOR]
    own = np.diag(drifting_walk_covariance(1.0, 0.0, 0.3)) + np.diag(drifting_walk_covariance(0.0, 0.0, 0.3))
    assert (spread < 1.05 * np.sqrt(own)).all()


def test_one_sided_figure_matches_quadrature():
    layer, seen = two_parts(1.0, 0.3, censored=1)
    found = log_ratio(layer, seen)[:, ANCHOR]
    grid = np.linspace(-5, 6, 4001)
    weight = norm.pdf(grid) * norm.cdf((grid - 1.0) / 0.3)
    mean = (grid * weight).sum() / weight.sum()
    assert found.mean() == pytest.approx(mean, abs=0.03)
    assert found.std() == pytest.approx(np.sqrt(((grid - mean) ** 2 * weight).sum() / weight.sum()), rel=0.06)


def test_under_mirrors_over():
    over, under = (log_ratio(*two_parts(s * 1.0, 0.3, censored=s))[:, ANCHOR].mean() for s in (1, -1))
    assert over == pytest.approx(-under, abs=0.03)


def test_jacobian_is_the_derivative():
    rng = np.random.default_rng(0)
    shape = (2, 3, N_QUARTERS)
    weight = rng.random((5, N_QUARTERS))
    seen = Observations(
        np.zeros(5),
        np.array([False, True, False, True, False]),
        np.array([0, 1, 2, 0, 1]),
        np.array([[1, 0], [1, 1], [1, 0.5], [1, 0], [1, 1]], float),
        weight / weight.sum(axis=1, keepdims=True),
        np.ones(5),
        np.zeros(5),
    )
    x = rng.normal(0, 0.7, np.prod(shape))
    said, jacobian = linearised(x, shape, seen)
    np.testing.assert_allclose(said, predicted(x.reshape(1, *shape), seen)[0])
    step = 1e-5 * np.eye(len(x))
    both = predicted(np.concatenate([x + step, x - step]).reshape(-1, *shape), seen)
    np.testing.assert_allclose(jacobian.T, (both[: len(x)] - both[len(x) :]) / 2e-5, atol=1e-8)


def test_shares_add_up_and_shift_moves_them():
    layer, seen = two_parts(0.0, 0.2)
    shift = np.zeros((500, 2, N_QUARTERS))
    shift[:, 0] = 0.7
    still = posterior_paths([layer], seen, FIXED, FIXED, 500, np.random.default_rng(1))[0]
    moved = posterior_paths([layer], seen, FIXED, FIXED, 500, np.random.default_rng(1), shift)[0]
    np.testing.assert_allclose(shares(moved[:, 0]).sum(axis=1), 1, rtol=1e-12)
    # The figure speaks of the whole, the known movement included: near the figure it takes most of it back.
    change = (moved - still)[:, 0, 0] - (moved - still)[:, 0, 1]
    assert abs(change[:, ANCHOR]).max() < 0.05
    assert expit(0.7) > 0.6


def test_same_seed_same_draws_and_no_figures_is_the_prior():
    layer, seen = two_parts(0.0, 0.2)
    first, second = (
        posterior_paths([layer], seen, FIXED, FIXED, 50, np.random.default_rng(9))[0] for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    nothing = Observations(
        np.zeros(0), np.zeros(0, bool), np.zeros(0, int), np.zeros((0, 1)), np.zeros((0, N_QUARTERS)),
        np.zeros(0), np.zeros(0),
    )  # fmt: skip
    prior = posterior_paths([layer], nothing, FIXED, FIXED, 20_000, np.random.default_rng(2))[0][:, 0, 0]
    assert prior[:, ANCHOR].std() == pytest.approx(1.0, rel=0.03)


def test_figures_that_disagree_widen_the_noise():
    layer, _ = two_parts(0, 1)
    weight = np.zeros((6, N_QUARTERS))
    weight[:, ANCHOR] = 1
    factor = Prior(0.0, 0.5, "lognormal")
    about = []
    for y in ([0.0] * 6, [-1.5, 1.5, -1.5, 1.5, -1.5, 1.5]):
        seen = Observations(
            np.array(y), np.zeros(6, bool), np.zeros(6, int), np.ones((6, 1)), weight, np.full(6, 0.3),
            np.zeros(6), censored=np.zeros(6, int),
        )  # fmt: skip
        about.append(posterior_paths([layer], seen, FIXED, factor, 20, np.random.default_rng(1))[1])
    assert about[1]["noise_factor"] > 1.3 * about[0]["noise_factor"]
