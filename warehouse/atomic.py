"""Files and folders that appear whole or not at all."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Ending of what is not whole yet; a process that is killed leaves such a file. `hbmcast doctor` names it, and
# the next night removes it once nobody can be writing it any more.
UNFINISHED = ".part"
LEFTOVER_SECONDS = 6 * 3600.0
# Ending of what was found damaged and put out of the way, for a person to look at.
DAMAGED = ".damaged"


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a place to write to, beside `path`; it takes the place of `path` when the block ends well.

    Parameters
    ----------
    path : Path
        File to write or replace, or a folder that does not exist yet. Its parent must exist.

    Yields
    ------
    Path
        Where to write the file, or make the folder. When the block raises it is removed, and `path` is as
        it was before.
    """
    # Two processes, or two threads, that write the same file do not write into each other's.
    unfinished = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}{UNFINISHED}")
    try:
        yield unfinished
        put_in_place(unfinished, path)
    finally:
        # There still after an error; and two names of one file are not renamed into each other.
        if unfinished.is_dir():
            shutil.rmtree(unfinished, ignore_errors=True)
        else:
            unfinished.unlink(missing_ok=True)


def put_in_place(finished: Path, path: Path) -> None:
    """Let what was written under another name, on the same disk, take the place of `path` in one step."""
    os.replace(finished, path)


def set_aside_as_damaged(path: Path, folder: Path | None = None) -> Path:
    """Give a damaged file the ending `DAMAGED`, in its own folder or in another; return where it lies now."""
    aside = (folder or path.parent) / (path.name + DAMAGED)
    put_in_place(path, aside)
    return aside


def as_it_lies(path: Path) -> tuple[int, int, int, int]:
    """Tell a file from whatever else stands, stood or will stand under its name, without reading it.

    Raises
    ------
    OSError
        There is none.
    """
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def set_mark(mark: Path) -> None:
    """Say that something has passed; of what its folder spoke of before nothing is said any more."""
    mark.parent.mkdir(parents=True, exist_ok=True)
    for old in mark.parent.iterdir():
        old.unlink(missing_ok=True)
    mark.touch()


def flush(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_unfinished(folder: Path) -> None:
    """Remove what killed processes left unfinished in a folder and all those in it.

    What is younger than `LEFTOVER_SECONDS` may still be written by somebody.
    """
    for path in folder.rglob(f"*{UNFINISHED}"):
        with suppress(FileNotFoundError):
            if time.time() - path.lstat().st_mtime > LEFTOVER_SECONDS:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name; a copy where the disk knows no links.

    Raises
    ------
    FileExistsError
        The second name is taken.
    """
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        shutil.copy2(source, target)
