"""Tables of the doors through which figures come in: how old their sources are, and what is flagged."""

from dataclasses import dataclass
from typing import Final

from models.vocabulary.tables import Column, ResultTable


@dataclass(frozen=True)
class Door:
    """A reader of the network, as its sources are told of.

    Attributes
    ----------
    name : str
    source : str
        What one of its sources is, for the data dictionary.
    folder : str
        Where the answers of its sources lie below `raw` in the state folder, a folder for each.
    """

    name: str
    source: str
    folder: str


FEED: Final = Door("feed", "a CSV of figures", "feeds")
FILINGS: Final = Door("filings", "company facts of a filer", "filings")
PRESS: Final = Door("press", "a list of press pages", "press/lists")
DOORS: Final = (FEED, FILINGS, PRESS)

# fmt: off
OF_DOORS: Final = (
    ResultTable(
        "source_ages",
        "Sources on the network when a run was published: when each answered last, and what went wrong",
        made_by="flows.sources.ages",
        recorded="runs",
        brought="optional",
        of_a_run=True,
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("door", "; ".join(f"{door.name}: {door.source}" for door in DOORS),
                   words=tuple(door.name for door in DOORS), not_null=True),
            Column("source", "Address without what stands behind a question mark, or path", not_null=True),
            Column("last_good_at", "When it gave a good answer last (UTC), if only that nothing changed; "
                   "NULL if it never did", type="time"),
            Column("changed_at", "When what is read of it came in (UTC); NULL if nothing ever did",
                   type="time"),
            Column("last_failed_at", "When it failed last (UTC); NULL if it never did", type="time"),
            Column("failure", "What went wrong then"),
        ),
    ),
    ResultTable(
        "flagged_figures",
        "Figures that a second look found surprising and nobody has decided about when a run was published "
        "(hbmcast review)",
        made_by="flows.sources.review_queue",
        recorded="runs",
        brought="optional",
        of_a_run=True,
        columns=(
            Column("run_id", "Run (runs.run_id)", not_null=True),
            Column("figure_id", "Figure (figures.figure_id)", not_null=True),
            Column("finding", "What is surprising", not_null=True),
            Column("queued_at", "When it was found (UTC)", type="time"),
            Column("proposal_id", "Its name in the review queue", not_null=True),
        ),
    ),
)
