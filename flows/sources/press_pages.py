"""The text, title and day of a press page, and what is kept of it."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final

from flows.sources.fetch import Answer, FetchError
from flows.sources.press_lists import Offer
from models.evidence.proposals import Page
from warehouse.atomic import written_whole

LEAST_LETTERS: Final = 80
"""A page with less text is none: its layout changed, or it is made by a program in the browser."""
KEPT: Final = "page.json"


@dataclass(frozen=True)
class PressPage:
    """What is kept of a page.

    Attributes
    ----------
    url, title, published_on : str
        The day as the feed names it, else as the page does, else that of the first reading.
    is_dated : bool
        Whether feed or page named that day.
    first_read_on, read_on : str
        Days of the first reading, and of the reading of this text.
    text, content_hash : str
    """

    url: str
    title: str
    published_on: str
    is_dated: bool
    first_read_on: str
    read_on: str
    text: str
    content_hash: str

    def described(self, publisher: str) -> Page:
        """Say where its figures stand."""
        return Page(
            url=self.url,
            title=self.title,
            publisher=publisher,
            published_on=self.published_on,
            published_precision="day",
            accessed_on=self.read_on,
            content_hash=self.content_hash,
        )


def read_page(answer: Answer, offer: Offer, today: date, before: PressPage | None) -> PressPage:
    """Read a page.

    Parameters
    ----------
    answer : Answer
    offer : Offer
        What the feed says of it.
    today : date
    before : PressPage, optional
        As it was read last.

    Raises
    ------
    FetchError
        It is no web page, or has no text that can be told from its frame.
    """
    if answer.kind and answer.kind not in ("text/html", "application/xhtml+xml"):
        raise FetchError(f"the answer is {answer.kind}, not a web page")
    text = _text(answer.content)
    if len(text) < LEAST_LETTERS:
        raise FetchError(f"the page has {len(text)} letters of text: has its layout changed?")
    published = _day(answer.content, offer, today)
    first = before.first_read_on if before else today.isoformat()
    return PressPage(
        url=offer.url,
        title=_title(answer.content) or offer.title or offer.url,
        published_on=published or first,
        is_dated=bool(published),
        first_read_on=first,
        read_on=today.isoformat(),
        text=text,
        content_hash=hashlib.sha256(text.encode()).hexdigest(),
    )


def _text(content: bytes) -> str:
    import trafilatura

    text = trafilatura.extract(content, include_comments=False, include_tables=False, favor_precision=True)
    return text or ""


def _title(content: bytes) -> str:
    import trafilatura

    found = trafilatura.extract_metadata(content)
    return " ".join(str(found.title).split()) if found is not None and found.title else ""


def _day(content: bytes, offer: Offer, today: date) -> str:
    """Day of the page: the feed's, else its own; none that is still to come."""
    if offer.published_on and offer.published_on <= today.isoformat():
        return offer.published_on
    import htmldate

    try:
        found = htmldate.find_date(
            content, original_date=True, extensive_search=False, max_date=today.isoformat()
        )
    except (ValueError, TypeError):
        return ""
    return found or ""


def load_page(place: Path) -> PressPage | None:
    """Return what was kept of a page; None where nothing was, or nothing that can be read."""
    try:
        return PressPage(**json.loads((place / KEPT).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def keep_page(place: Path, page: PressPage) -> None:
    """Keep a page."""
    with written_whole(place / KEPT) as unfinished:
        unfinished.write_text(json.dumps(asdict(page), ensure_ascii=False, indent=1), encoding="utf-8")
