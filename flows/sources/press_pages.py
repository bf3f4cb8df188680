"""The text, title and day of a press page, and what is kept of it."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flows.sources.fetch import Answer, FetchError
from flows.sources.press_lists import Offer
from models.evidence.proposals import Page
from warehouse.atomic import written_whole

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_STRUCK_OR_HIDDEN: Final = (
    "//del | //s | //strike | //*[not(self::html or self::body)][contains(@style, 'line-through')]"
    " | (//span | //font | //b | //i | //em | //strong | //small | //ins)[@hidden or @style]"
)
"""What may be struck or hidden: of blocks a page shows some only when they are asked for."""
_HIDDEN: Final = re.compile(r"display:none|visibility:hidden")
LEAST_LETTERS: Final = 80
"""A page with less text is none: its layout changed, or it is made by a program in the browser."""
LOOK_AGAIN_DAYS: Final = 14
"""So long after its first reading a page is asked whether it changed, though its feed says nothing."""
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
    asked_on : str
        Day on which the page was asked for last, whether it had changed or not; '' for that of the reading.
    stamp : str
        What its feed said of it then (`flows.sources.press_lists.Offer`).
    """

    url: str
    title: str
    published_on: str
    is_dated: bool
    first_read_on: str
    read_on: str
    text: str
    content_hash: str
    asked_on: str = ""
    stamp: str = ""

    def is_due(self, offer: Offer, today: date) -> bool:
        """Whether the page is asked for again: its feed says another thing of it, or it is young.

        Most corrections come soon, so the pause between two questions grows with the page: it is asked for on
        days 1, 2, 4 and 8, where nights are whole.
        """
        if offer.stamp and self.stamp and offer.stamp != self.stamp:
            return True
        age = (today - date.fromisoformat(self.first_read_on)).days
        since = (today - date.fromisoformat(self.asked_on or self.read_on)).days
        return age <= LOOK_AGAIN_DAYS and 2 * since >= age

    def asked(self, offer: Offer, today: date) -> "PressPage":
        """Return the page as one that was asked for today and had not changed."""
        return replace(self, asked_on=today.isoformat(), stamp=offer.stamp)

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
        asked_on=today.isoformat(),
        stamp=offer.stamp,
    )


def _text(content: bytes) -> str:
    import trafilatura

    page = trafilatura.load_html(content)
    if page is None:
        return ""
    _as_seen(page)
    text = trafilatura.extract(page, include_comments=False, include_tables=False, favor_precision=True)
    return text or ""


def _as_seen(page: "HtmlElement") -> None:
    """Leave out what a page strikes through or hides, and part raised digits from those before them.

    54.6 with a raised 1 is no 54.61, and a struck 60 before 54.6 no second number.
    """
    for element in page.xpath(_STRUCK_OR_HIDDEN):
        style = element.get("style", "").replace(" ", "").lower()
        is_struck = element.tag in ("del", "s", "strike") or "line-through" in style
        if is_struck or element.get("hidden") is not None or _HIDDEN.search(style):
            element.drop_tree()
    for element in page.xpath("//sup | //sub"):
        said = element.text_content()
        if any(map(str.isdigit, said)) and not said.strip().startswith(("[", "(")):
            element.text, element[:] = f"[{said.strip()}]", []


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
