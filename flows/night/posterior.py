"""The posterior of a day: kept from before, or fitted now."""

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flows.runtime.artifacts import kept_posterior, load_posterior, save_posterior
from flows.runtime.errors import HbmcastError
from flows.runtime.evidence import evidence_of
from flows.runtime.fingerprint import run_hash
from flows.runtime.progress import Progress, Report
from flows.runtime.settings import Settings
from warehouse.layout import posterior_file

if TYPE_CHECKING:
    from models.evidence.chain_evidence import ChainEvidence
    from models.evidence.evidence import Evidence
    from models.inference.fit import Fit
    from models.inference.posterior import Posterior


class DayPosterior(NamedTuple):
    """Where the posterior of a day lies, and how it came there.

    Parameters
    ----------
    file : Path
    content_hash : str
        What it rests on: evidence, code, seed, chains, draws.
    reused : bool
        Whether it was kept from before.
    seconds : dict of str to float
        Seconds each part of the fit took; none where it is reused.
    notes : tuple of str
        What the log should say.
    """

    file: Path
    content_hash: str
    reused: bool
    seconds: dict[str, float]
    notes: tuple[str, ...] = ()


def posterior_of_day(settings: Settings, known: "ChainEvidence", report: Report) -> DayPosterior:
    """Take the kept posterior that rests on the very same, or fit one.

    Parameters
    ----------
    settings : Settings
        As-of day, seed, chains and draws; with `force` it is fitted in any case.
    known : ChainEvidence
        Evidence visible on the day.
    report : callable
        Told how far the fit is.
    """
    content_hash = run_hash(
        known, seed=settings.seed, chains=settings.chains, posterior_draws=settings.posterior_draws
    )
    file = posterior_file(settings.state, content_hash)
    reported: list[str] = []
    # Read in full: what the next stage can't read is fitted again here.
    if not settings.force and kept_posterior(file, reported.append) is not None:
        return DayPosterior(file, content_hash, True, {})
    from models.inference.fit import fit as fit_posterior
    from models.inference.posterior import named

    fitted = fit_posterior(
        known, settings.as_of, settings.seed, settings.posterior_draws, settings.chains, progress=report
    )
    posterior = named(
        fitted.raw, fitted.statistics, fitted.problem.market, fitted.problem.operator, fitted.left_out
    )
    save_posterior(file, posterior, as_of=settings.as_of.isoformat(), seed=settings.seed)
    return DayPosterior(file, content_hash, False, fitted.seconds, tuple(reported))


def load_fit(settings: Settings, for_as_of: bool, fit_missing: bool = True) -> "tuple[Fit, Evidence]":
    """Load the posterior of the forecast served, or of a day; one that is missing is fitted now.

    Parameters
    ----------
    settings : Settings
        `as_of` counts where `for_as_of`.
    for_as_of : bool
    fit_missing : bool
        Without it one that is missing is an error: for whom may not write.

    Returns
    -------
    fit : Fit
    known : Evidence
        Evidence visible on its day.

    Raises
    ------
    HbmcastError
        Nothing is served yet, or its posterior is missing and may not be fitted.
    """
    from models.inference.fit import Fit, problem_from_evidence
    from models.inference.pymc_model import parameter_shapes
    from warehouse.read import latest_run

    run = None if for_as_of else latest_run(settings.state)
    if run is None and not for_as_of:
        raise HbmcastError("no forecast is served yet", "Run `hbmcast nightly` first")
    if run is not None:
        seed = int(str(run["seed"] or settings.seed))
        settings = replace(settings, as_of=date.fromisoformat(str(run["as_of"])), seed=seed)
    known = evidence_of(settings.state, settings.as_of)
    problem = problem_from_evidence(known, settings.as_of)
    path = posterior_file(settings.state, str(run["content_hash"])) if run is not None else None
    for candidate in (path, None):
        kept = kept_posterior(candidate, _say) if candidate is not None else None
        if kept is None and not fit_missing:
            break
        raw = (kept or _fitted(settings, known)).raw
        shapes = parameter_shapes(problem.operator, problem.market)
        if all(name in raw and raw[name].shape[2:] == shape for name, shape in shapes.items()):
            return Fit(problem, raw, {}), known
        # Evidence was added for the run's own day since: its posterior no longer fits it.
        if not fit_missing:
            break
        _say("the evidence of that day has changed since the run; fitting again")
    if not fit_missing:
        raise HbmcastError(
            "the posterior of the run served is not kept, or the evidence of its day has changed since",
            "Run `hbmcast nightly`; here none is fitted",
        )
    raise HbmcastError("the posterior doesn't fit the evidence", "Run `hbmcast nightly --force`")


def _fitted(settings: Settings, known: "ChainEvidence") -> "Posterior":
    with Progress().stage("fit", f"Posterior as of {settings.as_of}") as report:
        return load_posterior(posterior_of_day(settings, known, report).file)


def _say(line: str) -> None:
    print(line, file=sys.stderr)
