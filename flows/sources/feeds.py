"""Reader of feeds: CSVs of figures or sources, on the network or at a path, in the header of the evidence.

A feed out of reach, or one that answers with something else, never stops the night and never takes data
away: the raw answer is kept, the last good answer goes on being read, and a note says so. A new answer takes
the place of the last good one only after its rows were judged, and one that lacks many of its figures waits
for a person.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from flows.sources.fetch import Answer, FetchError, Limits, fetch
from flows.sources.kept import Kept
from flows.sources.losses import lost_too_many
from flows.sources.raw import RawEvidence, RowProblem, parse_csv
from flows.sources.side_by_side import host_of, side_by_side
from models.evidence.tables.files import FIGURES, SOURCES_FILE, file_of

type Judge = Callable[[RawEvidence], set[tuple[str, int]]]
"""Says which of some rows, by where they stand, the evidence as a whole would refuse."""

ALL_SECONDS: Final = 120.0
"""For all feeds together: a night waits no longer for them, however many are down."""
_FIGURES: Final = {"figure_id", "source_id", "metric", "period", "value", "unit", "kind"}
_SOURCES: Final = {"source_id", "publisher", "published_on"}
_ACCEPTED: Final = {"accept": "text/csv, text/plain;q=0.8"}
_SHOWN: Final = 5


@dataclass
class _Feed:
    """One feed tonight: what it offers, what it last gave, and where both are kept."""

    url: str
    kept: Kept
    answer: Answer | None = None
    file: Path | None = None
    offered: RawEvidence | None = None
    last: RawEvidence | None = None
    notes: list[str] = field(default_factory=list)


def read_feeds(
    urls: tuple[str, ...],
    folder: Path,
    judge: Judge | None = None,
    limits: Limits | None = None,
    withdraw: bool = False,
) -> RawEvidence:
    """Fetch feeds and read them into raw rows.

    Parameters
    ----------
    urls : tuple of str
        Addresses or paths of CSVs; the header says whether a feed holds figures or sources.
    folder : Path
        Where raw answers are kept, one sub-folder per feed.
    judge : callable, optional
        Without it every row that can be read counts as good.
    limits : Limits, optional
        What one feed may cost.
    withdraw : bool
        Whether a person allowed many rows to go at once.

    Returns
    -------
    RawEvidence
        The rows of every feed's newest good answer, tonight's or an earlier one.
    """
    until = time.monotonic() + ALL_SECONDS
    jobs = [
        ({host_of(url)}, partial(_asked, url, folder, limits or Limits(), until))
        for url in dict.fromkeys(urls)
    ]
    feeds = side_by_side(jobs)
    asked = [feed for feed in feeds if feed.offered is not None]
    refused = _refused(judge, [feed.offered for feed in asked])
    refused_last = _refused(judge, [feed.last for feed in asked])
    # One that is named twice would refuse its own rows as repeated.
    twice = [url for url in dict.fromkeys(urls) if urls.count(url) > 1]
    evidence = RawEvidence({}).noted([f"feed {url}: named more than once, asked once" for url in twice])
    for feed in feeds:
        if feed.offered is not None:
            _decide(feed, refused, refused_last, withdraw)
        feed.kept.tidy()
        given = feed.offered or feed.last or RawEvidence({})
        evidence = evidence.joined_with(given.noted(feed.notes))
    return evidence


def _asked(url: str, folder: Path, limits: Limits, until: float) -> _Feed:
    """Ask one feed; what it offers is on disk before anything looks into it."""
    feed = _Feed(url, Kept(folder, url, ".csv"))
    known = feed.kept.known
    if feed.kept.good:
        feed.last = _parsed(feed.kept.good.read_bytes(), url, feed.kept.place.name)
    try:
        left = until - time.monotonic()
        if left <= 0:
            raise FetchError(f"not asked: other feeds took {ALL_SECONDS:g} s")
        feed.answer = _get(url, known.conditions(), replace(limits, seconds=min(limits.seconds, left)))
        if feed.answer is None:
            feed.kept.confirm()
            feed.notes.append(f"feed {url}: unchanged since {known.good_at}")
            return feed
        feed.file = feed.kept.save(feed.answer.content)
        feed.offered = _read(feed.answer, url, feed.kept.place.name)
    except (FetchError, OSError) as error:
        feed.kept.fail(error)
        if feed.last is not None:
            feed.notes.append(f"feed {url}: {error}; the answer of {known.good_at} is read again")
        else:
            feed.notes.append(f"feed {url}: {error}; nothing to read yet")
            remedy = "Check the address in HBMCAST_FEEDS; the night goes on without it"
            feed.last = RawEvidence({}, {}, [RowProblem(url, 0, "", "", str(error), remedy)])
    return feed


def _get(url: str, conditions: dict[str, str], limits: Limits) -> Answer | None:
    """Fetch an address, or read a path."""
    if "://" in url:
        return fetch(url, {**_ACCEPTED, **conditions}, limits)
    path = Path(url).expanduser()
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise FetchError("the path is no file")
        if size > limits.size:
            raise FetchError(f"the file has {size} bytes, more than {limits.size}")
        return Answer(200, {}, path.read_bytes())
    except OSError as error:
        raise FetchError(f"the file can't be read: {error.strerror or error}") from error


def _read(answer: Answer, url: str, name: str) -> RawEvidence:
    """Read an answer into rows.

    Raises
    ------
    FetchError
        It is no CSV of figures or sources, or has no row that can be read.
    """
    kind = answer.kind
    if kind and not (kind.startswith("text/") or kind in {"application/csv", "application/octet-stream"}):
        raise FetchError(f"the answer is {kind}, not CSV")
    if kind == "text/html" or answer.content.lstrip()[:1] == b"<":
        raise FetchError("the answer is a web page, not CSV")
    evidence = _parsed(answer.content, url, name)
    if not evidence.files:
        raise FetchError(evidence.problems[0].problem)
    if all(frame.empty for frame in evidence.files.values()):
        why = f" ({evidence.problems[0].problem})" if evidence.problems else ""
        raise FetchError(f"the answer has a header and no row that can be read{why}")
    return evidence


def _parsed(content: bytes, url: str, name: str) -> RawEvidence:
    frame, lines, problems = parse_csv(content, url)
    if frame is None:
        return RawEvidence({}, {}, problems)
    columns = set(frame.columns)
    if columns >= _FIGURES:
        file = file_of(FIGURES, f"feed-{name}")
    elif columns >= _SOURCES and "figure_id" not in columns:
        file = SOURCES_FILE
    else:
        problem = f"the header {','.join(map(str, frame.columns[:4]))},... is none of figures or sources"
        remedy = "Give it the header of data/figures/*.csv or of data/sources.csv"
        return RawEvidence({}, {}, [RowProblem(url, 1, "header", "", problem, remedy)])
    return RawEvidence({file: frame}, {file: [(url, line) for line in lines]}, problems)


def _refused(judge: Judge | None, all_rows: list[RawEvidence | None]) -> set[tuple[str, int]]:
    rows = [given for given in all_rows if given is not None and given.files]
    if judge is None or not rows:
        return set()
    joined = RawEvidence({})
    for given in rows:
        joined = joined.joined_with(given)
    return judge(joined)


def _decide(
    feed: _Feed, refused: set[tuple[str, int]], refused_last: set[tuple[str, int]], withdraw: bool
) -> None:
    """Take tonight's answer for the last good one, or hold it back and say why."""
    assert feed.offered is not None
    assert feed.answer is not None
    assert feed.file is not None
    good = _good_ids(feed.offered, refused)
    before = _good_ids(feed.last, refused_last) if feed.last is not None else set()
    lost = sorted(before - good)
    n_rows = sum(len(frame) for frame in feed.offered.files.values())
    if not good and not before:
        # Nothing to lose: its rows are shown as refused, one by one, and it is asked again.
        feed.notes.append(f"feed {feed.url}: none of its {n_rows} rows can be used yet")
        feed.kept.fail(f"none of its {n_rows} rows can be used")
        return
    if not good or (lost_too_many(len(lost), len(before)) and not withdraw):
        shown = ", ".join(lost[:_SHOWN]) + ", ..." * (len(lost) > _SHOWN)
        problem = (
            f"the new answer lacks {len(lost)} of {len(before)} good rows ({shown}), missing or refused; "
            f"the answer of {feed.kept.known.good_at} is read again"
        )
        remedy = (
            f"Look at {feed.file}. If those rows are meant to go: hbmcast nightly --withdraw; else tell who "
            "makes the feed"
        )
        feed.offered = None
        feed.kept.fail(problem)
        feed.notes.append(f"feed {feed.url}: {problem}")
        # Nothing is missing from the evidence, so other rows may be withdrawn: the problem names a figure.
        named = json.dumps({"figure_id": lost[0]})
        held = RawEvidence({}, {}, [RowProblem(feed.url, 0, "", "", problem, remedy, named)])
        feed.last = feed.last.joined_with(held) if feed.last is not None else held
        return
    feed.kept.promote(feed.file, feed.answer.headers)


def _good_ids(evidence: RawEvidence, refused: set[tuple[str, int]]) -> set[str]:
    found = set()
    for name, frame in evidence.files.items():
        ids = frame["source_id" if name == SOURCES_FILE else "figure_id"]
        found |= {row for row, place in zip(ids, evidence.origins[name], strict=True) if place not in refused}
    return found
