"""`hbmcast show`: the headline table in the terminal, and what to know before believing it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.options import StateOption
from flows.commands.output import terminal, terminal_table
from flows.night.headline import tables_of
from flows.runtime import journal
from flows.runtime.settings import check_state, state_folder

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 120


def show(
    run: Annotated[str | None, typer.Option("--run", help="Run id; default: the latest published.")] = None,
    state: StateOption = None,
) -> None:
    """Show the headline table: medians, 50 % and 90 % intervals per year, and what binds."""
    from dashboards.tables import headline_table, score_line
    from warehouse.scores import shown_scores

    folder = state_folder(state)
    check_state(folder)
    row, tables = tables_of(folder, run)
    headline = headline_table(tables["forecast"], tables["binding"])
    again = headline["Quantity"] == headline["Quantity"].shift()
    headline.loc[again, ["Quantity", "Unit"]] = ""
    table = terminal_table(
        [(name, name not in ("Quantity", "Unit")) for name in headline.columns],
        headline.itertuples(index=False),
        title=f"HBM and CoWoS forecast as of {row['as_of']:%Y-%m-%d}, run {row['run_id']}",
        sections=[position for position, same in enumerate(again) if not same],
        no_wrap=True,
    )
    console = terminal(WIDTH)
    console.print(table)
    console.print("Intervals are equal-tailed; they rest on the evidence in hand and on the assumptions.")
    board, _ = shown_scores(folder)
    for line in [evidence_age(tables["diagnostics"]), score_line(board), *warnings(folder, row)]:
        console.print(f"[bold]{line}[/bold]")


def evidence_age(diagnostics: "pd.DataFrame") -> str:
    """Say how old the newest figure of each topic was at the as-of day, oldest first."""
    from dashboards.tables import ages_in_words, evidence_ages

    ages = evidence_ages(diagnostics).sort_values("value", ascending=False)
    if ages.empty:
        return "How old the evidence is was not measured in this run"
    words = ages_in_words(ages)
    return f"OLD EVIDENCE: {words}" if ages["is_old"].any() else words.capitalize()


def warnings(folder: Path, run: dict[str, Any]) -> list[str]:
    """Say in lines why the forecast on show may be old: a failed attempt, a run in progress, its age."""
    from warehouse.read import freshness

    lines = []
    fresh = freshness(folder)
    if fresh and fresh["served_run_id"] != run["run_id"]:
        served = f"{fresh['served_run_id']} as of {fresh['served_as_of']}"
        return [f"Not the forecast served, which is {served}; see `hbmcast show`"]
    if fresh and fresh["stale"]:
        when = f"{fresh['last_attempt_finished_at']:%Y-%m-%d %H:%M} UTC"
        lines.append(
            f"STALE: the last attempt ({when}) {fresh['last_attempt_status']}: {fresh['last_attempt_reason']}"
        )
    age = journal.now().date() - run["finished_at"].date()
    if age.days > 1:
        lines.append(f"STALE: published {age.days} days ago, on {run['finished_at']:%Y-%m-%d}")
    if journal.is_locked(folder):
        lines.append(journal.running_line(folder))
    return lines
