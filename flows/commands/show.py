"""`hbmcast show`: the headline table in the terminal, and what to know before believing it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.formats import chosen_format, write_rows
from flows.commands.options import FormatOption, OutputOption, QuietOption, StateOption
from flows.commands.output import is_quiet, note, terminal, terminal_table
from flows.night.headline import tables_of
from flows.runtime import journal
from flows.runtime.errors import HbmcastError
from flows.runtime.settings import check_state, state_folder

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 80
SHOWN_NOTES = 3
TABLES = ("forecast", "binding", "diagnostics")
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
    row, tables = tables_of(folder, run, TABLES)
    if chosen == "table" and output is None:
        _print(folder, row, tables)
    elif chosen == "json" and output is None:
        print(json.dumps(as_json(folder, row, tables), ensure_ascii=False, indent=1, allow_nan=False))
    elif chosen in ("table", "json"):
        raise HbmcastError(f"show writes no {chosen} to a file", "Redirect it, or use csv, xlsx or parquet")
    else:
        import pyarrow as pa

        rows = headline_rows(tables["forecast"])
        write_rows(pa.Table.from_pandas(rows, preserve_index=False), chosen, output)
        for line in warnings(folder, row):
            note(line)


def _print(folder: Path, row: dict[str, Any], tables: "dict[str, pd.DataFrame]") -> None:
    from dashboards.tables import headline_table, score_line
    from warehouse.scores import shown_scores

    headline = headline_table(tables["forecast"], tables["binding"])
    first = headline["Quantity"] != headline["Quantity"].shift()
    table = terminal_table(
        [("", False), ("Year", True), ("Median", True), ("50 % interval", True), ("90 % interval", True)],
        _two_in_one_column(headline),
        sections=[position for position, starts in enumerate(first) if starts],
        no_wrap=True,
    )
    console = terminal(WIDTH)
    console.print(f"[bold]HBM and CoWoS forecast as of {row['as_of']:%Y-%m-%d}[/bold]", highlight=False)
    console.print(f"run {row['run_id']}", highlight=False)
    console.print(table)
    lines = warnings(folder, row)
    if not is_quiet():
        board, _ = shown_scores(folder)
        basis = "Intervals are equal-tailed; they rest on the evidence in hand and on the assumptions."
        lines = [basis, evidence_age(tables["diagnostics"]), score_line(board), *note_lines(folder), *lines]
    for line in lines:
        # Whoever pipes it wants whole lines.
        console.print(line, markup=False, highlight=False, soft_wrap=not console.is_terminal)


def _two_in_one_column(headline: "pd.DataFrame") -> Iterator[list[str]]:
    """Rows of the headline table, name and unit of a quantity under each other in the first column."""
    for _, part in headline.groupby("Quantity", sort=False):
        name, unit = part["Quantity"].iloc[0], part["Unit"].iloc[0]
        names = [f"{name}, %"] if unit == "%" else [name, unit]
        for position, (_, _, *numbers) in enumerate(part.itertuples(index=False)):
            yield [names[position] if position < len(names) else "", *map(str, numbers)]


def headline_rows(forecast: "pd.DataFrame") -> "pd.DataFrame":
    """Rows of a forecast that are about headline quantities: years and quarters, whole numbers of a unit."""
    from dashboards.tables import headline_quantities

    rows = forecast[forecast["quantity"].isin(headline_quantities())]
    return rows[list(FORECAST_COLUMNS)].sort_values(["quantity", "period"], ignore_index=True)


def as_json(folder: Path, row: dict[str, Any], tables: "dict[str, pd.DataFrame]") -> dict[str, Any]:
    """Give what `show` says as plain values: the run, its warnings, the headline years, and what binds."""
    from dashboards.labels import quantity_title
    from warehouse.notes import read_notes
    from warehouse.read import freshness

    fresh = freshness(folder) or {}
    years = tables["forecast"][tables["forecast"]["period"].str.len() == 4]
    rows = headline_rows(years).to_dict("records")
    binding = tables["binding"]
    return {
        "run_id": row["run_id"],
        "as_of": f"{row['as_of']:%Y-%m-%d}",
        "published_at": f"{row['finished_at']:%Y-%m-%dT%H:%M:%SZ}",
        "served": fresh.get("served_run_id") == row["run_id"],
        "stale": bool(fresh.get("stale")),
        "warnings": warnings(folder, row),
        "evidence": evidence_age(tables["diagnostics"]),
        "notes": read_notes(folder).to_dict("records"),
        "forecast": [{"title": quantity_title(str(r["quantity"])), **r} for r in rows],
        "binding": binding.loc[binding["period"].str.len() == 4, ["period", "stage", "probability"]].to_dict(
            "records"
        ),
    }


def evidence_age(diagnostics: "pd.DataFrame") -> str:
    """Say how old the newest figure of each topic was at the as-of day, oldest first."""
    from dashboards.tables import ages_in_words, evidence_ages

    ages = evidence_ages(diagnostics).sort_values("value", ascending=False)
    if ages.empty:
        return "How old the evidence is was not measured in this run"
    words = ages_in_words(ages)
    return f"OLD EVIDENCE: {words}" if ages["is_old"].any() else words.capitalize()


def note_lines(folder: Path) -> list[str]:
    """Say what reviewers wrote last of this run and of those before it."""
    from models.vocabulary.rows import records
    from warehouse.notes import read_notes

    notes = read_notes(folder)
    lines = []
    for row in records(notes.head(SHOWN_NOTES)):
        about = f", {row['about']}" if row["about"] else ""
        who = f" by {row['reviewer']}" if row["reviewer"] else ""
        words = f": {' '.join(row['comment'].split())}" if row["comment"] else ""
        lines.append(f"Note{who}: {row['verdict']} on {row['run_id'] or row['file']}{about}{words}")
    older = len(notes) - len(lines)
    return [*lines, f"{older} older notes stand on the page and in the review app"] if older else lines


def warnings(folder: Path, run: dict[str, Any]) -> list[str]:
    """Say in lines why the forecast on show may be old: by the clock, a failed attempt, a run in progress."""
    from warehouse.read import freshness

    fresh = freshness(folder)
    if fresh and fresh["served_run_id"] != run["run_id"]:
        served = f"{fresh['served_run_id']} as of {fresh['served_as_of']}"
        return [f"Not the forecast served, which is {served}; see `hbmcast show`"]
    lines = []
    if fresh and fresh["stale"]:
        # A file of before the reason was said has only the one of the attempt.
        lines.append(f"STALE: {fresh.get('stale_reason') or fresh['last_attempt_reason']}")
    if journal.is_locked(folder):
        lines.append(journal.running_line(folder))
    return lines
