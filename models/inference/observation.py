"""How published figures err: the observation model, on PyTensor and NumPy alike (DESIGN.md section 4).

``y = f - (1 - r k) (n + (1 - c) t) + definition offset + publisher bias + e``: a forecaster prints what he
expected when he wrote plus a part ``r`` of the share ``k`` of what he foresees beyond it. ``n`` is the news
since, ``t`` the trend that the path had (`models.inference.news`), of which he carries on the part ``c``:
people damp trends steeper than those they know (Eggleton 1982; Harvey and Reimers 2013) and underestimate
exponential growth (Wagenaar and Timmers 1979). ``r`` is one of a rational forecaster and less of one who
moves too little on what he sees, as the consensus of professional forecasters does (Coibion and Gorodnichenko
2015; Bordalo and others 2020). His error is no free scale beside it: ``Var(e) = r^2 k (1 - k) Var(n)``, of
which a part is shared by all who write about one market and year or at one time (on the scale of the drivers,
so that errors add up as the quantities do), the rest is each figure's own. ``k = exp(-rate x horizon)``. What
a part of a total does (one class, one generation) has no expected path: there its figures are taken as
printed, with the noise of such a signal, ``(1 - k) / k`` times what moves. Each figure has noise of its own
besides: its kind, topic, definition, and the half-width of a range.

Arguments are the same throughout. ``xp`` is ``numpy`` or ``pytensor.tensor``; ``theta`` has the blocks of
`models.inference.problem.parameter_shapes` on their working scales, with any leading axes (NumPy); ``points``
(..., point) come from `log_points`; ``obs`` is `Operator.arrays` as `models.inference.problem.with_news`
gives them, (figure, ...), but for those of points (point, ...) and of distinct news (row, ...).
"""

import numpy as np

from models.chain.array_api import (
    Array,
    ArrayNamespace,
    Arrays,
    inverse_logit,
    matmul_from_left,
    matmul_transposed,
)
from models.chain.drivers import CONSTANTS, PENETRATION, SIZE_VOLATILITY, correlations, with_penetration
from models.inference.error_terms import OTHER_NOISE
from models.inference.operator import COMPONENTS
from models.vocabulary.drivers import DRIVERS, SMOOTH_DRIVERS

STUDENT_DEGREES = 4.0
LOG_STUDENT4 = float(np.log(3.0 / 8.0))
"""Log density of Student's t with four degrees of freedom at zero: Gamma(5/2) / (Gamma(2) sqrt(4 pi))."""
LEAST_FORESIGHT = 0.05
"""Below this share of news foreseen a forecast says nothing; it keeps the noise of such forecasts finite."""
_OF_COMPONENT = np.array([DRIVERS.index(driver) for driver in COMPONENTS.values()])
_SIZE = CONSTANTS.index(SIZE_VOLATILITY)
_IS_PENETRATION = np.array([float(d == DRIVERS[PENETRATION[0]]) for d in DRIVERS])


def log_points(xp: ArrayNamespace, quantities: Array, obs: Arrays) -> Array:
    """Take logs of the distinct points the figures refer to, (..., point).

    Parameters
    ----------
    quantities : array (..., row, quarter)
        Output of `models.chain.equations.stacked`.
    obs : dict
        `Operator.arrays`.
    """
    rows = with_sums(xp, quantities, obs["sum_rows"])
    picked = rows[..., obs["point_row"][:, None], obs["point_quarter"]]
    return xp.log((picked * obs["point_weight"]).sum(axis=-1))


def with_sums(xp: ArrayNamespace, quantities: Array, sum_rows: Array) -> Array:
    """Put the sums that figures are about behind the chain's rows, (..., row + sum, quarter).

    What is only a part of a total, or a total without some of its parts, so follows the model's own
    composition.

    Parameters
    ----------
    quantities : array (..., row, quarter)
    sum_rows : array (sum, row)
        From `models.inference.terms.Points.arrays`.
    """
    return xp.concatenate([quantities, matmul_from_left(xp, sum_rows, quantities)], axis=-2)


def predicted(xp: ArrayNamespace, points: Array, obs: Arrays) -> Array:
    """Give the expected figures on their working scale, before offsets and errors, (..., figure)."""
    return _on_working_scale(xp, points, obs["term_point"], obs)


def _on_working_scale(xp: ArrayNamespace, points: Array, term: Array, obs: Arrays) -> Array:
    value = (points[..., term] * obs["term_sign"]).sum(axis=-1)
    share = xp.minimum(value, -1e-4)
    logit = share - xp.log(1.0 - xp.exp(share))
    return value * (1.0 - obs["is_logit"]) + logit * obs["is_logit"]


def foresight(xp: ArrayNamespace, theta: Arrays, obs: Arrays) -> Array:
    """Share of the news that each figure's author foresees, one at no horizon, (..., figure)."""
    rate = xp.exp(theta["log_forgetting"])[..., obs["foresight"]]
    return LEAST_FORESIGHT + (1.0 - LEAST_FORESIGHT) * xp.exp(-rate * obs["horizon"])


def response(xp: ArrayNamespace, theta: Arrays, obs: Arrays) -> Array:
    """Part of the news he foresees that each figure's author prints, (..., figure).

    One with the term off, where the figure is a signal printed as it is.
    """
    printed_part = inverse_logit(xp, theta["logit_response"])[..., obs["foresight"]]
    return 1.0 - obs["regresses"] * (1.0 - printed_part)


def trend_carried(xp: ArrayNamespace, theta: Arrays, obs: Arrays) -> Array:
    """Part of the trend that each figure's author expects to go on, (..., figure)."""
    return inverse_logit(xp, theta["logit_trend_carried"])[..., obs["foresight"]]


def news(xp: ArrayNamespace, theta: Arrays, obs: Arrays) -> Array:
    """Give what moved since each figure's publication beyond what was to be expected, (..., figure).

    Figures about the same thing said at the same time share a row of news; those about what was over have one
    of zeros.
    """
    return (_of_paths(xp, theta, obs, "news") - obs["news_drift_expected"])[..., obs["news_of"]]


def trend(xp: ArrayNamespace, theta: Arrays, obs: Arrays) -> Array:
    """Give what was to be expected beyond the last quarter's level: momentum and drift, (..., figure)."""
    return (_of_paths(xp, theta, obs, "trend") + obs["trend_expected"][..., 0])[..., obs["news_of"]]


def _of_paths(xp: ArrayNamespace, theta: Arrays, obs: Arrays, name: str) -> Array:
    """Multiply the rows of `models.inference.news.NEWS` with the drivers' paths, (..., row)."""
    shocks = with_penetration(xp, theta["constant"], theta["shock_smooth"][..., : len(DRIVERS), :])
    volatility = xp.exp(theta["driver_log_volatility"])[..., :, None]
    smooth = _flat(volatility * shocks)
    fine = _flat(volatility[..., len(SMOOTH_DRIVERS) :, :] * theta["shock_fine"])
    moved = matmul_transposed(xp, smooth, obs[f"{name}_smooth"])
    moved = moved + matmul_transposed(xp, fine, obs[f"{name}_fine"])
    drifted = matmul_transposed(xp, theta["driver_drift"][..., None, :], obs[f"{name}_drift"])
    return (moved + drifted)[..., 0, :]


def _flat(values: Array) -> Array:
    """Lay (..., driver, shock) out as (..., 1, driver * shock)."""
    return values.reshape((*values.shape[:-2], 1, values.shape[-2] * values.shape[-1]))


def news_by_driver(xp: ArrayNamespace, theta: Arrays, obs: Arrays) -> Array:
    """Size the shocks' part of each driver in the rows of news, signed, (..., row, driver)."""
    return obs["news_size"] * xp.exp(theta["driver_log_volatility"])[..., None, :]


def news_variance(xp: ArrayNamespace, theta: Arrays, obs: Arrays) -> Array:
    """Variance of the news of each figure, (..., figure); what shares the penetration's shocks adds first."""
    parts = news_by_driver(xp, theta, obs)
    shared = correlations(xp, theta["constant"])[..., None, :]
    with_penetration = (parts * (shared + _IS_PENETRATION)).sum(axis=-1)
    own = (parts**2 * (1.0 - shared**2) * (1.0 - _IS_PENETRATION)).sum(axis=-1)
    drifts = (obs["news_drift_size"] ** 2).sum(axis=-1)
    return (with_penetration**2 + own + drifts)[..., obs["news_of"]]


def published(xp: ArrayNamespace, points: Array, theta: Arrays, obs: Arrays) -> Array:
    """Give what is printed before each figure's own error, (..., figure)."""
    expected = predicted(xp, points, obs)
    seen = response(xp, theta, obs) * foresight(xp, theta, obs)
    dropped = (1.0 - trend_carried(xp, theta, obs)) * trend(xp, theta, obs)
    missed = (1.0 - seen) * (news(xp, theta, obs) + dropped) * obs["regresses"]
    return expected - missed + systematic_error(xp, theta, obs)


def other_noise(xp: ArrayNamespace, theta: Arrays, name: str) -> Array:
    """Look up the scale of one of `OTHER_NOISE`, (..., 1)."""
    at = OTHER_NOISE.index(name)
    return xp.exp(theta["log_noise_other"][..., at : at + 1])


def systematic_error(xp: ArrayNamespace, theta: Arrays, obs: Arrays) -> Array:
    """Errors that figures share: definition offset, publisher bias and street error, (..., figure).

    Half of the street error's variance belongs to a component of the chain and the year forecast, half
    to the component and the half-year of publication: forecasters err together about one year, and together
    at one time; the error of a revenue is that of its price plus that of its bits.
    """
    offset = theta["definition_offset"][..., obs["definition"]]
    bias = other_noise(xp, theta, "publisher.bias_sd") * theta["publisher_bias"][..., obs["publisher"]]
    cells = np.sqrt(0.5) * (
        theta["street_target"][..., obs["street_target"]] + theta["street_time"][..., obs["street_time"]]
    )
    share = shared_part(xp, theta)
    # A little more than zero, for the root's gradient where nothing lies ahead.
    scale = xp.sqrt(share * error_share(xp, theta, obs) + 1e-12)
    return offset + bias + scale * (component_sizes(xp, theta, obs) * cells).sum(axis=-1)


def shared_part(xp: ArrayNamespace, theta: Arrays) -> Array:
    """Part of the variance of a forecast's error that all share, (..., 1)."""
    # Cut to its one element, so that PyTensor knows that it can be broadcast.
    return inverse_logit(xp, theta["logit_shared"][..., 0:1])


def component_sizes(xp: ArrayNamespace, theta: Arrays, obs: Arrays) -> Array:
    """Signed size of each component's news in a figure, (..., figure, component); zero where not shared."""
    shocks = news_by_driver(xp, theta, obs)[..., _OF_COMPONENT]
    # A little more than zero, for the root's gradient where there is no news.
    size = xp.sqrt(shocks**2 + obs["news_drift_size"][..., _OF_COMPONENT] ** 2 + 1e-20)
    parts = size * (1.0 - 2.0 * (obs["news_size"][..., _OF_COMPONENT] < 0))
    return parts[..., obs["news_of"], :] * (obs["street_target"] > 0)


def error_share(xp: ArrayNamespace, theta: Arrays, obs: Arrays) -> Array:
    """Variance of a figure's error as a share of that of its news, (..., figure).

    ``r^2 k (1 - k)`` of a forecast that regresses to the expected path; with the term off, ``(1 - k) / k`` of
    a signal that is printed as it is.
    """
    k, r = foresight(xp, theta, obs), response(xp, theta, obs)
    return r**2 * (1.0 - k) * (obs["regresses"] * k + (1.0 - obs["regresses"]) / k)


def noise_scale(xp: ArrayNamespace, theta: Arrays, obs: Arrays) -> Array:
    """Scale of each figure's own error, (..., figure)."""
    own = xp.exp(theta["log_noise_kind"][..., obs["kind"]] + theta["log_noise_topic"][..., obs["topic"]])
    undated = other_noise(xp, theta, "noise.undated_level") * obs["is_undated"]
    # A definition's offset is one constant; what it moves from period to period is noise of its own.
    other = other_noise(xp, theta, "noise.other_definition") * (obs["definition"] > 0)
    # Quarters swing about the smooth paths of all drivers but DRAM's revenue.
    quarter = other_noise(xp, theta, "noise.single_quarter") * obs["is_quarter"]
    # What a forecaster takes for the expected path is his own, and the farther the more so.
    astray = other_noise(xp, theta, "noise.horizon_per_year") * obs["horizon"]
    k = foresight(xp, theta, obs)
    mix = xp.exp(2.0 * theta["constant"][..., _SIZE : _SIZE + 1]) * obs["mix_size"] ** 2 * (1.0 - k) / k
    share = shared_part(xp, theta)
    together = share * (component_sizes(xp, theta, obs) ** 2).sum(axis=-1)
    ahead = error_share(xp, theta, obs) * xp.maximum(news_variance(xp, theta, obs) - together, 0.0)
    fixed = own**2 + undated**2 + other**2 + quarter**2 + obs["half_width"] ** 2
    return xp.sqrt(fixed + astray**2 + mix + ahead)


def printed(points: Array, theta: Arrays, obs: Arrays, rng: np.random.Generator) -> Array:
    """Draw what publications of these kinds would print, offsets and errors included, (draw, figure).

    Parameters
    ----------
    points, theta, obs
        In NumPy, with one leading axis, of the draws.
    rng : numpy.random.Generator
    """
    return with_noise(published(np, points, theta, obs), noise_scale(np, theta, obs), rng)


def with_noise(expected: np.ndarray, scale: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add to what was to be printed each figure's own error of this scale, (draw, figure).

    Parameters
    ----------
    expected, scale : ndarray (draw, figure)
        Of `published` and `noise_scale`.
    rng : numpy.random.Generator
    """
    return expected + scale * rng.standard_t(STUDENT_DEGREES, expected.shape)


def student4_cdf(xp: ArrayNamespace, z: Array) -> Array:
    """Distribution function of Student's t with four degrees of freedom, in closed form."""
    u = z**2 / 4.0
    return 0.5 + 0.375 * z / xp.sqrt(1.0 + u) * (1.0 - u / (3.0 * (1.0 + u)))


def log_likelihood(xp: ArrayNamespace, points: Array, theta: Arrays, obs: Arrays) -> Array:
    """Log-likelihood of each figure, unweighted, (..., figure).

    One-sided figures ("over 100 bn") are censored: the probability that the figure lies beyond its bound.
    """
    return log_density(xp, *residuals(xp, points, theta, obs), obs)


def residuals(xp: ArrayNamespace, points: Array, theta: Arrays, obs: Arrays) -> tuple[Array, Array]:
    """Give how far each print lies from what was to be printed, in its own noise, and that noise.

    Returns
    -------
    z, scale : array (..., figure)
        The second on the figure's working scale, as `noise_scale`.
    """
    scale = noise_scale(xp, theta, obs)
    return (obs["y"] - published(xp, points, theta, obs)) / scale, scale


def log_density(xp: ArrayNamespace, z: Array, scale: Array, obs: Arrays) -> Array:
    """Log-likelihood of each figure from its `residuals`, (..., figure).

    Parameters
    ----------
    z, scale : array (..., figure)
    obs : dict
        Arrays of the same figures.
    """
    point = LOG_STUDENT4 - xp.log(scale) - 2.5 * xp.log(1.0 + z**2 / 4.0)
    side = obs["censored"]
    # "Over y" has probability P(figure > y) = F(-z); "under y" has F(z).
    beyond = xp.log(student4_cdf(xp, -side * z) + 1e-10)
    is_censored = side**2
    return point * (1.0 - is_censored) + beyond * is_censored
