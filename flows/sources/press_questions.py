"""Asking for press pages: feeds side by side, the pages of one server one after another, each answer kept.

Nothing is read here but lists; what comes back waits on disk.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final, cast

from flows.runtime.errors import one_line
from flows.sources.fetch import Answer, FetchError, Limits, fetch
from flows.sources.kept import Kept
from flows.sources.press_lists import PAGE_LIST, Feed, Offer, offers
from flows.sources.press_pages import PressPage, keep_page, load_page
from flows.sources.side_by_side import Pace, host_of, side_by_side
from models.vocabulary.results.doors import PRESS

PAUSE_SECONDS: Final = 0.5
"""Between two questions to a server."""
MOST_PAGES: Final = 30
"""Pages of one feed in one night, in the order of the feed."""
SILENT_AFTER: Final = 2
"""Pages in a row without an answer, after which the rest of a feed waits for the next night."""
LISTS, PAGES = PurePosixPath(PRESS.folder).name, "pages"


@dataclass(frozen=True)
class AnsweredPage:
    """A page that came back: what its feed says, what was read of it before, and the answer without its body.

    `file` has the body.
    """

    offer: Offer
    kept: Kept
    before: PressPage | None
    answer: Answer
    file: Path


@dataclass
class AskedFeed:
    """What asking for a feed and its pages gave."""

    feed: Feed
    n_listed: int = 0
    pages: list[AnsweredPage] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: int = 0

    def note(self, words: str) -> None:
        """Add a line for the log."""
        self.notes.append(f"press {self.feed.feed_id}: {words}")

    def fault(self, words: str) -> None:
        """Add a line for the log about something that went wrong."""
        self.faults += 1
        self.note(words)


@dataclass
class Questions:
    """Who asks, and what it may cost.

    Attributes
    ----------
    folder : Path
        Where answers are kept.
    today : date
    contact : str
        Goes out as User-Agent.
    limits : (Limits, Limits)
        What a list and what a page may cost.
    until : float
        When the time of all is over, by the monotonic clock.
    """

    folder: Path
    today: date
    contact: str
    limits: tuple[Limits, Limits]
    until: float
    _paces: dict[str, Pace] = field(default_factory=dict)
    _asked_for: set[str] = field(default_factory=set)

    def ask(self, feeds: Sequence[Feed]) -> list[AskedFeed]:
        """Ask for feeds and their pages; whatever happens to one ends in a note of its own."""
        jobs = [
            ((host_of(feed.url), *feed.hosts), cast("Callable[[], AskedFeed]", partial(self._feed, feed)))
            for feed in feeds
        ]
        return side_by_side(jobs, self._stop)

    def _stop(self) -> None:
        self.until = 0.0

    def _feed(self, feed: Feed) -> AskedFeed:
        asked = AskedFeed(feed)
        try:
            offered = self._offered(asked)
            asked.n_listed = len(offered)
            self._pages(asked, offered[:MOST_PAGES])
        except Exception as error:  # a feed may hold anything: it costs a note, never the night
            asked.fault(one_line(error))
        return asked

    def _offered(self, asked: AskedFeed) -> list[Offer]:
        kept = Kept(self.folder / LISTS, asked.feed.url, ".list")
        try:
            return self._list(asked, kept)
        except Exception as error:  # as above; its last good answer is read instead
            said = str(error) if isinstance(error, FetchError | OSError) else one_line(error)
            kept.fail(said)
            asked.fault(f"{said}{_age(kept)}")
            return _last_offered(asked.feed, kept)
        finally:
            kept.tidy()

    def _list(self, asked: AskedFeed, kept: Kept) -> list[Offer]:
        feed = asked.feed
        accept = (
            "text/html" if feed.kind == PAGE_LIST else "application/rss+xml, application/atom+xml, text/xml"
        )
        answer = self._get(feed.url, kept, accept, self.limits[0])
        if answer is None:
            kept.confirm()
            return _last_offered(feed, kept)
        file = kept.save(answer.content)
        found, n_elsewhere = offers(answer.content, feed)
        kept.promote(file, answer.headers)
        if n_elsewhere and feed.kind != PAGE_LIST:
            asked.note(f"{n_elsewhere} links lead to other servers, left alone")
        return found

    def _pages(self, asked: AskedFeed, offered: list[Offer]) -> None:
        """Ask for pages that are new, or may have changed."""
        silent = 0
        for offer in offered:
            if silent >= SILENT_AFTER:
                asked.fault(f"not asked for more pages: the last {silent} gave no answer")
                return
            try:
                silent = 0 if self._page(asked, offer) else silent + 1
            except Exception as error:
                asked.fault(f"{offer.url}: {one_line(error)}")

    def _page(self, asked: AskedFeed, offer: Offer) -> bool:
        """Ask for one page where that is due; say whether its server answered."""
        if offer.url in self._asked_for:
            # Two feeds of a server name it.
            return True
        self._asked_for.add(offer.url)
        kept = Kept(self.folder / PAGES, offer.url, ".html")
        before = load_page(kept.place)
        if before is not None and not before.is_due(offer, self.today):
            return True
        try:
            answer = self._get(offer.url, kept, "text/html", self.limits[1])
        except (FetchError, OSError) as error:
            asked.fault(f"{offer.url}: {error}")
            return False
        if answer is not None:
            file = kept.save(answer.content)
            asked.pages.append(AnsweredPage(offer, kept, before, replace(answer, content=b""), file))
        elif before is not None:
            keep_page(kept.place, before.asked(offer, self.today))
        return True

    def _get(self, url: str, kept: Kept, accept: str, limits: Limits) -> Answer | None:
        pace = self._paces.setdefault(host_of(url), Pace(PAUSE_SECONDS))
        pace.wait(max(0.0, self.until - time.monotonic()))
        left = self.until - time.monotonic()
        if left <= 0:
            raise FetchError("not asked: the time for press pages is over")
        headers = {"accept": accept, **kept.known.conditions()}
        if self.contact:
            headers["user-agent"] = self.contact
        return fetch(url, headers, replace(limits, seconds=min(limits.seconds, left)))


def _last_offered(feed: Feed, kept: Kept) -> list[Offer]:
    """Return what the last good answer offered: pages that could not be read then are asked for again."""
    if kept.good is None:
        return []
    try:
        return offers(kept.good.read_bytes(), feed)[0]
    except (FetchError, OSError):
        return []


def _age(kept: Kept) -> str:
    return f"; its last good answer is of {kept.known.good_at}" if kept.known.good_at else "; never read yet"
