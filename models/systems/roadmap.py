"""HBM roadmap: generations, stack heights, dies, GB per stack; when makers launch; what a launch shifts.

Stacks x layers = dies and dies x GB per die = GB hold in every draw, bottom-up: stacks from the chain, layers
from a logistic-normal split by height, die capacities from each generation's specification. The chain has GB
of its own; both are published with their ratio, and a ratio away from one says that heights, dies and stack
counts don't fit together. The split by height starts from what a generation usually has (assumptions
``roadmap.usual_height``) and from announced products, each with the stacks of its class, and is conditioned
on published shares of 12-high stacks (`models.systems.logistic_normal`).
"""

from collections.abc import Mapping
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from models.chain.drivers import BITS_PER_BYTE
from models.chain.product_classes import build_catalogue
from models.draws.joint import Draws
from models.evidence.assumptions import Prior, prior_named, read_priors
from models.evidence.evidence import Evidence
from models.evidence.known import known_products
from models.systems.figure_rows import codes, visible_rows
from models.systems.launches import launch_series, launch_shifts
from models.systems.logistic_normal import Layer, Observations, posterior_paths, shares
from models.systems.series import Series, make_series
from models.vocabulary.market import Market
from models.vocabulary.periods import N_QUARTERS, parse_period

SYSTEM = "roadmap"
_series = partial(make_series, SYSTEM)
HEIGHTS = (4, 8, 12, 16)
CATALOGUE_WEIGHT = "roadmap.catalogue_weight"
ERRORS = ("roadmap.height_volatility", "roadmap.height_error", "roadmap.height_error_per_year")
_INDEPENDENT = np.sqrt(0.5)
_FLOOR = 1e-9
_FADE_IN_QUARTERS = 4


def usual_heights(generation: str) -> tuple[str, ...]:
    """Assumptions about a generation's usual split by height, in the order of `HEIGHTS`."""
    return tuple(f"roadmap.usual_height.{generation}.{height}" for height in HEIGHTS)


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

    Generations with larger dies or taller stacks need fewer stacks for their bits. `height` is that of
    `height_shares`.

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


def height_shares(
    figures: pd.DataFrame,
    products: pd.DataFrame,
    by_class: Mapping[str, np.ndarray],
    priors: dict[str, Prior],
    market: Market,
    as_of: date,
    n_draws: int,
    rng: np.random.Generator,
) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
    """Share of each stack height in the stacks of a generation, {generation: (draw, height, quarter)}.

    Published shares ("12Hi within HBM3E", one maker's or the industry's) condition the split of their
    generation. `by_class` is that of `stacks_by_class`.
    """
    volatility, error, per_year = (prior_named(priors, name) for name in ERRORS)
    weight = float(np.exp(prior_named(priors, CATALOGUE_WEIGHT).loc))
    rows = visible_rows(figures, ("hbm_generation_share",), as_of)
    words = rows["segment"].str.extract(r"(?:(\d+)Hi within (HBM\w+))|(?:(HBM\w+) (\d+)Hi)")
    rows = rows.assign(
        height=pd.to_numeric(words[0].fillna(words[3])),
        generation=words[1].fillna(words[2]).str.upper().map(market.generation_of),
    )
    out, ids = {}, {}
    for generation in market.generation_names:
        about = rows[(rows["generation"] == generation) & rows["height"].isin(HEIGHTS)]
        ahead = about["horizon"].to_numpy(float) * np.exp(per_year.loc)
        year = [str(e // 12) if h > 0 else "" for e, h in zip(about["end"], ahead, strict=True)]
        n = len(about)
        seen = Observations(
            y=about["y"].to_numpy(float),
            is_log=np.zeros(n, bool),
            part=np.array([HEIGHTS.index(int(h)) for h in about["height"]], dtype=int),
            mix=np.ones((n, 1)),
            weight=np.array(list(about["weight"])).reshape(n, N_QUARTERS),
            sd=np.full(n, np.exp(error.loc)),
            fixed_sd=np.hypot(about["half_width"].to_numpy(float), _INDEPENDENT * ahead),
            shared=[(codes(year), _INDEPENDENT * ahead)],
            censored=about["censored"].to_numpy(int),
            figure_ids=[str(f) for f in about["figure_id"]],
        )
        usual = [prior_named(priors, name) for name in usual_heights(generation)]
        split = catalogue_heights(products, generation, usual, weight, by_class[generation], market)
        layer = Layer(
            np.log(split),
            np.array([p.scale for p in usual]),
            0.0,
            _INDEPENDENT * float(np.exp(volatility.loc)),
        )
        factors = (Prior(0.0, volatility.scale, "lognormal"), Prior(0.0, error.scale, "lognormal"))
        latent, _ = posterior_paths([layer], seen, *factors, n_draws, rng)
        out[generation], ids[generation] = shares(latent[:, 0]), tuple(seen.figure_ids)
    return out, ids


def stacks_by_class(
    drawn: Draws,
    products: pd.DataFrame,
    priors: dict[str, Prior],
    market: Market,
    as_of: date,
) -> dict[str, np.ndarray]:
    """Count typical stacks of each class in each generation, {generation: (class, quarter)}."""
    arrays = build_catalogue(products, priors, market, as_of).arrays
    shipped = [
        np.median(drawn.quarters(f"accelerator_shipments_class_{c}"), axis=0) for c in market.class_names
    ]
    stacks = np.array(shipped) * arrays["class_hbm_stacks"][:, :N_QUARTERS]
    return {
        g: stacks * arrays["generation_of_class"][i, :, :N_QUARTERS]
        for i, g in enumerate(market.generation_names)
    }


def catalogue_heights(
    products: pd.DataFrame,
    generation: str,
    usual: list[Prior],
    weight: float,
    stacks: np.ndarray,
    market: Market,
) -> np.ndarray:
    """Split of a generation's stacks by height that the catalogue suggests, (height, quarter).

    The usual split, and `weight` times as much the printed heights: the products of a class share its stacks
    alike, each from its launch on, fading in over a year.

    Parameters
    ----------
    products : DataFrame
        Known products.
    generation : str
    usual : list of Prior
        Weights of `HEIGHTS`.
    weight : float
    stacks : ndarray (class, quarter)
        Stacks of the generation in each class.
    market : Market
    """
    split = np.exp([p.loc for p in usual])
    by_class = np.zeros((len(market.classes), len(HEIGHTS), N_QUARTERS))
    heights = pd.to_numeric(products["stack_height"], errors="coerce")
    named = products["hbm_generation"].astype(str).str.upper().map(market.generation_of) == generation
    at = products["class"], products["launch_quarter"], heights
    for cls, launch, height in zip(*(column[named & heights.isin(HEIGHTS)] for column in at), strict=True):
        since = np.arange(N_QUARTERS) - parse_period(str(launch)).start // 3
        ramp = np.clip((since + 2) / _FADE_IN_QUARTERS, 0, 1)
        by_class[market.class_names.index(cls), HEIGHTS.index(int(height))] += ramp
    present = np.minimum(by_class.sum(axis=1, keepdims=True), 1)
    share = present * by_class / np.maximum(by_class.sum(axis=1, keepdims=True), _FLOOR)
    voted = (share * stacks[:, None]).sum(axis=0) / np.maximum(stacks.sum(axis=0), _FLOOR)
    split = (split / split.sum())[:, None] + weight * voted
    return split / split.sum(axis=0)


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
        out += [
            _series(generation, "stacks", "total", "stacks", "sum", stacks, (), inputs),
            _series(generation, "dies", "total", "dies", "sum", dies, found, inputs),
            _series(
                generation, "layers", "mean", "layers", "ratio", dies / stacks, found, inputs, dies, stacks
            ),
            _series(
                generation, "gb_per_stack", "bottom_up", "GB", "ratio", gb / stacks, found, inputs, gb, stacks
            ),
            _series(generation, "gb_per_die", "bottom_up", "GB", "ratio", gb / dies, (), inputs, gb, dies),
        ]
        for j, h in enumerate(HEIGHTS):
            part, of = height[generation][:, j], stacks * height[generation][:, j]
            out.append(
                _series(
                    generation, "share", f"{h}_high", "fraction", "ratio", part, found, inputs, of, stacks
                )
            )
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
