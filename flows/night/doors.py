"""Tables of a run about its doors: the ages of its sources, and the figures that are flagged."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from flows.runtime.settings import Settings
from flows.sources import review_queue
from flows.sources.ages import source_ages
from models.vocabulary.results.described import BY_NAME

if TYPE_CHECKING:
    import pandas as pd


def tables_of_doors(settings: Settings, run_id: str) -> "dict[str, pd.DataFrame]":
    """Make the tables `source_ages` and `flagged_figures` of a run, as things stand.

    Parameters
    ----------
    settings : Settings
    run_id : str
    """
    import pandas as pd

    ages = [asdict(age) for age in source_ages(settings.state)]
    flagged = [
        {
            "figure_id": entry.proposal.figure_id,
            "finding": entry.proposal.why_it_waits,
            "queued_at": datetime.fromisoformat(entry.queued_at),
            "proposal_id": entry.proposal.proposal_id,
        }
        for entry in review_queue.listed(settings.state).waiting
        # What a press page says stays in the queue until it is accepted.
        if entry.proposal.figure_id
    ]
    return {
        name: pd.DataFrame(
            [{"run_id": run_id, **_plain(row)} for row in rows],
            columns=[column.name for column in BY_NAME[name].columns],
        )
        for name, rows in (("source_ages", ages), ("flagged_figures", flagged))
        if rows
    }


def _plain(row: dict[str, object]) -> dict[str, object]:
    """Moments as the warehouse has them, in UTC without a zone; what is unknown as missing."""
    cells = {name: cell or None for name, cell in row.items()}
    return {
        name: cell.replace(tzinfo=None) if isinstance(cell, datetime) else cell
        for name, cell in cells.items()
    }
