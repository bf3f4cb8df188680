"""Figures from outside made ready for prediction, or listed with the reason why not."""

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.evidence.mapping import resolve
from models.evidence.shared_header import FIGURE_COLUMNS, SHARED_COLUMNS, from_shared_header
from models.inference.operator import KINDS, Operator
from models.vocabulary.periods import PeriodError, date_precision, effective_date
from models.vocabulary.rows import records
from models.vocabulary.units import UnitError, to_metric_units

NUMBERS = ("value", "low", "high")
NEEDED = ("metric", "entity", "segment", "period", "unit", "kind")
SOURCE_FIELDS = ("publisher", "published_on", "published_precision")
SHOWN = ("metric", "entity", "segment", "period", "value", "low", "high", "unit", "kind", "publisher")


class HeaderError(ValueError):
    """The columns of a file are those of neither format."""


def to_contract(raw: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bring either format into figures and sources of the contract.

    Parameters
    ----------
    raw : DataFrame of str
        Columns of data/figures/*.csv, or the shared header. Files of the first kind may carry ``publisher``,
        ``published_on`` and ``published_precision`` themselves.

    Returns
    -------
    figures, sources : DataFrame of str
        ``row`` of the figures is the line of the file (the header is line 1).

    Raises
    ------
    HeaderError
        Neither format; says what is missing from each.
    """
    lines = range(2, len(raw) + 2)
    if not set(SHARED_COLUMNS) - set(raw.columns):
        figures, sources = from_shared_header(raw.reset_index(drop=True))
        return figures.assign(row=lines), sources
    missing = [name for name in (*NEEDED, *NUMBERS, "source_id") if name not in raw.columns]
    if missing and not ("source_id" in missing and {"publisher", "published_on"} <= set(raw.columns)):
        shared = [name for name in SHARED_COLUMNS if name not in raw.columns]
        raise HeaderError(
            f"columns of data/figures: {', '.join(missing)} missing; "
            f"shared header: {', '.join(shared)} missing"
        )
    figures = raw.reset_index(drop=True).copy()
    for name in (*FIGURE_COLUMNS, "row"):
        if name not in figures.columns:
            figures[name] = ""
    return figures.assign(row=lines), pd.DataFrame(columns=["source_id", *SOURCE_FIELDS])


def usable_newcomers(
    figures: pd.DataFrame, sources: pd.DataFrame, metrics: pd.DataFrame, exchange_rates: pd.DataFrame
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Make figures ready for `models.scoring.predictive.predictive`.

    Parameters
    ----------
    figures : DataFrame of str
        From `to_contract`.
    sources : DataFrame
        ``source_id, publisher, published_on, published_precision``; the figures' own columns come first.
    metrics, exchange_rates : DataFrame
        Columns of the CSVs of the contract.

    Returns
    -------
    usable : DataFrame
        Base units; ``figure_id`` is `row-<line>`, ``given_id`` what the file calls it.
    unmapped : list of dict
        ``row``, ``figure_id``, the columns `SHOWN`, and ``reason``: every row that is not in `usable`.
    """
    by_source = sources.drop_duplicates("source_id").set_index("source_id").to_dict("index")
    ready: list[dict[str, Any]] = []
    unmapped: list[dict[str, Any]] = []
    for row in records(figures):
        for name in SOURCE_FIELDS:
            row[name] = str(row.get(name) or by_source.get(row["source_id"], {}).get(name) or "")
        try:
            ready.append(_parsed(row))
        except (ValueError, PeriodError) as error:
            unmapped.append(_listed(row, str(error)))
    if not ready:
        return pd.DataFrame(), unmapped
    resolved = resolve(pd.DataFrame(ready), metrics)
    kept = []
    for position, mapped in enumerate(resolved.itertuples()):
        one = resolved.iloc[[position]]
        if not mapped.mapped or not mapped.quantity:
            unmapped.append(_listed(_printed(one), str(mapped.unmapped_reason) or "informs no quantity"))
            continue
        try:
            kept.append(to_metric_units(one, exchange_rates))
        except UnitError as error:
            unmapped.append(_listed(_printed(one), str(error)))
    usable = pd.concat(kept, ignore_index=True) if kept else pd.DataFrame()
    return usable, unmapped


def _parsed(row: dict[str, Any]) -> dict[str, Any]:
    """Read the numbers, the date and the kind of one row.

    Raises
    ------
    ValueError
        Something can't be read; says what and what to do.
    """
    out = dict(row)
    for name in (*NUMBERS, "fiscal_year_end_month"):
        text = str(row.get(name) or "").strip()
        try:
            out[name] = float(text) if text else math.nan
        except ValueError:
            raise ValueError(f"{name} {text!r} is no number") from None
        if math.isinf(out[name]):
            raise ValueError(f"{name} {text!r} is no finite number")
    if row["kind"] not in KINDS:
        raise ValueError(f"kind {row['kind']!r} is not one of {', '.join(KINDS)}")
    if not row["published_on"]:
        raise ValueError(
            f"no publication date: source_id {row['source_id']!r} is in no sources.csv that is known"
            if row["source_id"]
            else "no publication date"
        )
    out["published_precision"] = row["published_precision"] or date_precision(row["published_on"])
    effective_date(row["published_on"], out["published_precision"])
    out["given_id"], out["figure_id"] = str(row["figure_id"]), f"row-{row['row']}"
    # Each row stands for itself: who repeats whom can't be told from outside.
    out["origin_id"] = out["figure_id"]
    return out


def _printed(one: pd.DataFrame) -> dict[str, Any]:
    row = one.iloc[0].to_dict()
    return {str(k): v for k, v in row.items()} | {"figure_id": row["given_id"]}


def _listed(row: Mapping[str, Any], reason: str) -> dict[str, Any]:
    return {
        "row": int(row["row"]),
        "figure_id": str(row["figure_id"]),
        **{name: plain(row.get(name)) for name in SHOWN},
        "reason": reason,
    }


def plain(value: object) -> object:
    """Turn a cell into what JSON knows: missing of any kind is None."""
    if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value.isoformat() if isinstance(value, date) else value


def seen_by(operator: Operator, weight: np.ndarray, usable: pd.DataFrame, y: np.ndarray) -> list[bool]:
    """Say which figures the posterior has seen: same publisher, quantity, period and number.

    Parameters
    ----------
    operator : Operator
        Of the posterior.
    weight : ndarray (figure,)
        Its weights: what has none was not visible, or was replaced since.
    usable : DataFrame
        Columns ``publisher, quantity, aggregation, period``.
    y : ndarray
        Their numbers on the working scale.
    """
    columns = ["publisher", "quantity", "aggregation", "period"]
    visible = operator.figures[weight > 0]
    known = {
        (*key, round(float(value), 6))
        for key, value in zip(
            visible[columns].itertuples(index=False, name=None), operator.arrays["y"][weight > 0], strict=True
        )
    }
    rows = zip(usable[columns].itertuples(index=False, name=None), y, strict=True)
    return [(*key, round(float(value), 6)) in known for key, value in rows]


def report_rows(usable: pd.DataFrame, table: pd.DataFrame, seen: list[bool]) -> list[dict[str, Any]]:
    """Join what was printed with where it falls, numbers in the unit that was printed.

    Parameters
    ----------
    usable : DataFrame
        From `usable_newcomers`.
    table : DataFrame
        From `models.scoring.predictive.placed`.
    seen : list of bool
        From `seen_by`, in the order of `table`.
    """
    by_id = {row["figure_id"]: row for row in records(usable)}
    rows = []
    for placed, was_seen in zip(records(table), seen, strict=True):
        row = by_id[placed["figure_id"]]
        factor = float(row["unit_factor"])
        numbers = {name: plain(_unscaled(row[name], factor)) for name in NUMBERS}
        predicted = {
            name: plain(float(placed[name]) / factor) for name in placed if str(name).startswith("predicted_")
        }
        inside = {str(name): placed[name] for name in placed if str(name).startswith("inside_")}
        rows.append(
            {
                "row": int(row["row"]),
                "figure_id": row["given_id"],
                **{name: plain(row[name]) for name in SHOWN if name not in (*NUMBERS, "unit")},
                **numbers,
                "unit": row["published_unit"],
                "published_on": row["published_on"],
                "quantity": row["quantity"],
                "horizon_years": float(placed["horizon_years"]),
                **predicted,
                "pit": placed["pit"],
                "probability": placed["probability"],
                **inside,
                "in_fit": was_seen,
            }
        )
    return sorted(rows, key=lambda row: row["row"])


def _unscaled(value: float, factor: float) -> float:
    # Twelve digits: dividing back must not print 0.30000000000000004.
    return float(f"{value / factor:.12g}") if math.isfinite(value) else value
