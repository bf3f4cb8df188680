"""Figures that systems learn from: those visible at a date, once each, on a working scale."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.evidence.known import first_of_each, known_figures, newest_of_each
from models.evidence.readings import FigureError, read_figure
from models.vocabulary.periods import N_QUARTERS, PeriodError, level_index, mean_weights
from models.vocabulary.rows import records

ADDED = ("span", "end", "weight", "horizon", "y", "half_width", "censored", "known_on")


def visible_rows(
    figures: pd.DataFrame, metrics: tuple[str, ...], as_of: date, is_level: bool = False
) -> pd.DataFrame:
    """Figures of some metrics that a vintage may use.

    Left out: what was published later, what an editor put aside, what lies outside the grid or the scale,
    what the same publisher replaced since for the same target, and repeats of one origin.

    Parameters
    ----------
    figures : DataFrame
        Resolved figures in base units (`models.inference.from_evidence.resolved_figures`).
    metrics : tuple of str
    as_of : date
    is_level : bool
        Whether the figure is a level at the end of its period instead of an average over it.

    Returns
    -------
    DataFrame
        The rows with ``known_on``, ``horizon`` (years, 0 for actuals), ``span`` (the period as
        `models.vocabulary.periods.Period`) and ``end``, its last month (months since January 2021),
        ``weight`` (ndarray (28,), summing to one), ``y`` and ``half_width`` on the scale of the metric (log
        or logit) and ``censored`` (+1 'over', -1 'under').
    """
    rows = []
    known = known_figures(figures[figures["metric"].isin(metrics)], as_of)
    for row in records(known):
        if _text(row.get("not_used_reason")):
            continue
        found = _placed(row, is_level)
        if found is not None:
            rows.append({**row, **found})
    table = pd.DataFrame(rows, columns=[*figures.columns, *ADDED])
    if table.empty:
        return table
    target = ["metric", "entity", "segment", "end", "kind_of_period"]
    table["segment"] = table["segment"].map(_text)
    table["kind_of_period"] = [np.count_nonzero(w) for w in table["weight"]]
    newest = newest_of_each(table, ["publisher", *target], "known_on")
    # The first page that printed it stands for an origin.
    return first_of_each(newest, ["origin_id", *target], "known_on").reset_index(drop=True)


def _placed(row: dict[str, Any], is_level: bool) -> dict[str, Any] | None:
    """Read a figure and its quarters; None where it has no place on the grid or the scale."""
    try:
        reading = read_figure(row)
        weight = np.zeros(N_QUARTERS)
        if is_level:
            weight[level_index(reading.period)] = 1.0
        else:
            at, share = mean_weights(reading.period)
            weight[at] = share
    except (PeriodError, FigureError, IndexError):
        return None
    return {
        "span": reading.period,
        "end": reading.period.end,
        "weight": weight,
        **{name: getattr(reading, name) for name in ("horizon", "y", "half_width", "censored", "known_on")},
    }


def codes(labels: list[str]) -> np.ndarray:
    """Give each label a number, (label,); -1 where it is empty."""
    index = {label: i for i, label in enumerate(sorted(set(labels) - {""}))}
    return np.array([index.get(label, -1) for label in labels], dtype=int)


def _text(value: Any) -> str:
    return "" if value is None or (isinstance(value, float) and np.isnan(value)) else str(value).strip()
