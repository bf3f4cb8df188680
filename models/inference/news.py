"""What was news after a publication, and how large news is: linear in the drivers' shocks.

A forecaster knows the quarters that are over, the momentum they leave (growth is AR(1)) and the launches
announced; what the drivers do beyond that is news to him. A figure's news is a weighted sum of its drivers'
paths less what was to be expected of them, ``sum_d e_d sum_q w_q (x_d(q) - E[x_d(q) | quarters up to T])``,
with the chain's elasticities ``e``. Levels drop out, so news is a matrix times shocks and drifts: nobody
knows a drift, so that what it is beyond what was thought of it (its prior's middle) is news as well.
"""

from collections.abc import Callable

import numpy as np

from models.chain.drivers import FINE_AUTOCORRELATION, bases
from models.chain.paths import GROWTH_AUTOCORRELATION, years_from_reference
from models.vocabulary.drivers import DRIVERS, FINE_DRIVERS
from models.vocabulary.periods import N_ALL
from models.vocabulary.quantities import SINGLES

ELASTICITY_STEP = 1e-3
NEWS = ("news_smooth", "news_fine", "news_size", "news_drift")
"""Arrays with a row for each distinct piece of news."""


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


def news_arrays(arrays: dict[str, np.ndarray], elasticity: np.ndarray) -> dict[str, np.ndarray]:
    """News of each figure as a map of shocks, and its size.

    Parameters
    ----------
    arrays : dict
        `Operator.arrays`: ``term_point, term_sign`` (figure, 4), ``point_row`` (point,), ``point_quarter``,
        ``point_weight`` (point, 5), ``last_known`` (figure,).
    elasticity : ndarray (row, driver, quarter)

    Returns
    -------
    dict of ndarray
        ``news_smooth`` (figure, driver * shock) and ``news_fine`` (figure, fine driver * shock): news is
        their product with each driver's shocks times its volatility. ``news_size`` (figure,
        driver): standard deviation of each driver's part at a volatility of one, with the sign of
        its elasticity. ``news_drift`` (figure, driver): news per drift a year beyond the expected.
    """
    fixed = bases()
    n_figures, n_drivers = len(arrays["term_point"]), len(DRIVERS)
    smooth, slow, fine = fixed["basis_smooth"], fixed["basis_slow"], fixed["basis_fine"]
    weights = _quarter_weights(arrays, elasticity)
    out = {
        "news_smooth": np.zeros((n_figures, n_drivers, smooth.shape[1])),
        "news_fine": np.zeros((n_figures, len(FINE_DRIVERS), fine.shape[1])),
        "news_size": np.zeros((n_figures, n_drivers)),
        "news_drift": np.zeros((n_figures, n_drivers)),
    }
    for last in np.unique(arrays["last_known"]):
        at = np.flatnonzero(arrays["last_known"] == last)
        for d, driver in enumerate(DRIVERS):
            rho = FINE_AUTOCORRELATION if driver in FINE_DRIVERS else GROWTH_AUTOCORRELATION
            unexpected = weights[at, d] @ surprise(rho, int(last))
            out["news_drift"][at, d] = unexpected @ years_from_reference()
            if driver in FINE_DRIVERS:
                out["news_smooth"][at, d] = unexpected @ slow
                out["news_fine"][at, FINE_DRIVERS.index(driver)] = unexpected @ fine
                size = np.linalg.norm(unexpected @ np.hstack([slow, fine]), axis=1)
            else:
                out["news_smooth"][at, d] = unexpected @ smooth
                size = np.linalg.norm(unexpected @ smooth, axis=1)
            # Which way the figure moves with what is new of its driver.
            later = weights[at, d, int(last) + 1 :].sum(axis=1)
            out["news_size"][at, d] = np.where(later < 0, -size, size)
    return {k: v.reshape(n_figures, int(np.prod(v.shape[1:]))) for k, v in out.items()}


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


def distinct_news(news: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Keep each row of news once: figures about one thing said in one quarter share theirs.

    Parameters
    ----------
    news : dict
        From `news_arrays` and `mix_size`, a row a figure.

    Returns
    -------
    dict of ndarray
        `NEWS` (row, ...), ``news_of`` (figure,) the row of each figure, and ``mix_size`` as it was.
    """
    names = NEWS
    # A first row of zeros: that of what was over, and of padding.
    width = sum(news[name].shape[1] for name in names)
    table = np.vstack([np.zeros((1, width)), np.hstack([news[name] for name in names])])
    _, first, of = np.unique(np.round(table, 12), axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    out = {name: np.vstack([np.zeros((1, news[name].shape[1])), news[name]])[first[order]] for name in names}
    return out | {"news_of": place[of.ravel()][1:], "mix_size": news["mix_size"]}


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
