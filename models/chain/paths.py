"""Autocorrelated growth paths as one constant matrix.

Each driver is ``level + drift * years + volatility * (basis @ shocks)``. The basis is the Karhunen-Loeve
factor of a random walk whose quarterly growth is a stationary AR(1) process: the same Gaussian process as a
lower-triangular matrix times one shock a quarter, with the directions that carry next to no variance left
out, which halves the number of parameters and decorrelates them.
"""

import numpy as np

from models.vocabulary.periods import N_ALL, QUARTERS

# From quarter to quarter; 0.41 from year to year. Chosen on backtests up to 2024-11 (README.md, scoreboard).
GROWTH_AUTOCORRELATION = 0.8
REFERENCE_QUARTER = QUARTERS.index("2022Q4")
KEPT_VARIANCE = 0.999


def years_from_reference() -> np.ndarray:
    """Years from the reference quarter, shape (quarter,)."""
    return (np.arange(N_ALL) - REFERENCE_QUARTER) / 4.0


def path_covariance(autocorrelation: float = GROWTH_AUTOCORRELATION) -> np.ndarray:
    """Covariance of the path over quarters, anchored at zero in the reference quarter.

    The scale is such that the change over one year has a standard deviation of one.

    Returns
    -------
    ndarray (quarter, quarter)
    """
    lag = np.abs(np.subtract.outer(np.arange(N_ALL), np.arange(N_ALL)))
    growth = autocorrelation**lag
    one_year = growth[:4, :4].sum()
    # x[t] = sum of growth after the reference quarter, or minus the growth between t and it.
    steps = np.zeros((N_ALL, N_ALL))
    for t in range(N_ALL):
        steps[t, REFERENCE_QUARTER + 1 : t + 1] = 1.0
        steps[t, t + 1 : REFERENCE_QUARTER + 1] = -1.0
    return steps @ growth @ steps.T / one_year


def path_basis(
    kept_variance: float = KEPT_VARIANCE, autocorrelation: float = GROWTH_AUTOCORRELATION
) -> np.ndarray:
    """Leading Karhunen-Loeve directions of the path, scaled by their standard deviation.

    Parameters
    ----------
    kept_variance : float
        Share of the variance of the *yearly changes* that must remain.

    Returns
    -------
    ndarray (quarter, shock)
        ``basis @ standard normals`` is a draw of the path.
    """
    covariance = path_covariance(autocorrelation)
    values, vectors = np.linalg.eigh(covariance)
    order = np.argsort(values)[::-1]
    values, vectors = np.clip(values[order], 0, None), vectors[:, order]
    factors = vectors * np.sqrt(values)
    change = factors[4:] - factors[:-4]
    kept = np.cumsum((change**2).sum(axis=0)) / (change**2).sum()
    rank = int(np.searchsorted(kept, kept_variance) + 1)
    return factors[:, :rank]
