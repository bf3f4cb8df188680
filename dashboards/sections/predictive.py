"""Published values against what the model expects to see published, per metric."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from scipy.stats import binom

from dashboards import style
from dashboards.blocks import section_block, table_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.labels import display_unit, number, quantity_title

COLUMNS = 4
MOST_PANELS = 20
FEWEST_FOR_HISTOGRAM = 10
PIT_BINS = 10


def fit_summary(fit: pd.DataFrame) -> pd.DataFrame:
    """Count, coverage and mean PIT of the used figures per metric.

    Parameters
    ----------
    fit : pandas.DataFrame
        ``metric, pit, used`` of one run (figure_fit joined with the figures).

    Returns
    -------
    pandas.DataFrame
        ``metric, n, n_used, coverage_50, coverage_80, coverage_90, mean_pit``, most figures first.
        Coverage is the share of used figures whose PIT lies in the central interval.
    """
    columns = ["metric", "n", "n_used", "coverage_50", "coverage_80", "coverage_90", "mean_pit"]
    rows = []
    for metric, group in fit.groupby("metric"):
        pit = group.loc[_used(group), "pit"].dropna().astype(float)
        inside = {f"coverage_{k}": float(((pit - 0.5).abs() <= k / 200).mean()) for k in (50, 80, 90)}
        rows.append(
            {"metric": metric, "n": len(group), "n_used": len(pit), **inside, "mean_pit": float(pit.mean())}
        )
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["n_used", "metric"], ascending=[False, True]).reset_index(drop=True)


def _used(fit: pd.DataFrame) -> pd.Series:
    return fit["used"].fillna(False).astype(bool)


def _largest(fit: pd.DataFrame, fewest: int) -> tuple[list[str], int]:
    counts = fit.loc[fit["published_value"].notna(), "metric"].value_counts()
    enough = sorted(counts[counts >= fewest].index, key=lambda m: (-counts[m], m))
    return enough[:MOST_PANELS], len(counts) - len(enough[:MOST_PANELS])


def predictive_section(frames: ReportFrames, gallery: Gallery) -> dict[str, Any]:
    """Make the section of the posterior predictive check."""
    fit = fit_summary(frames.figure_fit).rename(columns=str)
    shown = pd.DataFrame({
        "Metric": fit["metric"].map(quantity_title),
        "Figures": fit["n"].astype(str),
        "Used": fit["n_used"].astype(str),
        **{f"In {k} % interval": [_percent(v) for v in fit[f"coverage_{k}"]] for k in (50, 80, 90)},
        "Mean PIT": [number(v, 2) for v in fit["mean_pit"]],
    })  # fmt: skip
    return section_block(
        "predictive",
        "Posterior predictive per metric",
        [
            gallery.chart(predictive_chart, frames.figure_fit),
            gallery.chart(pit_chart, frames.figure_fit),
            table_block(shown, numeric=shown.columns[1:], summary=f"Coverage of all {len(fit)} metrics"),
        ],
        "Where each published value falls in what the model expects to see published, noise of its kind "
        "and horizon included. A check of fit, not of skill: these are figures the model has seen.",
    )


def _percent(value: float) -> str:
    return "–" if pd.isna(value) else f"{100 * value:.0f} %"


def predictive_chart(fit: pd.DataFrame, provenance: style.Provenance) -> Figure:
    """Draw published values against the 90 % interval predicted for a figure of that kind, per metric.

    Parameters
    ----------
    fit : pandas.DataFrame
        ``metric, unit, published_value, predicted_p05, predicted_p50, predicted_p95, used`` of one run.
    provenance : style.Provenance

    Returns
    -------
    matplotlib.figure.Figure
        Panels of the metrics with most figures; the note says how many metrics have none.
    """
    title = "Posterior predictive: published value against what the model expects to see published"
    metrics, left_out = _largest(fit, 3) if len(fit) else ([], 0)
    if not metrics:
        return style.empty_figure(
            title, provenance, "as each panel says", "no metric with three fitted figures or more"
        )
    with style.plot_style():
        figure, panels = style.panel_grid(len(metrics), COLUMNS, 2.5, 0.9)
        for axes, metric in zip(panels, metrics, strict=True):
            _scatter(axes, fit[fit["metric"] == metric], metric)
        note = (
            "On the diagonal: published = predicted median. Blue: used; grey: not used. "
            "Vertical lines: 90 % predictive interval."
        )
        if left_out:
            note += f" {left_out} metrics with fewer figures are in the table only."
        return style.finish(figure, title, provenance, "as each panel says", "90 %", note)


def _scatter(axes: Axes, rows: pd.DataFrame, metric: str) -> None:
    rows = rows.dropna(subset=["published_value", "predicted_p05", "predicted_p50", "predicted_p95"])
    unit = str(rows["unit"].iloc[0]) if len(rows) and isinstance(rows["unit"].iloc[0], str) else ""
    divisor, name = display_unit(unit, rows["published_value"])
    numbers = ["published_value", "predicted_p05", "predicted_p50", "predicted_p95"]
    rows = rows.assign(**{c: rows[c].astype(float) / divisor for c in numbers})
    log = (
        bool((rows[numbers] > 0).all(axis=None))
        and rows["published_value"].max() > 5 * rows["published_value"].min()
    )
    for is_used, colour, order in ((False, style.GREY, 2), (True, style.BLUE, 3)):
        part = rows[_used(rows) == is_used]
        look: dict[str, Any] = {"color": colour, "alpha": 0.75 if is_used else 0.35, "zorder": order}
        axes.vlines(
            part["published_value"], part["predicted_p05"], part["predicted_p95"], linewidth=0.9, **look
        )
        axes.scatter(part["published_value"], part["predicted_p50"], s=9, linewidth=0, **look)
    if log:
        axes.set_xscale("log")
        axes.set_yscale("log")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(style.tick_text))
            axis.set_minor_formatter(FuncFormatter(lambda v, _: ""))
    if len(rows):
        # The limits come from the published values: one absurd interval must not flatten the panel.
        low, high = rows["published_value"].min(), rows["published_value"].max()
        near = rows[["predicted_p05", "predicted_p95"]].quantile([0.05, 0.95])
        low, high = min(low, near.iloc[0, 0]), max(high, near.iloc[1, 1])
        low, high = (
            (low / 1.15, high * 1.15) if log else (low - 0.06 * (high - low), high + 0.06 * (high - low))
        )
        axes.set_xlim(low, high)
        axes.set_ylim(low, high)
        axes.axline((low, low), (high, high), color=style.BLACK, linewidth=0.7, linestyle=":")
    n_used = int(_used(rows).sum())
    axes.set_title(f"{quantity_title(metric)[:38]}\nn={len(rows)}, used {n_used}", fontsize=8)
    axes.set_xlabel(f"published, {name}", fontsize=7.5)
    axes.set_ylabel(f"predicted, {name}", fontsize=7.5)
    axes.tick_params(labelsize=7)


def pit_chart(fit: pd.DataFrame, provenance: style.Provenance) -> Figure:
    """Draw the PIT histogram of the used figures, over all metrics and per metric.

    Parameters
    ----------
    fit : pandas.DataFrame
        ``metric, pit, used, published_value`` of one run.
    provenance : style.Provenance

    Returns
    -------
    matplotlib.figure.Figure
        Bars outside the grey band (90 % of what chance gives a bin) show miscalibration.
    """
    title = "PIT histograms of the used figures"
    unit = "figures per bin"
    used = fit[_used(fit)].dropna(subset=["pit"]) if len(fit) else fit
    if used.empty:
        return style.empty_figure(title, provenance, unit, "no used figure has a PIT in this run")
    metrics, left_out = _largest(used, FEWEST_FOR_HISTOGRAM)
    parts = [("all metrics", used), *((m, used[used["metric"] == m]) for m in metrics)]
    with style.plot_style():
        figure, panels = style.panel_grid(len(parts), 5, 1.75, 0.9)
        for axes, (metric, part) in zip(panels, parts, strict=True):
            _histogram(axes, part["pit"].to_numpy(dtype=float), metric)
        note = (
            "PIT: predictive probability of a lower value; flat when calibrated, a hump when intervals are "
            "too wide. Grey: 90 % of what chance alone gives one bin.\n"
            "In-sample: each figure is also one the posterior has seen, so a hump is expected."
        )
        if left_out:
            note += f" {left_out} metrics with fewer than {FEWEST_FOR_HISTOGRAM} figures: first panel only."
        return style.finish(figure, title, provenance, unit, "", note)


def _histogram(axes: Axes, pit: np.ndarray, metric: str) -> None:
    low, high = binom.ppf([0.05, 0.95], len(pit), 1 / PIT_BINS)
    axes.axhspan(low, high, color=style.LIGHT_GREY, alpha=0.6, linewidth=0)
    axes.axhline(len(pit) / PIT_BINS, color=style.GREY, linewidth=0.8)
    axes.hist(
        pit, bins=list(np.linspace(0, 1, PIT_BINS + 1)), color=style.BLUE, alpha=0.75, rwidth=0.92, zorder=2
    )
    name = metric if metric == "all metrics" else quantity_title(metric)
    axes.set_title(f"{name[:34]}, n={len(pit)}", fontsize=8)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.5, 1], labels=["0", "0.5", "1"])
    axes.grid(visible=False, axis="x")
    axes.tick_params(labelsize=7)
