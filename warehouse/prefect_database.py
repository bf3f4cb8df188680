"""Prefect's own database: whether it is whole, and setting it aside where it is not."""

import sqlite3
from contextlib import closing
from pathlib import Path

from warehouse.atomic import set_aside_as_damaged
from warehouse.statements import statement

# Logs and past runs are all it holds: Prefect makes a new one.
FILE_NAME = "prefect.db"
_BESIDE = ("-wal", "-shm")


def damage(home: Path) -> str:
    """Say what is wrong with the database in the folder that Prefect calls its home; '' where nothing is."""
    file = home / FILE_NAME
    if not file.exists():
        return ""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            (found,) = connection.execute(statement("sql/quick_check")).fetchone()
    except sqlite3.OperationalError:
        # Somebody else holds it, or it can't be read from here: nobody can tell.
        return ""
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == "ok" else str(found).splitlines()[-1]


def set_aside_damaged(home: Path) -> Path | None:
    """Give a damaged database another name; None where it is whole, or none is there."""
    if not damage(home):
        return None
    file = home / FILE_NAME
    aside = set_aside_as_damaged(file)
    for ending in _BESIDE:
        file.with_name(FILE_NAME + ending).unlink(missing_ok=True)
    return aside
