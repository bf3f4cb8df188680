"""Checks of publications and figures, besides those that follow from their descriptions."""

import math
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pandas as pd

from models.evidence.checks.cells import CellError, known_date, printed_date
from models.evidence.checks.printed import plain_figures
from models.evidence.checks.row_model import Known, Rule, checked_rows
from models.evidence.checks.rows import Collector
from models.evidence.known import publication_dates
from models.evidence.mapping import ANY, resolve
from models.evidence.tables.described import BY_NAME
from models.vocabulary.periods import PeriodError, parse_period, preceding_period
from models.vocabulary.printed_text import folded
from models.vocabulary.rows import rows_of
from models.vocabulary.units import KNOWN, VALUE_COLUMNS, UnitError, factor, is_known, period_year

FISCAL_MONTH: Final = "fiscal_year_end_month"
_FLOWS: Final = ("sum", "growth", "sequential_growth")
_LEFT: Final = 31
"""Days that may be left of a period whose actual is printed: what remains of it is nearly known."""


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

    def dated(values: Mapping[str, Any]) -> None:
        known_date("published_on", values["published_on"], values["published_precision"], collector.today)

    def read(values: Mapping[str, Any]) -> None:
        if values["accessed_on"]:
            # A day after today moves nothing: the earlier of both counts.
            printed_date("accessed_on", values["accessed_on"], date.max)

    rules = [Rule(("published_on", "published_precision"), dated), Rule(("accessed_on",), read)]
    kept = checked_rows(BY_NAME["sources"], rows, collector, rules=rules)
    _check_spelling(kept, "publisher", set(), collector)
    kept = collector.kept(kept)
    dates = ("published_on", "published_precision", "accessed_on")
    return [{**row, "known_on": publication_dates(*(row[d] for d in dates)).known_on} for row in kept]


def check_figures(
    rows: list[dict],
    known: Known,
    metrics: pd.DataFrame,
    rates: dict[tuple[str, int], float],
    collector: Collector,
) -> list[dict]:
    """Check figures, after corrections.

    Parameters
    ----------
    rows : list of dict
        Rows of all figure files as text.
    known : dict of str to collection of str
        'sources', 'definitions'; 'figures' that stand elsewhere.
    metrics : DataFrame
        Accepted mapping rules; bounds as floats.
    rates : dict
        US dollars per unit, by (currency, year).
    collector : Collector

    Returns
    -------
    list of dict
        Good rows; value, low, high and fiscal_year_end_month as floats (nan where empty).
    """
    rows = plain_figures(rows, collector)
    _check_spelling(rows, "entity", set(metrics["entity"]) - {ANY}, collector)
    _check_segments(rows, metrics, collector)
    own = {row["figure_id"] for row in rows}
    names = {"figures": own | set(known.get("figures", ())), "metrics": set(metrics["metric"])}
    rules = [
        Rule(("unit",), _unit),
        Rule(VALUE_COLUMNS, _numbers),
        Rule(("period", FISCAL_MONTH), _period),
    ]
    kept = checked_rows(BY_NAME["figures"], rows, collector, {**known, **names}, rules)
    _check_bounds(kept, metrics, rates, collector)
    return collector.kept(kept)


def _check_spelling(rows: list[dict], column: str, of_rules: set[str], collector: Collector) -> None:
    """Refuse a name that differs from a rule's, or from most rows', in capitals, blanks or width only.

    An entity would match no rule, and inform nothing without a word; a publisher would count as two.
    """
    counts = Counter(row[column] for row in rows)
    usual: dict[str, str] = {}
    for name in sorted(counts.keys() | of_rules, key=lambda name: (name in of_rules, counts[name])):
        usual[_spelled(name)] = name
    for row in rows:
        name = usual[_spelled(row[column])]
        if row[column] != name and row[column] not in of_rules:
            problem = f"{column} {row[column]!r} is written {name!r} elsewhere"
            collector.reject(row, column, problem, f"write {name}")


def _check_segments(rows: list[dict], metrics: pd.DataFrame, collector: Collector) -> None:
    """Refuse a segment that differs from a rule's of its metric in capitals, blanks or width only."""
    usual: dict[str, dict[str, str]] = {}
    for metric, segment in zip(metrics["metric"], metrics["segment"], strict=True):
        if segment and segment != ANY:
            usual.setdefault(str(metric), {}).setdefault(_spelled(str(segment)), str(segment))
    for row in rows:
        names = usual.get(row["metric"], {})
        name = names.get(_spelled(row["segment"]), "")
        if name and row["segment"] not in names.values():
            problem = f"segment {row['segment']!r} of {row['metric']} is written {name!r} in metrics.csv"
            collector.reject(row, "segment", problem, f"write {name}")


def check_actuals(
    rows: list[dict], sources: list[dict], metrics: pd.DataFrame, collector: Collector
) -> list[dict]:
    """Put actuals aside that were printed before there was anything to count.

    Of what informs the chain, nothing is an actual before its period begins, nor while more than a month of
    it is left where it is summed up or grows over the period.

    Parameters
    ----------
    rows, sources : list of dict
        Good rows of figures and of sources.csv.
    metrics : DataFrame
        Accepted mapping rules.
    collector : Collector

    Returns
    -------
    list of dict
        The other rows.
    """
    informing = metrics[metrics["quantity"] != ""]
    flows = set(informing.loc[informing["aggregation"].isin(_FLOWS), "metric"])
    chain = set(informing["metric"])
    printed = {source["source_id"]: source["known_on"] for source in sources}
    for row in rows:
        if row["kind"] != "actual" or row["source_id"] not in printed or row["metric"] not in chain:
            continue
        period, known_on = parse_period(row["period"], row[FISCAL_MONTH]), printed[row["source_id"]]
        left = (period.end_date - known_on).days
        has_begun = known_on > preceding_period(period).end_date
        if left > 0 and (not has_begun or (left > _LEFT and row["metric"] in flows)):
            day = f"{known_on}, the day of its source"
            problem = (
                f"kind is actual, but {row['period']} ends on {period.end_date}, and was not over on {day}"
            )
            remedy = "write estimate or forecast, or mend the period or the day"
            collector.reject(row, "kind", problem, remedy)
    return collector.kept(rows)


def _spelled(name: str) -> str:
    return folded(name).replace(" ", "")


def _unit(values: Mapping[str, Any]) -> None:
    if not values["unit"]:
        raise CellError(
            "unit", "unit is empty", "give the unit that the page prints, as USD or million units"
        )
    if not is_known(values["unit"]):
        remedy = f"use one of {', '.join(KNOWN)}, or two of them as X_per_Y"
        raise CellError("unit", f"unknown unit {values['unit']!r}", remedy)


def _numbers(values: Mapping[str, Any]) -> None:
    value, low, high = (values[name] for name in VALUE_COLUMNS)
    if all(math.isnan(x) for x in (value, low, high)):
        raise CellError("value", "value, low and high are all empty", "give at least one of them")
    if not math.isnan(value) and math.isnan(low) != math.isnan(high):
        bound = "low" if math.isnan(high) else "high"
        problem = f"value {value:g} and {bound} alone: a bound beside a number says nothing"
        raise CellError(bound, problem, "leave one of the two empty, or give both low and high")
    if low > high:
        remedy = (
            "look whether the cells stand one column too far; swap low and high only if they are the two ends"
        )
        raise CellError("low", f"low {low:g} lies above high {high:g}", remedy)
    if value < low or value > high:
        interval = f"{low:g}..{high:g}".replace("nan", "")
        problem = f"value {value:g} lies outside its own interval {interval}"
        raise CellError("value", problem, "check all three")


def _period(values: Mapping[str, Any]) -> None:
    try:
        parse_period(values["period"], values[FISCAL_MONTH])
    except PeriodError as error:
        if "is fiscal but" not in str(error):
            raise CellError("period", str(error), "write the period in an accepted form") from error
        remedy = (
            "give the month (1-12) in which the fiscal year ends, plus 12 where that is in the year after "
            "the label (March: 15), in a column fiscal_year_end_month"
        )
        raise CellError(FISCAL_MONTH, str(error), remedy) from error


def _check_bounds(
    rows: list[dict],
    metrics: pd.DataFrame,
    rates: dict[tuple[str, int], float],
    collector: Collector,
) -> None:
    """Hold figures against the bounds of their metrics; a rejected row shows what its file says."""
    if not rows:
        return
    resolved = resolve(pd.DataFrame(rows), metrics)
    for row, rule in zip(rows, rows_of(resolved), strict=True):
        if not rule.metric_unit:
            for column in VALUE_COLUMNS:
                if collector.is_doubtful(row, column):
                    _reject_comma(row, column, collector)
            # No rule for this entity or segment is a reason not to use a figure; a wrong unit is a slip.
            if "can't be turned into" in rule.unmapped_reason:
                remedy = "correct the unit, or add a rule to metrics.csv"
                collector.reject(row, "unit", rule.unmapped_reason, remedy)
            continue
        try:
            year = period_year(row["period"], row[FISCAL_MONTH])
            by = factor(row["unit"], rule.metric_unit, year, rates)
        except UnitError as error:
            collector.reject(row, "unit", str(error), "add the rate to exchange_rates.csv")
            continue
        for column in VALUE_COLUMNS:
            number_given = row[column] * by
            if number_given < rule.lower or number_given > rule.upper:
                problem = (
                    f"{column} {number_given:g} {rule.metric_unit} lies outside the bounds {rule.lower:g}.."
                    f"{rule.upper:g} of {rule.rule}"
                )
                slip = _slip(number_given, row["unit"], rule.lower, rule.upper)
                remedy = f"{slip}check the unit and the zeros; widen the bounds only with reason"
                collector.reject(row, column, problem, remedy)
            elif collector.is_doubtful(row, column) and number_given / 1000 >= rule.lower:
                _reject_comma(row, column, collector)


def _slip(number_given: float, unit: str, lower: float, upper: float) -> str:
    """Name the slip that would explain a number outside its bounds; '' where none does."""
    if unit == "fraction" and lower <= number_given / 100 <= upper:
        return f"if {number_given:g} is percent, write percent in unit; "
    for power, scale in ((3, "thousands"), (6, "millions"), (9, "billions")):
        if lower <= number_given * 10**power <= upper:
            named = f"{scale.removesuffix('s')} {unit}"
            return f"if it counts {scale}, write all the zeros, or give the unit '{named}'; "
    return ""


def _reject_comma(row: dict, column: str, collector: Collector) -> None:
    problem = f"{column} has one comma before three digits: of thousands, or a decimal comma"
    collector.reject(row, column, problem, f"write {row[column]:.15g} or {row[column] / 1000:.15g}")


def figure_frame(rows: list[dict]) -> pd.DataFrame:
    """Make a frame of accepted figures: numbers float64 (nan), the end month Int64, the rest text."""
    names = BY_NAME["figures"].column_names
    frame = pd.DataFrame(rows, columns=[*names, "corrected", "file", "row"])
    for column in VALUE_COLUMNS:
        frame[column] = frame[column].astype("float64")
    frame[FISCAL_MONTH] = frame[FISCAL_MONTH].astype("float64").astype("Int64")
    return frame
