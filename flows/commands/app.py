"""`hbmcast app`: the review app in a browser, on 127.0.0.1."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.options import StateOption
from flows.runtime.errors import HbmcastError
from flows.runtime.preparation import check_state, prepare_environment
from flows.runtime.settings import resolve, state_folder
from warehouse import layout

if TYPE_CHECKING:
    from models.evidence.evidence import Evidence
    from models.inference.fit import Fit

PORT = 2718


def app(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = PORT,
    browser: Annotated[bool, typer.Option(help="Open it in the browser.")] = True,
    state: StateOption = None,
) -> None:
    """Start the review app: forecast, what-if, evidence both ways, scores, notes, SQL.

    It only reads, notes aside, and works while a night publishes. Ctrl-C ends it.
    """
    folder = state_folder(state)
    check_state(folder)
    prepare_environment(folder)
    _keep_marimo_at_home(folder)
    try:
        from dashboards.app.serve import serve
    except ModuleNotFoundError as error:
        if error.name not in ("marimo", "uvicorn"):
            raise
        raise HbmcastError(
            f"the review app needs {error.name}, which is not installed",
            'Run `make setup`, or `pip install "hbmcast[app]"`',
        ) from error
    _give(folder)

    def tell(address: str) -> None:
        print(f"review app: {address}\nCtrl-C ends it", flush=True)
        if browser:
            import webbrowser

            webbrowser.open(address)

    try:
        serve(port, tell)
    except OSError as error:
        raise HbmcastError(
            f"port {port} can't be used ({error.strerror or error})", "Give another --port, or 0"
        ) from error


def _give(folder: Path) -> None:
    """Hand the app what dashboards may not do or know themselves."""
    from dashboards.app.doors import Doors, open_doors
    from flows.commands.formats import as_bytes
    from flows.runtime import journal
    from flows.runtime.notes import write_note

    def night_line() -> str:
        return journal.running_line(folder) if journal.is_locked(folder) else ""

    def written(run_id: str, verdict: str, comment: str, about: str, reviewer: str) -> Path:
        return write_note(folder, run_id, verdict, comment, about, reviewer)

    open_doors(Doors(folder, lambda: _served_fit(folder), written, as_bytes, night_line, (HbmcastError,)))


def _served_fit(folder: Path) -> "tuple[Fit, Evidence, int]":
    from flows.night.posterior import load_fit
    from warehouse.read import latest_run

    settings = resolve(state=folder)
    fit, known = load_fit(settings, fit_missing=False)
    row = latest_run(folder) or {}
    return fit, known, int(str(row.get("seed") or settings.seed))


def _keep_marimo_at_home(folder: Path) -> None:
    """Let marimo read no settings of the user's and keep its files in the state folder."""
    home = layout.cache_folder(folder, "marimo")
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        os.environ[name] = str(home)
