import numpy as np
import pytest
from scipy.stats import norm, truncnorm

from models.systems.gaussian_update import error_covariance, kept_share, learn, path_prior

DRAWS = 40_000


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def learn_level(misfit, noise_sd, prior_mean, prior_sd, rng, side=None):
    """One correction that doesn't change with time, from figures with errors or a covariance of errors."""
    covariance = np.diag(noise_sd**2) if noise_sd.ndim == 1 else noise_sd
    weights = np.ones((misfit.shape[1], 1))
    return learn(misfit, weights, covariance, np.array([prior_mean]), np.array([[prior_sd**2]]), rng, side)


def test_one_level_is_the_conjugate_answer(rng):
    misfit = np.array([[0.3, 0.5, -0.1]])
    noise = np.array([0.2, 0.4, 0.3])
    found = learn_level(np.repeat(misfit, DRAWS, axis=0), noise, 0.1, 0.5, rng).paths[:, 0]
    precision = 1 / 0.5**2 + (1 / noise**2).sum()
    mean = (0.1 / 0.5**2 + (misfit / noise**2).sum()) / precision
    assert found.mean() == pytest.approx(mean, abs=0.005)
    assert found.std() == pytest.approx(precision**-0.5, rel=0.02)


def test_each_draw_learns_from_its_own_misfit(rng):
    misfit = rng.normal(size=(DRAWS, 1))
    found = learn_level(misfit, np.array([0.1]), 0.0, 1.0, rng).paths[:, 0]
    slope = np.polyfit(misfit[:, 0], found, 1)[0]
    assert slope == pytest.approx(1 / 1.01, abs=0.005)


def test_a_shared_error_does_not_average_out(rng):
    labels, n = np.zeros(50), 50
    covariance = error_covariance(np.full(n, 0.1), [(labels, np.full(n, 0.5))])
    found = learn_level(np.zeros((DRAWS, n)), covariance, 0.0, 10.0, rng).paths
    assert found.std() == pytest.approx(0.5, rel=0.03)


def test_a_path_learns_most_where_the_figure_is(rng):
    weights = np.zeros((1, 28))
    weights[0, 10:14] = 0.25
    prior = path_prior(28, 0.5, 0.4, 0.8)
    found = learn(np.ones((DRAWS, 1)), weights, np.array([[0.01]]), np.zeros(28), prior, rng).paths
    expected = (prior @ weights.T @ np.linalg.inv(weights @ prior @ weights.T + 0.01))[:, 0]
    np.testing.assert_allclose(found.mean(axis=0), expected, atol=0.02)
    assert found[:, 12].std() < found[:, 27].std()


def test_no_figures_leave_the_prior(rng):
    found = learn_level(np.empty((DRAWS, 0)), np.empty(0), 0.3, 0.6, rng)
    assert found.paths.mean() == pytest.approx(0.3, abs=0.01)
    assert found.paths.std() == pytest.approx(0.6, rel=0.02)
    assert found.kept_share() == 1.0


@pytest.mark.parametrize("side", [-1, 1])
def test_one_bound_is_a_softly_truncated_normal(rng, side):
    # Prior N(0, 1), noise 0.001: a hard cut at 0.4.
    found = learn_level(np.full((DRAWS, 1), 0.4), np.array([1e-3]), 0.0, 1.0, rng, np.array([side])).paths
    cut = truncnorm(-np.inf, 0.4) if side < 0 else truncnorm(0.4, np.inf)
    assert found.mean() == pytest.approx(cut.mean(), abs=0.01)
    assert found.std() == pytest.approx(cut.std(), rel=0.03)


def test_bound_and_figure_together_match_importance_weights(rng):
    misfit, noise, side = np.array([[0.8, 0.2, 0.6]]), np.array([0.5, 0.3, 0.4]), np.array([0, -1, 1])
    found = learn_level(np.repeat(misfit, DRAWS, axis=0), noise, 0.0, 0.7, rng, side).paths[:, 0]
    grid = np.linspace(-3, 3, 6001)
    density = norm.pdf(grid, 0, 0.7) * norm.pdf(0.8, grid, 0.5)
    density *= norm.cdf((0.2 - grid) / 0.3) * norm.cdf((grid - 0.6) / 0.4)
    density /= density.sum()
    mean = (grid * density).sum()
    assert found.mean() == pytest.approx(mean, abs=0.01)
    assert found.std() == pytest.approx(((grid - mean) ** 2 * density).sum() ** 0.5, rel=0.03)


def test_a_bound_far_away_says_nothing_and_one_far_broken_holds(rng):
    far = learn_level(np.full((DRAWS, 1), 9.0), np.array([0.1]), 0.0, 1.0, rng, np.array([-1])).paths
    assert far.std() == pytest.approx(1.0, rel=0.02)
    broken = learn_level(np.full((DRAWS, 1), -9.0), np.array([1e-3]), 0.0, 1.0, rng, np.array([-1])).paths
    assert broken.max() < -8.9


def test_the_evidence_says_how_much_feedback_is_left_out(rng):
    same = learn_level(np.zeros((100, 1)), np.array([0.1]), 0.0, 1.0, rng)
    assert same.kept_share() == pytest.approx(1.0)
    other = learn_level(rng.normal(size=(2000, 1)) * 3, np.array([0.1]), 0.0, 1.0, rng)
    assert other.kept_share() < 0.6
    expected = norm.logpdf(0.0, 0.0, 1.01**0.5)
    assert same.log_evidence[0] == pytest.approx(expected, abs=1e-6)
    assert kept_share(np.array([0.0, -1000.0])) == pytest.approx(0.5)


def test_shapes_that_do_not_match_are_refused(rng):
    with pytest.raises(ValueError, match="weights"):
        learn(np.zeros((5, 2)), np.zeros((1, 3)), np.eye(2), np.zeros(3), np.eye(3), rng)
