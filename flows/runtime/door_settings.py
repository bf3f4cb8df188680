"""What the readers of the outside world are asked for: read from the environment, nothing without it."""

import os
from dataclasses import dataclass

FEEDS_VARIABLE = "HBMCAST_FEEDS"
CONTACT_VARIABLE = "HBMCAST_CONTACT"
SEC_VARIABLE = "HBMCAST_SEC"
PRESS_VARIABLE = "HBMCAST_PRESS"
SEC_ADDRESS = "https://data.sec.gov/api/xbrl/companyfacts"


@dataclass(frozen=True)
class DoorSettings:
    """What each reader is asked for.

    Parameters
    ----------
    contact : str
        Who asks, as the SEC wants it said (name and e-mail address); without it no filings are fetched.
    feeds : tuple of str
        Web addresses or paths of figure CSVs to read besides the data folder.
    press : tuple of str
        Names of the feeds of press pages to read (feeds.feed_id), or 'all'; without any none is asked.
    sec : str
        Where company facts are served.
    """

    contact: str = ""
    feeds: tuple[str, ...] = ()
    press: tuple[str, ...] = ()
    sec: str = SEC_ADDRESS


def door_settings() -> DoorSettings:
    """Read them from the environment."""
    return DoorSettings(
        contact=os.environ.get(CONTACT_VARIABLE, "").strip(),
        feeds=tuple(os.environ.get(FEEDS_VARIABLE, "").split()),
        press=tuple(os.environ.get(PRESS_VARIABLE, "").replace(",", " ").split()),
        sec=os.environ.get(SEC_VARIABLE, "").strip().rstrip("/") or SEC_ADDRESS,
    )
