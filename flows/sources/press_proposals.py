"""From press pages to the review queue: what their sentences propose waits for a person."""

from dataclasses import dataclass, field

import pandas as pd

from flows.runtime.errors import SourceError
from flows.runtime.settings import Settings
from flows.sources import review_queue
from flows.sources.press import chosen, read_press
from flows.sources.press_pages import PressPage
from flows.sources.raw import text_rows
from flows.sources.readers import read_folders
from models.evidence.press.propose import pages_proposals
from models.evidence.press.reference import read_vocabulary
from models.evidence.tables.files import file_of
from models.vocabulary.results.doors import PRESS
from warehouse.layout import raw_folder

NEEDED = ("feeds", "press_words", "press_metrics")


@dataclass(frozen=True)
class Proposed:
    """What became of the feeds asked for: lines for the log, and how many things could not be read."""

    notes: list[str] = field(default_factory=list)
    faults: int = 0


def propose_from_press(settings: Settings, accepted: dict[str, pd.DataFrame]) -> Proposed:
    """Read the press pages asked for, and queue for review the figures that their sentences propose.

    Parameters
    ----------
    settings : Settings
    accepted : dict of DataFrame
        Accepted evidence: feeds, words, metrics.

    Returns
    -------
    Proposed
        Empty where no press pages are asked for.
    """
    if not settings.doors.press:
        return Proposed()
    missing = [file_of(name) for name in NEEDED if name not in accepted]
    if missing:
        return Proposed([f"press: {', '.join(missing)} is missing from the evidence"], len(missing))
    vocabulary = read_vocabulary(accepted)

    def propose(page: PressPage, publisher: str, before: PressPage | None) -> int:
        found = pages_proposals(
            page.text,
            page.described(publisher),
            vocabulary,
            is_dated=page.is_dated,
            changed_since=before.read_on if before is not None else "",
        )
        return len(review_queue.add(settings.state, found))

    feeds, notes = chosen(text_rows(accepted["feeds"].fillna("")), settings.doors.press)
    # The pages lie beside the lists.
    folder = raw_folder(settings.state, PRESS.folder).parent
    night = read_press(feeds, folder, settings.today, propose, settings.doors.contact)
    waiting = len(review_queue.listed(settings.state).waiting)
    faults = night.faults + len(notes)
    total = (
        f"press: {len(night.new)} pages new, {len(night.changed)} changed, {faults} faults; "
        f"{night.n_proposed} figures proposed, {waiting} wait (hbmcast review)"
    )
    return Proposed([*notes, *night.notes, total], faults)


def press_from_folders(settings: Settings) -> Proposed:
    """Read press pages with the feeds and words of the evidence folders as they stand now.

    Raises
    ------
    SourceError
        When the base is missing, or is such that no night could run.
    """
    from models.evidence.validation import validate

    validated = validate(read_folders(settings).files, settings.today)
    if validated.fatal:
        raise SourceError("; ".join(validated.fatal), "Mend the file named; nothing was changed")
    return propose_from_press(settings, validated.accepted)
