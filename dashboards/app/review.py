"""What the notebook needs besides sections: warnings, questions in SQL, notes, errors as answers."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from dashboards.app.both_ways import effect_of, effect_table
from dashboards.app.doors import Doors
from dashboards.app.reading import stale_lines
from dashboards.app.what_if import Basis
from dashboards.blocks import Block, Section, TableBlock, section_block, table_block
from dashboards.frames import ReportFrames
from dashboards.labels import number
from dashboards.sections.notes import TITLE, notes_blocks
from models.attribution.without_figure import WithoutFigure
from warehouse.errors import WarehouseError
from warehouse.notes import VERDICTS, read_notes
from warehouse.query import query
from warehouse.questions import cookbook

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["VERDICTS", "cookbook"]

SQL_SECONDS: Final = 60.0
DOWNLOADS: Final = ("csv", "parquet", "xlsx")
NOTE_FORM: Final = "{run_id}\n\n{verdict}\n\n{about}\n\n{comment}\n\n{reviewer}"
"""How the fields of a note stand under each other."""
READING: Final = "Reading the posterior of the run served: some seconds, once a night."
FIRST_QUERY: Final = "from hbm_forecast where period = '2026'"


def answered[Value](
    ask: Callable[[], Value], errors: tuple[type[Exception], ...]
) -> tuple[Value | None, str]:
    """Ask for something; what is said to a reader instead, where it can't be had.

    Parameters
    ----------
    ask : callable
    errors : tuple of exception types
        `dashboards.app.doors.Doors.errors`; the warehouse's and wrong values count too.

    Raises
    ------
    Exception
        What `ask` raised, where it is of another kind: a fault of the code.
    """
    try:
        return ask(), ""
    except Exception as error:
        if not isinstance(error, (*errors, WarehouseError, ValueError)):
            raise
        return None, str(error)


def warnings(state: Path, run_id: str, served: str, night_line: str) -> list[str]:
    """Say what to know before believing what is shown: another run is served, stale, a night in progress.

    Parameters
    ----------
    state : Path
    run_id : str
        The run on show.
    served : str
        The run that was served when the page was opened.
    night_line : str
    """
    lines = [line for line in (*stale_lines(state, run_id), night_line) if line]
    if lines and run_id == served and lines[0].startswith("Not the forecast"):
        lines[0] = "A newer forecast was published since this page was opened: load the page again."
    return lines


def asked(state: Path, sql: str) -> "pa.Table":
    """Answer a question in SQL: it can only select, for a minute at most."""
    return query(state, sql, confined=True, seconds=SQL_SECONDS)


def formats(table: "pa.Table") -> dict[str, Callable[[Any], str]]:
    """Say how the columns of an answer are shown: decimals with six digits; files have them all."""
    decimals = [field.name for field in table.schema if str(field.type) in ("float", "double")]
    return dict.fromkeys(decimals, decimal)


def decimal(value: float | None) -> str:
    """Write a decimal with six digits that count, thousands separated."""
    return "" if value is None else number(float(value), 6) if math.isfinite(float(value)) else str(value)


def noted(given: Doors, run_id: str, verdict: str, comment: str, about: str, reviewer: str) -> str:
    """Have a note written, and say what became of it.

    Parameters
    ----------
    given : Doors
    run_id : str
    verdict : str
        Of `warehouse.notes.VERDICTS`.
    comment : str
    about : str
        Quantity, figure or whatever else of the run is meant; empty: the whole of it.
    reviewer : str
    """
    file, why = answered(
        lambda: given.write_note(run_id.strip(), verdict, comment, about, reviewer), given.errors
    )
    return f"Written: {file.name}" if file else f"Not written: {why}"


def notes_part(state: Path) -> Section:
    """Make the section of all notes as they are now."""
    return section_block("notes", TITLE, *notes_blocks(read_notes(state)))


def section(title: str, blocks: Sequence[Block]) -> Section:
    """Make a section of the app."""
    return section_block("shown", title, blocks)


def facts_block(facts: dict[str, str]) -> TableBlock:
    """Lay out what is known of a figure, a line each."""
    rows = pd.DataFrame([(name, value) for name, value in facts.items() if value], columns=["", "Figure"])
    return table_block(rows.rename(columns={"Figure": "What is known"}), links=("What is known",))


def effects_of(
    frames: ReportFrames,
    basis: Basis | None,
    figure_id: str,
    why_no_basis: str,
    errors: tuple[type[Exception], ...],
) -> list[Block]:
    """Lay out what a figure does to the headline of the run served, or why that can't be told.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    basis : Basis or None
        The posterior of the run; None until it is read.
    figure_id : str
    why_no_basis : str
    errors : tuple of exception types
        As for `answered`.
    """
    if basis is None:
        return effect_blocks(None, why_no_basis)
    effect, why_not = answered(lambda: effect_of(frames, basis, figure_id), errors)
    return effect_blocks(effect, why_not)


def effect_blocks(effect: WithoutFigure | None, why_not: str) -> list[Block]:
    """Lay out what a figure does to the headline, or why that can't be told."""
    if effect is None:
        return [{"kind": "nothing", "title": "What it does to the headline", "reason": why_not}]
    trust = "" if effect.is_trusted else " The weights are uneven: read the direction, not the size."
    words = (
        f"The forecast's draws, weighted as if the figure had not been published (Pareto k "
        f"{effect.pareto_k:.2f}).{trust} Copies of it, and what its publisher's other figures say, stay."
    )
    table = effect_table(effect)
    numeric = [str(name) for name in table if name not in ("quantity", "unit", "year")]
    return [
        {"kind": "nothing", "title": "What it does to the headline", "reason": words},
        table_block(table, numeric=numeric),
    ]
