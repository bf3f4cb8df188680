"""Rows of figures as printed, made plain: number, unit, period and names of a row are read together.

620億 beside 美元 is 62000000000 USD; 5-10 % is low 5 and high 10. The one place where what a person typed
turns into what the checks and the warehouse see, for the evidence folder, feeds and `hbmcast score` alike.
"""

from collections.abc import Hashable, Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Final

from models.evidence.checks.rows import Collector
from models.vocabulary.period_labels import read_label
from models.vocabulary.printed_amounts import PrintedNumber, is_plain
from models.vocabulary.printed_numbers import read_number
from models.vocabulary.printed_text import SignError, folded, plain_name, plain_text
from models.vocabulary.printed_units import SEVERAL, PrintedUnit, read_unit
from models.vocabulary.units import CURRENCIES, LINEAR, VALUE_COLUMNS

NAMES: Final = ("figure_id", "source_id", "origin_id", "metric", "entity", "segment", "kind", "definition")
OF_THE_NUMBER: Final = (
    *("scale", "currency", "ccy", "multiplier", "factor", "magnitude", "order of magnitude", "unit scale"),
    *("uom", "unit of measure", "denomination", "units of", "單位", "单位", "単位", "단위", "einheit"),
    *("通貨", "货币", "貨幣", "幣別", "币种", "통화", "währung", "devise", "倍率"),
)
"""Columns beside the header, by their folded name, that say how a number is meant: none is read."""
ONLY_OF_MONEY: Final = frozenset(("m", "t", "b", "T", "B"))
"""Letters that are a scale behind a sum of money, and a unit behind anything else."""


def columns_of_the_number(names: Iterable[Hashable]) -> list[str]:
    """Give the columns, of those of a table, that are in `OF_THE_NUMBER` however they are written."""
    return list(_of_the_number(tuple(map(str, names))))


@lru_cache(maxsize=256)
def _of_the_number(names: tuple[str, ...]) -> tuple[str, ...]:
    """Rows of a file all ask it of the same names."""
    return tuple(name for name in names if folded(name) in OF_THE_NUMBER)


def plain_figures(rows: Iterable[dict], collector: Collector) -> list[dict]:
    """Read rows of figures as printed.

    Parameters
    ----------
    rows : iterable of dict of str
        With `file` and `row`.
    collector : Collector
        Takes what can't be read, and under `read_as` what was printed in another way than it is kept.

    Returns
    -------
    list of dict of str
        The same rows; cells that could be read are plain (numbers as a program writes them, units and periods
        by their accepted names), others as printed.
    """
    return [_plain_figure(row, collector) for row in rows]


def _plain_figure(row: dict, collector: Collector) -> dict:
    plain = dict(row)

    def read(column: str, reader, *arguments) -> str | None:  # type: ignore[no-untyped-def]
        try:
            return reader(row[column], *arguments)
        except SignError as error:
            collector.reject(row, column, error.problem, error.remedy)
            return None

    for column in NAMES:
        plain[column] = read(column, plain_name) or row[column]
    if row["period"]:
        plain["period"] = read("period", read_label, plain["kind"]) or row["period"]
    if row["fiscal_year_end_month"]:
        plain["fiscal_year_end_month"] = (
            read("fiscal_year_end_month", plain_text) or row["fiscal_year_end_month"]
        )
    plain |= _plain_numbers(row, collector)
    _refuse_what_is_not_read(row, collector)
    changed = [column for column, cell in plain.items() if cell != row[column]]
    for column in changed:
        collector.note_reading(row, column, str(plain[column]))
    collector.printed[row["file"], int(row["row"])] = row
    return plain


def _refuse_what_is_not_read(row: dict, collector: Collector) -> None:
    """Refuse a cell of another column that says of the number what its unit does not."""
    for column in columns_of_the_number(row):
        cell = row[column]
        if folded(str(cell)) not in ("", "1", folded(row["unit"])):
            problem = f"the column {column!r} is not read, and says {cell!r} of the number"
            remedy = "write it into unit, with its scale, as 'billion USD', and empty the cell here"
            collector.reject(row, column, problem, remedy)


def _plain_numbers(row: dict, collector: Collector) -> dict[str, str]:
    """Read unit, value, low and high of a row; nothing comes back where they can't be read."""
    try:
        unit = read_unit(row["unit"])
    except SignError as error:
        collector.reject(row, "unit", error.problem, error.remedy)
        # Whatever else is wrong with the numbers is told at once.
        _read_numbers(row, PrintedUnit(""), collector)
        return {}
    read = _read_numbers(row, unit, collector)
    found = {number.unit for number in read.values() if number.unit and number.unit not in SEVERAL}
    name = unit.unit
    if not name and len(found) == 1:
        (name,) = found
    elif name in SEVERAL:
        named = sorted(found & set(SEVERAL[name]))
        if len(named) != 1:
            remedy = f"write {' or '.join(SEVERAL[name])}"
            collector.reject(row, "unit", f"unit {row['unit']!r} is that of several currencies", remedy)
            return {}
        name = named[0]
    if not name and (several := {unit for n in read.values() for unit in SEVERAL.get(n.unit, ())}):
        problem = f"unit is empty, and the number is in {' or '.join(sorted(several))}"
        collector.reject(row, "unit", problem, f"write {' or '.join(sorted(several))} into unit")
        return {}
    try:
        cells = {column: _cells(column, row, number, unit, name) for column, number in read.items()}
    except _CellError as error:
        collector.reject(row, error.column, error.problem, error.remedy)
        # The unit is known: that it is none is not what is wrong.
        return {"unit": name}
    collector.doubtful |= {
        (row["file"], int(row["row"]), column) for column, number in read.items() if number.doubtful
    }
    plain: dict[str, str] = {"unit": name}
    for of_column in cells.values():
        plain |= of_column
    return plain


def _read_numbers(row: dict, unit: PrintedUnit, collector: Collector) -> dict[str, PrintedNumber]:
    read = {}
    for column in VALUE_COLUMNS:
        cell = row[column]
        if not cell:
            continue
        # A unit repeated behind the number says nothing new.
        repeated = bool(unit.unit) and cell.endswith(row["unit"]) and not is_plain(cell)
        try:
            read[column] = read_number(cell.removesuffix(row["unit"]).strip() if repeated else cell)
        except SignError as error:
            collector.reject(row, column, f"{column} {error.problem}", error.remedy)
    return read


class _CellError(SignError):
    def __init__(self, column: str, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy)
        self.column = column


def _cells(column: str, row: dict, number: PrintedNumber, unit: PrintedUnit, name: str) -> dict[str, str]:
    """Plain cells that one printed number gives: its own, or low and high."""
    cell = row[column]
    factor = unit.scale * _percent(column, cell, number, name)
    above = name.partition("_per_")[0]
    if number.scale and (unit.sign or (above in LINEAR and "_" in above)):
        problem = f"{cell!r} has the scale {number.scale!r}, and so has the unit {row['unit']!r}"
        raise _CellError(column, problem, "leave one of them out")
    if ONLY_OF_MONEY.intersection(number.scale.split()) and above not in CURRENCIES:
        problem = f"{number.scale!r} in {cell!r} is a unit or a scale"
        raise _CellError(column, problem, "write all the digits, or million, billion, trillion")
    if "兆" in number.scale + unit.sign and above == "CNY":
        raise _CellError(column, f"兆 in {cell!r} is a million or 1e12 in China", "write all the digits")
    if number.value is not None:
        return {column: _text(number.value * factor, cell if factor == 1 else "")}
    if column != "value":
        problem = f"{column} {cell!r} is a range or a bound itself"
        raise _CellError(column, problem, "write its lower end into low, its upper end into high")
    if row["low"] or row["high"]:
        problem = f"value {cell!r} is a range or a bound, beside low and high"
        raise _CellError(column, problem, "leave value empty, or low and high")
    ends = {"low": number.low, "high": number.high}
    return {"value": "", **{end: _text(x * factor, "") for end, x in ends.items() if x is not None}}


def _percent(column: str, cell: str, number: PrintedNumber, name: str) -> Decimal:
    """Factor from the unit printed in the cell to that of the row; a contradiction is refused."""
    printed = number.unit
    if not printed or printed == name or name in SEVERAL.get(printed, ()):
        return Decimal(1)
    if (printed, name) == ("percent", "fraction"):
        return Decimal("0.01")
    # 14.3 USD beside USD_per_GB, 310K wafers beside wafers_per_month.
    if printed == name.partition("_per_")[0]:
        return Decimal(1)
    problem = f"{cell!r} is in {' or '.join(SEVERAL.get(printed, (printed,)))}, the unit column says {name}"
    raise _CellError(column, problem, "mend the one that is wrong")


def _text(value: Decimal, printed: str) -> str:
    """Write a number plainly; one that is plain already stays as it is."""
    if is_plain(printed):
        return printed
    value = value.normalize()
    return f"{value:f}" if -12 <= value.adjusted() <= 24 else f"{value:e}"
