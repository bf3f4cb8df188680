"""The file a build starts from: every table, view and macro with its comment, and no rows.

Making it takes more than a thousand statements, and it follows from nothing but them. So it is made once a
process, and kept for the next in the cache of the state folder.
"""

import hashlib
import tempfile
from functools import cache
from pathlib import Path

import duckdb

from warehouse import layout
from warehouse.archive import create_result_views
from warehouse.atomic import written_whole
from warehouse.connect import CATALOG, scratch_connection
from warehouse.statements import literal, statement, text

MADE_OF = (
    "generated/schema",
    "sql/serve_latest",
    "views_evidence",
    "views",
    "generated/evidence_views",
    "views_scores",
    "views_systems",
    "generated/system_views",
    "draws_view_empty",
    "system_draws_view_empty",
    "frozen_views_empty",
    "macros",
)
SHORT = 16


def begin_file(state: Path, building: Path) -> None:
    """Write a file without rows, from the cache where it has one that is whole.

    Parameters
    ----------
    state : Path
    building : Path
        File to write.
    """
    folder, name = layout.cache_folder(state, "schema"), _name()
    kept = next(iter(folder.glob(f"{name}-*.duckdb")), None)
    content = kept.read_bytes() if kept is not None else b""
    if kept is None or not kept.stem.endswith(f"-{_short(content)}"):
        content = _blank()
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.duckdb"):
            old.unlink(missing_ok=True)
        with written_whole(folder / f"{name}-{_short(content)}.duckdb") as unfinished:
            unfinished.write_bytes(content)
    building.write_bytes(content)


@cache
def _blank() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "blank.duckdb"
        connection = scratch_connection(Path(folder) / "tmp")
        try:
            connection.execute(statement("sql/attach_new", path=literal(path), catalog=CATALOG))
            connection.execute(statement("sql/use", catalog=CATALOG))
            # In one transaction: otherwise each statement waits for the disk.
            connection.execute(statement("sql/begin"))
            connection.execute(statement(MADE_OF[0]))
            create_result_views(connection, Path(folder))
            for name in MADE_OF[1:]:
                connection.execute(statement(name))
            connection.execute(statement("sql/commit"))
            connection.execute(statement("sql/finish_build", catalog=CATALOG))
        finally:
            connection.close()
        return path.read_bytes()


@cache
def _name() -> str:
    """Name what the file follows from, the version of DuckDB among it."""
    made_of = (*MADE_OF, "result_view", "archive_files_empty", "sql/attach_new")
    return _short("\n".join([duckdb.__version__, *map(text, made_of)]).encode())


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:SHORT]
