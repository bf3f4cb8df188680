"""The list of readers: each gives raw rows of text, joined into one evidence."""

from flows.runtime.settings import Settings
from flows.sources.raw import RawEvidence
from warehouse.layout import feeds_folder


def read_all(settings: Settings) -> RawEvidence:
    """Read the evidence folder and every configured feed into raw rows and a list of problems.

    Parameters
    ----------
    settings : Settings
        Where the evidence folder is, which feeds there are, and where raw responses are kept.

    Returns
    -------
    RawEvidence
        Rows of text, table by table, and what could not be read.

    Raises
    ------
    SourceError
        When the evidence folder itself is missing or holds no figures.
    """
    from flows.sources.folder import read_folder

    evidence = read_folder(settings.data)
    if settings.feeds:
        from flows.sources.feeds import read_feeds

        evidence = evidence.joined_with(read_feeds(settings.feeds, feeds_folder(settings.state)))
    return evidence
