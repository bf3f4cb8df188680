"""Output of commands: notes, tables for the terminal that fit it, numbers for a reader."""

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console, OverflowMethod
    from rich.table import Table

SHOWN_ROWS = 200
# A table too wide for the terminal is written record by record up to here, else with fewer columns.
SHOWN_RECORDS = 20
# Characters in a line where nobody sees where it ends.
UNFOLDED = 10_000
# Texts may be folded to this; numbers never.
NARROWEST_TEXT = 12
BORDER = 3

# A text of others must not steer the terminal that shows it.
_SHOWN_AS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if code not in (9, 10)}

_quiet = False


def be_quiet(quiet: bool) -> bool:
    """Say for a whole command line whether what only accompanies an answer is left out."""
    global _quiet
    _quiet = quiet
    return quiet


def be_quiet_too(quiet: bool) -> bool:
    """Leave it out where the command says so, behind `be_quiet`."""
    return be_quiet(quiet or _quiet)


def is_quiet() -> bool:
    """Whether only the answer is wanted."""
    return _quiet


def note(line: str) -> None:
    """Say on standard error what accompanies an answer, unless --quiet."""
    if not _quiet:
        print(line, file=sys.stderr)


def markdown(answer: "pa.Table") -> list[str]:
    """Lines of an Arrow table as Markdown."""
    rows = zip(*([_cell(value) for value in column.to_pylist()] for column in answer.columns), strict=True)
    lines = [answer.column_names, ["---"] * answer.num_columns, *rows]
    return ["| " + " | ".join(_in_one_line(cell) for cell in line) + " |\n" for line in lines]


def _in_one_line(cell: str) -> str:
    return " ".join(cell.replace("|", "\\|").split("\n"))


def write_table(answer: "pa.Table", file: IO[str]) -> None:
    """Write a table that fits the terminal: texts folded, else record by record, else with fewer columns.

    Where no terminal is, nobody folds: whole cells in one line.
    """
    shown = answer.slice(0, SHOWN_ROWS)
    cells = [[_cell(value) for value in column.to_pylist()] for column in shown.columns]
    console = terminal(file=file)
    folded = console.width if file.isatty() else UNFOLDED
    widths = [max(map(len, [name, *column])) for name, column in zip(shown.column_names, cells, strict=True)]
    least = [
        width if _is_number(field) else min(width, NARROWEST_TEXT)
        for field, width in zip(shown.schema, widths, strict=True)
    ]
    kept = columns_that_fit(least, folded)
    if kept < len(least) and answer.num_rows <= SHOWN_RECORDS:
        write_records(answer, file)
        return
    columns = [(field.name, _is_number(field)) for field in list(shown.schema)[:kept]]
    rows = zip(*cells[:kept], strict=True)
    console.print(terminal_table(columns, rows, overflow="fold"), soft_wrap=not file.isatty())
    if kept < len(least):
        left = ", ".join(shown.column_names[kept:])
        console.print(f"{len(least) - kept} more columns: {left}; --format records shows all", markup=False)
    if answer.num_rows > SHOWN_ROWS:
        console.print(f"{answer.num_rows - SHOWN_ROWS} more rows; --format csv gives them all")


def columns_that_fit(widths: Sequence[int], whole: int) -> int:
    """Count the first columns of a table that fit side by side into so many characters; at least one."""
    used = 1
    for position, width in enumerate(widths):
        used += width + BORDER
        if used > whole:
            return max(position, 1)
    return len(widths)


def write_records(answer: "pa.Table", file: IO[str]) -> None:
    """Write each row as a block of lines, a name and its value each."""
    names = answer.column_names
    longest = max(map(len, names), default=0)
    columns = [column.to_pylist() for column in answer.slice(0, SHOWN_ROWS).columns]
    for number, row in enumerate(zip(*columns, strict=True), start=1):
        file.write(f"-- {number} of {answer.num_rows}\n")
        file.writelines(
            f"{name:<{longest}}  {_cell(value)}\n" for name, value in zip(names, row, strict=True)
        )
    if answer.num_rows > SHOWN_ROWS:
        file.write(f"{answer.num_rows - SHOWN_ROWS} more rows; --format csv gives them all\n")


def _is_number(field: "pa.Field") -> bool:
    return str(field.type).startswith(("int", "uint", "float", "double", "decimal"))


def terminal_table(
    columns: Iterable[tuple[str, bool]],
    rows: Iterable[Sequence[str]],
    *,
    title: str | None = None,
    sections: Collection[int] = (),
    no_wrap: bool = False,
    overflow: "OverflowMethod" = "ellipsis",
) -> "Table":
    """Lay out rows of text as a table for the terminal: the one form of all commands.

    Parameters
    ----------
    columns : iterable of (str, bool)
        Heading of each column, and whether it stands to the right, as numbers do.
    rows : iterable of sequence of str
        Cells as they shall be read: none of their signs is taken for markup.
    title : str, optional
    sections : collection of int
        Positions of rows with a line above them.
    no_wrap, overflow
        What becomes of a cell that is too long, as in rich.
    """
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title)
    for name, right in columns:
        # Of a number cut in two nobody sees that it is one.
        whole = no_wrap or right
        table.add_column(Text(name), justify="right" if right else "left", no_wrap=whole, overflow=overflow)
    for position, row in enumerate(rows):
        if position and position in sections:
            table.add_section()
        table.add_row(*map(Text, row))
    return table


def terminal(width: int = UNFOLDED, file: IO[str] | None = None) -> "Console":
    """Open a terminal to print to; where there is none, so wide that by default nothing is folded.

    Who pipes a table wants whole cells.
    """
    from rich.console import Console

    at = file or sys.stdout
    return Console(file=file) if at.isatty() else Console(file=file, width=width)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return _cell_number(value)
    return str(value).translate(_SHOWN_AS)


def _cell_number(value: float) -> str:
    # Money to the dollar: 46,000,000,000.0001 is arithmetic, not knowledge.
    digits = 0 if abs(value) >= 1e6 else 4
    text = f"{value:,.{digits}f}" if 1e-3 <= abs(value) < 1e15 else f"{value:.6g}"
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def amounts(unit: str, *values: float, digits: int = 3) -> tuple[str, ...]:
    """Write numbers of one unit as a reader thinks of them, and last that unit: '55.8', '66.1', 'USD bn'.

    Parameters
    ----------
    unit : str
        As stored or printed, as 'USD' or 'fraction'.
    *values : float
        The first decides the size.
    digits : int
        Those that count; 0 for all that were printed.
    """
    from dashboards.labels import display_unit, number

    divisor, words = display_unit(unit, values[:1])
    sizes = [value / divisor for value in values]
    return (*(number(size, digits) if digits else f"{size:,.10g}" for size in sizes), words)


def interval(unit: str, row: Mapping[str, Any], prefix: str = "") -> str:
    """Write median and 90 % interval of a row: '55.8 USD bn (48.5 to 66.0)'."""
    middle, low, high, words = amounts(unit, *(row[f"{prefix}{level}"] for level in ("p50", "p05", "p95")))
    return f"{middle} {words} ({low} to {high})"


def printed(unit: str, value: float | None, low: float | None, high: float | None) -> str:
    """Write number or bounds of a figure, with all digits that were printed: 'over 80 USD bn'."""
    given = [end for end in ((low, high) if value is None else (value,)) if end is not None]
    *numbers, words = amounts(unit, *given, digits=0)
    bound = "" if value is not None or len(given) == 2 else "over " if high is None else "under "
    return f"{bound}{' to '.join(numbers)} {words}".strip()
