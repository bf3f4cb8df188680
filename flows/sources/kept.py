"""Raw answers on disk: every one kept for a while, the last good one until a better comes."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from flows.runtime.retention_settings import retention_settings
from warehouse.atomic import written_whole

# Raw answers of an address, good or refused, take no more room than this.
KEPT_BYTES: Final = 128 * 2**20
_STATE: Final = "feed.json"
_SHOWN: Final = 300
_MOMENT: Final = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True)
class Known:
    """What is remembered of an address: its last good answer, how to ask again, and its last fault.

    `good_at` is when the last good answer came, `confirmed_at` when it was last said to hold still.
    """

    url: str
    etag: str = ""
    last_modified: str = ""
    good_file: str = ""
    good_at: str = ""
    confirmed_at: str = ""
    failed_at: str = ""
    failure: str = ""

    def conditions(self) -> dict[str, str]:
        """Headers that ask for an answer only where it is another than the last good one."""
        asked = {"if-none-match": self.etag, "if-modified-since": self.last_modified}
        return {name: value for name, value in asked.items() if value} if self.good_file else {}


class Kept:
    """The answers of one address."""

    def __init__(self, folder: Path, url: str, suffix: str) -> None:
        self.place = folder / hashlib.sha256(url.encode()).hexdigest()[:16]
        self.place.mkdir(parents=True, exist_ok=True)
        self.suffix = suffix
        self.known = self._load(url)

    def _load(self, url: str) -> Known:
        known = load_known(self.place)
        if known is None:
            return Known(url)
        if known.good_file and (self.place / known.good_file).is_file():
            return known
        return Known(url, failed_at=known.failed_at, failure=known.failure)

    @property
    def good(self) -> Path | None:
        """File of the last good answer."""
        return self.place / self.known.good_file if self.known.good_file else None

    def save(self, content: bytes) -> Path:
        """Keep an answer before anything looks into it."""
        path = self.place / f"{_stamp()}-{hashlib.sha256(content).hexdigest()[:12]}{self.suffix}"
        with written_whole(path) as unfinished:
            unfinished.write_bytes(content)
        return path

    def promote(self, path: Path, headers: Mapping[str, str]) -> None:
        """Make a kept answer the last good one."""
        now = _stamp()
        self._remember(
            etag=headers.get("etag", ""),
            last_modified=headers.get("last-modified", ""),
            good_file=path.name,
            good_at=now,
            confirmed_at=now,
        )

    def confirm(self) -> None:
        """Note that the last good answer still holds."""
        self._remember(confirmed_at=_stamp())

    def fail(self, why: object) -> None:
        """Note a fault; the last good answer stays; a disk that takes no note stops nothing."""
        with suppress(OSError):
            self._remember(failed_at=_stamp(), failure=str(why)[:_SHOWN])

    def _remember(self, **changed: str) -> None:
        self.known = replace(self.known, **changed)
        with written_whole(self.place / _STATE) as unfinished:
            unfinished.write_text(json.dumps(asdict(self.known), indent=1), encoding="utf-8")

    def tidy(self) -> None:
        """Forget old answers beyond a number and a size; never the good one."""
        answers = retention_settings().answers
        kept = sorted(self.place.glob(f"*{self.suffix}"), reverse=True)
        room = KEPT_BYTES
        for i, path in enumerate(kept):
            room -= path.stat().st_size
            if path.name != self.known.good_file and (i >= answers or room < 0):
                path.unlink(missing_ok=True)


def load_known(place: Path) -> Known | None:
    """Return what is remembered in the folder of an address; None where that can't be read."""
    try:
        return Known(**json.loads((place / _STATE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def moment_of(stamp: str) -> datetime | None:
    """Return the moment (UTC) of a stamp of `Known`; None for none."""
    try:
        return datetime.strptime(stamp, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None


def _stamp() -> str:
    return datetime.now(UTC).strftime(_MOMENT)
