"""Reader of feeds: CSVs of figures or sources on the network, in the header of the evidence folder.

A feed out of reach, or one that answers with something else, never stops the night and never takes data
away: the raw answer is kept, the last good answer goes on being read, and a note says so.
"""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from flows.sources.raw import Problem, RawEvidence, parse_csv
from warehouse.atomic import written_whole

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
ATTEMPTS = 3
LARGEST_BYTES = 64 * 2**20
# Kept per feed: raw answers, good or refused.
KEPT_ANSWERS = 30
_RETRIED = {408, 425, 429, 500, 502, 503, 504}
_FIGURES = {"figure_id", "source_id", "metric", "period", "value", "unit", "kind"}
_SOURCES = {"source_id", "publisher", "published_on"}


@dataclass(frozen=True)
class FeedState:
    """What is remembered of a feed between nights: its last good answer and how to ask whether it changed."""

    url: str
    etag: str = ""
    last_modified: str = ""
    good_file: str = ""
    good_at: str = ""


class FetchError(Exception):
    """A feed could not be fetched, or its answer is not what was asked for."""


def read_feeds(
    urls: tuple[str, ...],
    folder: Path,
    client: httpx.Client | None = None,
    wait: Callable[[float], None] = time.sleep,
) -> RawEvidence:
    """Fetch feeds and read them into raw rows.

    Parameters
    ----------
    urls : tuple of str
        Addresses of CSVs; the header says whether a feed holds figures or sources.
    folder : Path
        Where raw answers are kept, one sub-folder per feed.
    client : httpx.Client, optional
        For tests.
    wait : callable
        Called with the seconds to wait between attempts.

    Returns
    -------
    RawEvidence
        The rows of every feed's newest good answer, tonight's or an earlier one.
    """
    evidence = RawEvidence({})
    own = client or httpx.Client(timeout=TIMEOUT, follow_redirects=True)
    try:
        for url in urls:
            evidence = evidence.joined_with(_read_feed(url, folder, own, wait))
    finally:
        if client is None:
            own.close()
    return evidence


def _read_feed(url: str, folder: Path, client: httpx.Client, wait: Callable[[float], None]) -> RawEvidence:
    place = folder / hashlib.sha256(url.encode()).hexdigest()[:16]
    place.mkdir(parents=True, exist_ok=True)
    state = _load(place, url)
    notes: list[str] = []
    try:
        answer = _fetch(url, state, client, wait)
        if answer is None:
            notes.append(f"feed {url}: unchanged since {state.good_at}")
        else:
            # On disk before anything looks into it.
            saved = _save(place, answer.content)
            _refuse_unless_csv(answer, url)
            state = FeedState(
                url,
                answer.headers.get("etag", ""),
                answer.headers.get("last-modified", ""),
                saved.name,
                _stamp(),
            )
            _store(place, state)
    except (FetchError, OSError) as error:
        rest = (
            f"; the answer of {state.good_at} is read again" if state.good_file else "; nothing to read yet"
        )
        notes.append(f"feed {url}: {error}{rest}")
        if not state.good_file:
            remedy = "Check the address in HBMCAST_FEEDS; the night goes on without it"
            return RawEvidence({}, {}, [Problem(url, 0, "", "", str(error), remedy)], notes)
    _forget_old(place, state)
    return _parse(place / state.good_file, url, notes)


def _fetch(
    url: str, state: FeedState, client: httpx.Client, wait: Callable[[float], None]
) -> httpx.Response | None:
    """Return the answer, or None where the feed says it has not changed."""
    headers = {"accept": "text/csv, text/plain;q=0.8"}
    if state.good_file:
        headers |= {"if-none-match": state.etag} if state.etag else {}
        headers |= {"if-modified-since": state.last_modified} if state.last_modified else {}
    fault = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            wait(2.0**attempt)
        try:
            answer = client.get(url, headers=headers)
        except httpx.TimeoutException:
            fault = "no answer in time"
            continue
        except httpx.HTTPError as error:
            fault = f"{type(error).__name__}: {error}"
            continue
        except (httpx.InvalidURL, ValueError) as error:
            raise FetchError(f"the address can't be read: {error}") from error
        if answer.status_code == httpx.codes.NOT_MODIFIED and state.good_file:
            return None
        if answer.status_code == httpx.codes.OK:
            return answer
        fault = f"the server answered {answer.status_code} {answer.reason_phrase}"
        if answer.status_code not in _RETRIED:
            break
    raise FetchError(fault)


def _refuse_unless_csv(answer: httpx.Response, url: str) -> None:
    kind = answer.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind and not (kind.startswith("text/") or kind in {"application/csv", "application/octet-stream"}):
        raise FetchError(f"the answer is {kind}, not CSV")
    if len(answer.content) > LARGEST_BYTES:
        raise FetchError(f"the answer has {len(answer.content)} bytes, more than {LARGEST_BYTES}")
    if kind == "text/html" or answer.content.lstrip()[:1] == b"<":
        raise FetchError("the answer is a web page, not CSV")
    frame, _, problems = parse_csv(answer.content, url)
    if frame is None:
        raise FetchError(problems[0].problem)
    if _table(set(frame.columns)) is None:
        raise FetchError(
            f"the header {','.join(map(str, frame.columns[:4]))},... is none of figures or sources"
        )


def _parse(path: Path, url: str, notes: list[str]) -> RawEvidence:
    frame, lines, problems = parse_csv(path.read_bytes(), url)
    table = None if frame is None else _table(set(frame.columns))
    if frame is None or table is None:
        remedy = f"Delete {path.name} in the raw folder of the feed; the next night fetches it again"
        problem = Problem(url, 0, "", path.name, "the kept answer can't be read any more", remedy)
        return RawEvidence({}, {}, [*problems, problem], notes)
    name = "sources.csv" if table == "sources" else f"figures/feed-{path.parent.name}.csv"
    return RawEvidence({name: frame}, {name: [(url, line) for line in lines]}, problems, notes)


def _table(columns: set[str]) -> str | None:
    if columns >= _FIGURES:
        return "figures"
    return "sources" if columns >= _SOURCES and "figure_id" not in columns else None


def _load(place: Path, url: str) -> FeedState:
    try:
        state = FeedState(**json.loads((place / "feed.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return FeedState(url)
    return state if state.good_file and (place / state.good_file).is_file() else FeedState(url)


def _store(place: Path, state: FeedState) -> None:
    with written_whole(place / "feed.json") as unfinished:
        unfinished.write_text(json.dumps(asdict(state), indent=1), encoding="utf-8")


def _save(place: Path, content: bytes) -> Path:
    path = place / f"{_stamp()}-{hashlib.sha256(content).hexdigest()[:12]}.csv"
    with written_whole(path) as unfinished:
        unfinished.write_bytes(content)
    return path


def _forget_old(place: Path, state: FeedState) -> None:
    for path in sorted(place.glob("*.csv"))[:-KEPT_ANSWERS]:
        if path.name != state.good_file:
            path.unlink(missing_ok=True)


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
