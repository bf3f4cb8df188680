"""What is known of the tables at run time: keys, files, and which results a run or a backtest brings.

It follows from the descriptions in models/, by way of generated/tables.json: see `warehouse.generate`.
"""

import json
from typing import NamedTuple

from warehouse.statements import HERE


class StoredEvidence(NamedTuple):
    """One table of evidence.

    Parameters
    ----------
    name : str
        Of the CSV whose rows it holds, without ending.
    keys : tuple of str
        Columns that name a row together.
    known_since : str
        Column with the printed date from which a row counts as known; '' where rows carry none.
    viewed : bool
        Whether the view of its rows in force is generated; otherwise it stands in views_evidence.sql.
    shown_only : bool
        Whether no model reads it.
    """

    name: str
    keys: tuple[str, ...]
    known_since: str
    viewed: bool
    shown_only: bool


class StoredResults(NamedTuple):
    """One table of results.

    Parameters
    ----------
    recorded : str
        Table that has the row's `run_id`: runs, backtests, or '' where rows belong to neither.
    brought : str
        'needed' or 'optional' where a run or backtest brings it as a frame.
    of_a_run : bool
        Whether it is read with the other tables of a run.
    optional_columns, columns : tuple of str
        What a frame may lack, and all there are.
    comment : str
        What it holds.
    """

    recorded: str
    brought: str
    of_a_run: bool
    optional_columns: tuple[str, ...]
    columns: tuple[str, ...]
    comment: str = ""


def is_archived(recorded: str, brought: str) -> bool:
    """Whether the rows of a table of results come with a run, and go to the archive after some more."""
    return recorded == "runs" and bool(brought)


def recent(table: str) -> str:
    """Name under which a table of `ARCHIVED` keeps the rows of the last runs."""
    return f"recent_{table}"


def stored(table: str) -> str:
    """Name of the table in the file that takes the rows of a table of results."""
    return recent(table) if table in ARCHIVED else table


REJECTED = "rejected_figures"
_LISTED = json.loads((HERE / "generated" / "tables.json").read_text(encoding="utf-8"))
EVIDENCE: dict[str, StoredEvidence] = {
    table: StoredEvidence(**{**fields, "keys": tuple(fields["keys"])})
    for table, fields in _LISTED["evidence"].items()
}
RESULTS: dict[str, StoredResults] = {
    table: StoredResults(
        **{
            **fields,
            "optional_columns": tuple(fields["optional_columns"]),
            "columns": tuple(fields["columns"]),
        }
    )
    for table, fields in _LISTED["results"].items()
}
# Tables whose rows come with a run: those of the last runs lie in the file under another name, earlier ones
# in the archive, and a view of the table's own name shows all.
ARCHIVED = tuple(name for name, table in RESULTS.items() if is_archived(table.recorded, table.brought))
_TABLE_OF = {fields.name: table for table, fields in EVIDENCE.items()}


def table_of(name: str) -> str:
    """Return the table that holds the rows of `name`.csv: `scenarios` are in `scenario_shocks`."""
    return _TABLE_OF.get(name, name)


def name_of(table: str) -> str:
    """Return the name of the file whose rows a table holds, without its ending."""
    return EVIDENCE[table].name


def brought_by(recorded: str, *brought: str) -> tuple[str, ...]:
    """Names of the frames that a run (`recorded` 'runs') or a backtest ('backtests') brings."""
    return tuple(
        name
        for name, table in RESULTS.items()
        if table.brought in brought and (table.recorded or "runs") == recorded
    )
