"""Rows of a dropped file under a header that is known: which table they are of, and how they are named."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from flows.sources.raw import RawEvidence, RowProblem
from models.evidence.checks.printed import columns_of_the_number
from models.evidence.shared_header import (
    FISCAL_COLUMN,
    SHARED_COLUMNS,
    accepted_period,
    from_shared_header,
)
from models.evidence.tables.described import BY_NAME, REJECTED
from models.evidence.tables.files import FIGURES, SOURCES_FILE, file_of
from models.vocabulary.printed_text import SignError, folded, plain_text

ERROR_COLUMN: Final = "error"
_IDENTITY: Final = ("source_org", "title", "url", "published_on", "metric", "entity", "segment", "period")
DROPPED_FIGURES: Final = file_of(FIGURES, "dropped")
MOST_UNPACKED: Final = 512 * 2**20
"""Bytes of a drop once unpacked: of a workbook's parts, or of all cells of a Parquet file."""
ENOUGH_TO_MEAN: Final = 0.5
"""Share of a header's columns by which it is meant."""


@dataclass(frozen=True)
class Drop:
    """A dropped file as evidence; `copy` has its rows as they were, where those are not the table's own."""

    evidence: RawEvidence
    copy: pd.DataFrame | None = None
    places: tuple[tuple[str, int], ...] = ()


class DropRefused(Exception):
    """A file as a whole can't be taken in; `needed` says what would help."""

    def __init__(self, problem: str, needed: str) -> None:
        super().__init__(problem)
        self.needed = needed


def rows_of_drop(
    name: str, frame: pd.DataFrame, places: list[tuple[str, int]], problems: list[RowProblem]
) -> Drop:
    """Sort rows with a header that is known into their table.

    Parameters
    ----------
    name : str
        Of the file or sheet.
    frame : DataFrame of str
    places : list of (str, int)
        Where each row stands.
    problems : list of RowProblem
        Rows that could not be read.

    Raises
    ------
    DropRefused
        The header is that of no table.
    """
    frame = frame.drop(columns=[ERROR_COLUMN], errors="ignore")
    columns = set(map(str, frame.columns))
    if columns >= set(SHARED_COLUMNS) and "figure_id" not in columns:
        evidence = _shared(frame, places, problems)
        return Drop(evidence.noted(_unread(frame, (*SHARED_COLUMNS, FISCAL_COLUMN))), frame, tuple(places))
    tables = [table for table in BY_NAME if table != REJECTED and columns >= set(BY_NAME[table].column_names)]
    if not tables:
        shown = ",".join(map(str, frame.columns))[:120]
        said = frame.to_numpy().tolist()
        below = [(line, cells) for (_, line), cells in zip(places, said, strict=True)]
        below += [(problem.row, problem.raw.split(",")) for problem in problems]
        needed = needed_below(sorted(below, key=lambda row: row[0])) or _header_needed(columns)
        raise DropRefused(f"its header {shown!r} is that of no table", needed)
    table = max(tables, key=lambda known: len(BY_NAME[known].column_names))
    file = DROPPED_FIGURES if table == FIGURES else file_of(table)
    known = BY_NAME[table].column_names
    rows = frame[[*known, *(c for c in columns_of_the_number(frame) if c not in known)]]
    return Drop(RawEvidence({file: rows}, {file: places}, problems).noted(_unread(frame, known)))


def rows_of_drops(drops: Sequence[Drop], notes: list[str]) -> Drop:
    """Join what the sheets of a workbook give; rows with the flat header go back as they were."""
    evidence = RawEvidence({}, notes=notes)
    for drop in drops:
        evidence = evidence.joined_with(drop.evidence)
    copies = [drop.copy for drop in drops if drop.copy is not None]
    if len(copies) < len(drops):
        return Drop(evidence)
    places = tuple(place for drop in drops for place in drop.places)
    return Drop(evidence, pd.concat(copies, ignore_index=True).fillna(""), places)


def _unread(frame: pd.DataFrame, known: Sequence[str]) -> list[str]:
    """Say which columns have something in them and are not read."""
    of_use = {*known, *columns_of_the_number(frame)}
    of_no_use = [str(column) for column in frame if column not in of_use and any(frame[column] != "")]
    return [f"not read: the columns {', '.join(of_no_use)}"] if of_no_use else []


def needed_below(rows: Iterable[tuple[int, Iterable[str]]]) -> str:
    """Say on which line a header stands that is known, below a title; '' where none does.

    Parameters
    ----------
    rows : iterable of (int, iterable of str)
        Line and cells.
    """
    headers = [set(SHARED_COLUMNS), *(set(table.column_names) for table in BY_NAME.values())]
    for line, cells in rows:
        row = set(cells)
        if any(header <= row for header in headers):
            return f"the rows above line {line}, where the header is, taken away (they may name a unit)"
    return ""


def _header_needed(columns: set[str]) -> str:
    """Say which header is meant, where one is nearly there: other capitals, blanks, a column too few."""
    headers = [SHARED_COLUMNS, *(t.column_names for name, t in BY_NAME.items() if name != REJECTED)]
    spelled = {folded(column): column for column in columns}

    def has(header: Sequence[str]) -> float:
        return sum(folded(column) in spelled for column in header) / len(header)

    near = max(headers, key=has)
    if has(near) <= ENOUGH_TO_MEAN:
        return f"the flat header ({','.join(SHARED_COLUMNS)}) or that of a table of data/"
    lacking = [column for column in near if column not in columns]
    said = [f"{spelled[folded(c)]!r} written as {c}" if folded(c) in spelled else c for c in lacking]
    return f"the columns {', '.join(said)}, for the header {','.join(near)}"


def _shared(frame: pd.DataFrame, places: list[tuple[str, int]], problems: list[RowProblem]) -> RawEvidence:
    """Flat rows become figures and sources whose names follow from what they say, the same at each drop."""
    figures, sources = from_shared_header(frame)
    said = _alike(frame.fillna("").astype(str))
    # Two rows that say the same of the same are told apart by nothing: the checks refuse the second.
    by_identity = [f"drop-{_digest(*row)}" for row in said[list(_IDENTITY)].itertuples(index=False)]
    publications = [f"drop-s-{_digest(*row)}" for row in said[list(_IDENTITY[:4])].itertuples(index=False)]
    by_source = dict(zip(figures["source_id"], publications, strict=True))
    first = {source: places[i] for i, source in reversed(list(enumerate(figures["source_id"])))}
    figures = figures.assign(
        figure_id=by_identity, origin_id=by_identity, source_id=figures["source_id"].map(by_source)
    )
    at_source = [first[source] for source in sources["source_id"]]
    sources = sources.assign(source_id=sources["source_id"].map(by_source))
    files = {DROPPED_FIGURES: figures, SOURCES_FILE: sources}
    return RawEvidence(files, {DROPPED_FIGURES: places, SOURCES_FILE: at_source}, problems)


def _alike(said: pd.DataFrame) -> pd.DataFrame:
    """Write what names a statement in one way: FY26 and FY2026 are no two periods, nor two opinions."""
    plain = {name: [_plainly(cell) for cell in said[name]] for name in _IDENTITY}
    periods = map(accepted_period, plain["period"], (_plainly(kind) for kind in said["kind"]))
    return said.assign(**(plain | {"period": list(periods)}))


def _plainly(cell: str) -> str:
    try:
        return plain_text(cell)
    except SignError:
        return cell


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]
