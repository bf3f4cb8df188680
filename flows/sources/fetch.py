"""One guarded GET for every reader of the network: bounded in time, size and direction.

What answers may be down, slow, huge or lying. So all of it happens under one deadline (name look-up, headers
that drip, retries), the body is unpacked in pieces and cut at a limit, and a redirect leads nowhere but to
the host that was asked.
"""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from ssl import SSLContext
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

MOST_REDIRECTS: Final = 5
USER_AGENT: Final = "hbmcast"
"""Who asks, where the caller does not say: a server should know whom it serves, or turns away."""
_RETRIED: Final = {408, 425, 429, 500, 502, 503, 504}
_PIECE: Final = 2**16
_PORTS: Final = {"http": 80, "https": 443}


class FetchError(Exception):
    """An address could not be fetched, or its answer is not what was asked for."""


class _Passing(FetchError):
    """A fault that may be gone at the next attempt; `wait` seconds where the server said so."""

    def __init__(self, fault: str, wait: float | None = None) -> None:
        super().__init__(fault)
        self.wait = wait


@dataclass(frozen=True)
class Limits:
    """What one address may cost.

    Attributes
    ----------
    seconds : float
        From the first attempt to the last byte.
    silence : float
        Seconds without a byte.
    size : int
        Bytes of the body, packed or unpacked.
    attempts : int
    pause : float
        Seconds before the second attempt, doubled before each later one, where the server names none.
    """

    seconds: float = 60.0
    silence: float = 20.0
    size: int = 64 * 2**20
    attempts: int = 3
    pause: float = 2.0


@dataclass(frozen=True)
class Answer:
    """What came back: `content` is unpacked; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def kind(self) -> str:
        """The type that the answer claims, without parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


def fetch(url: str, headers: Mapping[str, str] | None = None, limits: Limits | None = None) -> Answer | None:
    """Fetch an address.

    Parameters
    ----------
    url : str
        ``http`` or ``https``.
    headers : mapping, optional
        Sent along: who asks (else `USER_AGENT`), and what is known already (`If-None-Match`,
        `If-Modified-Since`).
    limits : Limits, optional

    Returns
    -------
    Answer or None
        None where the server says that nothing has changed.

    Raises
    ------
    FetchError
        In one line: out of reach, too slow, too large, refused, redirected elsewhere.
    """
    limits = limits or Limits()

    async def bounded() -> Answer | None:
        try:
            async with asyncio.timeout(limits.seconds):
                return await _attempts(url, dict(headers or {}), limits)
        except TimeoutError:
            raise FetchError(f"not done within {limits.seconds:g} s") from None
        except (ArithmeticError, ValueError) as error:
            # Whatever a server may say: it is no answer, and stops no night.
            raise FetchError(
                f"the answer can't be read ({type(error).__name__}: {str(error)[:80]})"
            ) from error

    # A loop of its own, in a thread of its own: whoever asks may run in a loop already.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, bounded()).result()


async def _attempts(url: str, headers: dict[str, str], limits: Limits) -> Answer | None:
    def pause(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        said = error.wait if isinstance(error, _Passing) else None
        return limits.pause * 2.0 ** (state.attempt_number - 1) if said is None else said

    retries = AsyncRetrying(
        stop=stop_after_attempt(limits.attempts),
        wait=pause,
        retry=retry_if_exception_type(_Passing),
        reraise=True,
    )
    timeout = httpx.Timeout(limits.silence, connect=min(10.0, limits.silence))
    own = {"user-agent": USER_AGENT}
    async with httpx.AsyncClient(verify=_certificates(), timeout=timeout, headers=own) as client:
        return await retries(_followed, client, url, {"accept-encoding": "gzip", **headers}, limits)


@cache
def _certificates() -> SSLContext:
    """Read the list of authorities once: that takes longer than most answers."""
    return httpx.create_ssl_context()


async def _followed(
    client: httpx.AsyncClient, url: str, headers: dict[str, str], limits: Limits
) -> Answer | None:
    """Ask, and go on where a redirect leads, as long as that is the same server."""
    for _ in range(MOST_REDIRECTS + 1):
        answer = await _asked(client, url, headers, limits)
        if answer.status == httpx.codes.NOT_MODIFIED:
            if any(name.lower().startswith("if-") for name in headers):
                return None
            raise FetchError("the server says 'not modified' to a first question")
        if answer.status == httpx.codes.OK:
            return answer
        if answer.status not in {301, 302, 303, 307, 308}:
            words = f"the server answered {answer.status} {httpx.codes.get_reason_phrase(answer.status)}"
            wait = _retry_after(answer.headers.get("retry-after", ""))
            if answer.status not in _RETRIED:
                raise FetchError(words.strip())
            if wait is not None and wait > limits.seconds / 2:
                raise FetchError(f"{words.strip()} and asks to wait {wait:.0f} s: not tonight")
            raise _Passing(words.strip(), wait)
        target = answer.headers.get("location", "")
        if not _same_server(url, target):
            raise FetchError(f"redirected to {target[:200]}, which is another place: not followed")
        url = urljoin(url, target)
    raise FetchError(f"redirected more than {MOST_REDIRECTS} times")


async def _asked(client: httpx.AsyncClient, url: str, headers: dict[str, str], limits: Limits) -> Answer:
    if not url.lower().startswith(("http://", "https://")):
        raise FetchError("the address is neither http nor https")
    try:
        async with client.stream("GET", url, headers=headers) as answer:
            told = {name.lower(): value for name, value in answer.headers.items()}
            is_read = answer.status_code == httpx.codes.OK
            content = await _body(answer, told, limits.size) if is_read else b""
            return Answer(answer.status_code, told, content)
    except httpx.TimeoutException:
        raise _Passing("no answer in time") from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise FetchError(f"the address can't be read: {error}") from error
    except httpx.HTTPError as error:
        raise _Passing(f"{type(error).__name__}: {error}") from error


async def _body(answer: httpx.Response, told: Mapping[str, str], most: int) -> bytes:
    packing = told.get("content-encoding", "").strip().lower()
    if packing not in {"", "identity", "gzip", "x-gzip"}:
        raise FetchError(f"the answer is packed as {packing!r}, which was not asked for")
    said = told.get("content-length", "")
    if re.fullmatch(r"[0-9]{1,20}", said) and int(said) > most:
        raise FetchError(f"the answer has {said} bytes, more than {most}")
    pieces: list[bytes] = []
    room = most
    source = answer.aiter_raw(_PIECE)
    async for piece in _unpacked(source, most) if packing.endswith("gzip") else source:
        room -= len(piece)
        if room < 0:
            raise FetchError(f"the answer is larger than {most} bytes; it was cut off there")
        pieces.append(piece)
    return b"".join(pieces)


async def _unpacked(source: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    """Unpack gzip piece by piece: what would unfold to a thousand times its size is seen before it does."""
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS)
    packed = 0
    try:
        async for piece in source:
            packed += len(piece)
            if packed > most:
                raise FetchError(f"the answer is larger than {most} bytes; it was cut off there")
            while piece:
                # Gzip may have several parts, one behind the other, and zeros behind the last.
                if unpack.eof and not (piece := piece.lstrip(b"\0")):
                    break
                unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if unpack.eof else unpack
                yield unpack.decompress(piece, _PIECE)
                piece = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
        yield unpack.flush()
    except zlib.error as error:
        raise _Passing(f"the answer is no gzip: {error}") from error
    if not unpack.eof:
        raise _Passing("the answer breaks off in the middle")


def _same_server(url: str, target: str) -> bool:
    """Whether a redirect stays with the server that was asked; to https on the usual port it may."""
    try:
        old, new = urlsplit(url), urlsplit(urljoin(url, target))
        ports = old.port or _PORTS.get(old.scheme), new.port or _PORTS.get(new.scheme)
    except ValueError:
        return False
    if old.hostname != new.hostname or new.username or new.scheme not in _PORTS:
        return False
    is_upgrade = (old.scheme, new.scheme) == ("http", "https") and ports == (80, 443)
    return is_upgrade or (old.scheme == new.scheme and ports[0] == ports[1])


def _retry_after(said: str) -> float | None:
    """Seconds that the server asks to wait, as a number or a date; None where it does not say."""
    # No other digits: a raised one is a digit and no number.
    if re.fullmatch(r"\s*[0-9]+\s*", said):
        return float(said)
    try:
        at = parsedate_to_datetime(said)
    except (TypeError, ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
