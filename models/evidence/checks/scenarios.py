"""Rows of scenarios: which drivers can be shocked and how, and the checks of data/scenarios.csv.

A user's own scenarios are rows in the same format and pass the same checks.
"""

import re
from datetime import date
from typing import Final

import pandas as pd

from models.chain.drivers import CLASS_ATTRIBUTES, DRIVERS
from models.evidence.checks.reference import BASES
from models.evidence.checks.rows import Collector, number, one_of, records, required, unique
from models.vocabulary.periods import N_QUARTERS, QUARTERS, quarter_of_day
from models.vocabulary.quantities import CLASS_NAMES
from models.vocabulary.systems import SEGMENTS, SUBSTITUTION_PREFIX

SCENARIO_COLUMNS: Final = (
    *("scenario", "title", "driver", "from_quarter", "to_quarter", "operation", "p05", "p95"),
    *("ramp_quarters", "basis", "source", "description"),
)
MULTIPLY, DELAY = "multiply", "add_quarters_delay"
OPERATIONS: Final = (MULTIPLY, DELAY)
PRODUCT_MIX = "product_mix"
CLASS_WEIGHT_PREFIX = "class_weight."
CLASS_INPUTS: Final = tuple(f"class_{name}" for name in CLASS_ATTRIBUTES)
SUBSTITUTION_DRIVERS: Final = tuple(f"{SUBSTITUTION_PREFIX}{segment}" for segment in SEGMENTS)
CHAIN_DRIVERS: Final = (
    *DRIVERS,
    *CLASS_INPUTS,
    "generation_premium",
    PRODUCT_MIX,
    *(f"{CLASS_WEIGHT_PREFIX}{name}" for name in CLASS_NAMES),
)
SHOCKABLE: Final = CHAIN_DRIVERS + SUBSTITUTION_DRIVERS
"""All that a row's `driver` may name: chain inputs, the product mix, one class's weight in it, and the
domestic share of one segment."""
LARGEST_FACTOR, LONGEST_DELAY = 100.0, 12.0
_RELATIVE = re.compile(r"as_of\+(\d{1,2})", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


def check_scenarios(rows: list[dict], collector: Collector) -> list[dict]:
    """Check rows of scenarios.

    Parameters
    ----------
    rows : list of dict of str
        With `file` and `row`, as `models.evidence.checks.rows.records` reads them.
    collector : Collector
        Takes what is wrong: file, row, field, value, problem, remedy.

    Returns
    -------
    list of dict
        Good rows, with p05, p95 and ramp_quarters as floats. A scenario with one bad row is left out whole:
        half a story is another story.
    """
    rows = unique(rows, ("scenario", "driver", "operation", "from_quarter"), collector)
    titles: dict[str, dict] = {}
    for row in rows:
        required(row, ("scenario", "title", "source", "description"), collector)
        if row["scenario"] and not _NAME.fullmatch(row["scenario"]):
            collector.reject(
                row,
                "scenario",
                f"scenario {row['scenario']!r} is not a name",
                "use small letters, digits and underscores, beginning with a letter",
            )
        first = titles.setdefault(row["scenario"], row)
        if row["title"] != first["title"]:
            collector.reject(
                row,
                "title",
                f"title differs from that of {first['file']} row {first['row']}, {first['title']!r}",
                "give all rows of a scenario one title, or this row another scenario name",
            )
        one_of(row, "basis", BASES, collector, "a shock nobody has published is a judgement")
        if one_of(
            row, "operation", OPERATIONS, collector, "other shocks need code in models/scenarios/run.py"
        ):
            _check_driver(row, collector)
        _check_window(row, collector)
        _check_size(row, collector)
    broken = {row["scenario"] for row in rows if not collector.is_good(row)}
    return [row for row in rows if row["scenario"] not in broken]


def read_scenarios(
    frame: pd.DataFrame, file: str = "scenarios.csv", today: date = date.max
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Check a file of scenarios on its own: a user's, say.

    Parameters
    ----------
    frame : DataFrame of str
    file : str
        Its name, for messages.
    today : date

    Returns
    -------
    accepted, rejected : DataFrame
        Columns `SCENARIO_COLUMNS` with file and row; `models.evidence.checks.rows.REJECTED_COLUMNS`
        (`models.evidence.validation.message` turns one of these into a sentence).
    """
    collector = Collector(today)
    good = check_scenarios(records(file, frame, SCENARIO_COLUMNS, collector), collector)
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


def _quarter_index(text: str, as_of: date) -> int:
    relative = _RELATIVE.fullmatch(text)
    if relative:
        return quarter_of_day(as_of) + int(relative[1])
    return QUARTERS.index(text)


def _check_driver(row: dict, collector: Collector) -> None:
    name, operation = row["driver"], row["operation"]
    if name not in SHOCKABLE:
        listed = ", ".join((*DRIVERS, *SUBSTITUTION_DRIVERS, PRODUCT_MIX))
        remedy = f"use one of {listed}, {', '.join(CLASS_INPUTS)}, generation_premium or class_weight.<class>"
        collector.reject(row, "driver", f"unknown driver {name!r}", remedy)
    elif name == PRODUCT_MIX and operation == MULTIPLY:
        collector.reject(
            row,
            "operation",
            "the product mix sums to one: it can be delayed, not multiplied",
            f"use {DELAY}, or {CLASS_WEIGHT_PREFIX}<class> to change the weight of one class",
        )
    elif name.startswith(CLASS_WEIGHT_PREFIX) and operation == DELAY:
        remedy = f"use {MULTIPLY}, or {PRODUCT_MIX} to delay all launches"
        collector.reject(row, "operation", "the weight of one class can be multiplied, not delayed", remedy)


def _check_window(row: dict, collector: Collector) -> None:
    readable = True
    for column in ("from_quarter", "to_quarter"):
        if row[column] not in QUARTERS[:N_QUARTERS] and not _RELATIVE.fullmatch(row[column]):
            readable = False
            collector.reject(
                row,
                column,
                f"{column} {row[column]!r} is no quarter of the grid",
                f"write a quarter from {QUARTERS[0]} to {QUARTERS[N_QUARTERS - 1]}, as_of+0 for what remains "
                "of the as-of day's quarter, or as_of+1, as_of+2, ... for those after it",
            )
    start, end = (_RELATIVE.fullmatch(row[c]) for c in ("from_quarter", "to_quarter"))
    # Of one relative and one fixed quarter the order shows only on a day: `window` looks then.
    if readable and bool(start) == bool(end):
        matched = {"from_quarter": start, "to_quarter": end}
        at = [int(m[1]) if m else QUARTERS.index(row[c]) for c, m in matched.items()]
        if at[0] > at[1]:
            problem = f"from_quarter {row['from_quarter']} lies after to_quarter {row['to_quarter']}"
            collector.reject(row, "from_quarter", problem, "swap the two, or correct one")


def _check_size(row: dict, collector: Collector) -> None:
    low, high = (number(row, column, collector, required=True) for column in ("p05", "p95"))
    ramp = number(row, "ramp_quarters", collector, required=True)
    if low <= 0:
        remedy = "a factor of 0.7 is a fall by 30 %; a delay is a number of quarters above 0"
        collector.reject(row, "p05", f"p05 {low:g} is not above 0", remedy)
    if low > high:
        collector.reject(row, "p05", f"p05 {low:g} lies above p95 {high:g}", "swap the two quantiles")
    largest = LONGEST_DELAY if row["operation"] == DELAY else LARGEST_FACTOR
    if high > largest:
        remedy = "multiply wants a factor (0.7, not 70 or -30 %), add_quarters_delay a number of quarters"
        collector.reject(row, "p95", f"p95 {high:g} lies above {largest:g}", remedy)
    if ramp < 0 or ramp != ramp // 1:
        remedy = "0 for a shock at once, 2 for one that takes two quarters to reach its size"
        collector.reject(row, "ramp_quarters", f"ramp_quarters {ramp:g} is no whole number from 0", remedy)
    row |= {"p05": low, "p95": high, "ramp_quarters": ramp}
