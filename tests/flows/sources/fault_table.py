"""What a fault of a server costs each reader of the network: outcome, seconds, peak memory.

`python -m tests.flows.sources.fault_table` prints the table. Every reader has read a good answer before, so
that of each fault it is known what must come of it: the last good answer goes on being read and a note says
why, or the answer is read as what it says. `test_fault_table.py` holds the readers to that.
"""

import gzip
import json
import resource
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pandas as pd

from flows.sources import filings, press_questions
from flows.sources.feeds import read_feeds
from flows.sources.fetch import Limits
from flows.sources.filings import FILE, read_filings
from flows.sources.press import chosen, read_press
from tests.flows.sources.faulty_server import Server, bomb, serving
from tests.flows.sources.test_press import TEXT, Taken, html
from tests.models.evidence.test_filings import answer, fact, filer

LIMITS: Final = Limits(seconds=8.0, silence=2.0, size=2**22, attempts=2, pause=0.05)
KEPT, READ = "last good", "read"
TODAY: Final = datetime(2026, 3, 13).date()
HEADER: Final = b"figure_id,source_id,metric,period,value,unit,kind\n"


@dataclass(frozen=True)
class Good:
    """A good answer of a reader: its body, type, and how many things are read from it."""

    body: bytes
    type: str
    n: int


def _feed_body() -> bytes:
    return HEADER + b"".join(b"f-%d,s-1,hbm_revenue,2026,%d,USD,forecast\n" % (i, i) for i in range(1, 21))


def _facts_body() -> bytes:
    facts = [fact(f"{y}-07-01", f"{y}-09-29", 100 + y, f"{y}-10-31") for y in range(2021, 2027)]
    return json.dumps(answer(*facts)).encode()


def _rss_body(server: Server) -> bytes:
    items = "".join(
        f"<item><title>P {i}</title><link>{server.root}/{i}.html</link>"
        "<pubDate>Thu, 12 Mar 2026 08:00:00 GMT</pubDate></item>"
        for i in range(1, 4)
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>N</title>{items}</channel></rss>'.encode()
    )


def _raw(head: str, body: bytes = b"") -> dict:
    return {"raw": f"HTTP/1.1 {head}\r\nConnection: close\r\n\r\n".encode("latin-1") + body}


def _after(**since: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(**since), usegmt=True)


def _packed(good: Good, body: bytes, how: str = "gzip") -> dict:
    return {"body": body, "type": good.type, "headers": {"Content-Encoding": how}}


def _chunks(good: Good, *pieces: bytes, end: bytes = b"0\r\n\r\n") -> dict:
    body = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces)
    return _raw(f"200 OK\r\nContent-Type: {good.type}\r\nTransfer-Encoding: chunked", body + end)


def _deflate(body: bytes) -> bytes:
    return zlib.compress(body)


FAULTS: Final[dict[str, tuple[Callable[[Good, Server], dict], str]]] = {
    "nothing wrong": (lambda g, s: {"body": g.body, "type": g.type}, READ),
    "slow drip of the headers": (lambda g, s: {"drip": 0.2}, KEPT),
    "slow drip of the body": (lambda g, s: {"body": g.body, "type": g.type, "slow_body": 0.2}, KEPT),
    "no answer": (lambda g, s: {"hang": True}, KEPT),
    "closed without a word": (lambda g, s: {"raw": b""}, KEPT),
    "no HTTP": (lambda g, s: {"raw": b"220 smtp ready\r\n"}, KEPT),
    "429, Retry-After in seconds": (lambda g, s: {"status": 429, "headers": {"Retry-After": "1"}}, KEPT),
    "429, Retry-After an hour": (lambda g, s: {"status": 429, "headers": {"Retry-After": "3600"}}, KEPT),
    "429, Retry-After a date": (
        lambda g, s: {"status": 429, "headers": {"Retry-After": _after(seconds=2)}}, KEPT,
    ),
    "429, Retry-After a date next year": (
        lambda g, s: {"status": 429, "headers": {"Retry-After": _after(days=365)}}, KEPT,
    ),
    "429, Retry-After a date gone by": (
        lambda g, s: {"status": 429, "headers": {"Retry-After": _after(days=-9)}}, KEPT,
    ),
    "429, Retry-After of no number": (
        lambda g, s: {"status": 429, "headers": {"Retry-After": "soon; or -1"}}, KEPT,
    ),
    "429, Retry-After of a raised digit": (lambda g, s: _raw("429 Slow\r\nRetry-After: \xb2"), KEPT),
    "429, Retry-After of 400 digits": (
        lambda g, s: {"status": 429, "headers": {"Retry-After": "9" * 400}}, KEPT,
    ),
    "429, Retry-After in a year of 20 digits": (
        lambda g, s: {"status": 429, "headers": {"Retry-After": "Mon, 01 Jan " + "9" * 20 + " 00:00:00 GMT"}},
        KEPT,
    ),
    "500": (lambda g, s: {"status": 500}, KEPT),
    "503": (lambda g, s: {"status": 503}, KEPT),
    "401": (lambda g, s: {"status": 401}, KEPT),
    "204 no content": (lambda g, s: _raw("204 No Content"), KEPT),
    "206 a part": (lambda g, s: _raw(f"206 Partial\r\nContent-Type: {g.type}", g.body[:90]), KEPT),
    "304 to a first question": (lambda g, s: _raw("304 Not Modified"), KEPT),
    "a status of no number": (lambda g, s: _raw("OK Fine"), KEPT),
    "a body cut": (lambda g, s: {"body": g.body[:-60], "type": g.type, "missing_bytes": 60}, KEPT),
    "Content-Length too short": (
        lambda g, s: _raw(f"200 OK\r\nContent-Type: {g.type}\r\nContent-Length: {len(g.body) // 2}", g.body),
        KEPT,
    ),
    "two Content-Lengths": (
        lambda g, s: _raw(f"200 OK\r\nContent-Type: {g.type}" + "\r\nContent-Length: 9" * 2 + "9", g.body),
        KEPT,
    ),
    "Content-Length of no number": (
        lambda g, s: _raw(f"200 OK\r\nContent-Type: {g.type}\r\nContent-Length: \xb2", g.body), KEPT,
    ),
    "an endless body": (lambda g, s: {"endless": True, "type": g.type}, KEPT),
    "an endless body of chunks": (lambda g, s: _chunks(g, *[bytes(2**16)] * 100, end=b""), KEPT),
    "chunks, whole": (lambda g, s: _chunks(g, g.body[:7], g.body[7:]), READ),
    "chunks, the last one missing": (lambda g, s: _chunks(g, g.body[:-9], end=b""), KEPT),
    "a chunk of no length": (lambda g, s: _chunks(g, g.body, end=b"zz\r\n"), KEPT),
    "endless headers": (lambda g, s: {"raw": b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 200_000}, KEPT),
    "gzip": (lambda g, s: _packed(g, gzip.compress(g.body)), READ),
    "gzip in two parts": (
        lambda g, s: _packed(g, gzip.compress(g.body[:70]) + gzip.compress(g.body[70:])), READ,
    ),
    "gzip with zeros behind": (lambda g, s: _packed(g, gzip.compress(g.body) + bytes(512)), READ),
    "gzip with garbage behind": (lambda g, s: _packed(g, gzip.compress(g.body) + b"garbage"), KEPT),
    "gzip cut": (lambda g, s: _packed(g, gzip.compress(g.body)[:-9]), KEPT),
    "gzip with a wrong checksum": (
        lambda g, s: _packed(g, gzip.compress(g.body)[:-8] + bytes(4) + gzip.compress(g.body)[-4:]), KEPT,
    ),
    "gzip of nothing": (lambda g, s: _packed(g, b""), KEPT),
    "a gzip bomb": (lambda g, s: _packed(g, bomb(2**28)), KEPT),
    "a gzip bomb in many parts": (lambda g, s: _packed(g, gzip.compress(bytes(2**20)) * 200), KEPT),
    "gzip in gzip, said twice": (
        lambda g, s: _packed(g, gzip.compress(gzip.compress(g.body)), "gzip, gzip"), KEPT,
    ),
    "gzip in gzip, said once": (lambda g, s: _packed(g, gzip.compress(gzip.compress(g.body))), KEPT),
    "a gzip bomb in gzip": (lambda g, s: _packed(g, gzip.compress(bomb(2**28))), KEPT),
    "a deflate bomb": (lambda g, s: _packed(g, _deflate(bytes(2**24)), "deflate"), KEPT),
    "a br bomb": (lambda g, s: _packed(g, b"\xcf\xff\xff\x7f\xf8" * 99, "br"), KEPT),
    "a zstd bomb": (lambda g, s: _packed(g, b"\x28\xb5\x2f\xfd" * 99, "zstd"), KEPT),
    "said to be gzip": (lambda g, s: _packed(g, g.body), KEPT),
    "gzip that is not said": (lambda g, s: {"body": gzip.compress(g.body), "type": g.type}, KEPT),
    "redirect in a circle": (lambda g, s: {"redirect": "/figures.csv?{n}"}, KEPT),
    "redirect to nowhere": (lambda g, s: _raw("302 Found"), KEPT),
    "redirect to a file": (lambda g, s: {"redirect": "file:///etc/passwd"}, KEPT),
    "redirect to this machine": (lambda g, s: {"redirect": "http://localhost/x"}, KEPT),
    "redirect to 169.254": (lambda g, s: {"redirect": "http://169.254.169.254/latest/"}, KEPT),
    "redirect to [::1]": (lambda g, s: {"redirect": f"http://[::1]:{s.server_port}/x"}, KEPT),
    "redirect to [::ffff:127.0.0.1]": (
        lambda g, s: {"redirect": f"http://[::ffff:127.0.0.1]:{s.server_port}/x"}, KEPT,
    ),
    "redirect to a decimal address": (lambda g, s: {"redirect": "http://2130706433/x"}, KEPT),
    "redirect to an octal address": (lambda g, s: {"redirect": "http://0177.0.0.1/x"}, KEPT),
    "redirect to a short address": (lambda g, s: {"redirect": f"http://127.1:{s.server_port}/x"}, KEPT),
    "redirect to another host": (lambda g, s: {"redirect": "//example.org/x"}, KEPT),
    "redirect with a backslash": (
        lambda g, s: {"redirect": f"http://127.0.0.1:{s.server_port}\\@example.org/x"}, KEPT,
    ),
    "redirect to https": (lambda g, s: {"redirect": f"https://127.0.0.1:{s.server_port}/x"}, KEPT),
    "redirect to data:": (lambda g, s: {"redirect": "data:text/csv,a"}, KEPT),
    "redirect that is no text": (lambda g, s: _raw("302 Found\r\nLocation: \xff\xfe\x80"), KEPT),
    "a web page": (
        lambda g, s: {"body": b"<!DOCTYPE html><form>Log in</form>", "type": "text/html"}, KEPT,
    ),
    "a login page of the right type": (
        lambda g, s: {"body": b"<!DOCTYPE html><form>Log in</form>", "type": g.type}, KEPT,
    ),
    "a PDF": (lambda g, s: {"body": b"%PDF-1.7 ...", "type": "application/pdf"}, KEPT),
    "an empty body": (lambda g, s: {"body": b"", "type": g.type}, KEPT),
    "blanks alone": (lambda g, s: {"body": b" \r\n\t ", "type": g.type}, KEPT),
    "a byte order mark": (lambda g, s: {"body": b"\xef\xbb\xbf" + g.body, "type": g.type}, READ),
    "said to be UTF-16": (
        lambda g, s: {"body": g.body, "type": g.type.split(";")[0] + "; charset=utf-16"}, READ,
    ),
    "zero bytes": (lambda g, s: {"body": bytes(len(g.body)), "type": g.type}, KEPT),
}  # fmt: skip


class Feeds:
    """The reader of CSV feeds."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.good = Good(_feed_body(), "text/csv; charset=utf-8", 20)

    def read(self) -> tuple[int, list[str]]:
        """Read once: how many figures there are, and what was noted."""
        evidence = read_feeds((self.server.url,), self.folder, limits=LIMITS)
        return sum(map(len, evidence.files.values())), evidence.notes


class Filings:
    """The reader of filings."""

    def __init__(self, server: Server, folder: Path) -> None:
        filings.PAUSE_SECONDS = 0.0  # type: ignore[misc]
        self.server, self.folder, self.good = server, folder, Good(_facts_body(), "application/json", 6)

    def read(self) -> tuple[int, list[str]]:
        """As above."""
        rows = pd.DataFrame([filer()])
        evidence = read_filings(rows, self.folder, "Desk desk@example.org", self.server.root, LIMITS)
        return len(evidence.files.get(FILE, ())), evidence.notes


class Press:
    """The reader of press pages; the fault is that of the list."""

    def __init__(self, server: Server, folder: Path) -> None:
        press_questions.PAUSE_SECONDS = 0.0  # type: ignore[misc]
        self.server, self.folder, self.good = (
            server,
            folder,
            Good(_rss_body(server), "application/rss+xml", 3),
        )
        for i in range(1, 4):
            server.by_path[f"/{i}.html"] = {"body": html(*TEXT, str(i)), "type": "text/html"}

    def read(self) -> tuple[int, list[str]]:
        """As above; of pages listed."""
        host = self.server.root.removeprefix("http://")
        row = {
            "feed_id": "x",
            "publisher": "P",
            "kind": "rss",
            "url": self.server.url,
            "hosts": host,
            "links": "",
        }
        feeds, notes = chosen([row], ("all",))
        night = read_press(feeds, self.folder, TODAY, Taken(), "Desk d@example.org", (LIMITS, LIMITS))
        listed = next((int(n.split(": ")[1].split()[0]) for n in night.notes if "pages listed" in n), 0)
        return listed, [*notes, *(n for n in night.notes if "pages listed" not in n)]


READERS: Final[dict[str, type[Feeds] | type[Filings] | type[Press]]] = {
    "feed of CSV": Feeds,
    "filings": Filings,
    "press list": Press,
}


@dataclass(frozen=True)
class Cost:
    """What a fault did: how much was read, words of the log, seconds, bytes above those used before."""

    n: int
    note: str
    seconds: float
    peak: int


def cost(reader: str, fault: str) -> tuple[Cost, int]:
    """Read a good answer, then the faulty one, in this process.

    Returns
    -------
    Cost
    int
        How many things the good answer has.
    """
    with TemporaryDirectory() as place, serving() as server:
        one = READERS[reader](server, Path(place))
        server.answer = {"body": one.good.body, "type": one.good.type}
        assert one.read()[0] == one.good.n
        server.answer = FAULTS[fault][0](one.good, server)
        before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
        n, notes = one.read()
        peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
        return Cost(n, " ".join(notes), time.monotonic() - began, peak), one.good.n


def _measured(pair: tuple[str, str]) -> tuple[str, str, Cost | None, str]:
    try:
        return (*pair, cost(*pair)[0], "")
    except Exception as error:  # the table says what stopped
        return (*pair, None, f"{type(error).__name__}: {error}")


def main() -> None:
    """Print the table, each line from a process of its own."""
    print("| reader | fault | outcome | s | MB | said |\n|---|---|---|---|---|---|")
    pairs = [(reader, fault) for fault in FAULTS for reader in READERS]
    with get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for reader, fault, found, error in pool.imap(_measured, pairs):
            if found is None:
                print(f"| {reader} | {fault} | STOPPED | | | {error[:90]} |", flush=True)
                continue
            said = found.note.split(": ", 1)[-1][:90].replace("|", "/")
            outcome = KEPT if "read again" in found.note or "last good" in found.note else READ
            wrong = "" if outcome == FAULTS[fault][1] else f" (wanted: {FAULTS[fault][1]})"
            print(
                f"| {reader} | {fault} | {outcome}, {found.n}{wrong} | {found.seconds:.1f} "
                f"| {found.peak / 2**20:.0f} | {said} |",
                flush=True,
            )


if __name__ == "__main__":
    assert threading.current_thread() is threading.main_thread()
    main()
