"""How old the sources on the network are: when each answered last, and what went wrong since."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from flows.sources.kept import Known, load_known, moment_of
from models.vocabulary.results.doors import DOORS
from warehouse.layout import raw_folder

LET_GO_DAYS: Final = 7
"""A source that was asked last so long before the others of its door is no longer asked."""


@dataclass(frozen=True)
class SourceAge:
    """A source, and how it fares.

    Attributes
    ----------
    door, source : str
        One of `models.vocabulary.results.doors.DOORS`; the address without its query, which may hold a key.
    last_good_at, changed_at, last_failed_at : datetime or None
        In UTC.
    failure : str
    """

    door: str
    source: str
    last_good_at: datetime | None
    changed_at: datetime | None
    last_failed_at: datetime | None
    failure: str

    @property
    def asked_at(self) -> datetime:
        """When it was asked last."""
        asked = [moment for moment in (self.last_good_at, self.last_failed_at) if moment is not None]
        return max(asked, default=datetime.min.replace(tzinfo=UTC))

    @property
    def fails(self) -> bool:
        """Whether it has not answered well since it failed."""
        return self.last_failed_at is not None and (
            self.last_good_at is None or self.last_failed_at > self.last_good_at
        )

    def days_since_good(self, now: datetime) -> float | None:
        """Days from the last good answer to a moment; None where there never was one."""
        return None if self.last_good_at is None else (now - self.last_good_at) / timedelta(days=1)


def source_ages(state: Path) -> list[SourceAge]:
    """Read how old the sources are that are still asked.

    Parameters
    ----------
    state : Path
        State folder.

    Returns
    -------
    list of SourceAge
        By door and source.
    """
    found = []
    for door in DOORS:
        places = raw_folder(state, door.folder).glob("*")
        known = (load_known(place) for place in places if place.is_dir())
        ages = [_age(door.name, one) for one in known if one is not None]
        newest = max((age.asked_at for age in ages), default=None)
        found += [age for age in ages if newest and newest - age.asked_at <= timedelta(days=LET_GO_DAYS)]
    return sorted(found, key=lambda age: (age.door, age.source))


def _age(door: str, known: Known) -> SourceAge:
    return SourceAge(
        door,
        _address(known.url),
        moment_of(known.confirmed_at or known.good_at),
        moment_of(known.good_at),
        moment_of(known.failed_at),
        known.failure.replace(known.url, _address(known.url)),
    )


def _address(url: str) -> str:
    if "://" not in url:
        return url
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
