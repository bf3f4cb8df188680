"""Figures that systems learn from: those visible at a date, once each, on a working scale."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from models.vocabulary.periods import (
    N_QUARTERS,
    PeriodError,
    date_precision,
    effective_date,
    horizon_years,
    level_index,
    mean_weights,
    parse_period,
)

_SPAN_DAYS = {"day": 0, "month": 15, "year": 183}


def visible_rows(
    figures: pd.DataFrame, metrics: tuple[str, ...], as_of: date, is_level: bool = False
) -> pd.DataFrame:
    """Figures of some metrics that a vintage may use.

    Left out: what was published later, what an editor put aside, what lies outside the grid or the scale,
    what the same publisher replaced since for the same target, and repeats of one origin.

    Parameters
    ----------
    figures : DataFrame
        Resolved figures in base units (`models.inference.fit.resolved_figures`).
    metrics : tuple of str
    as_of : date
    is_level : bool
        Whether the figure is a level at the end of its period instead of an average over it.

    Returns
    -------
    DataFrame
        The rows with ``known_on``, ``horizon`` (years, 0 for actuals), ``end`` (months since January 2021),
        ``weight`` (ndarray (28,), summing to one), ``y`` and ``half_width`` on the scale of the metric (log
        or logit) and ``censored`` (+1 'over', -1 'under').
    """
    rows = []
    for row in figures[figures["metric"].isin(metrics)].to_dict("records"):
        if _text(row.get("not_used_reason")):
            continue
        known = effective_date(str(row["published_on"]), str(row["published_precision"]))
        if known > as_of:
            continue
        found = _working(row, is_level)
        if found is not None:
            rows.append({**row, **found, "known_on": known})
    columns = [*figures.columns, "end", "weight", "horizon", "y", "half_width", "censored", "known_on"]
    table = pd.DataFrame(rows, columns=columns)
    if table.empty:
        return table
    target = ["metric", "entity", "segment", "end", "kind_of_period"]
    table["segment"] = table["segment"].map(_text)
    table["kind_of_period"] = [np.count_nonzero(w) for w in table["weight"]]
    table = table.sort_values("known_on", kind="stable")
    table = table.drop_duplicates(["publisher", *target], keep="last")
    # The first page that printed it stands for an origin.
    table = table.drop_duplicates(["origin_id", *target], keep="first")
    return table.sort_index().reset_index(drop=True)


def known_rows(table: pd.DataFrame, key: list[str], as_of: date) -> pd.DataFrame:
    """Rows of a catalogue known on a date: of rows with the same key, the one that became known last.

    Parameters
    ----------
    table : DataFrame
        With ``known_since`` as YYYY-MM-DD, YYYY-MM or YYYY (the last two count from their end).
    key : list of str
    as_of : datetime.date

    Returns
    -------
    DataFrame
        In the order of the catalogue.
    """
    texts = table["known_since"].astype(str)
    known = pd.Series([effective_date(t, date_precision(t)) for t in texts], index=table.index, dtype=object)
    visible = table.loc[known[known <= as_of].sort_values(kind="stable").index]
    return visible.drop_duplicates(key, keep="last").sort_index()


def _working(row: dict[str, Any], is_level: bool) -> dict[str, Any] | None:
    """Quarters, horizon and value of a figure; None where it has no place on the grid or the scale."""
    month = row.get("fiscal_year_end_month")
    try:
        period = parse_period(
            str(row["period"]), None if month is None or pd.isna(month) or month == "" else int(month)
        )
        weight = np.zeros(N_QUARTERS)
        if is_level:
            weight[level_index(period)] = 1.0
        else:
            at, share = mean_weights(period)
            weight[at] = share
    except (PeriodError, IndexError):
        return None
    logit = row.get("scale") == "logit"
    low, value, high = (_on_scale(row.get(name), logit) for name in ("low", "value", "high"))
    if any(v is not None and not np.isfinite(v) for v in (low, value, high)):
        return None
    censored, half_width = 0, 0.0
    if low is not None and high is not None:
        y = value if value is not None else (low + high) / 2
        half_width = (high - low) / 2
    elif value is not None:
        y = value
    elif low is not None:
        y, censored = low, 1
    elif high is not None:
        y, censored = high, -1
    else:
        return None
    end = effective_date(str(row["published_on"]), str(row["published_precision"]))
    middle = end - timedelta(days=_SPAN_DAYS[str(row["published_precision"])])
    horizon = 0.0 if row["kind"] == "actual" else horizon_years(middle, period)
    return {
        "end": period.end,
        "weight": weight,
        "horizon": horizon,
        "y": y,
        "half_width": half_width,
        "censored": censored,
    }


def _on_scale(value: Any, logit: bool) -> float | None:
    """Log or logit of a number; not a number where it has none; None where nothing is printed."""
    if value is None or pd.isna(value):
        return None
    number = float(value)
    if number <= 0 or (logit and number >= 1):
        return float("nan")
    return float(np.log(number / (1 - number))) if logit else float(np.log(number))


def codes(labels: list[str]) -> np.ndarray:
    """Give each label a number; -1 where it is empty."""
    index = {label: i for i, label in enumerate(sorted(set(labels) - {""}))}
    return np.array([index.get(label, -1) for label in labels], dtype=int)


def _text(value: Any) -> str:
    return "" if value is None or (isinstance(value, float) and np.isnan(value)) else str(value).strip()
