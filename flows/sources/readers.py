"""The list of readers: each gives raw rows of text, joined into one evidence."""

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from flows.runtime.settings import Settings
from flows.sources.raw import RawEvidence
from models.evidence.tables.files import file_of
from models.vocabulary.results.doors import FEED, FILINGS
from warehouse.layout import raw_folder

if TYPE_CHECKING:
    import pandas as pd

    from flows.sources.inbox import Outcome
    from flows.sources.judged import InForce


def read_folders(settings: Settings) -> RawEvidence:
    """Read the base, the folders of own evidence laid over it, and what came in through the inbox.

    Raises
    ------
    SourceError
        When the base is missing or holds no figures.
    """
    from flows.sources.layers import overlaid

    return overlaid(*_read_folders(settings))


def _read_folders(settings: Settings) -> tuple[RawEvidence, RawEvidence]:
    """Read the folders; what a person reviewed apart, since it lies over what any other door brings."""
    from flows.sources.folder import read_folder
    from flows.sources.inbox_folders import taken_layers
    from flows.sources.layers import overlaid, read_overlay, split_reviewed
    from flows.sources.licence import marked_aside
    from flows.sources.own_rows import with_lost_rows

    evidence, reviewed = read_folder(settings.data), RawEvidence({})
    for folder in settings.overlays:
        whole = with_lost_rows(read_overlay(folder), folder, settings.state, settings.withdraw_many)
        layer, own = split_reviewed(marked_aside(whole), folder)
        evidence, reviewed = overlaid(evidence, layer), overlaid(reviewed, own)
    for layer in taken_layers(settings.inbox_folder):
        evidence = overlaid(evidence, marked_aside(layer))
    return evidence, reviewed


def take_in_inbox(settings: Settings) -> list["Outcome"]:
    """Take in what was dropped into the inbox; how each file fared.

    Raises
    ------
    SourceError
        When the base is missing or holds no figures.
    """
    from flows.sources.drops import read_recipes
    from flows.sources.inbox import Outcome, take_in
    from flows.sources.inbox_folders import dropped_files
    from flows.sources.judged import in_force
    from warehouse.read import figures_of_systems

    if not dropped_files(settings.inbox_folder):
        return []
    recipes, wrong = read_recipes(settings.overlays)
    outcomes = take_in(
        settings.inbox_folder,
        read_folders(settings),
        recipes,
        settings.today,
        partial(_judged, in_force(settings.state), settings.today),
        figures_of_systems(settings.state) or (),
    )
    return [*(Outcome("recipes", refusal=note) for note in wrong), *outcomes]


def read_all(settings: Settings) -> RawEvidence:
    """Read the evidence folders and every configured feed into raw rows and a list of problems.

    Parameters
    ----------
    settings : Settings
        Where evidence folders are, which feeds there are, and where raw responses are kept.

    Returns
    -------
    RawEvidence
        Rows of text, table by table, and what could not be read.

    Raises
    ------
    SourceError
        When the base is missing or holds no figures.
    """
    from flows.sources.layers import overlaid
    from flows.sources.licence import only_figures_private

    evidence, reviewed = _read_folders(settings)
    if settings.doors.feeds:
        from flows.sources.feeds import read_feeds

        folder = raw_folder(settings.state, FEED.folder)
        judge = partial(refused_places, evidence, settings.today)
        feeds = read_feeds(settings.doors.feeds, folder, judge, withdraw=settings.withdraw_many)
        evidence = evidence.joined_with(feeds)
    filers = evidence.files.get(file_of("filers"))
    if filers is not None and settings.doors.contact:
        from flows.sources.filings import read_filings

        folder = raw_folder(settings.state, FILINGS.folder)
        filings = read_filings(
            filers, folder, settings.doors.contact, settings.doors.sec, withdraw=settings.withdraw_many
        )
        evidence = evidence.joined_with(filings)
    return only_figures_private(overlaid(evidence, reviewed))


def refused_places(known: RawEvidence, today: date, offered: RawEvidence) -> set[tuple[str, int]]:
    """Say which offered rows the evidence as a whole would refuse, by file and line.

    Parameters
    ----------
    known : RawEvidence
    today : date
        What is published later is refused.
    offered : RawEvidence
        Of feeds.
    """
    # Feeds bring figures and sources only: no number of a table that is held against the night before.
    rejected, _ = _judged({}, today, known.joined_with(offered))
    return {(str(file), int(row)) for file, row in zip(rejected["file"], rejected["row"], strict=True)}


def _judged(
    before: "InForce", today: date, evidence: RawEvidence
) -> "tuple[pd.DataFrame, dict[str, pd.DataFrame]]":
    """Rows that the evidence as a whole would refuse, with where each stands; and what it would accept."""
    from flows.sources.judged import judged

    validated = judged(evidence, before, today)
    return evidence.placed(validated.rejected), validated.accepted
