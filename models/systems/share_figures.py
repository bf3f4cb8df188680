"""Figures about shares of a whole or amounts of it: what they would print without error, and how they err."""

from dataclasses import dataclass, field

import numpy as np

SMALLEST_SHARE = 1e-12
JITTER = 1e-9
"""Added to a covariance, so that it can be factored whatever it holds."""


@dataclass
class Observations:
    """Figures about shares or amounts; all arrays (figure,) unless said otherwise.

    Attributes
    ----------
    y : ndarray (figure,) or (draw, figure)
        Logit of a share, or log of an amount less the log of the whole's (draw by draw).
    is_log : ndarray of bool
        Log instead of logit.
    part : ndarray of int
    mix : ndarray (figure, layer)
        Weights of the layers whose softmax it speaks about.
    weight : ndarray (figure, quarter)
        Average over quarters; rows sum to one.
    sd : ndarray
        Own error, scaled by the noise factor; `fixed_sd` is not (a printed range).
    shared : list of (codes, loading)
        Error terms that figures with the same code >= 0 share, with the standard deviation each carries.
    censored : ndarray of int
        +1 'over', -1 'under', 0 a number.
    figure_ids : list of str
    """

    y: np.ndarray
    is_log: np.ndarray
    part: np.ndarray
    mix: np.ndarray
    weight: np.ndarray
    sd: np.ndarray
    fixed_sd: np.ndarray
    shared: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    censored: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    figure_ids: list[str] = field(default_factory=list)


def shares(log_ratio: np.ndarray) -> np.ndarray:
    """Softmax over the part axis of (..., part, quarter)."""
    weight = np.exp(log_ratio - log_ratio.max(axis=-2, keepdims=True))
    return weight / weight.sum(axis=-2, keepdims=True)


def predicted(latent: np.ndarray, seen: Observations) -> np.ndarray:
    """Say what figures would print without error.

    Parameters
    ----------
    latent : ndarray (draw, layer, part, quarter)
    seen : Observations

    Returns
    -------
    ndarray (draw, figure)
    """
    out = np.empty((len(latent), len(seen.part)))
    kinds, kind = np.unique(seen.mix, axis=0, return_inverse=True)
    for i, mix in enumerate(kinds):
        at = np.flatnonzero(kind.ravel() == i)
        share = shares(np.tensordot(latent, mix, axes=(1, 0)))
        mean = np.einsum("nfq,fq->nf", share[:, seen.part[at]], seen.weight[at])
        mean = np.clip(mean, SMALLEST_SHARE, 1 - SMALLEST_SHARE)
        out[:, at] = np.log(mean) - np.where(seen.is_log[at], 0.0, np.log1p(-mean))
    return out


def linearised(x: np.ndarray, shape: tuple[int, ...], seen: Observations) -> tuple[np.ndarray, np.ndarray]:
    """Say what figures would print without error, and how that moves with the latent values.

    Parameters
    ----------
    x : ndarray (layer * part * quarter,)
        Latent values.
    shape : tuple of int
        Layers, parts, quarters.
    seen : Observations

    Returns
    -------
    expected : ndarray (figure,)
        As `predicted` gives it.
    jacobian : ndarray (figure, layer * part * quarter)
    """
    latent = x.reshape(shape)
    share = shares(np.einsum("lpq,fl->fpq", latent, seen.mix))
    own = share[np.arange(len(seen.part)), seen.part]
    mean = np.clip((own * seen.weight).sum(axis=1), SMALLEST_SHARE, 1 - SMALLEST_SHARE)
    # A softmax answers to its own argument by s (1 - s) and to another's by -s times the other's share.
    slope = -own[:, None] * share
    slope[np.arange(len(seen.part)), seen.part] += own
    slope *= (seen.weight / (mean * np.where(seen.is_log, 1.0, 1 - mean))[:, None])[:, None]
    jacobian = seen.mix[:, :, None, None] * slope[:, None]
    expected = np.log(mean) - np.where(seen.is_log, 0.0, np.log1p(-mean))
    return expected, jacobian.reshape(len(seen.part), -1)


def error_covariance(seen: Observations, noise: float) -> np.ndarray:
    """Covariance of the figures' errors, (figure, figure)."""
    covariance = np.diag((seen.sd * noise) ** 2 + seen.fixed_sd**2 + JITTER)
    for codes, loading in seen.shared:
        same = (codes[:, None] == codes) & (codes[:, None] >= 0)
        covariance += same * np.outer(loading, loading)
    return covariance
