"""Shares of a whole as logistic-normal paths, conditioned on published shares and amounts.

Latent log-ratios (layer, part, quarter) are Gaussian: a level, a drift and a random walk around 2022Q4.
Shares are the softmax over parts of a sum of layers (bits; bits and a price premium; bits and a capacity
need), so they sum to one in every draw. Figures are linearised at the mode (Gauss-Newton) and the joint
Gaussian is then conditioned exactly, draw by draw (Matheron's rule: Chiles and Delfiner, Geostatistics, 2012,
section 7.3). With the figures of 2026 importance weights of that approximation keep 92 % of the draws.
One-sided figures enter as probit sites (Minka, UAI 2001, section 3). The scales of volatility and noise are
mixed over their priors by three-point quadrature, weighted by the marginal likelihood. A cut posterior: it
learns from the chain's draws and tells them nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from models.evidence.assumptions import Prior
from models.systems.share_figures import JITTER, Observations, error_covariance, linearised, predicted
from models.vocabulary.periods import N_QUARTERS, QUARTERS

ANCHOR = QUARTERS.index("2022Q4")
YEARS_FROM_ANCHOR = (np.arange(N_QUARTERS) - ANCHOR) / 4.0
_WALK = np.where(
    np.sign(YEARS_FROM_ANCHOR)[:, None] == np.sign(YEARS_FROM_ANCHOR),
    np.minimum(np.abs(YEARS_FROM_ANCHOR)[:, None], np.abs(YEARS_FROM_ANCHOR)),
    0.0,
)
_STEPS, _FURTHER_STEPS, _FLAT = 12, 5, 1e6
# Gauss-Hermite quadrature of a normal with three points: nodes in standard deviations, and weights.
_NODES, _NODE_WEIGHTS = np.sqrt(3.0) * np.array([-1.0, 0.0, 1.0]), np.array([1, 4, 1]) / 6


@dataclass(frozen=True)
class Layer:
    """Prior of one layer of log-ratios.

    Attributes
    ----------
    level, level_sd : ndarray (part,) or (part, quarter); (part,)
        Mean (a path where it is known to move) and standard deviation at 2022Q4.
    drift_sd : float
        Standard deviation of the long-run change a year.
    volatility : float or ndarray (part,)
        Standard deviation of the change over one year beyond it.
    """

    level: np.ndarray
    level_sd: np.ndarray
    drift_sd: float
    volatility: float | np.ndarray


@dataclass(frozen=True)
class _Node:
    """One combination of volatility and noise, fitted."""

    mode: np.ndarray
    mean: np.ndarray
    roots: np.ndarray
    at_mode: np.ndarray
    jacobian: np.ndarray
    gain: np.ndarray
    error_root: np.ndarray
    site: np.ndarray
    log_marginal: float


def posterior_paths(
    layers: Sequence[Layer],
    seen: Observations,
    volatility: Prior,
    noise: Prior,
    n_draws: int,
    rng: np.random.Generator,
    shift: np.ndarray | None = None,
) -> tuple[np.ndarray, dict[str, float]]:
    """Draw log-ratios given the figures.

    Parameters
    ----------
    layers : sequence of Layer
    seen : Observations
    volatility, noise : Prior
        Lognormal factors on the layers' volatility and on the figures' own error, with median one.
    n_draws : int
    rng : numpy.random.Generator
        The same numbers of normals are taken whatever the figures say.
    shift : ndarray (draw, part, quarter), optional
        Known movement of each draw, added to the first layer.

    Returns
    -------
    latent : ndarray (draw, layer, part, quarter)
    about : dict
        ``volatility_factor`` and ``noise_factor`` after the figures (posterior means), ``figures``, and
        ``log_marginal_spread`` over the quadrature nodes.
    """
    parts = layers[0].level.shape[0]
    shape = (len(layers), parts, N_QUARTERS)
    normals = rng.standard_normal((n_draws, len(layers) * parts, N_QUARTERS))
    n_seen = len(seen.part)
    errors = rng.standard_normal((n_draws, n_seen))
    uniform = rng.random(n_draws)
    pairs = [(v, e) for v in range(3) for e in range(3)]
    factors = [(np.exp(volatility.scale * _NODES[v]), np.exp(noise.scale * _NODES[e])) for v, e in pairs]
    middle = _fit(layers, seen, *factors[len(factors) // 2])
    nodes = [_fit(layers, seen, *pair, near=middle) for pair in factors]
    log_weight = np.array([np.log(_NODE_WEIGHTS[v] * _NODE_WEIGHTS[e]) for v, e in pairs])
    marginal = np.array([node.log_marginal for node in nodes])
    weight = np.exp(log_weight + marginal - (log_weight + marginal).max())
    weight /= weight.sum()
    chosen = np.minimum(np.searchsorted(np.cumsum(weight), uniform), len(nodes) - 1)
    latent = np.empty((n_draws, *shape))
    for i, node in enumerate(nodes):
        at = np.flatnonzero(chosen == i)
        if len(at) == 0:
            continue
        start = node.mean + np.einsum("bij,nbj->nbi", node.roots, normals[at]).reshape(len(at), -1)
        moved = np.zeros((len(at), *shape))
        if shift is not None:
            moved[:, 0] = shift[at]
        if n_seen:
            y = np.where(seen.censored != 0, node.site, np.broadcast_to(seen.y, (n_draws, n_seen))[at])
            expected = node.at_mode + (start + moved.reshape(len(at), -1) - node.mode) @ node.jacobian.T
            start = start + (y - expected - errors[at] @ node.error_root.T) @ node.gain.T
        latent[at] = start.reshape(-1, *shape) + moved
    about = {
        "figures": float(n_seen),
        "volatility_factor": float(sum(w * f[0] for w, f in zip(weight, factors, strict=True))),
        "noise_factor": float(sum(w * f[1] for w, f in zip(weight, factors, strict=True))),
        "log_marginal_spread": float(np.ptp(marginal)),
    }
    return latent, about


def drifting_walk_covariance(level_sd: float, drift_sd: float, volatility: float) -> np.ndarray:
    """Covariance of a level, drift and random walk anchored at 2022Q4, (quarter, quarter).

    ``level_sd^2 + drift_sd^2 t u + volatility^2 min(|t|, |u|)`` for the years ``t`` and ``u`` from 2022Q4,
    the last term only where both lie on the same side of it.

    Parameters
    ----------
    level_sd : float
        Standard deviation at 2022Q4, of the log or log-ratio that moves.
    drift_sd : float
        Of the long-run change a year.
    volatility : float
        Of the change over one year beyond the drift.
    """
    t = YEARS_FROM_ANCHOR
    return level_sd**2 + drift_sd**2 * np.outer(t, t) + volatility**2 * _WALK


def _fit(
    layers: Sequence[Layer], seen: Observations, volatility: float, noise: float, near: _Node | None = None
) -> _Node:
    """Gauss-Newton to the mode, with probit sites of the one-sided figures refreshed on the way."""
    mean, blocks = _prior(layers, volatility)
    roots = np.linalg.cholesky(blocks + JITTER * np.eye(N_QUARTERS))
    shape = (len(layers), layers[0].level.shape[0], N_QUARTERS)
    n = len(seen.part)
    if n == 0:
        nothing = np.zeros((0, len(mean)))
        return _Node(mean, mean, roots, np.zeros(0), nothing, nothing.T, np.zeros((0, 0)), np.zeros(0), 0.0)
    y = np.median(seen.y, axis=0) if seen.y.ndim > 1 else seen.y
    error = error_covariance(seen, noise)
    one_sided = seen.censored != 0
    own = np.sqrt(np.diag(error))
    error[one_sided] = 0.0
    error[:, one_sided] = 0.0
    error[one_sided, one_sided] = _FLAT
    target, x = (y.copy(), mean) if near is None else (near.site.copy(), near.mode)
    if near is not None:
        error[one_sided, one_sided] = np.diag(near.error_root @ near.error_root.T)[one_sided]
    steps = _STEPS if near is None else _FURTHER_STEPS
    for step in range(steps):
        at_mode, jacobian = linearised(x, shape, seen)
        # Paths are independent a priori: block by block, never the whole covariance.
        cross = (blocks @ jacobian.T.reshape(len(blocks), N_QUARTERS, n)).reshape(-1, n)
        spread = jacobian @ cross + error
        gain = np.linalg.solve(spread, cross.T).T
        residual = target - at_mode + jacobian @ (x - mean)
        x = mean + gain @ residual
        if step == steps - 1:
            break
        here = predicted(x.reshape(1, *shape), seen)[0]
        variance = np.diag(jacobian @ cross - jacobian @ gain @ cross.T @ jacobian.T)
        for i in np.flatnonzero(one_sided):
            target[i], error[i, i] = _probit_site(
                (here[i], variance[i]), (target[i], error[i, i]), y[i], own[i], int(seen.censored[i])
            )
    at_mode, jacobian = linearised(x, shape, seen)
    two = ~one_sided
    part = spread[np.ix_(two, two)]
    fit = residual[two] @ np.linalg.solve(part, residual[two]) + np.linalg.slogdet(part)[1]
    return _Node(
        x,
        mean,
        roots,
        at_mode,
        jacobian,
        gain,
        np.linalg.cholesky(error),
        target,
        -0.5 * float(fit),
    )


def _prior(layers: Sequence[Layer], volatility: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean of all paths in a row, (path * quarter,), and the covariance of each, (path, quarter, quarter)."""
    mean = np.concatenate(
        [np.broadcast_to(np.reshape(x.level, (len(x.level), -1)), (len(x.level), N_QUARTERS)) for x in layers]
    ).ravel()
    blocks = np.array(
        [
            drifting_walk_covariance(s, x.drift_sd, v * volatility)
            for x in layers
            for s, v in zip(x.level_sd, np.broadcast_to(x.volatility, x.level_sd.shape), strict=True)
        ]
    )
    return mean, blocks


def _probit_site(
    posterior: tuple[float, float], site: tuple[float, float], bound: float, sd: float, sign: int
) -> tuple[float, float]:
    """Gaussian that stands for a one-sided figure: moments of a normal times Phi(sign (f - bound) / sd)."""
    precision = max(1 / posterior[1] - 1 / site[1], 1 / _FLAT)
    mean = (posterior[0] / posterior[1] - site[0] / site[1]) / precision
    variance = 1 / precision
    scale = np.sqrt(sd**2 + variance)
    z = sign * (mean - bound) / scale
    log_density = -0.5 * z * z - 0.5 * np.log(2.0 * np.pi)
    ratio = float(np.exp(log_density - log_ndtr(z)))
    new_mean = mean + sign * variance * ratio / scale
    new_variance = variance - variance**2 * ratio * (z + ratio) / scale**2
    if variance - new_variance < variance**2 / _FLAT:
        return bound, _FLAT
    new_precision = 1 / new_variance - 1 / variance
    return (new_mean / new_variance - mean / variance) / new_precision, 1 / new_precision
