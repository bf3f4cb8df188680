"""What a night knows of itself, and the form of its stages."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from flows.runtime.progress import Report
from flows.runtime.settings import Settings


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
    tables_hash : str
        What the tables rest on besides the posterior.
    reused_posterior : bool
        Whether an earlier posterior with the same content hash was taken.
    estimation : str
        How it came to its posterior, of `models.vocabulary.results.chain.ESTIMATIONS`.
    reweighted_from : str
        Content hash of the posterior that was sampled and then weighted; empty where none was.
    started_from : str
        Content hash of the posterior where the chains of this one began; empty where a pilot run began them.
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
    tables_hash: str = ""
    reused_posterior: bool = False
    estimation: str = ""
    reweighted_from: str = ""
    started_from: str = ""
    posterior: Path | None = None
    draws_file: Path | None = None
    tables: Path | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class DayPosterior(NamedTuple):
    """Where the posterior of a day lies, and how it came there.

    Parameters
    ----------
    file : Path
    content_hash : str
        What it rests on: evidence, code, seed, chains, draws, and the posterior it was weighted from.
    estimation : str
        Of `models.vocabulary.results.chain.ESTIMATIONS`.
    seconds : dict of str to float
        Seconds each part of the fit took; none where it is reused.
    notes : tuple of str
        What the log should say.
    reweighted_from : str
        Content hash of the posterior that was sampled; empty where it was sampled for this evidence.
    started_from : str
        Content hash of the posterior where its chains began; empty where a pilot run began them.
    """

    file: Path
    content_hash: str
    estimation: str
    seconds: dict[str, float]
    notes: tuple[str, ...] = ()
    reweighted_from: str = ""
    started_from: str = ""


Stage = Callable[[Settings, Night, Report], Night]
"""Takes the settings of the night, what earlier stages made of it, and what to tell how far it is; gives the
night with what it adds."""


class Stages(NamedTuple):
    """The stages a night is made of; a test puts small ones in their place."""

    ingest: Stage
    fit: Stage
    simulate: Stage
    check: Stage
    news: Stage
    publish: Stage
    report: Stage
    headline: Callable[[Settings, Night], str]
    failed: Callable[[Settings, Night, str], None]


def peak_memory_mb() -> float:
    """Return the largest memory this process has held so far, in MB."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
