"""Equipment demand by category and quarter, in tools and in USD.

    tools needed = starts per hour at full use x passes x route share / (throughput x uptime x pass yield)
    tools bought = rise of the most tools ever needed, ahead of it by a lead time, + replacement
    USD          = tools bought x price

(DESIGN.md section 3), step by step of data/process.csv, summed over steps in every draw; so category totals
are sums of their parts and USD is tools x price whatever the draw. Figures of vendors and markets then
correct each category as a whole (`models.systems.reconcile`): its number of tools, never its prices.
"""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.draws.joint import Draws
from models.evidence.evidence import Evidence
from models.evidence.known import known_by, newest_of_each
from models.systems.activity import Assumed, added, assume, full_use, missing_as_empty, route_shares
from models.systems.reconcile import Observed, correct, observed
from models.systems.series import Series
from models.systems.tools import REASONS, Category, bottom_up
from models.vocabulary.rows import rows_of
from models.vocabulary.systems import PARTS

SYSTEM = "equipment"
ALL = "all_categories"


def equipment(
    drawn: Draws,
    evidence: Evidence,
    as_of: date,
    rng: np.random.Generator,
) -> list[Series]:
    """Forecast the demand for tools.

    Parameters
    ----------
    drawn : Draws
        Joint draws of the chain, periods as `models.draws.joint.PERIODS`.
    evidence : Evidence
        'process', 'assumptions', 'system_evidence', 'figures' (resolved, in base units), and the market's
        tables.
    as_of : date
        Only rows and figures known by then count.
    rng : numpy Generator
        One number is taken from it; all streams hang on that and on names, so that the same generator gives
        the same draws for a scenario as for its base, and a new step leaves other steps' draws alone.

    Returns
    -------
    list of Series
        For each category and for 'all_categories', measures 'tools' and 'usd', parts total, hbm, cowos,
        new_capacity, replacement; 'usd_per_tool'; where figures speak of the category also 'usd' bottom_up
        and top_down and the 'ratio' gap (bottom-up over top-down); the shares of the routes of stacking; and
        'kept_share', what would be left of the draws if the figures were let back into the chain.

    Raises
    ------
    KeyError
        An assumption or quantity is missing, named.
    ValueError
        A row of process.csv or system_evidence.csv can't be read, named.
    """
    n_draws = drawn.n_draws
    market = evidence.market
    assumed = assume(evidence.assumptions, as_of, n_draws, rng)
    process = newest_of_each(known_by(evidence.process, as_of), ["step"])
    routes = route_shares(assumed)
    found = bottom_up(process, full_use(drawn, assumed, market), routes, assumed, market)
    series: list[Series] = []
    totals: dict[tuple[str, str, str], np.ndarray] = {}
    figure_ids: list[str] = []
    for name, category in found.items():
        data = observed(SYSTEM, name, evidence.system_evidence, evidence.figures, as_of, assumed)
        made, used = _category_series(name, category, data, assumed, totals)
        series += made
        figure_ids += used
    inputs = tuple(sorted(set().union(*(c.inputs for c in found.values()))))
    # The sum holds categories that no figure informs: never better than this.
    trust = "few figures" if figure_ids else "assumed"
    series += _bought_series(ALL, totals, _unique(figure_ids), inputs, trust)
    return series + _route_series(routes, process)


def _category_series(
    name: str,
    category: Category,
    data: Observed,
    assumed: Assumed,
    totals: dict[tuple[str, str, str], np.ndarray],
) -> tuple[list[Series], list[str]]:
    """Correct one category by its figures; add its parts to the totals over all categories."""
    before = {"usd": category.by_part("usd"), "tools": category.by_part("tools")}
    factor, learned, used = correct(before, data, SYSTEM, assumed, f"correction|{name}")
    bought = {}
    for measure, table in (("tools", category.tools), ("usd", category.usd)):
        for (part, reason), values in table.items():
            bought[measure, part, reason] = (values * factor[part]).astype(np.float32)
    for key, values in bought.items():
        totals[key] = totals.get(key, 0.0) + values
    inputs = tuple(sorted(category.inputs))
    series = _bought_series(name, bought, used.figure_ids, inputs, used.trust())
    own = used.subset(used.side == 0)
    common: dict[str, Any] = {"n_figures": len(own.y), "figure_ids": own.figure_ids, "inputs": inputs}
    if len(own.y):
        top, _, _ = correct(before, own, SYSTEM, assumed, f"top_down|{name}", vague=True)
        up = _f32(added(before["usd"].values()))
        down = _f32(added(before["usd"][p] * top[p] for p in top))
        shared = {**common, "trust": used.trust()}
        series += [
            Series(SYSTEM, name, "usd", "bottom_up", "USD", "sum", up, 0, inputs, trust="assumed"),
            Series(SYSTEM, name, "usd", "top_down", "USD", "sum", down, **shared),
            Series(
                SYSTEM,
                name,
                "ratio",
                "gap",
                "ratio",
                "ratio",
                _f32(_over(up, down)),
                numerator=up,
                denominator=down,
                **shared,
            ),
        ]
        kept = np.full_like(up, learned.kept_share())
        series.append(Series(SYSTEM, name, "ratio", "kept_share", "fraction", "mean", kept, **shared))
    return series, list(used.figure_ids)


def _bought_series(
    name: str,
    bought: dict[tuple[str, str, str], np.ndarray],
    figure_ids: tuple[str, ...],
    inputs: tuple[str, ...],
    trust: str,
) -> list[Series]:
    """Total, parts and reasons in tools and USD, and the mean price."""
    common: dict[str, Any] = {
        "n_figures": len(figure_ids),
        "inputs": inputs,
        "figure_ids": figure_ids,
        "trust": trust,
    }
    total: dict[str, np.ndarray] = {}
    series = []
    for measure, unit in (("tools", "tools"), ("usd", "USD")):
        rows = {key[1:]: v for key, v in bought.items() if key[0] == measure}
        groups = {"total": list(rows)}
        groups |= {part: [k for k in rows if k[0] == part] for part in PARTS}
        groups |= {reason: [k for k in rows if k[1] == reason] for reason in REASONS}
        for part, keys in groups.items():
            if keys:
                values = _f32(added(rows[k].astype(float) for k in keys))
                series.append(Series(SYSTEM, name, measure, part, unit, "sum", values, **common))
                total.setdefault(measure, values)
    tools, usd = total["tools"], total["usd"]
    series.append(
        Series(
            SYSTEM,
            name,
            "usd_per_tool",
            "total",
            "USD_per_tool",
            "ratio",
            _f32(_over(usd, tools)),
            numerator=usd,
            denominator=tools,
            **common,
        )
    )
    return series


def _route_series(routes: dict[str, np.ndarray], process: pd.DataFrame) -> list[Series]:
    """Shares of the ways to stack dies, and to place chips, that rows of the process use."""
    rests = {
        "hbm": ("equipment.mr_muf_share", "equipment.hybrid_share_end_2027"),
        "cowos": ("equipment.cow_tcb_share",),
    }
    used = missing_as_empty(process).drop_duplicates(["part", "route"])
    return [
        Series(
            SYSTEM,
            f"{row.part}_bonding",
            "share",
            row.route,
            "fraction",
            "mean",
            _f32(routes[row.route]),
            inputs=rests[row.part],
        )
        for row in rows_of(used)
        if row.route
    ]


def _over(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return above / below


def _f32(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float32)


def _unique(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
