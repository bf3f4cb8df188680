"""What figures about tools, materials and suppliers teach: an exact Gaussian update, draw by draw.

A system's bottom-up calculation gives, in every draw of the chain, a prediction g(t). What is published is
``g(t) exp(b(t))`` with a correction path b: a Gaussian process with a prior of its own. A figure about the
period i says

    y_i = log g_i(draw) + sum_t H_it b(t) + share error + noise_i

which is linear in b, so that b given the draw is Gaussian and is sampled exactly (Matheron's rule: a prior
sample plus the gain times its misfit). One gain serves all draws. H is the same in all draws: the log of a
sum over quarters is taken to first order about the typical draw, an approximation of second order in the
spread of b within a period.

One-sided figures (a market size that contains the item; "over 100") are censored observations: a latent
figure below or above the printed one, drawn from a truncated normal, in turns with b (data augmentation,
Albert and Chib, Journal of the American Statistical Association 88, 1993).

This is a *cut* posterior: systems learn from the chain, and what they learn does not flow back. In a full
posterior each draw of the chain would be weighted by how well it foretold the figures; `Learned.log_evidence`
holds that weight and `kept_share` says how many of the draws would be left. A draw is one of the chain and
of the system's own assumptions together: where these are wide, it is mostly they that would be weighed anew.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtri_exp

SWEEPS = 20
"""Turns of the sampler for one-sided figures, from a start that already meets them."""


@dataclass(frozen=True)
class Learned:
    """Corrections sampled given the figures.

    Attributes
    ----------
    paths : ndarray (draw, state)
        Samples of b.
    log_evidence : ndarray (draw,)
        Log density of the two-sided figures under each draw of the chain, including the normalising constant.
    """

    paths: np.ndarray
    log_evidence: np.ndarray

    def kept_share(self) -> float:
        """Share of effective draws that would be left if the figures were let back into the chain."""
        return kept_share(self.log_evidence)


def learn(
    misfit: np.ndarray,
    weights: np.ndarray,
    noise: np.ndarray,
    prior_mean: np.ndarray,
    prior_covariance: np.ndarray,
    rng: np.random.Generator,
    side: np.ndarray | None = None,
) -> Learned:
    """Sample correction paths given figures.

    Parameters
    ----------
    misfit : ndarray (draw, figure)
        Log of the figure less log of the prediction for its period.
    weights : ndarray (figure, state)
        H: how much of each state the figure's period holds.
    noise : ndarray (figure, figure)
        Covariance of the figures' errors, shared ones included (`error_covariance`).
    prior_mean : ndarray (state,)
    prior_covariance : ndarray (state, state)
    rng : numpy Generator
        The number of values taken does not depend on the misfits.
    side : ndarray of int (figure,), optional
        0 two-sided; -1 the truth lies at or below the figure; +1 at or above.

    Returns
    -------
    Learned

    Raises
    ------
    ValueError
        Shapes that don't match.
    """
    n_draws, n_figures = misfit.shape
    n_states = len(prior_mean)
    if weights.shape != (n_figures, n_states) or noise.shape != (n_figures, n_figures):
        raise ValueError(f"weights {weights.shape} and noise {noise.shape} for {misfit.shape} and {n_states}")
    root = _root(prior_covariance)
    if n_figures == 0:
        sample = prior_mean + rng.standard_normal((n_draws, n_states)) @ root.T
        return Learned(sample, np.zeros(n_draws))
    side = np.zeros(n_figures, int) if side is None else np.asarray(side)
    predicted = weights @ prior_covariance @ weights.T + noise
    gain = np.linalg.solve(predicted, weights @ prior_covariance).T
    error_root = _root(noise)
    two_sided = side == 0
    latent = np.array(misfit, dtype=float)
    if not two_sided.all():
        latent = _start(latent, side, weights @ prior_mean, predicted)

    def sample_paths(values: np.ndarray) -> np.ndarray:
        path = prior_mean + rng.standard_normal((n_draws, n_states)) @ root.T
        error = rng.standard_normal((n_draws, n_figures)) @ error_root.T
        return path + (values - path @ weights.T - error) @ gain.T

    if two_sided.all():
        paths = sample_paths(latent)
    else:
        # Alternates the latent figures of one-sided rows with what they say about the path.
        conditional = _conditionals(predicted, np.flatnonzero(~two_sided))
        centre = weights @ prior_mean
        for _ in range(SWEEPS):
            for i, slope, spread in conditional:
                mean = centre[i] + (latent - centre) @ slope
                latent[:, i] = _truncated(mean, spread, misfit[:, i], side[i], rng)
        paths = sample_paths(latent)
    return Learned(paths, _log_density(misfit, two_sided, weights @ prior_mean, predicted))


def error_covariance(
    independent: np.ndarray, shared: list[tuple[np.ndarray, np.ndarray]] | None = None
) -> np.ndarray:
    """Covariance of figures' errors from independent and shared parts.

    Parameters
    ----------
    independent : ndarray (figure,)
        Standard deviation of each figure's own error.
    shared : list of (labels, scale), optional
        Figures with one label share one error; `scale` (figure,) is its standard deviation. A hundred figures
        of one vendor then say no more about the vendor's unknown share than one does.

    Returns
    -------
    ndarray (figure, figure)
    """
    out = np.diag(np.asarray(independent, float) ** 2)
    for labels, scale in shared or []:
        same = np.asarray(labels)[:, None] == np.asarray(labels)[None, :]
        out += np.where(same, np.outer(scale, scale), 0.0)
    return out


def path_prior(n_times: int, level_sd: float, wander_sd: float, correlation: float) -> np.ndarray:
    """Covariance of a path: one unknown level plus a stationary autoregression around it.

    Parameters
    ----------
    n_times : int
    level_sd, wander_sd : float
        On the log scale.
    correlation : float
        Of neighbouring times of the wander.

    Returns
    -------
    ndarray (time, time)
    """
    lag = np.abs(np.subtract.outer(np.arange(n_times), np.arange(n_times)))
    return level_sd**2 + wander_sd**2 * correlation**lag


def kept_share(log_weight: np.ndarray) -> float:
    """Effective share of draws under importance weights, (sum w)^2 / (n sum w^2); 1 when all are alike."""
    weight = np.exp(log_weight - log_weight.max())
    return float(weight.sum() ** 2 / (len(weight) * (weight**2).sum()))


def _root(covariance: np.ndarray) -> np.ndarray:
    """Square root L with L L' = covariance, also of a singular one."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0))


def _start(latent: np.ndarray, side: np.ndarray, centre: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Begin one-sided figures a typical distance on their allowed side."""
    spread = np.sqrt(np.diag(predicted))
    for i in np.flatnonzero(side):
        inside = side[i] * (centre[i] - latent[:, i]) > 0
        latent[:, i] = np.where(inside, centre[i], latent[:, i] + 0.5 * side[i] * spread[i])
    return latent


def _conditionals(predicted: np.ndarray, one_sided: np.ndarray) -> list[tuple[int, np.ndarray, float]]:
    """Mean slope and spread of each one-sided figure given all others, from the precision matrix."""
    precision = np.linalg.inv(predicted)
    found = []
    for i in one_sided:
        slope = -precision[i] / precision[i, i]
        slope[i] = 0.0
        found.append((int(i), slope, float(1 / np.sqrt(precision[i, i]))))
    return found


def _truncated(
    mean: np.ndarray, spread: float, bound: np.ndarray, side: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw normals below (side -1) or above (side +1) a bound, by the inverse of the distribution."""
    at = side * (mean - bound) / spread
    # In logs, so that a bound far in the tail is met and not rounded away.
    log_uniform = np.log1p(-rng.random(len(mean)))
    return mean - side * spread * ndtri_exp(log_uniform + log_ndtr(at))


def _log_density(
    misfit: np.ndarray, used: np.ndarray, centre: np.ndarray, predicted: np.ndarray
) -> np.ndarray:
    if not used.any():
        return np.zeros(len(misfit))
    lower = np.linalg.cholesky(predicted[np.ix_(used, used)])
    scaled = np.linalg.solve(lower, (misfit[:, used] - centre[used]).T)
    constant = np.log(np.diag(lower)).sum() + 0.5 * used.sum() * np.log(2 * np.pi)
    return -0.5 * (scaled**2).sum(axis=0) - constant
