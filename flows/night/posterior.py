"""The posterior of a day: kept from before, made of one that was sampled before, or fitted now."""

import sys
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from flows.night.earlier_posterior import of_earlier
from flows.night.record import DayPosterior
from flows.runtime.artifacts import (
    kept_draws,
    load_posterior,
    posterior_is_kept,
    save_posterior,
)
from flows.runtime.errors import HbmcastError
from flows.runtime.evidence import evidence_of
from flows.runtime.fingerprint import posterior_hash
from flows.runtime.progress import Progress, Report
from flows.runtime.settings import Settings
from models.evidence.assumptions import MissingAssumption
from models.vocabulary.results.chain import FIRST, REFIT, UNCHANGED, WARM
from warehouse.layout import posterior_file

if TYPE_CHECKING:
    from models.evidence.chain_evidence import ChainEvidence
    from models.evidence.evidence import Evidence
    from models.inference.fit import Fit
    from models.inference.posterior import Posterior


def posterior_of_day(settings: Settings, known: "ChainEvidence", report: Report) -> DayPosterior:
    """Take the kept posterior that rests on the very same, make one of an earlier one, or fit one.

    Parameters
    ----------
    settings : Settings
        As-of day, seed, chains and draws; with `force` it is fitted from nothing in any case. Its limits say
        what an earlier one is good for.
    known : ChainEvidence
        Evidence visible on the day.
    report : callable
        Told how far the fit is.

    Returns
    -------
    DayPosterior

    Raises
    ------
    HbmcastError
        A folder lies where the posterior would be kept.
    """
    notes: list[str] = []
    content_hash, start = posterior_hash(known, settings), None
    file = posterior_file(settings.state, content_hash)
    if file.is_dir():
        # Told now: a fit of minutes could not be kept.
        raise HbmcastError(f"{file} is a folder where a posterior belongs", "Move it away")
    if not settings.force:
        # Once read in full: what the next stage can't read is fitted again here.
        if posterior_is_kept(settings.state, file, notes.append):
            return DayPosterior(file, content_hash, UNCHANGED, {})
        earlier = of_earlier(settings, known, notes)
        if isinstance(earlier, DayPosterior):
            return earlier
        start = earlier
    from models.inference.fit import FIRST_THIN, THIN
    from models.inference.fit import fit as fit_posterior
    from models.inference.posterior import named

    started_from = start.run.content_hash if start else ""
    if start:
        content_hash = posterior_hash(known, settings, started_from=started_from)
        file = posterior_file(settings.state, content_hash)
    fitted = fit_posterior(
        known,
        settings.as_of,
        settings.seed,
        settings.posterior_draws,
        settings.chains,
        progress=report,
        earlier=start.posterior if start else None,
        # One that missed the gate with each draw kept is not sampled the same way again.
        thin=FIRST_THIN if settings.is_first and not settings.force else THIN,
    )
    market, operator = fitted.problem.market, fitted.problem.operator
    posterior = named(fitted.raw, fitted.statistics, market, operator, fitted.left_out, fitted.warm_start)
    about = {"started_from": started_from} if start else {}
    save_posterior(file, posterior, as_of=settings.as_of.isoformat(), seed=settings.seed, **about)
    if settings.is_first:
        notes.append(
            f"a first forecast, of {settings.draws} draws; the next day's night samples as many as ever"
        )
    estimation = WARM if start else FIRST if settings.is_first else REFIT
    return DayPosterior(
        file, content_hash, estimation, fitted.seconds, tuple(notes), started_from=started_from
    )


def load_fit(settings: Settings, for_as_of: bool = False, fit_missing: bool = True) -> "tuple[Fit, Evidence]":
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
        Nothing is served yet; its posterior is missing and may not be fitted; or the evidence was taken in by
        an hbmcast that needed less of it.
    """
    from models.inference.fit import Fit
    from models.inference.from_evidence import problem_from_evidence
    from models.inference.problem import parameter_shapes
    from warehouse.read import latest_run

    run = None if for_as_of else latest_run(settings.state)
    if run is None and not for_as_of:
        raise HbmcastError("no forecast is served yet", "Run `hbmcast nightly` first")
    if run is not None:
        seed = int(str(run["seed"] or settings.seed))
        settings = replace(settings, as_of=date.fromisoformat(str(run["as_of"])), seed=seed)
    known = evidence_of(settings.state, settings.as_of)
    try:
        problem = problem_from_evidence(known, settings.as_of)
    except MissingAssumption as error:
        raise HbmcastError(
            f"the evidence in {settings.state} has no assumption {error.name}: another version took it in",
            "Run `hbmcast nightly`",
        ) from error
    path = posterior_file(settings.state, str(run["content_hash"])) if run is not None else None
    for candidate in (path, None):
        raw = kept_draws(candidate, _say) if candidate is not None else None
        if raw is None and not fit_missing:
            break
        raw = raw or _fitted(settings, known).raw
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
