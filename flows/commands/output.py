"""Output of commands: notes, tables for the terminal that fit it, numbers for a reader."""

import math
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console, OverflowMethod
    from rich.table import Table

SHOWN_ROWS = 200
# A table too wide for the terminal is written record by record up to here, else with fewer columns.
SHOWN_RECORDS = 5
# Characters in a line where nobody sees where it ends.
UNFOLDED = 10_000
# Texts may be folded to this; numbers never, and words no longer than this neither: a run's id has 35.
NARROWEST_TEXT, LONGEST_WORD = 12, 36
# What is smaller is nothing to a reader: the share of a product before it exists.
NOTHING = 1e-9
# 87,177,978,871.2 is arithmetic, not knowledge: no source prints more digits than these, and a file has all.
# Of what is below a thousandth FEW are enough.
DIGITS, DECIMALS, FEW = 6, 4, 3
# Beyond these a number is written with its power of ten.
SMALLEST, LARGEST = 1e-5, 1e15
# Columns of a forecast by what a reader misses most, and those that go first where not all fit.
RANKS = (("p50",), ("p05", "p95"))
INNER, ERRORS = ("p10", "p25", "p75", "p90"), "mcse_"
QUANTILES = ("p05", "p50", "p95", *INNER)
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

    What is the same in all rows is then said once below, and the inner quantiles go before the median does.
    Where no terminal is, nobody folds: whole cells in one line.
    """
    shown = answer.slice(0, SHOWN_ROWS)
    cells = [[_cell(value) for value in column.to_pylist()] for column in shown.columns]
    console = terminal(file=file)
    whole = console.width if file.isatty() else UNFOLDED
    texts = [[field.name, *column] for field, column in zip(shown.schema, cells, strict=True)]
    least = [_least_width(field, column) for field, column in zip(shown.schema, texts, strict=True)]
    fits = columns_that_fit(least, whole) == len(least)
    kept = list(range(len(least))) if fits else _kept_columns(shown.column_names, cells, least, whole)
    # One column may go, and is named below: a few rows are compared side by side all the same.
    if not fits and answer.num_rows <= SHOWN_RECORDS and len(kept) < len(_telling(cells)) - 1:
        write_records(answer, file)
        return
    room = widths_of([least[at] for at in kept], [max(map(len, texts[at])) for at in kept], whole)
    columns = [
        (shown.schema[at].name, _is_number(shown.schema[at]), width)
        for at, width in zip(kept, room, strict=True)
    ]
    rows = zip(*(cells[at] for at in kept), strict=True)
    console.print(terminal_table(columns, rows, overflow="fold"), soft_wrap=not file.isatty())
    for line in _left_out(shown.column_names, cells, kept):
        console.print(line, markup=False, highlight=False)
    if answer.num_rows > SHOWN_ROWS:
        console.print(f"{answer.num_rows - SHOWN_ROWS} more rows; --format csv gives them all")


def _least_width(field: "pa.Field", texts: Sequence[str]) -> int:
    """Characters that a column needs: numbers whole, texts at least their longest word."""
    if _is_number(field):
        return max(map(len, texts))
    longest = max((len(word) for text in texts for word in text.split()), default=0)
    return min(max(longest, NARROWEST_TEXT, len(texts[0])), LONGEST_WORD, max(map(len, texts)))


def _kept_columns(
    names: Sequence[str], cells: Sequence[Sequence[str]], least: Sequence[int], whole: int
) -> list[int]:
    """Positions of the columns that are shown where not all fit.

    First what names the rows, then the median, its interval, and the others; one too wide for what room is
    left makes way for narrower ones behind it. What is the same in all rows is not among them.
    """
    first_level = next((at for at, name in enumerate(names) if name in QUANTILES), len(names))

    def place(at: int) -> tuple[int, int]:
        name = names[at]
        if at < first_level < len(names):
            return 0, at
        rank = next((r for r, of_rank in enumerate(RANKS, start=1) if name in of_rank), len(RANKS) + 1)
        return rank + (name in INNER or name.startswith(ERRORS)), at

    kept: list[int] = []
    for at in sorted(_telling(cells), key=place):
        if not kept or columns_that_fit([least[i] for i in (*kept, at)], whole) > len(kept):
            kept.append(at)
    return sorted(kept)


def _telling(cells: Sequence[Sequence[str]]) -> list[int]:
    """Positions of the columns that are not the same in all rows; all, where none is."""
    return [at for at, column in enumerate(cells) if len(set(column)) > 1] or list(range(len(cells)))


def _left_out(names: Sequence[str], cells: Sequence[Sequence[str]], kept: Collection[int]) -> Iterator[str]:
    left = [at for at in range(len(names)) if at not in kept]
    same = [at for at in left if len(set(cells[at])) == 1]
    if same:
        yield "the same in all rows: " + ", ".join(f"{names[at]} {cells[at][0] or 'NULL'}" for at in same)
    if more := [names[at] for at in left if at not in same]:
        yield f"{len(more)} more columns: {', '.join(more)}; --format records shows all"


def widths_of(least: Sequence[int], natural: Sequence[int], whole: int) -> list[int]:
    """Widths of columns: what each needs, and of what is left over the narrow ones take theirs first.

    Parameters
    ----------
    least, natural : characters that each column needs, and those of its longest cell
    whole : characters of a line
    """
    spare = whole - 1 - sum(least) - BORDER * len(least)
    widths = list(least)
    by_wish = sorted(range(len(least)), key=lambda at: natural[at] - least[at])
    for position, at in enumerate(by_wish):
        more = max(0, min(natural[at] - least[at], spare // (len(by_wish) - position)))
        widths[at] += more
        spare -= more
    return widths


def columns_that_fit(widths: Sequence[int], whole: int) -> int:
    """Count the first columns of a table that fit side by side into so many characters; at least one."""
    used = 1
    for position, width in enumerate(widths):
        used += width + BORDER
        if used > whole:
            return max(position, 1)
    return len(widths)


def write_records(answer: "pa.Table", file: IO[str]) -> None:
    """Write each row as a block of lines, a name and its value each; in a terminal long values are folded."""
    names = answer.column_names
    longest = max(map(len, names), default=0)
    width = max(terminal(file=file).width - longest - 2, NARROWEST_TEXT) if file.isatty() else UNFOLDED
    columns = [column.to_pylist() for column in answer.slice(0, SHOWN_ROWS).columns]
    for number, row in enumerate(zip(*columns, strict=True), start=1):
        file.write(f"-- {number} of {answer.num_rows}\n")
        for name, value in zip(names, row, strict=True):
            lines = wrap(_cell(value), width, break_on_hyphens=False) or [""]
            file.write(f"{name:<{longest}}  {lines[0]}\n")
            file.writelines(f"{'':<{longest}}  {line}\n" for line in lines[1:])
    if answer.num_rows > SHOWN_ROWS:
        file.write(f"{answer.num_rows - SHOWN_ROWS} more rows; --format csv gives them all\n")


def _is_number(field: "pa.Field") -> bool:
    return str(field.type).startswith(("int", "uint", "float", "double", "decimal"))


def terminal_table(
    columns: Iterable[tuple[str, bool] | tuple[str, bool, int]],
    rows: Iterable[Sequence[str]],
    *,
    sections: Collection[int] = (),
    no_wrap: bool = False,
    overflow: "OverflowMethod" = "ellipsis",
) -> "Table":
    """Lay out rows of text as a table for the terminal: the one form of all commands.

    Parameters
    ----------
    columns : iterable of (str, bool) or (str, bool, int)
        Heading of each column, whether it stands to the right, as numbers do, and its width.
    rows : iterable of sequence of str
        Cells as they shall be read: none of their signs is taken for markup.
    sections : collection of int
        Positions of rows with a line above them.
    no_wrap, overflow
        What becomes of a cell that is too long, as in rich.
    """
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for name, right, *width in columns:
        # Of a number cut in two nobody sees that it is one.
        table.add_column(
            Text(name),
            justify="right" if right else "left",
            no_wrap=no_wrap or right,
            overflow=overflow,
            width=width[0] if width else None,
        )
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
    if 0 < abs(value) < NOTHING:
        return f"{'<' if value > 0 else '>-'}{NOTHING:.0e}"
    if not SMALLEST <= abs(value) < LARGEST:
        return f"{value:.{FEW}g}"
    # How many digits stand before the point; of what is below one, less than none.
    whole = math.floor(math.log10(abs(value))) + 1
    decimals = FEW - whole if abs(value) < 1e-3 else min(DIGITS - whole, DECIMALS)
    text = f"{round(value, decimals):,.{max(decimals, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def interval(unit: str, row: Mapping[str, Any], prefix: str = "") -> str:
    """Write median and 90 % interval of a row: '55.8 USD bn (48.5 to 66.0)'.

    Parameters
    ----------
    unit, prefix : str
    row : mapping with ``p05, p50, p95``, each behind the prefix
    """
    from dashboards.labels import amounts

    middle, low, high, words = amounts(unit, *(row[f"{prefix}{level}"] for level in ("p50", "p05", "p95")))
    return f"{f'{middle} {words}'.rstrip()} ({low} to {high})"


def printed(unit: str, value: float | None, low: float | None, high: float | None) -> str:
    """Write number or bounds of a figure, with all digits that were printed: 'over 80 USD bn'.

    Parameters
    ----------
    unit : str
    value, low, high : float or None
        In the unit; one at least. Beside a value the bounds are left out.
    """
    from dashboards.labels import amounts

    given = [end for end in ((low, high) if value is None else (value,)) if end is not None]
    *numbers, words = amounts(unit, *given, digits=0)
    bound = "" if value is not None or len(given) == 2 else "over " if high is None else "under "
    return f"{bound}{' to '.join(numbers)} {words}".strip()
