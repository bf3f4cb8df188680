"""Which figure, if it came tomorrow, would narrow which interval: preposterior analysis on the joint draws.

A publisher's next figure is modelled after its last of the same kind: the same metric, definition and form,
about a period that it forecasts, or about the next one once the last is over. Each posterior draw says what
it would print there, with its own and the shared errors, so a print and every headline quantity have joint
draws. Draws are sorted by the print and cut into bins: the mean width of the interval within a bin is the
width to be expected once the figure is known, whatever the shape of the joint distribution. The same cuts in
random order say what width chance gives to bins of that size, and how uncertain the narrowing is.

A new figure replaces its publisher's earlier one for the same target, which is first taken out by importance
weights. Where these can't be trusted the candidate is left out: its value would be too large.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from models.attribution.news import KEYS
from models.draws.joint import PERIODS, Draws
from models.draws.printed_scale import to_printed_scale
from models.draws.quantiles import OUTER_LEVELS, exact_quantiles
from models.evidence.chain_evidence import ChainEvidence
from models.evidence.known import known_figures
from models.evidence.mapping import LESS_ONE
from models.evidence.readings import read_figure
from models.inference.figure_residuals import figure_residuals
from models.inference.from_evidence import usable_figures
from models.inference.left_out import PARETO_LIMIT
from models.inference.operator import TARGET, build_operator, vintage_weights
from models.inference.parameter_names import axis_names
from models.inference.posterior import Posterior
from models.inference.problem import Problem, build_problem, parameter_shapes
from models.inference.reweighting import carried_over, resampled, smoothed_weights
from models.vocabulary.rows import records

DRAWS, BINS, SHUFFLES = 9_000, 20, 20
LOOK_BACK_DAYS, LEAST_PRINTS, KEPT_OF_EACH = 730, 2, 5
SERIES = ("publisher", "metric", "entity", "segment", "definition", "kind", "quantity", "aggregation")
_PARTS_OF_A_YEAR = {"Q": 4, "H": 2, "-": 12}


def value_of_next_figure(
    problem: Problem,
    posterior: Posterior,
    drawn: Draws,
    resolved: pd.DataFrame,
    evidence: ChainEvidence,
    seed: int,
) -> pd.DataFrame:
    """Rank the figures that could come tomorrow by how much they would narrow each headline interval.

    Parameters
    ----------
    problem : Problem
    posterior : Posterior
    drawn : Draws
        Simulated from that posterior.
    resolved : DataFrame
        All visible figures, mapped (`models.inference.from_evidence.resolved_figures`).
    evidence : ChainEvidence
        Its products and assumptions.
    seed : int
        Of the prints.

    Returns
    -------
    DataFrame
        Columns of the table ``value_of_next_figure``, the best `KEPT_OF_EACH` of each quantity and year.
    """
    known = known_figures(usable_figures(resolved), problem.as_of)
    following = candidates(known, problem.as_of)
    if following.empty:
        return pd.DataFrame()
    operator = build_operator(pd.concat([known, following], ignore_index=True), problem.market)
    ids = operator.figures["figure_id"]
    at = np.flatnonzero(ids.isin(following["figure_id"]))
    following = following.set_index("figure_id").loc[ids.iloc[at]]
    tomorrow = build_problem(
        pd.DataFrame(),
        evidence.products,
        evidence.assumptions,
        problem.market,
        problem.as_of,
        operator,
    )
    n_posterior, n = posterior.n_draws, min(drawn.n_draws, posterior.n_draws)
    draw = np.unique(np.linspace(0, n - 1, min(n, DRAWS)).astype(int))
    draw = draw[: len(draw) // BINS * BINS]
    shapes = parameter_shapes(operator, problem.market)
    names = axis_names(problem.market, operator)
    raw = carried_over(posterior, shapes, names, seed, draw * n_posterior // n)
    prints = figure_residuals(tomorrow, raw, at).printed(np.random.default_rng(seed))
    values = np.array([drawn[quantity][draw, PERIODS.index(year)] for quantity, year in KEYS], dtype=float)
    without = _without_replaced(tomorrow, raw, at, seed)
    narrowing, error = narrowings(values, prints, without, seed)
    return _table(following, prints, values, narrowing, error, tomorrow)


def candidates(known: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Figures that publishers would print next, as rows of resolved figures known the day after.

    Parameters
    ----------
    known : DataFrame
        Usable figures known by the day.
    as_of : date

    Returns
    -------
    DataFrame
        Rows like those of `known`, with ``like_figure_id`` and ``prints_usually``. A series is what a
        publisher printed of one kind and form at least `LEAST_PRINTS` times in two years, ranges included,
        statements of more or less than something not.
    """
    rows: list[dict[str, Any]] = []
    read = [(row, read_figure(row)) for row in records(known)]
    recent = [(row, r) for row, r in read if not r.censored and (as_of - r.known_on).days <= LOOK_BACK_DAYS]
    series: dict[tuple, list] = {}
    for row, r in recent:
        form = (*(str(row.get(name) or "") for name in SERIES), r.period.kind)
        series.setdefault(form, []).append((row, r))
    for printed_so_far in series.values():
        days = {r.known_on for _, r in printed_so_far}
        if len(days) < LEAST_PRINTS:
            continue
        newest = {r.period.start: row for row, r in sorted(printed_so_far, key=lambda pair: pair[1].known_on)}
        for period, last in _periods_ahead(newest, printed_so_far[0][0]["kind"] == "actual", as_of):
            rows.append(
                {
                    **last,
                    "figure_id": f"next:{last['figure_id']}:{period}",
                    "origin_id": f"next:{last['figure_id']}:{period}",
                    "period": period,
                    "published_on": (as_of + timedelta(days=1)).isoformat(),
                    "published_precision": "day",
                    "accessed_on": "",
                    "like_figure_id": last["figure_id"],
                    "prints_usually": len(days),
                }
            )
    return pd.DataFrame(rows)


def _periods_ahead(
    newest: Mapping[int, dict[str, Any]], is_actual: bool, as_of: date
) -> list[tuple[str, dict[str, Any]]]:
    """Periods of the next prints of a series, each with the figure that it is modelled after."""
    last = newest[max(newest)]
    following = following_period(str(last["period"]))
    is_over = {
        text: read_figure({**last, "period": text}).period.end_date <= as_of
        for text in (str(last["period"]), following)
    }
    if is_actual:
        return [(following, last)] if is_over[following] else []
    ahead = [row for row in newest.values() if read_figure(row).period.end_date > as_of]
    return [(str(row["period"]), row) for row in ahead] or [(following, last)]


def following_period(text: str) -> str:
    """Label of the period after one: 2024Q4 to 2025Q1, FY2025 to FY2026.

    Raises
    ------
    ValueError
        The text is no label of a period.
    """
    found = re.fullmatch(r"(FY)?(\d{4})(?:([QH-])(\d{1,2}))?", text)
    if found is None:
        raise ValueError(f"period {text!r} is no label")
    fiscal, year, mark, part = found[1] or "", int(found[2]), found[3], found[4]
    if not mark:
        return f"{fiscal}{year + 1}"
    parts = _PARTS_OF_A_YEAR[mark]
    years, place = divmod(year * parts + int(part), parts)
    return f"{fiscal}{years}{mark}{place + 1:0{len(part)}d}"


def _without_replaced(
    problem: Problem, raw: Mapping[str, np.ndarray], at: np.ndarray, seed: int
) -> list[np.ndarray | None]:
    """Draws to take once what each candidate replaces is gone: all, some more than once, or None."""
    change = _replaced(problem.operator.figures, at)
    moved = np.flatnonzero(change.any(axis=0))
    density = figure_residuals(problem, raw, moved).log_likelihood
    out: list[np.ndarray | None] = []
    for of_candidate in change[:, moved]:
        weight, k = smoothed_weights(density @ of_candidate)
        out.append(resampled(weight, 1, seed) if k <= PARETO_LIMIT else None)
    return out


def _replaced(figures: pd.DataFrame, at: np.ndarray) -> np.ndarray:
    """Change of every figure's weight once each candidate is known, (candidate, figure)."""
    is_known = ~np.isin(np.arange(len(figures)), at)
    target = figures[list(TARGET)].astype(str).agg("|".join, axis=1).to_numpy()
    out = np.zeros((len(at), len(figures)))
    for row, i in zip(out, at, strict=True):
        # Weights depend on nothing but the figures for the same target.
        old = np.flatnonzero(is_known & (target == target[i]))
        if len(old):
            before = vintage_weights(figures.iloc[old].reset_index(drop=True), date.max)
            after = vintage_weights(figures.iloc[[*old, i]].reset_index(drop=True), date.max)
            row[old] = after[:-1] - before
    return out


def narrowings(
    values: np.ndarray, prints: np.ndarray, without: list[np.ndarray | None], seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Share by which each interval is to be expected to narrow with each print.

    Parameters
    ----------
    values : ndarray (series, draw)
        As many draws as fill the bins.
    prints : ndarray (draw, candidate)
    without : list of ndarray of int, or None
        Draws that stand for what is known once a candidate has replaced what it replaces; None where that
        can't be said.
    seed : int

    Returns
    -------
    narrowing : ndarray (candidate, series)
        Not a number where `without` is None.
    error : ndarray (series,)
    """
    rng = np.random.default_rng(seed)
    now = _width(values[:, None])[:, 0]
    by_chance = np.array([_binned(values, rng.permutation(values.shape[1])) for _ in range(SHUFFLES)])
    chance = by_chance.mean(axis=0)
    error = by_chance.std(axis=0, ddof=1) / chance
    out = np.full((prints.shape[1], len(values)), np.nan)
    for i, taken in enumerate(without):
        if taken is None:
            continue
        order = taken[np.argsort(prints[taken, i], kind="stable")]
        out[i] = 1.0 - _binned(values, order) / chance
    return np.where((now > 0)[None], out, np.nan), error


def _binned(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Mean width of the interval in bins of draws in some order, (series,)."""
    return _width(values[:, order].reshape(len(values), BINS, -1)).mean(axis=1)


def _width(values: np.ndarray) -> np.ndarray:
    """Width of the 90 % interval over the last axis."""
    low, high = exact_quantiles(np.moveaxis(values, -1, 0), (50, 950))
    return high - low


def _table(
    following: pd.DataFrame,
    prints: np.ndarray,
    values: np.ndarray,
    narrowing: np.ndarray,
    error: np.ndarray,
    problem: Problem,
) -> pd.DataFrame:
    """Lay the best candidates of each quantity and year out in rows."""
    width = _width(values[:, None])[:, 0]
    rows = []
    for i, (quantity, year) in enumerate(KEYS):
        ranked = np.argsort(np.where(np.isnan(narrowing[:, i]), -np.inf, narrowing[:, i]))[::-1]
        for j in ranked[:KEPT_OF_EACH]:
            if np.isnan(narrowing[j, i]):
                continue
            figure = following.iloc[j]
            low, middle, high = to_printed_scale(
                exact_quantiles(prints[:, j], OUTER_LEVELS),
                figure["scale"] == "logit",
                figure["aggregation"] in LESS_ONE,
            )
            rows.append(
                {
                    "publisher": figure["publisher"],
                    "like_figure_id": figure["like_figure_id"],
                    "figure_quantity": figure["quantity"],
                    "figure_period": figure["period"],
                    "kind": figure["kind"],
                    "prints_usually": int(figure["prints_usually"]),
                    **{"expected_p05": low, "expected_p50": middle, "expected_p95": high},
                    **{"quantity": quantity, "period": year},
                    "unit": problem.market.by_name[quantity].unit,
                    "width": width[i],
                    "expected_width": width[i] * (1.0 - narrowing[j, i]),
                    "narrowing": narrowing[j, i],
                    "error": error[i],
                }
            )
    return pd.DataFrame(rows)
