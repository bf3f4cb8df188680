"""The headline table of a published run, for Prefect's page and the terminal."""

from pathlib import Path
from typing import Any


def headline_markdown(folder: Path, run_id: str) -> str:
    """Write what moved, and the headline table of a run, as Markdown, for Prefect's page."""
    from dashboards.news_words import paragraph
    from dashboards.tables import as_markdown, headline_table

    run, tables = tables_of(folder, run_id)
    title = f"## Forecast as of {run['as_of']:%Y-%m-%d}\n\nRun `{run['run_id']}`\n\n"
    if said := paragraph(tables["news"], run["as_of"].date()):
        title += f"{said}\n\n"
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
    return {str(name): cell for name, cell in chosen.iloc[0].items()}, tables
