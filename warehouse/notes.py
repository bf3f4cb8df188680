"""Reviewers' notes on runs, as files of the state folder: read here, written by `flows.runtime.notes`.

A note is a file of its own, so that two reviewers never wait for each other, nor for a night.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse import layout

if TYPE_CHECKING:
    import pandas as pd

VERDICTS = ("accept", "doubt", "comment")
UNREADABLE = "unreadable"
FIELDS = ("written_at", "run_id", "verdict", "about", "comment", "reviewer")
COLUMNS = (*FIELDS, "file")


def read_notes(state: Path) -> "pd.DataFrame":
    """Read all notes, the newest first.

    Parameters
    ----------
    state : Path
        State folder.

    Returns
    -------
    DataFrame
        `COLUMNS`, all text; ``written_at`` as ``2026-11-29T07:00:00Z``. A file that is no note has the
        verdict `UNREADABLE` and says so in its comment.
    """
    import pandas as pd

    return pd.DataFrame(notes_of(state), columns=list(COLUMNS))


def notes_of(state: Path) -> list[dict[str, Any]]:
    """Read all notes as `read_notes` does, as plain rows."""
    folder = layout.notes_folder(state)
    return [_read(file) for file in sorted(folder.glob("*.json"), reverse=True)]


def _read(file: Path) -> dict[str, Any]:
    try:
        note = json.loads(file.read_text(encoding="utf-8"))
        if note["verdict"] not in VERDICTS:
            raise ValueError(f"verdict {note['verdict']!r}")
        return {**{name: str(note[name]) for name in FIELDS}, "file": file.name}
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = f"{file.name} is no note ({type(error).__name__}: {error}); mend it, or move it away"
        return {
            **dict.fromkeys(COLUMNS, ""),
            **{"verdict": UNREADABLE, "comment": why, "file": file.name},
        }
