"""Evidence judged as a whole: each row by its own checks, and beside what was in force the night before."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from flows.sources.raw import RawEvidence

if TYPE_CHECKING:
    import pandas as pd

    from models.evidence.validation import Validated

type InForce = dict[str, "pd.DataFrame"]
"""Tables of evidence as the warehouse has them."""


def in_force(state: Path, private: bool = True) -> InForce:
    """Read what is in force, whatever its dates, private figures too; nothing before a first night."""
    from warehouse.errors import WarehouseError
    from warehouse.read import evidence

    try:
        return evidence(state, date.max, private=private)
    except WarehouseError:
        return {}


def judged(raw: RawEvidence, before: InForce, today: date) -> "Validated":
    """Check evidence; a number of a supporting table that jumped since it was in force is put aside.

    Parameters
    ----------
    raw : RawEvidence
    before : dict of DataFrame
        From `in_force`.
    today : datetime.date

    Returns
    -------
    Validated
        File and row counted over records (`RawEvidence.placed` says where they stand).
    """
    import pandas as pd

    from models.evidence.moved import held_back
    from models.evidence.validation import validate

    files, held, aside = held_back(raw.files, before, today)
    validated = validate(files, today, aside)
    if held.empty:
        return validated
    return replace(validated, rejected=pd.concat([held, validated.rejected], ignore_index=True))


def all_rejected(raw: RawEvidence, rejected: "pd.DataFrame") -> "pd.DataFrame":
    """Join what could not be read with what was read and refused, as the warehouse takes it in.

    What is said twice of one place, of a fact that a filing repeats say, is said once.
    """
    import pandas as pd

    from models.evidence.tables.described import BY_NAME, REJECTED

    both = pd.concat([raw.problem_frame(), raw.placed(rejected)], ignore_index=True)
    named = both.rename(columns={"row": "row_number", "problem": "reason", "raw": "content"})
    return named.drop_duplicates(list(BY_NAME[REJECTED].keys), ignore_index=True)
