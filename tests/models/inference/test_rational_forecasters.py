"""Worlds of rational forecasters: does the observation model read them as they are?

One quantity whose growth is AR(1), with booms and busts of its own making. Forecasters know the quarters that
are over, see a noisy signal of what comes, partly the same signal, and print what is then to be expected. The
posterior is computed in closed form from the very functions of the model (`models.inference.news`,
`models.inference.observation`); the truth follows the whole process, not the model's truncated paths.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from models.chain.drivers import SMOOTH_VARIANCE
from models.chain.paths import GROWTH_AUTOCORRELATION, path_basis, path_covariance, years_from_reference
from models.inference.news import surprise
from models.inference.observation import LEAST_FORESIGHT, error_share, foresight
from models.vocabulary.periods import N_ALL

VOLATILITY, DRIFT_SD, LEVEL_SD, MEAN_DRIFT = 0.5, 0.25, 0.3, 0.2
FORGETTING = 0.5
SHARED = 0.5
LAST_QUARTER = 15
"""As of the end of 2024: forecasts since 2022Q4 speak of 2025 and 2026; 2026 is asked for."""
TARGET_YEAR = 5
WORLDS = 6_000
NORMAL_80 = 1.2815515655446004


@dataclass(frozen=True)
class Forecast:
    """One publication: last quarter over, year it is about, foresight, variance of its news and error."""

    last_known: int
    year: int
    share: float
    news_weights: np.ndarray
    news_variance: float
    error_variance: float


def weights_of(year: int) -> np.ndarray:
    out = np.zeros(N_ALL)
    out[4 * year : 4 * year + 4] = 0.25
    return out


def forecasts(regresses: bool = True) -> list[Forecast]:
    """Four forecasters a quarter for two years, two of each year."""
    covariance = path_covariance()
    found = []
    for last in range(7, LAST_QUARTER + 1):
        for year in (4, 5):
            horizon = (4 * year + 4 - (last + 1.5)) / 4
            obs = {
                "foresight": np.array([0]),
                "horizon": np.array([horizon]),
                "regresses": np.array([float(regresses)]),
            }
            theta = {"log_forgetting": np.log([FORGETTING])}
            news = surprise(GROWTH_AUTOCORRELATION, last).T @ weights_of(year)
            variance = VOLATILITY**2 * float(news @ covariance @ news)
            share, error = (float(f(np, theta, obs)[0]) for f in (foresight, error_share))
            found += [Forecast(last, year, share, news, variance, error * variance)] * 2
    return found


def make_worlds(rng: np.random.Generator, said: list[Forecast]) -> tuple[np.ndarray, np.ndarray]:
    """Log paths (world, quarter), and what is printed (world, forecast) by rational forecasters."""
    factor = np.linalg.cholesky(path_covariance() + 1e-10 * np.eye(N_ALL))
    level, drift = LEVEL_SD * rng.standard_normal(WORLDS), MEAN_DRIFT + DRIFT_SD * rng.standard_normal(WORLDS)
    shocks = VOLATILITY * rng.standard_normal((WORLDS, N_ALL)) @ factor.T
    path = level[:, None] + drift[:, None] * years_from_reference() + shocks
    cells = {
        key: rng.standard_normal(WORLDS) for key in dict.fromkeys(cell for f in said for cell in cells_of(f))
    }
    printed = []
    for f in said:
        news = shocks @ f.news_weights
        expected = path @ weights_of(f.year) - news
        # The error of a rational forecaster with foresight k of news with variance V: k (1 - k) V.
        own = f.share * (1 - f.share) * f.news_variance
        together = sum(cells[c] for c in cells_of(f)) / np.sqrt(2)
        error = np.sqrt(own) * (
            np.sqrt(SHARED) * together + np.sqrt(1 - SHARED) * rng.standard_normal(WORLDS)
        )
        printed.append(expected + f.share * news + error)
    return path, np.array(printed).T


def cells_of(f: Forecast) -> tuple[tuple[str, int], tuple[str, int]]:
    return ("year", f.year), ("quarter", f.last_known)


def posterior(
    path: np.ndarray, printed: np.ndarray, said: list[Forecast], regresses: bool
) -> tuple[np.ndarray, float]:
    """Mean (world,) and standard deviation of the target's log by the model's reading of what is printed."""
    basis = path_basis(SMOOTH_VARIANCE)
    cells = list(dict.fromkeys(cell for f in said for cell in cells_of(f)))
    design = np.column_stack([np.ones(N_ALL), years_from_reference(), VOLATILITY * basis])
    rest = np.zeros(len(cells))
    prior_mean = np.concatenate([[0.0, MEAN_DRIFT], np.zeros(basis.shape[1] + len(cells))])
    prior_sd = np.concatenate([[LEVEL_SD, DRIFT_SD], np.ones(basis.shape[1] + len(cells))])
    rows = [np.concatenate([design[q], rest]) for q in range(LAST_QUARTER + 1)]
    variances = [0.02**2] * len(rows)
    for f in said:
        news = np.concatenate([[0.0, 0.0], f.news_weights @ design[:, 2:]])
        row = weights_of(f.year) @ design - (1 - f.share) * news * regresses
        street = rest.copy()
        for cell in cells_of(f):
            street[cells.index(cell)] = np.sqrt(SHARED / 2 * f.error_variance)
        rows.append(np.concatenate([row, street]))
        variances.append((1 - SHARED) * f.error_variance + 1e-6)
    matrix, precision = np.array(rows), 1 / np.array(variances)
    seen = np.concatenate([path[:, : LAST_QUARTER + 1], printed], axis=1)
    inverse = np.linalg.inv(np.diag(prior_sd**-2) + matrix.T @ (precision[:, None] * matrix))
    mean = (prior_mean / prior_sd**2 + (seen * precision) @ matrix) @ inverse
    target = np.concatenate([weights_of(TARGET_YEAR) @ design, rest])
    return mean @ target, float(np.sqrt(target @ inverse @ target))


@pytest.fixture(scope="module")
def worlds():
    said = forecasts()
    path, printed = make_worlds(np.random.default_rng(7), said)
    return said, path, printed


def judged(worlds, regresses: bool) -> dict[str, float]:
    """Coverage of 80 % intervals over all, after a boom, after a bust; the mean error and its error."""
    said, path, printed = worlds
    read = said if regresses else forecasts(regresses=False)
    mean, sd = posterior(path, printed, read, regresses)
    error = mean - path @ weights_of(TARGET_YEAR)
    inside = np.abs(error) < NORMAL_80 * sd
    momentum = path[:, LAST_QUARTER] - path[:, LAST_QUARTER - 4]
    boom, bust = momentum > np.quantile(momentum, 0.8), momentum < np.quantile(momentum, 0.2)
    return {
        "all": inside.mean(), "boom": inside[boom].mean(), "bust": inside[bust].mean(),
        "error": error.mean(), "standard_error": error.std() / np.sqrt(WORLDS),
        "boom_error": error[boom].mean(), "boom_standard_error": error[boom].std() / np.sqrt(boom.sum()),
    }  # fmt: skip


def test_intervals_hold_what_they_say_in_booms_and_in_busts(worlds):
    found = judged(worlds, regresses=True)
    assert 0.78 <= found["all"] <= 0.82
    assert 0.75 <= found["boom"] <= 0.85
    assert 0.75 <= found["bust"] <= 0.85
    assert abs(found["error"]) < 2 * found["standard_error"]
    assert abs(found["boom_error"]) < 3 * found["boom_standard_error"]


def test_forecasts_taken_as_printed_do_worse(worlds):
    """The same figures read as truth plus noise: intervals too narrow, booms overshot or undershot."""
    as_printed, rational = judged(worlds, regresses=False), judged(worlds, regresses=True)
    assert as_printed["all"] < rational["all"] - 0.05


def test_foresight_falls_from_one_and_never_to_nothing():
    obs = {"foresight": np.zeros(3, int), "horizon": np.array([0.0, 1.0, 50.0]), "regresses": np.ones(3)}
    share = foresight(np, {"log_forgetting": np.log([FORGETTING])}, obs)
    assert share[0] == 1.0
    assert share[1] == pytest.approx(LEAST_FORESIGHT + (1 - LEAST_FORESIGHT) * np.exp(-FORGETTING))
    assert share[2] == pytest.approx(LEAST_FORESIGHT)
