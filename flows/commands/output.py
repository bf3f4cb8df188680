"""Output of commands: notes, tables for the terminal that fit it, numbers for a reader."""

import sys
from collections.abc import Collection, Iterable, Sequence
from typing import IO, TYPE_CHECKING

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
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines]


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
    return str(value)


def _cell_number(value: float) -> str:
    # Money to the dollar: 46,000,000,000.0001 is arithmetic, not knowledge.
    digits = 0 if abs(value) >= 1e6 else 4
    text = f"{value:,.{digits}f}" if 1e-3 <= abs(value) < 1e15 else f"{value:.6g}"
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def number_text(value: float) -> str:
    """Write a number for a reader: four digits that count, thousands apart."""
    size = abs(value)
    if size >= 1e9:
        return f"{value / 1e9:,.4g} bn"
    if size >= 1e6:
        return f"{value / 1e6:,.4g} m"
    return f"{value:,.0f}" if size >= 1e4 else f"{value:.4g}"
