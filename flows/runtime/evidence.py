"""The evidence of a day as the models take it: the one step from the warehouse's tables to `Evidence`."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.evidence.evidence import Evidence


def evidence_of(state: Path, as_of: date) -> "Evidence":
    """Read what was known on a day: see `warehouse.read.evidence`."""
    from models.evidence.evidence import Evidence
    from warehouse.read import evidence

    return Evidence(**evidence(state, as_of))
