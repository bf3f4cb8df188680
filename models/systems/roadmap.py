"""HBM roadmap: generations, stack heights, dies, GB per stack; when makers launch; what a launch shifts.

Stacks x layers = dies and dies x GB per die = GB hold in every draw, bottom-up: stacks from the chain, layers
from their split by height (`models.systems.stack_heights`), die capacities from each generation's
specification. The chain has GB of its own; both are published with their ratio, and a ratio away from one
says that heights, dies and stack counts don't fit together.
"""

from collections.abc import Mapping
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from models.chain.drivers import BITS_PER_BYTE
from models.draws.joint import Draws
from models.evidence.assumptions import Prior, prior_named, read_priors
from models.evidence.evidence import Evidence
from models.evidence.known import known_products
from models.systems.figure_rows import visible_rows
from models.systems.launches import launch_series, launch_shifts
from models.systems.series import Series, make_series
from models.systems.stack_heights import (
    CATALOGUE_WEIGHT,
    ERRORS,
    HEIGHTS,
    height_shares,
    stacks_by_class,
    usual_heights,
)
from models.vocabulary.market import Market
from models.vocabulary.periods import N_QUARTERS

SYSTEM = "roadmap"
_series = partial(make_series, SYSTEM)
_FLOOR = 1e-9


def die_capacities(market: Market) -> tuple[str, ...]:
    """Assumptions about the Gb in a die of each generation."""
    return tuple(f"hbm.die_gbit.{generation}" for generation in market.generation_names)


def roadmap(
    drawn: Draws,
    evidence: Evidence,
    as_of: date,
    rng: np.random.Generator,
) -> list[Series]:
    """Describe the product roadmap in every draw.

    Parameters
    ----------
    drawn : Draws
        Needs ``hbm_bits_<generation>_gb, hbm_bits_gb, hbm_content_gb, hbm_stacks``,
        ``hbm_gb_per_accelerator`` and the accelerator shipments by class.
    evidence : Evidence
        'figures' (resolved), 'assumptions', 'products', 'suppliers', and the market's tables.
    as_of : datetime.date
    rng : numpy.random.Generator

    Returns
    -------
    list of Series
    """
    priors, market = read_priors(evidence.assumptions, as_of), evidence.market
    products = known_products(evidence.products, as_of)
    figures = evidence.figures
    out = _mixes(drawn, figures, market, as_of)
    by_class = stacks_by_class(drawn, products, priors, market, as_of)
    n_draws = len(drawn["hbm_stacks"])
    height, ids = height_shares(figures, products, by_class, priors, market, as_of, n_draws, rng)
    by_generation, die_gb = stacks_by_generation(drawn, height, priors, market, rng)
    out += _stacks(drawn, by_generation, die_gb, height, ids, market)
    out += launch_shifts(drawn, products, market)
    return out + launch_series(
        figures, products, evidence.suppliers, priors, market, as_of, len(by_generation), rng
    )


def stacks_by_generation(
    drawn: Draws,
    height: Mapping[str, np.ndarray],
    priors: dict[str, Prior],
    market: Market,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Split the chain's stacks over generations by bits over GB per stack.

    Generations with larger dies or taller stacks need fewer stacks for their bits.

    Parameters
    ----------
    drawn : Draws
        Needs the bits of each generation and the stacks of all.
    height : mapping of str to ndarray (draw, height, quarter)
        From `models.systems.stack_heights.height_shares`.
    priors : dict of str to Prior
    market : Market
    rng : numpy.random.Generator

    Returns
    -------
    stacks : ndarray (draw, generation, quarter)
    die_gb : ndarray (draw, generation, 1)
    """
    names = die_capacities(market)
    bits = np.stack([drawn.quarters(f"hbm_bits_{g}_gb") for g in market.generation_names], axis=1)
    normals = rng.standard_normal((len(bits), len(names), 1))
    found = [prior_named(priors, name) for name in names]
    die_gbit = np.exp(
        np.array([p.loc for p in found])[:, None] + np.array([p.scale for p in found])[:, None] * normals
    )
    die = die_gbit / BITS_PER_BYTE
    layers = np.stack(
        [np.einsum("nhq,h->nq", height[g], np.array(HEIGHTS, float)) for g in market.generation_names], 1
    )
    raw = bits / (die * layers) + _FLOOR
    return raw / raw.sum(axis=1, keepdims=True) * drawn.quarters("hbm_stacks")[:, None], die


def _mixes(drawn: Draws, figures: pd.DataFrame, market: Market, as_of: date) -> list[Series]:
    """Shares of generations in bits and of classes in accelerators: the chain's own, as a system."""
    rows = visible_rows(figures, ("hbm_generation_share",), as_of)
    about = {str(name): tuple(ids.astype(str)) for name, ids in rows.groupby("quantity")["figure_id"]}
    out = []
    bits, units = drawn.quarters("hbm_bits_gb"), drawn.quarters("accelerator_shipments")
    for generation in market.generation_names:
        name = f"hbm_bits_{generation}_gb"
        own, ids = drawn.quarters(name), about.get(f"hbm_generation_share_{generation}", ())
        share, inputs = own / bits, (name, "hbm_bits_gb")
        out.append(_series(generation, "share", "bits", "fraction", "ratio", share, ids, inputs, own, bits))
        out.append(_series(generation, "gb", "total", "GB", "sum", own, ids, (name,)))
    for cls in market.class_names:
        name = f"accelerator_shipments_class_{cls}"
        own = drawn.quarters(name)
        inputs = (name, "accelerator_shipments")
        item = f"accelerator_{cls}"
        out.append(
            _series(item, "share", "accelerators", "fraction", "ratio", own / units, (), inputs, own, units)
        )
    return out


def _stacks(
    drawn: Draws,
    by_generation: np.ndarray,
    die_gb: np.ndarray,
    height: dict[str, np.ndarray],
    ids: dict[str, tuple[str, ...]],
    market: Market,
) -> list[Series]:
    """Stacks, layers, dies and GB, in total, by generation and by height."""
    layers = np.array(HEIGHTS, float)
    usual = [name for generation in market.generation_names for name in usual_heights(generation)]
    inputs = ("hbm_stacks", "hbm_bits_gb", *usual, CATALOGUE_WEIGHT, *ERRORS, *die_capacities(market))
    everything = tuple(dict.fromkeys(f for found in ids.values() for f in found))
    by_height = np.zeros((len(by_generation), len(HEIGHTS), N_QUARTERS))
    total_gb = np.zeros((len(by_generation), N_QUARTERS))
    out = []
    for i, generation in enumerate(market.generation_names):
        stacks = by_generation[:, i]
        dies = stacks * np.einsum("nhq,h->nq", height[generation], layers)
        gb, found = dies * die_gb[:, i], ids[generation]
        by_height += stacks[:, None] * height[generation]
        total_gb += gb
        out += _of_generation(generation, stacks, dies, gb, height[generation], found, inputs)
    stacks = by_height.sum(axis=1)
    dies = np.einsum("nhq,h->nq", by_height, layers)
    content = drawn.quarters("hbm_content_gb")
    for j, h in enumerate(HEIGHTS):
        of = by_height[:, j]
        item = f"height_{h}"
        out += [
            _series(
                item, "share", "stacks", "fraction", "ratio", of / stacks, everything, inputs, of, stacks
            ),
            _series(item, "stacks", "total", "stacks", "sum", of, everything, inputs),
        ]
    chain, both = ("hbm_content_gb", "hbm_stacks"), (*inputs, "hbm_content_gb")
    for measure, which, unit, above, below, found, rests in (
        ("layers", "mean", "layers", dies, stacks, everything, inputs),
        ("gb_per_stack", "chain", "GB", content, stacks, (), chain),
        ("gb_per_stack", "bottom_up", "GB", total_gb, stacks, everything, inputs),
        ("gb_per_die", "bottom_up", "GB", total_gb, dies, everything, inputs),
        ("ratio", "chain_over_bottom_up", "ratio", content, total_gb, everything, both),
    ):
        out.append(_series("all", measure, which, unit, "ratio", above / below, found, rests, above, below))
    return [
        *out,
        _series("all", "stacks", "total", "stacks", "sum", stacks, (), ("hbm_stacks",)),
        _series("all", "dies", "total", "dies", "sum", dies, everything, inputs),
        _series("all", "base_dies", "total", "dies", "sum", stacks, (), ("hbm_stacks",)),
    ]


def _of_generation(
    generation: str,
    stacks: np.ndarray,
    dies: np.ndarray,
    gb: np.ndarray,
    height: np.ndarray,
    ids: tuple[str, ...],
    inputs: tuple[str, ...],
) -> list[Series]:
    """Stacks, dies, layers and GB of one generation, and its share of each height (draw, height, quarter)."""
    out = [
        _series(generation, "stacks", "total", "stacks", "sum", stacks, (), inputs),
        _series(generation, "dies", "total", "dies", "sum", dies, ids, inputs),
        _series(generation, "layers", "mean", "layers", "ratio", dies / stacks, ids, inputs, dies, stacks),
        _series(generation, "gb_per_stack", "bottom_up", "GB", "ratio", gb / stacks, ids, inputs, gb, stacks),
        _series(generation, "gb_per_die", "bottom_up", "GB", "ratio", gb / dies, (), inputs, gb, dies),
    ]
    for j, h in enumerate(HEIGHTS):
        part, of = height[:, j], stacks * height[:, j]
        out.append(
            _series(generation, "share", f"{h}_high", "fraction", "ratio", part, ids, inputs, of, stacks)
        )
    return out
