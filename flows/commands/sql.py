"""`hbmcast sql`: query the published forecast and write rows as table, CSV, JSON or Parquet."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import FormatOption, StateOption
from flows.commands.output import known_format, write_rows
from flows.runtime.errors import HbmcastError
from flows.runtime.settings import check_state, state_folder


def sql(
    query: Annotated[str, typer.Argument(help='SQL, read-only; "-" reads it from standard input.')],
    format: FormatOption = "table",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write instead.")] = None,
    state: StateOption = None,
) -> None:
    """Ask the published forecast a question in SQL."""
    asked = sys.stdin.read() if query == "-" else query
    known_format(format)
    if format == "parquet" and output is None and sys.stdout.isatty():
        raise HbmcastError("Parquet is no text for a terminal", "Add --output FILE, or pipe it into one")
    from warehouse.read import query as ask

    folder = state_folder(state)
    check_state(folder)
    write_rows(ask(folder, asked), format, output)
