"""Reader of press pages: lists of them, the pages that are new or changed, and what their sentences propose.

What is found waits in the review queue; nothing of it informs a forecast before a person accepted it. A feed
or a page that is down, slow or lying costs its share of one deadline and a note, never the night.
"""

import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path, PurePosixPath
from typing import Final

from flows.runtime.errors import one_line
from flows.sources.fetch import Answer, FetchError, Limits, fetch
from flows.sources.kept import Kept
from flows.sources.press_lists import PAGE_LIST, Feed, Offer, offers, read_feed_row
from flows.sources.press_pages import PressPage, keep_page, load_page, read_page
from models.vocabulary.results.doors import PRESS

ALL_SECONDS: Final = 120.0
"""For all feeds and pages of a night together."""
PAUSE_SECONDS: Final = 0.5
"""Between two questions."""
LIST_LIMITS: Final = Limits(seconds=30.0, silence=10.0, size=4 * 2**20, attempts=2)
PAGE_LIMITS: Final = Limits(seconds=20.0, silence=10.0, size=2 * 2**20, attempts=2)
MOST_PAGES: Final = 30
"""Pages of one feed in one night, in the order of the feed."""
LOOK_AGAIN_DAYS: Final = 14
"""So long after its first reading a page is asked whether it changed."""
KEEP_DAYS: Final = 400
"""A page that was read last so long ago is forgotten."""
SILENT_AFTER: Final = 2
"""Pages in a row without an answer, after which the rest of a feed waits for the next night."""
ALL_FEEDS: Final = "all"
_LISTS, _PAGES = PurePosixPath(PRESS.folder).name, "pages"


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
    reader = _Reader(folder, today, propose, contact, limits, time.monotonic() + all_seconds, night)
    for feed in feeds:
        reader.read(feed)
    _forget(folder / _PAGES, today)
    return night


@dataclass
class _Reader:
    folder: Path
    today: date
    propose: Propose
    contact: str
    limits: tuple[Limits, Limits]
    until: float
    night: PressNight

    def read(self, feed: Feed) -> None:
        """Read one feed; whatever happens ends in a note."""
        kept = Kept(self.folder / _LISTS, feed.url, ".list")
        try:
            offered = self._offered(feed, kept)
        except (FetchError, OSError) as error:
            kept.fail(error)
            self._fault(feed, f"{error}{_age(kept)}")
            offered = self._last_offered(feed, kept)
        finally:
            kept.tidy()
        before, silent = (len(self.night.new), len(self.night.changed)), 0
        for offer in offered[:MOST_PAGES]:
            if silent >= SILENT_AFTER:
                self._fault(feed, f"not asked for more pages: the last {silent} gave no answer")
                break
            silent = 0 if self._page(feed, offer) else silent + 1
        n_new, n_changed = len(self.night.new) - before[0], len(self.night.changed) - before[1]
        if offered:
            self.night.notes.append(
                f"press {feed.feed_id}: {len(offered)} pages listed, {n_new} new, {n_changed} changed"
            )

    def _fault(self, feed: Feed, said: str) -> None:
        self.night.faults += 1
        self.night.notes.append(f"press {feed.feed_id}: {said}")

    def _get(self, url: str, kept: Kept, accept: str, limits: Limits) -> Answer | None:
        left = self.until - time.monotonic()
        if left <= 0:
            raise FetchError("not asked: the time for press pages is over")
        time.sleep(min(PAUSE_SECONDS, left))
        headers = {"accept": accept, **kept.known.conditions()}
        if self.contact:
            headers["user-agent"] = self.contact
        return fetch(url, headers, replace(limits, seconds=min(limits.seconds, left)))

    def _offered(self, feed: Feed, kept: Kept) -> list[Offer]:
        accept = (
            "text/html" if feed.kind == PAGE_LIST else "application/rss+xml, application/atom+xml, text/xml"
        )
        answer = self._get(feed.url, kept, accept, self.limits[0])
        if answer is None:
            kept.confirm()
            return self._last_offered(feed, kept)
        file = kept.save(answer.content)
        found, n_elsewhere = offers(answer.content, feed)
        kept.promote(file, answer.headers)
        if n_elsewhere and feed.kind != PAGE_LIST:
            self.night.notes.append(
                f"press {feed.feed_id}: {n_elsewhere} links lead to other servers, left alone"
            )
        return found

    def _last_offered(self, feed: Feed, kept: Kept) -> list[Offer]:
        """Return what the last good answer offered: pages that could not be read then are asked for again."""
        if kept.good is None:
            return []
        try:
            return offers(kept.good.read_bytes(), feed)[0]
        except (FetchError, OSError):
            return []

    def _page(self, feed: Feed, offer: Offer) -> bool:
        """Read one page where it is new, or may have changed; say whether its server answered."""
        kept = Kept(self.folder / _PAGES, offer.url, ".html")
        before = load_page(kept.place)
        if before is not None and not self._is_asked_again(before):
            return True
        try:
            answer = self._get(offer.url, kept, "text/html", self.limits[1])
            if answer is None:
                return True
        except (FetchError, OSError) as error:
            self._fault(feed, f"{offer.url}: {error}")
            return False
        try:
            file = kept.save(answer.content)
            page = read_page(answer, offer, self.today, before)
            self._take(feed, page, before)
            keep_page(kept.place, page)
            kept.promote(file, answer.headers)
        except Exception as error:  # a page may hold anything: it costs a note, never the night
            self._fault(feed, f"{offer.url}: {one_line(error)}")
        finally:
            kept.tidy()
        return True

    def _is_asked_again(self, page: PressPage) -> bool:
        first = date.fromisoformat(page.first_read_on)
        return self.today - first <= timedelta(days=LOOK_AGAIN_DAYS)

    def _take(self, feed: Feed, page: PressPage, before: PressPage | None) -> None:
        if before is not None and before.content_hash == page.content_hash:
            return
        self.night.n_proposed += self.propose(page, feed.publisher, before)
        if before is None:
            self.night.new.append(page)
        else:
            self.night.changed.append(page)
            self.night.notes.append(f"press {feed.feed_id}: {page.url} changed since {before.read_on}")


def _age(kept: Kept) -> str:
    return f"; its last good answer is of {kept.known.good_at}" if kept.known.good_at else "; never read yet"


def _forget(pages: Path, today: date) -> None:
    """Delete what is kept of pages that were read long ago."""
    for place in pages.glob("*"):
        page = load_page(place)
        read_on = date.fromisoformat(page.read_on) if page else date.fromtimestamp(place.stat().st_mtime)
        if today - read_on > timedelta(days=KEEP_DAYS):
            shutil.rmtree(place, ignore_errors=True)
