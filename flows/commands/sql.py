"""`hbmcast sql`: query the published forecast and write rows as a table or in a format of files."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.formats import chosen_format, write_rows
from flows.commands.options import BomOption, FormatOption, OutputOption, QuietOption, StateOption
from flows.commands.output import note
from flows.runtime.preparation import check_state
from flows.runtime.settings import state_folder

# Tables that are filled otherwise than by what their runs are.
FILLED_BY = {
    "backtests": "hbmcast backtest",
    "left_out": "hbmcast leave-out",
    "kept_scores": "hbmcast scoreboard --keep and a night",
    "frozen_scores": "hbmcast nightly, once an outcome of a frozen forecast is known",
    "rejected_figures": "hbmcast nightly, where it refuses rows of the evidence",
}


def sql(
    query: Annotated[str, typer.Argument(help='SQL, read-only; "-" reads it from standard input.')],
    format: FormatOption = None,
    output: OutputOption = None,
    bom: BomOption = False,
    files: Annotated[
        bool,
        typer.Option("--files", help="Let the query read and write files of this machine: read_csv, COPY."),
    ] = False,
    seconds: Annotated[float, typer.Option(help="After so many seconds the query is ended.")] = 600.0,
    quiet: QuietOption = False,
    state: StateOption = None,
) -> None:
    """Ask the published forecast a question in SQL.

    `FROM data_dictionary` lists every table, column, view and macro; warehouse/cookbook has worked questions.
    """
    asked = sys.stdin.read() if query == "-" else query
    chosen = chosen_format(format, output, bom)
    from warehouse.query import query as ask

    folder = state_folder(state)
    check_state(folder)
    answer = ask(folder, asked, confined=not files, seconds=seconds)
    write_rows(answer, chosen, output, bom)
    if answer.num_rows == 0:
        note(f"no rows: {'; '.join(what_fills(folder, asked)) or 'nothing meets the conditions'}")


def what_fills(folder: Path, query: str) -> list[str]:
    """Say which command fills the empty tables that a query reads, or makes the run it asks for."""
    from warehouse.query import empty_behind
    from warehouse.tables import EVIDENCE, RESULTS

    lines: dict[str, list[str]] = {}
    for table in empty_behind(folder, query):
        if table in FILLED_BY:
            command = FILLED_BY[table]
        elif table in EVIDENCE:
            command = "hbmcast nightly, from rows of the evidence folder"
        else:
            command = f"hbmcast {'backtest' if RESULTS[table].recorded == 'backtests' else 'nightly'}"
        lines[command] = [*lines.get(command, []), table]
    told = [f"{', '.join(tables)} is filled by {command}" for command, tables in lines.items()]
    if "forecast_as_of" in query.lower():
        told.append("hbmcast nightly --as-of DAY makes a run of an earlier day")
    return told
