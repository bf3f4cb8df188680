"""Folders that all test processes of a run share: what is costly is made once, by the first that asks."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def folder_of_the_run(temporary: pytest.TempPathFactory) -> Path:
    """Give the folder of this run that all its processes see."""
    base = temporary.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def made_once(temporary: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Give a folder that is made once a run; not to be changed by a test.

    Parameters
    ----------
    temporary : TempPathFactory
    name : str
        No other folder has it.
    make : callable
        Fills the empty folder it is given. One that fails leaves nothing for the next.
    """
    folder = folder_of_the_run(temporary) / f"made-once-{name}"
    done = folder.with_name(f"{folder.name}.done")
    with FileLock(folder.with_name(f"{folder.name}.lock")):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder
