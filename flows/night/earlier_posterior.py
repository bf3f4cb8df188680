"""What a posterior that was sampled before is good for: it stands, is weighted, or chains begin there.

Whenever code, products, assumptions or rules change, and once in so many days (`Settings.refit_days`), the
posterior is fitted from nothing.
"""

from dataclasses import replace
from datetime import timedelta
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flows.night.kept_runs import KeptRun, published_runs, sampled_posterior
from flows.night.record import DayPosterior
from flows.runtime.artifacts import about_posterior, posterior_is_kept, save_posterior
from flows.runtime.fingerprint import posterior_hash
from flows.runtime.settings import Settings
from models.vocabulary.results.chain import REWEIGHTED, UNCHANGED
from warehouse.layout import posterior_file

if TYPE_CHECKING:
    from models.attribution.evidence_change import Stack, Version
    from models.attribution.pooled import Sampled
    from models.evidence.chain_evidence import ChainEvidence
    from models.inference.posterior import Posterior


class Start(NamedTuple):
    """A posterior where tonight's chains may begin, and the run it was sampled for."""

    run: KeptRun
    posterior: "Posterior"


def of_earlier(settings: Settings, known: "ChainEvidence", notes: list[str]) -> DayPosterior | Start | None:
    """Say what the newest posterior that was sampled before is good for.

    Parameters
    ----------
    settings : Settings
    known : ChainEvidence
        Evidence visible on the day.
    notes : list of str
        What the log should say is added.

    Returns
    -------
    DayPosterior, Start or None
        The posterior of the day; where the chains of a warm refit begin; None where it is to be fitted from
        nothing.
    """
    run = sampled_run(settings)
    if run is None:
        return None
    alike = run.draws == settings.draws
    if alike and (kept := _kept(settings, known, run, notes)) is not None:
        return kept
    from models.attribution.evidence_change import Version, stacked

    sampled, tonight = sampled_posterior(settings, run, notes.append), Version(known, settings.as_of)
    if sampled is None:
        notes.append(f"the posterior of {run.run_id} is of other code: fitting anew")
        return None
    try:
        stack = stacked([sampled.version, tonight])
    except ValueError as error:
        notes.append(f"the posterior of {run.run_id} is of another model: {error}; fitting anew")
        return None
    if not stack.only_figures_differ:
        notes.append(f"products, assumptions or rules differ from {run.run_id}: fitting anew")
        return None
    weighted = _weighted(settings, stack, run, sampled, tonight, notes) if alike else None
    if weighted is not None or sampled.posterior.warm_start is None:
        return weighted
    notes.append(f"the chains begin where those of {run.run_id} ended: {_differ(len(stack.changes))}")
    # The draws are not needed any longer, and are most of it.
    return Start(run, replace(sampled.posterior, raw={}, statistics={}, left_out=None))


def sampled_run(settings: Settings) -> KeptRun | None:
    """Return the newest run up to the as-of day whose posterior was sampled, if it is good for anything.

    That is, if one was fitted from nothing few days ago.
    """
    oldest = settings.today - timedelta(days=settings.refit_days)
    runs = [
        run
        for run in published_runs(settings.state)
        if run.as_of <= settings.as_of
        and run.is_sampled
        and run.finished_at is not None
        and (run.seed, run.chains) == (settings.seed, settings.chains)
    ]
    whole = (run for run in runs if not run.started_from)
    if not any(run.finished_at is not None and run.finished_at.date() > oldest for run in whole):
        return None
    return runs[0] if posterior_file(settings.state, runs[0].content_hash).is_file() else None


def _kept(settings: Settings, known: "ChainEvidence", run: KeptRun, notes: list[str]) -> DayPosterior | None:
    """Return the kept posterior that rests on the very same: the run's own, or one weighted from it."""
    for origin in (run.origin, {"reweighted_from": run.content_hash}):
        content_hash = posterior_hash(known, settings, **origin)
        file = posterior_file(settings.state, content_hash)
        if posterior_is_kept(settings.state, file, notes.append):
            return DayPosterior(file, content_hash, UNCHANGED, {}, tuple(notes), **origin)
    return None


def _weighted(
    settings: Settings,
    stack: "Stack",
    run: KeptRun,
    sampled: "Sampled",
    tonight: "Version",
    notes: list[str],
) -> DayPosterior | None:
    """Weight a posterior that was sampled, where the settings' limits allow it."""
    from models.attribution.reweighted_posterior import reweighted

    most, least = settings.reweighted_figures, settings.effective_share
    found = reweighted(stack, sampled, tonight, settings.seed, most, least)
    if found.posterior is None:
        notes.append(f"the posterior of {run.run_id} is not weighted: {found.refused}")
        return None
    origin = {"reweighted_from": run.content_hash}
    content_hash = posterior_hash(tonight.evidence, settings, **origin)
    file = posterior_file(settings.state, content_hash)
    # As texts: what a posterior says of itself holds no fractions.
    measures = {"pareto_k": str(found.pareto_k), "effective_share": str(found.effective_share)}
    save_posterior(
        file,
        found.posterior,
        as_of=settings.as_of.isoformat(),
        seed=settings.seed,
        n_figures=found.n_figures,
        **origin,
        **measures,
    )
    if found.n_figures:
        # Where all draws weigh the same there is no tail.
        tail = f"Pareto k {found.pareto_k:.2f}, " if isfinite(found.pareto_k) else ""
        told = f"its posterior is weighted ({tail}{found.effective_share:.0%} of its draws count)"
    else:
        told = "its posterior stands"
    notes.append(f"{_differ(found.n_figures)} from {run.run_id}: {told}")
    return DayPosterior(file, content_hash, REWEIGHTED, {}, tuple(notes), **origin)


def _differ(n_figures: int) -> str:
    """Words for how many figures of the chain differ."""
    if not n_figures:
        return "no figure that informs the chain differs"
    return "1 figure differs" if n_figures == 1 else f"{n_figures} figures differ"


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
