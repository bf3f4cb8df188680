"""Rows of a table against its description: a pydantic model a table, and rules between cells."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from typing import Annotated, Any, NamedTuple, cast

from pydantic import BaseModel, PlainValidator, ValidationError, ValidationInfo, create_model

from models.evidence.checks.cells import CellError, read_cell
from models.evidence.checks.rows import Collector, unique
from models.vocabulary.printed_text import SignError, plain_name
from models.vocabulary.tables import Column, EvidenceTable

WHOLE_TOLERANCE = 0.005
"""Shares printed to two digits may miss one by so much."""


Known = dict[str, Collection[str]]
"""Names that only the evidence itself knows, by vocabulary (`Column.refers`)."""


class Rule(NamedTuple):
    """What must hold between cells of a row.

    Attributes
    ----------
    needs : tuple of str
        Columns that must have been readable.
    check : callable (values)
        Raises `CellError`; `values` are those of the row that could be read.
    """

    needs: tuple[str, ...]
    check: Callable[[Mapping[str, Any]], None]


@dataclass
class Surroundings:
    """What a row is held against besides its own description.

    Attributes
    ----------
    today : datetime.date
    known : dict of str to collection of str
        Names by vocabulary (`Column.refers`).
    values : dict
        Cells of the present row that could be read.
    """

    today: date
    known: Known = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


@cache
def row_model(table: EvidenceTable) -> type[BaseModel]:
    """Pydantic model of a row: a field a column, read as `models.evidence.checks.cells.read_cell` does."""
    fields: dict[str, Any] = {
        column.name: (Annotated[Any, PlainValidator(partial(_read, column))], ...) for column in table.columns
    }
    return create_model(f"{table.name}_row", **fields)


def checked_rows(
    table: EvidenceTable,
    rows: list[dict],
    collector: Collector,
    known: Known | None = None,
    rules: Iterable[Rule] = (),
) -> list[dict]:
    """Check rows: a key once, every cell as described, then the rules.

    Parameters
    ----------
    table : EvidenceTable
    rows : list of dict of str
        With `file` and `row`, as `models.evidence.checks.rows.records` reads them.
    collector : Collector
        Takes what is wrong: file, row, field, value, problem, remedy.
    known : dict of str to collection of str
        Names by vocabulary (`Column.refers`).
    rules : iterable of Rule
        Besides those that follow from the description (`EvidenceTable.ordered`, `sum_to_one`).

    Returns
    -------
    list of dict
        Good rows, cells as `read_cell` gives them.
    """
    return collector.kept(judged_rows(table, rows, collector, known, rules))


def judged_rows(
    table: EvidenceTable,
    rows: list[dict],
    collector: Collector,
    known: Known | None = None,
    rules: Iterable[Rule] = (),
) -> list[dict]:
    """Check rows as `checked_rows` does, and give the bad ones too, their unreadable cells as printed.

    Parameters
    ----------
    table, rows, collector, known, rules
        As for `checked_rows`.

    Returns
    -------
    list of dict
        The first row of each key; what repeats a key is rejected and not among them.
    """
    surroundings = Surroundings(collector.today, known or {})
    all_rules = (*_described_rules(table), *rules)
    judged = []
    for row in unique(_plain_names(table, rows, collector), table.keys, collector):
        surroundings.values = {}
        try:
            row_model(table).model_validate(row, context=surroundings)
        except ValidationError as error:
            for found in error.errors():
                _reject(row, found["ctx"]["error"], collector)
        values = surroundings.values
        for rule in all_rules:
            if values.keys() >= set(rule.needs):
                try:
                    rule.check(values)
                except CellError as problem:
                    _reject(row, problem, collector)
        judged.append({**row, **values})
    return judged


def _read(column: Column, cell: str, info: ValidationInfo) -> str | float | int:
    surroundings = cast(Surroundings, info.context)
    value = read_cell(column, cell, surroundings.today, surroundings.known)
    surroundings.values[column.name] = value
    return value


def _plain_names(table: EvidenceTable, rows: list[dict], collector: Collector) -> list[dict]:
    """Rows whose names, days and periods are in plain letters; what only looks like one is refused."""
    named = [
        c.name for c in table.columns if c.name in table.keys or c.refers or c.words or c.reading or c.is_name
    ]
    plain = []
    for row in rows:
        made = dict(row)
        for column in named:
            try:
                made[column] = plain_name(row[column])
            except SignError as error:
                collector.reject(row, column, error.problem, error.remedy)
        changed = [column for column in named if made[column] != row[column]]
        for column in changed:
            collector.note_reading(row, column, made[column])
        if changed:
            collector.printed.setdefault((row["file"], int(row["row"])), row)
        plain.append(made)
    return plain


def _reject(row: dict, problem: CellError, collector: Collector) -> None:
    # A cell that could not be read is not also refused for what its text is not.
    if collector.has_problem(row, problem.column):
        return
    collector.reject(row, problem.column, problem.problem, problem.remedy)


def _described_rules(table: EvidenceTable) -> list[Rule]:
    rules = [Rule(pair, partial(_in_order, *pair)) for pair in table.ordered]
    if table.sum_to_one:
        rules.append(Rule(table.sum_to_one, partial(_whole, table.sum_to_one)))
    return rules


def _in_order(low: str, high: str, values: Mapping[str, Any]) -> None:
    if values[low] > values[high]:
        problem = f"{low} {values[low]:g} lies above {high} {values[high]:g}"
        raise CellError(low, problem, "swap the two, or mend the one that is wrong")


def _whole(shares: tuple[str, ...], values: Mapping[str, Any]) -> None:
    total = math.fsum(values[share] for share in shares)
    if abs(total - 1) > WHOLE_TOLERANCE:
        problem = f"{' + '.join(shares)} is {total:g}, not 1"
        raise CellError(shares[0], problem, "mend the shares so that they add up to 1")
