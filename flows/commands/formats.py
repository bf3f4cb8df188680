"""Formats of an answer: chosen by --format or by the suffix of the file, written from Arrow."""

import json
import sys
from collections.abc import Iterable
from contextlib import suppress
from io import BytesIO, StringIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from flows.commands.cells import Lost, csv_cell, json_row, json_text, loss_lines, rows_of
from flows.commands.output import markdown, note, write_records, write_table
from flows.runtime.errors import HbmcastError
from warehouse.atomic import written_whole

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

# Format -> suffixes of files that are written so.
FORMATS: dict[str, tuple[str, ...]] = {
    "table": (".txt",),
    "records": (),
    "csv": (".csv",),
    "json": (".json",),
    "ndjson": (".ndjson", ".jsonl"),
    "markdown": (".md",),
    "parquet": (".parquet",),
    "arrow": (".arrow", ".feather"),
    "xlsx": (".xlsx",),
}
BINARY = ("parquet", "arrow", "xlsx")
BY_SUFFIX = {suffix: name for name, suffixes in FORMATS.items() for suffix in suffixes}
BYTE_ORDER_MARK = "\ufeff"


def chosen_format(format: str | None, output: Path | None = None, bom: bool = False) -> str:
    """Choose the format of an answer: the one asked for, else that of the file's suffix, else a table.

    Parameters
    ----------
    format : str or None
        As --format gives it.
    output : Path, optional
        File to write.
    bom : bool
        Whether a byte order mark is asked for.

    Raises
    ------
    HbmcastError
        The format is unknown, contradicts the suffix, can't go to a terminal, or has no byte order mark; or
        the suffix is none we know and no format is given.
    """
    by_suffix = BY_SUFFIX.get(output.suffix.lower()) if output else None
    if format is not None and format not in FORMATS:
        raise HbmcastError(f"--format {format!r} is unknown", f"Use one of {', '.join(FORMATS)}")
    if output and format is None and by_suffix is None:
        raise HbmcastError(
            f"{output}: its suffix says no format", f"Use one of {', '.join(BY_SUFFIX)}, or say --format"
        )
    text = ("table", "records", "markdown")
    if output and by_suffix and format not in (None, by_suffix) and not {format, by_suffix} <= set(text):
        raise HbmcastError(
            f"{output} is to be {by_suffix}, and --format says {format}",
            "Leave --format out, or change the suffix",
        )
    chosen = format or by_suffix or "table"
    if bom and chosen != "csv":
        raise HbmcastError(
            f"--bom is for csv, not for {chosen}", "Leave it out: other formats say how they are encoded"
        )
    if chosen in BINARY and output is None and sys.stdout.isatty():
        raise HbmcastError(f"{chosen} is no text for a terminal", "Add --output FILE, or pipe it into one")
    return chosen


def write_rows(answer: "pa.Table", format: str, output: Path | None = None, bom: bool = False) -> None:
    """Write an Arrow table in a format to a file, whole or not at all, or to standard output.

    Parameters
    ----------
    answer : Table
    format, output, bom : as of `chosen_format`

    Raises
    ------
    HbmcastError
        The file can't be written, or the format has no place for a column.
    """
    lost = Lost()
    whole = with_whole_numbers(answer)
    try:
        if output is None:
            _write(whole, format, sys.stdout, lost, bom)
        else:
            with written_whole(output) as unfinished:
                _write_file(whole, format, unfinished, lost, bom)
    except OSError as error:
        if output is None:
            raise
        raise HbmcastError(f"{output} can't be written: {error.strerror or error}") from error
    for line in loss_lines(lost):
        note(line)
    if output is not None:
        note(f"{answer.num_rows} rows in {output}")


def as_bytes(answer: "pa.Table", format: str) -> tuple[bytes, list[str]]:
    """Write an Arrow table in a format of files; gives also what should be said of it, as of lost digits."""
    lost, whole = Lost(), with_whole_numbers(answer)
    if format in BINARY:
        binary = BytesIO()
        _write_binary(whole, format, binary, lost)
        return binary.getvalue(), loss_lines(lost)
    text = StringIO()
    _write(whole, format, text, lost, False)
    return text.getvalue().encode(), loss_lines(lost)


def write_parts(
    parts: "dict[str, pd.DataFrame]", format: str, output: Path | None = None, bom: bool = False
) -> None:
    """Write several tables, to standard output under their headings; a workbook has a sheet for each.

    As JSON they are one object, else one table with the columns of all and a column `part`.

    Parameters
    ----------
    parts : dict of str to DataFrame
    format, output, bom : as of `chosen_format`
    """
    import pyarrow as pa

    tables = {name: pa.Table.from_pandas(table, preserve_index=False) for name, table in parts.items()}
    if format in ("table", "records", "markdown") and output is None:
        for name, table in tables.items():
            print(f"\n{name}:", flush=True)
            write_rows(table, format)
    elif format == "json":
        lost = Lost()
        _write_text(_parts_as_json(tables, lost), output)
        _say([*loss_lines(lost), *([f"{len(tables)} tables in {output}"] if output else [])])
    elif format == "xlsx" and output is not None:
        _write_sheets(tables, output)
    else:
        write_rows(_stacked(tables), format, output, bom)


def _parts_as_json(tables: "dict[str, pa.Table]", lost: Lost) -> str:
    text = StringIO()
    for position, (name, table) in enumerate(tables.items()):
        text.write(f"{', ' if position else '{'}{json.dumps(name, ensure_ascii=False)}: ")
        _write_json(table, text, lost)
    return text.getvalue() + "}\n"


def _stacked(tables: "dict[str, pa.Table]") -> "pa.Table":
    """One table under the other; a column of whole numbers stays one where another table lacks it."""
    import pyarrow as pa

    named = [table.append_column("part", pa.array([name] * len(table))) for name, table in tables.items()]
    kinds: dict[str, set[pa.DataType]] = {}
    for table in named:
        for field in table.schema:
            kinds.setdefault(field.name, set()).add(field.type)
    # The same name for numbers here and texts there: all are texts.
    mixed = {
        name
        for name, found in kinds.items()
        if len(found - {pa.null()}) > 1
        and not all(
            pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_null(kind)
            for kind in found
        )
    }
    as_texts = [
        table.cast(pa.schema([
            field.with_type(pa.string()) if field.name in mixed else field for field in table.schema]))
        for table in named
    ]  # fmt: skip
    return pa.concat_tables(as_texts, promote_options="permissive")


def _write_sheets(tables: "dict[str, pa.Table]", output: Path) -> None:
    from flows.commands.workbook import write_workbook

    lost = Lost()
    try:
        with written_whole(output) as unfinished, unfinished.open("wb") as file:
            write_workbook(file, tables, lost)
    except OSError as error:
        raise HbmcastError(f"{output} can't be written: {error.strerror or error}") from error
    _say([*loss_lines(lost), f"{len(tables)} sheets in {output}"])


def write_object(answer: object, output: Path | None = None) -> None:
    """Write what is no table as JSON, to a file or to standard output."""
    lost = Lost()
    _write_text(json_text(answer, lost, margin="") + "\n", output)
    _say([*loss_lines(lost), *([f"written: {output}"] if output else [])])


def _write_text(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        with written_whole(output) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
    except OSError as error:
        raise HbmcastError(f"{output} can't be written: {error.strerror or error}") from error


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        note(line)


def with_whole_numbers(answer: "pa.Table") -> "pa.Table":
    """Turn decimals without places into 64-bit integers where all fit: DuckDB sums integers into wider ones.

    A reader of Parquet, Arrow or a workbook then finds a number where it would find a decimal of 38 digits.
    """
    import pyarrow as pa

    for position, field in enumerate(answer.schema):
        if pa.types.is_decimal(field.type) and field.type.scale == 0:
            with suppress(pa.ArrowInvalid):
                whole = answer.column(position).cast(pa.int64())
                answer = answer.set_column(position, field.name, whole)
    return answer


def _write_file(answer: "pa.Table", format: str, path: Path, lost: Lost, bom: bool) -> None:
    if format in BINARY:
        with path.open("wb") as file:
            _write_binary(answer, format, file, lost)
    else:
        with path.open("w", encoding="utf-8", newline="") as text:
            _write(answer, format, text, lost, bom)


def _write(answer: "pa.Table", format: str, file: IO[str], lost: Lost, bom: bool) -> None:
    if format in BINARY:
        _write_binary(answer, format, sys.stdout.buffer, lost)
    elif format == "csv":
        _write_csv(answer, file, lost, bom)
    elif format == "json":
        _write_json(answer, file, lost)
    elif format == "ndjson":
        file.writelines(json_row(answer.column_names, row, lost) + "\n" for row in rows_of(answer))
    elif format == "markdown":
        file.writelines(markdown(answer))
    elif format == "records":
        write_records(answer, file)
    else:
        write_table(answer, file)


def _write_csv(answer: "pa.Table", file: IO[str], lost: Lost, bom: bool) -> None:
    import csv

    if bom:
        file.write(BYTE_ORDER_MARK)
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([csv_cell(name, lost) for name in answer.column_names])
    writer.writerows([csv_cell(value, lost) for value in row] for row in rows_of(answer))


def _write_json(answer: "pa.Table", file: IO[str], lost: Lost) -> None:
    rows: Iterable[str] = (json_row(answer.column_names, row, lost) for row in rows_of(answer))
    file.write("[")
    for position, row in enumerate(rows):
        file.write(f"{',' if position else ''}\n {row}")
    file.write("\n]\n")


def _write_binary(answer: "pa.Table", format: str, file: BinaryIO, lost: Lost) -> None:
    import pyarrow as pa

    if format == "xlsx":
        from flows.commands.workbook import write_workbook

        write_workbook(file, {"answer": answer}, lost)
        return
    try:
        if format == "parquet":
            import pyarrow.parquet as pq

            pq.write_table(answer, file, compression="zstd")
        else:
            with pa.ipc.new_file(file, answer.schema) as writer:
                writer.write_table(answer)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
        raise HbmcastError(
            f"{format} has no place for a column: {error}", "Cast it in the query, to VARCHAR say"
        ) from error
