"""Bootstrap intervals that draw whole groups of forecasts, since those of one target err together."""

from typing import Any

import numpy as np

RESAMPLES = 2_000
LEVEL = 0.9
FEWEST_GROUPS = 3


def skill[Scores: (float, np.ndarray)](ours: Scores, theirs: Scores) -> Scores:
    """One minus the ratio of two scores; not a number where the opponent's is not positive."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Any = np.where(np.asarray(theirs) > 0, 1.0 - ours / np.asarray(theirs, float), np.nan)[()]
    return found


def skill_interval(
    ours: np.ndarray, theirs: np.ndarray, cluster: np.ndarray, seed: int
) -> tuple[float, float]:
    """Bootstrap interval (90 %) of the skill, pairs drawn by whole clusters.

    Parameters
    ----------
    ours, theirs : ndarray (pair,)
        Scores on the same forecasts.
    cluster : ndarray of int (pair,)
        Number of the group of each pair, from 0.
    seed : int

    Returns
    -------
    low, high : float
        Not a number with fewer than three groups, or where the opponent made no error: nothing can be said.
    """
    if not np.isfinite(theirs).all() or not theirs.any():
        return float("nan"), float("nan")
    return _interval(skill(*_resampled(np.stack([ours, theirs]), cluster, seed)))


def mean_interval(values: np.ndarray, cluster: np.ndarray, seed: int) -> tuple[float, float]:
    """Bootstrap interval (90 %) of a mean, forecasts drawn by whole groups.

    Parameters
    ----------
    values : ndarray (forecast,)
    cluster, seed
        As in `skill_interval`.

    Returns
    -------
    low, high : float
        Not a number with fewer than three groups.
    """
    total, n = _resampled(np.stack([values, np.ones(len(values))]), cluster, seed)
    return _interval(total / n)


def _resampled(values: np.ndarray, cluster: np.ndarray, seed: int) -> np.ndarray:
    """Sum values (row, pair) over resampled clusters, (row, resample); not a number with fewer than three."""
    n = int(cluster.max()) + 1 if len(cluster) else 0
    if n < FEWEST_GROUPS:
        return np.full((len(values), 1), np.nan)
    sums = np.stack([np.bincount(cluster, row, n) for row in values], axis=1)
    weight = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), size=RESAMPLES)
    return (weight @ sums).T


def _interval(found: np.ndarray) -> tuple[float, float]:
    if np.isnan(found).all():
        return float("nan"), float("nan")
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.nanquantile(found, [tail, 1.0 - tail])
    return float(low), float(high)
