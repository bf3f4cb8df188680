"""Rows that a folder of own evidence had last night and lacks today: a cut file takes nothing away unasked.

What each file last gave is kept in the state folder. A file that can't be read whole, or lacks more than a
tenth of its rows (one row may always go), has its last rows read again, as a feed's last good answer is,
until they are back or a person says that they are meant to go.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from flows.sources.losses import lost_too_many
from flows.sources.raw import RawEvidence, RowProblem, text_rows
from models.evidence.tables.described import BY_NAME
from models.evidence.tables.files import FIGURES, table_of
from warehouse.atomic import written_whole
from warehouse.layout import own_rows_file

_SHOWN: Final = 5

type Key = tuple[str, ...]
"""Table and key of a row."""


@dataclass(frozen=True)
class _Row:
    """A row of an own file: its name among the evidence, its line, and its cells."""

    name: str
    line: int
    cells: dict[str, str]

    @property
    def key(self) -> Key:
        table = table_of(self.name)
        return (table, *(self.cells.get(column, "") for column in BY_NAME[table].keys))


type Files = dict[str, list[_Row]]
"""Rows by the file they stand in, as a person is told its name."""


def with_lost_rows(layer: RawEvidence, folder: Path, state: Path, withdraw: bool) -> RawEvidence:
    """Put the rows that a folder lost back into what it gives, and say so.

    Parameters
    ----------
    layer : RawEvidence
        What the folder gives today.
    folder, state : Path
    withdraw : bool
        Whether a person said that what is gone is meant to be gone.

    Returns
    -------
    RawEvidence
    """
    if withdraw:
        return layer
    for file, lost in _lost(_rows_of(layer, [folder]), _remembered(state, [folder]), layer.problems).items():
        shown = ", ".join("/".join(row.key[1:]) for row in lost[:_SHOWN]) + ", ..." * (len(lost) > _SHOWN)
        problem = f"{len(lost)} rows of last time are gone ({shown}); they are read as they were"
        remedy = "Was the file cut? Restore it; if they are meant to go: hbmcast nightly --withdraw"
        # Nothing is missing, so other rows may go: the problem names a figure.
        named = json.dumps({"figure_id": next((r.key[1] for r in lost if r.key[0] == FIGURES), file)})
        for row in lost:
            one = pd.DataFrame([row.cells], dtype=str)
            layer = layer.joined_with(RawEvidence({row.name: one}, {row.name: [(file, row.line)]}))
        layer = layer.joined_with(RawEvidence({}, {}, [RowProblem(file, 0, "", "", problem, remedy, named)]))
    return layer


def remember(raw: RawEvidence, folders: Sequence[Path], state: Path) -> None:
    """Keep what each file of the folders gave, for the next night to compare with.

    Parameters
    ----------
    raw : RawEvidence
        All evidence of the night.
    folders : sequence of Path
        Folders of own evidence; only rows that stand in them are kept.
    state : Path
    """
    files = _rows_of(raw, folders)
    kept = {
        file: [{"name": row.name, "line": row.line, "cells": row.cells} for row in rows]
        for file, rows in sorted(files.items())
    }
    path = own_rows_file(state)
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as unfinished:
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")


def _lost(files: Files, before: Files, problems: Iterable[RowProblem]) -> Files:
    """Rows gone from a file, and not merely moved to another, where they are too many to go unasked."""
    here = {row.key for rows in files.values() for row in rows}
    faulty = {problem.file for problem in problems}
    found = {}
    for file, rows in before.items():
        lost = [row for row in rows if row.key not in here]
        if lost and (file in faulty or lost_too_many(len(lost), len(rows))):
            found[file] = lost
    return found


def _rows_of(evidence: RawEvidence, folders: Sequence[Path]) -> Files:
    found: Files = {}
    for name, frame in evidence.files.items():
        if not any(file.startswith(f"{folder}/") for file, _ in evidence.origins[name] for folder in folders):
            continue
        for cells, (file, line) in zip(text_rows(frame), evidence.origins[name], strict=True):
            if any(file.startswith(f"{folder}/") for folder in folders):
                found.setdefault(file, []).append(_Row(name, line, cells))
    return found


def _remembered(state: Path, folders: Sequence[Path]) -> Files:
    try:
        kept = json.loads(own_rows_file(state).read_text(encoding="utf-8"))
        return {
            file: [_Row(row["name"], int(row["line"]), row["cells"]) for row in rows]
            for file, rows in kept.items()
            if any(file.startswith(f"{folder}/") for folder in folders)
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        # None yet, or not readable: without it tonight's files are taken as they are.
        return {}
