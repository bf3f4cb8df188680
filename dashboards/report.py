"""Writes the nightly report: one HTML file per run that needs no network; its charts are kept."""

from pathlib import Path

from dashboards.load import load
from dashboards.page import render
from warehouse import layout
from warehouse.atomic import written_whole


def write_report(state: Path, run_id: str | None = None) -> Path:
    """Write the report of a run to ``<state>/reports/<run_id>.html``.

    Parameters
    ----------
    state : Path
        State folder; its warehouse is only read.
    run_id : str, optional
        Without it, the run served.

    Returns
    -------
    Path
        The file. It appears whole or not at all; an earlier report of the same run is replaced.

    Raises
    ------
    warehouse.errors.WarehouseError
        When nothing is published yet, or no run has that id.
    """
    frames = load(Path(state), run_id)
    target = layout.report_file(state, frames.provenance.run_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    page = render(frames, layout.charts_folder(state))
    with written_whole(target) as unfinished:
        unfinished.write_text(page, encoding="utf-8")
    return target
