"""What of a night speaks of private figures: kept apart from what is published, said without their names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from models.vocabulary.results.described import BY_NAME
from warehouse.atomic import as_it_lies
from warehouse.layout import private_file, published_file

if TYPE_CHECKING:
    import pandas as pd

A_FIGURE: Final = "a private figure"
_NAMED: Final = (
    "figure_id",
    "figure_ids",
    "like_figure_id",
    "outcome_figure_id",
    "input_name",
    "input_figure_ids",
)
"""Columns of the tables of a run that name figures."""
NEWS: Final = "news"
COUNT: Final = "private_figures"
_SHORTEST: Final = 4
"""Letters of a title below which it is no name."""


@dataclass(frozen=True)
class Private:
    """Names of private figures, of their publications, and of publishers of nothing else."""

    figures: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()

    def without(self, text: str) -> str:
        """Text without any of the names."""
        if not self.words or not text:
            return text
        return self._pattern.sub(A_FIGURE, text)

    @property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.words, key=len, reverse=True)
        return re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in longest_first))

    def split_by_licence(self, name: str, frame: "pd.DataFrame") -> "tuple[pd.DataFrame, pd.DataFrame]":
        """Take a table of a run apart: rows that may be published, and those that may not.

        Of what moved the forecast the parts stay, since they add up, but for what they name.
        """
        import pandas as pd

        if not self.figures:
            return frame, frame.iloc[:0]
        is_private = pd.Series(data=False, index=frame.index)
        for column in (column for column in _NAMED if column in frame.columns):
            is_private |= frame[column].map(self._names_one).astype(bool)
        if name == NEWS:
            blank = {column: "" for column in ("figure_ids", "publisher") if column in frame}
            hidden = frame[is_private].assign(**blank, about=A_FIGURE, known_on=None)
            kept = pd.concat([frame[~is_private], hidden]).sort_index() if len(hidden) else frame
        else:
            kept = frame[~is_private]
        texts = [
            column
            for column in kept.columns
            if kept[column].dtype.kind in "OSU" or kept[column].dtype == "str"
        ]
        cleaned = {
            column: [self.without(cell) if isinstance(cell, str) else cell for cell in kept[column]]
            for column in texts
        }
        return kept.assign(**cleaned).reset_index(drop=True), frame[is_private]

    def _names_one(self, cell: object) -> bool:
        return isinstance(cell, str) and not self.figures.isdisjoint(re.split(r"[;,\s]+", cell))


def private_of(state: Path) -> Private:
    """Read what is private in a state folder; nothing where nothing is.

    A night asks more than once: files that have not changed since are not read again.
    """
    if not private_file(state).exists():
        return Private()
    files = (private_file(state), published_file(state))
    return _private_of(state, *(as_it_lies(file) for file in files if file.exists()))


@lru_cache(maxsize=2)
def _private_of(state: Path, *_files: tuple[int, int, int, int]) -> Private:
    from datetime import date

    from warehouse.private import private_names
    from warehouse.read import evidence

    names = private_names(state)
    shown = evidence(state, date.max, private=False)["sources"]
    own = set(names["publisher"]) - set(shown["publisher"])
    figures = frozenset(filter(None, names["figure_id"]))
    words = {*figures, *names["source_id"], *own, *(t for t in names["title"] if len(t) >= _SHORTEST)}
    return Private(figures, tuple(sorted(words - {""})))


def publishable(
    state: Path, run_id: str, frames: "dict[str, pd.DataFrame]"
) -> "tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]":
    """Take the tables of a run apart, and count what is private among the diagnostics.

    Parameters
    ----------
    state : Path
    run_id : str
    frames : dict of DataFrame

    Returns
    -------
    shown, private : dict of DataFrame
    """
    import pandas as pd

    private = private_of(state)
    if not private.figures:
        return frames, {}
    apart = {name: private.split_by_licence(name, frame) for name, frame in frames.items()}
    shown = {name: kept for name, (kept, _) in apart.items()}
    hidden = {name: rows for name, (_, rows) in apart.items()}
    fitted = hidden.get("figure_fit")
    n_used = int(fitted["used"].sum()) if fitted is not None else 0
    if "diagnostics" in shown:
        columns = [column.name for column in BY_NAME["diagnostics"].columns]
        row = dict.fromkeys(columns) | {
            **{"run_id": run_id, "name": COUNT, "value": float(n_used), "passed": True},
            "detail": "figures that inform the forecast and are shown nowhere: their licence keeps them here",
        }
        more = pd.DataFrame([row], columns=columns)[list(shown["diagnostics"].columns)]
        shown["diagnostics"] = pd.concat([shown["diagnostics"], more], ignore_index=True)
    return shown, hidden


def without_private_names(state: Path, notes: Iterable[str]) -> tuple[str, ...]:
    """Give notes with `A_FIGURE` in place of each name of something private."""
    private = private_of(state)
    return tuple(private.without(note) for note in notes)
