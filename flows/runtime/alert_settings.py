"""What a night tells of itself unasked, and where to: read from the environment, off without it."""

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from flows.runtime.errors import HbmcastError

WEBHOOK_VARIABLE = "HBMCAST_ALERT_WEBHOOK"
EVENTS_VARIABLE = "HBMCAST_ALERT_EVENTS"
MOVE_VARIABLE = "HBMCAST_ALERT_MOVE"
STALE_VARIABLE = "HBMCAST_ALERT_STALE_DAYS"
DEFAULT_MOVE = 0.05
DEFAULT_STALE_DAYS = 7
HERE = ("127.0.0.1", "localhost")


@dataclass(frozen=True)
class AlertSettings:
    """Where alerts go, and what is worth one.

    Parameters
    ----------
    webhook : str
        Address that each alert is posted to; empty: none.
    events : bool
        Whether each alert is an event on the Prefect server.
    move : float
        Share of its last median that a headline median must move by.
    stale_days : int
        Days without a good answer after which a source is stale.
    """

    webhook: str = ""
    events: bool = False
    move: float = DEFAULT_MOVE
    stale_days: int = DEFAULT_STALE_DAYS

    @property
    def wanted(self) -> bool:
        """Whether alerts go anywhere."""
        return bool(self.webhook) or self.events


def alert_settings() -> AlertSettings:
    """Read them from the environment.

    Raises
    ------
    HbmcastError
        When one of them makes no sense.
    """
    return AlertSettings(
        webhook=_webhook(_said(WEBHOOK_VARIABLE)),
        events=_said(EVENTS_VARIABLE).lower() in ("1", "yes", "true"),
        move=_move(_said(MOVE_VARIABLE)),
        stale_days=_stale_days(_said(STALE_VARIABLE)),
    )


def _said(variable: str) -> str:
    return os.environ.get(variable, "").strip()


def _webhook(url: str) -> str:
    try:
        parts = urlsplit(url)
        # Reading the port raises where it is no number.
        is_safe = parts.port != 0 and (
            (parts.scheme == "https" and bool(parts.hostname))
            or (parts.scheme == "http" and parts.hostname in HERE)
        )
    except ValueError:
        is_safe = False
    if url and not is_safe:
        # Not the address itself: whoever has it can write there.
        raise HbmcastError(
            f"{WEBHOOK_VARIABLE} is no address that alerts may go to",
            f"Give one that begins with https://, or with http:// on {' or '.join(HERE)}",
        )
    return url


def _move(text: str) -> float:
    try:
        share = float(text or DEFAULT_MOVE)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise HbmcastError(f"{MOVE_VARIABLE} is {text!r}, not a share", "Give 0.05 for 5 %")
    return share


def _stale_days(text: str) -> int:
    if text and not (text.isdecimal() and int(text)):
        raise HbmcastError(
            f"{STALE_VARIABLE} is {text!r}, not a number of days", "Give a whole number from 1"
        )
    return int(text or DEFAULT_STALE_DAYS)
