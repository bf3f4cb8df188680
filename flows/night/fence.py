"""What the systems and scenarios of a night hand on, and the note of one that failed."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flows.runtime.errors import one_line
from flows.runtime.log import run_logger

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from models.systems.series import Series

# Names in the table `diagnostics`; both only inform. A check of the warehouse warns of the second kind.
DONE, FAILED = "system:", "system_failed:"


@dataclass
class SystemTables:
    """What the systems of one run made.

    Parameters
    ----------
    frames : dict of DataFrame
        Tables by name; none where there is nothing to say.
    diagnostics : list of tuple
        Rows ``(run_id, name, value, threshold, passed, detail)``.
    notes : list of str
        What the log should say.
    failed : list of str
        Systems that were left out because they raised.
    totals : list of Series
        Totals in USD, for the sensitivities and the domestic shares.
    kept : list of dict
        Of each system, years by series (draw, 7): the draws that are kept.
    step : int
        They rest on every so many of the chain's draws.
    """

    frames: "dict[str, pd.DataFrame]" = field(default_factory=dict)
    diagnostics: list[tuple] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    totals: "list[Series]" = field(default_factory=list)
    kept: "list[dict[str, np.ndarray]]" = field(default_factory=list)
    step: int = 1


def record_failed_system(out: SystemTables, run_id: str, name: str, error: Exception) -> None:
    """Log that a part of the systems failed, with its traceback, and note it: the night goes on.

    Parameters
    ----------
    out : SystemTables
        Takes the note, the name and a row of `diagnostics`.
    run_id : str
    name : str
        Of the system, the table or the scenario.
    error : Exception
    """
    run_logger().error("%s is left out of run %s", name, run_id, exc_info=error)
    reason = one_line(error)
    out.failed.append(name)
    out.notes.append(f"{name} is left out of this run: {reason}")
    out.diagnostics.append((run_id, FAILED + name, 0.0, None, None, f"left out: {reason}"))
