"""The evidence of a day as the models take it: the one step from the warehouse's tables to `Evidence`."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.evidence.evidence import Evidence


def evidence_of(
    state: Path, as_of: date, taken_in_by: datetime | None = None, private: bool = True
) -> "Evidence":
    """Read what was known on a day, of what had been taken in by a moment: see `warehouse.read.evidence`."""
    from models.evidence.evidence import Evidence
    from warehouse.read import evidence

    return Evidence(**evidence(state, as_of, taken_in_by, private))
