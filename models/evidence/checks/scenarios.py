"""Rows of scenarios: which drivers can be shocked and how, and the checks of data/scenarios.csv.

A user's own scenarios are rows in the same format and pass the same checks.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any, Final

import pandas as pd

from models.evidence.checks.cells import CellError
from models.evidence.checks.row_model import Rule, judged_rows
from models.evidence.checks.rows import Collector, records
from models.evidence.tables.described import BY_NAME
from models.evidence.tables.systems import DELAY, MULTIPLY
from models.vocabulary.drivers import CLASS_ATTRIBUTES, DRIVERS
from models.vocabulary.market import Market
from models.vocabulary.periods import N_QUARTERS, QUARTERS, quarter_of_day
from models.vocabulary.systems import SEGMENTS, SUBSTITUTION_PREFIX

SCENARIO_COLUMNS: Final = BY_NAME["scenarios"].column_names
PRODUCT_MIX = "product_mix"
CLASS_WEIGHT_PREFIX = "class_weight."
SUPPLIER_PREFIX = "supplier."
CLASS_INPUTS: Final = tuple(f"class_{name}" for name in CLASS_ATTRIBUTES)
SUBSTITUTION_DRIVERS: Final = tuple(f"{SUBSTITUTION_PREFIX}{segment}" for segment in SEGMENTS)
LARGEST_FACTOR, LONGEST_DELAY = 100.0, 12.0
_RELATIVE = re.compile(r"as_of\+(\d{1,2})", re.ASCII)
_SUPPLIER = re.compile(r"supplier\.[a-z][a-z0-9_]*", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


def chain_drivers(market: Market) -> tuple[str, ...]:
    """Drivers of the chain that a row may shock: its inputs, the product mix, one class's weight in it."""
    weights = (f"{CLASS_WEIGHT_PREFIX}{name}" for name in market.class_names)
    return (*DRIVERS, *CLASS_INPUTS, "generation_premium", "generation_gb_per_wafer", PRODUCT_MIX, *weights)


def shockable(market: Market) -> tuple[str, ...]:
    """List all that a row's `driver` may name: the chain's, and the domestic share of one segment."""
    return chain_drivers(market) + SUBSTITUTION_DRIVERS


def check_scenarios(rows: list[dict], market: Market, collector: Collector) -> list[dict]:
    """Check rows of scenarios.

    Parameters
    ----------
    rows : list of dict of str
        With `file` and `row`, as `models.evidence.checks.rows.records` reads them.
    market : Market
    collector : Collector
        Takes what is wrong: file, row, field, value, problem, remedy.

    Returns
    -------
    list of dict
        Good rows, with p05, p95 and ramp_quarters as floats. A scenario with one bad row is left out whole:
        half a story is another story.
    """
    judged = judged_rows(BY_NAME["scenarios"], rows, collector, rules=_rules(market))
    _check_titles(judged, rows, collector)
    broken = {row["scenario"] for row in judged if not collector.is_good(row)}
    return [row for row in judged if row["scenario"] not in broken]


def _check_titles(judged: list[dict], printed: list[dict], collector: Collector) -> None:
    titles: dict[str, dict] = {}
    as_printed = {row["row"]: row for row in printed}
    for row in judged:
        first = titles.setdefault(row["scenario"], row)
        if row["title"] != first["title"]:
            collector.reject(
                as_printed[row["row"]],
                "title",
                f"title differs from that of {first['file']} row {first['row']}, {first['title']!r}",
                "give all rows of a scenario one title, or this row another scenario name",
            )


def read_scenarios(
    frame: pd.DataFrame, market: Market, file: str = "scenarios.csv"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Check a file of scenarios on its own: a user's, say.

    Parameters
    ----------
    frame : DataFrame of str
    market : Market
    file : str
        Its name, for messages.

    Returns
    -------
    accepted, rejected : DataFrame
        Columns `SCENARIO_COLUMNS` with file and row; `models.evidence.checks.rows.REJECTED_COLUMNS`
        (`models.evidence.validation.message` turns one of these into a sentence).
    """
    collector = Collector(date.max)
    good = check_scenarios(records(file, frame, SCENARIO_COLUMNS, collector), market, collector)
    return pd.DataFrame(good, columns=[*SCENARIO_COLUMNS, "file", "row"]), collector.frame()


def window(row: dict, as_of: date) -> tuple[float, int]:
    """Start and last quarter of a shock, counted as `models.vocabulary.periods.QUARTERS` is.

    A quarter of the calendar is shocked whole. ``as_of+0`` is the quarter of the as-of day, of which only
    what remains can still differ: the start lies within it, half a quarter in where half of it is over (the
    day counts as the middle of its month, since a night's tables hold for a month). ``as_of+1`` is the
    quarter after. The last published quarter stands for the hidden ones too: parts are bought ahead for
    quarters that nobody sees.

    Raises
    ------
    ValueError
        Nothing of the window lies on the grid.
    """
    first, last = (_quarter_index(str(row[name]), as_of) for name in ("from_quarter", "to_quarter"))
    if not 0 <= first <= min(last, N_QUARTERS - 1):
        raise ValueError(
            f"scenario {row['scenario']}, driver {row['driver']}: from_quarter {row['from_quarter']} to "
            f"to_quarter {row['to_quarter']} holds no quarter of the grid as of {as_of.isoformat()} "
            f"({QUARTERS[0]} to {QUARTERS[N_QUARTERS - 1]}); move the window"
        )
    now = _RELATIVE.fullmatch(str(row["from_quarter"])) and first == _quarter_index("as_of+0", as_of)
    over = ((as_of.month - 1) % 3 + 0.5) / 3 if now else 0.0
    return first + over, len(QUARTERS) - 1 if last >= N_QUARTERS - 1 else last


def begins_before(row: Mapping[str, Any], as_of: date) -> bool:
    """Whether a shock begins in a quarter that is over on a day: then history is shocked, not a forecast."""
    return _quarter_index(str(row["from_quarter"]), as_of) < quarter_of_day(as_of)


def _quarter_index(text: str, as_of: date) -> int:
    relative = _RELATIVE.fullmatch(text)
    if relative:
        return quarter_of_day(as_of) + int(relative[1])
    return QUARTERS.index(text)


def _name(values: Mapping[str, Any]) -> None:
    if not _NAME.fullmatch(values["scenario"]):
        remedy = "use small letters, digits and underscores, beginning with a letter"
        raise CellError("scenario", f"scenario {values['scenario']!r} is not a name", remedy)


def _driver(market: Market, values: Mapping[str, Any]) -> None:
    name, operation = values["driver"], values["operation"]
    if _SUPPLIER.fullmatch(name):
        # Who makes HBM only the system of suppliers knows; it refuses a maker that is none.
        return
    if name not in shockable(market):
        listed = ", ".join((*DRIVERS, *SUBSTITUTION_DRIVERS, PRODUCT_MIX))
        remedy = f"use one of {listed}, {', '.join(CLASS_INPUTS)}, generation_premium, class_weight.<class> "
        remedy += "or supplier.<maker>"
        raise CellError("driver", f"unknown driver {name!r}", remedy)
    if name == PRODUCT_MIX and operation == MULTIPLY:
        raise CellError(
            "operation",
            "the product mix sums to one: it can be delayed, not multiplied",
            f"use {DELAY}, or {CLASS_WEIGHT_PREFIX}<class> to change or delay one class",
        )


def _is_quarter(cell: str) -> bool:
    return cell in QUARTERS[:N_QUARTERS] or bool(_RELATIVE.fullmatch(cell))


def _quarter(column: str) -> Rule:
    def check(values: Mapping[str, Any]) -> None:
        if not _is_quarter(values[column]):
            raise CellError(
                column,
                f"{column} {values[column]!r} is no quarter of the grid",
                f"write a quarter from {QUARTERS[0]} to {QUARTERS[N_QUARTERS - 1]}, as_of+0 for what remains "
                "of the as-of day's quarter, or as_of+1, as_of+2, ... for those after it",
            )

    return Rule((column,), check)


def _window_in_order(values: Mapping[str, Any]) -> None:
    cells = [values[column] for column in ("from_quarter", "to_quarter")]
    matched = [_RELATIVE.fullmatch(cell) for cell in cells]
    # Of one relative and one fixed quarter the order shows only on a day: `window` looks then.
    if not all(map(_is_quarter, cells)) or bool(matched[0]) != bool(matched[1]):
        return
    first, last = (int(m[1]) if m else QUARTERS.index(c) for m, c in zip(matched, cells, strict=True))
    if first > last:
        problem = f"from_quarter {cells[0]} lies after to_quarter {cells[1]}"
        raise CellError("from_quarter", problem, "swap the two, or correct one")


def _above_zero(values: Mapping[str, Any]) -> None:
    if values["p05"] <= 0:
        remedy = "a factor of 0.7 is a fall by 30 %; a delay is a number of quarters above 0"
        raise CellError("p05", f"p05 {values['p05']:g} is not above 0", remedy)


def _size(values: Mapping[str, Any]) -> None:
    largest = LONGEST_DELAY if values["operation"] == DELAY else LARGEST_FACTOR
    if values["p95"] > largest:
        remedy = "multiply wants a factor (0.7, not 70 or -30 %), add_quarters_delay a number of quarters"
        raise CellError("p95", f"p95 {values['p95']:g} lies above {largest:g}", remedy)


def _ramp(values: Mapping[str, Any]) -> None:
    ramp = values["ramp_quarters"]
    if ramp < 0 or ramp != ramp // 1:
        remedy = "0 for a shock at once, 2 for one that takes two quarters to reach its size"
        raise CellError("ramp_quarters", f"ramp_quarters {ramp:g} is no whole number from 0", remedy)


def _rules(market: Market) -> tuple[Rule, ...]:
    return (
        Rule(("scenario",), _name),
        Rule(("driver", "operation"), partial(_driver, market)),
        _quarter("from_quarter"),
        _quarter("to_quarter"),
        Rule(("from_quarter", "to_quarter"), _window_in_order),
        Rule(("p05",), _above_zero),
        Rule(("p95", "operation"), _size),
        Rule(("ramp_quarters",), _ramp),
    )
