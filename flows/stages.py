"""The stages of a night and their call sites: small functions from (settings, night, report) to a night.

Heavy libraries are imported inside the functions, so that the command line and the schedule start fast.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from flows.errors import SourceError
from flows.progress import Report
from flows.settings import Settings


@dataclass(frozen=True)
class Night:
    """What one run knows of itself; stages hand on a copy with more filled in. Paths and ids, never frames.

    Parameters
    ----------
    run_id : str
        Id of the run.
    started_at : datetime, optional
        Moment of the start, in UTC.
    code_version : str
        Version of the package and of the model's code.
    as_of : str
        As-of day, for a run known only from its journal.
    content_hash : str
        What the posterior rests on: evidence, code, seed, chains.
    reused_posterior : bool
        Whether an earlier posterior with the same content hash was taken.
    posterior : Path, optional
        File of the posterior.
    draws_file : Path, optional
        File of the joint draws.
    tables : Path, optional
        Folder of the tables waiting to be published.
    seconds : dict
        Seconds each part took so far.
    notes : tuple of str
        What the log should say.
    """

    run_id: str
    started_at: datetime | None = None
    code_version: str = ""
    as_of: str = ""
    content_hash: str = ""
    reused_posterior: bool = False
    posterior: Path | None = None
    draws_file: Path | None = None
    tables: Path | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


Stage = Callable[[Settings, Night, Report], Night]


class Stages(NamedTuple):
    """The stages a night is made of; a test puts small ones in their place."""

    ingest: Stage
    fit: Stage
    simulate: Stage
    check: Stage
    publish: Stage
    report: Stage
    headline: Callable[[Settings, Night], str]
    failed: Callable[[Settings, Night, str], None]


def ingest(settings: Settings, night: Night, report: Report) -> Night:
    """Read the evidence, put aside what can't be used, and take the rest into the warehouse."""
    from flows.sources import read_all
    from models.validation import validate
    from warehouse.ingest import ingest as take_in

    report(0.1, "reading files")
    raw = read_all(settings)
    report(0.3, "checking rows")
    validated = validate(raw.files, settings.today)
    if validated.fatal:
        raise SourceError("; ".join(validated.fatal), "Mend the file named; nothing was changed")
    rejected = all_rejected(raw, validated.rejected)
    report(0.6, "taking in")
    accepted = {name: raw.placed(frame) for name, frame in validated.accepted.items()}
    done = take_in(settings.state, accepted, rejected, night.run_id, datetime.now(UTC))
    words = (
        f"{len(accepted['figures'])} figures accepted, {done.rejected} rows put aside; "
        f"{done.new} rows new, {done.changed} changed, {done.withdrawn} withdrawn"
    )
    return replace(night, notes=(*night.notes, *raw.notes, words))


def all_rejected(raw: Any, rejected: Any) -> Any:
    """Join what could not be read with what was read and refused, as the warehouse takes it in."""
    import pandas as pd

    both = pd.concat([raw.problem_frame(), raw.placed(rejected)], ignore_index=True)
    return both.rename(columns={"row": "row_number", "problem": "reason", "raw": "content"})


REAL = Stages(None, None, None, None, None, None, None, None)  # type: ignore  # PLACEHOLDER
