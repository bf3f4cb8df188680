"""Growth paths: the kept directions reproduce the Gaussian process they stand for."""

import numpy as np
import pandas as pd
import pytest

from models.chain.drivers import FINE_AUTOCORRELATION, FINE_VARIANCE, SMOOTH_VARIANCE, bases
from models.chain.paths import (
    GROWTH_AUTOCORRELATION,
    REFERENCE_QUARTER,
    path_basis,
    path_covariance,
    years_from_reference,
)
from models.vocabulary.periods import N_ALL, QUARTERS
from tests.places import DATA


def change_sd(covariance: np.ndarray, quarters: int) -> np.ndarray:
    """Standard deviation of the change over so many quarters, one per starting quarter."""
    step = np.eye(N_ALL)[quarters:] - np.eye(N_ALL)[:-quarters]
    return np.sqrt(np.diag(step @ covariance @ step.T))


def test_exact_process_has_a_yearly_change_of_one_and_starts_at_zero():
    exact = path_covariance()
    np.testing.assert_allclose(change_sd(exact, 4), 1.0, rtol=1e-12)
    np.testing.assert_allclose(exact[REFERENCE_QUARTER], 0.0, atol=1e-12)
    np.testing.assert_allclose(exact, exact.T, atol=1e-12)
    assert np.linalg.eigvalsh(exact).min() > -1e-10


@pytest.mark.parametrize("autocorrelation", [0.0, 0.3, 0.6, 0.9])
def test_exact_process_is_the_sum_of_autocorrelated_growth(autocorrelation):
    """Against a simulation without matrices: AR(1) growth, added up from the reference quarter."""
    generator = np.random.default_rng(4)
    n = 40_000
    growth = np.empty((n, N_ALL))
    growth[:, 0] = generator.standard_normal(n)
    for t in range(1, N_ALL):
        fresh = np.sqrt(1 - autocorrelation**2) * generator.standard_normal(n)
        growth[:, t] = autocorrelation * growth[:, t - 1] + fresh
    level = np.cumsum(growth, axis=1)
    path = level - level[:, [REFERENCE_QUARTER]]
    path /= (path[:, 4] - path[:, 0]).std()
    exact = path_covariance(autocorrelation)
    np.testing.assert_allclose(np.sqrt(np.diag(exact)), path.std(axis=0), atol=0.06)
    np.testing.assert_allclose(exact, np.cov(path.T), atol=0.03 * exact.max())


@pytest.mark.parametrize(
    ("kept", "level_error", "yearly_error"), [(0.999, 0.0002, 0.001), (0.99, 0.001, 0.0075)]
)
def test_truncation_error(kept, level_error, yearly_error):
    """What leaving fine directions out costs: 1 % of the variance of yearly changes by design (fine: 0.1 %).

    Of the standard deviation of a yearly change at most 0.75 % is lost in any quarter (0.1 %), of the level's
    covariance at most 0.1 % of its largest entry (0.02 %).
    """
    exact, basis = path_covariance(), path_basis(kept)
    truncated = basis @ basis.T
    assert np.abs(truncated - exact).max() <= level_error * exact.max()
    lost = 1 - change_sd(truncated, 4)
    assert (lost >= -1e-12).all(), "leaving directions out can only take variance away"
    assert lost.max() <= yearly_error
    assert 1 - (change_sd(truncated, 4) ** 2).mean() <= 1 - kept + 1e-12


def test_quarterly_changes_are_what_smooth_paths_lose():
    """A quarter's growth is rougher than a year's: smooth paths keep 80 % of its spread, fine ones 98 %."""
    exact = path_covariance()
    for kept, least in ((SMOOTH_VARIANCE, 0.79), (FINE_VARIANCE, 0.97)):
        basis = path_basis(kept)
        ratio = change_sd(basis @ basis.T, 1) / change_sd(exact, 1)
        assert least <= ratio.min()
        assert ratio.max() <= 1 + 1e-12


def test_a_full_basis_is_exact():
    basis = path_basis(1.0 - 1e-14)
    np.testing.assert_allclose(basis @ basis.T, path_covariance(), atol=1e-9)


def test_slow_and_fine_directions_together_are_the_fine_basis():
    fixed = bases()
    both = np.concatenate([fixed["basis_slow"], fixed["basis_fine"]], axis=1)
    np.testing.assert_array_equal(both, path_basis(FINE_VARIANCE, FINE_AUTOCORRELATION))
    assert fixed["basis_slow"].shape == fixed["basis_smooth"].shape
    np.testing.assert_array_equal(fixed["basis_smooth"], path_basis(SMOOTH_VARIANCE))


def test_years_count_from_the_reference_quarter():
    years = years_from_reference()
    assert years[QUARTERS.index("2022Q4")] == 0
    assert years[QUARTERS.index("2023Q4")] == 1
    assert years[0] == -1.75


@pytest.mark.parametrize(
    ("kept", "autocorrelation", "volatility", "known_to", "least"),
    [
        (FINE_VARIANCE, FINE_AUTOCORRELATION, 0.74, 0.03, 0.99),
        (SMOOTH_VARIANCE, GROWTH_AUTOCORRELATION, 0.3, 0.1, 0.95),
        (SMOOTH_VARIANCE, GROWTH_AUTOCORRELATION, 0.3, 0.15, 0.97),
    ],
)
def test_what_is_left_out_of_a_path_hardly_makes_its_next_quarters_too_sure(
    kept, autocorrelation, volatility, known_to, least
):
    """Deviation of the next six quarters, given those before with an error, beside that of the whole path."""

    def ahead(covariance: np.ndarray) -> np.ndarray:
        last = QUARTERS.index("2024Q2") + 1
        seen, unseen = slice(0, last), slice(last, last + 6)
        known = covariance[seen, seen] + known_to**2 * np.eye(last)
        gained = covariance[unseen, seen] @ np.linalg.solve(known, covariance[seen, unseen])
        return np.sqrt(np.diag(covariance[unseen, unseen] - gained))

    basis = volatility * path_basis(kept, autocorrelation)
    share = ahead(basis @ basis.T) / ahead(volatility**2 * path_covariance(autocorrelation))
    assert (share <= 1 + 1e-9).all()
    assert share.min() > least


def test_dram_revenue_is_as_persistent_from_quarter_to_quarter_as_said():
    """TrendForce's results to 2023Q1, known before the first vintage of the backtest."""
    figures = pd.read_csv(DATA / "figures" / "dram.csv", dtype=str, keep_default_na=False)
    rows = figures[(figures["metric"] == "dram_revenue") & (figures["entity"] == "industry")]
    rows = rows[(rows["kind"] == "actual") & rows["period"].between("2021Q1", "2023Q1")]
    rows = rows[rows["period"].str.fullmatch(r"\d{4}Q\d")]
    growth = np.diff(np.log(rows.astype({"value": float}).groupby("period")["value"].median().to_numpy()))
    assert len(growth) == 8
    about_mean = growth - growth.mean()
    found = [(x[1:] * x[:-1]).sum() / (x**2).sum() for x in (about_mean, growth)]
    assert found == pytest.approx([0.46, 0.56], abs=0.005)
    assert found[0] < FINE_AUTOCORRELATION < found[1]
