"""Decisions about what waits: an accepted row goes to the folder of own evidence, through all checks.

Its publication is written first, then the row, then the decision, each whole or not at all: whoever is
stopped in between decides again, and the same row takes its own place.
"""

import getpass
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pandas as pd

from flows.runtime.errors import HbmcastError
from flows.runtime.settings import DATA_VARIABLE, Settings
from flows.sources import review_queue
from flows.sources.judged import in_force, judged
from flows.sources.layers import REVIEWED, overlaid
from flows.sources.raw import RawEvidence, parse_csv, text_rows
from flows.sources.readers import read_folders
from models.evidence.checks.rates import CONFIRMED
from models.evidence.idle import idle_figures, idle_words
from models.evidence.proposals import ACCEPTED, REJECTED, Decision, Entry, figure_row, source_row
from models.evidence.tables.described import BY_NAME
from models.evidence.tables.files import FIGURES, SOURCES_FILE, file_of
from warehouse.atomic import written_whole
from warehouse.layout import review_folder
from warehouse.read import figures_of_systems

REVIEWED_FIGURES: Final = f"{FIGURES}/{REVIEWED}"
REVIEWED_SOURCES: Final = f"sources/{REVIEWED}"
_PLACE: Final = "the row under review"
_OFFERED: Final = {file_of(FIGURES, "review"): FIGURES, SOURCES_FILE: "sources"}


def accept(
    settings: Settings,
    proposal_id: str,
    mended: Mapping[str, str] | None = None,
    origin_id: str = "",
    remark: str = "",
) -> tuple[Entry, str]:
    """Accept a proposal: its row informs the next night.

    A row that stands in a file already, and is taken as it is, stays where it is.

    Parameters
    ----------
    settings : Settings
        The last folder laid over the base takes the row.
    proposal_id : str
        Or its beginning.
    mended : mapping of str to str, optional
        Cells to change before it is taken.
    origin_id : str
        The figure whose statement it repeats, if it is an echo.
    remark : str

    Returns
    -------
    entry : Entry
        As it stands now.
    idle : str
        Why the row will inform nothing; empty where it informs something.

    Raises
    ------
    HbmcastError
        No folder takes rows, a check refuses the row, or somebody decided before. Nothing was written then.
    """
    changes = dict(mended or {})
    with _deciding(settings.state):
        proposal = review_queue.undecided(settings.state, proposal_id).proposal
        who, now = user(), datetime.now(UTC)
        what = f"mended ({', '.join(changes)}) and accepted" if changes else "accepted"
        note = f"{CONFIRMED} {what} in review by {who} on {now.date()}" + (f"; {remark}" if remark else "")
        try:
            figure = figure_row(proposal, changes, origin_id, note)
        except KeyError as error:
            raise HbmcastError(str(error.args[0]), "Name one of those cells, as value=61e9") from None
        idle = ""
        if not proposal.figure_id or changes or origin_id:
            idle = _checked_and_written(settings, _own_folder(settings), figure, source_row(proposal))
        decision = Decision(
            verdict=ACCEPTED,
            who=who,
            decided_at=now.isoformat(timespec="seconds"),
            reason=remark,
            mended=changes or None,
            figure_id=proposal.row_id,
        )
        return review_queue.decide(settings.state, proposal.proposal_id, decision), idle


def reject(settings: Settings, proposal_id: str, why: str) -> Entry:
    """Reject a proposal, for good.

    Parameters
    ----------
    settings : Settings
    proposal_id : str
        Or its beginning.
    why : str
        Kept with the decision.

    Returns
    -------
    Entry
        As it stands now.

    Raises
    ------
    HbmcastError
        None or several begin so, somebody decided before, or the queue can't be written.
    """
    decision = Decision(
        verdict=REJECTED, who=user(), decided_at=datetime.now(UTC).isoformat(timespec="seconds"), reason=why
    )
    with _deciding(settings.state):
        return review_queue.decide(settings.state, proposal_id, decision)


def user() -> str:
    """Name of whoever decides."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


@contextmanager
def _deciding(state: Path) -> Iterator[None]:
    """Let one person decide at a time."""
    # What it hooks into the interpreter makes every import behind it slower.
    from filelock import FileLock

    folder = review_folder(state)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "lock"):
            yield
    except PermissionError as error:
        raise HbmcastError(
            f"{folder} can't be written ({error.strerror or error})", "Make it writable, then decide again"
        ) from error


def _own_folder(settings: Settings) -> Path:
    """Folder of own evidence that takes rows: the last one laid over the base."""
    if not settings.overlays:
        raise HbmcastError(
            f"No folder of own evidence takes what is accepted: {DATA_VARIABLE} names none besides the base",
            f"hbmcast init own, then export {DATA_VARIABLE}=own (or BASE{os.pathsep}own, with your own base)",
        )
    folder = settings.overlays[-1]
    if not folder.is_dir():
        raise HbmcastError(
            f"The folder of own evidence {folder} is not there",
            f"Make it with hbmcast init, mount it, or name another in {DATA_VARIABLE}",
        )
    return folder


def _checked_and_written(
    settings: Settings, folder: Path, figure: dict[str, str], source: dict[str, str]
) -> str:
    """Check a row as every row is checked, and write it; say why it will inform nothing, if so."""
    known = read_folders(settings)
    before = in_force(settings.state)
    named = set(known.files[SOURCES_FILE]["source_id"])
    offered = _offered([figure], [] if source["source_id"] in named else [source])
    whole = overlaid(known, offered)
    validated = judged(whole, before, settings.today)
    if validated.fatal:
        raise HbmcastError("; ".join(validated.fatal), "Mend the file named; nothing was written")
    placed = whole.placed(validated.rejected)
    refused = [row for row in placed.to_dict("records") if row["file"] == _PLACE]
    if refused:
        said = "; ".join(f"{row['field']} {row['value']!r}: {row['problem']}" for row in refused)
        remedies = "; ".join(dict.fromkeys(str(row["remedy"]) for row in refused))
        raise HbmcastError(
            f"The row can't be taken in: {said}", f"{remedies} (--mend ID field=value); nothing was written"
        )
    # What a feed brought has its publication there.
    if source["source_id"] not in named | set(before["sources"]["source_id"] if before else ()):
        _put(folder / REVIEWED_SOURCES, "sources", source)
    _put(folder / REVIEWED_FIGURES, FIGURES, figure)
    idle = idle_figures(validated.accepted, {figure["figure_id"]}, figures_of_systems(settings.state))
    return idle_words(idle, 1)


def _offered(figures: list[dict[str, str]], sources: list[dict[str, str]]) -> RawEvidence:
    files, origins = {}, {}
    for (name, table), rows in zip(_OFFERED.items(), (figures, sources), strict=True):
        if rows:
            files[name] = pd.DataFrame(rows, columns=list(BY_NAME[table].column_names), dtype=str)
            origins[name] = [(_PLACE, 0)] * len(rows)
    return RawEvidence(files, origins)


def _put(file: Path, table: str, row: dict[str, str]) -> None:
    """Add a row to a file of a table, or put it in place of the one with its key."""
    described = BY_NAME[table]
    columns, rows = list(described.column_names), []
    try:
        if file.exists():
            frame, _, problems = parse_csv(file.read_bytes(), str(file))
            missing = set(columns) - set(frame.columns if frame is not None else columns)
            if frame is None or problems or missing:
                why = problems[0].problem if problems else f"no column {', '.join(sorted(missing))}"
                raise HbmcastError(f"{file} can't be added to: {why}", "Mend it first; nothing was written")
            columns, rows = [str(name) for name in frame.columns], text_rows(frame)
        key = described.keys[0]
        kept = [old for old in rows if old[key] != row[key]]
        file.parent.mkdir(parents=True, exist_ok=True)
        whole = pd.DataFrame([*kept, row], columns=columns, dtype=str).fillna("")
        with written_whole(file) as unfinished:
            whole.to_csv(unfinished, index=False, lineterminator="\n")
    except OSError as error:
        raise HbmcastError(
            f"{file} can't be written ({error.strerror or error})", "Make it writable, then decide again"
        ) from error
