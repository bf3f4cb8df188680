"""Heights of HBM stacks: how those of a generation split over 4, 8, 12 and 16 layers.

The split starts from what a generation usually has (assumptions ``roadmap.usual_height``) and from announced
products, each with the stacks of its class, and is conditioned on published shares of 12-high stacks
(`models.systems.logistic_normal`).
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from models.chain.product_classes import build_catalogue
from models.draws.joint import Draws
from models.evidence.assumptions import Prior, prior_named
from models.systems.figure_rows import codes, visible_rows
from models.systems.logistic_normal import Layer, posterior_paths
from models.systems.share_figures import Observations, shares
from models.vocabulary.market import Market
from models.vocabulary.periods import N_QUARTERS, parse_period

HEIGHTS = (4, 8, 12, 16)
CATALOGUE_WEIGHT = "roadmap.catalogue_weight"
ERRORS = ("roadmap.height_volatility", "roadmap.height_error", "roadmap.height_error_per_year")
_INDEPENDENT = np.sqrt(0.5)
_FADE_IN_QUARTERS = 4
_FLOOR = 1e-9


def usual_heights(generation: str) -> tuple[str, ...]:
    """Assumptions about a generation's usual split by height, in the order of `HEIGHTS`."""
    return tuple(f"roadmap.usual_height.{generation}.{height}" for height in HEIGHTS)


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
    """Share of each stack height in the stacks of a generation.

    Published shares ("12Hi within HBM3E", one maker's or the industry's) condition the split of their
    generation.

    Parameters
    ----------
    figures : DataFrame
        Resolved, in base units.
    products : DataFrame
        As known on the day.
    by_class : mapping of str to ndarray (draw, quarter)
        Stacks of each class, from `stacks_by_class`.
    priors : dict of str to Prior
    market : Market
    as_of : datetime.date
    n_draws : int
    rng : numpy.random.Generator

    Returns
    -------
    shares : dict of str to ndarray (draw, height, quarter)
        By generation; heights in the order of `HEIGHTS`.
    figure_ids : dict of str to tuple of str
        Figures about each generation.
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
    """Count typical stacks of each class in each generation.

    Parameters
    ----------
    drawn : Draws
    products : DataFrame
        As known on the day.
    priors : dict of str to Prior
    market : Market
    as_of : datetime.date

    Returns
    -------
    dict of str to ndarray (class, quarter)
        By generation; of the median shipments.
    """
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
