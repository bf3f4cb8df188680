"""Effective sample sizes, R-hat and Monte Carlo errors of thousands of series at once.

The estimators are ArviZ's (rank-normalised split R-hat, Geyer's truncation, quantile errors from the beta
distribution; Vehtari and others, arXiv:1903.08008), which it runs one series at a time, about 10 ms each.
Every published quantity and period is held to the gate, so these lines do many at once; a test holds them
to ArviZ's numbers.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import betaincinv, ndtri

ERROR_LEVELS = (0.05, 0.5, 0.95)
MINIMUM_DRAWS = 8
_SERIES_AT_ONCE = 48
_ONE_SIGMA = (0.1586553, 0.8413447)
FIELDS = ("ess_bulk", "ess_tail", "rhat", "mcse_mean", "mcse_p05", "mcse_p50", "mcse_p95")


def convergence(series: np.ndarray, workers: int = 2) -> dict[str, np.ndarray]:
    """Diagnostics of many series.

    Parameters
    ----------
    series : ndarray (series, chain, draw)
        As float32, which is what draws are: what differs beyond the seventh digit counts as equal.
    workers : int
        Threads.

    Returns
    -------
    dict of str to ndarray (series,)
        The names of `FIELDS`. A series that doesn't vary has its number of draws as ESS, no error and an
        R-hat that is not a number; so has everything of a series with a value that is not finite.

    Raises
    ------
    ValueError
        Fewer than `MINIMUM_DRAWS` draws a chain.
    """
    n_draws = series.shape[-1]
    if n_draws < MINIMUM_DRAWS:
        raise ValueError(f"{n_draws} draws a chain; diagnostics need at least {MINIMUM_DRAWS}")
    found = _in_parts(_part, series, workers)
    return {name: np.concatenate([f[name] for f in found]) for name in FIELDS}


def rank_r_hat(series: np.ndarray, workers: int = 2) -> np.ndarray:
    """R-hat alone of (series, chain, draw), as `convergence` has it: a quarter of the work."""
    return np.concatenate(
        _in_parts(lambda part: _rank_r_hat(*_normal_scores(split_chains(part))), series, workers)
    )


def _in_parts[T](each: Callable[[np.ndarray], T], series: np.ndarray, workers: int) -> list[T]:
    """Apply a function to a few series at a time and keep their order; what isn't finite is no warning."""

    def quietly(first: int) -> T:
        with np.errstate(invalid="ignore"):
            return each(series[first : first + _SERIES_AT_ONCE])

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(quietly, range(0, len(series), _SERIES_AT_ONCE)))


def split_chains(series: np.ndarray) -> np.ndarray:
    """Halve every chain, (..., 2 chain, draw // 2)."""
    half = series.shape[-1] // 2
    return np.concatenate([series[..., :half], series[..., -half:]], axis=-2)


def effective_sample_size(chains: np.ndarray) -> np.ndarray:
    """Effective number of draws for the mean, by Geyer's initial monotone sequence.

    Parameters
    ----------
    chains : ndarray (series, chain, draw)
        Split already.
    """
    n_series, n_chains, n = chains.shape
    size = n_chains * n
    span = np.ptp(chains, axis=(1, 2)).astype(float)
    constant = span < np.finfo(float).resolution
    unit = np.where(constant, 1.0, span)[:, None, None]
    mean = chains.mean(axis=-1, keepdims=True, dtype=float)
    length = next_fast_len(2 * n, real=True)
    # Seven digits are enough of what says how exact a forecast is, and take half the time.
    centred = ((chains - mean) / unit).astype(np.float32)
    spectrum = rfft(centred, n=length, axis=-1)
    power = (spectrum.real**2 + spectrum.imag**2).mean(axis=1)
    covariance = irfft(power, n=length, axis=-1)[:, :n].astype(float) / n
    within = covariance[:, 0] * n / (n - 1)
    total = covariance[:, 0] + ((mean / unit)[..., 0].var(axis=1, ddof=1) if n_chains > 1 else 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = 1 - (within[:, None] - covariance) / total[:, None]
    rho[:, 0] = 1.0
    even, odd = rho[:, 0 : n - n % 2 : 2], rho[:, 1:n:2]
    pairs = even + odd
    # The first pair that isn't positive ends the sum; of that pair a positive even part still counts.
    # The last few lags are never used: nearly no pairs of draws are that far apart.
    ends = (pairs <= 0) | ~np.isfinite(pairs)
    ends[:, (n - 3) // 2] = True
    end = ends.argmax(axis=1)
    kept = np.where(np.arange(pairs.shape[1]) < end[:, None], np.minimum.accumulate(pairs, axis=1), 0.0).sum(
        axis=1
    )
    tau = -1 + 2 * kept + np.maximum(even[np.arange(n_series), end], 0.0)
    ess = size / np.maximum(tau, 1 / np.log10(size))
    return np.where(constant, float(size), ess)


def r_hat(chains: np.ndarray) -> np.ndarray:
    """Ratio of total to within-chain spread of split chains, (series,)."""
    n = chains.shape[-1]
    within = chains.var(axis=-1, ddof=1, dtype=float).mean(axis=-1)
    between = n * chains.mean(axis=-1, dtype=float).var(axis=-1, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt((between / within + n - 1) / n)


def quantile_error(chains: np.ndarray, ordered: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Monte Carlo errors of a quantile, and the effective sample sizes that they rest on.

    Half the distance between the order statistics one sigma of the beta distribution apart (Vehtari and
    others, section 4.4).

    Parameters
    ----------
    chains : ndarray (series, chain, draw)
    ordered : ndarray (series, chain * draw)
        The same values in order.
    level : float
        Of the quantile, 0 to 1.

    Returns
    -------
    error, ess : ndarray (series,)
        Both mean nothing for a series with a value that is not finite.
    """
    below = (chains <= _quantile(ordered, level)[:, None, None]).astype(np.float32)
    ess = effective_sample_size(split_chains(below))
    size = ordered.shape[1]
    low, high = (betaincinv(ess * level + 1, ess * (1 - level) + 1, p) * size - 1 for p in _ONE_SIGMA)
    row = np.arange(len(ordered))
    first = np.floor(np.maximum(np.nan_to_num(low), 0)).astype(int)
    last = np.ceil(np.minimum(np.nan_to_num(high), size - 1)).astype(int)
    return (ordered[row, last].astype(float) - ordered[row, first]) / 2, ess


def _part(series: np.ndarray) -> dict[str, np.ndarray]:
    flat, split = series.reshape(len(series), -1), split_chains(series)
    ordered = np.sort(flat, axis=1)
    normal, folded = _normal_scores(split)
    out = {
        "ess_bulk": effective_sample_size(normal),
        "rhat": _rank_r_hat(normal, folded),
        "mcse_mean": flat.std(axis=1, ddof=1, dtype=float) / np.sqrt(effective_sample_size(split)),
    }
    tails = []
    for level in ERROR_LEVELS:
        out[f"mcse_p{round(level * 100):02d}"], ess = quantile_error(series, ordered, level)
        tails.append(ess)
    out["ess_tail"] = np.minimum(tails[0], tails[-1])
    finite = np.isfinite(flat).all(axis=1)
    return {name: np.where(finite, values, np.nan) for name, values in out.items()}


def _rank_r_hat(normal: np.ndarray, folded: np.ndarray) -> np.ndarray:
    return np.maximum(r_hat(normal), r_hat(folded))


def _normal_scores(chains: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Score on a normal scale (Blom) the ranks over all chains, and those of distances from the median.

    Sorted once, by keys that hold a value and its place: distances from the median then lie in a valley.
    """
    flat = chains.reshape(len(chains), -1).astype(np.float32)
    size = flat.shape[1]
    keys = (_ascending_bits(flat).astype(np.uint64) << 32) | np.arange(size, dtype=np.uint64)
    keys.sort(axis=1)
    place = (keys & 0xFFFFFFFF).astype(np.intp)
    ordered = np.take_along_axis(flat, place, axis=1).astype(float)
    middle = (ordered[:, (size - 1) // 2] + ordered[:, size // 2]) / 2
    distance = np.abs(ordered - middle[:, None])
    outward = np.argsort(distance, axis=1, kind="stable")
    # Ranks are whole or half numbers: a table instead of a million inverse normals.
    score = ndtri((np.arange(2, 2 * size + 1) / 2 - 0.375) / (size + 0.25)).astype(np.float32)
    found = []
    for values, places in (
        (ordered, place),
        (np.take_along_axis(distance, outward, axis=1), np.take_along_axis(place, outward, axis=1)),
    ):
        scores = np.empty(flat.shape, np.float32)
        np.put_along_axis(scores, places, score[_twice_the_rank(values)], axis=1)
        scores[~np.isfinite(flat).all(axis=1)] = np.nan
        found.append(scores.reshape(chains.shape))
    return found[0], found[1]


def _ascending_bits(values: np.ndarray) -> np.ndarray:
    """Whole numbers without a sign in the order of the values, which are float32."""
    bits = (values + np.float32(0)).view(np.int32)
    return np.where(bits < 0, ~bits, bits | np.int32(-(2**31))).view(np.uint32)


def _twice_the_rank(ordered: np.ndarray) -> np.ndarray:
    """Twice the rank of values in order, less two; equal ones share the mean of their ranks."""
    n_series, size = ordered.shape
    at = np.broadcast_to(np.arange(size), ordered.shape)
    differs = ordered[:, 1:] != ordered[:, :-1]
    edge = np.ones((n_series, 1), bool)
    first = np.maximum.accumulate(np.where(np.hstack([edge, differs]), at, 0), axis=1)
    last = np.minimum.accumulate(np.where(np.hstack([differs, edge]), at, size)[:, ::-1], axis=1)[:, ::-1]
    return first + last


def _quantile(ordered: np.ndarray, level: float) -> np.ndarray:
    place = level * (ordered.shape[1] - 1)
    below = int(place)
    above = min(below + 1, ordered.shape[1] - 1)
    return ordered[:, below] + (place - below) * (ordered[:, above] - ordered[:, below])
