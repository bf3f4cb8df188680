"""Reader of the evidence folder: CSV files under version control, read into rows of text."""

from pathlib import Path

import pandas as pd

from flows.runtime.errors import SourceError
from flows.sources.raw import Problem, RawEvidence, parse_csv

# Without these no forecast can be made; the other tables may be missing.
REQUIRED = ("sources", "figures", "metrics", "products", "assumptions")


def read_folder(folder: Path) -> RawEvidence:
    """Read every CSV of the evidence folder.

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
    files: dict[str, pd.DataFrame] = {}
    origins: dict[str, list[tuple[str, int]]] = {}
    problems: list[Problem] = []
    for path in sorted(folder.rglob("*.csv")):
        name = path.relative_to(folder).as_posix()
        try:
            content = path.read_bytes()
        except OSError as error:
            remedy = "Make the file readable"
            problems.append(Problem(name, 0, "", "", f"can't be read: {error.strerror or error}", remedy))
            continue
        frame, lines, found = parse_csv(content, name)
        problems += found
        if frame is not None:
            files[name] = frame
            origins[name] = [(name, line) for line in lines]
    tables = {_table_of(name) for name in files}
    missing = [table for table in REQUIRED if table not in tables]
    if missing:
        why = "; ".join(f"{p.file}: {p.problem}" for p in problems if _table_of(p.file) in missing)
        raise SourceError(
            f"No forecast without {', '.join(missing)} in {folder}" + (f" ({why})" if why else ""),
            "Restore the file from version control",
        )
    return RawEvidence(files, origins, problems)


def _table_of(name: str) -> str:
    return name.split("/")[0] if "/" in name else name.removesuffix(".csv")
