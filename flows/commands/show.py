"""`hbmcast show`: the headline table in the terminal, and what to know before believing it."""

from pathlib import Path
from typing import Any

from flows.runtime import journal
from flows.runtime.settings import check_state, state_folder


def show_headline(*, state: Path | None, run_id: str | None) -> None:
    """Print medians, 50 % and 90 % intervals per year of a run's headline quantities, and P(binding)."""
    from rich.console import Console
    from rich.table import Table

    from dashboards.tables import headline_table

    folder = state_folder(state)
    check_state(folder)
    run, tables = tables_of(folder, run_id)
    rows = headline_table(tables["forecast"], tables["binding"])
    table = Table(title=f"HBM and CoWoS forecast as of {run['as_of']:%Y-%m-%d}, run {run['run_id']}")
    for name in rows.columns:
        table.add_column(name, justify="left" if name in ("Quantity", "Unit") else "right", no_wrap=True)
    before = ""
    for row in rows.itertuples(index=False):
        same = row[0] == before
        if before and not same:
            table.add_section()
        table.add_row(*(("", "") if same else row[:2]), *row[2:])
        before = row[0]
    console = Console(width=None if Console().is_terminal else 120)
    console.print(table)
    console.print("Intervals are equal-tailed; they rest on the evidence in hand and on the assumptions.")
    for line in warnings(folder, run):
        console.print(f"[bold]{line}[/bold]")


def headline_markdown(folder: Path, run_id: str) -> str:
    """Write the headline table of a run as Markdown, for Prefect's page."""
    from dashboards.tables import as_markdown, headline_table

    run, tables = tables_of(folder, run_id)
    title = f"## Forecast as of {run['as_of']:%Y-%m-%d}\n\nRun `{run['run_id']}`\n\n"
    return title + as_markdown(headline_table(tables["forecast"], tables["binding"]))


def tables_of(folder: Path, run_id: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the row of a run in `runs`, and the run's tables.

    Parameters
    ----------
    folder : Path
        State folder.
    run_id : str or None
        None means the run served.

    Raises
    ------
    HbmcastError
        When there is no such run, or none is published yet.
    """
    from flows.runtime.errors import HbmcastError
    from warehouse.read import latest_run, run_tables

    if run_id is None:
        served = latest_run(folder)
        if served is None:
            raise HbmcastError(f"Nothing is published yet in {folder}", "Run `hbmcast nightly`")
        run_id = str(served["run_id"])
    tables = run_tables(folder, run_id)
    chosen = tables["runs"][tables["runs"]["run_id"] == run_id]
    if chosen.empty or tables["forecast"].empty:
        raise HbmcastError(
            f"There is no published run {run_id}", 'See `hbmcast sql "select run_id, status from runs"`'
        )
    return {str(name): value for name, value in chosen.iloc[0].items()}, tables


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
