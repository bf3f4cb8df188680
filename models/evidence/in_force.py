"""Figures kept in force although no row of tonight says them: judged again by tonight's rules."""

import json
import math
from collections.abc import Mapping
from datetime import date

import pandas as pd

from models.evidence.checks.figures import check_figures
from models.evidence.checks.reference import definition_keys
from models.evidence.checks.row_model import Known
from models.evidence.checks.rows import Collector
from models.evidence.tables.described import BY_NAME
from models.evidence.validation import Validated
from models.vocabulary.rows import records
from models.vocabulary.units import rate_table

PLACE = "figures in force"


def unfit_in_force(in_force: Mapping[str, pd.DataFrame], validated: Validated, today: date) -> pd.DataFrame:
    """Check the versions in force of figures that tonight's rows don't give.

    A row that can't be read leaves the figure as it was, and so does a file or a feed, or many rows gone at
    once. What it was must still pass: a rate, a bound or a rule may have changed since. Its source stays with
    it.

    Parameters
    ----------
    in_force : dict of DataFrame
        'figures' and 'sources' as the warehouse has them, whatever their dates.
    validated : Validated
        Tonight's evidence.
    today : datetime.date

    Returns
    -------
    DataFrame
        As `Validated.rejected`, ``file`` being `PLACE` and ``figure_id`` named beside: figures that may not
        stay in force.
    """
    old = in_force["figures"]
    kept = old[~old["figure_id"].isin(validated.accepted["figures"]["figure_id"])]
    if kept.empty:
        return pd.DataFrame(columns=[*validated.rejected.columns, "figure_id"])
    sources = {*validated.accepted["sources"]["source_id"], *in_force["sources"]["source_id"]}
    known: Known = {
        "sources": sources,
        "definitions": definition_keys(records(validated.accepted["assumptions"])),
        "figures": set(old["figure_id"]) | set(validated.accepted["figures"]["figure_id"]),
    }
    collector = Collector(today)
    rows = [
        {name: _text(record[name]) for name in BY_NAME["figures"].column_names}
        | {"file": PLACE, "row": i, "corrected": ""}
        for i, record in enumerate(records(kept), start=1)
    ]
    rates = rate_table(validated.accepted["exchange_rates"])
    check_figures(rows, known, validated.accepted["metrics"], rates, collector)
    found = collector.frame()
    return found.assign(figure_id=[_figure_id(raw) for raw in found["raw"]])


def _figure_id(raw: str) -> str:
    try:
        row = json.loads(raw)
    except ValueError:
        return ""
    return str(row.get("figure_id", "")) if isinstance(row, dict) else ""


def _text(cell: object) -> str:
    if cell is None or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    return repr(cell) if isinstance(cell, float) else str(cell)
