"""How published figures err: the observation model, on PyTensor and NumPy alike (DESIGN.md section 4).

``y_i = f_i - unforeseen share * news_i + definition offset + publisher bias + shared street error + noise``,
with Student-t noise of four degrees of freedom. News is what moved since the publication: `f_i` less the same
carried forward from the last quarter that was over (`models.inference.terms`). The noise's scale is the root
of
``(s_kind s_topic)^2 + (s_h h)^2 + half_width^2 + undated^2 + other^2``, the last for figures of another
definition: their offset is one constant, but moves from period to period. A reported result has no publisher
bias: it is what the quantity means (`models.inference.operator`).
"""

import numpy as np

from models.chain.array_api import Array, ArrayNamespace, Arrays
from models.evidence.assumptions import Prior, locs_and_scales, prior_named
from models.inference.operator import FORESIGHT, KINDS, TOPICS, Operator

STUDENT_DEGREES = 4.0
LOG_STUDENT4 = float(np.log(3.0 / 8.0))
"""Log density of Student's t with four degrees of freedom at zero: Gamma(5/2) / (Gamma(2) sqrt(4 pi))."""
SWITCHES = (
    "publisher_bias",
    "unforeseen_news",
    "street_error",
    "echo_control",
    "definition_offsets",
    "censoring",
    "horizon_noise",
)


def error_shapes(operator: Operator) -> dict[str, tuple[int, ...]]:
    """Shapes of the parameter blocks of the observation model."""
    return {
        "definition_offset": (len(operator.definitions),),
        "publisher_bias": (len(operator.publishers),),
        "street_target": (len(operator.street_targets),),
        "street_time": (len(operator.street_times),),
        "logit_unforeseen": (len(FORESIGHT),),
        "log_street_scale": (len(TOPICS),),
        "log_noise_kind": (len(KINDS),),
        "log_noise_topic": (len(TOPICS),),
        "log_noise_other": (len(OTHER_NOISE),),
    }


OTHER_NOISE = ("noise.horizon_per_year", "noise.undated_level", "publisher.bias_sd", "noise.other_definition")


def error_priors(
    priors: dict[str, Prior], operator: Operator
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Location and scale of every block of `error_shapes`.

    Raises
    ------
    KeyError
        An assumption is missing, named.
    """
    loc = {name: np.zeros(shape) for name, shape in error_shapes(operator).items()}
    scale = {name: np.ones(shape) for name, shape in error_shapes(operator).items()}
    offset_loc, offset_scale = locs_and_scales(
        priors, [f"definition_offset.{d}" for d in operator.definitions[1:]]
    )
    # Index 0 of definitions means no offset: pinned at zero.
    loc["definition_offset"] = np.concatenate([[0.0], offset_loc])
    scale["definition_offset"] = np.concatenate([[0.0], offset_scale])
    for block in ("publisher_bias", "street_target", "street_time"):
        scale[block][0] = 0.0
    loc["logit_unforeseen"], scale["logit_unforeseen"] = locs_and_scales(
        priors, [f"unforeseen_share.{f}" for f in FORESIGHT]
    )
    loc["log_street_scale"], scale["log_street_scale"] = locs_and_scales(
        priors, [f"street.{t}" for t in TOPICS]
    )
    loc["log_noise_kind"], scale["log_noise_kind"] = locs_and_scales(priors, [f"noise.{k}" for k in KINDS])
    factor = prior_named(priors, "noise.topic_factor")
    loc["log_noise_topic"] += factor.loc
    scale["log_noise_topic"] *= factor.scale
    loc["log_noise_other"], scale["log_noise_other"] = locs_and_scales(priors, list(OTHER_NOISE))
    return loc, scale


def log_points(xp: ArrayNamespace, quantities: Array, obs: Arrays) -> Array:
    """Take logs of the distinct points the figures refer to.

    Parameters
    ----------
    quantities : array (..., row, quarter)
        Output of `models.chain.equations.stacked`.
    obs : dict
        `Operator.arrays`.

    Returns
    -------
    array (..., point)
    """
    picked = quantities[..., obs["point_row"][:, None], obs["point_quarter"]]
    return xp.log((picked * obs["point_weight"]).sum(axis=-1))


def predicted(xp: ArrayNamespace, points: Array, obs: Arrays) -> Array:
    """Give the expected figures on their working scale, before offsets and errors, (..., figure)."""
    return _on_working_scale(xp, points, obs["term_point"], obs)


def _on_working_scale(xp: ArrayNamespace, points: Array, term: Array, obs: Arrays) -> Array:
    value = (points[..., term] * obs["term_sign"]).sum(axis=-1)
    share = xp.minimum(value, -1e-4)
    logit = share - xp.log(1.0 - xp.exp(share))
    return value * (1.0 - obs["is_logit"]) + logit * obs["is_logit"]


def unforeseen(xp: ArrayNamespace, expected: Array, points: Array, theta: Arrays, obs: Arrays) -> Array:
    """Give what figures miss of the news between their publication and what they are about, (..., figure).

    A forecast's error is correlated with the outcome. Treating it as independent noise counts information
    twice: once from history, once from the forecast built on that history; intervals would be too narrow and
    too near to no change. The share missed grows with the horizon up to a year (`unforeseen_share.*`).

    Parameters
    ----------
    expected : array (..., figure)
        From `predicted`.
    points : array (..., point)
        From `log_points`.
    """
    of_year = 1.0 / (1.0 + xp.exp(-theta["logit_unforeseen"]))
    share = xp.minimum(obs["horizon"], 1.0) * of_year[..., obs["foresight"]]
    return share * (expected - _on_working_scale(xp, points, obs["term_carried"], obs))


def published(xp: ArrayNamespace, points: Array, theta: Arrays, obs: Arrays) -> Array:
    """Give what is printed before each figure's own error, (..., figure)."""
    expected = predicted(xp, points, obs)
    return expected - unforeseen(xp, expected, points, theta, obs) + systematic_error(xp, theta, obs)


def other_noise(xp: ArrayNamespace, theta: Arrays, name: str) -> Array:
    """Look up the scale of one of `OTHER_NOISE`, (..., 1)."""
    at = OTHER_NOISE.index(name)
    return xp.exp(theta["log_noise_other"][..., at : at + 1])


def systematic_error(xp: ArrayNamespace, theta: Arrays, obs: Arrays) -> Array:
    """Errors that figures share: definition offset, publisher bias and street error, (..., figure).

    Half of the street error's variance belongs to the market (or share) and year, half to the half-year of
    publication (topic): forecasters err together about one year, and together at one time.
    """
    offset = theta["definition_offset"][..., obs["definition"]]
    bias = other_noise(xp, theta, "publisher.bias_sd") * theta["publisher_bias"][..., obs["publisher"]]
    shared = np.sqrt(0.5) * (
        theta["street_target"][..., obs["street_target"]] + theta["street_time"][..., obs["street_time"]]
    )
    street = obs["horizon"] * xp.exp(theta["log_street_scale"])[..., obs["topic"]] * shared
    return offset + bias + street


def noise_scale(xp: ArrayNamespace, theta: Arrays, obs: Arrays) -> Array:
    """Scale of each figure's own error, (..., figure)."""
    own = xp.exp(theta["log_noise_kind"][..., obs["kind"]] + theta["log_noise_topic"][..., obs["topic"]])
    horizon = other_noise(xp, theta, "noise.horizon_per_year") * obs["horizon"]
    undated = other_noise(xp, theta, "noise.undated_level") * obs["is_undated"]
    # A definition's offset is one constant; what it moves from period to period is noise of its own.
    other = other_noise(xp, theta, "noise.other_definition") * (obs["definition"] > 0)
    return xp.sqrt(own**2 + horizon**2 + undated**2 + other**2 + obs["half_width"] ** 2)


def printed(points: Array, theta: Arrays, obs: Arrays, rng: np.random.Generator) -> Array:
    """Draw what publications of these kinds would print, offsets and errors included, (draw, figure)."""
    expected = published(np, points, theta, obs)
    return expected + noise_scale(np, theta, obs) * rng.standard_t(STUDENT_DEGREES, expected.shape)


def student4_cdf(xp: ArrayNamespace, z: Array) -> Array:
    """Distribution function of Student's t with four degrees of freedom, in closed form."""
    u = z**2 / 4.0
    return 0.5 + 0.375 * z / xp.sqrt(1.0 + u) * (1.0 - u / (3.0 * (1.0 + u)))


def log_likelihood(xp: ArrayNamespace, points: Array, theta: Arrays, obs: Arrays) -> Array:
    """Log-likelihood of each figure, unweighted, (..., figure).

    One-sided figures ("over 100 bn") are censored: the probability that the figure lies beyond its bound.
    """
    scale = noise_scale(xp, theta, obs)
    z = (obs["y"] - published(xp, points, theta, obs)) / scale
    point = LOG_STUDENT4 - xp.log(scale) - 2.5 * xp.log(1.0 + z**2 / 4.0)
    side = obs["censored"]
    # "Over y" has probability P(figure > y) = F(-z); "under y" has F(z).
    beyond = xp.log(student4_cdf(xp, -side * z) + 1e-10)
    is_censored = side**2
    return point * (1.0 - is_censored) + beyond * is_censored
