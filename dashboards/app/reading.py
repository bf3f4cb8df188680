"""Reads runs for the app, each once: a night that publishes meanwhile is seen at the next question."""

import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from dashboards.app.parts import part
from dashboards.app.what_if import Basis, basis_of
from dashboards.frames import ReportFrames
from dashboards.labels import words
from dashboards.load import load
from dashboards.staleness import staleness
from models.evidence.evidence import Evidence
from warehouse import layout, read

KEPT_RUNS = 3


class Shelf[Value]:
    """The last few values made; two browsers that ask for one at once wait for one making."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[Any, ...], Value] = {}

    def peek(self, key: tuple[Any, ...]) -> Value | None:
        """Take a value that is there, without waiting for one being made."""
        return self._kept.get(key)

    def take(self, key: tuple[Any, ...], make: Callable[[], Value]) -> Value:
        """Take a value, or make it."""
        with self._lock:
            if key not in self._kept:
                made = make()
                while len(self._kept) >= KEPT_RUNS:
                    self._kept.pop(next(iter(self._kept)))
                self._kept[key] = made
            return self._kept[key]


_frames = Shelf[ReportFrames]()
_bases = Shelf[Basis]()
_parts = Shelf[str]()


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
    return _frames.take((str(state), run_id, _stamp(state)), lambda: load(state, run_id))


def part_of(state: Path, run_id: str, name: str) -> str:
    """Render a tab of `dashboards.app.parts.PARTS`; again only when something was published since.

    Parameters
    ----------
    state : Path
    run_id : str
    name : str
        Key of `PARTS`.

    Returns
    -------
    str
        HTML.
    """
    key = (str(state), run_id, _stamp(state), name)
    return _parts.take(key, lambda: part(frames_of(state, run_id), name))


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

    return _bases.take(_served(state), made)


def basis_if_read(state: Path) -> Basis | None:
    """Return what `served_basis` does, or None before it has been read."""
    return _bases.peek(_served(state))


def stale_lines(state: Path, shown_run: str) -> list[str]:
    """Say why the run on show may be old, its evidence too; none where it is the one served, and fresh."""
    served = (read.freshness(state) or {}).get("served_run_id")
    if served != shown_run:
        return [f"Not the forecast served, which is {served}."]
    return [f"{line}." for line in staleness(state)]


def what_can_be_late(state: Path, as_of: date) -> tuple[dict[str, str], dict[str, str]]:
    """Give the product classes and the makers of HBM known on a day, each by its name in words."""
    known = Evidence(**read.evidence(state, as_of, private=False))
    makers = known.suppliers["supplier"] if len(known.suppliers) else ()
    classes = known.market.class_names
    return {words(name): name for name in classes}, {words(str(name)): str(name) for name in makers}


def _served(state: Path) -> tuple[Any, ...]:
    served = read.latest_run(state) or {}
    return str(state), served.get("run_id"), served.get("content_hash")


def _stamp(state: Path) -> tuple[int, int]:
    found = layout.published_file(state).stat()
    return found.st_mtime_ns, found.st_ino
