"""A real server on this machine that misbehaves on demand."""

import gzip
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Seconds that a machine under load may take to answer what is answered at once.
PATIENCE = 60.0


class Server(ThreadingHTTPServer):
    """Answers every GET and POST as `answer` says; keeps what it was asked, and what was posted.

    `answer` may say: status, body, type, etag, faults (how many questions get the status, the next ones 200),
    raw (bytes that are all that is sent),
    missing_bytes (promised and not sent), headers (more of them), hang, drip (seconds between bytes, from
    the first byte of the headers on), endless (the body never ends), redirect (to where; "{n}" counts).
    `by_path` gives paths answers of their own.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer: dict = {}
        self.by_path: dict[str, dict] = {}
        self.asked: list[dict[str, str]] = []
        self.posted: list[bytes] = []
        self.times: list[float] = []
        self.release = threading.Event()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        return f"{self.root}/figures.csv"


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = self.server
        answer = server.by_path.get(self.path.split("?")[0], server.answer)
        server.asked.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
        server.times.append(time.monotonic())
        self.close_connection = True
        with suppress(OSError):
            self.reply(answer)

    def do_POST(self) -> None:
        self.server.posted.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.do_GET()

    def reply(self, answer: dict) -> None:
        server = self.server
        if answer.get("hang"):
            server.release.wait(PATIENCE)
            return
        if "raw" in answer:
            self.wfile.write(answer["raw"])
            return
        faults = answer.get("faults", 0)
        status = answer.get("status", 200) if faults == 0 or len(server.asked) <= faults else 200
        if "redirect" in answer:
            status = 302
        etag = answer.get("etag", "")
        if etag and self.headers.get("If-None-Match") == etag:
            status = 304
        body = answer.get("body", b"") if status == 200 else b""
        if answer.get("drip"):
            for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 10_000:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if server.release.wait(answer["drip"]):
                    return
        self.send_response(status)
        self.send_header("Content-Type", answer.get("type", "text/csv; charset=utf-8"))
        self.send_header("Connection", "close")
        if not answer.get("endless"):
            self.send_header("Content-Length", str(len(body) + answer.get("missing_bytes", 0)))
        if "redirect" in answer:
            self.send_header("Location", answer["redirect"].format(n=len(server.asked)))
        for name, value in {"ETag": etag, **answer.get("headers", {})}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        slow = answer.get("slow_body", 0)
        for piece in [body[i : i + 1] for i in range(len(body))] if slow else [body]:
            self.wfile.write(piece)
            if slow and server.release.wait(slow):
                return
        while answer.get("endless") and not server.release.is_set():
            self.wfile.write(b"a,b,c\n" * 10_000)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Server]:
    """Run the server for as long as the block lasts."""
    running = Server()
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield running
    finally:
        running.release.set()
        running.shutdown()
        running.server_close()


@cache
def bomb(n_bytes: int) -> bytes:
    """Gzip of so many zero bytes, about a thousandth of them long."""
    piece = bytes(2**20)
    pack = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # After a full flush a piece stands for itself: one is packed, and said again and again.
    body = pack.compress(piece) + pack.flush(zlib.Z_FULL_FLUSH)
    times, check = n_bytes // len(piece), 0
    for _ in range(times):
        check = zlib.crc32(piece, check)
    head, end = gzip.compress(b"")[:10], zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS).flush()
    return head + body * times + end + struct.pack("<LL", check, n_bytes % 2**32)


def packed(body: bytes) -> bytes:
    """Gzip of a body."""
    return gzip.compress(body)
