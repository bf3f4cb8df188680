"""The stages of a night and their call sites: small functions from (settings, night, report) to a night.

Heavy libraries are imported inside the functions, so that the command line and the schedule start fast.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from flows.night.doors import tables_of_doors
from flows.night.earlier_posterior import reweighting_rows
from flows.night.frozen import freeze, scores_of_frozen
from flows.night.news import news_of_night, next_figures
from flows.night.posterior import posterior_of_day
from flows.night.private import publishable, without_private_names
from flows.night.record import Night, Stages, peak_memory_mb
from flows.night.systems import tables_of_systems
from flows.night.taking_in import ingest
from flows.night.tidying import tidy, tidy_reports
from flows.runtime.artifacts import (
    drawn_like,
    keep_drawn,
    load_frames,
    load_posterior,
    reuse_cached_run,
    save_frames,
)
from flows.runtime.errors import RunRefused, one_line
from flows.runtime.evidence import evidence_of
from flows.runtime.fingerprint import tables_hash
from flows.runtime.log import run_logger
from flows.runtime.progress import Report
from flows.runtime.settings import Settings
from models.vocabulary.results.chain import FIRST, REWEIGHTED, UNCHANGED, WARM
from warehouse.layout import DRAWS_NAME, SYSTEM_DRAWS_NAME, work_folder

if TYPE_CHECKING:
    import numpy as np

# What `runs` has a column of seconds for, besides publishing.
TIMED = ("ingest", "import", "compile", "sample", "simulate")


def fit(settings: Settings, night: Night, report: Report) -> Night:
    """Fit the posterior on what was known by the as-of day, or take the one that rests on the very same.

    Parameters
    ----------
    settings, night, report : see `flows.night.record.Stage`
    """
    known = evidence_of(settings.state, settings.as_of)
    found = posterior_of_day(settings, known, report)
    return replace(
        night,
        content_hash=found.content_hash,
        tables_hash=tables_hash(known, f"{settings.as_of:%Y-%m}"),
        posterior=found.file,
        reused_posterior=found.estimation == UNCHANGED,
        estimation=found.estimation,
        reweighted_from=found.reweighted_from,
        started_from=found.started_from,
        seconds={**night.seconds, **found.seconds},
        notes=(*night.notes, *found.notes),
    )


def simulate(settings: Settings, night: Night, report: Report) -> Night:
    """Draw the joint futures and make all tables.

    Where a posterior made of an earlier one misses the gate, from one fitted from nothing; where that of a
    first forecast does, from one of which each second draw is kept.

    Parameters
    ----------
    settings, night, report : see `flows.night.record.Stage`
    """
    drawn = _drawn(settings, night, report)
    if night.estimation not in (REWEIGHTED, WARM, FIRST):
        return drawn
    reason = _gate_reason(settings, night)
    if not reason:
        return drawn
    if night.posterior:  # killed in the minutes that follow, the next night would be refused for it
        night.posterior.unlink(missing_ok=True)
    anew = replace(settings, force=True)
    fitted = fit(anew, night, report)
    told = f"the {night.estimation} posterior is not good enough ({reason}): fitted anew"
    return _drawn(anew, replace(fitted, notes=(*fitted.notes, told)), report)


def _gate_reason(settings: Settings, night: Night) -> str:
    """Say why the tables of a run miss the gate; '' where they don't."""
    from models.draws.gate import gate_reason

    return gate_reason(load_frames(work_folder(settings.state, night.run_id))["diagnostics"])


def _drawn(settings: Settings, night: Night, report: Report) -> Night:
    """Draw the joint futures, keep them as Parquet, and make the tables that rest on them and on the fit."""
    from models.draws.joint import PERIODS, collect
    from models.draws.simulate import simulate as draw_futures
    from models.draws.tables import tables_of_run
    from models.inference.from_evidence import problem_from_evidence, resolved_figures
    from models.systems.run import diagnostics_with_systems
    from models.vocabulary.periods import YEARS
    from warehouse.draws import write_draws, write_system_draws

    if night.posterior is None or not night.tables_hash:
        raise ValueError("simulate needs the posterior of the fit, and what its tables rest on")
    folder = work_folder(settings.state, night.run_id)
    draws_file = folder / DRAWS_NAME
    same = drawn_like(settings.state, night.posterior, settings.seed, settings.draws, night.tables_hash)
    damaged: tuple[str, ...] = ()
    if same.is_dir() and not settings.force:
        if reuse_cached_run(same, folder, night.run_id, settings.as_of):
            return replace(night, tables=folder, draws_file=draws_file)
        damaged = (f"the kept draws {same.name} are cut short: drawn anew",)
    known = evidence_of(settings.state, settings.as_of)
    problem = problem_from_evidence(known, settings.as_of)
    posterior = load_posterior(night.posterior)
    flat = posterior.flat()
    blocks = draw_futures(problem, flat, settings.draws, settings.seed)
    drawn = collect(_watched(blocks, settings.draws, report))
    report(0.5, "summing up")
    resolved = resolved_figures(known)
    # The draws are written beside the tables, which come one after the other: each keeps two threads busy.
    with ThreadPoolExecutor(1) as beside:
        written = beside.submit(write_draws, draws_file, PERIODS, drawn.by_quantity)
        frames = tables_of_run(
            *(night.run_id, settings.as_of, settings.seed, problem, posterior, drawn, resolved, known),
            is_first=settings.is_first,
        )
        written.result()
    systems = tables_of_systems(settings, night.run_id, problem, flat, drawn, known, resolved, report)
    more = [*systems.diagnostics, *reweighting_rows(night.run_id, night.posterior)]
    frames["diagnostics"] = diagnostics_with_systems(frames["diagnostics"], more)
    report(0.97, "next figures")
    following, notes = next_figures(settings, night, problem, posterior, drawn, resolved, known)
    save_frames(folder, frames | systems.frames | following)
    write_system_draws(folder / SYSTEM_DRAWS_NAME, YEARS, systems.kept, systems.step)
    if not systems.failed:
        # What was left out tonight may work tomorrow: only a whole run is kept for it.
        keep_drawn(folder, same)
    return replace(
        night, tables=folder, draws_file=draws_file, notes=(*night.notes, *damaged, *systems.notes, *notes)
    )


def _watched(
    blocks: "Iterable[dict[str, np.ndarray]]", n_draws: int, report: Report
) -> "Iterator[dict[str, np.ndarray]]":
    """Hand blocks of draws on, and say how many of them there are so far: half of the stage."""
    done = 0
    for block in blocks:
        done += len(next(iter(block.values())))
        report(0.5 * done / n_draws, "drawing")
        yield block


def check(settings: Settings, night: Night, report: Report) -> Night:
    """Refuse a run that missed the gate; the warehouse's own checks follow when it builds the file.

    Parameters
    ----------
    settings, night, report : see `flows.night.record.Stage`

    Raises
    ------
    RunRefused
        With the reason of the gate.
    """
    reason = _gate_reason(settings, night)
    if reason:
        again = (
            " It rests on a posterior kept from an earlier night; --force fits anew." * night.reused_posterior
        )
        raise RunRefused(reason, f"The table diagnostics has every measure; --seed N samples anew.{again}")
    return night


def news(settings: Settings, night: Night, report: Report) -> Night:
    """Split what moved since earlier runs into its parts; a fault here is told and harms nothing.

    Parameters
    ----------
    settings, night, report : see `flows.night.record.Stage`
    """
    folder = work_folder(settings.state, night.run_id)
    try:
        found, notes = news_of_night(settings, night, load_frames(folder)["forecast"], report)
        save_frames(folder, found)
    except Exception as error:
        run_logger().error("the news are left out of run %s", night.run_id, exc_info=error)
        notes = [f"what moved the forecast can't be said: {one_line(error)}"]
    return replace(night, notes=(*night.notes, *without_private_names(settings.state, notes)))


def publish(settings: Settings, night: Night, report: Report) -> Night:
    """Build the new warehouse file with this run in it, check it, and swap it in.

    Parameters
    ----------
    settings, night, report : see `flows.night.record.Stage`
    """
    from warehouse.private import keep_private_rows
    from warehouse.publish import publish_run

    folder = work_folder(settings.state, night.run_id)
    frames, private = publishable(settings.state, night.run_id, load_frames(folder))
    frozen = freeze(settings, night, frames["forecast"])
    scored = scores_of_frozen(settings, night)
    if scored is not None:
        frames["frozen_scores"] = scored
    frames |= tables_of_doors(settings, night.run_id)
    # Before it is out: what fails after that must harm nothing.
    keep_private_rows(settings.state, night.run_id, private)
    system_draws = folder / SYSTEM_DRAWS_NAME
    publish_run(
        settings.state,
        run_row(settings, night),
        frames,
        night.draws_file,
        system_draws_parquet=system_draws if system_draws.exists() else None,
        frozen_parquet=frozen,
        kept=settings.kept,
    )
    try:
        tidy(settings, night.run_id)
    except OSError as error:
        # The forecast is out: what could not be removed goes another night.
        return replace(night, notes=(*night.notes, f"tidying up failed: {one_line(error)}"))
    return night


def draw_report(settings: Settings, night: Night, report: Report) -> Night:
    """Write the HTML report of the run.

    Parameters
    ----------
    settings, night, report : see `flows.night.record.Stage`
    """
    from dashboards.report import write_report

    write_report(settings.state, night.run_id)
    tidy_reports(settings)
    return night


def headline(settings: Settings, night: Night) -> str:
    """Write the headline table for Prefect's page."""
    from flows.night.headline import headline_markdown

    return headline_markdown(settings.state, night.run_id)


def failed(settings: Settings, night: Night, reason: str) -> None:
    """Note in the warehouse that a run failed, so that readers see that the forecast is stale, and why.

    Parameters
    ----------
    settings, night : see `flows.night.record.Stage`
    reason : str
    """
    from warehouse.publish import record_failure, was_recorded

    if was_recorded(settings.state, night.run_id):
        return  # it died after its forecast was out
    loaded = load_frames(work_folder(settings.state, night.run_id))
    frames, _ = publishable(settings.state, night.run_id, loaded)
    (said,) = without_private_names(settings.state, [reason])
    row = {**run_row(settings, night), "reason": said}
    record_failure(settings.state, row, frames.get("diagnostics"), settings.kept)


def run_row(settings: Settings, night: Night) -> dict[str, Any]:
    """Return the run's row of the table `runs`, as far as it is known now."""
    known = {name: night.seconds.get(name) for name in TIMED}
    return {
        "run_id": night.run_id,
        "as_of": date.fromisoformat(night.as_of) if night.as_of else settings.as_of,
        "started_at": night.started_at,
        "seed": settings.seed,
        "draws": settings.draws,
        "chains": settings.chains,
        "content_hash": night.content_hash or None,
        "code_version": night.code_version or None,
        "reused_posterior": night.reused_posterior,
        "estimation": night.estimation or None,
        "reweighted_from": night.reweighted_from or None,
        "started_from": night.started_from or None,
        **{f"seconds_{name}": seconds for name, seconds in known.items()},
        "peak_memory_mb": peak_memory_mb(),
    }


REAL = Stages(ingest, fit, simulate, check, news, publish, draw_report, headline, failed)
