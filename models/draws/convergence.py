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
_FEW_LAGS = 128
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
        _in_parts(lambda part: _rank_r_hat(*_normal_scores(split_chains(part))[:2]), series, workers)
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
    _, n_chains, n = chains.shape
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
    covariance = irfft(power, n=length, axis=-1)[:, :n]
    between = (mean / unit)[..., 0].var(axis=1, ddof=1) if n_chains > 1 else 0.0
    # Most sums end after a few lags: the others are looked at once more.
    tau, ended = _autocorrelation_time(covariance[:, :_FEW_LAGS], n, between)
    if not ended.all():
        tau, _ = _autocorrelation_time(covariance, n, between)
    ess = size / np.maximum(tau, 1 / np.log10(size))
    return np.where(constant, float(size), ess)


def _autocorrelation_time(
    covariance: np.ndarray, n: int, between: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """Sum the autocorrelations of the first lags of series, by Geyer's initial monotone sequence.

    Parameters
    ----------
    covariance : ndarray (series, lag)
        Mean over the chains, times `n`.
    n : int
        Draws a chain.
    between : ndarray (series,) or float
        Variance of the chains' means.

    Returns
    -------
    time : ndarray (series,)
    ended : ndarray of bool (series,)
        Whether the sum ended before the last of these lags; where not, the time means nothing.
    """
    covariance = covariance.astype(float) / n
    n_lags = covariance.shape[1]
    within = covariance[:, 0] * n / (n - 1)
    total = covariance[:, 0] + between
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = 1 - (within[:, None] - covariance) / total[:, None]
    rho[:, 0] = 1.0
    even, odd = rho[:, 0 : n_lags - n_lags % 2 : 2], rho[:, 1:n_lags:2]
    pairs = even + odd
    # The first pair that isn't positive ends the sum; of that pair a positive even part still counts.
    # The last few lags are never used: nearly no pairs of draws are that far apart.
    ends = (pairs <= 0) | ~np.isfinite(pairs)
    last = min((n - 3) // 2, pairs.shape[1] - 1)
    ended = ends.any(axis=1) | (last == (n - 3) // 2)
    ends[:, last] = True
    end = ends.argmax(axis=1)
    kept = np.where(np.arange(pairs.shape[1]) < end[:, None], np.minimum.accumulate(pairs, axis=1), 0.0).sum(
        axis=1
    )
    return -1 + 2 * kept + np.maximum(even[np.arange(len(rho)), end], 0.0), ended


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
    normal, folded, ordered = _normal_scores(split)
    if split.size < series.size:
        # Of an odd number of draws the middle one is in no half.
        ordered = np.sort(flat, axis=1)
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
    finite = np.isfinite(ordered[:, 0] + ordered[:, -1])
    return {name: np.where(finite, values, np.nan) for name, values in out.items()}


def _rank_r_hat(normal: np.ndarray, folded: np.ndarray) -> np.ndarray:
    return np.maximum(r_hat(normal), r_hat(folded))


def _normal_scores(chains: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score on a normal scale (Blom) the ranks over all chains, and those of distances from the median.

    Sorted once, by keys that hold a value and its place among all: from the median outwards two sides that
    are in order are merged.

    Returns
    -------
    normal, folded : ndarray (series, chain, draw)
    ordered : ndarray of float32 (series, chain * draw)
        The values in order.
    """
    flat = chains.reshape(len(chains), -1).astype(np.float32)
    size = flat.shape[1]
    keys = _ascending_bits(flat).astype(np.uint64) << 32
    keys |= np.arange(flat.size, dtype=np.uint64).reshape(flat.shape)
    keys.sort(axis=1)
    place = (keys & 0xFFFFFFFF).astype(np.intp)
    ordered = _of_ascending_bits((keys >> 32).astype(np.uint32))
    middle = (ordered[:, (size - 1) // 2].astype(float) + ordered[:, size // 2]) / 2
    # The lower side from the median down, the upper one up: distances rise along both.
    outward = np.concatenate([np.arange(size // 2)[::-1], np.arange(size // 2, size)])
    distance = np.abs(ordered[:, outward] - middle[:, None])
    merged = np.argsort(distance, axis=1, kind="stable")
    merged += size * np.arange(len(flat))[:, None]
    # Ranks are whole or half numbers: a table instead of a million inverse normals.
    score = ndtri((np.arange(2, 2 * size + 1) / 2 - 0.375) / (size + 0.25)).astype(np.float32)
    unknown = ~np.isfinite(ordered[:, 0] + ordered[:, -1])
    found = []
    for values, places in (
        (ordered, place),
        (distance.ravel()[merged], place[:, outward].ravel()[merged]),
    ):
        scores = np.empty(flat.shape, np.float32)
        # One number for row and column: pairs of them take four times as long.
        scores.ravel()[places.ravel()] = score[_twice_the_rank(values)].ravel()
        scores[unknown] = np.nan
        found.append(scores.reshape(chains.shape))
    return found[0], found[1], ordered


def _ascending_bits(values: np.ndarray) -> np.ndarray:
    """Whole numbers without a sign in the order of the values, which are float32."""
    bits = (values + np.float32(0)).view(np.int32)
    return np.where(bits < 0, ~bits, bits | np.int32(-(2**31))).view(np.uint32)


def _of_ascending_bits(bits: np.ndarray) -> np.ndarray:
    """Give the values back, float32."""
    signed = bits.view(np.int32)
    return np.where(signed < 0, signed & np.int32(2**31 - 1), ~signed).view(np.float32)


def _twice_the_rank(ordered: np.ndarray) -> np.ndarray:
    """Twice the rank of values in order, less two; equal ones share the mean of their ranks."""
    starts = np.ones(ordered.shape, bool)
    np.not_equal(ordered[:, 1:], ordered[:, :-1], out=starts[:, 1:])
    first = np.flatnonzero(starts)
    length = np.diff(first, append=ordered.size)
    return np.repeat(2 * (first % ordered.shape[1]) + length - 1, length).reshape(ordered.shape)


def _quantile(ordered: np.ndarray, level: float) -> np.ndarray:
    place = level * (ordered.shape[1] - 1)
    below = int(place)
    above = min(below + 1, ordered.shape[1] - 1)
    return ordered[:, below] + (place - below) * (ordered[:, above] - ordered[:, below])
