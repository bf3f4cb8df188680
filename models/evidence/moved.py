"""Numbers of supporting tables against those in force: one that jumped waits until a person confirms it.

An exchange rate per hundred units, gigabits for gigabytes, a bound in percent: each passes every check of its
own cell. Where the same row said something else last night, that stays in force, and the new one is told.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, NamedTuple

import pandas as pd

from models.evidence.checks.cells import NUMBERS, CellError, number
from models.evidence.checks.rates import CONFIRMED, LARGEST_MOVE, is_confirmed
from models.evidence.checks.rows import FIRST_DATA_ROW, Collector, text
from models.evidence.tables.described import BY_NAME, EVIDENCE_TABLES, REJECTED
from models.evidence.tables.files import FIGURES, file_of
from models.vocabulary.printed_text import folded
from models.vocabulary.rows import records
from models.vocabulary.tables import EvidenceTable

LARGEST_CHANGE: Final = {"exchange_rates": 1 + LARGEST_MOVE, "products": 2.0}
"""By how much the number of a row may be multiplied or divided from one night to the next: a yearly average
is printed once, the data of an announced product are corrected, not doubled."""
OF_OTHERS: Final = 10.0
"""Ranges of assumptions and bounds are argued anew; an order of magnitude is more often a slip."""
REMARKS: Final = ("note", "description", "reason")
"""Columns of which one, beginning with `confirmed:`, lets a row pass."""
_UNIT: Final = "unit"
_OF_TEXT: Final = ("corrected_value",)
"""Columns of text that hold a number where they correct one."""
_MAY_MOVE: Final = (
    FIGURES,
    REJECTED,
    "product_classes",
    "hbm_generations",
    "scenarios",
    "report_findings",
    "filers",
)
"""Figures have a second look of their own; classes and generations are only in an order; a scenario supposes
what it likes; numbers of filers are names."""


def _numbers(table: EvidenceTable) -> list[str]:
    return [
        c.name for c in table.columns if (c.type in NUMBERS and c.reading != "year") or c.name in _OF_TEXT
    ]


GUARDED: Final = tuple(
    table.name
    for table in EVIDENCE_TABLES
    if table.name not in _MAY_MOVE and not table.shown_only and _numbers(table)
)


class _Jump(NamedTuple):
    column: str
    problem: str
    remedy: str


type Rows = list[dict[str, str]]
type Places = set[tuple[str, int]]


def held_back(
    raw: Mapping[str, pd.DataFrame], in_force: Mapping[str, pd.DataFrame], today: date
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame, Places]:
    """Put the row in force in place of one whose number jumped.

    A row of a later day (`known_since`) is compared with the one in force that it would take over from.

    Parameters
    ----------
    raw : mapping of str to DataFrame of str
        As `models.evidence.validation.validate` takes it.
    in_force : mapping of str to DataFrame
        Tables as the warehouse has them; a table that is missing guards nothing.
    today : datetime.date

    Returns
    -------
    raw : dict of DataFrame of str
        The same files, rows that jumped replaced by what was in force.
    rejected : DataFrame
        `models.evidence.checks.rows.REJECTED_COLUMNS`, one row per number or unit that jumped.
    aside : set of (file, row)
        Rows of a later day that jumped: nothing takes their place, the row before goes on.
    """
    collector = Collector(today)
    files = dict(raw)
    aside: Places = set()
    for name in GUARDED:
        file, described = file_of(name), BY_NAME[name]
        frame, old = raw.get(file), in_force.get(name)
        if frame is None or old is None or not set(described.column_names) <= {*frame.columns}:
            continue
        new_rows = [{str(column): text(cell) for column, cell in row.items()} for row in records(frame)]
        old_rows = [{c: as_text(row.get(c)) for c in described.column_names} for row in records(old)]
        held = _held(described, new_rows, old_rows, collector)
        of_later_day = {i for i in held if _is_later(described, new_rows[i], held[i])}
        aside |= {(file, i + FIRST_DATA_ROW) for i in of_later_day}
        held = {i: row for i, row in held.items() if i not in of_later_day}
        if held:
            rows = [row | held.get(i, {}) for i, row in enumerate(new_rows)]
            files[file] = pd.DataFrame(rows, columns=frame.columns, dtype=str)
    return files, collector.frame(), aside


def _is_later(table: EvidenceTable, row: dict[str, str], old: dict[str, str]) -> bool:
    day = table.known_since
    return day in table.keys and row[day] != old[day]


def _held(
    table: EvidenceTable, new_rows: Rows, old_rows: Rows, collector: Collector
) -> dict[int, dict[str, str]]:
    """Rows in force to keep, by the place of the row that jumped."""
    before = {_key(row, table.keys): row for row in old_rows}
    given = {_key(row, table.keys) for row in new_rows}
    # Where the unit is a part of the key, a row of another unit looks like a new one.
    of_other_unit = {
        _key(row, _but_unit(table.keys)): row
        for key, row in before.items()
        if _UNIT in table.keys and key not in given
    }
    earlier = _by_day(table, old_rows)
    held = {}
    for i, row in enumerate(new_rows):
        old = before.get(_key(row, table.keys)) or of_other_unit.get(_key(row, _but_unit(table.keys)))
        old = old or _row_before(table, row, earlier)
        if old is None or any(is_confirmed(row.get(column, "")) for column in REMARKS):
            continue
        jumps = _jumps(table, row, old)
        for column, problem, remedy in jumps:
            collector.reject(
                row | {"file": file_of(table.name), "row": i + FIRST_DATA_ROW}, column, problem, remedy
            )
        if jumps:
            held[i] = old
    return held


def _by_day(table: EvidenceTable, rows: Rows) -> dict[tuple[str, ...], Rows]:
    """Rows that follow one another in time, by what they are about; none where no day is in the key."""
    day = table.known_since
    followed: dict[tuple[str, ...], Rows] = {}
    for row in sorted(rows, key=lambda row: row[day]) if day in table.keys else ():
        followed.setdefault(_key(row, _but_day(table)), []).append(row)
    return followed


def _row_before(
    table: EvidenceTable, row: dict[str, str], by_day: Mapping[tuple[str, ...], Rows]
) -> dict[str, str] | None:
    """Find the row in force that a row of a later day takes over from; None where there is none."""
    day = table.known_since
    same = by_day.get(_key(row, _but_day(table)), []) if day in table.keys else []
    return next((old for old in reversed(same) if old[day] < row[day]), None)


def _but_day(table: EvidenceTable) -> list[str]:
    return [name for name in table.keys if name != table.known_since]


def _jumps(table: EvidenceTable, row: Mapping[str, str], old: Mapping[str, str]) -> list[_Jump]:
    """Cells that are too far from what was in force."""
    most = LARGEST_CHANGE.get(table.name, OF_OTHERS)
    remark = next(column for column in REMARKS if column in table.column_names)
    right = f"if it is right, begin its {remark} with '{CONFIRMED}' and say why; until then "
    if _UNIT in table.column_names and folded(row[_UNIT]) != folded(old[_UNIT]):
        problem = f"unit {row[_UNIT]!r} was {old[_UNIT]!r} the night before"
        return [_Jump(_UNIT, problem, f"{right}{old[_UNIT]} stays in force")]
    numbers = {name: (_number(name, row[name]), _number(name, old[name])) for name in _numbers(table)}
    known = [before for _, before in numbers.values() if before is not None and math.isfinite(before)]
    size = max(map(abs, known), default=0.0)
    found = []
    for name, (after, before) in numbers.items():
        if after is None or before is None or after == before or not math.isfinite(before):
            continue
        remedy = f"{right}{before:g} stays in force"
        if math.isnan(after):
            found.append(_Jump(name, f"{name} is empty, it was {before:g} the night before", remedy))
        elif _is_far(after, before, size, most):
            times = f", {after / before:.3g} times {before:g}," if before else f" after {before:g}"
            problem = f"{name} {after:g}{times} the night before; more than {most:g} times is held back"
            found.append(_Jump(name, problem, f"{_slip(after, before)}{remedy}"))
    return found


def _is_far(after: float, before: float, size: float, most: float) -> bool:
    """Compare by ratio; where one is zero or the sign changed, with the largest number of the row."""
    if after * before > 0:
        return abs(math.log(after / before)) > math.log(most)
    return abs(after) > most * size > 0


def _slip(after: float, before: float) -> str:
    """Name the power of ten, or the eight bits, that would explain a jump; '' where none does."""
    ratio = after / before if before else 0.0
    if ratio <= 0:
        return ""
    if abs(math.log(ratio / 8)) < 0.01 or abs(math.log(ratio * 8)) < 0.01:
        return "bits for bytes? "
    power = math.log10(ratio)
    near = round(power)
    named = {2: "percent for fraction, or per hundred units? ", -2: "fraction for percent? "}
    return named.get(near, "a slip of zeros? ") if near and abs(power - near) < 0.1 else ""


def _key(row: Mapping[str, str], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(folded(row[name]) for name in names)


def _but_unit(names: Iterable[str]) -> list[str]:
    return [name for name in names if name != _UNIT]


def _number(name: str, cell: str) -> float | None:
    """Give the number of a cell, nan where it is empty, None where the checks of cells will refuse it."""
    if not cell:
        return math.nan
    try:
        return number(name, cell)
    except CellError:
        return None


def as_text(cell: object) -> str:
    """Give the text of a cell in force, as a CSV would have it."""
    if isinstance(cell, float) and math.isfinite(cell):
        return repr(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    return "" if isinstance(cell, float) else text(cell)
