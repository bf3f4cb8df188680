"""What a feed or a list of press pages offers: addresses, titles and days, from bytes alone."""

import hashlib
import io
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urldefrag, urljoin, urlsplit

from flows.sources.fetch import FetchError

PAGE_LIST: Final = "page-list"
SEPARATOR: Final = ";"
_ENTITY: Final = re.compile(rb"<!ENTITY", re.IGNORECASE)
_LINK: Final = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True)
class Feed:
    """A row of feeds.csv.

    Attributes
    ----------
    feed_id, publisher, kind, url : str
    hosts : tuple of str
        Servers whose pages may be asked for, with their port where they have one.
    links : str
        Regular expression of the path of a page, '' for any.
    """

    feed_id: str
    publisher: str
    kind: str
    url: str
    hosts: tuple[str, ...]
    links: str = ""


@dataclass(frozen=True)
class Offer:
    """A page that a feed names.

    Attributes
    ----------
    url, title : str
    published_on : str
        Its day, '' where the feed names none.
    stamp : str
        Hash of all that the feed says of it, another one where that changed; '' of a list of links, whose
        words change for other reasons.
    """

    url: str
    title: str = ""
    published_on: str = ""
    stamp: str = ""


def read_feed_row(row: dict[str, str]) -> Feed:
    """Read a row of feeds.csv.

    Raises
    ------
    FetchError
        Its regular expression is none, or a list of pages has none.
    """
    hosts = tuple(host.strip().lower() for host in str(row["hosts"]).split(SEPARATOR) if host.strip())
    links = str(row["links"] or "").strip()
    try:
        re.compile(links)
    except re.error as error:
        raise FetchError(f"links {links!r} of feeds.csv is no regular expression ({error})") from error
    if row["kind"] == PAGE_LIST and not links:
        raise FetchError("a page-list of feeds.csv needs links, the form of the addresses of its pages")
    return Feed(row["feed_id"], row["publisher"], row["kind"], row["url"], hosts, links)


def offers(content: bytes, feed: Feed) -> tuple[list[Offer], int]:
    """Read what a feed offers.

    Parameters
    ----------
    content : bytes
        The answer of the feed's address.
    feed : Feed

    Returns
    -------
    offered : list of Offer
        In the feed's order, each address once.
    n_elsewhere : int
        Links that lead to other servers: left alone.

    Raises
    ------
    FetchError
        It is no feed, or names no page.
    """
    found = _of_list(content, feed) if feed.kind == PAGE_LIST else _of_rss(content)
    asked: dict[str, Offer] = {}
    n_elsewhere = 0
    for offer in found:
        if not _is_page(offer.url, feed):
            n_elsewhere += 1
        elif _path_fits(offer.url, feed):
            asked.setdefault(offer.url, offer)
    if not asked:
        raise FetchError(
            f"names no page of {', '.join(feed.hosts)}"
            + (f" like {feed.links}" if feed.links else "")
            + f" ({n_elsewhere} links lead elsewhere): has its layout changed?"
        )
    return list(asked.values()), n_elsewhere


def _of_rss(content: bytes) -> list[Offer]:
    # Not even in another encoding: what they unfold to is known only once memory is full.
    if _ENTITY.search(content.replace(b"\0", b"")):
        raise FetchError("the feed declares entities of its own: not read")
    import feedparser

    # In a stream: a string could be taken for an address or a path.
    parsed = feedparser.parse(io.BytesIO(content), sanitize_html=False, resolve_relative_uris=False)
    if not parsed.entries:
        if content.lstrip()[:200].lower().find(b"<html") >= 0 or b"<!doctype html" in content[:200].lower():
            raise FetchError("the answer is a web page, not a feed")
        why = str(parsed.get("bozo_exception", "it has no entries"))
        raise FetchError(f"the answer is no RSS or Atom with entries ({why[:120]})")
    return [
        Offer(
            _address(str(entry.get("link", "")), ""),
            " ".join(str(entry.get("title", "")).split()),
            _day(entry),
            _stamp(entry),
        )
        for entry in parsed.entries
    ]


def _stamp(entry: Mapping[str, object]) -> str:
    said = [str(entry.get(name, "")) for name in ("title", "published", "updated", "summary")]
    return hashlib.sha256("\x1f".join(said).encode()).hexdigest()[:16]


def _day(entry: Mapping[str, object]) -> str:
    for name in ("published_parsed", "updated_parsed"):
        moment = entry.get(name)
        if isinstance(moment, time.struct_time):
            try:
                return date(*moment[:3]).isoformat()
            except ValueError:
                continue
    return ""


def _of_list(content: bytes, feed: Feed) -> list[Offer]:
    from lxml import etree, html

    parser = html.HTMLParser(no_network=True, huge_tree=False)
    try:
        page = html.document_fromstring(content, parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise FetchError(f"the list is no web page that can be read ({str(error)[:120]})") from error
    return [
        Offer(_address(str(anchor.get("href", "")), feed.url), " ".join(str(anchor.text_content()).split()))
        for anchor in page.iter("a")
        if anchor.get("href")
    ]


def _address(link: str, base: str) -> str:
    try:
        whole = urldefrag(urljoin(base, link.strip())).url
    except ValueError:
        return ""
    return whole if _LINK.match(whole) else ""


def _is_page(url: str, feed: Feed) -> bool:
    """Whether an address lies on a listed server, spelled as it is listed."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return "@" not in parts.netloc and parts.netloc.lower() in feed.hosts


def _path_fits(url: str, feed: Feed) -> bool:
    parts = urlsplit(url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return not feed.links or re.fullmatch(feed.links, path) is not None
