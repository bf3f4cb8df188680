"""The January 2024 report as tables of a run: its calculation, its conclusion, its findings computed anew."""

import math
from collections.abc import Mapping
from functools import reduce
from typing import Any

import pandas as pd

from models.draws.drawn_run import DrawnRun
from models.draws.joint import PERIODS
from models.systems.report_2024.findings import recompute_findings
from models.systems.report_2024.replica import (
    CONCLUSION_YEAR,
    DERIVED,
    MISSING,
    REPORT_YEARS,
    STATED,
    STATED_FIGURES,
    conclusion_probability,
    report_inputs,
)
from models.vocabulary.quantities import INDUSTRY
from models.vocabulary.results.systems import SYSTEMS as SYSTEM_RESULTS
from models.vocabulary.tables import made_columns

QUANTITY: Mapping[str, str] = {
    "servers": "server_shipments",
    "share": "hbm_server_penetration",
    "training_servers": "hbm_server_shipments",
    "accelerators_per_server": "accelerators_per_server",
    "accelerators": "accelerator_shipments",
    "stacks_per_accelerator": "hbm_stacks_per_accelerator",
    "hbm_stacks": "hbm_stacks",
    "gb_per_accelerator": "hbm_gb_per_accelerator",
    "hbm_gb": "hbm_bits_gb",
    "price_usd_per_gb": "hbm_price_usd_per_gb",
    "hbm_revenue_usd": "hbm_revenue_usd",
}
"""Item of the report to the chain's quantity of the same meaning, in the order of the calculation."""
FACTORS: Mapping[str, tuple[str, ...]] = {
    "training_servers": ("servers", "share"),
    "accelerators": ("training_servers", "accelerators_per_server"),
    "hbm_stacks": ("accelerators", "stacks_per_accelerator"),
    "hbm_gb": ("accelerators", "gb_per_accelerator"),
    "hbm_revenue_usd": ("hbm_gb", "price_usd_per_gb"),
}
"""Item to the items whose product it is: ``R = S p g G P``, step by step."""
POINT_COLUMNS = made_columns(SYSTEM_RESULTS, "report_points")
RECOMPUTED_COLUMNS = made_columns(SYSTEM_RESULTS, "report_recomputed")
NOTHING = (math.nan, math.nan)
type Span = tuple[float, float]
"""Low and high end of an item."""


def report_points(run: DrawnRun) -> pd.DataFrame | None:
    """Make the table of the report's calculation (`point_calculation`); None before it was published."""
    return point_calculation(run.known.figures) if _is_known(run) else None


def report_conclusions(run: DrawnRun) -> pd.DataFrame | None:
    """Judge the report's conclusion by the run's draws, in one row; None before it was published."""
    if not _is_known(run):
        return None
    revenue = run.drawn["hbm_revenue_usd"][:, PERIODS.index(CONCLUSION_YEAR)]
    return pd.DataFrame([conclusion_probability(revenue, run.as_of, run.known.figures)])


def report_recomputed(run: DrawnRun) -> pd.DataFrame | None:
    """Compute the findings about the report anew; None before it was published.

    A finding about a figure that is not yet visible is left out.
    """
    if not _is_known(run):
        return None
    figures, findings = run.known.figures, run.known.report_findings
    visible = set(figures["figure_id"])
    columns = ["input_figure_ids", "stated_figure_ids", "other_figure_ids"]
    ids = findings[columns].fillna("").agg(";".join, axis=1).str.split(";")
    named = [set(filter(None, each)) for each in ids]
    found = figures[figures["figure_id"].isin(set().union(*named))]
    told = recompute_findings(findings[[visible >= each for each in named]], found)
    return told[list(RECOMPUTED_COLUMNS)]


def _is_known(run: DrawnRun) -> bool:
    """Whether the report was out by the day; a warehouse of before its findings has no columns of them."""
    known = run.known
    return bool(len(known.report_findings.columns) and set(known.figures["figure_id"]) & set(STATED_FIGURES))


def point_calculation(figures: pd.DataFrame | None = None) -> pd.DataFrame:
    """List the report's calculation for 2022 to 2025, item by item: what it states and what its inputs give.

    Parameters
    ----------
    figures : DataFrame, optional
        As in `models.systems.report_2024.replica.stated_values`.

    Returns
    -------
    DataFrame
        `POINT_COLUMNS`, one row per item of `QUANTITY` and year. Ranges go through the product end by end.
        ``status``: 'stated' by the report, 'derived' from what it states, 'missing' where an input is
        neither: then the derived range carries the year before over, and ``how`` says so. ``stated_high`` is
        not a number where the report says "above".
    """
    given = {(row["input"], row["period"]): row for row in report_inputs(figures).to_dict("records")}
    spans: dict[tuple[str, str], Span] = {}
    rows: list[dict[str, Any]] = []
    for year in REPORT_YEARS:
        for item, quantity in QUANTITY.items():
            row = given.get((item, year), {"status": DERIVED, "figure_ids": "", "how": ""})
            stated = (row["low"], row["high"]) if row["status"] == STATED else NOTHING
            derived, status, ids, how = NOTHING, row["status"], row["figure_ids"], row["how"]
            if item in FACTORS:
                derived = reduce(_times, (spans[factor, year] for factor in FACTORS[item]))
                above = [r for r in rows if r["period"] == year and r["item"] in FACTORS[item]]
                ids = _joined([*(r["input_figure_ids"] for r in above), ids])
                missing = status != STATED and any(r["status"] == MISSING for r in above)
                status = MISSING if missing else status
                how = "; ".join(filter(None, [" x ".join(FACTORS[item]), how]))
                stated = (stated[0], math.nan)  # the one product it states, it states as "above"
            elif status == DERIVED:
                derived = (row["low"], row["high"])
            elif status == MISSING:
                before = next(r for r in reversed(rows) if r["item"] == item)
                derived, ids = spans[item, before["period"]], before["input_figure_ids"]
                how = f"{how}; here as in {before['period']}"
            spans[item, year] = derived if status != STATED or item in FACTORS else stated
            cells = (item, year, status, *stated, *derived, INDUSTRY[quantity].unit, quantity, ids, how)
            rows.append(dict(zip(POINT_COLUMNS, cells, strict=True)))
    return pd.DataFrame(rows, columns=list(POINT_COLUMNS))


def _times(one: Span, other: Span) -> Span:
    return one[0] * other[0], one[1] * other[1]


def _joined(ids: list[str]) -> str:
    """Ids of several cells in one, each once."""
    return ";".join(dict.fromkeys(i for cell in ids for i in cell.split(";") if i))
