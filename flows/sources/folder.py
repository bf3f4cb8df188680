"""Reader of evidence folders: the base under version control, and folders of own evidence."""

import os
from pathlib import Path
from typing import Final

import pandas as pd

from flows.runtime.errors import SourceError
from flows.sources.raw import RawEvidence, RowProblem, parse_csv, shown_name
from models.evidence.tables.described import BY_NAME, REJECTED
from models.evidence.tables.files import FIGURES, file_of, table_of

# Without these no forecast can be made; the other tables may be missing.
REQUIRED = ("sources", "figures", "metrics", "products", "assumptions")
_PASSED_OVER: Final = (".", "~$", "__")
_WHERE: Final = "save it as CSV (UTF-8), or drop it into the inbox (hbmcast inbox)"
_NO_EVIDENCE: Final = (".md", ".toml")
"""Endings of what may lie beside evidence without being any."""
_REMARKS: Final = ("readme.txt", "licence.txt", "license.txt", "notice.txt")
"""Texts that are no table; any other may be one."""


def read_folder(folder: Path) -> RawEvidence:
    """Read every CSV of the base.

    A file that can't be read is left where it is and named among the problems; the rest goes on. Only a
    table that is missing altogether stops the reading, since no forecast can do without it.

    Parameters
    ----------
    folder : Path
        `data/`: `<table>.csv` and `figures/<topic>.csv`.

    Returns
    -------
    RawEvidence
        One frame per file.

    Raises
    ------
    SourceError
        When the folder or a table no forecast can do without is missing.
    """
    if not folder.is_dir():
        raise SourceError(f"The evidence folder {folder} is missing", "Clone again, or set HBMCAST_DATA")
    read = read_files(folder)
    evidence = RawEvidence({}, {}, read.problems, read.notes)
    for name, frame in read.files.items():
        origins = read.origins[name]
        plain = plain_name(name, origins[0][0] if origins else name)
        if isinstance(plain, RowProblem):
            evidence.problems.append(plain)
        else:
            evidence = evidence.joined_with(RawEvidence({plain: frame}, {plain: origins}))
    tables = {table_of(name) for name in evidence.files}
    missing = [table for table in REQUIRED if table not in tables]
    if missing:
        why = "; ".join(f"{p.file}: {p.problem}" for p in evidence.problems if table_of(p.file) in missing)
        raise SourceError(
            f"No forecast without {', '.join(missing)} in {folder}" + (f" ({why})" if why else ""),
            "Restore the file from version control",
        )
    return evidence


def read_files(folder: Path, shown: str = "") -> RawEvidence:
    """Read the CSVs of a folder that need not be whole.

    Parameters
    ----------
    folder : Path
        It exists.
    shown : str
        What stands before the name of a file where a person is told of it.

    Returns
    -------
    RawEvidence
        One frame per file. What is no CSV, and could be meant as evidence, is among the problems.
    """
    files: dict[str, pd.DataFrame] = {}
    origins: dict[str, list[tuple[str, int]]] = {}
    paths, problems, notes = _paths(folder, shown)
    for path in paths:
        name = shown_name(path.relative_to(folder).as_posix())
        if path.suffix.lower() != ".csv":
            if path.suffix.lower() not in _NO_EVIDENCE and path.name.lower() not in _REMARKS:
                problem = f"a {path.suffix or 'file without an ending'} is not read here: evidence is CSV"
                problems.append(RowProblem(shown + name, 0, "", "", problem, _WHERE))
            continue
        try:
            content = path.read_bytes()
        except OSError as error:
            problem = f"can't be read: {error.strerror or error}"
            problems.append(RowProblem(shown + name, 0, "", "", problem, "Make the file readable"))
            continue
        frame, lines, found = parse_csv(content, shown + name)
        problems += found
        if frame is not None:
            # X.CSV is the same table as X.csv.
            plain = f"{name[: -len(path.suffix)]}.csv"
            one = RawEvidence({plain: frame}, {plain: [(shown + name, line) for line in lines]})
            both = RawEvidence(files, origins).joined_with(one)
            files, origins = both.files, both.origins
    return RawEvidence(files, origins, problems, notes)


def _paths(folder: Path, shown: str) -> tuple[list[Path], list[RowProblem], list[str]]:
    """Files of a folder and of those in it, through links too; what can't be looked into; what is hidden."""
    paths: list[Path] = []
    problems: list[RowProblem] = []
    hidden: list[str] = []
    seen = set()

    def not_read(error: OSError) -> None:
        place = Path(error.filename or folder).relative_to(folder).as_posix()
        problem = f"the folder can't be looked into: {error.strerror or error}"
        problems.append(RowProblem(shown + place, 0, "", "", problem, "Make the folder readable"))

    for place, folders, names in os.walk(folder, onerror=not_read, followlinks=True):
        here = Path(place)
        if here.resolve() in seen:
            folders.clear()
            continue
        seen.add(here.resolve())
        hidden += [name for name in names if name.startswith(".") and _is_evidence(name)]
        folders[:] = sorted(name for name in folders if not name.startswith(_PASSED_OVER))
        for name in sorted(name for name in (*names, *folders) if not name.startswith(_PASSED_OVER)):
            path = here / name
            if path.is_file():
                paths.append(path)
            elif name in names or (path.suffix.lower() == ".csv" and not any(path.iterdir())):
                what = "an empty folder" if path.is_dir() else "a link to nothing, or no file"
                problem = f"{what} of the name of a table"
                remedy = "Put the file there, or take the name away"
                place_in = shown_name(path.relative_to(folder).as_posix())
                problems.append(RowProblem(shown + place_in, 0, "", "", problem, remedy))
    named = ", ".join(map(shown_name, sorted(hidden)))
    notes = [f"hidden files are not read: {named}"] if hidden else []
    return sorted(paths), problems, notes


def _is_evidence(name: str) -> bool:
    # .~lock.x.csv# and ._x.csv are what office programs and file managers leave.
    return name.lower().endswith(".csv") and not name.startswith((".~", "._"))


def plain_name(name: str, place: str, label: str = "") -> str | RowProblem:
    """Name under which the rows of a file stand among the evidence, or why they are of no table.

    Parameters
    ----------
    name : str
        Of the file, relative to its folder: `<table>.csv`, `figures/<topic>.csv`, `<table>/<topic>.csv`.
    place : str
        How a person is told of the file.
    label : str
        Put between `figures/` and the topic, so that two folders may have files of one name.

    Returns
    -------
    str or RowProblem
        `<table>.csv`, or `figures/...`.
    """
    table = table_of(name).removesuffix(".csv")
    known = [known for known in BY_NAME if known != REJECTED]
    if table not in known or (table == FIGURES and "/" not in name):
        names = ", ".join(file_of(other) for other in known if other != FIGURES)
        problem = f"{name} is the file of no table of evidence"
        return RowProblem(place, 0, "", "", problem, f"Call it one of {names} or figures/<topic>.csv")
    return f"{FIGURES}/{label}{name.split('/', 1)[-1]}" if table == FIGURES else file_of(table)
