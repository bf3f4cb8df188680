"""Output of commands: rows as table, CSV, JSON or Parquet, tables for the terminal, formatted numbers."""

import sys
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from flows.runtime.errors import HbmcastError
from warehouse.atomic import written_whole

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from rich.console import Console, OverflowMethod
    from rich.table import Table

FORMATS = ("table", "csv", "json", "parquet", "markdown")
SHOWN_ROWS = 200
# Characters in a line where nobody sees where it ends.
UNFOLDED = 10_000


def known_format(format: str) -> None:
    """Refuse an output format we can't write.

    Raises
    ------
    HbmcastError
        Naming those we can.
    """
    if format not in FORMATS:
        raise HbmcastError(f"--format {format!r} is unknown", f"Use one of {', '.join(FORMATS)}")


def write_rows(answer: "pa.Table", format: str, output: Path | None) -> None:
    """Write an Arrow table in a format to a file, whole or not at all, or to standard output."""
    if output is None:
        _write(answer, format, sys.stdout)
        return
    try:
        with written_whole(output) as unfinished:
            if format == "parquet":
                import pyarrow.parquet as pq

                pq.write_table(answer, unfinished, compression="zstd")
            else:
                with unfinished.open("w", encoding="utf-8", newline="") as file:
                    _write(answer, format, file)
    except OSError as error:
        raise HbmcastError(f"{output} can't be written: {error.strerror or error}") from error
    print(f"{answer.num_rows} rows in {output}", file=sys.stderr)


def write_parts(parts: "dict[str, pd.DataFrame]", format: str) -> None:
    """Write several tables to standard output, under their headings; as JSON one object, else one table.

    That one has the columns of all and a column `part`.
    """
    import pandas as pd
    import pyarrow as pa

    if format == "json":
        import json

        whole = {name: json.loads(table.to_json(orient="records")) for name, table in parts.items()}
        print(json.dumps(whole, ensure_ascii=False, indent=1))
    elif format in ("csv", "parquet"):
        stacked = pd.concat([table.assign(part=name) for name, table in parts.items()], ignore_index=True)
        write_rows(pa.Table.from_pandas(stacked, preserve_index=False), format, None)
    else:
        for name, table in parts.items():
            print(f"\n{name}:", flush=True)
            write_rows(pa.Table.from_pandas(table, preserve_index=False), format, None)


def _write(answer: "pa.Table", format: str, file: TextIO) -> None:
    if format == "csv":
        answer.to_pandas(date_as_object=True).to_csv(file, index=False, lineterminator="\n")
    elif format == "json":
        import json

        json.dump(answer.to_pylist(), file, default=str, ensure_ascii=False, indent=1)
        file.write("\n")
    elif format == "parquet":
        import pyarrow.parquet as pq

        pq.write_table(answer, file.buffer, compression="zstd")
    elif format == "markdown":
        rows = zip(
            *([_cell(value) for value in column.to_pylist()] for column in answer.columns), strict=True
        )
        lines = [answer.column_names, ["---"] * answer.num_columns, *rows]
        file.writelines("| " + " | ".join(line) + " |\n" for line in lines)
    else:
        _write_table(answer, file)


def _write_table(answer: "pa.Table", file: TextIO) -> None:
    numbers = ("int", "uint", "float", "double", "decimal")
    columns = [(column.name, str(column.type).startswith(numbers)) for column in answer.schema]
    shown = answer.slice(0, SHOWN_ROWS)
    rows = zip(*([_cell(value) for value in column.to_pylist()] for column in shown.columns), strict=True)
    console = terminal(file=file)
    console.print(terminal_table(columns, rows), soft_wrap=not file.isatty())
    if answer.num_rows > SHOWN_ROWS:
        console.print(f"{answer.num_rows - SHOWN_ROWS} more rows; --format csv gives them all")


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
        table.add_column(Text(name), justify="right" if right else "left", no_wrap=no_wrap, overflow=overflow)
    for position, row in enumerate(rows):
        if position and position in sections:
            table.add_section()
        table.add_row(*map(Text, row))
    return table


def terminal(width: int = UNFOLDED, file: TextIO | None = None) -> "Console":
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
