"""The part of the gate that reads the forecast, not the sampler: conflicts, figures left out, physics.

A run can sample well and say that a product shipped before it existed. These rows go beside those of
`models.draws.gate` into the table ``diagnostics``; a row with ``passed`` empty only informs.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from models.chain.drivers import BITS_PER_BYTE
from models.chain.product_classes import gross_pieces_per_wafer
from models.draws.coverage import Row, left_out_rows
from models.draws.joint import Draws
from models.evidence.assumptions import Prior, read_priors
from models.evidence.chain_evidence import ChainEvidence
from models.evidence.known import known_products
from models.inference.left_out import left_out_by_weights
from models.inference.operator import TOPICS
from models.inference.parameter_names import BLOCKS
from models.inference.posterior import Posterior
from models.inference.problem import Problem
from models.vocabulary.market import Market
from models.vocabulary.opponents import OURSELVES
from models.vocabulary.periods import HEADLINE_YEARS, N_QUARTERS, YEARS, parse_period, quarter_of_day
from models.vocabulary.results.chain import NEWEST_FIGURE

CONFLICT_LIMIT, CONFLICT_LISTED = 3.0, 2.0
"""Prior standard deviations by which a named parameter's mean may move, and from which it is listed."""
SAMPLE_UNITS = 1_000.0
"""More packages than this in a quarter are no samples."""
SHIPS_EARLY = 0.001
STALE_DAYS = 90


def forecast_rows(problem: Problem, posterior: Posterior, drawn: Draws, evidence: ChainEvidence) -> list[Row]:
    """Make all rows of this part of the gate.

    Parameters
    ----------
    problem : Problem
    posterior : Posterior
    drawn : Draws
    evidence : ChainEvidence
        Products and assumptions of the day.
    """
    priors = read_priors(evidence.assumptions, problem.as_of)
    products = known_products(evidence.products, problem.as_of)
    left_out = posterior.left_out
    if left_out is None:
        left_out = left_out_by_weights(problem, posterior.flat())
    return [
        *conflict_rows(posterior, problem),
        *left_out_rows(left_out),
        *physics_rows(drawn, products, priors, problem.market, problem.as_of),
        *age_rows(problem),
    ]


def conflict_rows(posterior: Posterior, problem: Problem) -> list[Row]:
    """Compare the mean of each named parameter with its prior, in prior standard deviations.

    Parameters
    ----------
    posterior : Posterior
    problem : Problem

    Returns
    -------
    list of (name, value, threshold, passed, detail)
        The largest move decides; those beyond `CONFLICT_LISTED` are listed, farthest first.
    """
    moves: list[tuple[float, str]] = []
    for block, values in posterior.raw.items():
        if block not in BLOCKS or not BLOCKS[block].assumption:
            continue
        scale = np.broadcast_to(problem.scale[block], values.shape[2:])
        mean = values.mean(axis=(0, 1))
        moves += [
            (float(mean[at]), posterior.label(block, at)) for at in np.ndindex(mean.shape) if scale[at] > 0
        ]
    moves.sort(key=lambda pair: -abs(pair[0]))
    if not moves:
        return [("prior_conflict", np.nan, CONFLICT_LIMIT, False, "no named parameter")]
    beyond = [f"{label} {move:+.2f}" for move, label in moves if abs(move) > CONFLICT_LISTED]
    worst, label = abs(moves[0][0]), moves[0][1]
    detail = "; ".join(beyond) if beyond else f"largest: {label} {moves[0][0]:+.2f}"
    return [("prior_conflict", worst, CONFLICT_LIMIT, worst <= CONFLICT_LIMIT, detail)]


def physics_rows(
    drawn: Draws,
    products: pd.DataFrame,
    priors: Mapping[str, Prior],
    market: Market,
    as_of: date,
) -> list[Row]:
    """Bounds that hold in every world: nothing ships before it exists, a wafer holds what fits on it.

    Parameters
    ----------
    drawn : Draws
    products : DataFrame
        Products known by the as-of day, with their launch as ``launch_quarter``.
    priors : mapping of str to Prior
    market : Market
    as_of : date
        A class that nobody has announced by then ships nothing up to its quarter.
    """
    rows: list[Row] = []
    worst, where = 0.0, "no class of a later launch"
    for name in market.class_names:
        launches = products.loc[products["class"] == name, "launch_quarter"]
        # The quarter before the launch is that of samples.
        samples = [parse_period(str(quarter)).start // 3 - 1 for quarter in launches]
        first = int(np.clip(min(samples, default=quarter_of_day(as_of) + 1), 0, N_QUARTERS))
        before = drawn[f"accelerator_shipments_class_{name}"][:, :first]
        early = float((before > SAMPLE_UNITS).any(axis=1).mean()) if before.size else 0.0
        if early >= worst:
            worst, where = early, name
    words = f"probability of more than samples: {where}"
    rows.append(("ships_before_launch", worst, SHIPS_EARLY, worst < SHIPS_EARLY, words))
    bound = max(gross_gb_per_wafer(priors, g) for g in market.generation_names)
    largest = float(np.max(drawn["hbm_gb_per_wafer"]))
    words = "largest of all draws; bound: whole dies x GB a die"
    rows.append(("hbm_gb_per_wafer", largest, bound, largest <= bound, words))
    for year in HEADLINE_YEARS:
        column = N_QUARTERS + YEARS.index(year)
        cheaper = float(
            (
                drawn["hbm_price_usd_per_gb"][:, column] < drawn["dram_price_ex_hbm_usd_per_gb"][:, column]
            ).mean()
        )
        rows.append((f"hbm_cheaper_than_dram_{year}", cheaper, np.nan, None, "probability, per GB"))
    return rows


def gross_gb_per_wafer(priors: Mapping[str, Prior], generation: str, deviations: float = 4.0) -> float:
    """GB printed on a wafer of a generation at the smallest die and the most bits that its priors allow.

    Parameters
    ----------
    priors : mapping of str to Prior
        Needs ``hbm.die_area_mm2`` and ``hbm.die_gbit`` of the generation.
    generation : str
    deviations : float
        Standard deviations of the log at which either prior is taken to end.

    Returns
    -------
    float
        GB of whole dies, none of them lost to yield.

    Raises
    ------
    KeyError
        One of the two is missing.
    """
    area, bits = priors[f"hbm.die_area_mm2.{generation}"], priors[f"hbm.die_gbit.{generation}"]
    dies = gross_pieces_per_wafer(np, np.exp(area.loc - deviations * area.scale))
    return float(dies * np.exp(bits.loc + deviations * bits.scale) / BITS_PER_BYTE)


def age_rows(problem: Problem) -> list[Row]:
    """Age of the newest figure of each topic at the as-of day, in days; past `STALE_DAYS` it is said.

    What is judged here is no news: it would make evidence of months ago look fresh.
    """
    figures = problem.operator.figures
    figures = figures[(problem.weight > 0) & (figures["publisher"] != OURSELVES)]
    rows: list[Row] = []
    for topic in TOPICS:
        known = figures.loc[figures["topic"] == topic, "known_on"]
        if known.empty:
            rows.append((f"{NEWEST_FIGURE}{topic}", np.nan, float(STALE_DAYS), None, "no figure"))
            continue
        newest = max(known)
        days = (problem.as_of - newest).days
        words = f"days since {newest}" + (": old" if days > STALE_DAYS else "")
        rows.append((f"{NEWEST_FIGURE}{topic}", float(days), float(STALE_DAYS), None, words))
    return rows
