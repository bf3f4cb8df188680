"""The time zone of the night: what day it is where the schedule stands."""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from flows.runtime.errors import HbmcastError


def day_in(zone: tzinfo = UTC) -> date:
    """Return the day that the clock shows in a zone."""
    return datetime.now(zone).date()


def zone_of(name: str, said_by: str) -> ZoneInfo:
    """Find a time zone by its name.

    Parameters
    ----------
    name : str
        As ``Europe/Berlin``.
    said_by : str
        The variable or option that gave it, for the error.

    Raises
    ------
    HbmcastError
        There is none of that name, with the nearest.
    """
    try:
        return ZoneInfo(name)
    # A folder of zones (`Europe`) is no file, and a path out of them no key.
    except (KeyError, ValueError, OSError):
        raise HbmcastError(
            f"{said_by} {name!r} is no time zone", f"{_nearest(name)}Write it as Europe/Berlin or UTC"
        ) from None


def _nearest(name: str) -> str:
    from models.vocabulary.printed_text import did_you_mean, nearest

    zones = sorted(available_timezones())
    if near := did_you_mean(name, zones):
        return near
    # Of a city alone, or one under another continent.
    by_city = {zone.rpartition("/")[2]: zone for zone in zones if "/" in zone and not zone.startswith("Etc/")}
    city = nearest(name.rpartition("/")[2], by_city, n=1)
    return did_you_mean(by_city[city[0]], zones).partition(" or ")[0].rstrip("? ") + "? " if city else ""
