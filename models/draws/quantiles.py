"""Exact quantiles of many series in one pass."""

from collections.abc import Sequence

import numpy as np

# Levels are whole per mille: as floats they break joins.
LEVELS: tuple[int, ...] = (50, 100, 250, 500, 750, 900, 950)
OUTER_LEVELS: tuple[int, ...] = (50, 500, 950)


def exact_quantiles(values: np.ndarray, levels: Sequence[int] = LEVELS) -> np.ndarray:
    """Quantiles over the first axis by one partition of each series, as `numpy.quantile` defines them.

    Parameters
    ----------
    values : ndarray (draw, ...)
    levels : sequence of int
        Per mille.

    Returns
    -------
    ndarray of float64 (level, ...)
        Not a number for a series that holds one.

    Raises
    ------
    ValueError
        No draws.
    """
    n = len(values)
    if n == 0:
        raise ValueError("quantiles of no draws")
    _, below, above = _places(n, levels)
    series = np.moveaxis(values, 0, -1)
    # The last place sorts any not-a-number to the end, where it is seen.
    return quantiles_in_order(np.partition(series, np.unique([*below, *above, n - 1]), axis=-1), levels)


def quantiles_in_order(part: np.ndarray, levels: Sequence[int] = LEVELS) -> np.ndarray:
    """Quantiles as `exact_quantiles` gives them, of (..., draw) in order along the last axis."""
    place, below, above = _places(part.shape[-1], levels)
    left, right = part[..., below].astype(float), part[..., above].astype(float)
    # Where both neighbours are equal (also infinite) nothing is interpolated.
    with np.errstate(invalid="ignore"):
        between = np.where(left == right, left, left + (place - below) * (right - left))
    between[np.isnan(part[..., -1])] = np.nan
    return np.moveaxis(between, -1, 0)


def _places(n: int, levels: Sequence[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where each quantile of n draws lies, and the places of the draws below and above it."""
    place = np.asarray(levels) / 1000 * (n - 1)
    below = np.floor(place).astype(int)
    return place, below, np.minimum(below + 1, n - 1)
