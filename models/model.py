"""The PyMC model: standard-normal blocks, the chain, and one stacked likelihood.

Everything a vintage changes is data (`pm.Data`), so one compiled model serves other dates: weights of the
figures, priors known by then, the catalogue of products announced by then.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.catalogue import Catalogue, build_catalogue
from models.chain import ROW_NAMES, chain, stacked
from models.evidence import Operator, build_operator, vintage_weights
from models.observation import SWITCHES, error_priors, error_shapes, log_likelihood, log_points
from models.parameters import bases, block_shapes, drivers, prior_arrays
from models.periods import date_precision, effective_date
from models.priors import read_priors


@dataclass
class Problem:
    """All inputs of one fit, as arrays.

    Attributes
    ----------
    as_of : date
    operator : Operator
    weight : ndarray (figure,)
        Weight of each figure in this vintage.
    loc, scale : dict of ndarray
        Prior location and scale of each parameter block.
    fixed : dict of ndarray
        Path bases and catalogue arrays.
    catalogue : Catalogue
    """

    as_of: date
    operator: Operator
    weight: np.ndarray
    loc: dict[str, np.ndarray]
    scale: dict[str, np.ndarray]
    fixed: dict[str, np.ndarray]
    catalogue: Catalogue
    switched_off: tuple[str, ...] = field(default=())

    def data(self) -> dict[str, np.ndarray]:
        """Flat name-to-array view: what `pm.Data` holds."""
        out = {f"obs_{k}": v for k, v in self.operator.arrays.items()}
        out |= {f"loc_{k}": v for k, v in self.loc.items()}
        out |= {f"scale_{k}": v for k, v in self.scale.items()}
        out |= {f"fixed_{k}": v for k, v in self.fixed.items()}
        return out | {"weight": self.weight}


def visible_products(products: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Products announced by a date (month-only dates count from the month's end)."""
    known = [effective_date(str(d), date_precision(str(d))) <= as_of for d in products["announced_on"]]
    return products[np.array(known, dtype=bool)]


def build_problem(
    figures: pd.DataFrame,
    products: pd.DataFrame,
    assumptions: pd.DataFrame,
    as_of: date,
    operator: Operator | None = None,
    switch_off: tuple[str, ...] = (),
    withhold: frozenset[str] = frozenset(),
) -> Problem:
    """Bring evidence into the arrays of one vintage.

    Parameters
    ----------
    figures : DataFrame
        As `models.evidence.build_operator` wants them.
    products, assumptions : DataFrame
        Columns of data/products.csv and data/assumptions.csv.
    as_of : date
    operator : Operator, optional
        A stacked operator to share between vintages; made from the figures published by `as_of` otherwise.
    switch_off : tuple of str
        Parts of the observation model to leave out, of `models.observation.SWITCHES` (tests and ablations).
    withhold : frozenset of str
        Publishers to leave out.

    Returns
    -------
    Problem

    Raises
    ------
    ValueError, KeyError
        An assumption or product is missing or can't be read, named.
    """
    unknown = set(switch_off) - set(SWITCHES)
    if unknown:
        raise ValueError(f"unknown switches {sorted(unknown)}; known: {', '.join(SWITCHES)}")
    operator = operator or build_operator(figures, as_of)
    priors = read_priors(assumptions, as_of)
    catalogue = build_catalogue(visible_products(products, as_of))
    loc, scale = prior_arrays(priors, catalogue)
    error_loc, error_scale = error_priors(priors, operator)
    problem = Problem(
        as_of, operator, vintage_weights(operator.figures, as_of, withhold), loc | error_loc, scale | error_scale,
        bases() | catalogue.arrays, catalogue, switch_off,
    )
    for name in switch_off:
        _switch_off(problem, name)
    return problem


def _switch_off(problem: Problem, name: str) -> None:
    """Leave one part of the observation model out, by its data alone."""
    arrays = problem.operator.arrays = dict(problem.operator.arrays)
    if name in ("publisher_bias", "definition_offsets"):
        block = {"publisher_bias": "publisher_bias", "definition_offsets": "definition_offset"}[name]
        problem.loc[block] = np.zeros_like(problem.loc[block])
        problem.scale[block] = np.zeros_like(problem.scale[block])
    elif name == "street_error":
        for block in ("street_target", "street_time"):
            problem.scale[block] = np.zeros_like(problem.scale[block])
    elif name == "echo_control":
        problem.weight = (problem.operator.figures["known_on"] <= problem.as_of).to_numpy(float)
    elif name == "censoring":
        arrays["censored"] = np.zeros_like(arrays["censored"])
    elif name == "horizon_noise":
        # A tiny scale instead of zero: the block is on a log scale.
        problem.loc["log_noise_other"] = problem.loc["log_noise_other"].copy()
        problem.loc["log_noise_other"][0] = -20.0


def parameter_shapes(operator: Operator) -> dict[str, tuple[int, ...]]:
    """Shapes of all free parameter blocks."""
    return block_shapes() | error_shapes(operator)


def working_values(raw: dict[str, Any], problem_data: dict[str, Any]) -> dict[str, Any]:
    """Parameter blocks on their working scales: ``loc + scale * raw``."""
    return {k: problem_data[f"loc_{k}"] + problem_data[f"scale_{k}"] * v for k, v in raw.items()}


def part(data: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Entries of a flat data dictionary under one prefix, without it."""
    return {k.removeprefix(prefix): v for k, v in data.items() if k.startswith(prefix)}


def build_pymc_model(problem: Problem) -> Any:
    """Build the PyMC model of a problem.

    Returns
    -------
    pymc.Model
        Free variables: the blocks of `parameter_shapes`, all standard normal; data: `Problem.data`.
    """
    import pymc as pm
    import pytensor.tensor as pt

    with pm.Model() as model:
        data = {k: pm.Data(k, v) for k, v in problem.data().items()}
        raw = {k: pm.Normal(k, 0.0, 1.0, shape=s) for k, s in parameter_shapes(problem.operator).items()}
        theta = working_values(raw, data)
        quantities = chain(pt, drivers(pt, theta, part(data, "fixed_")))
        obs = part(data, "obs_")
        likelihood = log_likelihood(pt, log_points(pt, stacked(pt, quantities), obs), theta, obs)
        pm.Potential("figures", (data["weight"] * likelihood).sum())
    return model


def predict(raw: dict[str, np.ndarray], problem: Problem) -> dict[str, np.ndarray]:
    """Run the chain on NumPy draws of the free parameters.

    Parameters
    ----------
    raw : dict of arrays (draw, ...)
    problem : Problem

    Returns
    -------
    dict of arrays (draw, quarter)
    """
    theta = working_values(raw, problem.data())
    rows = stacked(np, chain(np, drivers(np, theta, problem.fixed)))
    return {name: rows[..., i, :] for i, name in enumerate(ROW_NAMES)}
