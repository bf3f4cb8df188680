"""Own evidence laid over the base: what a later folder says of a row replaces what an earlier one says."""

import json
from pathlib import Path

import pandas as pd

from flows.sources.folder import plain_name, read_files
from flows.sources.raw import RawEvidence, RowProblem, text_rows
from models.evidence.assumption_names import uncalled_for
from models.evidence.checks.reference import OFFSET_PREFIX
from models.evidence.tables.described import BY_NAME
from models.evidence.tables.files import FIGURES, file_of, is_of, table_of

_ASSUMPTIONS, _NAME = file_of("assumptions"), "assumption"
REVIEWED = "reviewed.csv"
"""File of figures of an own folder that a person took in: it lies over every other door."""


def read_overlay(folder: Path) -> RawEvidence:
    """Read a folder of own evidence.

    Parameters
    ----------
    folder : Path
        `<table>.csv`, `figures/<topic>.csv`; any table may also be a folder of CSVs.

    Returns
    -------
    RawEvidence
        Files of figures under a name of their own, every other table as one file. A file of no known table,
        or one that lacks a column, is among the problems.
    """
    if not folder.is_dir():
        problem = "the folder of own evidence is not there"
        remedy = "Make it with hbmcast init, mount it, or take it out of HBMCAST_DATA"
        return RawEvidence({}, {}, [RowProblem(str(folder), 0, "", "", problem, remedy)])
    read = read_files(folder, shown=f"{folder}/")
    evidence = RawEvidence({}, {}, read.problems, read.notes)
    for name, frame in read.files.items():
        place = read.origins[name][0][0] if read.origins[name] else f"{folder}/{name}"
        plain = plain_name(name, place, f"{folder.name}/")
        if isinstance(plain, RowProblem):
            evidence.problems.append(plain)
            continue
        if fault := _fault(plain, name, frame, place):
            evidence.problems.append(fault)
            continue
        evidence = evidence.joined_with(RawEvidence({plain: frame}, {plain: read.origins[name]}))
    return evidence


def _fault(plain: str, name: str, frame: pd.DataFrame, place: str) -> RowProblem | None:
    wanted = BY_NAME[table_of(plain)].column_names
    missing = [column for column in wanted if column not in frame.columns]
    if not missing:
        return None
    shown = ",".join(map(str, frame.columns))[:80]
    problem = f"{name} has no column {', '.join(missing)}"
    return RowProblem(place, 1, "header", shown, problem, f"Its header is {','.join(wanted)}")


def split_reviewed(layer: RawEvidence, folder: Path) -> tuple[RawEvidence, RawEvidence]:
    """Take apart what a folder of own evidence holds: the rest, and the figures that a person reviewed."""
    name = f"{FIGURES}/{folder.name}/{REVIEWED}"
    if name not in layer.files:
        return layer, RawEvidence({})
    reviewed = RawEvidence({name: layer.files[name]}, {name: layer.origins[name]})
    rest = {other: frame for other, frame in layer.files.items() if other != name}
    origins = {other: places for other, places in layer.origins.items() if other != name}
    return RawEvidence(rest, origins, layer.problems, layer.notes), reviewed


def overlaid(below: RawEvidence, above: RawEvidence) -> RawEvidence:
    """Lay evidence over other evidence.

    Parameters
    ----------
    below, above : RawEvidence

    Returns
    -------
    RawEvidence
        All rows of `above`, and those of `below` whose key it does not have. Notes say how many rows of each
        table were replaced by others. Assumptions of a name that nothing asks for are among the problems.
    """
    asked, unasked, told = split_unasked(below, above)
    return overlaid_rows(below, asked.joined_with(RawEvidence({}, {}, unasked, told)))


def overlaid_rows(below: RawEvidence, above: RawEvidence) -> RawEvidence:
    """Lay evidence over other evidence whose assumptions' names were looked at before (`split_unasked`).

    Parameters
    ----------
    below, above : RawEvidence

    Returns
    -------
    RawEvidence
        As `overlaid`.
    """
    notes = []
    for table, described in BY_NAME.items():
        keys = list(described.keys)
        over = [frame for name, frame in above.files.items() if is_of(name, table)]
        new = {
            key: _told(row) for frame in over if set(keys) <= set(frame) for key, row in _rows(frame, keys)
        }
        if not new:
            continue
        n_changed, where = 0, ""
        for name in [name for name in below.files if is_of(name, table)]:
            frame = below.files[name]
            if not set(keys) <= set(frame):
                continue
            kept = []
            for key, row in _rows(frame, keys):
                kept.append(key not in new)
                if key in new and _told(row) != new[key]:
                    n_changed, where = n_changed + 1, where or "/".join(map(str, key))
            below = below.without(name, kept)
        if n_changed:
            place = next(o[0][0] for name, o in above.origins.items() if is_of(name, table) and o)
            notes.append(f"{place} replaces {n_changed} rows of {table} ({where}{', ...' * (n_changed > 1)})")
    return below.joined_with(above).noted(notes)


def split_unasked(below: RawEvidence, above: RawEvidence) -> tuple[RawEvidence, list[RowProblem], list[str]]:
    """Put assumptions aside whose name nothing asks for.

    Parameters
    ----------
    below, above : RawEvidence

    Returns
    -------
    asked : RawEvidence
        `above` without them. A definition offset stays: a figure of that definition may come by another door,
        on another day.
    unasked : list of RowProblem
        One for each that was put aside.
    told : list of str
        The definition offsets that nothing asks for yet.
    """
    if _ASSUMPTIONS not in below.files or _NAME not in above.files.get(_ASSUMPTIONS, ()):
        return above, [], []
    rows = list(zip(text_rows(above.files[_ASSUMPTIONS]), above.origins[_ASSUMPTIONS], strict=True))
    known = set(below.files[_ASSUMPTIONS][_NAME])
    both = below.joined_with(RawEvidence(above.files, above.origins))
    found = uncalled_for((row[_NAME] for row, _ in rows), known, both.files)
    problems, notes = [], []
    for row, (file, line) in rows:
        name = row[_NAME]
        if name not in found:
            continue
        said = "nothing asks for an assumption of this name: it would inform nothing"
        if name.startswith(OFFSET_PREFIX):
            notes.append(f"{file} row {line}, {name}: nothing asks for it yet ({found[name]})")
        else:
            raw = json.dumps(row, ensure_ascii=False)
            problems.append(RowProblem(file, line, _NAME, name, said, found[name], raw))
    at = {(problem.file, problem.row) for problem in problems}
    kept = [place not in at for place in above.origins[_ASSUMPTIONS]]
    return above.without(_ASSUMPTIONS, kept), problems, notes


def _rows(frame: pd.DataFrame, keys: list[str]) -> list[tuple[tuple[str, ...], dict[str, str]]]:
    return [(tuple(row[key] for key in keys), row) for row in text_rows(frame)]


def _told(row: dict[str, str]) -> dict[str, str]:
    return {column: cell for column, cell in row.items() if cell}
