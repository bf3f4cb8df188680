"""`hbmcast show`: the headline table in the terminal, and what to know before believing it."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.formats import chosen_format, write_object, write_rows
from flows.commands.options import FormatOption, OutputOption, QuietOption, StateOption
from flows.commands.output import is_quiet, note, terminal, terminal_table
from flows.commands.staleness import loud
from flows.runtime import journal
from flows.runtime.errors import HbmcastError
from flows.runtime.preparation import check_state
from flows.runtime.settings import state_folder

if TYPE_CHECKING:
    from warehouse.shown import Rows, Shown

WIDTH = 80
SHOWN_NOTES = 3
YEAR = len("2026")
FORECAST_COLUMNS = ("quantity", "period", "unit", "p05", "p10", "p25", "p50", "p75", "p90", "p95", "mean")


def show(
    run: Annotated[str | None, typer.Option("--run", help="Run id; default: the latest published.")] = None,
    format: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    state: StateOption = None,
) -> None:
    """Show the headline table: medians, 50 % and 90 % intervals per year, and what binds.

    As json with the run, its age and every warning; in other formats the rows of the forecast.
    """
    chosen = chosen_format(format, output)
    folder = state_folder(state)
    check_state(folder)
    seen = _seen(folder, run)
    if chosen == "table" and output is None:
        _print(folder, seen)
    elif chosen == "json":
        write_object(as_json(folder, seen), output)
    elif chosen == "table":
        raise HbmcastError("show writes no table to a file", "Redirect it, or use csv, json, xlsx or parquet")
    else:
        import pyarrow as pa

        rows = headline_rows(seen.forecast)
        write_rows(pa.Table.from_pylist(rows), chosen, output)
        for line in (*warnings(folder, seen), *_old_evidence(seen)):
            note(line)


def _seen(folder: Path, run: str | None) -> "Shown":
    from warehouse.shown import shown

    seen = shown(folder, run)
    if seen.run is None and run is None:
        raise HbmcastError(f"Nothing is published yet in {folder}", "Run `hbmcast nightly`")
    if seen.run is None or not seen.forecast:
        remedy = 'See `hbmcast sql "select run_id, status from runs"`'
        raise HbmcastError(f"There is no published run {run}", remedy)
    return seen


def _print(folder: Path, seen: "Shown") -> None:
    from dashboards.tables import headline_rows as rows_of_headline
    from dashboards.tables import score_line

    run = run_of(seen)
    headline = rows_of_headline(seen.forecast, seen.binding)
    table = terminal_table(
        [("", False), ("Year", True), ("Median", True), ("50 % interval", True), ("90 % interval", True)],
        _two_in_one_column(headline),
        sections=[at for at, row in enumerate(headline) if at and row[0] != headline[at - 1][0]],
        no_wrap=True,
    )
    console = terminal(WIDTH)
    console.print(f"[bold]HBM and CoWoS forecast as of {run['as_of']:%Y-%m-%d}[/bold]", highlight=False)
    console.print(f"run {run['run_id']}", highlight=False)
    console.print(table)
    lines = warnings(folder, seen)
    if not is_quiet():
        basis = "Intervals are equal-tailed; they rest on the evidence in hand and on the assumptions."
        lines = [
            *(basis, evidence_age(seen.diagnostics), score_line(seen.scoreboard)),
            *note_lines(folder),
            *lines,
        ]
    for line in lines:
        # Whoever pipes it wants whole lines.
        console.print(line, markup=False, highlight=False, soft_wrap=not console.is_terminal)


def run_of(seen: "Shown") -> dict[str, Any]:
    """Row of the run that is shown."""
    assert seen.run is not None, "said before"
    return seen.run


def _two_in_one_column(headline: Sequence[tuple[str, ...]]) -> Iterator[list[str]]:
    """Rows of the headline table, name and unit of a quantity under each other in the first column."""
    for name, part in groupby(headline, key=lambda row: row[0]):
        for position, (_, unit, *numbers) in enumerate(part):
            names = [f"{name}, %"] if unit == "%" else [name, unit]
            yield [names[position] if position < len(names) else "", *numbers]


def headline_rows(forecast: "Rows") -> "Rows":
    """Rows of a forecast that are about headline quantities: years and quarters, whole numbers of a unit."""
    from dashboards.tables import headline_quantities

    wanted = headline_quantities()
    rows = [{name: row[name] for name in FORECAST_COLUMNS} for row in forecast if row["quantity"] in wanted]
    return sorted(rows, key=lambda row: (row["quantity"], row["period"]))


def as_json(folder: Path, seen: "Shown") -> dict[str, Any]:
    """Give what `show` says as plain values: the run, its warnings, the headline years, and what binds."""
    from dashboards.labels import quantity_title
    from warehouse.notes import notes_of

    run, fresh = run_of(seen), seen.freshness or {}
    rows = headline_rows([row for row in seen.forecast if len(row["period"]) == YEAR])
    return {
        "run_id": run["run_id"],
        "as_of": f"{run['as_of']:%Y-%m-%d}",
        "published_at": f"{run['finished_at']:%Y-%m-%dT%H:%M:%SZ}",
        "served": fresh.get("served_run_id") == run["run_id"],
        "stale": bool(fresh.get("stale")),
        "warnings": warnings(folder, seen),
        "evidence": evidence_age(seen.diagnostics),
        "notes": notes_of(folder),
        "forecast": [{"title": quantity_title(str(row["quantity"])), **row} for row in rows],
        "binding": [
            {name: row[name] for name in ("period", "stage", "probability")}
            for row in seen.binding
            if len(row["period"]) == YEAR
        ],
    }


def evidence_age(diagnostics: "Rows") -> str:
    """Say how old the newest figure of each topic was at the as-of day, oldest first."""
    from dashboards.staleness import old_line, oldest_first
    from dashboards.tables import ages_in_words, evidence_ages

    ages = evidence_ages(diagnostics)
    if not ages:
        return "How old the evidence is was not measured in this run"
    words = ages_in_words(oldest_first(ages))
    return loud(old_line(ages, with_others=True)) or words[:1].upper() + words[1:]


def _old_evidence(seen: "Shown") -> list[str]:
    """One line where a topic of the run on show has old evidence."""
    from dashboards.staleness import old_line
    from dashboards.tables import evidence_ages

    return [loud(line)] if (line := old_line(evidence_ages(seen.diagnostics))) else []


def note_lines(folder: Path) -> list[str]:
    """Say what reviewers wrote last of this run and of those before it."""
    from warehouse.notes import notes_of

    notes = notes_of(folder)
    lines = []
    for row in notes[:SHOWN_NOTES]:
        about = f", {row['about']}" if row["about"] else ""
        who = f" by {row['reviewer']}" if row["reviewer"] else ""
        words = f": {' '.join(row['comment'].split())}" if row["comment"] else ""
        lines.append(f"Note{who}: {row['verdict']} on {row['run_id'] or row['file']}{about}{words}")
    older = len(notes) - len(lines)
    return [*lines, f"{older} older notes stand on the page and in the review app"] if older else lines


def warnings(folder: Path, seen: "Shown") -> list[str]:
    """Say in lines why the forecast on show may be old: by the clock, a failed attempt, a run in progress."""
    from dashboards.staleness import stale_line

    fresh = seen.freshness
    if fresh and fresh["served_run_id"] != run_of(seen)["run_id"]:
        served = f"{fresh['served_run_id']} as of {fresh['served_as_of']}"
        return [f"Not the forecast served, which is {served}; see `hbmcast show`"]
    lines = [loud(line)] if (line := stale_line(fresh)) else []
    if journal.is_locked(folder):
        lines.append(journal.running_line(folder))
    return lines
