"""Quantiles of many series from blocks of draws in bounded memory, by histograms on the bits of the numbers.

The night holds its draws and takes exact quantiles; the benchmark draws millions.

The bits of a float32, read as an integer, grow with the number, evenly within each power of two: shifting
them right gives bins of nearly equal relative width without a logarithm. Each series has a window of
`BINS` bins. Where a value falls outside it, the window moves, or neighbouring bins merge, exactly. So no
value is ever lost, and the final bins depend only on what was counted, not on its order or chunks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from models.draws.quantiles import LEVELS

NINE_LEVELS: tuple[int, ...] = (25, *LEVELS, 975)
# A series over a factor of eight then has bins at most 0.2 % wide; 8 KB a series stay in cache.
BINS = 2048
FINEST_SHIFT = 4
_EMPTY_LOW, _EMPTY_HIGH = np.int32(2**31 - 1), np.int32(-(2**31))
_SIGN = np.int32(0x7FFFFFFF)


@dataclass
class Histograms:
    """Counts of many series.

    Attributes
    ----------
    counts : ndarray of uint32 (series, bin)
    shift, base : ndarray of int32 (series,)
        Bin of a key is ``(key >> shift) - base``.
    low, high : ndarray of int32 (series,)
        Smallest and largest key seen, zeros left out.
    zeros, nans : ndarray of int64 (series,)
        Numbers equal to zero, which has no place on a logarithmic scale, and not-a-numbers.
    """

    counts: np.ndarray
    shift: np.ndarray
    base: np.ndarray
    low: np.ndarray
    high: np.ndarray
    zeros: np.ndarray
    nans: np.ndarray


def new_histograms(n_series: int) -> Histograms:
    """Make empty histograms: 8 KB a series, however many values are added."""
    return Histograms(
        np.zeros((n_series, BINS), np.uint32),
        np.full(n_series, FINEST_SHIFT, np.int32),
        np.zeros(n_series, np.int32),
        np.full(n_series, _EMPTY_LOW),
        np.full(n_series, _EMPTY_HIGH),
        np.zeros(n_series, np.int64),
        np.zeros(n_series, np.int64),
    )


def add(histograms: Histograms, first: int, values: np.ndarray) -> None:
    """Count values of neighbouring series.

    Parameters
    ----------
    histograms : Histograms
        Changed in place.
    first : int
        Series of the first row.
    values : ndarray of float32 (series, value)
        Rows contiguous.
    """
    h, stop = histograms, first + len(values)
    bits = np.ascontiguousarray(values, np.float32).view(np.int32)
    _kernel()(
        bits,
        h.counts[first:stop],
        h.shift[first:stop],
        h.base[first:stop],
        h.low[first:stop],
        h.high[first:stop],
        h.zeros[first:stop],
        h.nans[first:stop],
    )


def quantiles(histograms: Histograms, levels: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles of every series (NumPy's linear definition) and how far they can be off.

    Each order statistic is placed inside its bin by its rank; it lies in that bin, so the error is at most
    the width of the bin, which is at most ``2^-23 2^shift`` of the value. Bins end at the smallest and
    largest value seen: constants are exact.

    Parameters
    ----------
    histograms : Histograms
    levels : tuple of int
        Per mille.

    Returns
    -------
    values, bound : ndarray of float64 (level, series)
        Quantiles and the largest possible absolute error. Not a number where a series is empty or has a nan.
    """
    n_series = len(histograms.counts)
    values, bound = np.full((2, len(levels), n_series), np.nan)
    for i in range(n_series):
        if histograms.nans[i] == 0:
            values[:, i], bound[:, i] = _quantiles(histograms, i, levels)
    return values, bound


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
        Quantiles and the largest possible absolute error of each (see `quantiles`).

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
    values, bound = quantiles(histograms, tuple(levels))
    parts = (np.split(array, len(names), axis=1) for array in (values, bound))
    found, bounds = (dict(zip(names, part, strict=True)) for part in parts)
    return found, bounds


def _quantiles(h: Histograms, i: int, levels: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles of one series from its occupied bins."""
    at = np.flatnonzero(h.counts[i])
    count = h.counts[i, at].astype(np.int64)
    bins = (at + np.int64(h.base[i])) << int(h.shift[i])
    lower = _value(np.maximum(bins, h.low[i]))
    upper = _value(np.minimum(bins + (1 << int(h.shift[i])), h.high[i]))
    if h.zeros[i]:
        below = int((bins < 0).sum())
        lower, upper = np.insert(lower, below, 0.0), np.insert(upper, below, 0.0)
        count = np.insert(count, below, h.zeros[i])
        # The bin that holds the largest negative number must not reach beyond zero.
        upper[:below] = np.minimum(upper[:below], 0.0)
    if not len(count):
        return np.full(len(levels), np.nan), np.full(len(levels), np.nan)
    end = np.cumsum(count)
    place = np.array(levels) / 1000 * (end[-1] - 1)
    floor = np.floor(place).astype(np.int64)
    parts = []
    for rank in (floor, np.minimum(floor + 1, end[-1] - 1)):
        b = np.searchsorted(end, rank, side="right")
        inside = (rank - (end[b] - count[b]) + 0.5) / count[b]
        parts.append((lower[b] + inside * (upper[b] - lower[b]), upper[b] - lower[b]))
    weight = place - floor
    (left, left_width), (right, right_width) = parts
    # One unit in the last place of a float32 covers the rounding of the sums.
    rounding = np.maximum(np.abs(left), np.abs(right)) * 1.2e-7
    # Interpolated as left + weight (right - left): equal neighbours stay exact.
    return left + weight * (right - left), np.maximum(left_width, right_width) + rounding


def _value(key: np.ndarray) -> np.ndarray:
    """Numbers of keys, float64."""
    key = np.clip(key, -(2**31), 2**31 - 1).astype(np.int32)
    with np.errstate(invalid="ignore"):
        return np.where(key < 0, key ^ _SIGN, key).astype(np.int32).view(np.float32).astype(np.float64)


@lru_cache(maxsize=1)
def _kernel() -> Any:
    """Compile the counting loop; imported here because Numba takes a second and most runs don't need it."""
    import numba

    @numba.njit(nogil=True, cache=False)
    def fit_window(counts: Any, shift: Any, base: Any, low: Any, high: Any) -> Any:  # numpydoc ignore=GL08
        """Move or coarsen one window so that it holds all keys; returns the new shift and base."""
        new_shift = shift
        while (high >> new_shift) - (low >> new_shift) >= BINS:
            new_shift += 1
        # Room on both sides, so that the window seldom moves again.
        room = (BINS - 1 - ((high >> new_shift) - (low >> new_shift))) // 2
        new_base = (low >> new_shift) - room
        old = counts.copy()
        counts[:] = 0
        for b in range(BINS):
            if old[b] > 0:
                counts[((b + base) >> (new_shift - shift)) - new_base] += old[b]
        return new_shift, new_base

    @numba.njit(nogil=True, cache=False)
    def count_rows(
        bits: Any, counts: Any, shift: Any, base: Any, low: Any, high: Any, zeros: Any, nans: Any
    ) -> None:  # numpydoc ignore=GL08
        """Count every row of bits in its histogram."""
        n_series, n = bits.shape
        for s in range(n_series):
            row = bits[s]
            smallest, largest = low[s], high[s]
            n_zero, n_nan = 0, 0
            for j in range(n):
                x = row[j]
                magnitude = x & _SIGN
                key = x if x >= 0 else x ^ _SIGN
                is_zero = magnitude == 0
                is_nan = magnitude > 0x7F800000
                n_zero += is_zero
                n_nan += is_nan
                skip = is_zero or is_nan
                smallest = min(smallest, _EMPTY_LOW if skip else key)
                largest = max(largest, _EMPTY_HIGH if skip else key)
            zeros[s] += n_zero
            nans[s] += n_nan
            if smallest > largest:
                continue
            low[s], high[s] = smallest, largest
            w, b = shift[s], base[s]
            if (smallest >> w) - b < 0 or (largest >> w) - b >= BINS:
                w, b = fit_window(counts[s], w, b, np.int64(smallest), np.int64(largest))
                shift[s], base[s] = w, b
            row_counts = counts[s]
            if n_zero == 0 and n_nan == 0 and smallest >= 0:
                for j in range(n):
                    row_counts[(row[j] >> w) - b] += 1
            else:
                for j in range(n):
                    x = row[j]
                    magnitude = x & _SIGN
                    if magnitude != 0 and magnitude <= 0x7F800000:
                        key = x if x >= 0 else x ^ _SIGN
                        row_counts[(key >> w) - b] += 1

    return count_rows
