"""Raw answers on disk: every one kept for a while, the last good one until a better comes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from warehouse.atomic import written_whole

# Kept per address: raw answers, good or refused.
KEPT_ANSWERS: Final = 30
KEPT_BYTES: Final = 128 * 2**20
_STATE: Final = "feed.json"


@dataclass(frozen=True)
class Known:
    """What is remembered of an address: its last good answer, and how to ask for a newer one."""

    url: str
    etag: str = ""
    last_modified: str = ""
    good_file: str = ""
    good_at: str = ""

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
        try:
            known = Known(**json.loads((self.place / _STATE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return Known(url)
        return known if known.good_file and (self.place / known.good_file).is_file() else Known(url)

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
        self.known = replace(
            self.known,
            etag=headers.get("etag", ""),
            last_modified=headers.get("last-modified", ""),
            good_file=path.name,
            good_at=_stamp(),
        )
        with written_whole(self.place / _STATE) as unfinished:
            unfinished.write_text(json.dumps(asdict(self.known), indent=1), encoding="utf-8")

    def tidy(self) -> None:
        """Forget old answers beyond a number and a size; never the good one."""
        kept = sorted(self.place.glob(f"*{self.suffix}"), reverse=True)
        room = KEPT_BYTES
        for i, path in enumerate(kept):
            room -= path.stat().st_size
            if path.name != self.known.good_file and (i >= KEPT_ANSWERS or room < 0):
                path.unlink(missing_ok=True)


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
