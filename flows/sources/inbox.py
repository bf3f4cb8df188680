"""The inbox: dropped files become a layer of evidence; what can't be used goes back with its reason.

==========  ==================================================================================
(the top)   files are dropped here
taken/      good rows, a folder a drop: layers over the other evidence, in the order of the drops
refused/    rows put aside, as CSV with a column `error`; mend them and drop the file again
archive/    every original, under the hash of its content
==========  ==================================================================================
"""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from flows.sources.drop_rows import DROPPED_FIGURES, ERROR_COLUMN, Drop, DropRefused
from flows.sources.drops import read_drop
from flows.sources.inbox_folders import (
    archive,
    content_of,
    dropped_files,
    give_back,
    write_refused,
    write_taken,
)
from flows.sources.layers import overlaid_rows, split_unasked
from flows.sources.raw import RawEvidence, lost_as_csv, shown_name, text_rows
from models.evidence.idle import idle_figures, idle_words
from models.evidence.recipes import Recipe
from models.evidence.shared_header import FIGURE_COLUMNS, SOURCE_COLUMNS
from models.evidence.tables.files import FIGURES, SOURCES_FILE, is_of
from models.vocabulary.units import VALUE_COLUMNS

type Judge = Callable[[RawEvidence], tuple[pd.DataFrame, dict[str, pd.DataFrame]]]
"""The refused rows of some evidence, with file and row as they stand; and what is accepted, by table."""

_SHOWN: Final = 80
_COMPARED: Final = ("metric", "entity", "segment", "period", *VALUE_COLUMNS, "unit", "kind")


@dataclass(frozen=True)
class Outcome:
    """What became of a dropped file; every row read is taken, known already or put aside.

    `idle` says which of the rows taken in inform nothing, `notes` what of the file was not read.
    """

    file: str
    n_rows: int = 0
    n_taken: int = 0
    n_known: int = 0
    n_refused: int = 0
    refusal: str = ""
    idle: str = ""
    notes: tuple[str, ...] = ()

    def line(self) -> str:
        """Say it in one line."""
        counts = f"{self.n_taken} rows taken in, {self.n_known} known already, {self.n_refused} put aside"
        return "; ".join(
            filter(None, (f"inbox {self.file}: {self.refusal or counts}", *self.notes, self.idle))
        )


def take_in(
    inbox: Path,
    known: RawEvidence,
    recipes: list[Recipe],
    today: date,
    judge: Judge,
    of_systems: Collection[str] = (),
) -> list[Outcome]:
    """Take in every file that waits.

    Parameters
    ----------
    inbox : Path
    known : RawEvidence
        All other evidence, earlier drops included.
    recipes : list of Recipe
    today : date
    judge : callable
        Judges rows laid over what is known.
    of_systems : collection of str
        Figures that systems rest on, as `models.evidence.idle.idle_figures` takes them.

    Returns
    -------
    list of Outcome
        One a file, in the order in which they were read.
    """
    outcomes = []
    for path in dropped_files(inbox):
        name = shown_name(path.name)
        try:
            content = content_of(path)
        except OSError as error:
            outcomes.append(
                Outcome(name, refusal=f"can't be read ({error.strerror or error}); left where it is")
            )
            continue
        digest = hashlib.sha256(content).hexdigest()[:16]
        try:
            drop = read_drop(name, content, recipes, today)
            if not any(map(len, drop.evidence.files.values())) and not drop.evidence.problems:
                raise DropRefused("it has a header and no row below it", "rows, or nothing dropped")
        except DropRefused as refused:
            give_back(inbox, name, content, f"{refused}.\nNeeded: {refused.needed}.\n")
            outcome = Outcome(name, refusal=f"refused: {refused}. Needed: {refused.needed}")
        else:
            outcome, good = _judged(inbox, name, digest, drop, known, judge, of_systems)
            known = overlaid_rows(known, good)
        archive(inbox, path, content, digest)
        outcomes.append(outcome)
    return outcomes


def _judged(
    inbox: Path,
    name: str,
    digest: str,
    drop: Drop,
    known: RawEvidence,
    judge: Judge,
    of_systems: Collection[str],
) -> tuple[Outcome, RawEvidence]:
    once, problems = _said_once(drop)
    for place, said in _not_to_be_kept(drop):
        problems.setdefault(place, []).append(said)
    offered, n_known = _news(once, known)
    asked, unasked, told = split_unasked(known, offered)
    for fault in unasked:
        said = f"{fault.field} {fault.value!r}: {fault.problem}; {fault.remedy}"
        problems.setdefault((fault.file, fault.row), []).append(said)
    rejected, accepted = judge(overlaid_rows(known, asked))
    for place, said in _errors(rejected, drop):
        problems.setdefault(place, []).append(said)
    good, aside = RawEvidence({}), []
    errors: list[str]
    if drop.copy is not None:
        errors = ["; ".join(problems.get(place, ())) for place in drop.places]
        aside.append(("", drop.copy.assign(**{ERROR_COLUMN: errors})[[bool(error) for error in errors]]))
    for file, frame in offered.files.items():
        places = offered.origins[file]
        kept = [place not in problems for place in places]
        if drop.copy is not None and file == SOURCES_FILE:
            # A publication stands where the first row that names it does, and stays for the others.
            kept = frame["source_id"].isin(_sources_of_good(offered, problems)).tolist()
        good = good.joined_with(RawEvidence({file: frame}, {file: places}).without(file, kept))
        if drop.copy is not None:
            continue
        errors = ["; ".join(problems.get(place, ())) for place in places]
        aside.append((file, frame.assign(**{ERROR_COLUMN: errors})[[not k for k in kept]]))
    n_rows = _n_rows(drop.evidence) + len(offered.problems)
    write_refused(inbox, name, aside, offered.problems)
    n_taken = _n_rows(good)
    # Publications stay where all that they say goes back: mended, it names them.
    if n_taken or (drop.copy is None and any(map(len, good.files.values()))):
        write_taken(inbox, name, digest, good)
    counted = Outcome(name, n_rows, n_taken, n_known, n_rows - n_taken - n_known)
    return replace(counted, idle=_idle(good, accepted, of_systems), notes=(*drop.evidence.notes, *told)), good


def _errors(rejected: pd.DataFrame, drop: Drop) -> list[tuple[tuple[str, int], str]]:
    """Say what is wrong at which places; of a flat file's publication at each row that names it.

    The file of a person has no publications of their own: that one of them is put aside says nothing there.
    """
    at_first: dict[tuple[str, int], list[tuple[str, int]]] = {}
    figures, names = drop.evidence.files.get(DROPPED_FIGURES), set()
    if drop.copy is not None and figures is not None:
        names = set(figures["source_id"])
        groups: dict[str, list[tuple[str, int]]] = {}
        for place, source in zip(drop.evidence.origins[DROPPED_FIGURES], figures["source_id"], strict=True):
            groups.setdefault(source, []).append(place)
        at_first = {places[0]: places for places in groups.values()}
    told, left = [], []
    for row in rejected.to_dict("records"):
        place = (str(row["file"]), int(row["row"]))
        said = f"{row['field']} {row['value']!r}: {row['problem']}; {row['remedy']}"
        if row["field"] == "source_id" and row["value"] in names:
            left.append((place, said))
            continue
        of_source = row["field"] in SOURCE_COLUMNS and row["field"] not in FIGURE_COLUMNS
        told += [(at, said) for at in (at_first.get(place, [place]) if of_source else [place])]
    # Nothing that is put aside goes without a reason.
    with_reason = {at for at, _ in told}
    for place, said in left:
        if place not in with_reason:
            with_reason.add(place)
            told.append((place, said))
    return told


def _said_once(drop: Drop) -> tuple[RawEvidence, dict[tuple[str, int], list[str]]]:
    """Put rows of a flat file aside that say something else of what a row before says, by that row's place.

    They have no names of their own: the metric, entity, segment, period and publication tell them apart.
    """
    figures = drop.evidence.files.get(DROPPED_FIGURES)
    problems: dict[tuple[str, int], list[str]] = {}
    if drop.copy is None or figures is None:
        return drop.evidence, problems
    first: dict[str, tuple[str, int]] = {}
    kept = []
    for place, name in zip(drop.evidence.origins[DROPPED_FIGURES], figures["figure_id"], strict=True):
        kept.append(name not in first)
        if name in first:
            said = f"row {first[name][1]} gives the same metric, entity, segment, period and publication"
            remedy = "delete one of the two; if both are meant, say in segment or title what tells them apart"
            problems[place] = [f"{said}; {remedy}"]
        first.setdefault(name, place)
    return drop.evidence.without(DROPPED_FIGURES, kept), problems


def _not_to_be_kept(drop: Drop) -> list[tuple[tuple[str, int], str]]:
    """Say which rows would not be read again as they are, once written as the CSV in which they are kept."""
    files = [(frame, drop.evidence.origins[file]) for file, frame in drop.evidence.files.items()]
    told = []
    for frame, places in files if drop.copy is None else [(drop.copy, list(drop.places))]:
        for i, column, fault in lost_as_csv(frame):
            shown = str(frame[column].iloc[i])[:_SHOWN]
            said = f"{column} {shown!r}: it can't be kept as CSV: {fault}; take the sign out"
            told.append((places[i], said))
    return told


def _sources_of_good(offered: RawEvidence, problems: Collection[tuple[str, int]]) -> set[str]:
    if DROPPED_FIGURES not in offered.files:
        return set()
    named = zip(offered.files[DROPPED_FIGURES]["source_id"], offered.origins[DROPPED_FIGURES], strict=True)
    return {source for source, place in named if place not in problems}


def _idle(good: RawEvidence, accepted: dict[str, pd.DataFrame], of_systems: Collection[str]) -> str:
    """Say which of the rows taken in inform nothing, and why."""
    figures = good.files.get(DROPPED_FIGURES)
    if figures is None or "figures" not in accepted:
        return ""
    idle = idle_figures(accepted, set(figures["figure_id"]), of_systems)
    return idle_words(idle, figures["figure_id"].nunique())


def _n_rows(evidence: RawEvidence) -> int:
    """Rows of the file itself: publications that follow from its figures don't count."""
    figures = evidence.files.get(DROPPED_FIGURES)
    return len(figures) if figures is not None else sum(map(len, evidence.files.values()))


def _news(offered: RawEvidence, known: RawEvidence) -> tuple[RawEvidence, int]:
    """Leave out figures that are known as they are; one that changed becomes a figure of its own.

    It was printed again with another number, on a later day: what was known before stays known.
    """
    figures = offered.files.get(DROPPED_FIGURES)
    if figures is None or figures.empty:
        return offered, 0
    before: dict[str, dict[str, str]] = {}
    for name, frame in known.files.items():
        if is_of(name, FIGURES):
            before |= {row["figure_id"]: row for row in text_rows(frame)}
    kept, ids = [], []
    for row in text_rows(figures):
        name, said = row["figure_id"], [row[column] for column in _COMPARED]
        versions = [before[known_id] for known_id in (*_revisions(name, before), name) if known_id in before]
        kept.append(not versions or [versions[0][column] for column in _COMPARED] != said)
        is_revised = bool(versions) and versions[0]["source_id"] != row["source_id"]
        ids.append(f"{name}-r-{row['source_id'][-10:]}" if is_revised and name == row["origin_id"] else name)
    changed = figures.assign(figure_id=ids)
    changed["origin_id"] = changed["figure_id"].where(
        figures["origin_id"] == figures["figure_id"], figures["origin_id"]
    )
    files = {**offered.files, DROPPED_FIGURES: changed}
    rest = RawEvidence(files, offered.origins, offered.problems, offered.notes).without(DROPPED_FIGURES, kept)
    return rest, kept.count(False)


def _revisions(name: str, before: dict[str, dict[str, str]]) -> list[str]:
    """Names of the later versions of a figure, the newest first."""
    return sorted((known_id for known_id in before if known_id.startswith(f"{name}-r-")), reverse=True)
