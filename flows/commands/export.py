"""`hbmcast export`: joint scenarios as a workbook, a row a draw and a column a quantity and period."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.cells import Lost, loss_lines
from flows.commands.formats import chosen_format, write_rows
from flows.commands.options import FormatOption, OutputOption, QuietOption, StateOption
from flows.commands.output import note
from flows.commands.staleness import note_staleness
from flows.runtime.errors import HbmcastError
from flows.runtime.preparation import check_state
from flows.runtime.settings import state_folder
from warehouse.atomic import written_whole

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SCENARIOS = 1_000
FIRST_YEAR = "2024"


def export(
    scenarios: Annotated[int, typer.Option("--scenarios", min=1, help="Draws wanted.")] = SCENARIOS,
    quantities: Annotated[
        str,
        typer.Option(help="Names with commas between, also of systems (equipment/tcb/usd/total), or all."),
    ] = "",
    quarters: Annotated[bool, typer.Option("--quarters", help="Quarters too, not only years.")] = False,
    first: Annotated[str, typer.Option("--from", help="First year.")] = FIRST_YEAR,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="As a workbook; the same as --format xlsx.")] = False,
    run: Annotated[str, typer.Option("--run", help="A run as `hbmcast compare` takes it.")] = "latest",
    format: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    state: StateOption = None,
) -> None:
    """Export joint scenarios: every row is one possible future, the same across all quantities and periods.

    A workbook has three sheets: the draws, the definitions of the quantities, and the run. Without --output
    it is called scenarios-DAY.xlsx. Draws are equally likely: means, ratios and correlations over rows are
    those of the forecast.
    """
    folder = state_folder(state)
    check_state(folder)
    from warehouse.joint import joint_values, published_runs, run_called
    from warehouse.read import quantities as known_quantities

    if xlsx and format not in (None, "xlsx"):
        raise HbmcastError(f"--xlsx and --format {format} contradict each other", "Leave one out")
    run_id = run_called(folder, run)
    row = published_runs(folder).set_index("run_id").loc[run_id]
    as_of = f"{row['as_of']:%Y-%m-%d}"
    wanted_format = "xlsx" if xlsx or (format is None and output is None) else format
    target = output or (Path(f"scenarios-{as_of}.xlsx") if wanted_format == "xlsx" else None)
    chosen = chosen_format(wanted_format, target)
    catalogue = known_quantities(folder)
    names = _names(quantities, catalogue)
    wide = joint_values(folder, run_id, names, _periods(first, quarters), scenarios)
    _refuse_what_is_missing(folder, names, wide, run_id)
    if len(wide) < scenarios:
        note(f"run {run_id} has {len(wide)} such draws, fewer than {scenarios}")
    # A weighted posterior takes a draw as often as its weight says.
    if repeated := int(wide.duplicated().sum()):
        note(f"{repeated} rows repeat another: run {run_id} rests on weighted draws, and a repetition counts")
    note_staleness(folder, of=(run_id,))
    draws = _table(wide)
    if chosen != "xlsx":
        write_rows(draws, chosen, target)
        return
    sheets = {
        "draws": draws,
        "definitions": _definitions(names, catalogue),
        "run": _about(run_id, row, len(wide), repeated),
    }
    drawn_of, in_periods = (list(wide.columns.get_level_values(level)) for level in ("quantity", "period"))
    headings = {"draws": [["quantity", *drawn_of], ["draw", *in_periods]]}
    _write(sheets, headings, target)


def _write(sheets: "dict[str, pa.Table]", headings: dict[str, list[list[str]]], target: Path | None) -> None:
    import sys

    from flows.commands.workbook import write_workbook

    lost = Lost()
    if target is None:
        write_workbook(sys.stdout.buffer, sheets, lost, headings)
    else:
        try:
            with written_whole(target) as unfinished, unfinished.open("wb") as file:
                write_workbook(file, sheets, lost, headings)
        except OSError as error:
            raise HbmcastError(f"{target} can't be written: {error.strerror or error}") from error
        note(f"{sheets['draws'].num_rows} scenarios in {target}")
    for line in loss_lines(lost):
        note(line)


def _names(asked: str, catalogue: "pd.DataFrame") -> list[str]:
    """Quantities by the words of --quantities: the headline ones, all of the chain, or those named."""
    if asked == "all":
        return [str(name) for name in catalogue["quantity"]]
    if not asked:
        return [str(name) for name in catalogue.loc[catalogue["headline"].astype(bool), "quantity"]]
    return list(dict.fromkeys(name.strip() for name in asked.split(",") if name.strip()))


def _periods(first: str, quarters: bool) -> list[str]:
    from models.vocabulary.periods import QUARTERS, YEARS

    if first not in YEARS:
        raise HbmcastError(
            f"--from {first!r} is no year of the forecast", f"Use one from {YEARS[0]} to {YEARS[-1]}"
        )
    years = [year for year in YEARS if year >= first]
    if not quarters:
        return years
    return sorted([*years, *(quarter for quarter in QUARTERS if first <= quarter[:4] <= YEARS[-1])])


def _refuse_what_is_missing(folder: Path, names: list[str], wide: "pd.DataFrame", run_id: str) -> None:
    from warehouse.joint import what_is_wrong

    there = set() if wide.empty else set(wide.columns.get_level_values("quantity"))
    if missing := [name for name in names if name not in there]:
        wrong = [line for name in missing if (line := what_is_wrong(folder, name, FIRST_YEAR))]
        raise HbmcastError("; ".join(wrong) or f"run {run_id} keeps no draws of {', '.join(missing)}")


def _table(wide: "pd.DataFrame") -> "pa.Table":
    """Draws as a table with columns named after quantity and period; float32 digits, as they were drawn."""
    import pyarrow as pa

    names = wide.columns.map(" ".join)
    columns = {str(name): wide[column].to_numpy() for name, column in zip(names, wide.columns, strict=True)}
    return pa.table({"draw": wide.index.to_numpy(), **columns})


def _definitions(names: list[str], catalogue: "pd.DataFrame") -> "pa.Table":
    import pyarrow as pa

    from dashboards.labels import quantity_title, system_title

    known = catalogue.set_index("quantity")
    years = {"sum": "sum of its quarters", "end": "its last quarter", "ratio": "ratio of the year's parts"}
    rows = []
    for name in names:
        if name in known.index:
            row = known.loc[name]
            how = years.get(str(row["yearly"]), str(row["yearly"]))
            rows.append((name, quantity_title(name), row["unit"], how, row["description"]))
        else:
            system, item, measure, part = [*name.split("/"), "", "", ""][:4]
            what = f"system {system}: {item}, {measure}, {part}; a row a year"
            rows.append((name, system_title(name), measure, "", what))
    heads = ("quantity", "title", "unit", "a year is", "description")
    return pa.table(dict(zip(heads, map(list, zip(*rows, strict=True)), strict=True)))


def _about(run_id: str, row: Any, n: int, repeated: int) -> "pa.Table":
    import pyarrow as pa

    facts = {
        "run": run_id,
        "as of": f"{row['as_of']:%Y-%m-%d}",
        "published (UTC)": f"{row['finished_at']:%Y-%m-%d %H:%M}",
        "scenarios": str(n),
        "of them repeat another": f"{repeated}; keep them, a draw stands as often as its weight says",
        "how to read it": "a row is one possible future of all quantities together; all are equally likely",
        "units": "those of the sheet definitions; take quantiles over rows last, after sums and ratios",
    }
    return pa.table({"what": list(facts), "value": list(facts.values())})
