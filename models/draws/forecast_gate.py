"""The part of the gate that reads the forecast, not the sampler: conflicts, figures left out, physics.

A run can sample well and say that a product shipped before it existed. These rows go beside those of
`models.draws.gate` into the table ``diagnostics``; a row with ``passed`` empty only informs.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
from scipy.special import logsumexp
from scipy.stats import binom

from models.chain.drivers import BITS_PER_BYTE
from models.chain.product_classes import gross_pieces_per_wafer
from models.draws.joint import Draws
from models.evidence.assumptions import Prior, read_priors
from models.evidence.known import Evidence, known_products
from models.inference.observation import log_density, log_points, residuals, student4_cdf
from models.inference.operator import KINDS, TOPICS
from models.inference.posterior import BLOCKS, Posterior
from models.inference.pymc_model import Problem, quantity_rows, working_values
from models.vocabulary.market import Market
from models.vocabulary.periods import N_QUARTERS, YEARS, parse_period, quarter_of_day
from models.vocabulary.results.chain import NEWEST_FIGURE

CONFLICT_LIMIT, CONFLICT_LISTED = 3.0, 2.0
"""Prior standard deviations by which a named parameter's mean may move, and from which it is listed."""
PARETO_LIMIT = 0.7
LOO_DRAWS, LOO_BLOCK = 2_000, 250
LOO_LEVEL = 0.8
LOO_CHANCE = 0.98
"""Of a right model, the share of nights on which all groups pass, and of groups inside their own range."""
LOO_MINIMUM = 20
"""Groups with fewer figures that can be left out only inform."""
LISTED_MINIMUM = 8
"""Quantities with fewer figures left out are not looked at: two of seven outside say nothing."""
SAMPLE_UNITS = 1_000.0
"""More packages than this in a quarter are no samples."""
SHIPS_EARLY = 0.001
STALE_DAYS = 90
LOO_COLUMNS = ("figure_id", "topic", "kind", "quantity", "pareto_k", "pit", "one_sided")
type Row = tuple[str, float, float, bool | None, str]


def forecast_rows(problem: Problem, posterior: Posterior, drawn: Draws, evidence: Evidence) -> list[Row]:
    """Make all rows of this part of the gate.

    Parameters
    ----------
    problem : Problem
    posterior : Posterior
    drawn : Draws
    evidence : mapping of str to DataFrame
        Products and assumptions of the day.
    """
    priors = read_priors(evidence["assumptions"], problem.as_of)
    products = known_products(evidence["products"], problem.as_of)
    return [
        *conflict_rows(posterior, problem),
        *left_out_rows(left_out_one_by_one(problem, posterior.flat())),
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


def left_out_one_by_one(problem: Problem, flat: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Leave each figure out by Pareto-smoothed importance weights and place it in what the rest predict.

    Parameters
    ----------
    problem : Problem
    flat : mapping of str to ndarray (draw, ...)
        Parameters on their standard-normal scale.

    Returns
    -------
    DataFrame
        `LOO_COLUMNS`, figures with weight. ``pit`` of a one-sided figure is the probability that the others
        give to its statement.
    """
    from arviz_stats.base import array_stats

    obs = problem.operator.arrays
    n = len(next(iter(flat.values())))
    at = np.unique(np.linspace(0, n - 1, min(n, LOO_DRAWS)).astype(int))
    used = np.flatnonzero(problem.weight > 0)
    likelihood, below = [], []
    for first in range(0, len(at), LOO_BLOCK):
        block = {k: np.asarray(v)[at[first : first + LOO_BLOCK]] for k, v in flat.items()}
        theta = working_values(block, problem.data())
        points = log_points(np, quantity_rows(theta, problem), obs)
        z, scale = residuals(np, points, theta, obs)
        likelihood.append((problem.weight * log_density(np, z, scale, obs))[:, used])
        side = obs["censored"]
        below.append(student4_cdf(np, np.where(side == 0, z, -side * z))[:, used])
    density, inside = np.concatenate(likelihood), np.concatenate(below)
    rows = []
    figures = problem.operator.figures
    for j, i in enumerate(used):
        log_weight, k = array_stats.psislw(density[:, j])
        weight = np.exp(log_weight - logsumexp(log_weight))
        pit = float(np.clip((weight * inside[:, j]).sum(), 0.0, 1.0))
        topic, kind = TOPICS[obs["topic"][i]], KINDS[obs["kind"][i]]
        named = (figures["figure_id"].iloc[i], topic, kind, figures["quantity"].iloc[i])
        rows.append((*named, float(k), pit, bool(obs["censored"][i])))
    return pd.DataFrame(rows, columns=list(LOO_COLUMNS))


def left_out_rows(left_out: pd.DataFrame) -> list[Row]:
    """Coverage of figures left out, by topic and by kind, against what chance allows.

    The share inside the central 80 % is held to the binomial range of a right model. A one-sided figure
    is inside unless the others give its statement less than one in ten: that it holds easily is no sign of
    too wide a forecast, so only two-sided figures are held to the upper end. Figures that could not be left
    out (Pareto k above 0.7) are named.

    A dozen groups at 98 % each would stop a right model one night in five. So the groups with at least
    `LOO_MINIMUM` figures share the 2 % (Bonferroni): with m of them each is held to the range of
    ``1 - 0.02 / m``, and a right model fails at most one night in fifty whatever the dependence between
    groups, of which there is much: each figure counts in its topic and in its kind. Holm's steps stop the
    very same runs, for they too begin with the first of m; Sidak's correction wants independence and gains
    one per cent of the level. The bound takes the figures of a group as independent. They are not quite:
    left out one at a time they still share the street's error, so counts scatter more than binomial ones
    and a right model fails somewhat more often; a wider range would be an excuse for narrow intervals.
    What lies outside its own 98 % range without being held back is said: in the group's row, and for
    quantities in a row of their own.

    Parameters
    ----------
    left_out : DataFrame
        `LOO_COLUMNS`.

    Returns
    -------
    list of (name, value, threshold, passed, detail)
        A row a topic and a kind, and ``left_out_quantities``, which counts the quantities outside their own
        range beside the number that chance puts there, and informs.
    """
    groups = {
        f"left_out_{column}_{label}": group
        for column in ("topic", "kind")
        for label, group in left_out.groupby(column, sort=True)
    }
    found = {name: _left_out(group) for name, group in groups.items()}
    n_tested = sum(len(inside) >= LOO_MINIMUM for inside, _ in found.values())
    rows: list[Row] = []
    for name, (inside, one_sided) in found.items():
        value, end, passed, words = _coverage(inside, one_sided, chance_tails(max(n_tested, 1)))
        own = _coverage(inside, one_sided, chance_tails())[2]
        listed = "; OUTSIDE ITS OWN 98 % RANGE" if passed and not own else ""
        decides = passed if len(inside) >= LOO_MINIMUM else None
        rows.append((name, value, end, decides, f"{words}{listed}{_not_left_out(groups[name])}"))
    return [*rows, _quantities_row(left_out)]


def _left_out(group: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Which of the figures that could be left out are inside the central 80 %, and which are one-sided."""
    good = group[group["pareto_k"] <= PARETO_LIMIT]
    inside = np.where(
        good["one_sided"], good["pit"] >= (1 - LOO_LEVEL) / 2, (good["pit"] - 0.5).abs() <= LOO_LEVEL / 2
    )
    return inside, good["one_sided"].to_numpy(bool)


def _not_left_out(group: pd.DataFrame) -> str:
    """Name the figures of a group that could not be left out."""
    aside = sorted(group.loc[~(group["pareto_k"] <= PARETO_LIMIT), "figure_id"])
    return f"; {len(aside)} not left out: {', '.join(aside)}" if aside else ""


def _coverage(
    inside: np.ndarray, one_sided: np.ndarray, tails: tuple[float, float]
) -> tuple[float, float, bool, str]:
    """Hold the share inside of all figures to the lower end of its range, of two-sided ones to the upper."""
    ends = []
    for counted, tail in zip((inside, inside[~one_sided]), tails, strict=True):
        n = len(counted)
        share, end = (counted.mean(), binom.ppf(tail, n, LOO_LEVEL) / n) if n else (np.nan, np.nan)
        ends.append((float(share), float(end), n))
    (share, low, n), (of_points, high, n_points) = ends
    words = f"share of {n} inside 80 %, wanted {low:.2f} at least; of {n_points} two-sided {high:.2f} at most"
    too_wide = of_points > high
    value, end = (of_points, high) if too_wide else (share, low)
    return value, end, bool(share >= low and not too_wide), words


def _quantities_row(left_out: pd.DataFrame) -> Row:
    """List the quantities outside their own 98 % range."""
    outside, looked_at = [], 0
    for quantity, group in left_out.groupby("quantity", sort=True):
        inside, one_sided = _left_out(group)
        if len(inside) < LISTED_MINIMUM:
            continue
        looked_at += 1
        if not _coverage(inside, one_sided, chance_tails())[2]:
            outside.append(f"{quantity} {inside.mean():.2f} of {len(inside)}")
    by_chance = (1 - LOO_CHANCE) * looked_at
    words = f"of {looked_at} outside the 98 % range of their own"
    detail = f"{words}: {', '.join(outside)}" if outside else words
    return "left_out_quantities", float(len(outside)), by_chance, None, detail


def chance_tails(n_groups: int = 1) -> tuple[float, float]:
    """Lower and upper tail of a group's range when `n_groups` share what `LOO_CHANCE` leaves."""
    tail = (1 - LOO_CHANCE) / 2 / n_groups
    return tail, 1 - tail


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
    for year in ("2024", "2025", "2026", "2027"):
        column = N_QUARTERS + YEARS.index(year)
        cheaper = float(
            (
                drawn["hbm_price_usd_per_gb"][:, column] < drawn["dram_price_ex_hbm_usd_per_gb"][:, column]
            ).mean()
        )
        rows.append((f"hbm_cheaper_than_dram_{year}", cheaper, np.nan, None, "probability, per GB"))
    return rows


def gross_gb_per_wafer(priors: Mapping[str, Prior], generation: str, deviations: float = 4.0) -> float:
    """GB printed on a wafer of a generation at the smallest die and the most bits that its priors allow."""
    area, bits = priors[f"hbm.die_area_mm2.{generation}"], priors[f"hbm.die_gbit.{generation}"]
    dies = gross_pieces_per_wafer(np, np.exp(area.loc - deviations * area.scale))
    return float(dies * np.exp(bits.loc + deviations * bits.scale) / BITS_PER_BYTE)


def age_rows(problem: Problem) -> list[Row]:
    """Age of the newest figure of each topic at the as-of day, in days; past `STALE_DAYS` it is said."""
    figures = problem.operator.figures[problem.weight > 0]
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
