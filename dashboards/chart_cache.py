"""Cache of the images on the page (those of the sampler), keyed by what they rest on and the code.

The id of the run and the as-of day stand in the kept images as placeholders: an unchanged night differs in
nothing else. The other charts are data, which the page's own scripts draw.
"""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Final

import models
from dashboards.blocks import Block
from dashboards.style import Provenance, data_uri
from warehouse.atomic import written_whole

RUN_ID, AS_OF = "@run-id@", "@as-of@"
KEPT_CHARTS = 300
_LIBRARIES: Final = ("matplotlib", "arviz-plots", "arviz-stats", "numpy", "pandas", "scipy")


class Gallery:
    """The charts of one report.

    Parameters
    ----------
    provenance : dashboards.style.Provenance
        Of the report.
    folder : Path, optional
        Where charts are kept; without it each is drawn anew.
    """

    def __init__(self, provenance: Provenance, folder: Path | None = None) -> None:
        self.provenance = provenance
        self.folder = folder
        self._code = _code() if folder else ""

    def blocks(
        self, name: str, make: Callable[[Provenance], list[Block]], *shown: str | float
    ) -> list[Block]:
        """Make blocks of the page, or take the kept ones.

        Parameters
        ----------
        name : str
            What they are.
        make : callable
            Takes the provenance and returns the blocks.
        *shown : str or number
            What `make` reads must be told here by a value that changes with it. Without any, nothing is kept.

        Returns
        -------
        list of dict
        """
        stamp = replace(self.provenance, run_id=RUN_ID, as_of=AS_OF)
        file = None
        if self.folder and shown:
            key = hashlib.sha256(repr((self._code, name, stamp.interval_kind, *shown)).encode()).hexdigest()
            file = self.folder / f"{key}.json"
        text = _read(file) or _write(file, json.dumps(make(stamp)))
        # Ids and days hold nothing that JSON or SVG would have to escape.
        text = text.replace(RUN_ID, self.provenance.run_id).replace(AS_OF, str(self.provenance.as_of))
        found: list[Block] = json.loads(text)
        return [
            {**block, "source": data_uri(block["svg"])} if block["kind"] == "figure" else block
            for block in found
        ]

    def tidy(self) -> None:
        """Remove the charts that no report has shown for longest."""
        if self.folder and self.folder.is_dir():
            by_use = sorted(self.folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
            for path in by_use[KEPT_CHARTS:]:
                path.unlink(missing_ok=True)


def _code() -> str:
    """Hash the code that charts rest on, and name the libraries that draw them."""
    digest = hashlib.sha256(repr([(name, version(name)) for name in _LIBRARIES]).encode())
    for package in (Path(__file__).parent, Path(str(models.__file__)).parent):
        for path in sorted(package.rglob("*.py")):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _read(file: Path | None) -> str:
    """Return what is kept, or nothing where there is none or it is damaged."""
    if file is None or not file.is_file():
        return ""
    text = file.read_text(encoding="utf-8", errors="replace")
    try:
        json.loads(text)
    except ValueError:
        return ""
    os.utime(file)
    return text


def _write(file: Path | None, text: str) -> str:
    """Keep a text whole or not at all, and return it."""
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(file) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
    return text
