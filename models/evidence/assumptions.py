"""The one reader of assumptions: rows of p05, p95 and shape become normals on a working scale."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from models.evidence.known import known_by, newest_of_each
from models.vocabulary.rows import rows_of

Z95 = 1.6448536269514722
"""scipy.special.ndtri(0.95): SciPy is loaded where a share is wanted, not by all that reads evidence."""
SHAPES = ("normal", "lognormal", "logitnormal")


@dataclass(frozen=True)
class Prior:
    """A normal on the working scale of an assumption (identity, log or logit).

    Attributes
    ----------
    loc, scale : float
        Mean and standard deviation on the working scale.
    shape : str
        'normal', 'lognormal' or 'logitnormal'.
    """

    loc: float
    scale: float
    shape: str

    def natural(self, working: np.ndarray) -> np.ndarray:
        """Carry values from the working scale to the natural one."""
        if self.shape == "lognormal":
            return np.exp(working)
        if self.shape != "logitnormal":
            return working
        from scipy.special import expit

        return expit(working)


def prior_from_quantiles(p05: float, p95: float, shape: str) -> Prior:
    """Turn a 5 % and a 95 % quantile into a normal on the working scale.

    Parameters
    ----------
    p05, p95 : float
        On the natural scale.
    shape : str
        One of `SHAPES`.

    Raises
    ------
    ValueError
        Unknown shape, quantiles out of order, or outside the shape's support.
    """
    if shape not in SHAPES:
        raise ValueError(f"shape {shape!r} is not one of {', '.join(SHAPES)}")
    if not p05 < p95:
        raise ValueError(f"p05 {p05:g} must lie below p95 {p95:g}")
    if shape == "lognormal" and p05 <= 0:
        raise ValueError(f"a lognormal needs p05 above 0, not {p05:g}")
    if shape == "logitnormal" and not (p05 > 0 and p95 < 1):
        raise ValueError(f"a logitnormal needs 0 < p05 and p95 < 1, not {p05:g}, {p95:g}")
    low, high = _working(p05, shape), _working(p95, shape)
    return Prior((low + high) / 2, (high - low) / (2 * Z95), shape)


def _working(value: float, shape: str) -> float:
    if shape == "logitnormal":
        # SciPy's takes every command that reads evidence a sixth of a second to load.
        return float(np.log(value) - np.log1p(-value))
    return float(np.log(value)) if shape == "lognormal" else float(value)


def read_priors(assumptions: pd.DataFrame, as_of: date) -> dict[str, Prior]:
    """Read the assumptions known on a date.

    Where an assumption has several rows, the one that became known last before `as_of` holds.

    Parameters
    ----------
    assumptions : DataFrame
        Columns of data/assumptions.csv.
    as_of : date

    Returns
    -------
    dict of str to Prior

    Raises
    ------
    ValueError
        A row that can't be read, named by its assumption.
    """
    priors: dict[str, Prior] = {}
    for row in rows_of(newest_of_each(known_by(assumptions, as_of), ["assumption"])):
        try:
            priors[row.assumption] = prior_from_quantiles(float(row.p05), float(row.p95), str(row.shape))
        except ValueError as error:
            raise ValueError(f"assumptions.csv, assumption {row.assumption}: {error}") from None
    return priors


class MissingAssumption(KeyError):
    """No row in force names an assumption that the model needs.

    Parameters
    ----------
    name : str
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"assumption {name!r} is missing from assumptions.csv (or known only later): add a row for it"
        )
        self.name = name


def prior_named(priors: dict[str, Prior], name: str) -> Prior:
    """Look a prior up, with an error that says what to add.

    Raises
    ------
    MissingAssumption
        No assumption of that name.
    """
    if name not in priors:
        raise MissingAssumption(name)
    return priors[name]


def locs_and_scales(priors: dict[str, Prior], names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Stack the locations and scales of named assumptions, each (name,).

    Raises
    ------
    KeyError
        An assumption is missing, named.
    """
    found = [prior_named(priors, name) for name in names]
    return np.array([p.loc for p in found]), np.array([p.scale for p in found])
