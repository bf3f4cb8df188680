"""A linear change of variables that makes the posterior nearly round before it is sampled.

In logs the model is almost linear and Gaussian, so the curvature at the mode says which directions the
figures pin down. With ``H = I + J'WJ`` the Hessian there and ``(u_k, lambda_k)`` its leading eigenpairs,
``parameters = centre + white + sum_k (lambda_k^-1/2 - 1) u_k (u_k' white)`` has a posterior with unit
curvature in every kept direction. The map is linear with a constant Jacobian, so it changes how fast the
sampler moves and not what it samples.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import minimize

RANK = 160
STEP = 1e-4


def no_whitening(size: int) -> dict[str, np.ndarray]:
    """Build the identity map on `size` parameters."""
    return {"center": np.zeros(size), "direction": np.zeros((RANK, size)), "shrink": np.zeros(RANK)}


def colour(white: Any, whitening: dict[str, Any]) -> Any:
    """Map whitened vectors to parameters.

    Parameters
    ----------
    white : array (..., parameter)
    whitening : dict
        ``center`` (parameter,), ``direction`` (rank, parameter), ``shrink`` (rank,).
    """
    along = white @ whitening["direction"].T
    return whitening["center"] + white + (along * whitening["shrink"]) @ whitening["direction"]


def whitening_at_mode(
    value_and_gradient: Callable[[np.ndarray], tuple[float, np.ndarray]], free: np.ndarray, start: np.ndarray
) -> dict[str, np.ndarray]:
    """Find the mode and the leading directions of the curvature there, with the scale parameters held.

    Noise and volatility scales stay where they are put: at the joint mode they collapse, and the
    curvature there is far from that of the bulk of the posterior.

    Parameters
    ----------
    value_and_gradient : callable
        Log posterior and its gradient at an unwhitened parameter vector (parameter,).
    free : bool array (parameter,)
        False for scale parameters.
    start : array (parameter,)
        Where the search starts and where the scale parameters are held.

    Returns
    -------
    dict
        As `colour` wants it.
    """
    size = free.size

    def negative(x: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = value_and_gradient(x)
        return -value, -np.where(free, gradient, 0.0)

    options = {"maxiter": 600, "maxcor": 20}
    mode = minimize(negative, start, jac=True, method="L-BFGS-B", options=options).x
    hessian = np.eye(size)
    for i in np.flatnonzero(free):
        up, down = mode.copy(), mode.copy()
        up[i] += STEP
        down[i] -= STEP
        hessian[i, free] = ((negative(up)[1] - negative(down)[1]) / (2 * STEP))[free]
    values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
    # Away from one in either direction: pinned down by figures, or stretched by a scale parameter's funnel.
    strength = np.abs(np.log(np.clip(values, 0.05, None)))
    kept = np.argsort(strength)[::-1][:RANK]
    shrink = np.clip(values[kept], 0.2, None) ** -0.5 - 1.0
    return {"center": mode, "direction": np.ascontiguousarray(vectors[:, kept].T), "shrink": shrink}
