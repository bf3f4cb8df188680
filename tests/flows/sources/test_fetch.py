"""The one guarded GET: every fault ends in one line, in time, and in bounded memory."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from flows.sources.fetch import FetchError, Limits, fetch
from tests.flows.sources.faulty_server import PATIENCE, Server, bomb, packed
from tests.places import ROOT

BODY = b"figure_id,value\nf-1,1\n"
QUICK = Limits(seconds=PATIENCE, silence=PATIENCE, size=2**20, pause=0.01)
# What it takes to give up, and room for a machine under load to ask thrice before that.
SILENT = Limits(seconds=PATIENCE, silence=0.4, size=2**20, pause=0.01)
SHORT = Limits(seconds=2.0, silence=PATIENCE, size=2**20, pause=0.01)
# Fault -> answer, limits, what is said, how often the server is asked.
FAULTS = {
    "500": ({"status": 500}, QUICK, "500", 3),
    "403": ({"status": 403}, QUICK, "403", 1),
    "404": ({"status": 404}, QUICK, "404", 1),
    "429 for a second": ({"status": 429, "headers": {"Retry-After": "0"}}, QUICK, "429", 3),
    "429 for an hour": ({"status": 429, "headers": {"Retry-After": "3600"}}, QUICK, "3600 s: not tonight", 1),
    "no answer": ({"hang": True}, SILENT, "no answer in time", 3),
    "headers that drip": ({"drip": 0.05}, SHORT, "not done within 2 s", 1),
    "a body that drips": ({"body": BODY * 99, "slow_body": 0.05}, SHORT, "not done within 2 s", 1),
    "a body cut off": ({"body": BODY, "missing_bytes": 9}, QUICK, "peer closed connection", 3),
    "an endless body": ({"endless": True}, QUICK, "larger than 1048576 bytes", 1),
    "a length that is too much": ({"body": bytes(2**21)}, QUICK, "has 2097152 bytes", 1),
    "a gzip bomb": ({"body": bomb(2**28), "headers": {"Content-Encoding": "gzip"}}, QUICK, "cut off", 1),
    "no gzip": ({"body": BODY, "headers": {"Content-Encoding": "gzip"}}, QUICK, "is no gzip", 3),
    "half a gzip": (
        {"body": packed(BODY)[:-9], "headers": {"Content-Encoding": "gzip"}}, QUICK, "breaks off", 3,
    ),
    "another packing": ({"body": BODY, "headers": {"Content-Encoding": "br"}}, QUICK, "packed as 'br'", 1),
    "a circle": ({"redirect": "/figures.csv?{n}"}, QUICK, "more than 5 times", 6),
    "to a file": ({"redirect": "file:///etc/passwd"}, QUICK, "file:///etc/passwd, which is another", 1),
    "to a private address": ({"redirect": "http://169.254.169.254/x"}, QUICK, "another place", 1),
    "to another port": ({"redirect": "http://127.0.0.1:9/x"}, QUICK, "another place", 1),
    "to a name in front": ({"redirect": "http://127.0.0.1@example.org/x"}, QUICK, "another place", 1),
    "to no address": ({"redirect": "http://[::1"}, QUICK, "Invalid URL in location", 3),
    "429 with a digit that is no number": (
        {"raw": b"HTTP/1.1 429 Slow\r\nRetry-After: \xb2\r\n\r\n"}, QUICK, "429", 3,
    ),
    "429 until a year of 20 digits": (
        {"status": 429, "headers": {"Retry-After": f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT"}}, QUICK, "429", 3,
    ),
    "garbage behind a gzip": (
        {"body": packed(BODY) + b"xyz", "headers": {"Content-Encoding": "gzip"}}, QUICK, "is no gzip", 3,
    ),
    "a bomb in many parts": (
        {"body": packed(bytes(2**18)) * 9, "headers": {"Content-Encoding": "gzip"}}, QUICK, "cut off", 1,
    ),
    "nothing new to a first question": ({"status": 304}, QUICK, "first question", 1),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_line_in_time(server: Server, fault: str):
    server.answer, limits, said, n_asked = FAULTS[fault]
    began = time.monotonic()
    with pytest.raises(FetchError) as caught:
        fetch(server.url, limits=limits)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(server.asked) == n_asked
    assert time.monotonic() - began < limits.seconds + PATIENCE / 2


def test_what_is_there_is_fetched(server: Server):
    server.answer = {"body": BODY, "etag": '"v1"'}
    answer = fetch(server.url, limits=QUICK)
    assert answer is not None
    assert (answer.status, answer.kind, answer.content) == (200, "text/csv", BODY)
    assert fetch(server.url, {"if-none-match": '"v1"'}, QUICK) is None


@pytest.mark.parametrize(
    ("headers", "who"),
    [({}, "hbmcast"), *(({name: "Desk"}, "Desk") for name in ("user-agent", "User-Agent"))],
)
def test_a_server_is_told_who_asks(server: Server, headers: dict[str, str], who: str):
    fetch(server.url, headers, QUICK)
    assert server.asked[0]["user-agent"] == who


def test_packed_answers_are_unpacked(server: Server):
    body = BODY * 30_000
    server.answer = {"body": packed(body), "headers": {"Content-Encoding": "gzip"}}
    answer = fetch(server.url, limits=QUICK)
    assert answer is not None
    assert answer.content == body
    # One byte less is allowed than there are.
    with pytest.raises(FetchError, match="cut off"):
        fetch(server.url, limits=Limits(seconds=PATIENCE, size=len(body) - 1))


def test_a_redirect_on_the_same_server_is_followed(server: Server):
    server.answer = {"body": BODY}
    server.by_path = {"/old.csv": {"redirect": "/figures.csv"}}
    answer = fetch(f"{server.root}/old.csv", limits=QUICK)
    assert answer is not None
    assert answer.content == BODY


def test_a_gzip_of_several_parts_is_unpacked_whole(server: Server):
    body = packed(BODY) + packed(b"f-2,2\n") + bytes(9)
    server.answer = {"body": body, "headers": {"Content-Encoding": "gzip"}}
    answer = fetch(server.url, limits=QUICK)
    assert answer is not None
    assert answer.content == BODY + b"f-2,2\n"


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_server_that_asks_to_wait_is_waited_for(server: Server, form: str):
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    wait = {"Retry-After": "1" if form == "seconds" else at}
    server.answer = {"status": 429, "faults": 1, "headers": wait, "body": BODY}
    answer = fetch(server.url, limits=QUICK)
    assert answer is not None
    assert server.times[1] - server.times[0] > 0.9


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("file:///etc/passwd", "neither http nor https"),
        ("ftp://example.org/x", "neither http nor https"),
        ("no address", "neither http nor https"),
        ("http://", "can't be read"),
        ("http://127.0.0.1:9/x", "ConnectError"),
        ("http://[::1", "can't be read"),
    ],
)
def test_addresses_that_lead_nowhere(url: str, said: str):
    with pytest.raises(FetchError, match=said):
        fetch(url, limits=QUICK)


@pytest.mark.parametrize("what", ["an endless body", "a gzip bomb"])
def test_memory_is_bounded_by_the_limit_and_not_by_the_answer(server: Server, what: str):
    server.answer = FAULTS[what][0]
    code = (
        "import resource, sys\n"
        "from flows.sources.fetch import FetchError, Limits, fetch\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    fetch(sys.argv[1], limits=Limits(size=16 * 2**20))\n"
        "except FetchError as error:\n    assert 'cut off' in str(error), error\n"
        "else:\n    sys.exit('no error')\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, server.url], cwd=ROOT, capture_output=True, text=True, check=True
    )
    kilobytes = int(done.stdout) / (1024 if sys.platform == "darwin" else 1)
    assert kilobytes < 100_000


def test_another_name_on_the_same_port_is_another_place(server: Server):
    server.answer = {"redirect": f"http://localhost:{server.server_port}/figures.csv"}
    with pytest.raises(FetchError, match="another place"):
        fetch(server.url, limits=QUICK)
    assert len(server.asked) == 1
