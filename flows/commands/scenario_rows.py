"""Which rows of scenarios a command line asks for: of the evidence, of a file, or put together in it."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from flows.runtime.errors import HbmcastError

if TYPE_CHECKING:
    import pandas as pd

    from models.evidence.evidence import Evidence


def scenario_rows(file: Path | None, known: "Evidence") -> "pd.DataFrame":
    """Rows of a user's file, checked against the market of the evidence, or of the evidence itself.

    Raises
    ------
    HbmcastError
        A row is refused (each with its remedy), or there are none.
    """
    if file is None:
        if known.scenarios.empty:
            raise HbmcastError(
                "the evidence has no scenarios", "Add rows to data/scenarios.csv, or give --file"
            )
        return known.scenarios
    from flows.commands.csv_file import read_csv
    from models.evidence.checks.scenarios import read_scenarios
    from models.evidence.validation import message

    rows, rejected = read_scenarios(read_csv(file), known.market, file.name)
    if len(rejected):
        lines = [message(row) for row in rejected.to_dict("records")]
        raise HbmcastError(f"{file} can't be used: " + " ".join(lines), "Mend the rows named")
    return rows


def asked_rows(
    name: str | None,
    multiply: list[str],
    delay: list[str],
    window: tuple[str, str | None, int],
    file: Path | None,
    known: "Evidence",
) -> "pd.DataFrame":
    """Rows of the one scenario that a command line asks for: by its name, or put together in it.

    Parameters
    ----------
    name : str or None
    multiply, delay : list of str
        As `models.scenarios.own.own_scenario` takes them; for a scenario without a name.
    window : tuple of str, str or None, int
        First and last quarter (None: the last published one), and quarters until a shock has its size.
    file : Path or None
        Where the name is looked up; None: in the evidence.
    known : Evidence

    Raises
    ------
    HbmcastError
        Neither or both are asked for, no scenario has the name, or a shock or a row is refused.
    """
    from models.evidence.validation import message
    from models.scenarios.own import own_scenario
    from models.vocabulary.periods import N_QUARTERS, QUARTERS

    if name is not None and (multiply or delay):
        raise HbmcastError(f"scenario {name!r} and shocks of your own", "Ask for one of the two")
    if name is not None:
        return _of_one(scenario_rows(file, known), name)
    if not multiply and not delay:
        remedy = "Give its name, --multiply DRIVER=FACTOR or --delay WHAT=QUARTERS"
        raise HbmcastError("no scenario is asked for", remedy)
    try:
        first, last, ramp = window
        rows, rejected = own_scenario(multiply, delay, first, last or QUARTERS[N_QUARTERS - 1], ramp, known)
    except ValueError as error:
        raise HbmcastError(str(error), "hbmcast scenario run --help says how shocks are written") from error
    if len(rejected):
        raise HbmcastError(" ".join(message(row) for row in rejected.to_dict("records")))
    return rows


def warn_of_history(rows: "pd.DataFrame", as_of: date) -> None:
    """Say on standard error which shocks begin before the as-of day."""
    from models.evidence.checks.scenarios import begins_before
    from models.vocabulary.rows import records

    for row in records(rows):
        if begins_before(row, as_of):
            print(
                f"warning: the shock to {row['driver']} begins in {row['from_quarter']}, before the as-of "
                f"day {as_of}: quarters that are over are shocked too; --from as_of+0 begins now",
                file=sys.stderr,
            )


def _of_one(rows: "pd.DataFrame", name: str) -> "pd.DataFrame":
    found = rows[rows["scenario"] == name]
    if found.empty:
        names = ", ".join(dict.fromkeys(rows["scenario"]))
        raise HbmcastError(f"no scenario {name!r}", f"There are: {names}")
    return found
