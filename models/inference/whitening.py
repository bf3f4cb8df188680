"""A linear change of variables that makes the posterior nearly round before it is sampled.

In logs the model is almost linear, so the curvature hardly depends on where in the posterior it is measured.
With ``H`` the Hessian of minus the log posterior, averaged over a few draws of a short pilot run, and
``(u_k, lambda_k)`` its eigenpairs farthest from one,
``parameters = center + white + sum_k (lambda_k^-1/2 - 1) u_k (u_k' white)`` has a posterior with unit
curvature in every kept direction. The map is linear with a constant Jacobian: it changes how fast the sampler
moves (measured: 31 leapfrog steps a draw instead of 180, at half the cost again), not what it samples.
The posterior has a curved valley where the data say "one limit or the other" (a smooth minimum): the mean of
many positions, not of ten, sees it from along its length (measured with forty, with a step for an acceptance
of 0.8 and not 0.9: effective draws of the slowest parameter from 4.6 to 14.7 per ten thousand gradients;
since the pilot run has a third stage, 24 do as well).
"""

from collections.abc import Callable, Mapping

import numpy as np

from models.chain.array_api import Array, ArrayNamespace, Arrays, matmul, matmul_transposed

RANK = 160
STEP = 1e-4
LEAST_CURVATURE = 0.2
"""Directions flatter than this (or of negative curvature, in the neck of a funnel) stretch no further."""
WIDEST = 24
"""Directions that are stretched once more. Of so many, a thousand draws tell which they are."""


def no_whitening(size: int) -> dict[str, np.ndarray]:
    """Build the identity map on `size` parameters."""
    return {"center": np.zeros(size), "direction": np.zeros((RANK, size)), "shrink": np.zeros(RANK)}


def unwhiten(xp: ArrayNamespace, white: Array, whitening: Arrays) -> Array:
    """Map whitened vectors to parameters.

    Parameters
    ----------
    xp : module
        ``numpy`` or ``pytensor.tensor``.
    white : array (..., parameter)
    whitening : dict
        ``center`` (parameter,), ``direction`` (rank, parameter), ``shrink`` (rank,).
    """
    direction = whitening["direction"]
    along = matmul_transposed(xp, white[..., None, :], direction) * whitening["shrink"]
    return whitening["center"] + white + matmul(xp, along, direction)[..., 0, :]


def whiten(vectors: np.ndarray, whitening: Mapping[str, np.ndarray]) -> np.ndarray:
    """Undo `unwhiten`, (vector, parameter)."""
    return np.linalg.solve(_linear(whitening), (vectors - whitening["center"]).T).T


def curvature(gradient: Callable[[np.ndarray], np.ndarray], position: np.ndarray) -> np.ndarray:
    """Hessian of minus the log posterior at a position, by differences.

    To one side only: half as many gradients, and what the third derivative adds over so short a step is
    nothing to a whitening.

    Parameters
    ----------
    gradient : callable
        Gradient of the log posterior at a parameter vector (parameter,).
    position : ndarray (parameter,)

    Returns
    -------
    ndarray (parameter, parameter)
    """
    size = len(position)
    hessian, here = np.empty((size, size)), gradient(position)
    for i in range(size):
        step = np.zeros(size)
        step[i] = STEP
        hessian[i] = (here - gradient(position + step)) / STEP
    return (hessian + hessian.T) / 2


def whitening_from_curvature(hessian: np.ndarray, center: np.ndarray) -> dict[str, np.ndarray]:
    """Keep the directions whose curvature is farthest from one.

    Parameters
    ----------
    hessian : ndarray (parameter, parameter)
    center : ndarray (parameter,)
        A typical draw, or the mean of several.

    Returns
    -------
    dict
        As `unwhiten` wants it.
    """
    values, vectors = np.linalg.eigh(hessian)
    return _kept(1.0 / np.clip(values, LEAST_CURVATURE, None), vectors, center)


def stretched(whitening: Mapping[str, np.ndarray], white: np.ndarray) -> dict[str, np.ndarray]:
    """Stretch a whitening along the directions in which draws that were sampled in it are widest.

    Where a limit binds on one side only, the mean curvature is that of its wall, and draws are up to forty
    times wider than it says. A length that is right for both is their geometric mean: curvature is one there
    and the variance v, so lengths grow by ``v^(1/4)`` (by ``v^(1/2)`` a draw takes 44 to 64 steps, not 33).

    Parameters
    ----------
    whitening : dict
        As of `whitening_from_curvature`.
    white : ndarray (draw, parameter)
        Draws in its variables; about as many as parameters, or more.
    """
    variances, along = np.linalg.eigh(np.cov(white.T))
    widest, along = variances[-WIDEST:], along[:, -WIDEST:]
    stretch = np.eye(len(along)) + (along * (widest**0.25 - 1.0)) @ along.T
    linear = _linear(whitening) @ stretch
    # Of all maps to this covariance the symmetric one, which is kept by its directions.
    variances, vectors = np.linalg.eigh(linear @ linear.T)
    return _kept(variances, vectors, unwhiten(np, white.mean(axis=0), whitening))


def _linear(whitening: Mapping[str, np.ndarray]) -> np.ndarray:
    """Matrix of `unwhiten`, (parameter, parameter); symmetric."""
    direction = whitening["direction"]
    return np.eye(direction.shape[1]) + (direction.T * whitening["shrink"]) @ direction


def _kept(variances: np.ndarray, vectors: np.ndarray, center: np.ndarray) -> dict[str, np.ndarray]:
    """Keep the principal directions (parameter, direction) whose variance is farthest from one."""
    kept = np.argsort(np.abs(np.log(variances)))[::-1][:RANK]
    return {
        "center": center,
        "direction": np.ascontiguousarray(vectors[:, kept].T),
        "shrink": variances[kept] ** 0.5 - 1.0,
    }
