"""The report's page: sections of charts and tables, put into one HTML text with its data and scripts."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import jinja2
import pandas as pd
from markupsafe import Markup, escape

from dashboards.blocks import ChartBlock, Section
from dashboards.chart_cache import Gallery
from dashboards.evidence import figure_facts
from dashboards.frames import ReportFrames
from dashboards.futures import single_futures
from dashboards.sections.balance import balance_section
from dashboards.sections.drivers import drivers_section
from dashboards.sections.evidence import evidence_section
from dashboards.sections.fans import fans_section, related_section
from dashboards.sections.gate import gate_section
from dashboards.sections.headline import headline_section
from dashboards.sections.news import news_section
from dashboards.sections.notes import notes_section
from dashboards.sections.predictive import predictive_section
from dashboards.sections.prospective import prospective_section
from dashboards.sections.publishers import publishers_section
from dashboards.sections.record import record_section
from dashboards.sections.revisions import revisions_section
from dashboards.sections.sampler import sampler_section
from dashboards.sections.scores import scores_section
from dashboards.sections.systems import systems_section
from dashboards.staleness import old_line
from dashboards.steps import steps_of
from dashboards.tables import evidence_ages
from models.vocabulary.periods import YEARS
from models.vocabulary.rows import records

# How `warehouse.checker` tells what a check found: its title, how many rows, and the cells of the first ones.
_OF_CHECK: Final = re.compile(
    r"(?P<title>.+?): (?P<n>\d+) offending row\(s\): (?P<row>quantity=[^,]+, period=[^,;.]+|[^,;]+)"
)

type MakesSection = Callable[[ReportFrames, Gallery], Section]

# The page from top to bottom.
SECTIONS: Final[tuple[MakesSection, ...]] = (
    headline_section,
    news_section,
    notes_section,
    fans_section,
    record_section,
    balance_section,
    drivers_section,
    related_section,
    scores_section,
    prospective_section,
    systems_section,
    revisions_section,
    predictive_section,
    publishers_section,
    evidence_section,
    gate_section,
    sampler_section,
)

SCRIPTS: Final = ("numbers", "draw", "charts", "export", "page")
"""Files of `static`, in the order in which they stand on the page."""
STALE_AFTER_HOURS = 36
"""A page that is opened later than this after its run says that it is stale: a night was missed."""


def render(frames: ReportFrames, charts: Path | None = None) -> str:
    """Render the whole report.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    charts : Path, optional
        Folder in which images are kept for the next report.

    Returns
    -------
    str
        One HTML page that loads nothing from anywhere.
    """
    gallery = Gallery(frames.provenance, charts)
    sections = [section(frames, gallery) for section in SECTIONS]
    gallery.tidy()
    return _written(frames, sections, whole=True)


def render_part(frames: ReportFrames, sections: Sequence[Section]) -> str:
    """Render some sections as a page that stands within another one: without heading and contents.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    sections : sequence of Section
        From `dashboards.blocks.section_block`.

    Returns
    -------
    str
        One HTML page that loads nothing from anywhere.
    """
    return _written(frames, sections, whole=False)


def _written(frames: ReportFrames, sections: Sequence[Section], whole: bool) -> str:
    run = frames.runs[frames.runs["run_id"] == frames.provenance.run_id]
    finished = run["finished_at"].iloc[0] if len(run) else None
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["code"] = _code
    template = environment.from_string(_text("report.html"))
    draws = frames.forecast["n_draws"].max() if len(frames.forecast) else None
    script = (
        '(() => {\n"use strict";\n' + "\n".join(_text(f"static/{name}.js") for name in SCRIPTS) + "})();\n"
    )
    return template.render(
        whole=whole,
        run_id=frames.provenance.run_id,
        as_of=str(frames.provenance.as_of)[:10],
        finished=_minute(finished) if len(run) else "",
        n_draws=f"{int(draws):,}" if draws is not None and pd.notna(draws) else "",
        interval=f"{frames.provenance.interval_text}",
        first_year=YEARS[0],
        last_year=YEARS[-1],
        banners=banners(frames),
        ages=ages(frames),
        sections=sections,
        style=Markup(_text("static/page.css")),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
        data=Markup(as_script(page_data(frames, sections, finished))),
    )


def ages(frames: ReportFrames) -> list[dict[str, Any]]:
    """Tell the age of topics for the reader's clock: ``topic, newest_on, days, limit, is_old``."""
    rows = evidence_ages(records(frames.diagnostics))
    as_of = pd.Timestamp(frames.provenance.as_of)
    return [
        {
            "topic": row["topic"],
            "label": row["topic"],
            "days": None if pd.isna(row["value"]) else int(row["value"]),
            "newest_on": None
            if pd.isna(row["value"])
            else str((as_of - pd.Timedelta(days=row["value"])).date()),
            "limit": None if pd.isna(row["threshold"]) else float(row["threshold"]),
            "is_old": row["is_old"],
        }
        for row in rows
    ]


def page_data(frames: ReportFrames, sections: Sequence[Section], finished: datetime | None) -> dict[str, Any]:
    """Gather what the page's scripts read.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    sections : sequence of Section
    finished : datetime or None
        When the run ended, UTC.

    Returns
    -------
    dict
        ``meta``, ``charts`` by anchor, ``steps`` and ``futures`` by quantity, ``figures`` by id.
    """
    charts = {block["id"]: block["spec"] for block in charts_of(sections)}
    stepped = {spec["steps"] for spec in charts.values() if "steps" in spec}
    units = frames.forecast.drop_duplicates("quantity").set_index("quantity")["unit"]
    named = {
        figure
        for spec in charts.values() for panel in spec["panels"] for mark in panel["marks"]
        for figure in mark.get("figure", ())
    }  # fmt: skip
    return {
        "meta": {
            "run_id": frames.provenance.run_id,
            "as_of": str(frames.provenance.as_of)[:10],
            "finished_at": None
            if finished is None or pd.isna(finished)
            else f"{pd.Timestamp(finished):%Y-%m-%dT%H:%M:%SZ}",
            "stale_after_hours": STALE_AFTER_HOURS,
            "ages": ages(frames),
        },
        "charts": charts,
        "steps": {quantity: steps_of(frames, quantity) for quantity in sorted(stepped)},
        "futures": {q: single_futures(frames.drawn, q, str(units[q])) for q in sorted(stepped)},
        "figures": figure_facts(frames, named),
    }


def charts_of(sections: Sequence[Section]) -> list[ChartBlock]:
    """All charts of the page, those on cards too, in their order."""
    blocks = [block for section in sections for block in section["blocks"]]
    found: list[ChartBlock] = []
    for block in blocks:
        if block["kind"] == "cards":
            found += [card["chart"] for card in block["cards"]]
        elif block["kind"] == "chart":
            found.append(block)
    return found


def as_script(data: dict[str, Any]) -> str:
    """Write data as JSON that can stand in a ``script`` element whatever its texts hold."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Nothing in it may end the element or begin a comment.
    return (
        text.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )


def _code(text: str) -> Markup:
    """Mark what stands between backticks as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", escape(text)))


def _text(name: str) -> str:
    return files("dashboards").joinpath(name).read_text(encoding="utf-8")


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
    if old := old_line(evidence_ages(records(frames.diagnostics))):
        lines.append(f"{old}.")
    # Null: a measure that only informs.
    failed = frames.diagnostics[~frames.diagnostics["passed"].fillna(True).astype(bool)]
    return [*lines, *(_failed(row) for row in records(failed))]


def _failed(row: dict[str, Any]) -> str:
    """Say in words which check did not hold, and where first; the section of the gate has all of it."""
    detail = str(row["detail"] or "")
    found = _OF_CHECK.match(detail)
    if found is None:
        return f"A check of this run failed: {row['name']}{f' ({detail})' if detail else ''}."
    rows = "1 row" if found["n"] == "1" else f"{found['n']} rows, the first"
    return f"A check does not hold in {rows} ({found['row']}): {found['title']}."


def _reason(text: object) -> str:
    return text.rstrip(".") if isinstance(text, str) and text else "no reason recorded"


def _minute(moment: Any) -> str:
    return "an unknown time" if moment is None or pd.isna(moment) else str(moment)[:16]
