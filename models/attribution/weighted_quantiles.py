"""Quantiles of many series under many sets of weights, with those of blocks of the draws for their errors."""

from typing import Final

import numpy as np

from models.draws.quantiles import OUTER_LEVELS
from models.draws.summary import quantile_columns

COLUMNS: Final = tuple(quantile_columns(OUTER_LEVELS))
"""Names of the quantiles read off, in their order."""


class WeightedQuantiles:
    """Sorts the series once, and reads quantiles off for every set of weights.

    Parameters
    ----------
    values : ndarray (series, draw)
    block : ndarray of int (draw,)
        Blocks 0, 1, ... that are nearly independent of each other: stretches of chains.
    """

    def __init__(self, values: np.ndarray, block: np.ndarray) -> None:
        every = np.arange(values.shape[1])
        self.parts = []
        for at in (every, *(np.flatnonzero(block == b) for b in range(block.max() + 1))):
            order = at[np.argsort(values[:, at], axis=1, kind="stable")]
            self.parts.append((order, np.take_along_axis(values, order, axis=1)))

    def __call__(self, weight: np.ndarray) -> np.ndarray:
        """Quantiles of `COLUMNS` of all draws, then of each block alone, (1 + block, series, level)."""
        return np.array([_quantiles(weight[order], ordered) for order, ordered in self.parts])


def _quantiles(weight: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """Read quantiles off; half of a draw's weight lies on either side of it."""
    total = np.cumsum(weight, axis=1)
    middle = (total - weight / 2) / total[:, -1:]
    fractions = np.array(OUTER_LEVELS) / 1000
    return np.array([np.interp(fractions, m, x) for m, x in zip(middle, ordered, strict=True)])


def standard_error(of_blocks: np.ndarray) -> np.ndarray:
    """Take the standard error of an estimate from the same one in each block, (block, ...) to (...)."""
    return of_blocks.std(axis=0, ddof=1) / np.sqrt(len(of_blocks))
