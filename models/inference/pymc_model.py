"""The PyMC model: standard-normal blocks, the chain, and one stacked likelihood.

Everything a vintage changes is data (`pm.Data`), so one compiled model serves other dates.
"""

from typing import TYPE_CHECKING

import numpy as np

from models.chain.array_api import Array, ArrayNamespace, Arrays
from models.chain.drivers import PENETRATION, constants, correlations, drivers
from models.chain.equations import chain, stacked
from models.inference.observation import log_likelihood, log_points
from models.inference.operator import Operator
from models.inference.packing import layout_of, pack, padded, padded_shape, split, unpack
from models.inference.problem import Problem, parameter_shapes, working_values
from models.inference.whitening import no_whitening, unwhiten
from models.vocabulary.drivers import DRIVERS, FINE_DRIVERS
from models.vocabulary.market import Market

if TYPE_CHECKING:
    import pymc as pm

PATH_BLOCKS = ("driver_level", "driver_drift", "shock_smooth", "shock_fine")
"""Blocks that `standardised` turns or rescales; the others are standard normals as sampled."""


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
        shapes = padded_shapes(problem.operator, problem.market)
        raw, log_jacobian = standardised(pt, split(vector, shapes), data, problem.market)
        # Blocks that are sampled as they are go through as one vector: each array operation takes compiling.
        squares = (data["as_sampled"] * vector**2).sum() + sum((raw[name] ** 2).sum() for name in PATH_BLOCKS)
        pm.Potential("prior", log_jacobian - 0.5 * squares)
        theta = split(data["all_loc"] + data["all_scale"] * vector, shapes)
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

    Parameters
    ----------
    xp : module
    sampled : dict of arrays (..., block)
        Blocks of `parameter_shapes` as the sampler moves them, their error terms padded or not.
    data : dict of arrays
        `Problem.data`, padded or not.
    market : Market

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
    centring = data["centring"]
    log_volatility = data["scale_driver_log_volatility"] * sampled["driver_log_volatility"]
    log_size_volatility = (data["scale_constant"] * sampled["constant"])[..., mix : mix + 1]
    of_driver = log_volatility[..., :, None] * centring[:n]
    of_class = log_size_volatility[..., :, None] * centring[n:]
    # Fine paths follow quarterly reports: their shocks are all in fixed units.
    of_fine = log_volatility[..., n - fine :, None]
    raw = dict(sampled)
    raw["driver_level"], raw["driver_drift"] = straight[..., 0], straight[..., 1]
    of_path = straight[..., 2:] * xp.exp(-of_driver)
    shared = correlations(xp, data["loc_constant"] + data["scale_constant"] * sampled["constant"])
    own = xp.sqrt(1 - shared**2)
    of_path = (of_path - shared[..., :, None] * of_path[..., PENETRATION, :]) / own[..., :, None]
    shocks = [of_path, smooth[..., n:, :] * xp.exp(-of_class)]
    raw["shock_smooth"] = xp.concatenate(shocks, axis=-2)
    raw["shock_fine"] = sampled["shock_fine"] * xp.exp(-of_fine)
    jacobian = -smooth.shape[-1] * xp.log(own).sum(axis=-1)
    jacobian = jacobian - sampled["shock_fine"].shape[-1] * of_fine.sum(axis=(-2, -1))
    return raw, jacobian - of_driver.sum(axis=(-2, -1)) - of_class.sum(axis=(-2, -1))


def padded_shapes(operator: Operator, market: Market) -> dict[str, tuple[int, ...]]:
    """Shapes of the blocks in the compiled model, in the order of the whitened vector."""
    return {k: padded_shape(k, s) for k, s in parameter_shapes(operator, market).items()}


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
