"""Reader of evidence folders: the base under version control, and folders of own evidence."""

from pathlib import Path
from typing import Final

import pandas as pd

from flows.runtime.errors import SourceError
from flows.sources.raw import Problem, RawEvidence, parse_csv

# Without these no forecast can be made; the other tables may be missing.
REQUIRED = ("sources", "figures", "metrics", "products", "assumptions")
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
    evidence = read_files(folder)
    tables = {_table_of(name) for name in evidence.files}
    missing = [table for table in REQUIRED if table not in tables]
    if missing:
        why = "; ".join(f"{p.file}: {p.problem}" for p in evidence.problems if _table_of(p.file) in missing)
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
    problems: list[Problem] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith((".", "~$", "__")) for part in Path(name).parts):
            continue
        if path.suffix.lower() != ".csv":
            if path.suffix.lower() not in _NO_EVIDENCE and path.name.lower() not in _REMARKS:
                problem = f"a {path.suffix or 'file without an ending'} is not read here: evidence is CSV"
                problems.append(Problem(shown + name, 0, "", "", problem, _WHERE))
            continue
        try:
            content = path.read_bytes()
        except OSError as error:
            problem = f"can't be read: {error.strerror or error}"
            problems.append(Problem(shown + name, 0, "", "", problem, "Make the file readable"))
            continue
        frame, lines, found = parse_csv(content, shown + name)
        problems += found
        if frame is not None:
            # X.CSV is the same table as X.csv.
            plain = f"{name[: -len(path.suffix)]}.csv"
            one = RawEvidence({plain: frame}, {plain: [(shown + name, line) for line in lines]})
            both = RawEvidence(files, origins).joined_with(one)
            files, origins = both.files, both.origins
    return RawEvidence(files, origins, problems)


def _table_of(name: str) -> str:
    return name.split("/")[0] if "/" in name else name.removesuffix(".csv")
