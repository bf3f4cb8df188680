"""Vintages of a backtest: their dates, what they rest on, and the target draws of their posterior."""

import hashlib
import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from models.chain.drivers import block_shapes
from models.draws.convergence import rank_r_hat
from models.inference.observation import log_points, predicted
from models.inference.operator import READ, Operator, build_operator
from models.inference.problem import Problem, quantity_rows, working_values
from models.inference.scales import SCALE_BLOCKS
from models.inference.terms import N_TERMS
from models.scoring.scores import SCORING_BLOCK_DRAWS
from models.vocabulary.market import Market
from models.vocabulary.periods import FIRST_YEAR, PeriodError
from models.vocabulary.quantities import is_level
from models.vocabulary.rows import rows_of

R_HAT_LIMIT = 1.05
DIVERGENT_LIMIT = 0.01


def month_ends(first: date, last: date) -> list[date]:
    """Last days of the months from the month of `first` on, none after `last`."""
    found: list[date] = []
    year, month = first.year, first.month
    while True:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        day = date(year, month, 1) - timedelta(days=1)
        if day > last:
            return found
        found.append(day)


def fingerprint(problem: Problem, **settings: object) -> str:
    """Hash what the posterior of a vintage depends on, and nothing that it can't see.

    A figure published later changes nothing here, unless it changes what the hindsight list names (a
    publisher that only now has enough figures for a bias of its own).

    Parameters
    ----------
    problem : Problem
    **settings : object
        Seed, draws, version of the code, ...

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    digest = hashlib.sha256(repr(sorted(settings.items())).encode())
    operator = problem.operator
    for line in sorted(_visible_rows(operator, problem.weight)):
        digest.update(line.encode())
    shared = ("definition_offset", "publisher_bias", "street_target", "street_time")
    for name in sorted(problem.loc):
        if name not in shared:
            digest.update(name.encode() + problem.loc[name].tobytes() + problem.scale[name].tobytes())
    for name in sorted(problem.fixed):
        digest.update(name.encode() + np.ascontiguousarray(problem.fixed[name]).tobytes())
    digest.update(repr((problem.market, problem.switched_off)).encode())
    return digest.hexdigest()[:32]


def _visible_rows(operator: Operator, weight: np.ndarray) -> list[str]:
    """Visible figures in words that don't depend on what else the operator holds."""
    a, lines = operator.arrays, []
    # Each block's labels also carry their prior, so a changed assumption shows.
    columns = (*READ, "kind", "topic", "foresight")
    for i in np.flatnonzero(weight > 0):
        terms = []
        for j in range(N_TERMS):
            if a["term_sign"][i, j]:
                point = a["term_point"][i, j]
                row = int(a["point_row"][point]) - a["sum_rows"].shape[1]
                # Where a sum stands depends on what else the operator holds; what it adds up does not.
                of = np.flatnonzero(a["sum_rows"][row]) if row >= 0 else a["point_row"][point]
                parts = [of, *(a[p][point] for p in ("point_quarter", "point_weight"))]
                terms.append((float(a["term_sign"][i, j]), *(np.asarray(p).tolist() for p in parts)))
        labels = (
            operator.definitions[a["definition"][i]],
            operator.publishers[a["publisher"][i]],
            [operator.street_targets[c] for c in a["street_target"][i]],
            [operator.street_times[c] for c in a["street_time"][i]],
        )
        lines.append(
            repr((float(weight[i]), [float(a[c][i]) for c in columns], labels, sorted(map(repr, terms))))
        )
    return lines


def definition_priors(problem: Problem) -> list[tuple[str, float, float]]:
    """Prior of the offset of every definition that a visible figure has."""
    used = set(problem.operator.arrays["definition"][problem.weight > 0].tolist()) - {0}
    loc, scale = problem.loc["definition_offset"], problem.scale["definition_offset"]
    return [(problem.operator.definitions[i], float(loc[i]), float(scale[i])) for i in sorted(used)]


def chain_blocks(raw: Mapping[str, np.ndarray], market: Market) -> dict[str, np.ndarray]:
    """Keep of a posterior what scores need, in single precision: the chain's blocks and figures' errors."""
    names = (*block_shapes(market), *(name for name in SCALE_BLOCKS if name in raw))
    return {name: np.asarray(raw[name], np.float32) for name in names}


def target_figures(targets: pd.DataFrame, market: Market) -> pd.DataFrame:
    """Targets written as figures, so that the likelihood's own operator computes them from draws.

    Parameters
    ----------
    targets : DataFrame
        Columns ``quantity, start, end`` (months since January 2021).
    market : Market

    Returns
    -------
    DataFrame
        One figure per target, in order, as `models.inference.operator.build_operator` wants them, value 1.
    """
    rows = []
    for position, row in enumerate(rows_of(targets)):
        quantity = market.by_name[str(row.quantity)]
        period, month = _period_text(int(row.start), int(row.end), is_level(quantity))
        aggregation = "end" if is_level(quantity) else ("sum" if quantity.yearly == "sum" else "mean")
        rows.append(
            {
                **{"figure_id": f"target-{position}", "origin_id": f"target-{position}", "publisher": ""},
                **{"quantity": quantity.name, "per_quantity": "", "aggregation": aggregation, "scale": "log"},
                **{"definition": "", "period": period, "fiscal_year_end_month": month, "value": 1.0},
                **{"low": math.nan, "high": math.nan, "kind": "actual", "published_on": "2021-01-01"},
                "published_precision": "day",
            }
        )
    return pd.DataFrame(rows)


def _period_text(start: int, end: int, level: bool) -> tuple[str, float]:
    """Period text (and fiscal end month) that covers the months; a level needs only its end."""
    year, month = FIRST_YEAR + end // 12, end % 12 + 1
    if level or end == start:
        return f"{year}-{month:02d}", math.nan
    if end - start == 11:
        return f"FY{year}", float(month)
    if end - start == 5:
        return f"FY{year}H2", float(month)
    if end - start == 2:
        return f"FY{year}Q4", float(month)
    raise PeriodError(f"a target of {end - start + 1} months can't be written as a period")


def target_log_draws(problem: Problem, raw: Mapping[str, np.ndarray], targets: pd.DataFrame) -> np.ndarray:
    """Compute the logs of the targets in every posterior draw, by the lines of the likelihood.

    Parameters
    ----------
    problem : Problem
        Of the vintage.
    raw : mapping of str to ndarray (draw, ...)
        At least the blocks of `chain_blocks`.
    targets : DataFrame
        Columns ``quantity, start, end``.

    Returns
    -------
    ndarray (draw, target)

    Raises
    ------
    ValueError
        A target that the operator can't compute.
    """
    own = build_operator(target_figures(targets, problem.market), problem.market)
    if len(own.unused):
        raise ValueError(f"targets that can't be computed: {own.unused['reason'].tolist()}")
    blocks = {name: np.asarray(raw[name], float) for name in block_shapes(problem.market)}
    n_draws, parts = len(blocks["driver_level"]), []
    data = {f"loc_{k}": v for k, v in problem.loc.items()} | {
        f"scale_{k}": v for k, v in problem.scale.items()
    }
    for first in range(0, n_draws, SCORING_BLOCK_DRAWS):
        theta = working_values({k: v[first : first + SCORING_BLOCK_DRAWS] for k, v in blocks.items()}, data)
        rows = quantity_rows(theta, problem)
        parts.append(predicted(np, log_points(np, rows, own.arrays), own.arrays))
    return np.concatenate(parts)


def doubts(log_draws: np.ndarray, chains: int, targets: pd.DataFrame, diverging: np.ndarray) -> list[str]:
    """Say what speaks against the draws of a vintage; nothing where they can be trusted.

    Parameters
    ----------
    log_draws : ndarray (chain * draw, target)
        From `target_log_draws`, chain by chain.
    chains : int
    targets : DataFrame
        Columns ``quantity, period``.
    diverging : ndarray
        Which draws diverged.

    Returns
    -------
    list of str
    """
    series = log_draws.reshape(chains, -1, log_draws.shape[1]).transpose(2, 0, 1)
    rhat = rank_r_hat(series)
    worst = int(np.nanargmax(rhat)) if np.isfinite(rhat).any() else 0
    found = []
    if rhat[worst] > R_HAT_LIMIT:
        target = targets.iloc[worst]
        n = int((rhat > R_HAT_LIMIT).sum())
        found.append(
            f"R-hat {rhat[worst]:.2f} for {target['quantity']} {target['period']} ({n} targets above)"
        )
    share = float(np.mean(diverging)) if np.size(diverging) else 0.0
    if share > DIVERGENT_LIMIT:
        found.append(f"{share:.1%} of the draws diverged")
    return found


def hindsight(operator: Operator, market: Market) -> list[str]:
    """Say what every vintage still knows of its future.

    Parameters
    ----------
    operator : Operator
        Shared by all vintages.
    market : Market

    Returns
    -------
    list of str
    """
    return [
        f"The list of the {len(market.classes)} product classes, and which family each belongs to: that a "
        "class of that name would come is known, though before its announcement only as a wide "
        "extrapolation.",
        "The structure of the chain and the rules of metrics.csv, which were written knowing what came "
        "to matter.",
        f"The names of {len(operator.definitions) - 1} definitions; before the figures that show one's sign "
        "and size were published (known_since), its offset is wide and neutral.",
        f"Which {len(operator.publishers) - 1} publishers have enough figures over all years for a bias of "
        "their own; the bias itself is learned only from what was visible.",
        "Which figures were collected at all, and corrections of misprints: they were gathered afterwards.",
        "Priors marked as judgement were written down after the first outcomes were known, though not fitted "
        "to them; they are dated 2021-01.",
        "Exchange rates are yearly averages of the year a figure is about, also where that year was "
        "not over.",
    ]


def content_hash(parts: list[Any]) -> str:
    """Hash of a whole backtest from the hashes of its parts."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
