"""The PyMC model: standard-normal blocks, the chain, and one stacked likelihood.

Everything a vintage changes is data (`pm.Data`), so one compiled model serves other dates: weights of the
figures, priors known by then, the catalogue of products announced by then.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.chain.array_api import Array, ArrayNamespace, Arrays
from models.chain.drivers import (
    PENETRATION,
    bases,
    block_shapes,
    constants,
    correlations,
    drivers,
    prior_arrays,
)
from models.chain.equations import chain, stacked
from models.chain.product_classes import Catalogue, build_catalogue
from models.evidence.assumptions import read_priors
from models.evidence.known import known_products
from models.inference.news import distinct_news, elasticities, mix_size, news_arrays
from models.inference.observation import (
    OTHER_NOISE,
    SWITCHES,
    error_priors,
    error_shapes,
    log_likelihood,
    log_points,
    with_sums,
)
from models.inference.operator import Operator, build_operator, vintage_weights
from models.inference.packing import layout_of, pack, padded, padded_shape, unpack
from models.inference.whitening import no_whitening, unwhiten
from models.vocabulary.drivers import DRIVERS, FINE_DRIVERS
from models.vocabulary.market import Market

if TYPE_CHECKING:
    import pymc as pm

# How far the shocks of a path are sampled in fixed units (1) or in units of their own volatility (0). Tried
# on all figures of 2026 (effective draws of the slowest quantity, 2 x 1000): drivers and classes at 1: 33,
# at 0: 12, drivers 1 and classes 0: 16, drivers pinned by quarterly reports 1 and the rest 0.5: 62;
# volatilities of drivers mixed best at 1, shares of classes at 0.5.
PATH_BLOCKS = ("driver_level", "driver_drift", "shock_smooth", "shock_fine")
"""Blocks that `standardised` turns or rescales; the others are standard normals as sampled."""
DRIVER_CENTRING, CLASS_CENTRING = 1.0, 0.5


NEXT_TO_NOTHING = -20.0
"""On a log or logit scale, which has no zero: what is switched off."""


@dataclass
class Problem:
    """All inputs of one fit, as arrays.

    Attributes
    ----------
    market : Market
        Order of the classes and generations in every array.
    as_of : date
    operator : Operator
    weight : ndarray (figure,)
        Weight of each figure in this vintage.
    loc, scale : dict of ndarray
        Prior location and scale of each parameter block.
    fixed : dict of ndarray
        Path bases and catalogue arrays.
    catalogue : Catalogue
    left_out_share : ndarray (figure,), optional
        Of posteriors that each lack one figure, which `models.inference.left_out` samples together.
    """

    market: Market
    as_of: date
    operator: Operator
    weight: np.ndarray
    loc: dict[str, np.ndarray]
    scale: dict[str, np.ndarray]
    fixed: dict[str, np.ndarray]
    catalogue: Catalogue
    switched_off: tuple[str, ...] = field(default=())
    left_out_share: np.ndarray | None = None

    def data(self) -> dict[str, np.ndarray]:
        """Flat name-to-array view: what `pm.Data` holds."""
        out = {f"obs_{k}": v for k, v in self.operator.arrays.items()}
        out |= {f"loc_{k}": v for k, v in self.loc.items()}
        out |= {f"scale_{k}": v for k, v in self.scale.items()}
        out |= {f"fixed_{k}": v for k, v in self.fixed.items()}
        return out | {
            "weight": self.weight,
            "left_out_share": np.zeros_like(self.weight)
            if self.left_out_share is None
            else self.left_out_share,
            "centring": np.repeat(
                [DRIVER_CENTRING, CLASS_CENTRING], [len(DRIVERS), len(self.market.classes)]
            ),
            "rotation": path_rotation(self.loc, self.scale, self.fixed),
        }


def path_rotation(
    loc: dict[str, np.ndarray], scale: dict[str, np.ndarray], fixed: dict[str, np.ndarray]
) -> np.ndarray:
    """Right singular vectors of each driver's map from (level, drift, shocks) to its path.

    Returns
    -------
    ndarray (driver, coordinate, axis)
        Orthogonal for each driver, so standard normals stay standard normals.
    """
    volatility = np.exp(loc["driver_log_volatility"])
    ones = np.ones_like(fixed["years"])
    maps = [
        np.column_stack(
            [
                scale["driver_level"][i] * ones,
                scale["driver_drift"][i] * fixed["years"],
                volatility[i] * fixed["basis_slow" if driver in FINE_DRIVERS else "basis_smooth"],
            ]
        )
        for i, driver in enumerate(DRIVERS)
    ]
    return np.stack([np.linalg.svd(m)[2].T for m in maps])


def build_problem(
    figures: pd.DataFrame,
    products: pd.DataFrame,
    assumptions: pd.DataFrame,
    market: Market,
    as_of: date,
    operator: Operator | None = None,
    switch_off: tuple[str, ...] = (),
    withhold: frozenset[str] = frozenset(),
) -> Problem:
    """Bring evidence into the arrays of one vintage.

    Parameters
    ----------
    figures : DataFrame
        As `models.inference.operator.build_operator` wants them.
    products, assumptions : DataFrame
        Columns of data/products.csv and data/assumptions.csv.
    market : Market
    as_of : date
    operator : Operator, optional
        A stacked operator to share between vintages; made from the figures published by `as_of` otherwise.
    switch_off : tuple of str
        Parts of the observation model to leave out, of `models.inference.observation.SWITCHES` (tests and
        ablations).
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
    operator = operator or build_operator(figures, market, as_of)
    priors = read_priors(assumptions, as_of)
    catalogue = build_catalogue(known_products(products, as_of), priors, market, as_of)
    loc, scale = prior_arrays(priors, catalogue, market)
    error_loc, error_scale = error_priors(priors, operator)
    problem = Problem(
        market,
        as_of,
        operator,
        vintage_weights(operator.figures, as_of, withhold),
        loc | error_loc,
        scale | error_scale,
        bases() | catalogue.arrays,
        catalogue,
        switch_off,
    )
    problem.operator = with_news(operator, problem)
    for name in switch_off:
        _switch_off(problem, name)
    return problem


def with_news(operator: Operator, problem: Problem) -> Operator:
    """Add to an operator's arrays what was news after each publication (`models.inference.news`).

    The chain's elasticities are taken at the medians of the problem's priors.
    """
    arrays = dict(operator.arrays)
    theta = {name: values[None] for name, values in problem.loc.items()}

    def log_rows(shift: np.ndarray) -> np.ndarray:
        moved = theta | {"driver_level": theta["driver_level"] + shift}
        same = {name: np.broadcast_to(v, (len(shift), *v.shape[1:])) for name, v in moved.items()}
        with np.errstate(divide="ignore"):
            return np.log(with_sums(np, quantity_rows(same, problem), arrays["sum_rows"]))

    news = news_arrays(arrays, elasticities(log_rows, len(DRIVERS)))
    news["mix_size"] = mix_size(arrays)
    # A share moves by 1 / (1 - share) as much on the logit scale as on the log scale.
    slope = np.where(arrays["is_logit"] > 0, 1.0 + np.exp(arrays["y"]), 1.0)
    arrays |= distinct_news({name: (values.T * slope).T for name, values in news.items()})
    arrays["news_drift_expected"] = arrays["news_drift"] @ problem.loc["driver_drift"]
    arrays["news_drift_size"] = np.abs(arrays["news_drift"]) * problem.scale["driver_drift"]
    arrays["regresses"] = np.ones(len(slope))
    return replace(operator, arrays=arrays)


def _switch_off(problem: Problem, name: str) -> None:
    """Leave one part of the observation model out, by its data alone."""
    # A copy: the operator may be shared between vintages.
    problem.operator = replace(problem.operator, arrays=dict(problem.operator.arrays))
    arrays = problem.operator.arrays
    if name in ("publisher_bias", "definition_offsets"):
        block = {"publisher_bias": "publisher_bias", "definition_offsets": "definition_offset"}[name]
        problem.loc[block] = np.zeros_like(problem.loc[block])
        problem.scale[block] = np.zeros_like(problem.scale[block])
        if name == "definition_offsets":
            _without_noise(problem, "noise.other_definition")
    elif name == "street_error":
        for block in ("street_target", "street_time"):
            problem.scale[block] = np.zeros_like(problem.scale[block])
    elif name == "unforeseen_news":
        arrays["regresses"] = np.zeros_like(arrays["regresses"])
    elif name == "echo_control":
        problem.weight = (problem.operator.figures["known_on"] <= problem.as_of).to_numpy(float)
    elif name == "censoring":
        arrays["censored"] = np.zeros_like(arrays["censored"])


def _without_noise(problem: Problem, name: str) -> None:
    """Leave one noise out."""
    problem.loc["log_noise_other"] = problem.loc["log_noise_other"].copy()
    problem.loc["log_noise_other"][OTHER_NOISE.index(name)] = NEXT_TO_NOTHING


def parameter_shapes(operator: Operator, market: Market) -> dict[str, tuple[int, ...]]:
    """Shapes of all free parameter blocks."""
    return block_shapes(market) | error_shapes(operator)


def working_values(raw: Arrays, problem_data: Arrays) -> dict[str, Array]:
    """Parameter blocks on their working scales: ``loc + scale * raw``."""
    return {k: problem_data[f"loc_{k}"] + problem_data[f"scale_{k}"] * v for k, v in raw.items()}


def part(data: Arrays, prefix: str) -> dict[str, Array]:
    """Entries of a flat data dictionary under one prefix, without it."""
    return {k.removeprefix(prefix): v for k, v in data.items() if k.startswith(prefix)}


def build_pymc_model(problem: Problem) -> "pm.Model":
    """Build the PyMC model of a problem.

    The one free variable is a whitened vector (`models.inference.whitening`): the sampler sees a posterior
    that is nearly round, while the parameters keep their standard-normal priors.

    Returns
    -------
    pymc.Model
        Free variable ``white``; data: the packed vectors of `packed_data`.
    """
    import pymc as pm
    import pytensor.tensor as pt

    values = model_data(problem)
    layout, packed = layout_of(values), pack(values)
    with pm.Model() as model:
        # Known lengths, so that slices of them need no check of their own.
        floats, ints = (pt.specify_shape(pm.Data(k, v), v.shape) for k, v in packed.items())
        data = unpack(floats, ints, layout)
        white = pm.Flat("white", shape=values["white_center"].shape)
        vector = unwhiten(pt, white, part(data, "white_"))
        raw, log_jacobian = standardised(
            pt, split(vector, problem.operator, problem.market), data, problem.market
        )
        # Blocks that are sampled as they are go through as one vector: each array operation takes compiling.
        squares = (data["as_sampled"] * vector**2).sum() + sum((raw[name] ** 2).sum() for name in PATH_BLOCKS)
        pm.Potential("prior", log_jacobian - 0.5 * squares)
        theta = split(data["all_loc"] + data["all_scale"] * vector, problem.operator, problem.market)
        theta |= working_values({name: raw[name] for name in PATH_BLOCKS}, data)
        quantities = chain(pt, drivers(pt, theta, part(data, "fixed_"), problem.market), problem.market)
        obs = part(data, "obs_")
        likelihood = log_likelihood(
            pt, log_points(pt, stacked(pt, quantities, problem.market), obs), theta, obs
        )
        of_figures = data["weight"] * likelihood
        # Posteriors that each lack one figure, beside that of all figures; without any this is log 1.
        lacking = pt.log(data["left_out_share"]) - of_figures
        mixture = pt.logsumexp(pt.concatenate([pt.zeros(1), lacking]))
        pm.Potential("figures", of_figures.sum() + mixture)
    return model


def standardised(
    xp: ArrayNamespace, sampled: Arrays, data: Arrays, market: Market
) -> tuple[dict[str, Array], Array]:
    """Turn sampled blocks into standard-normal ones: shocks are sampled in units of a fixed volatility.

    Where figures pin a path down, its shocks must shrink as its volatility grows; sampled as standard normals
    they would drag every shock along with each move of the volatility. In units of the volatility's prior
    median the path does not depend on the volatility at all. Likewise the path of a driver that is coupled to
    the penetration is sampled whole, not its own part: it does not depend on the correlation. Level, drift
    and shocks of a driver are turned so that the sampled axes are its principal paths: a drift and a slow
    shock look alike, and figures pin down only their sum.

    Returns
    -------
    raw : dict of arrays (..., block)
        Standard-normal blocks.
    log_jacobian : array (...)
        Log of the change of volume from sampled to raw.
    """
    n, fine = len(DRIVERS), len(FINE_DRIVERS)
    smooth = sampled["shock_smooth"]
    turned = xp.concatenate(
        [sampled["driver_level"][..., :, None], sampled["driver_drift"][..., :, None], smooth[..., :n, :]],
        axis=-1,
    )
    straight = (data["rotation"] * turned[..., :, None, :]).sum(axis=-1)
    mix = constants(market).index("class.size_volatility")
    of_driver = data["scale_driver_log_volatility"] * sampled["driver_log_volatility"] * data["centring"][:n]
    of_class = (data["scale_constant"] * sampled["constant"])[..., mix : mix + 1] * data["centring"][n:]
    of_drivers, of_classes = xp.exp(-of_driver)[..., :, None], xp.exp(-of_class)[..., :, None]
    raw = dict(sampled)
    raw["driver_level"], raw["driver_drift"] = straight[..., 0], straight[..., 1]
    of_path = straight[..., 2:] * of_drivers
    shared = correlations(xp, data["loc_constant"] + data["scale_constant"] * sampled["constant"])
    own = xp.sqrt(1 - shared**2)
    of_path = (of_path - shared[..., :, None] * of_path[..., PENETRATION, :]) / own[..., :, None]
    shocks = [of_path, smooth[..., n:, :] * of_classes]
    raw["shock_smooth"] = xp.concatenate(shocks, axis=-2)
    raw["shock_fine"] = sampled["shock_fine"] * of_drivers[..., n - fine :, :]
    jacobian = -smooth.shape[-1] * (of_driver.sum(axis=-1) + of_class.sum(axis=-1) + xp.log(own).sum(axis=-1))
    return raw, jacobian - sampled["shock_fine"].shape[-1] * of_driver[..., n - fine :].sum(axis=-1)


def padded_shapes(operator: Operator, market: Market) -> dict[str, tuple[int, ...]]:
    """Shapes of the blocks in the compiled model, in the order of the whitened vector."""
    return {k: padded_shape(k, s) for k, s in parameter_shapes(operator, market).items()}


def split(vector: Array, operator: Operator, market: Market) -> dict[str, Array]:
    """Cut the last axis of a vector of all parameters into its blocks."""
    out, position = {}, 0
    for name, shape in padded_shapes(operator, market).items():
        size = int(np.prod(shape))
        piece = vector[..., position : position + size]
        out[name] = piece.reshape((*vector.shape[:-1], *shape)) if len(shape) > 1 else piece
        position += size
    return out


def model_data(problem: Problem, whitening: dict[str, np.ndarray] | None = None) -> dict[str, np.ndarray]:
    """Pack the padded arrays of the compiled model, with a whitening (none: the identity)."""
    size = sum(int(np.prod(s)) for s in padded_shapes(problem.operator, problem.market).values())
    white = whitening or no_whitening(size)
    data = padded(problem.data())
    names = padded_shapes(problem.operator, problem.market)
    data |= {f"white_{k}": v for k, v in white.items()}
    for part_name in ("loc", "scale"):
        data[f"all_{part_name}"] = np.concatenate([data[f"{part_name}_{n}"].ravel() for n in names])
    kept = [np.full(data[f"loc_{n}"].size, float(n not in PATH_BLOCKS)) for n in names]
    data["as_sampled"] = np.concatenate(kept)
    return data


def packed_data(problem: Problem, whitening: dict[str, np.ndarray] | None = None) -> dict[str, np.ndarray]:
    """Pack the data of a problem as the compiled model takes them."""
    return pack(model_data(problem, whitening))


def quantity_rows(theta: Arrays, problem: Problem) -> np.ndarray:
    """Run the chain on NumPy draws of the parameters on their working scales, (draw, row, quarter)."""
    # A class long before its launch has exp(-large): a weight of zero is meant.
    with np.errstate(over="ignore", under="ignore"):
        inputs = drivers(np, theta, problem.fixed, problem.market)
        return stacked(np, chain(np, inputs, problem.market), problem.market)


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
    rows = quantity_rows(working_values(raw, problem.data()), problem)
    return {name: rows[..., i, :] for i, name in enumerate(problem.market.row_names)}
