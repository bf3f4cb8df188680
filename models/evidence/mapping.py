"""From a published figure to what it says about the chain: the most specific rule of metrics.csv wins."""

from typing import Final

import pandas as pd

from models.vocabulary.periods import (
    FIRST_YEAR,
    QUARTERS,
    Period,
    PeriodError,
    is_level_outside_grid,
    is_outside_grid,
    parse_period,
    preceding_period,
    previous_period,
)
from models.vocabulary.rows import records
from models.vocabulary.units import EVEN_RATES, VALUE_COLUMNS, factor, is_convertible

__all__ = [
    "AGGREGATIONS",
    "ANY",
    "GROWTH",
    "LESS_ONE",
    "SCALES",
    "period_reason",
    "resolve",
]

ANY: Final = "*"
AGGREGATIONS: Final = ("sum", "end", "mean", "growth", "sequential_growth", "excess")
GROWTH: Final = ("growth", "sequential_growth")
LESS_ONE: Final = (*GROWTH, "excess")
"""Printed as a ratio less one: an excess is over one itself (supply over demand), growth over a base."""
SCALES: Final = ("log", "logit")
_OUTSIDE: Final = f"outside the model's quarters, {QUARTERS[0]} to {QUARTERS[-1]}"
RULE_COLUMNS: Final = ("quantity", "per_quantity", "aggregation", "scale", "lower", "upper")
ADDED: Final = (*RULE_COLUMNS, "metric_unit", "definition", "rule", "mapped", "unmapped_reason")


def resolve(figures: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """Give every figure the rule that maps it, or the reason why nothing does.

    Parameters
    ----------
    figures : DataFrame
        One row per figure, columns of the contract (metric, entity, segment, period, fiscal_year_end_month,
        value, low, high, unit, definition, not_used_reason, ...).
    metrics : DataFrame
        Rules: metric, entity, segment (`*` = any), unit, quantity, per_quantity, aggregation, scale, lower,
        upper, definition, description. Rules that differ in unit only are told apart by the figure's unit; a
        rule without a quantity may have the unit `*`.

    Returns
    -------
    DataFrame
        A copy of `figures` with quantity, per_quantity, aggregation, scale, lower, upper (in `metric_unit`),
        metric_unit, definition (the figure's own, else the rule's), rule, mapped (bool) and unmapped_reason
        ('' where mapped). No row is dropped.
    """
    by_metric: dict[str, list[dict]] = {}
    for each in records(metrics):
        by_metric.setdefault(str(each["metric"]), []).append(_rule(each))
    found = []
    for figure in records(figures):
        rule, reason = _best_rule(figure, by_metric.get(str(figure["metric"]), []))
        found.append(_resolved(figure, rule, reason))
    added = pd.DataFrame(found, index=figures.index, columns=list(ADDED))
    kept = figures.drop(columns=[column for column in ADDED if column in figures.columns])
    return pd.concat([kept, added.astype({"mapped": bool})], axis=1)


def _rule(row: dict) -> dict:
    """Row of metrics.csv, its cells as texts and its bounds as numbers: it is held against many figures."""
    texts = {name: _text(cell) for name, cell in row.items()}
    return texts | {bound: _number(row[bound]) for bound in ("lower", "upper")}


def _best_rule(figure: dict, rules: list[dict]) -> tuple[dict | None, str]:
    """Most specific rule that fits, and why there is none."""
    if not rules:
        return None, f"metric {figure['metric']!r} is not in metrics.csv"
    entity, segment = _text(figure["entity"]), _text(figure["segment"])
    named = [
        rule for rule in rules if _matches(rule["entity"], entity) and _matches(rule["segment"], segment)
    ]
    if not named:
        return None, (
            f"no rule in metrics.csv for metric {figure['metric']!r} with entity {figure['entity']!r} "
            f"and segment {figure['segment']!r}"
        )
    unit = _text(figure["unit"])
    fitting = [rule for rule in named if _unit_fits(unit, rule["unit"])]
    if not fitting:
        wanted = " or ".join(sorted({rule["unit"] for rule in named}))
        return None, f"unit {unit!r} can't be turned into {wanted} of metric {figure['metric']!r}"
    return max(fitting, key=lambda rule: _specificity(rule, unit)), ""


def _matches(pattern: str, text: str) -> bool:
    return text.startswith(pattern[:-1]) if pattern.endswith(ANY) else pattern == text


def _unit_fits(unit: str, wanted: str) -> bool:
    return wanted in (ANY, unit) or is_convertible(unit, wanted)


def _specificity(rule: dict, unit: str) -> tuple[float, float, bool]:
    """Entity before segment before unit; a whole name before a beginning (`previous*`) before `*`."""

    def rank(pattern: str) -> float:
        if not pattern.endswith(ANY):
            return 2.0
        return 1.0 + len(pattern) / 1000.0 if len(pattern) > 1 else 0.0

    return rank(rule["entity"]), rank(rule["segment"]), rule["unit"] == unit


def _resolved(figure: dict, rule: dict | None, reason: str) -> dict:
    out: dict = dict.fromkeys(ADDED, "")
    out.update(lower=float("nan"), upper=float("nan"), definition=_text(figure.get("definition")))
    if rule is not None:
        out.update({column: rule[column] for column in RULE_COLUMNS})
        out["metric_unit"] = "" if rule["unit"] == ANY else rule["unit"]
        out["definition"] = out["definition"] or rule["definition"]
        out["rule"] = "/".join(rule[column] for column in ("metric", "entity", "segment", "unit"))
        reason = _reason(figure, rule)
    # The editor's verdict on this one figure outranks what the rule says.
    reason = _text(figure.get("not_used_reason")) or reason
    out.update(mapped=not reason, unmapped_reason=reason)
    return out


def _reason(figure: dict, rule: dict) -> str:
    """Why a figure with a rule still says nothing about the chain ('' when it does)."""
    if not rule["quantity"]:
        return rule["description"] or "the metric informs no quantity of the chain yet"
    aggregation = rule["aggregation"]
    by = _size(_text(figure["unit"]), rule["unit"])
    numbers = [number * by for column in VALUE_COLUMNS if (number := _number(figure[column])) == number]
    if not numbers:
        return "no number"
    floor = -1.0 if aggregation in LESS_ONE else 0.0
    if rule["scale"] == "log" and min(numbers) <= floor:
        return f"{min(numbers):g} has no place on a log scale"
    if rule["scale"] == "logit" and aggregation not in LESS_ONE and not all(0 < n < 1 for n in numbers):
        return "a share outside 0..1 (exclusive) has no place on a logit scale"
    try:
        period = parse_period(_text(figure["period"]), figure["fiscal_year_end_month"])
    except PeriodError as error:
        return str(error)
    return period_reason(period, aggregation)


def _size(unit: str, wanted: str) -> float:
    """How many of the rule's unit one printed unit is; any rate of exchange will do for a look at signs."""
    return 1.0 if wanted == ANY else factor(unit, wanted, FIRST_YEAR, EVEN_RATES)


def period_reason(period: Period, aggregation: str) -> str:
    """Why a period can't be used with an aggregation ('' when it can).

    Parameters
    ----------
    period : Period
    aggregation : str
        One of `AGGREGATIONS`; growth also needs its base inside the model's quarters.

    Returns
    -------
    str
    """
    if aggregation == "end":
        outside = is_level_outside_grid(period)
        return f"period {period.text} ends {_OUTSIDE}" if outside else ""
    if is_outside_grid(period):
        return f"period {period.text} lies {_OUTSIDE}"
    if aggregation == "growth" and is_outside_grid(previous_period(period)):
        return f"period {period.text} grows from a year {_OUTSIDE}"
    if aggregation == "sequential_growth" and is_outside_grid(preceding_period(period)):
        return f"period {period.text} grows from a period {_OUTSIDE}"
    return ""


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and value != value) or value is pd.NA:
        return ""
    return str(value).strip()


def _number(value: object) -> float:
    text = _text(value)
    return float(text) if text else float("nan")
