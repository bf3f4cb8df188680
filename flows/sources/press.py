"""Reader of press pages: lists of them, the pages that are new or changed, and what their sentences propose.

Servers are asked side by side (`flows.sources.press_questions`); what came back is read in the order of
the feeds. What is found waits in the review queue; nothing of it informs a forecast before a person accepted
it. A feed or a page that is down, slow or lying costs its share of one deadline and a note, never the night.
"""

import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from flows.runtime.errors import one_line
from flows.sources.fetch import FetchError, Limits
from flows.sources.press_lists import Feed, read_feed_row
from flows.sources.press_pages import PressPage, keep_page, load_page, read_page
from flows.sources.press_questions import PAGES, AnsweredPage, AskedFeed, Questions

ALL_SECONDS: Final = 120.0
"""For all feeds and pages of a night together."""
LIST_LIMITS: Final = Limits(seconds=30.0, silence=10.0, size=4 * 2**20, attempts=2)
PAGE_LIMITS: Final = Limits(seconds=20.0, silence=10.0, size=2 * 2**20, attempts=2)
KEEP_DAYS: Final = 400
"""A page that was read last so long ago is forgotten."""
ALL_FEEDS: Final = "all"


@dataclass
class PressNight:
    """What a night found.

    Attributes
    ----------
    new, changed : list of PressPage
        Pages read for the first time, and pages whose text is another than at the last reading.
    n_proposed : int
        Proposals that were not known before.
    notes : list of str
        A line a feed, and a line for each fault.
    faults : int
    """

    new: list[PressPage] = field(default_factory=list)
    changed: list[PressPage] = field(default_factory=list)
    n_proposed: int = 0
    notes: list[str] = field(default_factory=list)
    faults: int = 0


type Propose = Callable[[PressPage, str, PressPage | None], int]
"""Takes a page, its publisher and what was read of it before; says how many proposals are new."""


def chosen(feeds: Iterable[dict[str, str]], asked: tuple[str, ...]) -> tuple[list[Feed], list[str]]:
    """Choose the feeds that are asked for, and say of those that can't be used why.

    Parameters
    ----------
    feeds : iterable of dict
        Rows of feeds.csv.
    asked : tuple of str
        Their names, or 'all'.
    """
    rows = {row["feed_id"]: row for row in feeds}
    wanted = list(rows) if ALL_FEEDS in asked else list(dict.fromkeys(asked))
    found, notes = [], []
    for name in wanted:
        if name not in rows:
            notes.append(f"press {name}: no feed_id of feeds.csv; known: {', '.join(rows) or 'none'}")
            continue
        try:
            found.append(read_feed_row(rows[name]))
        except FetchError as error:
            notes.append(f"press {name}: {error}")
    return found, notes


def read_press(
    feeds: Iterable[Feed],
    folder: Path,
    today: date,
    propose: Propose,
    contact: str = "",
    limits: tuple[Limits, Limits] = (LIST_LIMITS, PAGE_LIMITS),
    all_seconds: float = ALL_SECONDS,
) -> PressNight:
    """Ask feeds for their pages, and read those that are new or changed.

    Parameters
    ----------
    feeds : iterable of Feed
    folder : Path
        Where answers and texts are kept.
    today : date
    propose : callable
        Called with each page before it counts as read: where that fails, the next night reads it again.
    contact : str
        Who asks; goes out as User-Agent.
    limits : (Limits, Limits)
        What a list and what a page may cost.
    all_seconds : float
        What they may cost together.

    Returns
    -------
    PressNight
    """
    night = PressNight()
    questions = Questions(folder, today, contact, limits, time.monotonic() + all_seconds)
    for asked in questions.ask(list(feeds)):
        _read(asked, today, propose, night)
    _forget(folder / PAGES, today)
    return night


def _read(asked: AskedFeed, today: date, propose: Propose, night: PressNight) -> None:
    """Read the pages of a feed that came back."""
    before = (len(night.new), len(night.changed))
    for page in asked.pages:
        try:
            _read_page(asked, page, today, propose, night)
        except Exception as error:  # a page may hold anything: it costs a note, never the night
            asked.fault(f"{page.offer.url}: {one_line(error)}")
        finally:
            page.kept.tidy()
    n_new, n_changed = len(night.new) - before[0], len(night.changed) - before[1]
    if asked.n_listed:
        asked.note(f"{asked.n_listed} pages listed, {n_new} new, {n_changed} changed")
    night.faults += asked.faults
    night.notes += asked.notes


def _read_page(
    asked: AskedFeed, page: AnsweredPage, today: date, propose: Propose, night: PressNight
) -> None:
    before, kept = page.before, page.kept
    answer = replace(page.answer, content=page.file.read_bytes())
    read = read_page(answer, page.offer, today, before)
    if before is None or before.content_hash != read.content_hash:
        night.n_proposed += propose(read, asked.feed.publisher, before)
        (night.new if before is None else night.changed).append(read)
    if before is not None and before.content_hash != read.content_hash:
        asked.note(f"{read.url} changed since {before.read_on}")
    keep_page(kept.place, read)
    kept.promote(page.file, answer.headers)


def _forget(pages: Path, today: date) -> None:
    """Delete what is kept of pages that were read long ago."""
    for place in pages.glob("*"):
        page = load_page(place)
        read_on = date.fromisoformat(page.read_on) if page else date.fromtimestamp(place.stat().st_mtime)
        if today - read_on > timedelta(days=KEEP_DAYS):
            shutil.rmtree(place, ignore_errors=True)
