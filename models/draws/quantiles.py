"""Quantiles of many series in one pass: exact where they fit in memory, streamed where they don't."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from models.draws.histogram import add, new_histograms
from models.draws.histogram import quantiles as histogram_quantiles

# Levels are whole per mille: as floats they break joins.
LEVELS: tuple[int, ...] = (50, 100, 250, 500, 750, 900, 950)
NINE_LEVELS: tuple[int, ...] = (25, *LEVELS, 975)


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
    place = np.asarray(levels) / 1000 * (n - 1)
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, n - 1)
    series = np.moveaxis(values, 0, -1)
    # The last place sorts any not-a-number to the end, where it is seen.
    part = np.partition(series, np.unique([*below, *above, n - 1]), axis=-1)
    left, right = part[..., below].astype(float), part[..., above].astype(float)
    # Where both neighbours are equal (also infinite) nothing is interpolated.
    with np.errstate(invalid="ignore"):
        between = np.where(left == right, left, left + (place - below) * (right - left))
    between[np.isnan(part[..., -1])] = np.nan
    return np.moveaxis(between, -1, 0)


def stream_quantiles(
    blocks: Iterable[Mapping[str, np.ndarray]],
    levels: Sequence[int] = NINE_LEVELS,
    periods: slice = slice(None),
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Quantiles of every quantity and period from blocks of draws, in memory that does not grow with them.

    Parameters
    ----------
    blocks : iterable of mapping of str to ndarray (draw, period)
        As `models.draws.simulate.simulate` yields them.
    levels : sequence of int
        Per mille.
    periods : slice
        Part of the period axis to summarise.

    Returns
    -------
    values, bound : dict of str to ndarray (level, period)
        Quantiles and the largest possible absolute error of each (see `models.draws.histogram.quantiles`).

    Raises
    ------
    ValueError
        No blocks.
    """
    histograms, names, width = None, [], 0
    for block in blocks:
        if histograms is None:
            names = list(block)
            width = block[names[0]][:, periods].shape[1]
            histograms = new_histograms(len(names) * width)
        for i, name in enumerate(names):
            add(histograms, i * width, block[name][:, periods].T)
    if histograms is None:
        raise ValueError("quantiles of no blocks")
    values, bound = histogram_quantiles(histograms, tuple(levels))
    parts = (np.split(found, len(names), axis=1) for found in (values, bound))
    quantiles, bounds = (dict(zip(names, part, strict=True)) for part in parts)
    return quantiles, bounds
