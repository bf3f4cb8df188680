"""Checks of publications and figures."""

import math
from typing import Final

import pandas as pd

from models.evidence.checks.reference import OFFSET_PREFIX
from models.evidence.checks.rows import Collector, known_date, number, one_of, required, unique
from models.evidence.mapping import resolve
from models.evidence.shared_header import FIGURE_COLUMNS, SOURCE_COLUMNS
from models.vocabulary.periods import PRECISIONS, PeriodError, parse_period
from models.vocabulary.rows import rows_of
from models.vocabulary.units import UnitError, factor, is_known, period_year

KINDS: Final = ("actual", "estimate", "forecast", "guidance", "spec", "assumption")
NUMBERS: Final = ("value", "low", "high")


def check_sources(rows: list[dict], collector: Collector) -> list[dict]:
    """Check publications.

    Parameters
    ----------
    rows : list of dict
        Rows of sources.csv as text.
    collector : Collector

    Returns
    -------
    list of dict
        Good rows, with `known_on` (datetime.date): when the publication counts as known.
    """
    rows = unique(rows, ("source_id",), collector)
    for row in rows:
        required(row, ("source_id", "title"), collector)
        if not row["publisher"]:
            remedy = "say who made the figures; where only a relay is known, name the relay"
            collector.reject(row, "publisher", "unknown publisher: the cell is empty", remedy)
        if one_of(row, "published_precision", PRECISIONS, collector, "as precise as the page shows"):
            row["known_on"] = known_date(row, "published_on", row["published_precision"], collector)
    return collector.kept(rows)


def check_figures(
    rows: list[dict],
    source_ids: set[str],
    metrics: pd.DataFrame,
    definitions: set[str],
    rates: dict[tuple[str, int], float],
    collector: Collector,
) -> list[dict]:
    """Check figures, after corrections.

    Parameters
    ----------
    rows : list of dict
        Rows of all figure files as text.
    source_ids : set of str
        Accepted publications.
    metrics : DataFrame
        Accepted mapping rules; bounds as floats.
    definitions : set of str
        Keys of the definition offsets.
    rates : dict
        US dollars per unit, by (currency, year).
    collector : Collector

    Returns
    -------
    list of dict
        Good rows; value, low, high as floats (nan where empty), fiscal_year_end_month as int or None.
    """
    known_ids = {row["figure_id"] for row in rows}
    rows = unique(rows, ("figure_id",), collector)
    known_metrics = set(metrics["metric"])
    for row in rows:
        required(row, ("figure_id", "entity"), collector)
        if not row["source_id"]:
            collector.reject(
                row, "source_id", "missing source", "name the publication's source_id in sources.csv"
            )
        elif row["source_id"] not in source_ids:
            problem = f"unknown source {row['source_id']!r}: no accepted row of sources.csv"
            collector.reject(
                row, "source_id", problem, "add the publication to sources.csv, or mend its row there"
            )
        if row["origin_id"] not in known_ids:
            remedy = "give the figure_id of the first appearance, or the figure's own"
            collector.reject(row, "origin_id", f"origin_id {row['origin_id']!r} is no figure", remedy)
        if row["metric"] not in known_metrics:
            remedy = "use a metric of metrics.csv, or add a row for it there"
            collector.reject(row, "metric", f"unknown metric {row['metric']!r}", remedy)
        if not is_known(row["unit"]):
            remedy = "use a unit of models/vocabulary/units.py, or add it there"
            collector.reject(row, "unit", f"unknown unit {row['unit']!r}", remedy)
        one_of(row, "kind", KINDS, collector, "see CONTRIBUTING")
        if row["definition"] and row["definition"] not in definitions:
            remedy = f"add {OFFSET_PREFIX}{row['definition']} to assumptions.csv, or leave it empty"
            collector.reject(row, "definition", f"definition {row['definition']!r} has no offset", remedy)
        _check_numbers(row, collector)
        _check_period(row, collector)
    kept = collector.kept(rows)
    _check_bounds(kept, metrics, rates, collector)
    return collector.kept(kept)


def _check_numbers(row: dict, collector: Collector) -> None:
    before = len(collector.records)
    value, low, high = (number(row, column, collector) for column in NUMBERS)
    readable = len(collector.records) == before
    # A cell that could not be read stays as printed, so that the rejected row shows it.
    if not readable:
        return
    if all(math.isnan(x) for x in (value, low, high)):
        collector.reject(row, "value", "value, low and high are all empty", "give at least one of them")
    if low > high:
        collector.reject(row, "low", f"low {low:g} lies above high {high:g}", "swap low and high")
    elif value < low or value > high:
        interval = f"{low:g}..{high:g}".replace("nan", "")
        collector.reject(
            row, "value", f"value {value:g} lies outside its own interval {interval}", "check all three"
        )


def _check_period(row: dict, collector: Collector) -> None:
    cell = row["fiscal_year_end_month"]
    month = number(row, "fiscal_year_end_month", collector)
    if cell and not month.is_integer():
        return
    try:
        parse_period(row["period"], None if math.isnan(month) else int(month))
    except PeriodError as error:
        column = "fiscal_year_end_month" if "is fiscal but" in str(error) else "period"
        remedy = "write the period in an accepted form"
        if column != "period":
            remedy = (
                "give the month (1-12) in which the fiscal year ends, plus 12 where it ends the year after"
            )
        collector.reject(row, column, str(error), remedy)


def _check_bounds(
    rows: list[dict], metrics: pd.DataFrame, rates: dict[tuple[str, int], float], collector: Collector
) -> None:
    if not rows:
        return
    resolved = resolve(pd.DataFrame(rows), metrics)
    for row, rule in zip(rows, rows_of(resolved), strict=True):
        if not rule.metric_unit:
            # No rule for this entity or segment is a reason not to use a figure; a wrong unit is a slip.
            if "can't be turned into" in rule.unmapped_reason:
                collector.reject(
                    row, "unit", rule.unmapped_reason, "correct the unit, or add a rule to metrics.csv"
                )
            continue
        month = row["fiscal_year_end_month"]
        try:
            year = period_year(row["period"], int(float(month)) if month else None)
            by = factor(row["unit"], rule.metric_unit, year, rates)
        except UnitError as error:
            collector.reject(row, "unit", str(error), "add the rate to exchange_rates.csv")
            continue
        for column in NUMBERS:
            number_given = float(row[column]) * by if row[column] else math.nan
            if number_given < rule.lower or number_given > rule.upper:
                problem = (
                    f"{column} {number_given:g} {rule.metric_unit} lies outside the bounds {rule.lower:g}.."
                    f"{rule.upper:g} of {rule.rule}"
                )
                collector.reject(
                    row, column, problem, "check the unit and the zeros; widen the bounds only with reason"
                )


def figure_frame(rows: list[dict]) -> pd.DataFrame:
    """Make a frame of accepted figures: numbers float64 (nan), the end month Int64, the rest text."""
    frame = pd.DataFrame(rows, columns=[*FIGURE_COLUMNS, "corrected", "file", "row"])
    for column in NUMBERS:
        frame[column] = pd.to_numeric(frame[column]).astype("float64")
    months = pd.to_numeric(frame["fiscal_year_end_month"])
    frame["fiscal_year_end_month"] = months.astype("float64").astype("Int64")
    return frame


def source_frame(rows: list[dict]) -> pd.DataFrame:
    """Make a frame of accepted publications, with `known_on`."""
    return pd.DataFrame(rows, columns=[*SOURCE_COLUMNS, "known_on", "file", "row"])
