"""What the app is given by whoever starts it: the state folder, and the few things that dashboards don't do.

Dashboards only read and know nothing of flows. Loading a posterior, writing a note and the formats of files
are therefore handed in (`flows.commands.app`); the notebook, which marimo runs in threads of the same
process, asks for them here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from models.evidence.evidence import Evidence
    from models.inference.fit import Fit


class NotOpen(RuntimeError):
    """The notebook was started by itself: nothing says which state folder it is about."""


@dataclass(frozen=True)
class Doors:
    """What the app is given.

    Attributes
    ----------
    state : Path
        State folder; only read here.
    served_fit : callable
        Posterior of the run served and the evidence of its day, without ever fitting.
    write_note : callable
        ``(run_id, verdict, comment, about, reviewer)``; the only thing the app changes.
    as_bytes : callable
        ``(table, format)`` to the bytes of a file, and what should be said of it.
    night_line : callable
        One line about the run in progress; empty without one.
    errors : tuple of exception types
        What these raise with a message for a reader.
    """

    state: Path
    served_fit: "Callable[[], tuple[Fit, Evidence, int]]"
    write_note: Callable[[str, str, str, str, str], Path]
    as_bytes: "Callable[[pa.Table, str], tuple[bytes, list[str]]]"
    night_line: Callable[[], str]
    errors: tuple[type[Exception], ...]


_opened: list[Doors] = []


def open_doors(given: Doors) -> None:
    """Give the app what it needs; what was given before is forgotten."""
    _opened[:] = [given]


def doors() -> Doors:
    """Return what the app was given.

    Raises
    ------
    NotOpen
        Nobody gave anything.
    """
    if not _opened:
        raise NotOpen("start the app with `hbmcast app` (or `make app`): it says which state folder is meant")
    return _opened[0]
