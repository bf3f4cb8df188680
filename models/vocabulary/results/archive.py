"""Descriptions of what says where the rows of a run lie."""

from typing import Final

from models.vocabulary.tables import Column, ResultTable

# fmt: off
ARCHIVE: Final = (
    ResultTable(
        "run_rows",
        "Where a run's rows lie, table by table: under its own name or, where it says the very same, under "
        "that of an earlier run; in this file or in the archive. Views put the name and as-of day of the run "
        "back",
        made_by="warehouse.run_rows",
        recorded="runs",
        columns=(
            Column("table_name", "Table of results, as views and macros name it", not_null=True),
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("as_of", "As-of day of the run", type="day"),
            Column("rows_of", "Run under whose name its rows are stored", not_null=True),
            Column("file", "File of the archive that holds them (archives.file); NULL where this file does"),
        ),
    ),
    ResultTable(
        "archives",
        "Files of the archive: rows of earlier runs as Parquet, written once and never changed",
        made_by="warehouse.archive",
        columns=(
            Column("file", "Path relative to the state folder", not_null=True),
            Column("table_name", "Table whose rows it holds", not_null=True),
            Column("row_count", "Its rows", type="count", not_null=True),
            Column("bytes", "Its size", type="count", not_null=True),
            Column("in_force", "False once it is older than what is kept: then its rows are gone",
                   type="flag", not_null=True),
        ),
    ),
)
# fmt: on
