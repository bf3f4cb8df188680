"""The folders of the inbox: files that wait, rows taken in, what was put aside, and the originals."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pandas as pd

from flows.sources.drop_rows import DROPPED_FIGURES
from flows.sources.layers import read_overlay
from flows.sources.raw import RawEvidence, RowProblem
from models.evidence.tables.files import FIGURES, file_of
from warehouse.atomic import written_whole

TAKEN: Final = "taken"
REFUSED: Final = "refused"
ARCHIVE: Final = "archive"
_PASSED_OVER: Final = (".part", ".tmp", ".crdownload", ".download")


def taken_layers(inbox: Path) -> list[RawEvidence]:
    """Read what earlier drops brought, the oldest first."""
    folders = sorted((inbox / TAKEN).iterdir()) if (inbox / TAKEN).is_dir() else []
    return [
        read_overlay(folder) for folder in folders if folder.is_dir() and not folder.name.endswith(".part")
    ]


def dropped_files(inbox: Path) -> list[Path]:
    """Give what waits and is no folder, the oldest first; publications before the figures that name them."""
    if not inbox.is_dir():
        return []
    waiting = [
        path
        for path in inbox.iterdir()
        if not path.is_dir()
        and not path.name.startswith((".", "~$"))
        and not path.name.lower().endswith(_PASSED_OVER)
        and path.name.lower() not in {"readme.md", "readme.txt"}
    ]

    def order(path: Path) -> tuple[bool, int, str]:
        # A link to nothing has no other time than its own.
        since = path.stat(follow_symlinks=path.exists()).st_mtime_ns
        return "source" not in path.name.lower(), since, path.name

    return sorted(waiting, key=order)


def content_of(path: Path) -> bytes:
    """Read what waits.

    Raises
    ------
    OSError
        When it can't be read, or is no file: to open a pipe would wait for its other end.
    """
    if not path.is_file():
        raise OSError("it is no file but a pipe, a device or a link to nothing")
    return path.read_bytes()


def write_taken(inbox: Path, name: str, digest: str, good: RawEvidence) -> None:
    """Write the good rows of a drop as a layer of its own, whole or not at all.

    Parameters
    ----------
    inbox : Path
    name : str
        Of the file that was dropped.
    digest : str
        Hash of its content, which names the layer behind the moment (UTC).
    good : RawEvidence
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    folder = inbox / TAKEN
    folder.mkdir(parents=True, exist_ok=True)
    with written_whole(folder / f"{stamp}-{digest}") as unfinished:
        for file, frame in good.files.items():
            if frame.empty:
                continue
            target = unfinished / (file_of(FIGURES, _plain(name)) if file == DROPPED_FIGURES else file)
            target.parent.mkdir(parents=True, exist_ok=True)
            frame.to_csv(target, index=False, lineterminator="\n")


def write_refused(
    inbox: Path, name: str, aside: list[tuple[str, pd.DataFrame]], problems: list[RowProblem]
) -> None:
    """Write rows put aside with a column `error`, and what has no row beside it.

    Parameters
    ----------
    inbox : Path
    name : str
        Of the file that was dropped.
    aside : list of (str, DataFrame)
        The rows by their file among the evidence; '' where they are those of the dropped file itself.
    problems : list of RowProblem
    """
    folder = inbox / REFUSED
    for file, frame in aside:
        if frame.empty:
            continue
        folder.mkdir(parents=True, exist_ok=True)
        table = f".{file.split('/')[0].removesuffix('.csv')}" if file else ""
        with written_whole(folder / f"{_plain(name)}{table}.csv") as unfinished:
            frame.to_csv(unfinished, index=False, lineterminator="\n")
    if problems:
        folder.mkdir(parents=True, exist_ok=True)
        lines = [
            f"{p.file} row {p.row}, {p.field or 'row'} {p.value!r}: {p.problem}. {p.remedy}.\n"
            for p in problems
        ]
        with written_whole(folder / f"{_plain(name)}.errors.txt") as unfinished:
            unfinished.write_text("".join(lines), encoding="utf-8")


def give_back(inbox: Path, name: str, content: bytes, why: str) -> None:
    """Put a file that can't be used at all among what is refused, and why beside it.

    Parameters
    ----------
    inbox : Path
    name : str
    content : bytes
        As it was dropped.
    why : str
    """
    folder = inbox / REFUSED
    folder.mkdir(parents=True, exist_ok=True)
    with written_whole(folder / name) as unfinished:
        unfinished.write_bytes(content)
    with written_whole(folder / f"{name}.error.txt") as unfinished:
        unfinished.write_text(f"{name}: {why}", encoding="utf-8")


def archive(inbox: Path, path: Path, content: bytes, digest: str) -> None:
    """Keep the original under its hash; only then it leaves the place where it was dropped.

    Parameters
    ----------
    inbox : Path
    path : Path
        Where it was dropped; removed at the end.
    content : bytes
    digest : str
        Hash of the content.
    """
    folder = inbox / ARCHIVE
    folder.mkdir(parents=True, exist_ok=True)
    with written_whole(folder / f"{digest}{path.suffix.lower()}") as unfinished:
        unfinished.write_bytes(content)
    os.unlink(path)


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]+", "_", name) or "file"
