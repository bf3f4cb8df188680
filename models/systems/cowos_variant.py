"""CoWoS by variant (S, R, L), by maker and by customer; interposer size and packages per wafer.

Each class of accelerators has a usual variant (data/cowos_variants.csv). With the wafers of the classes these
give a split in every draw, which is wrong by a logistic-normal path; published shares of a variant condition
that path (`models.systems.logistic_normal`). A cut posterior: the chain's wafers are not changed.
"""

from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from models.chain.product_classes import RETICLE_MM2, build_catalogue, gross_packages_per_wafer
from models.draws.joint import Draws
from models.evidence.assumptions import Prior, prior_named, read_priors
from models.evidence.evidence import Evidence
from models.evidence.known import known_by, known_products, newest_of_each
from models.systems.figure_rows import codes, visible_rows
from models.systems.logistic_normal import Layer, posterior_paths
from models.systems.series import Series, make_series
from models.systems.share_figures import Observations, shares
from models.vocabulary.market import Market
from models.vocabulary.periods import N_QUARTERS
from models.vocabulary.systems import VARIANTS

SYSTEM = "cowos_variant"
_series = partial(make_series, SYSTEM)
PLACE_OF_SEGMENT = {"CoWoS-S": 0, "CoWoS-R": 1, "CoWoS-L": 2}
"""Segments that figures name, to their places in `VARIANTS`."""
ASSUMPTIONS = (
    "variant.mix_level",
    "variant.mix_volatility",
    "variant.share_error",
    "variant.share_error_per_year",
)
_INDEPENDENT = np.sqrt(0.5)
_AREAS_MM2 = np.geomspace(200.0, 30_000.0, 400)
_SMALLEST = 1e-6


def cowos_variant(
    drawn: Draws,
    evidence: Evidence,
    as_of: date,
    rng: np.random.Generator,
) -> list[Series]:
    """Split CoWoS by variant, maker and customer, and size its interposers.

    Parameters
    ----------
    drawn : Draws
        Needs the ``cowos_*`` quantities, ``packages_per_cowos_wafer`` and
        ``accelerator_shipments_class_<class>``.
    evidence : Evidence
        'figures' (resolved), 'assumptions', 'products', 'cowos_variants', and the market's tables.
    as_of : datetime.date
    rng : numpy.random.Generator

    Returns
    -------
    list of Series
    """
    priors, market = read_priors(evidence.assumptions, as_of), evidence.market
    wafers = drawn.quarters("cowos_wafers")
    share, ids = variant_shares(drawn, evidence, priors, market, as_of, rng)
    out = []
    for i, variant in enumerate(VARIANTS):
        inputs = ("cowos_wafers", *ASSUMPTIONS)
        of = share[:, i] * wafers
        out += [
            _series(variant, "share", "total", "fraction", "ratio", share[:, i], ids[i], inputs, of, wafers),
            _series(variant, "wafers", "total", "wafers", "sum", of, ids[i], inputs),
        ]
    out += _interposers(drawn, priors, rng, evidence.figures, as_of)
    return out + _makers_and_customers(drawn, evidence.figures, market, as_of)


def class_wafers(
    drawn: Draws,
    products: pd.DataFrame,
    priors: dict[str, Prior],
    market: Market,
    as_of: date,
) -> np.ndarray:
    """CoWoS wafers of each class, adding up to the chain's wafers of each customer.

    The chain keeps wafers by customer; inside a customer they follow packages shipped over the catalogue's
    packages per wafer.

    Parameters
    ----------
    drawn : Draws
        Needs the shipments of each class, and the wafers of each customer.
    products : DataFrame
    priors : dict of str to Prior
    market : Market
    as_of : datetime.date

    Returns
    -------
    ndarray (draw, class, quarter)
        Wafers a quarter.
    """
    catalogue = build_catalogue(known_products(products, as_of), priors, market, as_of)
    per_wafer = catalogue.arrays["class_packages_per_wafer"]
    shipped = np.stack(
        [drawn.quarters(f"accelerator_shipments_class_{c}") for c in market.class_names], axis=1
    )
    raw = shipped / per_wafer[:, :N_QUARTERS]
    out = np.zeros_like(raw)
    for customer in market.customers:
        at = [i for i, c in enumerate(market.classes) if c.customer == customer and c.on_cowos]
        if at:
            total = np.maximum(raw[:, at].sum(axis=1, keepdims=True), _SMALLEST)
            out[:, at] = raw[:, at] / total * drawn.quarters(f"cowos_wafers_{customer}")[:, None]
    return out


def variant_shares(
    drawn: Draws,
    evidence: Evidence,
    priors: dict[str, Prior],
    market: Market,
    as_of: date,
    rng: np.random.Generator,
) -> tuple[np.ndarray, list[tuple[str, ...]]]:
    """Share of each variant in CoWoS wafers, (draw, variant, quarter), and the figures about each.

    Parameters
    ----------
    drawn : Draws
        As `class_wafers` needs it.
    evidence : Evidence
        'figures' (resolved), 'products', 'cowos_variants'.
    priors : dict of str to Prior
    market : Market
    as_of : datetime.date
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        A class of accelerators has no row in cowos_variants.csv, or its shares don't add up to one.
    """
    table = newest_of_each(known_by(evidence.cowos_variants, as_of), ["class"]).set_index("class")
    if missing := [c for c in market.class_names if c not in table.index]:
        raise ValueError(f"cowos_variants.csv: class {missing[0]} has no row; add one")
    of_class = table.loc[list(market.class_names), list(VARIANTS)].to_numpy(float)
    if (np.abs(of_class.sum(axis=1) - 1) > 0.01).any():
        wrong = market.class_names[int(np.argmax(np.abs(of_class.sum(axis=1) - 1)))]
        raise ValueError(f"cowos_variants.csv, class {wrong}: the shares don't add up to 1")
    by_class = class_wafers(drawn, evidence.products, priors, market, as_of)
    usual = np.einsum("ncq,cv->nvq", by_class, of_class) + _SMALLEST
    log_usual = np.log(usual / usual.sum(axis=1, keepdims=True))
    middle = np.median(log_usual, axis=0)
    level_sd, volatility, error, per_year = (prior_named(priors, name) for name in ASSUMPTIONS)
    rows = visible_rows(evidence.figures, ("cowos_allocation_share",), as_of)
    rows = rows[rows["segment"].isin(list(PLACE_OF_SEGMENT)) & (rows["entity"] == "TSMC")]
    ahead = rows["horizon"].to_numpy(float) * np.exp(per_year.loc)
    targets = zip(rows["segment"], rows["end"], ahead, strict=True)
    year = [f"{segment}:{end // 12}" if h > 0 else "" for segment, end, h in targets]
    seen = Observations(
        y=rows["y"].to_numpy(float),
        is_log=np.zeros(len(rows), bool),
        part=rows["segment"].map(PLACE_OF_SEGMENT).to_numpy(int),
        mix=np.ones((len(rows), 1)),
        weight=np.array(list(rows["weight"])).reshape(len(rows), N_QUARTERS),
        sd=np.full(len(rows), np.exp(error.loc)),
        fixed_sd=np.hypot(rows["half_width"].to_numpy(float), _INDEPENDENT * ahead),
        shared=[(codes(year), _INDEPENDENT * ahead)],
        censored=rows["censored"].to_numpy(int),
        figure_ids=[str(f) for f in rows["figure_id"]],
    )
    layer = Layer(
        middle,
        np.full(len(VARIANTS), _INDEPENDENT * level_sd.scale),
        0.0,
        _INDEPENDENT * float(np.exp(volatility.loc)),
    )
    factors = (Prior(0.0, volatility.scale, "lognormal"), Prior(0.0, error.scale, "lognormal"))
    latent, _ = posterior_paths([layer], seen, *factors, len(usual), rng, shift=log_usual - middle)
    # A share of one variant speaks about all, for they add up to one.
    ids = [tuple(seen.figure_ids)] * len(VARIANTS)
    return shares(latent[:, 0]), ids


def interposer_area_mm2(gross_packages: np.ndarray) -> np.ndarray:
    """Area of an interposer of which so many fit on a wafer: the inverse of `gross_packages_per_wafer`.

    Parameters
    ----------
    gross_packages : ndarray
        Packages that fit on a wafer, good or not.

    Returns
    -------
    ndarray, of the same shape
        Square millimetres.
    """
    gross = np.array([gross_packages_per_wafer(a) for a in _AREAS_MM2])
    return np.exp(np.interp(-np.log(gross_packages), -np.log(gross), np.log(_AREAS_MM2)))


def _interposers(
    drawn: Draws,
    priors: dict[str, Prior],
    rng: np.random.Generator,
    figures: pd.DataFrame,
    as_of: date,
) -> list[Series]:
    """Good packages per wafer, and the mean interposer they come from at a yield of each draw's own."""
    good = drawn.quarters("packages_per_cowos_wafer")
    prior = prior_named(priors, "cowos.yield")
    cowos_yield = prior.natural(prior.loc + prior.scale * rng.standard_normal((len(good), 1)))
    area = interposer_area_mm2(good / cowos_yield)
    rows = visible_rows(figures, ("packages_per_cowos_wafer", "interposer_area"), as_of)
    ids = tuple(rows["figure_id"].astype(str))
    inputs = ("packages_per_cowos_wafer", "cowos.yield", "class.packages_per_wafer.announced")
    wafers, packages = drawn.quarters("cowos_wafers"), drawn.quarters("cowos_packages")
    weighted, reticles = area * packages, area / RETICLE_MM2
    name = "interposer"
    # What is said of single packages reaches the mean over all only through the catalogue.
    trust = "few figures" if ids else ""
    return [
        _series(
            name,
            "packages_per_wafer",
            "good",
            "count",
            "ratio",
            good,
            ids,
            inputs,
            packages,
            wafers,
            trust=trust,
        ),
        _series(name, "area_mm2", "mean", "mm2", "ratio", area, ids, inputs, weighted, packages, trust=trust),
        _series(
            name,
            "reticles",
            "mean",
            "ratio",
            "ratio",
            reticles,
            ids,
            inputs,
            weighted / RETICLE_MM2,
            packages,
            trust=trust,
        ),
    ]


def _makers_and_customers(drawn: Draws, figures: pd.DataFrame, market: Market, as_of: date) -> list[Series]:
    """Capacity of TSMC and others, and wafers by customer: the chain's own split, as shares."""
    rows = visible_rows(figures, ("cowos_allocation_share", "cowos_wafers"), as_of)
    rows = pd.concat([rows, visible_rows(figures, ("cowos_capacity",), as_of, is_level=True)])
    about = {str(name): tuple(ids.astype(str)) for name, ids in rows.groupby("quantity")["figure_id"]}
    capacity = drawn.quarters("cowos_capacity_wafers_per_month")
    wafers = drawn.quarters("cowos_wafers")
    out = []
    for maker in ("tsmc", "others"):
        name = f"cowos_capacity_{maker}_wafers_per_month"
        own, ids, unit = drawn.quarters(name), about.get(name, ()), "wafers_per_month"
        both = (name, "cowos_capacity_wafers_per_month")
        out += [
            _series(maker, "share", "capacity", "fraction", "end", own / capacity, ids, both),
            _series(maker, unit, "capacity", unit, "end", own, ids, (name,)),
        ]
    for customer in market.customers:
        name = f"cowos_wafers_{customer}"
        if name not in drawn.by_quantity:
            continue
        own, ids, inputs = drawn.quarters(name), about.get(name, ()), (name, "cowos_wafers")
        item = f"customer_{customer}"
        out += [
            _series(item, "share", "allocation", "fraction", "ratio", own / wafers, ids, inputs, own, wafers),
            _series(item, "wafers", "allocation", "wafers", "sum", own, ids, inputs[:1]),
        ]
    return out
