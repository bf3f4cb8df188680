"""The posterior of a day: kept from before, weighted from one that was sampled before, or fitted now."""

import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flows.night.kept_runs import KeptRun, published_runs, sampled_posterior
from flows.runtime.artifacts import about_posterior, kept_posterior, load_posterior, save_posterior
from flows.runtime.errors import HbmcastError
from flows.runtime.evidence import evidence_of
from flows.runtime.fingerprint import run_hash
from flows.runtime.progress import Progress, Report
from flows.runtime.settings import Settings
from models.vocabulary.results.chain import REFIT, REWEIGHTED, UNCHANGED
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
        What it rests on: evidence, code, seed, chains, draws, and the posterior it was weighted from.
    estimation : str
        'refit', 'reweighted' or 'unchanged'.
    seconds : dict of str to float
        Seconds each part of the fit took; none where it is reused.
    notes : tuple of str
        What the log should say.
    reweighted_from : str
        Content hash of the posterior that was sampled; empty where it was sampled for this evidence.
    """

    file: Path
    content_hash: str
    estimation: str
    seconds: dict[str, float]
    notes: tuple[str, ...] = ()
    reweighted_from: str = ""


def posterior_of_day(settings: Settings, known: "ChainEvidence", report: Report) -> DayPosterior:
    """Take the kept posterior that rests on the very same, weight one that was sampled before, or fit one.

    Parameters
    ----------
    settings : Settings
        As-of day, seed, chains and draws; with `force` it is fitted in any case. Its limits say when one is
        weighted.
    known : ChainEvidence
        Evidence visible on the day.
    report : callable
        Told how far the fit is.
    """
    content_hash = hash_of(settings, known)
    file = posterior_file(settings.state, content_hash)
    reported: list[str] = []
    if file.is_dir():
        # Told now: a fit of minutes could not be kept.
        raise HbmcastError(f"{file} is a folder where a posterior belongs", "Move it away")
    if not settings.force:
        # Read in full: what the next stage can't read is fitted again here.
        if kept_posterior(file, reported.append) is not None:
            return DayPosterior(file, content_hash, UNCHANGED, {})
        if (weighted := reweighted_posterior(settings, known, reported)) is not None:
            return weighted
    from models.inference.fit import fit as fit_posterior
    from models.inference.posterior import named

    fitted = fit_posterior(
        known, settings.as_of, settings.seed, settings.posterior_draws, settings.chains, progress=report
    )
    posterior = named(
        fitted.raw, fitted.statistics, fitted.problem.market, fitted.problem.operator, fitted.left_out
    )
    save_posterior(file, posterior, as_of=settings.as_of.isoformat(), seed=settings.seed)
    return DayPosterior(file, content_hash, REFIT, fitted.seconds, tuple(reported))


def hash_of(settings: Settings, known: "ChainEvidence", **more: object) -> str:
    """Hash what the posterior of a day rests on."""
    asked = {"seed": settings.seed, "chains": settings.chains, "posterior_draws": settings.posterior_draws}
    return run_hash(known, **asked, **more)


def reweighted_posterior(settings: Settings, known: "ChainEvidence", notes: list[str]) -> DayPosterior | None:
    """Weight the newest posterior that was sampled before, where the settings' limits allow it.

    Parameters
    ----------
    settings : Settings
    known : ChainEvidence
    notes : list of str
        What the log should say is added.

    Returns
    -------
    DayPosterior or None
        None where it is to be fitted.
    """
    run = run_to_weight(settings)
    if run is None:
        return None
    content_hash = hash_of(settings, known, reweighted_from=run.content_hash)
    file = posterior_file(settings.state, content_hash)
    if kept_posterior(file, notes.append) is not None:
        return DayPosterior(file, content_hash, UNCHANGED, {}, tuple(notes), run.content_hash)
    from models.attribution.evidence_change import Version
    from models.attribution.reweighted_posterior import reweighted

    sampled = sampled_posterior(settings, run, notes.append)
    if sampled is None:
        notes.append(f"the posterior of {run.run_id} is of other code: fitting anew")
        return None
    found = reweighted(
        sampled,
        Version(known, settings.as_of),
        settings.seed,
        settings.reweighted_figures,
        settings.effective_share,
    )
    if found.posterior is None:
        notes.append(f"the posterior of {run.run_id} is not weighted: {found.refused}; fitting anew")
        return None
    # As texts: what a posterior says of itself holds no fractions.
    measures = {"pareto_k": str(found.pareto_k), "effective_share": str(found.effective_share)}
    save_posterior(
        file,
        found.posterior,
        as_of=settings.as_of.isoformat(),
        seed=settings.seed,
        reweighted_from=run.content_hash,
        n_figures=found.n_figures,
        **measures,
    )
    notes.append(
        f"{found.n_figures} figures differ from {run.run_id}: its posterior is weighted "
        f"(Pareto k {found.pareto_k:.2f}, {found.effective_share:.0%} of its draws count)"
    )
    return DayPosterior(file, content_hash, REWEIGHTED, {}, tuple(notes), run.content_hash)


def reweighting_rows(run_id: str, file: Path) -> list[tuple]:
    """Rows of the table `diagnostics` about the weights behind a posterior; none where none are."""
    about = about_posterior(file)
    if not about.get("reweighted_from"):
        return []
    from models.inference.left_out import PARETO_LIMIT

    words = f"{about['n_figures']} figures weighed; sampled for posterior {about['reweighted_from']}"
    share, k = float(about["effective_share"]), float(about["pareto_k"])
    return [
        # Where all draws weigh the same there is no tail.
        (run_id, "reweighting_pareto_k", max(k, 0.0), PARETO_LIMIT, k <= PARETO_LIMIT, words),
        (run_id, "reweighting_effective_share", share, None, None, words),
    ]


def run_to_weight(settings: Settings) -> KeptRun | None:
    """Return the newest run up to the as-of day whose posterior was sampled few days ago, else None."""
    oldest = settings.today - timedelta(days=settings.refit_days)
    for run in published_runs(settings.state):
        if run.as_of > settings.as_of or not run.fitted or run.reweighted_from or run.finished_at is None:
            continue
        alike = (run.seed, run.chains, run.draws) == (settings.seed, settings.chains, settings.draws)
        if alike and run.finished_at.date() > oldest:
            return run if posterior_file(settings.state, run.content_hash).is_file() else None
    return None


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
    from models.inference.problem import parameter_shapes
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
