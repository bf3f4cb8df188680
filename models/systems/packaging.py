"""The packaging market: revenue of HBM and interposer packaging, comparable with Yole's categories.

HBM packaging is a share of the chain's HBM revenue, interposer packaging a price per CoWoS wafer of each
variant; share and price are paths with a wide prior, conditioned draw by draw on the published markets that
data/system_evidence.csv names (`models.systems.gaussian_update`): sizes of the category itself, and totals
that hold it as bounds from above, among them all that TSMC, maker of four CoWoS wafers in five, takes for
advanced packaging. The sum's bound enters to first order about the typical split.
"""

from collections.abc import Mapping
from datetime import date
from functools import partial

import numpy as np
import pandas as pd
from scipy.special import expit

from models.draws.joint import Draws
from models.evidence.assumptions import Prior, prior_from_quantiles, prior_named, read_priors
from models.evidence.evidence import Evidence
from models.systems.activity import missing_as_empty
from models.systems.cowos_variant import variant_shares
from models.systems.figure_rows import visible_rows
from models.systems.gaussian_update import error_covariance, learn
from models.systems.logistic_normal import drifting_walk_covariance
from models.systems.series import Series, make_series
from models.vocabulary.periods import N_QUARTERS
from models.vocabulary.systems import VARIANTS

SYSTEM = "packaging"
_series = partial(make_series, SYSTEM)
LEVEL_ASSUMPTIONS = ("packaging.hbm_share_of_revenue", "packaging.interposer_usd_per_wafer")
ERRORS = ("packaging.drift", "packaging.volatility", "packaging.noise", "packaging.noise_per_year")
PRICES = ("packaging.rdl_price", "packaging.bridge_price")
INTERPOSERS = dict(zip(("si_interposer", "rdl_interposer", "si_bridge"), VARIANTS, strict=True))
SUMS = {
    "hbm_plus_si_interposer": ("hbm", "si_interposer"),
    "interposers": tuple(INTERPOSERS),
    "high_end": ("hbm", *INTERPOSERS),
}
SIDES = {"observes": 0, "upper_bound": -1, "vendor_share": 1}
REVENUE = "packaging.revenue_usd"
"""With entity and year: what a published share of a company's revenue is a share of."""


def packaging(
    drawn: Draws,
    evidence: Evidence,
    as_of: date,
    rng: np.random.Generator,
) -> list[Series]:
    """Size the packaging markets.

    Parameters
    ----------
    drawn : Draws
        Needs ``hbm_revenue_usd, hbm_bits_gb, cowos_wafers`` and what `models.systems.cowos_variant` needs.
    evidence : Evidence
        'figures' (resolved), 'assumptions', 'products', 'cowos_variants', 'system_evidence', and the
        market's tables.
    as_of : datetime.date
    rng : numpy.random.Generator

    Returns
    -------
    list of Series
        ``usd`` of HBM, silicon interposers, bridges, RDL interposers and their sums; HBM packaging per GB and
        interposer packaging per CoWoS wafer. The split of wafers by variant is sampled as in
        `models.systems.cowos_variant`, with numbers of its own.
    """
    priors = read_priors(evidence.assumptions, as_of)
    revenue, wafers = drawn.quarters("hbm_revenue_usd"), drawn.quarters("cowos_wafers")
    split, variant_ids = variant_shares(drawn, evidence, priors, evidence.market, as_of, rng)
    base = bottom_up(revenue, wafers, split, priors, rng)
    found = packaging_figures(evidence.figures, evidence.system_evidence, priors, as_of)
    factors, used = correction(base, found, priors, rng)
    usd = {item: values * factors[int(item != "hbm")] for item, values in base.items()}
    usd |= {item: np.sum([usd[part] for part in parts], axis=0) for item, parts in SUMS.items()}
    out = []
    measured = {row["item"] for row in found if row["side"] == 0}
    revenues = dict.fromkeys(_revenue_of(row) for row in found if row["scale"] == "logit")
    for item, values in usd.items():
        parts = SUMS.get(item, (item,))
        wholes = [name for name, held in SUMS.items() if set(parts) <= set(held)]
        inputs = (*_inputs(parts), *(revenues if set(parts) & set(INTERPOSERS) else ()))
        ids = tuple(dict.fromkeys(f for name in (item, *parts, *wholes) for f in used.get(name, ())))
        # A figure about a sum says little of its parts, and a bound less.
        trust = "few figures" if measured & {item, *parts} else "assumed"
        out.append(_series(item, "usd", "total", "USD", "sum", values, ids, inputs, trust=trust))
    bits = drawn.quarters("hbm_bits_gb")
    hbm_ids = tuple(used.get("hbm", ()))
    word = "few figures" if hbm_ids else "assumed"
    per_gb, share = usd["hbm"] / bits, usd["hbm"] / revenue
    inputs = _inputs(("hbm",))
    per_wafer = usd["interposers"] / wafers
    wafer_ids = tuple(dict.fromkeys((*used.get("interposers", ()), *variant_ids[0])))
    return [
        *out,
        _series(
            "hbm", "usd_per_gb", "total", "USD_per_GB", "ratio", per_gb, hbm_ids,
            (*inputs, "hbm_bits_gb"), usd["hbm"], bits, trust=word,
        ),
        _series(
            "hbm", "share", "of_hbm_revenue", "fraction", "ratio", share, hbm_ids, inputs,
            usd["hbm"], revenue, trust=word,
        ),
        _series(
            "interposers", "usd_per_wafer", "total", "USD_per_wafer", "ratio", per_wafer, wafer_ids,
            _inputs(tuple(INTERPOSERS)), usd["interposers"], wafers,
            trust="few figures" if "interposers" in measured else "assumed",
        ),
    ]  # fmt: skip


def bottom_up(
    revenue: np.ndarray,
    wafers: np.ndarray,
    split: np.ndarray,
    priors: dict[str, Prior],
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Markets at the middle of the priors: what the figures then correct.

    The price of the other variants beside the silicon one is each draw's own; no figure speaks of it.

    Parameters
    ----------
    revenue : ndarray (draw, quarter)
        Of HBM, USD.
    wafers : ndarray (draw, quarter)
        CoWoS wafers.
    split : ndarray (draw, variant, quarter)
        Shares of the variants in them.
    priors : dict of str to Prior
    rng : numpy.random.Generator

    Returns
    -------
    dict of str to ndarray (draw, quarter)
        By item, USD.
    """
    share, price = (float(np.exp(prior_named(priors, name).loc)) for name in LEVEL_ASSUMPTIONS)
    beside = [np.ones((len(revenue), 1))]
    for name in PRICES:
        prior = prior_named(priors, name)
        beside.append(np.exp(prior.loc + prior.scale * rng.standard_normal((len(revenue), 1))))
    out = {"hbm": revenue * share}
    for item, variant in INTERPOSERS.items():
        i = VARIANTS.index(variant)
        out[item] = wafers * split[:, i] * price * beside[i]
    return out


def packaging_figures(
    figures: pd.DataFrame, links: pd.DataFrame, priors: dict[str, Prior], as_of: date
) -> list[dict]:
    """Visible figures about packaging markets, each with the row of system_evidence.csv that reads it.

    A share of a company's revenue counts once ``packaging.revenue_usd.<entity>.<year>`` is known.

    Parameters
    ----------
    figures : DataFrame
        Resolved figures.
    links : DataFrame
        Columns of data/system_evidence.csv; rows of other systems are passed over.
    priors : dict of str to Prior
        Gives the revenues.
    as_of : datetime.date

    Returns
    -------
    list of dict
        Rows of `models.systems.figure_rows.visible_rows`, ``y`` the log of USD, with the ``item``; the
        ``side`` on which it lies of figure times share (+1 above, -1 below, 0 at it); and as ``part`` the
        prior of the log of that share.

    Raises
    ------
    ValueError
        An unknown relation or item.
    """
    out = []
    for link in missing_as_empty(links[links["system"] == SYSTEM]).to_dict("records"):
        known = (*INTERPOSERS, "hbm", *SUMS)
        if link["relation"] not in SIDES or link["item"] not in known:
            raise ValueError(
                f"system_evidence.csv, packaging {link['item']}: the relation is one of {', '.join(SIDES)}, "
                f"the item one of {', '.join(known)}"
            )
        same = (figures["metric"] == link["metric"]) & (figures["entity"] == link["entity"])
        same &= figures["segment"].fillna("").astype(str).str.strip() == str(link["segment"]).strip()
        for row in visible_rows(figures[same], (str(link["metric"]),), as_of).to_dict("records"):
            prior = prior_from_quantiles(float(link["share_p05"]), float(link["share_p95"]), "lognormal")
            side = SIDES[link["relation"]] or int(row["censored"])
            if side * int(row["censored"]) < 0:  # "over 5 bn" bounds nothing from above
                continue
            if row["scale"] == "logit":
                whole = priors.get(_revenue_of(row))
                if whole is None:
                    continue
                share = expit(row["y"])
                # A small step of a share's logit is (1 - share) times that of its log.
                row |= {"y": np.log(share) + whole.loc, "half_width": row["half_width"] * (1 - share)}
            out.append({**row, "item": link["item"], "side": side, "part": prior})
    return out


def correction(
    base: Mapping[str, np.ndarray], figures: list[dict], priors: dict[str, Prior], rng: np.random.Generator
) -> tuple[np.ndarray, dict[str, list[str]]]:
    """Sample what the figures make of the share and the price.

    Parameters
    ----------
    base : mapping of str to ndarray (draw, quarter)
        Market of each item before the figures, USD a quarter.
    figures : list of dict
        Rows about an item: ``weight`` (quarter,), ``item``, ``y`` (log of USD), ``part`` (prior of the log of
        the share of it that is meant), ``horizon`` (years), ``half_width, publisher, end, side,
        figure_id``.
    priors : dict of str to Prior
    rng : numpy.random.Generator

    Returns
    -------
    factors : ndarray (2, draw, quarter)
        On the HBM market and on the interposer markets.
    used : dict of str to list of str
        Figures by item.
    """
    n_draws, n = len(base["hbm"]), len(figures)
    levels = [prior_named(priors, name) for name in LEVEL_ASSUMPTIONS]
    drift, volatility, noise, per_year = (prior_named(priors, name) for name in ERRORS)
    typical = {item: np.median(values, axis=0) for item, values in base.items()}
    weights, misfit = np.zeros((n, 2 * N_QUARTERS)), np.zeros((n_draws, n))
    used: dict[str, list[str]] = {}
    for i, row in enumerate(figures):
        flow = row["weight"] / row["weight"].max()
        items = SUMS.get(row["item"], (row["item"],))
        whole = sum(typical[item] @ flow for item in items)
        for item in items:
            at = int(item != "hbm") * N_QUARTERS
            weights[i, at : at + N_QUARTERS] += flow * typical[item] / whole
        total = np.sum([base[item] @ flow for item in items], axis=0)
        misfit[:, i] = row["y"] + row["part"].loc - np.log(total)
        used.setdefault(row["item"], []).append(str(row["figure_id"]))
    blocks = [drifting_walk_covariance(p.scale, drift.scale, float(np.exp(volatility.loc))) for p in levels]
    covariance = np.zeros((2 * N_QUARTERS, 2 * N_QUARTERS))
    covariance[:N_QUARTERS, :N_QUARTERS], covariance[N_QUARTERS:, N_QUARTERS:] = blocks
    middle = float(np.exp(noise.loc))
    ahead = np.array([row["horizon"] * np.exp(per_year.loc) for row in figures])
    own = np.array([np.hypot(middle, row["half_width"]) for row in figures])
    # One publisher's scope is one error, and so is the road ahead as a forecaster sees it.
    publisher = np.array([str(row["publisher"]) for row in figures])
    target = np.array(
        [str(row["end"] // 12) if row["horizon"] > 0 else f"past {i}" for i, row in enumerate(figures)]
    )
    scope = np.array([f"{row['item']}" for row in figures])
    errors = error_covariance(
        own,
        [
            (publisher, np.full(n, middle)),
            (target, ahead),
            (scope, np.array([row["part"].scale for row in figures])),
        ],
    )
    sides = np.array([row["side"] for row in figures], dtype=int)
    learned = learn(misfit, weights, errors, np.zeros(2 * N_QUARTERS), covariance, rng, sides)
    return np.exp(learned.paths.reshape(n_draws, 2, N_QUARTERS)).transpose(1, 0, 2), used


def _revenue_of(row: dict) -> str:
    return f"{REVENUE}.{row['entity']}.{row['period']}"


def _inputs(items: tuple[str, ...]) -> tuple[str, ...]:
    names: list[str] = []
    if "hbm" in items:
        names += ["hbm_revenue_usd", LEVEL_ASSUMPTIONS[0]]
    if set(items) & set(INTERPOSERS):
        names += ["cowos_wafers", LEVEL_ASSUMPTIONS[1], "variant.mix_level"]
    if "rdl_interposer" in items:
        names.append(PRICES[0])
    if "si_bridge" in items:
        names.append(PRICES[1])
    return (*names, *ERRORS)
