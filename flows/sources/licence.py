"""Rows that may not leave the house: marked in the licence note of their publication.

Their figures inform the forecast; they are kept in a database of their own, which no export, page or shared
warehouse reads (`warehouse.private`).
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flows.sources.raw import RawEvidence, RowProblem
from models.evidence.tables.files import FIGURES, SOURCES_FILE, file_of

if TYPE_CHECKING:
    import pandas as pd

MARK: Final = "not_to_be_exported"
_BEGINNING: Final = "nottobe"
"""What the mark begins with: of a file that was cut in it, no row may slip out."""
_MARKED: Final = f"the row is marked {MARK}, and its table is shown row by row on pages and exports"
_MARKED_REMEDY: Final = "Only figures can be kept in the house; take the mark out if the row may be shown"
_MAY_INFORM: Final = (f"{FIGURES}/", SOURCES_FILE, file_of("corrections"))


def only_figures_private(evidence: RawEvidence) -> RawEvidence:
    """Leave out what rests on a marked publication and is no figure: products, companies.

    Tables other than those of figures are shown row by row.

    Parameters
    ----------
    evidence : RawEvidence

    Returns
    -------
    RawEvidence
    """
    marked = private_sources(evidence)
    n_left_out = 0
    for file, frame in list(evidence.files.items()):
        if "source_id" not in frame.columns or file.startswith(_MAY_INFORM):
            continue
        kept = (~frame["source_id"].isin(marked)).tolist()
        n_left_out += kept.count(False)
        evidence = evidence.without(file, kept)
    if not n_left_out:
        return evidence
    told = f"{n_left_out} rows that are no figures rest on publications marked {MARK}: they are left out"
    return evidence.noted([told])


def marked_aside(layer: RawEvidence) -> RawEvidence:
    """Put rows aside that carry the mark themselves and are of a table that is shown row by row.

    A rate, an assumption, a metric has no publication that could be private: marked, it would be shown.
    Where such a row stands is told, nothing of what it says.

    Parameters
    ----------
    layer : RawEvidence
        A folder of own evidence, before it is laid over another.

    Returns
    -------
    RawEvidence
    """
    for file, frame in list(layer.files.items()):
        if file.startswith(_MAY_INFORM):
            continue
        cells = frame.astype(str).map(is_marked)
        problems = [
            RowProblem(place, line, str(cells.columns[int(row.argmax())]), "", _MARKED, _MARKED_REMEDY)
            for row, (place, line) in zip(cells.to_numpy(), layer.origins[file], strict=True)
            if row.any()
        ]
        layer = layer.without(file, (~cells.any(axis=1)).tolist())
        layer = layer.joined_with(RawEvidence({}, {}, problems))
    return layer


def private_sources(evidence: RawEvidence) -> set[str]:
    """Publications that are marked, however the mark is spelled (capitals, blanks, hyphens)."""
    sources = evidence.files.get(SOURCES_FILE)
    if sources is None or not {"source_id", "licence_note"} <= set(sources.columns):
        return set()
    return set(sources["source_id"][[is_marked(str(note)) for note in sources["licence_note"]]])


def is_marked(note: str) -> bool:
    """Say whether a note has the mark, by which its publication stays in the house."""
    return _BEGINNING in re.sub(r"[\W_]", "", note.casefold())


@dataclass(frozen=True)
class Split:
    """Evidence taken apart: what anybody may see, and what is private.

    Attributes
    ----------
    shown, private : dict of DataFrame
        Accepted rows by table; `private` has figures, sources and corrections only.
    """

    shown: "dict[str, pd.DataFrame]"
    private: "dict[str, pd.DataFrame]"


def split_by_licence(accepted: "dict[str, pd.DataFrame]", marked: set[str]) -> Split:
    """Take accepted evidence apart by its publications.

    Parameters
    ----------
    accepted : dict of DataFrame
    marked : set of str
        From `private_sources`.

    Returns
    -------
    Split
    """
    figures = accepted["figures"]
    is_private = figures["source_id"].isin(marked) | figures["note"].map(is_marked).astype(bool)
    # What repeats a private figure would name it.
    is_private |= figures["origin_id"].isin(set(figures.loc[is_private, "figure_id"]))
    names = set(figures.loc[is_private, "figure_id"])
    of_table = {
        "figures": is_private,
        "sources": accepted["sources"]["source_id"].isin(marked | set(figures.loc[is_private, "source_id"])),
        "corrections": accepted["corrections"]["figure_id"].isin(names),
    }
    # An open publication may have open figures besides.
    shown = {
        **accepted,
        "figures": figures[~is_private],
        "sources": accepted["sources"][~accepted["sources"]["source_id"].isin(marked)],
        "corrections": accepted["corrections"][~of_table["corrections"]],
    }
    private = {name: accepted[name][rows] for name, rows in of_table.items()}
    return Split(*({n: f.reset_index(drop=True) for n, f in part.items()} for part in (shown, private)))


def split_rejected(
    evidence: RawEvidence, marked: set[str], rejected: "pd.DataFrame", own: Iterable[Path]
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Take refused rows apart: those anybody may see, and those of private files.

    A file is private where a row of it is; a folder where its publications are. What an own file says of a
    publication that is not known may be private too: that it is refused is shown, its content is not.

    Parameters
    ----------
    evidence : RawEvidence
    marked : set of str
    rejected : DataFrame
        As the warehouse takes it in.
    own : iterable of Path
        Folders of own evidence.

    Returns
    -------
    shown, private : DataFrame
    """
    import pandas as pd

    files, folders = _private_places(evidence, marked)
    places_of = rejected["file"].astype(str)
    in_private = [file in files or file.startswith(folders) for file in places_of]
    is_private = pd.Series(in_private, index=rejected.index, dtype=bool)
    shown, private = rejected[~is_private], rejected[is_private]
    of_row = ["file", "row_number"]
    unknown = set(map(tuple, shown.loc[shown["field"] == "source_id", of_row].to_numpy().tolist()))
    places = tuple(f"{folder}/" for folder in own)
    hidden = [
        str(file).startswith(places) and (file, row) in unknown
        for file, row in shown[of_row].itertuples(index=False)
    ]
    is_hidden = pd.Series(hidden, index=shown.index, dtype=bool)
    value = shown["value"].mask(is_hidden & (shown["field"] != "source_id"), "")
    content = shown["content"].where(~is_hidden, shown["content"].map(_only_names))
    return shown.assign(value=value, content=content), private


def _private_places(evidence: RawEvidence, marked: set[str]) -> tuple[set[str], tuple[str, ...]]:
    """Files with a row of a marked publication or with the mark in its note, and folders of publications."""
    files, folders = set(), set()
    for file, frame in evidence.files.items():
        if "source_id" not in frame.columns:
            continue
        notes = frame["note"].map(is_marked) if "note" in frame else frame["source_id"].isin(())
        rows = (frame["source_id"].isin(marked) | notes).tolist()
        places = {place for (place, _), one in zip(evidence.origins[file], rows, strict=True) if one}
        files |= places
        folders |= {
            place.rpartition("/")[0] + "/" for place in places if file == SOURCES_FILE and "/" in place
        }
    return files, tuple(folders)


def _only_names(content: str) -> str:
    """Name of the figure of a refused row, by which the one in force stays."""
    try:
        row = json.loads(content)
    except (TypeError, ValueError):
        return ""
    return json.dumps({"figure_id": row.get("figure_id", "")}) if isinstance(row, dict) else ""
