"""Evidence that says what it said the night before: known by its content, and not taken apart again.

Most nights bring nothing new. To find that out row by row takes a build of the whole file, which is thrown
away then. So a note is kept of evidence that changed nothing: its name follows from all that decides, and it
says what the ingestion found.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from warehouse import layout
from warehouse.atomic import written_whole
from warehouse.connect import connect
from warehouse.errors import WarehouseError
from warehouse.frames import to_arrow
from warehouse.statements import HERE, identifier, literal, statement
from warehouse.tables import EVIDENCE


def noted(state: Path, brought: Mapping[str, pd.DataFrame], *settings: object) -> dict[str, Any] | None:
    """Return what was noted of the very same evidence, on the very same in force.

    Parameters
    ----------
    state : Path
    brought : mapping of str to DataFrame
        Rows by table, the refused ones too, without what is no content.
    *settings : object
        What else decides; their `repr` tells them apart.

    Returns
    -------
    dict or None
        None where there is no such note.
    """
    folder = _folder(state)
    if not folder.is_dir() or not any(folder.iterdir()):
        return None
    try:
        found: dict[str, Any] = json.loads(_file(state, brought, settings).read_text(encoding="utf-8"))
    except (OSError, ValueError, WarehouseError, duckdb.Error):
        # No such note; or nothing can be read, which whoever takes it in has to tell.
        return None
    return found


def note(state: Path, brought: Mapping[str, pd.DataFrame], *settings: object, found: dict[str, Any]) -> None:
    """Note what an ingestion found that changed nothing, in the place of any note before.

    Parameters
    ----------
    state, brought, *settings
        As of `noted`.
    found : dict
        To be given back.
    """
    # A full disk, or a file of before one of the tables: the next night looks again.
    with suppress(OSError, duckdb.Error):
        file = _file(state, brought, settings)
        file.parent.mkdir(parents=True, exist_ok=True)
        for old in file.parent.iterdir():
            old.unlink(missing_ok=True)
        with written_whole(file) as unfinished:
            unfinished.write_text(json.dumps(found), encoding="utf-8")


def _folder(state: Path) -> Path:
    return layout.cache_folder(state, "same_evidence")


def _file(state: Path, brought: Mapping[str, pd.DataFrame], settings: tuple[object, ...]) -> Path:
    digest = hashlib.sha256(repr([duckdb.__version__, settings, _in_force(state)]).encode())
    for path in sorted((*HERE.rglob("*.py"), *HERE.rglob("*.sql"))):
        digest.update(path.read_bytes())
    for name in sorted(brought):
        digest.update(name.encode())
        digest.update(_bytes(brought[name]))
    return _folder(state) / f"{digest.hexdigest()}.json"


def _in_force(state: Path) -> list[tuple[Any, ...]]:
    """Sum up every version of every row of evidence."""
    with connect(state) as connection:
        tables = (
            statement("sql/sum_of_table", name=literal(name), table=identifier(name)) for name in EVIDENCE
        )
        return connection.execute("UNION ALL ".join(tables)).fetchall()


def _bytes(frame: pd.DataFrame) -> memoryview:
    table = to_arrow(frame)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return memoryview(sink.getvalue())
