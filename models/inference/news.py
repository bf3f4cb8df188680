"""What was news after a publication, and how large news is: linear in the drivers' shocks.

A forecaster knows the quarters that are over, the momentum they leave (growth is AR(1)) and the launches
announced; what the drivers do beyond that is news to him. A figure's news is a weighted sum of its drivers'
paths less what was to be expected of them, ``sum_d e_d sum_q w_q (x_d(q) - E[x_d(q) | quarters up to T])``,
with the chain's elasticities ``e``. Levels drop out, so news is a matrix times shocks and drifts: nobody
knows a drift, so that what it is beyond what was thought of it (its prior's middle) is news as well.

What was to be expected is the level of the last quarter and the trend from there: its momentum, and the drift
that was thought of. Forecasters may carry on a part of that trend only (`models.inference.observation`), so
that it is a row of its own.
"""

from collections.abc import Callable

import numpy as np

from models.chain.drivers import FINE_AUTOCORRELATION, bases
from models.chain.paths import GROWTH_AUTOCORRELATION, years_from_reference
from models.vocabulary.drivers import DRIVERS, FINE_DRIVERS
from models.vocabulary.periods import N_ALL
from models.vocabulary.quantities import SINGLES

ELASTICITY_STEP = 1e-3
NEWS = (
    "news_smooth",
    "news_fine",
    "news_size",
    "news_drift",
    "trend_smooth",
    "trend_fine",
    "trend_drift",
    "trend_expected",
)
"""Arrays with a row for each distinct piece of news, and for the trend that went before it."""


def surprise(autocorrelation: float, last_known: int) -> np.ndarray:
    """Map a path to its news after a quarter, (quarter, quarter): ``x - E[x | quarters up to last_known]``.

    With AR(1) growth the expectation ``h`` quarters ahead is ``x_T + (x_T - x_(T-1)) a_h``,
    ``a_h = r + r^2 + ... + r^h``, of a path taken beyond the drift that was expected.
    """
    out = np.zeros((N_ALL, N_ALL))
    for quarter in range(last_known + 1, N_ALL):
        momentum = sum(autocorrelation**i for i in range(1, quarter - last_known + 1))
        out[quarter, quarter] = 1.0
        out[quarter, last_known] -= 1.0 + momentum * (last_known > 0)
        if last_known > 0:
            out[quarter, last_known - 1] += momentum
    return out


def growth_since(last_known: int) -> np.ndarray:
    """Map a path to its growth since a quarter, (quarter, quarter): zero for what was over by then."""
    out = np.diag((np.arange(N_ALL) > last_known).astype(float))
    out[last_known + 1 :, last_known] -= 1.0
    return out


def trend(autocorrelation: float, last_known: int) -> np.ndarray:
    """Map a path, beyond the drift expected, to the momentum it goes on with, (quarter, quarter).

    It is ``E[x | quarters up to last_known] - x_T``; the drift expected adds its own growth since then.
    """
    return growth_since(last_known) - surprise(autocorrelation, last_known)


def elasticities(log_rows: Callable[[np.ndarray], np.ndarray], n_drivers: int) -> np.ndarray:
    """Elasticity of every row to every driver by shifting the driver's whole path, (row, driver, quarter).

    Parameters
    ----------
    log_rows : callable
        Takes shifts of the drivers' levels (case, driver) on their working scales and gives log rows
        (case, row, quarter).
    n_drivers : int
    """
    cases = np.concatenate([np.eye(n_drivers), -np.eye(n_drivers)]) * ELASTICITY_STEP
    rows = log_rows(cases)
    # A row that is zero (wafers of who buys none) has no elasticity.
    here = np.isfinite(rows).all(axis=0)
    slope = np.subtract(rows[:n_drivers], rows[n_drivers:], where=here, out=np.zeros_like(rows[:n_drivers]))
    return (slope / (2 * ELASTICITY_STEP)).transpose(1, 0, 2)


def news_arrays(
    arrays: dict[str, np.ndarray], elasticity: np.ndarray, expected_drift: np.ndarray
) -> dict[str, np.ndarray]:
    """News of each figure as a map of shocks, its size, and the trend before it.

    Parameters
    ----------
    arrays : dict
        `Operator.arrays`: ``term_point, term_sign`` (figure, 4), ``point_row`` (point,), ``point_quarter``,
        ``point_weight`` (point, 5), ``last_known`` (figure,).
    elasticity : ndarray (row, driver, quarter)
    expected_drift : ndarray (driver,)
        Drift a year that was thought of.

    Returns
    -------
    dict of ndarray
        ``news_smooth`` (figure, driver * shock) and ``news_fine`` (figure, fine driver * shock): news is
        their product with each driver's shocks times its volatility. ``news_size`` (figure,
        driver): standard deviation of each driver's part at a volatility of one, with the sign of
        its elasticity. ``news_drift`` (figure, driver): news per drift a year beyond the expected. Likewise
        ``trend_smooth, trend_fine, trend_drift``; ``trend_expected`` (figure, 1) is what the trend is more
        than those products: the drift expected goes on, and is in no momentum.
    """
    fixed = bases()
    n_figures, n_drivers = len(arrays["term_point"]), len(DRIVERS)
    n_smooth, n_fine = fixed["basis_smooth"].shape[1], fixed["basis_fine"].shape[1]
    years = years_from_reference()
    weights = _quarter_weights(arrays, elasticity)
    out = {"news_size": np.zeros((n_figures, n_drivers)), "trend_expected": np.zeros((n_figures, 1))}
    for name in ("news", "trend"):
        out[f"{name}_smooth"] = np.zeros((n_figures, n_drivers, n_smooth))
        out[f"{name}_fine"] = np.zeros((n_figures, len(FINE_DRIVERS), n_fine))
        out[f"{name}_drift"] = np.zeros((n_figures, n_drivers))
    for last in np.unique(arrays["last_known"]):
        at = np.flatnonzero(arrays["last_known"] == last)
        growth_of_years = growth_since(int(last)) @ years
        for d, driver in enumerate(DRIVERS):
            rho = FINE_AUTOCORRELATION if driver in FINE_DRIVERS else GROWTH_AUTOCORRELATION
            unexpected = weights[at, d] @ surprise(rho, int(last))
            size = np.linalg.norm(_put(out, "news", at, d, unexpected), axis=1)
            # Which way the figure moves with what is new of its driver.
            later = weights[at, d, int(last) + 1 :].sum(axis=1)
            out["news_size"][at, d] = np.where(later < 0, -size, size)
            _put(out, "trend", at, d, weights[at, d] @ trend(rho, int(last)))
            growth = weights[at, d] @ growth_of_years
            out["trend_expected"][at, 0] += (growth - out["trend_drift"][at, d]) * expected_drift[d]
    return {k: v.reshape(n_figures, int(np.prod(v.shape[1:]))) for k, v in out.items()}


def _directions(driver: str) -> np.ndarray:
    """Basis of a driver's whole path, (quarter, shock)."""
    fixed = bases()
    if driver in FINE_DRIVERS:
        return np.hstack([fixed["basis_slow"], fixed["basis_fine"]])
    return fixed["basis_smooth"]


def _put(out: dict[str, np.ndarray], name: str, at: np.ndarray, d: int, of_path: np.ndarray) -> np.ndarray:
    """Write a driver's part of some figures, given as weights of its path, (figure, quarter).

    Returns
    -------
    ndarray (figure, shock)
        It as weights of all shocks of the path.
    """
    of_shocks = of_path @ _directions(DRIVERS[d])
    n_smooth = out[f"{name}_smooth"].shape[2]
    out[f"{name}_drift"][at, d] = of_path @ years_from_reference()
    out[f"{name}_smooth"][at, d] = of_shocks[:, :n_smooth]
    if DRIVERS[d] in FINE_DRIVERS:
        out[f"{name}_fine"][at, FINE_DRIVERS.index(DRIVERS[d])] = of_shocks[:, n_smooth:]
    return of_shocks


def _quarter_weights(arrays: dict[str, np.ndarray], elasticity: np.ndarray) -> np.ndarray:
    """Weight of each driver's log path in each figure, (figure, driver, quarter)."""
    n_points = len(arrays["point_row"])
    at_points = np.zeros((n_points, elasticity.shape[1], N_ALL))
    share = arrays["point_weight"] / arrays["point_weight"].sum(axis=1, keepdims=True)
    for p in range(n_points):
        for quarter, weight in zip(arrays["point_quarter"][p], share[p], strict=True):
            if weight:
                at_points[p, :, quarter] += weight * elasticity[arrays["point_row"][p], :, quarter]
    return (at_points[arrays["term_point"]] * arrays["term_sign"][:, :, None, None]).sum(axis=1)


def distinct_news(
    news: dict[str, np.ndarray], said: np.ndarray, is_over: np.ndarray
) -> dict[str, np.ndarray]:
    """Keep each row of news once: figures about one thing said in one quarter share theirs.

    Rows are told apart by what was said and when, never by their numbers: those hang on a vintage's products,
    and vintages of one operator share a compiled model, so they must have as many rows.

    Parameters
    ----------
    news : dict
        From `news_arrays` and `mix_size`, a row a figure.
    said : ndarray (figure, ...)
        What makes two figures speak of the same thing, said in the same quarter.
    is_over : ndarray of bool (figure,)
        Figures about what was over when they were published.

    Returns
    -------
    dict of ndarray
        `NEWS` (row, ...), ``news_of`` (figure,) the row of each figure, and ``mix_size`` as it was.
    """
    ahead = np.flatnonzero(~is_over)
    _, first, row = np.unique(said[ahead], axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    # A first row of zeros: that of what was over, and of padding.
    of = np.zeros(len(said), dtype=np.int64)
    of[ahead] = 1 + place[row.ravel()]
    kept = ahead[first[order]]
    out = {name: np.vstack([np.zeros((1, news[name].shape[1])), news[name][kept]]) for name in NEWS}
    return out | {"news_of": of, "mix_size": news["mix_size"]}


def mix_size(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Size of what moves a part beyond its total at a volatility of one, (figure,): zero for totals.

    Rows of the chain behind those of the industry are parts: classes, customers, generations, sums of them.
    A sum that something else is divided by is the total of that share.
    """
    n_sums, n_rows = arrays["sum_rows"].shape
    row = arrays["point_row"][arrays["term_point"]]
    is_total = (row >= n_rows) & (row != row[:, :1])
    own = arrays | {"term_sign": np.where(is_total, 0.0, arrays["term_sign"])}
    part = (np.arange(n_rows + n_sums) >= len(SINGLES)).astype(float)
    weights = _quarter_weights(own, np.broadcast_to(part[:, None, None], (len(part), 1, N_ALL)))[:, 0]
    out = np.zeros(len(weights))
    for last in np.unique(arrays["last_known"]):
        at = np.flatnonzero(arrays["last_known"] == last)
        unexpected = weights[at] @ surprise(GROWTH_AUTOCORRELATION, int(last)) @ bases()["basis_smooth"]
        out[at] = np.sqrt((unexpected**2).sum(axis=1))
    return out
