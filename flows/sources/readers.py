"""The list of readers: each gives raw rows of text, joined into one evidence."""

from flows.runtime.settings import Settings
from flows.sources.raw import RawEvidence
from warehouse.layout import feeds_folder


def read_folders(settings: Settings) -> RawEvidence:
    """Read the base, the folders of own evidence laid over it, and what came in through the inbox.

    Raises
    ------
    SourceError
        When the base is missing or holds no figures.
    """
    from flows.sources.folder import read_folder
    from flows.sources.layers import laid_over, read_overlay

    evidence = read_folder(settings.data)
    for folder in settings.overlays:
        evidence = laid_over(evidence, read_overlay(folder))
    return evidence


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
    evidence = read_folders(settings)
    if settings.feeds:
        from flows.sources.feeds import read_feeds

        evidence = evidence.joined_with(read_feeds(settings.feeds, feeds_folder(settings.state)))
    return evidence
