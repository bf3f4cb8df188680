"""Says beside an answer that the forecast served is stale, and where asked that its evidence is old."""

from collections.abc import Collection
from pathlib import Path

from flows.commands.output import note


def note_staleness(folder: Path, topics: bool = False, of: Collection[str] = ()) -> None:
    """Say on standard error why the forecast served may be old.

    Parameters
    ----------
    folder : Path
    topics : bool
        Whether topics with old evidence are told too.
    of : collection of str
        Runs that the answer is about: nothing is said where the one served is not among them. Empty: it is.
    """
    from dashboards.staleness import staleness
    from warehouse.read import latest_run

    if of and (latest_run(folder) or {}).get("run_id") not in of:
        return
    for line in staleness(folder, topics):
        note(loud(line))


def loud(line: str) -> str:
    """Write a line of `dashboards.staleness` for a terminal, its first words in capitals."""
    head, colon, rest = line.partition(":")
    return f"{head.upper()}{colon}{rest}"
