"""Reads runs for the app, each once: a night that publishes meanwhile is seen at the next question."""

import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from dashboards.app.what_if import Basis, basis_of
from dashboards.frames import ReportFrames
from dashboards.labels import words
from dashboards.load import load
from models.evidence.evidence import Evidence
from warehouse import layout, read

KEPT_RUNS = 3
_lock = threading.Lock()
_frames: dict[tuple[Any, ...], ReportFrames] = {}
_bases: dict[tuple[Any, ...], Basis] = {}


def published_runs(state: Path) -> pd.DataFrame:
    """List the published runs, the one served first: ``run_id, as_of, finished_at, is_served``."""
    served = read.latest_run(state)
    if served is None:
        return pd.DataFrame(columns=["run_id", "as_of", "finished_at", "is_served"])
    served_id = str(served["run_id"])
    runs = read.run_tables(state, served_id, ("binding",))["runs"]
    runs = runs[runs["status"] == "published"].assign(is_served=lambda f: f["run_id"] == served_id)
    order = ["is_served", "as_of", "finished_at"]
    shown = ["run_id", "as_of", "finished_at", "is_served"]
    return runs.sort_values(order, ascending=False, ignore_index=True)[shown]


def frames_of(state: Path, run_id: str) -> ReportFrames:
    """Read a run as the nightly page does; again only when something was published since."""
    return _kept(_frames, (str(state), run_id, _stamp(state)), lambda: load(state, run_id))


def served_basis(state: Path, served_fit: Callable[[], Any]) -> Basis:
    """Return what what-ifs about the run served rest on; made anew when another run is served.

    Parameters
    ----------
    state : Path
    served_fit : callable
        `dashboards.app.doors.Doors.served_fit`.
    """

    def made() -> Basis:
        fit, known, seed = served_fit()
        return basis_of(fit, known, seed)

    served = read.latest_run(state) or {}
    return _kept(_bases, (str(state), served.get("run_id"), served.get("content_hash")), made)


def stale_line(state: Path, shown_run: str) -> str:
    """Say why the run on show may be old; empty where it is the one served, and fresh."""
    fresh = read.freshness(state) or {}
    if fresh.get("served_run_id") != shown_run:
        return f"Not the forecast served, which is {fresh.get('served_run_id')}."
    if fresh.get("stale"):
        return f"Stale: {fresh.get('stale_reason') or fresh.get('last_attempt_reason')}."
    return ""


def what_can_be_late(state: Path, as_of: date) -> tuple[dict[str, str], dict[str, str]]:
    """Give the product classes and the makers of HBM known on a day, each by its name in words."""
    known = Evidence(**read.evidence(state, as_of))
    makers = known.suppliers["supplier"] if len(known.suppliers) else ()
    classes = known.market.class_names
    return {words(name): name for name in classes}, {words(str(name)): str(name) for name in makers}


def _kept[Value](
    shelf: dict[tuple[Any, ...], Value], key: tuple[Any, ...], make: Callable[[], Value]
) -> Value:
    """Take a value from a shelf, or make it; two browsers that ask at once wait for one reading."""
    with _lock:
        if key not in shelf:
            made = make()
            while len(shelf) >= KEPT_RUNS:
                shelf.pop(next(iter(shelf)))
            shelf[key] = made
        return shelf[key]


def _stamp(state: Path) -> tuple[int, int]:
    found = layout.published_file(state).stat()
    return found.st_mtime_ns, found.st_ino
