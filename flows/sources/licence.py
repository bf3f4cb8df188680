"""Rows that may not leave the house: marked in the licence note of their publication."""

import re
from typing import Final

from flows.sources.raw import RawEvidence

MARK: Final = "not_to_be_exported"
_SOURCES: Final = "sources.csv"


def without_confidential(evidence: RawEvidence) -> RawEvidence:
    """Leave out publications marked `not_to_be_exported`, and all rows that rest on them.

    The warehouse, its exports and the page show every row that was taken in, and those put aside with their
    text; so what may not leave is not taken in at all, and only counted. However the mark is spelled
    (capitals, blanks, hyphens), it counts.

    Parameters
    ----------
    evidence : RawEvidence

    Returns
    -------
    RawEvidence
    """
    sources = evidence.files.get(_SOURCES)
    if sources is None or not {"source_id", "licence_note"} <= set(sources.columns):
        return evidence
    marked = [is_marked(str(note)) for note in sources["licence_note"]]
    names = set(sources["source_id"][marked])
    if not names:
        return evidence
    n_left_out = 0
    for file, frame in list(evidence.files.items()):
        if "source_id" not in frame.columns:
            continue
        kept = (~frame["source_id"].isin(names)).tolist()
        n_left_out += kept.count(False) if file != _SOURCES else 0
        evidence = evidence.without(file, kept)
    return evidence.noted(
        [
            f"{n_left_out} rows of {len(names)} publications are marked {MARK}: left out of this run, since "
            "warehouse and pages show all that is taken in"
        ]
    )


def is_marked(note: str) -> bool:
    """Say whether a licence note keeps its publication in the house."""
    return re.sub(r"[\W_]", "", MARK) in re.sub(r"[\W_]", "", note.casefold())
