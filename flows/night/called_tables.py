"""Tables that a night makes by calling what their descriptions name, each behind a fence."""

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from flows.night.fence import SystemTables, record_failed_system
from models.vocabulary.results.described import CALLED
from models.vocabulary.tables import ResultTable

if TYPE_CHECKING:
    from models.draws.drawn_run import DrawnRun


def make_called_tables(
    out: SystemTables, run_id: str, run: "DrawnRun", tables: Sequence[ResultTable] = CALLED
) -> None:
    """Make each table by the function of its name in its module; one that raises is left out and noted.

    Parameters
    ----------
    out : SystemTables
        What they are added to.
    run_id : str
    run : DrawnRun
    tables : sequence of ResultTable
    """
    for table in tables:
        try:
            made = getattr(import_module(table.made_by), table.name)(run)
            if made is None:
                continue
            stamp = {"run_id": run_id, "as_of": run.as_of}
            frame = made.assign(**{name: stamp[name] for name in table.column_names if name in stamp})
            out.frames[table.name] = frame[list(table.column_names)]
        except Exception as error:
            record_failed_system(out, run_id, table.name, error)
