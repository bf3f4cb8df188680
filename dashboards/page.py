"""The report's page: sections of plots and tables, put into one HTML text."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import jinja2
import pandas as pd

from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.sections.binding import binding_section
from dashboards.sections.drivers import drivers_section
from dashboards.sections.evidence import evidence_section
from dashboards.sections.fans import fans_section, related_section
from dashboards.sections.gate import gate_section
from dashboards.sections.headline import headline_section
from dashboards.sections.predictive import predictive_section
from dashboards.sections.prospective import prospective_section
from dashboards.sections.publishers import publishers_section
from dashboards.sections.sampler import sampler_section
from dashboards.sections.scores import scores_section
from dashboards.sections.systems import systems_section
from dashboards.tables import ages_in_words, evidence_ages
from models.vocabulary.periods import YEARS

type Section = Callable[[ReportFrames, Gallery], dict[str, Any]]

# The page from top to bottom.
SECTIONS: Final[tuple[Section, ...]] = (
    headline_section,
    fans_section,
    related_section,
    binding_section,
    systems_section,
    scores_section,
    prospective_section,
    drivers_section,
    predictive_section,
    publishers_section,
    gate_section,
    sampler_section,
    evidence_section,
)


def render(frames: ReportFrames, charts: Path | None = None) -> str:
    """Render the whole report.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    charts : Path, optional
        Folder in which charts are kept for the next report.

    Returns
    -------
    str
        One HTML page that loads nothing from anywhere.
    """
    run = frames.runs[frames.runs["run_id"] == frames.provenance.run_id]
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    template = environment.from_string(
        files("dashboards").joinpath("report.html").read_text(encoding="utf-8")
    )
    draws = frames.forecast["n_draws"].max() if len(frames.forecast) else None
    gallery = Gallery(frames.provenance, charts)
    sections = [section(frames, gallery) for section in SECTIONS]
    gallery.tidy()
    return template.render(
        run_id=frames.provenance.run_id,
        as_of=str(frames.provenance.as_of)[:10],
        finished=_minute(run["finished_at"].iloc[0]) if len(run) else "",
        n_draws=f"{int(draws):,}" if draws is not None and pd.notna(draws) else "",
        interval=f"{frames.provenance.interval_text}",
        first_year=YEARS[0],
        last_year=YEARS[-1],
        banners=banners(frames),
        sections=sections,
    )


def banners(frames: ReportFrames) -> list[str]:
    """Warnings that stand above everything else.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames

    Returns
    -------
    list of str
        'Stale' when a later attempt failed, a note when a later run was published, and failed checks.
    """
    runs, run_id = frames.runs, frames.provenance.run_id
    lines = []
    shown = runs[runs["run_id"] == run_id]
    dated = runs.assign(at=pd.to_datetime(runs["started_at"], utc=True)).sort_values("at")
    if len(shown):
        first = shown.index[0]
        # A rerun of history is no later run, and its failure makes nothing stale.
        later = dated[(dated["at"] > dated["at"].loc[first]) & (dated["as_of"] >= dated["as_of"].loc[first])]
        if len(later):
            last = later.iloc[-1]
            if last["status"] == "published":
                lines.append(f"A later run was published: {last['run_id']}, as of {str(last['as_of'])[:10]}.")
            else:
                lines.append(
                    f"Stale: the last attempt (run {last['run_id']}, started {_minute(last['started_at'])}) "
                    f"was not published: {_reason(last['reason'])}. Shown is the run before it, finished "
                    f"{_minute(shown['finished_at'].iloc[0])}."
                )
        if shown["status"].iloc[0] != "published":
            lines.append(f"This run was not published: {_reason(shown['reason'].iloc[0])}.")
    ages = evidence_ages(frames.diagnostics)
    if ages["is_old"].any():
        lines.append(f"Old evidence: {ages_in_words(ages[ages['is_old']])}.")
    # Null: a measure that only informs.
    failed = frames.diagnostics[~frames.diagnostics["passed"].fillna(True).astype(bool)]["name"]
    if len(failed):
        lines.append(f"Checks of this run that failed: {', '.join(failed)}.")
    return lines


def _reason(text: object) -> str:
    return text.rstrip(".") if isinstance(text, str) and text else "no reason recorded"


def _minute(moment: Any) -> str:
    return "an unknown time" if moment is None or pd.isna(moment) else str(moment)[:16]
