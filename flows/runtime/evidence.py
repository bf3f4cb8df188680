"""The evidence of a day as the models take it: the one step from the warehouse's tables to `Evidence`."""

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.atomic import as_it_lies
from warehouse.layout import private_file, published_file

if TYPE_CHECKING:
    import pandas as pd

    from models.evidence.evidence import Evidence

KEPT = 4
"""Of so many days or moments it is kept: a night's stages ask for the same one after another."""


def evidence_of(
    state: Path, as_of: date, taken_in_by: datetime | None = None, private: bool = True
) -> "Evidence":
    """Read what was known on a day, of what had been taken in by a moment: see `warehouse.read.evidence`.

    While the published file is the same it is read once. Each who asks has frames of his own.

    Parameters
    ----------
    state, as_of, taken_in_by, private
        As `warehouse.read.evidence` takes them.
    """
    import flows.runtime.texts  # noqa: F401 - says how pandas keeps texts
    from models.evidence.evidence import Evidence
    from warehouse.read import evidence

    file = published_file(state)
    if not file.exists() or (private and private_file(state).exists()):
        # Private evidence is written in place: nothing of it is kept.
        return Evidence(**evidence(state, as_of, taken_in_by, private))
    tables = _read(state, as_of, taken_in_by, private, as_it_lies(file))
    return Evidence(**{name: frame.copy(deep=False) for name, frame in tables.items()})


@lru_cache(KEPT)
def _read(
    state: Path, as_of: date, taken_in_by: datetime | None, private: bool, _file: tuple[int, int, int, int]
) -> "dict[str, pd.DataFrame]":
    from warehouse.read import evidence

    return evidence(state, as_of, taken_in_by, private)
