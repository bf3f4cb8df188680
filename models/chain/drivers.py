"""Free parameters: each is a standard normal, carried to drivers by lines that run on PyTensor and NumPy.

`prior_arrays` turns assumptions and the product catalogue into a location and a scale for each block (data,
so one compiled model serves other dates); `drivers` turns parameter values into the inputs of
`models.chain.equations.chain`.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from models.chain.array_api import (
    Array,
    ArrayNamespace,
    Arrays,
    inverse_logit,
    joined_rows,
    matmul_transposed,
    rows,
)
from models.chain.paths import path_basis, years_from_reference
from models.chain.product_classes import NOTHING, Catalogue, gross_pieces_per_wafer
from models.evidence.assumptions import Prior, locs_and_scales, prior_named
from models.vocabulary.drivers import CLASS_ATTRIBUTES, DRIVERS, FINE_DRIVERS, SMOOTH_DRIVERS
from models.vocabulary.market import Market

LOGIT_DRIVERS = frozenset({"hbm_server_penetration"})
DECAY = "premium.decay_per_year"
FLOOR_RATIO = "hbm.price_floor_ratio"
SIZE_VOLATILITY = "class.size_volatility"
RETIREMENT = "class.retirement_quarters"
CONSTANTS = (
    SIZE_VOLATILITY,
    RETIREMENT,
    "cowos.yield",
    "hbm.lead_one_quarter",
    "hbm.lead_two_quarters",
    "hbm.lead_three_quarters",
    "cowos.lead_one_quarter",
    "cowos.lead_two_quarters",
    "cowos.lead_three_quarters",
    "hbm.tsv_utilisation",
    "hbm.yield_at_start",
    "hbm.quarters_to_maturity",
    FLOOR_RATIO,
    DECAY,
    "correlation.penetration_price",
    "correlation.penetration_capacity",
)
"""The constants that every market has; the premiums of its generations stand behind them (`constants`)."""
COUPLED_BY = {
    "hbm_base_price_usd_per_gb": "correlation.penetration_price",
    "hbm_tsv_capacity_wafers_per_month": "correlation.penetration_capacity",
    "cowos_capacity_tsmc_wafers_per_month": "correlation.penetration_capacity",
    "cowos_capacity_others_wafers_per_month": "correlation.penetration_capacity",
}
PENETRATION = [DRIVERS.index("hbm_server_penetration")]
_COUPLING = np.array([CONSTANTS.index(COUPLED_BY.get(d, "correlation.penetration_price")) for d in DRIVERS])
# Booleans: times single precision they stay single precision.
_IS_COUPLED = np.array([d in COUPLED_BY for d in DRIVERS])
# Fine: every direction. With 99.9 % the next quarter of a path known to 3 % was 10 % too sure.
# Smooth: at 99 % the 80 % intervals of simulated rational forecasts held 76 %, at 99.5 % they hold 79 %.
SMOOTH_VARIANCE, FINE_VARIANCE = 0.995, 0.99999
# Of TrendForce's growth of DRAM revenue from quarter to quarter, 2021 to 2023Q1: 0.46 (0.56 about zero).
FINE_AUTOCORRELATION = 0.5
RAMP_QUARTERS = 0.8
GENERATION_ATTRIBUTES = ("die_gbit", "die_area_mm2", "die_yield", "stack_yield")
"""What a TSV wafer of a generation gives, at maturity: assumptions ``hbm.<attribute>.<generation>``."""
BITS_PER_BYTE = 8.0


@lru_cache(maxsize=1)
def bases() -> dict[str, np.ndarray]:
    """Constant matrices of the chain: path bases (quarter, shock) and years from the reference (quarter,)."""
    whole, n_slow = path_basis(FINE_VARIANCE, FINE_AUTOCORRELATION), path_basis(SMOOTH_VARIANCE).shape[1]
    slow, fine = whole[:, :n_slow], whole[:, n_slow:]
    return {
        "basis_smooth": path_basis(SMOOTH_VARIANCE),
        # Fine drivers: as many of their slowest directions as smooth drivers have, and the rest.
        "basis_slow": slow,
        "basis_fine": fine,
        "years": years_from_reference(),
        "quarter": np.arange(years_from_reference().size, dtype=float),
    }


def constants(market: Market) -> tuple[str, ...]:
    """Assumptions in the block ``constant``, in its order."""
    return (*CONSTANTS, *market.premiums)


def block_shapes(market: Market) -> dict[str, tuple[int, ...]]:
    """Shapes of the parameter blocks that the chain itself needs."""
    fixed, classes = bases(), len(market.classes)
    smooth, fine = fixed["basis_smooth"].shape[1], fixed["basis_fine"].shape[1]
    return {
        "driver_level": (len(DRIVERS),),
        "driver_drift": (len(DRIVERS),),
        "driver_log_volatility": (len(DRIVERS),),
        "shock_smooth": (len(DRIVERS) + classes, smooth),
        "shock_fine": (len(FINE_DRIVERS), fine),
        "class_size": (classes,),
        "class_launch_delay": (classes,),
        "class_overlap": (classes,),
        **{f"class_{name}": (classes,) for name in CLASS_ATTRIBUTES},
        "constant": (len(constants(market)),),
        **{f"generation_{name}": (len(market.generations),) for name in GENERATION_ATTRIBUTES},
    }


def prior_arrays(
    priors: dict[str, Prior], catalogue: Catalogue, market: Market
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Location and scale of every block on its working scale.

    Returns
    -------
    loc, scale : dict of arrays, shapes as `block_shapes`

    Raises
    ------
    KeyError
        An assumption is missing, named.
    """
    loc, scale = {}, {}
    loc["driver_level"], scale["driver_level"] = locs_and_scales(
        priors, [f"driver.{d}.level" for d in DRIVERS]
    )
    loc["driver_drift"], scale["driver_drift"] = locs_and_scales(
        priors, [f"driver.{d}.drift" for d in DRIVERS]
    )
    loc["driver_log_volatility"], scale["driver_log_volatility"] = locs_and_scales(
        priors, [f"driver.{d}.volatility" for d in DRIVERS]
    )
    loc["class_size"], scale["class_size"] = locs_and_scales(
        priors, [f"class.{c}.size" for c in market.class_names]
    )
    delay = prior_named(priors, "class.launch_delay_quarters")
    cadence = prior_named(priors, "class.unannounced_cadence_quarters")
    # The launch of a class nobody has announced is uncertain by the spread of the cadence as well.
    cadence_sd = np.exp(cadence.loc) * cadence.scale
    # A launch that is over is a fact: what is left is how soon the ramp came to its middle.
    ramp = prior_named(priors, "class.launch_delay_quarters.launched")
    stage = [catalogue.launched, catalogue.announced]
    loc["class_launch_delay"] = np.select(stage, [ramp.loc, delay.loc], 0.0)
    scale["class_launch_delay"] = np.select(
        stage, [ramp.scale, delay.scale], np.hypot(delay.scale, cadence_sd)
    )
    overlap = prior_named(priors, "class.overlap_quarters")
    loc["class_overlap"] = np.full(len(market.classes), overlap.loc)
    scale["class_overlap"] = np.full(len(market.classes), overlap.scale)
    for name in GENERATION_ATTRIBUTES:
        loc[f"generation_{name}"], scale[f"generation_{name}"] = locs_and_scales(
            priors, [f"hbm.{name}.{g}" for g in market.generation_names]
        )
    for name in CLASS_ATTRIBUTES:
        known, unknown = (prior_named(priors, f"class.{name}.{s}") for s in ("announced", "unannounced"))
        # The catalogue has an unannounced class at the median of its growth already.
        loc[f"class_{name}"] = np.where(catalogue.announced, known.loc, 0.0)
        scale[f"class_{name}"] = np.where(catalogue.announced, known.scale, unknown.scale)
    # Packages per wafer that nobody printed are derived from the stacks: a guess, not a catalogue value.
    guessed = prior_named(priors, "class.packages_per_wafer.unprinted")
    of_packages = "class_packages_per_wafer"
    scale[of_packages] = np.where(
        catalogue.printed_packages, scale[of_packages], np.hypot(scale[of_packages], guessed.scale)
    )
    loc["constant"], scale["constant"] = locs_and_scales(priors, list(constants(market)))
    for name, shape in block_shapes(market).items():
        if "shock" in name:
            loc[name], scale[name] = np.zeros(shape), np.ones(shape)
    return loc, scale


def drivers(xp: ArrayNamespace, theta: Arrays, fixed: Arrays, market: Market) -> dict[str, Any]:
    """Turn parameters into the inputs of the chain.

    Parameters
    ----------
    xp : module
        ``numpy`` or ``pytensor.tensor``.
    theta : dict
        Blocks of `block_shapes` on their working scales, with any leading axes (NumPy).
    fixed : dict
        `bases` and `Catalogue.arrays`.
    market : Market

    Returns
    -------
    dict
        As `models.chain.equations.chain` wants it: arrays, and tuples of weights.
    """
    constant = dict(zip(constants(market), rows(xp, theta["constant"][..., :, None]), strict=True))
    path = matmul_transposed(xp, theta["shock_smooth"], fixed["basis_smooth"])
    driver_path = _driver_paths(xp, theta, fixed, path)
    log_driver = theta["driver_level"][..., :, None] + theta["driver_drift"][..., :, None] * fixed["years"]
    log_driver = log_driver + xp.exp(theta["driver_log_volatility"])[..., :, None] * driver_path
    # On the odds scale all drivers are exponentials: one elementwise operation, then one division.
    out = dict(zip(DRIVERS, rows(xp, xp.exp(log_driver)), strict=True))
    out |= {name: out[name] / (1.0 + out[name]) for name in LOGIT_DRIVERS}
    out |= {name: fixed[name] for name in ("generation_of_class", "on_cowos")}
    out["mix_log_weight"] = _mix_log_weight(xp, theta, fixed, constant, path[..., len(DRIVERS) :, :])
    for name in CLASS_ATTRIBUTES:
        out[f"class_{name}"] = xp.exp(theta[f"class_{name}"])[..., :, None] * fixed[f"class_{name}"]
    cowos_yield = inverse_logit(xp, constant["cowos.yield"])
    out["class_packages_per_wafer"] = out["class_packages_per_wafer"] * cowos_yield[..., None, :]
    out["generation_premium"] = _generation_premium(xp, theta["constant"], fixed, market)
    out["hbm_tsv_utilisation"] = inverse_logit(xp, constant["hbm.tsv_utilisation"])
    out["hbm_price_floor_ratio"] = xp.exp(constant[FLOOR_RATIO])
    dies, gb_per_die = _generation_wafer(xp, theta, fixed, constant)
    out["generation_dies_per_wafer"] = dies
    out["generation_gb_per_wafer"] = dies * gb_per_die
    for part in ("hbm", "cowos"):
        later = (constant[f"{part}.lead_{n}"] for n in ("one_quarter", "two_quarters", "three_quarters"))
        out[f"{part}_lead"] = _lead_weights(xp, *later)
    return out


def _driver_paths(xp: ArrayNamespace, theta: Arrays, fixed: Arrays, path: Array) -> Array:
    """Make the unit paths of all drivers (..., driver, quarter).

    HBM's price and the capacities share shocks with the penetration (`COUPLED_BY`), each path
    ``r * penetration + sqrt(1 - r^2) * own``: capacity is built for what customers order. Were they
    independent, the smaller of demand and supply would hardly ever run far ahead of what is expected.
    """
    slow = theta["shock_smooth"][..., len(SMOOTH_DRIVERS) : len(DRIVERS), :]
    fine = matmul_transposed(xp, slow, fixed["basis_slow"])
    fine = fine + (theta["shock_fine"][..., :, :, None] * fixed["basis_fine"].T).sum(axis=-2)
    own = joined_rows(xp, path[..., : len(SMOOTH_DRIVERS), :], fine)
    return with_penetration(xp, theta["constant"], own)


def with_penetration(xp: ArrayNamespace, constant: Array, own: Array) -> Array:
    """Mix the penetration's share into each driver's own part; in and out (..., driver, anything)."""
    shared = correlations(xp, constant)[..., :, None]
    return shared * own[..., PENETRATION, :] + xp.sqrt(1 - shared**2) * own


def correlations(xp: ArrayNamespace, constant: Array) -> Array:
    """Correlation of each driver's shocks with the penetration's, (..., driver); zero where not coupled."""
    raw = constant[..., _COUPLING] * _IS_COUPLED
    return (xp.exp(2 * raw) - 1) / (xp.exp(2 * raw) + 1)


def _mix_log_weight(xp: ArrayNamespace, theta: Arrays, fixed: Arrays, constant: Arrays, path: Array) -> Array:
    """Log weight of each class: size, life cycle (launch, ramp, retirement) and a random walk."""
    launch = fixed["class_launch"][:, None] + theta["class_launch_delay"][..., :, None]
    overlap = xp.exp(theta["class_overlap"])[..., :, None]
    retire = fixed["class_successor_launch"][:, None] + overlap
    pace = xp.exp(constant[RETIREMENT])[..., None, :]
    since_launch = (fixed["quarter"] - launch) / RAMP_QUARTERS
    # What a class has lost all but e^-30 of is gone: further down the exponential overflows.
    until_retirement = xp.maximum((retire - fixed["quarter"]) / pace, NOTHING)
    life = -xp.log1p(xp.exp(-since_launch)) - xp.log1p(xp.exp(-until_retirement)) + fixed["class_floor"]
    walk = xp.exp(constant["class.size_volatility"])[..., None, :] * path
    return theta["class_size"][..., :, None] + life + walk


def _generation_premium(xp: ArrayNamespace, constant: Array, fixed: Arrays, market: Market) -> Array:
    """Price of each generation to a new one that measures prices, (..., generation, quarter).

    Every generation cheapens from the quarter in which its successor first ships, the measure too.
    """
    names = constants(market)
    # A generation without a premium is the measure itself: it takes any constant, times zero.
    at = [names.index(g.premium) if g.premium else 0 for g in market.generations]
    stands = np.array([[g.premium != ""] for g in market.generations])
    decay = xp.exp(constant[..., names.index(DECAY), None, None])
    superseded = fixed["generation_superseded_years"]
    return xp.exp(stands * constant[..., at][..., :, None] - decay * superseded)


def _generation_wafer(
    xp: ArrayNamespace, theta: Arrays, fixed: Arrays, constant: Arrays
) -> tuple[Array, Array]:
    """Dies of a finished TSV wafer that go into stacks, and the good GB that comes of each.

    Dies are gross dies (Ferris-Prabhu) x die yield, GB of each are GB per die x stack yield, both (...,
    generation, quarter). Yields start at a part of their mature value and learn; of the product of both, so
    half of it (on the log scale) belongs to either. Never above gross dies and GB per die, for each factor
    after them is below one.
    """
    area = xp.exp(theta["generation_die_area_mm2"])
    gross_dies = gross_pieces_per_wafer(xp, area)
    dies = gross_dies * inverse_logit(xp, theta["generation_die_yield"])
    gb_per_die = xp.exp(theta["generation_die_gbit"]) / BITS_PER_BYTE
    gb = gb_per_die * inverse_logit(xp, theta["generation_stack_yield"])
    # Three time constants to maturity: 95 % of the way.
    pace = 3.0 * xp.exp(-constant["hbm.quarters_to_maturity"])[..., None, :]
    missing = 1.0 - inverse_logit(xp, constant["hbm.yield_at_start"])[..., None, :]
    half = xp.sqrt(1.0 - missing * xp.exp(-pace * fixed["generation_age_quarters"]))
    return dies[..., :, None] * half, gb[..., :, None] * half


def _lead_weights(xp: ArrayNamespace, *later: Array) -> tuple[Array, ...]:
    """Weights of this and later quarters that sum to one, each (..., 1)."""
    weights = [xp.exp(w) for w in (0.0 * later[0], *later)]
    return tuple(weight / sum(weights) for weight in weights)
