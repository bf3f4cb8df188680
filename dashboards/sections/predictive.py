"""Published values against what the model expects to see published, per metric."""

from typing import Final

import numpy as np
import pandas as pd
from scipy.special import bdtr, bdtrik

from dashboards import grammar
from dashboards.blocks import ChartBlock, NothingBlock, Section, section_block, table_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.grammar import Spec
from dashboards.labels import display_unit, number, quantity_title

MOST_PANELS = 20
FEWEST_FOR_HISTOGRAM = 10
PIT_BINS = 10
SCATTER_LOOK: Final = (
    "Look for points whose bar misses the dotted diagonal: prints that the model did not expect. Blue: used; "
    "grey: not used."
)
PIT_LOOK: Final = (
    "Look for a hump or a slope: flat bars inside the grey band are calibrated. Each figure is also one the "
    "posterior has seen, so a hump is expected."
)


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


def predictive_section(frames: ReportFrames, _gallery: Gallery) -> Section:
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
            predictive_chart(frames),
            pit_chart(frames),
            table_block(shown, numeric=shown.columns[1:], summary=f"Coverage of all {len(fit)} metrics"),
        ],
        "Where each published value falls in what the model expects to see published, noise of its kind "
        "and horizon included. A check of fit, not of skill: these are figures the model has seen.",
    )


def _percent(value: float) -> str:
    return "–" if pd.isna(value) else f"{100 * value:.0f} %"


def predictive_chart(frames: ReportFrames) -> ChartBlock | NothingBlock:
    """Make the chart of published values against the interval predicted for such a figure, per metric.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
        Its figure_fit: ``metric, unit, published_value, predicted_p05, predicted_p50, predicted_p95, used``.

    Returns
    -------
    ChartBlock or NothingBlock
        Panels of the metrics with most figures; the foot says how many metrics have none.
    """
    title, fit = "Published value against what the model expects to see published", frames.figure_fit
    metrics, left_out = _largest(fit, 3) if len(fit) else ([], 0)
    if not metrics:
        return grammar.nothing_block(title, "no metric with three fitted figures or more")
    panels = [_scatter(fit[fit["metric"] == metric], metric) for metric in metrics]
    note = f"{left_out} metrics with fewer figures are in the table only." if left_out else ""
    unit = "as each panel says"
    foot = grammar.footline(frames.provenance, unit, "90 %", grammar.OF_FIGURE, note)
    legend = [
        grammar.entry("used", "used", "blue", "dot"),
        grammar.entry("not used", "not used", "grey", "dot"),
    ]
    return grammar.chart_block(
        "predictive-scatter", title, SCATTER_LOOK, panels, foot, unit, legend=legend, columns=4, least=230
    )  # fmt: skip


def _scatter(rows: pd.DataFrame, metric: str) -> Spec:
    columns = ["published_value", "predicted_p05", "predicted_p50", "predicted_p95"]
    rows = rows.dropna(subset=columns)
    unit = str(rows["unit"].iloc[0]) if len(rows) and isinstance(rows["unit"].iloc[0], str) else ""
    divisor, name = display_unit(unit, rows["published_value"])
    rows = rows.assign(**{column: rows[column].astype(float) / divisor for column in columns})
    said = rows["published_value"]
    log = bool((rows[columns] > 0).all(axis=None)) and said.max() > 5 * said.min()
    # The limits come from the published values: one absurd interval must not flatten the panel.
    near = rows[["predicted_p05", "predicted_p95"]].quantile([0.05, 0.95])
    low, high = min(said.min(), near.iloc[0, 0]), max(said.max(), near.iloc[1, 1])
    axis = grammar.value_axis([low, high], zero=False, log=log)
    marks: list[Spec] = [{
        "type": "line", "key": "diagonal", "name": "as expected", "x": [axis["min"], axis["max"]],
        "y": [axis["min"], axis["max"]], "colour": "ink", "weight": 0.8, "dash": "2 3", "silent": True,
    }]  # fmt: skip
    for is_used, key, colour in ((False, "not used", "grey"), (True, "used", "blue")):
        part = rows[_used(rows) == is_used]
        marks.append({
            "type": "points", "key": key, "name": key, "colour": colour,
            "x": grammar.numbers(part["published_value"]), "y": grammar.numbers(part["predicted_p50"]),
            "low": grammar.numbers(part["predicted_p05"]), "high": grammar.numbers(part["predicted_p95"]),
            "figure": part["figure_id"].tolist(), "periods": part["period"].astype(str).tolist(),
            "faint": [not is_used] * len(part),
        })  # fmt: skip
    n_used = int(_used(rows).sum())
    sub = f"{name}, n={len(rows)}, used {n_used}"
    x = axis | {"label": "published; upward: expected"}
    return grammar.panel(quantity_title(metric), x, axis, marks, height=220, small=True, sub=sub)


def pit_chart(frames: ReportFrames) -> ChartBlock | NothingBlock:
    """Make the PIT histograms of the used figures, over all metrics and per metric.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
        Its figure_fit: ``metric, pit, used, published_value``.

    Returns
    -------
    ChartBlock or NothingBlock
        Bars outside the grey band (90 % of what chance gives a bin) show miscalibration.
    """
    title, fit = "PIT histograms of the used figures", frames.figure_fit
    used = fit[_used(fit)].dropna(subset=["pit"]) if len(fit) else fit
    if used.empty:
        return grammar.nothing_block(title, "no used figure has a PIT in this run")
    metrics, left_out = _largest(used, FEWEST_FOR_HISTOGRAM)
    parts = [("all metrics", used), *((quantity_title(m), used[used["metric"] == m]) for m in metrics)]
    panels = [
        histogram(part["pit"].to_numpy(float), f"{name}, n={len(part)}", [(len(part), 0.5)], 1.0)
        for name, part in parts
    ]
    note = "PIT: predictive probability of a lower value. Grey: 90 % of what chance alone gives one bin."
    if left_out:
        note += f" {left_out} metrics with fewer than {FEWEST_FOR_HISTOGRAM} figures: first panel only."
    foot = grammar.footline(frames.provenance, "figures per bin", "", note=note)
    return grammar.chart_block("pit-figures", title, PIT_LOOK, panels, foot, "figures", columns=4, least=210)


def _binomial_quantile(level: float, trials: int, probability: float) -> float:
    """Give what scipy.stats.binom.ppf gives, which takes a second to load for it."""
    above = max(float(np.ceil(bdtrik(level, trials, probability))), 0.0)
    below = max(above - 1, 0.0)
    return below if bdtr(below, trials, probability) >= level else above


def histogram(pit: np.ndarray, title: str, chance: list[tuple[int, float]], each: float) -> Spec:
    """Make a panel of a PIT histogram.

    Parameters
    ----------
    pit : ndarray (figure,)
    title : str
    chance : list of (int, float)
        Numbers of independent values, and the opacity of the band that 90 % of chance would fill for each.
    each : float
        Height of one value: 1 for counts, 100 / n for per cent.

    Returns
    -------
    dict
    """
    counts = np.histogram(pit, bins=np.linspace(0, 1, PIT_BINS + 1))[0] * each
    whole, marks, top = len(pit) * each, [], float(counts.max())
    for trials, opacity in chance:
        low, high = (
            _binomial_quantile(level, trials, 1 / PIT_BINS) / trials * whole for level in (0.05, 0.95)
        )
        marks.append(
            {
                "type": "bars",
                "key": "chance",
                "name": "chance",
                "colour": "light",
                "opacity": opacity,
                "at": [0.5],
                "width": 1.0,
                "from": [grammar.rounded(low)],
                "to": [grammar.rounded(high)],
                "silent": True,
            }
        )
        top = max(top, float(high))
    edges = [f"{k / PIT_BINS:.1f} to {(k + 1) / PIT_BINS:.1f}" for k in range(PIT_BINS)]
    marks.append(
        {
            "type": "bars",
            "key": "pit",
            "name": "in this bin",
            "colour": "blue",
            "width": 1 / PIT_BINS,
            "periods": edges,
            "at": [round((k + 0.5) / PIT_BINS, 3) for k in range(PIT_BINS)],
            "to": grammar.numbers(counts),
        }
    )
    x = {"type": "linear", "min": 0.0, "max": 1.0, "ticks": [[0, "0"], [0.5, "0.5"], [1, "1"]]}
    y = {"type": "linear", "min": 0.0, "max": grammar.rounded(top * 1.1)}
    return grammar.panel(title, x, y, marks, height=150, small=True)
