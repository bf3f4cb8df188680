"""Cache of rendered charts, keyed by a hash of their inputs and of the code.

The id of the run, and where a chart does not draw it the as-of day, stand in the kept charts as placeholders:
an unchanged night differs in nothing else.
"""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pandas as pd
from matplotlib.figure import Figure

import models
from dashboards.blocks import figure_block
from dashboards.style import Provenance, data_uri
from warehouse.atomic import written_whole

RUN_ID, AS_OF = "@run-id@", "@as-of@"
# What differs between runs that say the same; no chart sees them.
OF_THE_RUN: Final = ["run_id", "as_of"]
KEPT_CHARTS = 300
_LIBRARIES: Final = ("matplotlib", "arviz-plots", "arviz-stats", "numpy", "pandas", "scipy")

type Block = dict[str, Any]


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

    def chart(self, draw: Callable[..., Figure], *shown: Any, dated: bool = False) -> Block:
        """Draw one chart, or take the kept one.

        Parameters
        ----------
        draw : callable
            Takes `shown` and the provenance.
        *shown : DataFrame, str or number
            All the chart shows; frames come without their columns `OF_THE_RUN`.
        dated : bool
            Whether the chart draws the as-of day, besides naming it.

        Returns
        -------
        dict
            Block of the page.
        """
        shown = tuple(_without_run(one) for one in shown)
        name = f"{draw.__module__}.{draw.__qualname__}"
        made = self.blocks(name, lambda stamp: [figure_block(draw(*shown, stamp))], *shown, dated=dated)
        return made[0]

    def blocks(
        self, name: str, make: Callable[[Provenance], list[Block]], *shown: Any, dated: bool = False
    ) -> list[Block]:
        """Make blocks of the page, or take the kept ones.

        Parameters
        ----------
        name : str
            What they are.
        make : callable
            Takes the provenance and returns the blocks.
        *shown, dated
            As for `chart`; what `make` reads must be told here by a value that changes with it. Without any,
            nothing is kept.

        Returns
        -------
        list of dict
        """
        as_of = str(self.provenance.as_of)
        stamp = replace(self.provenance, run_id=RUN_ID, as_of=self.provenance.as_of if dated else AS_OF)
        file = None
        if self.folder and shown:
            key = chart_key(self._code, name, stamp.interval_kind, str(stamp.as_of), *shown)
            file = self.folder / f"{key}.json"
        text = _read(file) or _write(file, json.dumps(make(stamp)))
        # Ids and days hold nothing that JSON or SVG would have to escape.
        found: list[Block] = json.loads(text.replace(RUN_ID, self.provenance.run_id).replace(AS_OF, as_of))
        return [block | {"source": data_uri(block["svg"])} if "svg" in block else block for block in found]

    def tidy(self) -> None:
        """Remove the charts that no report has shown for longest."""
        if self.folder and self.folder.is_dir():
            by_use = sorted(self.folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
            for path in by_use[KEPT_CHARTS:]:
                path.unlink(missing_ok=True)


def chart_key(*shown: Any) -> str:
    """Hash values and frames by what they say, in their order.

    Parameters
    ----------
    *shown : DataFrame, str or number

    Returns
    -------
    str
        SHA-256 as hexadecimal digits.
    """
    digest = hashlib.sha256()
    for one in shown:
        if isinstance(one, pd.DataFrame):
            digest.update(repr([(name, str(kind)) for name, kind in one.dtypes.items()]).encode())
            digest.update(pd.util.hash_pandas_object(one, index=False).to_numpy().tobytes())
        else:
            digest.update(repr(one).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def _without_run(one: Any) -> Any:
    return one.drop(columns=OF_THE_RUN, errors="ignore") if isinstance(one, pd.DataFrame) else one


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
