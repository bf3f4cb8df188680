"""`hbmcast sql` and `hbmcast report`: answers to whom asks the published forecast."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from flows.runtime.errors import HbmcastError
from flows.runtime.settings import check_state, prepare_environment, state_folder
from warehouse.atomic import written_whole

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

FORMATS = ("table", "csv", "json", "parquet")
SHOWN_ROWS = 200


def answer_sql(query: str, *, format: str, output: Path | None, state: Path | None) -> None:
    """Run a query read-only and write its rows.

    Parameters
    ----------
    query : str
        SQL; several statements are allowed, the last gives the rows.
    format : {'table', 'csv', 'json', 'parquet'}
        How the rows are written. A table shows at most 200 rows and says how many it leaves out.
    output : Path or None
        File; None writes to standard output.
    state : Path or None
        State folder.

    Raises
    ------
    HbmcastError
        When the format is unknown or the file can't be written.
    WarehouseError
        When nothing is published, or the query is refused.
    """
    known_format(format)
    if format == "parquet" and output is None and sys.stdout.isatty():
        raise HbmcastError("Parquet is no text for a terminal", "Add --output FILE, or pipe it into one")
    from warehouse.read import query as ask

    folder = state_folder(state)
    check_state(folder)
    write_rows(ask(folder, query), format, output)


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
    else:
        _write_table(answer, file)


def _write_table(answer: "pa.Table", file: TextIO) -> None:
    from rich.console import Console
    from rich.table import Table

    shown = answer.slice(0, SHOWN_ROWS)
    table = Table()
    for column in answer.schema:
        right = str(column.type).startswith(("int", "uint", "float", "double", "decimal"))
        table.add_column(column.name, justify="right" if right else "left")
    for row in shown.to_pylist():
        table.add_row(*(_cell(value) for value in row.values()))
    # Without a terminal nothing is folded: who pipes a table wants whole cells.
    console = Console(file=file) if file.isatty() else Console(file=file, width=10_000)
    console.print(table, soft_wrap=not file.isatty())
    if answer.num_rows > SHOWN_ROWS:
        console.print(f"{answer.num_rows - SHOWN_ROWS} more rows; --format csv gives them all")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return _cell_number(value)
    return str(value).replace("[", r"\[")


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


def write_report_of(run_id: str | None, *, state: Path | None) -> None:
    """Write the HTML report of a run and print where it is."""
    folder = state_folder(state)
    check_state(folder)
    prepare_environment(folder)
    from dashboards.report import write_report

    print(write_report(folder, run_id))
