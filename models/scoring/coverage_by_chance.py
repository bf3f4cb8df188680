"""What coverage a calibrated forecast would have shown on the same targets and dates.

Forecasts of one target err together from vintage to vintage, and targets of one market err together: of
two years of HBM revenue, 55 forecasts are either nearly all inside or nearly all outside. How far a share
may lie from 80 % by chance is therefore simulated. For a calibrated forecast the posterior mean is a
martingale, and the variance lost between two vintages is that of the mean's move (law of total variance):
``outcome - mean of vintage v`` is the sum of the moves still to come and of what the last vintage left open.
Logs are taken as normal, each move with the correlation of the targets in the draws of its vintage. Where a
vintage is less sure than the one before, which a calibrated forecast may be now and then, the earlier
variance is raised to the later one.

The same simulations say how often a calibrated forecast would meet a demand on several lines of the
scoreboard at once (`chance_of_all_lines`): the lines hang together, and few targets make even one of them a
matter of luck.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from models.scoring.horizons import ALL
from models.scoring.scores import COVERAGE_LEVELS

SIMULATIONS = 2_000
DEMANDED_LINES = (
    *(ALL, "hbm_revenue_usd", "hbm_bits_gb", "cowos_capacity_tsmc_wafers_per_month", "dram_revenue_usd"),
    "server_shipments",
)
DEMANDED_SHARE = (0.7, 0.9)
"""What was asked of 80 % intervals on each of these lines of the scoreboard."""
TARGET_KEY = ("as_of", "quantity", "period")


class Spread(NamedTuple):
    """How sure one vintage was of its targets.

    Attributes
    ----------
    as_of : date
    targets : DataFrame (target,)
        With ``quantity, period, log_sd``, the last the outcome's own error.
    log_sd : ndarray (target,)
        Standard deviation of the log in the draws.
    correlation : ndarray (target, target)
        Of the logs.
    """

    as_of: date
    targets: pd.DataFrame
    log_sd: np.ndarray
    correlation: np.ndarray


def spread(as_of: date, targets: pd.DataFrame, log_draws: np.ndarray) -> Spread:
    """Sum up draws of the targets' logs.

    Parameters
    ----------
    as_of : date
    targets : DataFrame (target,)
        With ``quantity, period, log_sd``.
    log_draws : ndarray (draw, target)
        In the order of `targets`.
    """
    sd = log_draws.std(axis=0)
    standard = (log_draws - log_draws.mean(axis=0)) / np.where(sd > 0, sd, 1.0)
    correlation = standard.T @ standard / len(log_draws)
    np.fill_diagonal(correlation, 1.0)
    return Spread(as_of, targets[["quantity", "period", "log_sd"]].reset_index(drop=True), sd, correlation)


def simulate_coverage_of_calibrated_forecast(
    spreads: Sequence[Spread], seed: int, level: int = 80, simulations: int = SIMULATIONS
) -> pd.DataFrame:
    """Simulate which measured outcomes lie in the intervals of a calibrated forecast.

    Parameters
    ----------
    spreads : sequence of Spread
        Vintages by date; a target stands in those before its outcome was known.
    seed : int
    level : int
        Per cent of the central interval, of `models.scoring.scores.COVERAGE_LEVELS`.
    simulations : int

    Returns
    -------
    DataFrame (forecast, simulation)
        True where the outcome with its own error is inside; index `TARGET_KEY`.

    Raises
    ------
    ValueError
        Unknown level, or vintages out of order.
    """
    from scipy.stats import norm

    if level not in COVERAGE_LEVELS:
        raise ValueError(f"level {level}; known: {', '.join(map(str, COVERAGE_LEVELS))}")
    days = [s.as_of for s in spreads]
    if days != sorted(set(days)):
        raise ValueError("vintages must stand by date, each once")
    keys = pd.MultiIndex.from_frame(
        pd.concat([s.targets[["quantity", "period"]] for s in spreads]).drop_duplicates()
    )
    at = [keys.get_indexer(pd.MultiIndex.from_frame(s.targets[["quantity", "period"]])) for s in spreads]
    own_error = np.zeros(len(keys))
    for s, columns in zip(spreads, at, strict=True):
        own_error[columns] = s.targets["log_sd"]
    rng = np.random.default_rng(seed)
    measured = rng.standard_normal((simulations, len(keys))) * own_error
    half_width = norm.ppf(0.5 + level / 200.0)
    # Backwards: what lies between a vintage and the outcome is what lies after it, and its own move.
    error, variance = np.zeros((simulations, len(keys))), np.zeros(len(keys))
    parts: list[np.ndarray] = []
    for s, columns in zip(reversed(spreads), reversed(at), strict=True):
        now = np.maximum(s.log_sd**2, variance[columns])
        moves = _correlated(s.correlation, simulations, rng) * np.sqrt(now - variance[columns])
        error[:, columns] += moves
        variance[columns] = now
        width = half_width * np.sqrt(now + own_error[columns] ** 2)
        parts.append((np.abs(error[:, columns] + measured[:, columns]) <= width).T)
    index = [(s.as_of, *pair) for s in reversed(spreads) for pair in _pairs(s.targets)]
    return pd.DataFrame(
        np.concatenate(parts), index=pd.MultiIndex.from_tuples(index, names=list(TARGET_KEY))
    ).sort_index()


def shares_covered(inside: pd.DataFrame, lines: Mapping[str, "pd.Index[Any]"]) -> pd.DataFrame:
    """Share that each simulated forecast covers of each line's forecasts.

    Parameters
    ----------
    inside : DataFrame (forecast, simulation)
        From `simulate_coverage_of_calibrated_forecast`.
    lines : mapping of str to Index
        Forecasts of each line, of the index of `inside`; see `lines_of`.

    Returns
    -------
    DataFrame (line, simulation)

    Raises
    ------
    KeyError
        A line has no forecast, or one that was not simulated.
    """
    values, rows = inside.to_numpy(), {}
    for name, keys in lines.items():
        at = inside.index.get_indexer(keys)
        if not len(at) or (at < 0).any():
            raise KeyError(f"line {name}: {len(at)} forecasts, {(at < 0).sum()} of them were not simulated")
        rows[name] = values[at].mean(axis=0)
    return pd.DataFrame.from_dict(rows, orient="index")


def chance_of_all_lines(
    inside: pd.DataFrame, lines: Mapping[str, "pd.Index[Any]"], low: float, high: float
) -> float:
    """How often a calibrated forecast covers between `low` and `high` of every line's targets at once.

    Parameters
    ----------
    inside, lines
        As in `shares_covered`.
    low, high : float
        Bounds of the share, both within.

    Returns
    -------
    float
        Share of the simulations.
    """
    shares = shares_covered(inside, lines)
    return float(((shares >= low) & (shares <= high)).all(axis=0).mean())


def chance_of_demand(inside: pd.DataFrame) -> float:
    """How often a calibrated forecast meets `DEMANDED_SHARE` on all `DEMANDED_LINES` that have targets."""
    return chance_of_all_lines(inside, lines_of(inside, DEMANDED_LINES), *DEMANDED_SHARE)


def lines_of(inside: pd.DataFrame, quantities: Sequence[str]) -> dict[str, "pd.Index[Any]"]:
    """Lines of the scoreboard over all horizons: `ALL` for every forecast, else those of one quantity.

    Those without a forecast are left out.
    """
    named = inside.index.get_level_values("quantity")
    found = {q: inside.index if q == ALL else inside.index[named == q] for q in quantities}
    return {name: index for name, index in found.items() if len(index)}


def _correlated(correlation: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw standard normals with a correlation, (n, target)."""
    values, vectors = np.linalg.eigh(correlation)
    return rng.standard_normal((n, len(values))) @ (vectors * np.sqrt(np.clip(values, 0.0, None))).T


def _pairs(targets: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(targets["quantity"].astype(str), targets["period"].astype(str), strict=True))
