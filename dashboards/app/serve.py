"""Serves the notebook on 127.0.0.1, to this machine's browser alone."""

import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import marimo
import uvicorn

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

NOTEBOOK = Path(__file__).with_name("notebook.py")
ADDRESS = "127.0.0.1"
NAMES = (ADDRESS, "localhost")
FORBIDDEN = 403


def serve(port: int, tell: Callable[[str], None]) -> None:
    """Serve the app until it is interrupted.

    Parameters
    ----------
    port : int
        0 takes a free one.
    tell : callable
        Told the address once it can be asked, with the word that opens it: other users of the machine don't
        know it.

    Raises
    ------
    OSError
        The port is taken.
    """
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((ADDRESS, port))
        word = secrets.token_urlsafe(16)
        address = f"http://{ADDRESS}:{bound.getsockname()[1]}/?access_token={word}"
        notebook = asgi_app(word)
        config = uvicorn.Config(own_pages_only(notebook), log_level="error", timeout_graceful_shutdown=2)
        bound.listen()
        tell(address)
        try:
            uvicorn.Server(config).run(sockets=[bound])
        finally:
            end_sessions(notebook)


def asgi_app(word: str) -> "ASGIApp":
    """Make the application: the notebook behind a word."""
    built = marimo.create_asgi_app(quiet=True, include_code=False, token=word)
    return built.with_app(path="", root=str(NOTEBOOK)).build()


def end_sessions(notebook: "ASGIApp") -> None:
    """End the threads of pages that are still open: the process would wait for them."""
    for route in getattr(notebook, "routes", ()):
        manager = getattr(getattr(getattr(route, "app", None), "state", None), "session_manager", None)
        if manager is not None:
            manager.close_all_sessions()


def own_pages_only(app: "ASGIApp") -> "ASGIApp":
    """Refuse what another site's page, or a name that only points here, would ask of this port."""

    async def guarded(scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] in ("http", "websocket") and not _is_own(dict(scope["headers"])):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            await send({"type": "http.response.start", "status": FORBIDDEN, "headers": []})
            await send({"type": "http.response.body", "body": b"this port answers its own pages only\n"})
            return
        await app(scope, receive, send)

    return guarded


def _is_own(headers: dict[bytes, bytes]) -> bool:
    host = headers.get(b"host", b"").decode("latin-1")
    origin = headers.get(b"origin", b"").decode("latin-1")
    named = urlsplit(f"//{host}").hostname
    return named in NAMES and (not origin or urlsplit(origin).netloc == host)
