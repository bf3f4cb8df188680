"""The report's page: sections of plots and tables, put into one HTML text."""

from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import jinja2
import pandas as pd

from dashboards.blocks import figure_block, section_block, table_block
from dashboards.chart_cache import Gallery
from dashboards.evidence import evidence_table
from dashboards.frames import ReportFrames
from dashboards.labels import (
    FAN_QUANTITIES,
    RELATED_QUANTITIES,
    display_unit,
    number,
    plain,
    quantity_title,
    quantity_unit,
)
from dashboards.sections.binding import binding_chart
from dashboards.sections.drivers import drivers_chart
from dashboards.sections.fans import fan_chart
from dashboards.sections.predictive import fit_summary, pit_chart, predictive_chart
from dashboards.sections.publishers import publisher_bias_chart
from dashboards.sections.sampler import N_SLOWEST, mixing_table, sampler_charts
from dashboards.sections.scores import scores_section
from dashboards.sections.systems import systems_section
from dashboards.style import Provenance
from dashboards.tables import diagnostics_table, headline_table
from models.vocabulary.periods import YEARS
from models.vocabulary.rows import records

MOST_SLOW_ROWS: Final = 25


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
    sections = [
        *_forecast_sections(frames, gallery),
        systems_section(frames, gallery),
        scores_section(frames, gallery),
        *_model_sections(frames, gallery),
        *_evidence_sections(frames),
    ]
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
    # Null: a measure that only informs.
    failed = frames.diagnostics[~frames.diagnostics["passed"].fillna(True).astype(bool)]["name"]
    if len(failed):
        lines.append(f"Checks of this run that failed: {', '.join(failed)}.")
    return lines


def _forecast_sections(frames: ReportFrames, gallery: Gallery) -> list[dict[str, Any]]:
    forecast, evidence = frames.forecast, frames.evidence

    def fan(quantity: str) -> dict[str, Any]:
        rows, figures = (frame[frame["quantity"] == quantity] for frame in (forecast, evidence))
        return gallery.chart(fan_chart, rows, figures, quantity, dated=True)

    headline = headline_table(forecast, frames.binding)
    first = [
        "first" if quantity != before else ""
        for quantity, before in zip(headline["Quantity"], headline["Quantity"].shift(), strict=True)
    ]
    # On the page a name stands once, above its years.
    again = [not mark for mark in first]
    headline.loc[again, ["Quantity", "Unit"]] = ""
    return [
        section_block(
            "headline", "Headline table",
            [table_block(headline, numeric=headline.columns[3:], row_css=first)],
            f"Intervals are {frames.provenance.interval_text} and come from joint draws: rows must not be "
            "added up.",
        ),
        section_block(
            "fans", "Fan charts with the published figures",
            [fan(quantity) for quantity in FAN_QUANTITIES],
            "Bands: 50, 80 and 90 % intervals. Points: published figures; hollow: in another definition, "
            "which the model offsets; faint: not used (superseded, an echo, or as the evidence table "
            "says). Bars: published ranges; arrows: one-sided statements such as ‘over 100 bn’.",
        ),
        section_block(
            "related", "Fan charts of closely related quantities",
            [fan(quantity) for quantity in RELATED_QUANTITIES],
            "Many figures are about these; through the chain they move the headline quantities too.",
        ),
        section_block(
            "binding", "What limits shipments", [gallery.chart(binding_chart, frames.binding, dated=True)],
            "The probability, over the joint draws, that demand, HBM supply or CoWoS supply is the tightest.",
        ),
    ]  # fmt: skip


def _sampler_blocks(frames: ReportFrames, provenance: Provenance) -> list[dict[str, Any]]:
    posterior = frames.posterior()
    mixing = None if posterior is None else mixing_table(posterior)
    blocks = [figure_block(chart) for chart in sampler_charts(posterior, mixing, provenance).values()]
    if mixing is None:
        return blocks[:1]  # once is enough to say that there is no posterior
    table = mixing.head(MOST_SLOW_ROWS)
    slow = pd.DataFrame({
        "Parameter": table["parameter"],
        "Bulk ESS": [plain(round(v)) for v in table["ess_bulk"]],
        "Tail ESS (5 and 95 %)": [plain(round(v)) for v in table["ess_tail"]],
        "R-hat": [f"{v:.4f}" for v in table["r_hat"]],
    })  # fmt: skip
    summary = f"The {len(slow)} slowest-mixing parameters"
    return [*blocks, table_block(slow, numeric=slow.columns[1:], summary=summary)]


def _model_sections(frames: ReportFrames, gallery: Gallery) -> list[dict[str, Any]]:
    fit = fit_summary(frames.figure_fit).rename(columns=str)
    shown_fit = pd.DataFrame({
        "Metric": fit["metric"].map(quantity_title),
        "Figures": fit["n"].astype(str),
        "Used": fit["n_used"].astype(str),
        **{f"In {k} % interval": [_percent(v) for v in fit[f"coverage_{k}"]] for k in (50, 80, 90)},
        "Mean PIT": [number(v, 2) for v in fit["mean_pit"]],
    })  # fmt: skip
    # The posterior itself is only read where its charts are not kept.
    known = [frames.posterior_id] if frames.posterior_id else []
    mixing = gallery.blocks("sampler", partial(_sampler_blocks, frames), *known)
    gate = diagnostics_table(frames.diagnostics)
    return [
        section_block(
            "drivers", "Drivers: posterior against prior",
            [gallery.chart(drivers_chart, frames.drivers)],
        ),
        section_block(
            "predictive", "Posterior predictive per metric",
            [
                gallery.chart(predictive_chart, frames.figure_fit),
                gallery.chart(pit_chart, frames.figure_fit),
                table_block(
                    shown_fit, numeric=shown_fit.columns[1:], summary=f"Coverage of all {len(fit)} metrics"
                ),
            ],
            "Where each published value falls in what the model expects to see published, noise of its kind "
            "and horizon included. A check of fit, not of skill: these are figures the model has seen.",
        ),
        section_block(
            "publishers", "Publisher bias",
            [gallery.chart(publisher_bias_chart, frames.publisher_bias)],
            "How far each publisher stands above or below what the other figures imply.",
        ),
        section_block(
            "gate", "Gate: what a run must pass before it is served",
            [table_block(gate, numeric=("Value", "Threshold"), bad=("Passed", "NO"))],
        ),
        section_block(
            "sampler", "Sampler checks", mixing,
            f"The {N_SLOWEST} parameters that mix slowest are drawn; all others have a higher bulk ESS.",
        ),
    ]  # fmt: skip


def _evidence_sections(frames: ReportFrames) -> list[dict[str, Any]]:
    blocks = []
    for quantity in (*FAN_QUANTITIES, *RELATED_QUANTITIES):
        rows = evidence_table(frames.evidence, quantity)
        n_used = int(rows["status"].eq("used").sum())
        cells = pd.DataFrame({
            "Figure": rows["figure_id"],
            "Period": rows["period"].astype(str),
            "Value": [_statement(r) for r in records(rows)],
            "Kind": rows["kind"],
            "Metric": [" · ".join(str(v) for v in r if isinstance(v, str) and v) for r in
                       rows[["metric", "entity", "segment"]].itertuples(index=False)],
            "Publisher": rows["source"],
            "Published": rows["published_on"].astype(str).str[:10],
            "Used": rows["status"],
            "Link": rows["url"].fillna("").astype(str),
        })  # fmt: skip
        blocks.append(table_block(
            cells, links=("Link",), row_css=["" if s == "used" else "off" for s in rows["status"]],
            summary=f"{quantity_title(quantity)}: {len(rows)} figures, {n_used} used",
        ))  # fmt: skip
    text = (
        "Every figure that this run could see for the quantities of the fan charts. A figure in grey is not "
        "used, for the reason given. Figures about other quantities inform these too, through the model."
    )
    return [section_block("evidence", "Evidence per headline quantity", blocks, text)]


def _statement(row: dict[str, Any]) -> str:
    """Write a published value, range or bound with its unit."""
    values = [row[k] for k in ("value", "low", "high") if pd.notna(row[k])]
    ratio = row["aggregation"] in ("growth", "sequential_growth")
    unit = str(row["unit"])
    divisor, unit = (
        display_unit("fraction", values) if ratio else quantity_unit(row["quantity"], unit, values)
    )
    value, low, high = (
        number(row[k] / divisor) if pd.notna(row[k]) else "" for k in ("value", "low", "high")
    )
    if not value:
        value = (
            f"{low} to {high}"
            if low and high
            else f"at least {low}"
            if low
            else f"at most {high}"
            if high
            else "–"
        )
    elif low or high:
        value = f"{value} ({low or '…'} to {high or '…'})"
    return f"{value} {unit}" + (" growth" if ratio else "")


def _percent(value: float) -> str:
    return "–" if pd.isna(value) else f"{100 * value:.0f} %"


def _reason(text: object) -> str:
    return text.rstrip(".") if isinstance(text, str) and text else "no reason recorded"


def _minute(moment: Any) -> str:
    return "an unknown time" if moment is None or pd.isna(moment) else str(moment)[:16]
