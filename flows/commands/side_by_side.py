"""Two forecasts of the same quantities side by side in a terminal of 80 columns."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from flows.commands.output import terminal, terminal_table

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 80
Cells = Callable[[dict[str, Any], float], Sequence[str]]


def print_by_quantity(rows: "pd.DataFrame", measured: str, heads: Sequence[str], cells: Cells) -> None:
    """Print rows under the name and unit of their quantity.

    Parameters
    ----------
    rows : DataFrame
        ``quantity, period, unit`` and what `cells` reads.
    measured : str
        Column whose size decides the unit that is shown, as USD bn.
    heads : sequence of str
        Headings behind the period.
    cells : callable
        (row, what to divide its values by) to the cells under them.
    """
    from dashboards.labels import quantity_title, quantity_unit, system_title
    from models.vocabulary.rows import records

    lines: list[list[str]] = []
    starts = []
    for name, part in rows.groupby("quantity", sort=False):
        title = system_title(str(name)) if "/" in str(name) else quantity_title(str(name))
        divisor, unit = quantity_unit(str(name), str(part["unit"].iloc[0]), part[measured])
        starts.append(len(lines))
        names = [title, unit]
        for position, row in enumerate(records(part)):
            label = names[position] if position < len(names) else ""
            lines.append([label, row["period"], *cells(row, divisor)])
    columns = [("", False), ("Period", True), *((head, True) for head in heads)]
    terminal(WIDTH).print(terminal_table(columns, lines, sections=starts, overflow="fold"))


def span(row: dict[str, Any], prefix: str, divisor: float) -> str:
    """Write median and 90 % interval of one of the two: '55.8 (48.4-66.1)'.

    Parameters
    ----------
    row : dict
        With ``p05, p50, p95``, each behind the prefix and ``_``.
    prefix : str
    divisor : float
        Size of the unit shown in that of the row: 1e9 for USD bn of USD.
    """
    from dashboards.labels import number

    middle, low, high = (number(row[f"{prefix}_{level}"] / divisor) for level in ("p50", "p05", "p95"))
    return f"{middle} ({low}-{high})"
