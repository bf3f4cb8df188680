"""Writes reviewers' notes on runs into the state folder; `warehouse.notes` reads them."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from flows.runtime.errors import HbmcastError
from warehouse import layout
from warehouse.atomic import written_whole
from warehouse.notes import VERDICTS

LONGEST_NOTE, LONGEST_NAME = 4_000, 200


def write_note(
    state: Path, run_id: str, verdict: str, comment: str = "", about: str = "", reviewer: str = ""
) -> Path:
    """Write a note on a run, as a file of its own: nothing that is written is ever changed.

    Parameters
    ----------
    state : Path
        State folder.
    run_id : str
        A run of the warehouse.
    verdict : str
        One of `warehouse.notes.VERDICTS`.
    comment : str
        A doubt and a comment need one.
    about : str
        Quantity, figure or whatever else of the run is meant; empty: the whole of it.
    reviewer : str

    Returns
    -------
    Path
        The file.

    Raises
    ------
    HbmcastError
        The note says nothing, too much, or is on no run; or it can't be written.
    """
    comment, about, reviewer = (text.strip() for text in (comment, about, reviewer))
    if verdict not in VERDICTS:
        raise HbmcastError(f"verdict {verdict!r} is none", f"Use one of {', '.join(VERDICTS)}")
    if verdict != "accept" and not comment:
        raise HbmcastError(f"a {verdict} without a word helps nobody", "Say what is meant in the comment")
    if len(comment) > LONGEST_NOTE or max(len(about), len(reviewer)) > LONGEST_NAME:
        raise HbmcastError(
            f"the note is too long ({len(comment)} signs)",
            f"Keep the comment to {LONGEST_NOTE} signs, what it is about and the name to {LONGEST_NAME}",
        )
    _check_run(state, run_id)
    at = datetime.now(UTC)
    note = {
        "written_at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "run_id": run_id, "verdict": verdict, "about": about,
        "comment": comment, "reviewer": reviewer,
    }  # fmt: skip
    # Names sort by time; two notes of one moment differ in their last part.
    file = layout.notes_folder(state) / f"{at:%Y%m%dT%H%M%S%fZ}-{os.urandom(3).hex()}.json"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(file) as unfinished:
            unfinished.write_text(json.dumps(note, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise HbmcastError(
            f"the note can't be written ({error.strerror or error})",
            f"Make {file.parent} writable, or free disk space",
        ) from error
    return file


def _check_run(state: Path, run_id: str) -> None:
    from warehouse.read import run_tables

    runs = run_tables(state, run_id, ("forecast",))["runs"]
    if run_id not in set(runs["run_id"]):
        raise HbmcastError(f"there is no run {run_id!r}", "The table runs lists those there are")
