"""A small S3 server on this machine, which fails on demand: as much of the interface as sharing uses.

It knows one bucket and one key pair, checks who asks but not the signature, and keeps all in memory. Sharing
was tried against moto's server too, which is independent of it (docs/howto/share.md).
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET, KEY, SECRET = "team", "reader", "not-a-secret"
PAGE = 3
"""Keys on a page of a list: fewer than a run has."""


class S3Server(ThreadingHTTPServer):
    """Objects, and what goes wrong with them.

    `fails(method, key)` says which questions get a 500, `hangs` whether none is answered,
    `before(method, key)` is called first. `aged` objects were last changed two days ago.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects: dict[str, bytes] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.asked: list[tuple[str, str]] = []
        self.aged: set[str] = set()
        self.fails = lambda method, key: False
        self.before = lambda method, key: None
        self.hangs = False
        self.release = threading.Event()
        self.numbers = count(1)

    @property
    def environment(self) -> dict[str, str]:
        """Variables of who may use it."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server_port}",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }

    def puts(self) -> list[str]:
        """Keys in the order in which they were put."""
        return [key for method, key in self.asked if method == "PUT"]


class Handler(BaseHTTPRequestHandler):
    server: S3Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        key, query = self._asked()
        if self._refused(key):
            return
        if not key:
            self._answer(200, self._page(query).encode())
        elif key not in self.server.objects:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        else:
            self._answer(200, self.server.objects[key], {"ETag": _etag(self.server.objects[key])})

    do_HEAD = do_GET

    def do_PUT(self) -> None:
        key, query = self._asked()
        body = self._body()
        if self._refused(key):
            return
        if "uploadId" in query:
            self.server.uploads[query["uploadId"]][int(query["partNumber"])] = body
        else:
            self.server.objects[key] = body
        self._answer(200, b"", {"ETag": _etag(body)})

    def do_POST(self) -> None:
        key, query = self._asked()
        body = self._body().decode()
        if self._refused(key):
            return
        if "delete" in query:
            gone = [unquote(found) for found in re.findall(r"<Key>(.*?)</Key>", body)]
            for one in gone:
                self.server.objects.pop(one, None)
            told = "".join(f"<Deleted><Key>{escape(one)}</Key></Deleted>" for one in gone)
            self._answer(200, f"<DeleteResult>{told}</DeleteResult>".encode())
        elif "uploads" in query:
            name = str(next(self.server.numbers))
            self.server.uploads[name] = {}
            self._answer(200, _told("InitiateMultipartUpload", Bucket=BUCKET, Key=key, UploadId=name))
        else:
            parts = self.server.uploads.pop(query["uploadId"])
            self.server.objects[key] = b"".join(parts[number] for number in sorted(parts))
            self._answer(200, _told("CompleteMultipartUpload", Bucket=BUCKET, Key=key, ETag='"whole"'))

    def do_DELETE(self) -> None:
        key, query = self._asked()
        if self._refused(key):
            return
        self.server.uploads.pop(query.get("uploadId", ""), None)
        self.server.objects.pop(key, None)
        self._answer(204, b"")

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        _, bucket, *rest = unquote(parts.path).split("/", 2)
        key = "/".join(rest)
        self.server.asked.append((self.command, key))
        self.server.before(self.command, key)
        if self.server.hangs:
            self.server.release.wait(600)
        assert bucket == BUCKET
        return key, {name: found[0] for name, found in parse_qs(parts.query, keep_blank_values=True).items()}

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _refused(self, key: str) -> bool:
        if f"Credential={KEY}/" not in self.headers.get("Authorization", ""):
            self._answer(403, b"<Error><Code>InvalidAccessKeyId</Code></Error>")
        elif self.server.fails(self.command, key):
            self._answer(500, b"<Error><Code>InternalError</Code></Error>")
        else:
            return False
        return True

    def _page(self, query: dict[str, str]) -> str:
        keys = sorted(key for key in self.server.objects if key.startswith(query.get("prefix", "")))
        start = int(query.get("continuation-token", "0"))
        told, now = "", datetime.now(UTC)
        for key in keys[start : start + PAGE]:
            changed = now - timedelta(days=2) if key in self.server.aged else now
            body = self.server.objects[key]
            told += (
                f"<Contents><Key>{escape(key)}</Key><Size>{len(body)}</Size><ETag>{_etag(body)}</ETag>"
                f"<LastModified>{changed:%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
            )
        more = start + PAGE < len(keys)
        token = f"<NextContinuationToken>{start + PAGE}</NextContinuationToken>" if more else ""
        cut = f"<IsTruncated>{str(more).lower()}</IsTruncated>"
        return f"<ListBucketResult>{cut}{token}{told}</ListBucketResult>"

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, text in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, text)
        self.send_header("Last-Modified", self.date_time_string())
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _etag(body: bytes) -> str:
    return f'"{md5(body).hexdigest()}"'


def _told(kind: str, **fields: str) -> bytes:
    inside = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items())
    return f"<{kind}Result>{inside}</{kind}Result>".encode()


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Run it while a test asks."""
    server = S3Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        server.server_close()
