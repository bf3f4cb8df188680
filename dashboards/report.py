"""Writes the nightly report: one HTML file per run that needs no network; its charts are kept."""

import os
from pathlib import Path

from dashboards.load import load
from dashboards.page import render


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
    folder = Path(state) / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{frames.provenance.run_id}.html"
    partial = target.with_suffix(".part")
    partial.write_text(render(frames, Path(state) / "cache" / "charts"), encoding="utf-8")
    os.replace(partial, target)
    return target
