"""Reviewers' notes: what people said of this run and of those before it."""

from typing import Final

import pandas as pd

from dashboards.blocks import Block, Section, section_block, table_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames

MOST_NOTES: Final = 40
TITLE: Final = "Reviewers' notes"
NONE_YET: Final = "Nobody has written a note yet; the review app (hbmcast app) takes them."


def notes_section(frames: ReportFrames, _gallery: Gallery) -> Section:
    """Make the section of the reviewers' notes."""
    return section_block("notes", TITLE, *notes_blocks(frames.notes))


def notes_blocks(notes: pd.DataFrame) -> tuple[list[Block], str]:
    """Lay out notes, the newest first.

    Parameters
    ----------
    notes : pandas.DataFrame
        As `warehouse.notes.read_notes` gives them.

    Returns
    -------
    blocks : list of dict
    text : str
        How many there are, and where the others are.
    """
    if notes.empty:
        return [], NONE_YET
    shown = notes.head(MOST_NOTES)
    table = pd.DataFrame({
        "Written": shown["written_at"].str[:16].str.replace("T", " "), "Run": shown["run_id"],
        "Verdict": shown["verdict"], "About": shown["about"], "Comment": shown["comment"],
        "Reviewer": shown["reviewer"],
    })  # fmt: skip
    counts = notes["verdict"].value_counts()
    said = ", ".join(f"{n} {verdict}" for verdict, n in counts.items())
    older = len(notes) - len(shown)
    more = f" The newest {MOST_NOTES} are shown; all lie in the folder `notes`." if older else ""
    return [table_block(table, bad=("Verdict", "doubt"))], f"{len(notes)} notes ({said}).{more}"
