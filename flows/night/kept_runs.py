"""Published runs with what they rest on: the evidence that each had read, and the posterior behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.runtime.artifacts import kept_posterior
from flows.runtime.evidence import evidence_of
from flows.runtime.fingerprint import posterior_hash
from flows.runtime.settings import DEFAULT_POSTERIOR_DRAWS, Settings
from models.vocabulary.results.chain import FIRST
from models.vocabulary.rows import records
from warehouse.layout import posterior_file

if TYPE_CHECKING:
    from models.attribution.evidence_change import Version
    from models.attribution.pooled import Sampled


@dataclass(frozen=True)
class KeptRun:
    """A run, published or about to be.

    Parameters
    ----------
    state : Path
    run_id : str
    as_of : date
    content_hash, code_version : str
    reweighted_from : str
        Content hash of the posterior that was sampled and then weighted; empty where none was.
    started_from : str
        Content hash of the posterior where the chains of its own began; empty where a pilot run began them.
    estimation : str
    fitted : bool
        Whether a posterior was made for it.
    seed, chains, draws : int
    finished_at : datetime, optional
        What had been taken in by then it had read; all there is without it.
    """

    state: Path
    run_id: str
    as_of: date
    content_hash: str
    code_version: str
    reweighted_from: str
    started_from: str
    estimation: str
    fitted: bool
    seed: int
    chains: int
    draws: int
    finished_at: datetime | None = None

    @property
    def is_sampled(self) -> bool:
        """Whether a posterior was sampled for it."""
        return self.fitted and not self.reweighted_from

    @property
    def origin(self) -> dict[str, str]:
        """What its posterior rests on besides evidence, code and settings."""
        origins = {"reweighted_from": self.reweighted_from, "started_from": self.started_from}
        return {name: content_hash for name, content_hash in origins.items() if content_hash}

    @property
    def sampled_hash(self) -> str:
        """Content hash of the posterior that was sampled for it, or for the run it was weighted from."""
        return self.reweighted_from or self.content_hash

    @property
    def made_alike(self) -> tuple[Any, ...]:
        """The same for runs whose forecasts are the same, number for number."""
        return self.content_hash, self.code_version, self.seed, self.chains, self.draws

    @cached_property
    def version(self) -> "Version":
        """Evidence of the run, as it stood when it was read."""
        from models.attribution.evidence_change import Version

        return Version(evidence_of(self.state, self.as_of, self.finished_at), self.as_of)


def published_runs(state: Path) -> list[KeptRun]:
    """List the published runs, the latest as-of day first."""
    from warehouse.errors import WarehouseError
    from warehouse.read import published_rows

    try:
        rows = published_rows(state)
    except WarehouseError:
        return []
    return [_run(state, row) for row in records(rows)]


def as_first(settings: Settings) -> Settings:
    """Ask for a first forecast where no run was published but first forecasts of the same day.

    The next day's night samples as many draws as ever, its chains begun where those of the first ended.
    """
    runs = published_runs(settings.state) if settings.first_draws and not settings.force else None
    if runs is None or any((r.as_of, r.draws) != (settings.as_of, settings.first_draws) for r in runs):
        return settings
    return replace(settings, draws=settings.first_draws, posterior_draws=settings.first_draws)


def settings_after_reading(settings: Settings, asked: Settings) -> Settings:
    """Say how a night goes on once its evidence is in: of other figures no first forecast is made.

    Weights leave a part of a first forecast's draws, and as few sampled anew may miss the gate. With a figure
    more the same day is like the next: as many draws as asked for, begun where those of the first ended.

    Parameters
    ----------
    settings : Settings
        Those the night began with (`as_first`).
    asked : Settings
        Those it was asked for.
    """
    if not settings.is_first or not published_runs(settings.state):
        return settings
    known = evidence_of(settings.state, settings.as_of)
    return settings if posterior_file(settings.state, posterior_hash(known, settings)).is_file() else asked


def _run(state: Path, row: dict[str, Any]) -> KeptRun:
    return KeptRun(
        state,
        run_id=str(row["run_id"]),
        as_of=row["as_of"].date(),
        content_hash=str(row["content_hash"]),
        code_version=str(row["code_version"]),
        # A warehouse of before these columns has no such run.
        reweighted_from=_text(row, "reweighted_from"),
        started_from=_text(row, "started_from"),
        estimation=_text(row, "estimation"),
        fitted=not bool(row["reused_posterior"]),
        seed=int(row["seed"]),
        chains=int(row["chains"]),
        draws=int(row["draws"]),
        finished_at=row["finished_at"].to_pydatetime(),
    )


def _text(row: dict[str, Any], column: str) -> str:
    cell = row.get(column)
    return "" if cell is None or cell != cell else str(cell)


def sampled_for(runs: Sequence[KeptRun], sampled_hash: str) -> KeptRun | None:
    """Return the newest run for which a posterior was sampled, or that rests on it; None where there is none.

    The night that sampled it may have failed at the gate, and another published more draws from what it kept.
    """
    on_it = [run for run in runs if run.content_hash == sampled_hash and not run.reweighted_from]
    return next((run for run in on_it if run.fitted), on_it[0] if on_it else None)


def is_of_this_code(settings: Settings, run: KeptRun) -> bool:
    """Whether the code of now would sample the very posterior that a run was sampled for.

    The hash of its evidence, read again as it stood, and of the code says so.
    """
    draws = max(DEFAULT_POSTERIOR_DRAWS, run.draws)
    if run.draws == settings.draws:
        draws = settings.posterior_draws
    elif run.estimation == FIRST:
        draws = run.draws
    asked = replace(settings, seed=run.seed, chains=run.chains, posterior_draws=draws)
    return posterior_hash(run.version.evidence, asked, **run.origin) == run.content_hash


def sampled_posterior(settings: Settings, run: KeptRun, say: Callable[[str], object]) -> "Sampled | None":
    """Read the posterior that was sampled for a run, with its evidence.

    Parameters
    ----------
    settings : Settings
    run : KeptRun
    say : callable
        Told of a file that can't be read.

    Returns
    -------
    Sampled or None
        None where the file is gone, or the code has changed since.
    """
    from models.attribution.pooled import Sampled

    file = posterior_file(settings.state, run.content_hash)
    if not file.is_file() or not is_of_this_code(settings, run):
        return None
    posterior = kept_posterior(file, say)
    return None if posterior is None else Sampled(run.version, posterior)
