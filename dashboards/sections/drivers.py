"""The drivers' posterior against their prior, as small multiples."""

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from dashboards import style
from dashboards.blocks import section_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.labels import display_unit, quantity_title
from models.vocabulary.periods import FIRST_YEAR, YEARS, PeriodError, parse_period

COLUMNS = 4
SOURCES = {"prior": style.GREY, "posterior": style.BLUE}


def drivers_section(frames: ReportFrames, gallery: Gallery) -> dict[str, Any]:
    """Make the section of the drivers."""
    return section_block(
        "drivers", "Drivers: posterior against prior", [gallery.chart(drivers_chart, frames.drivers)]
    )


def drivers_chart(drivers: pd.DataFrame, provenance: style.Provenance) -> Figure:
    """Draw each driver's prior (grey) and posterior (blue) over time, 50 % and 90 % bands.

    Parameters
    ----------
    drivers : pandas.DataFrame
        ``driver, period, source ('prior'|'posterior'), p05, p25, p50, p75, p95`` and, if known, ``unit``.
        A driver without a period is one number and drawn as two bars.
    provenance : style.Provenance

    Returns
    -------
    matplotlib.figure.Figure
    """
    title = "Drivers: posterior against prior"
    if drivers.empty:
        return style.empty_figure(
            title, provenance, "as each panel says", "no driver quantiles stored for this run"
        )
    names = list(dict.fromkeys(drivers["driver"]))
    with style.plot_style():
        figure, panels = style.panel_grid(len(names), COLUMNS, 1.85, 0.9)
        for axes, name in zip(panels, names, strict=True):
            _driver(axes, drivers[drivers["driver"] == name], name)
        handles = [
            *[Patch(facecolor=c, alpha=0.35, label=f"{s}, 50 and 90 %") for s, c in SOURCES.items()],
            *[Line2D([], [], color=c, linewidth=1.4, label=f"{s} median") for s, c in SOURCES.items()],
        ]
        figure.legend(handles=handles, loc="outside upper right", ncols=4)
        return style.finish(
            figure, title, provenance, "as each panel says", "50 and 90 %",
            "A posterior as wide as its prior has learned nothing from the figures. Log axis where a "
            "band spans more than a factor of 30.",
        )  # fmt: skip


def _driver(axes: Axes, rows: pd.DataFrame, name: str) -> None:
    # Long names of mix classes would run into the next panel.
    axes.set_title(quantity_title(name)[:44], fontsize=8.5)
    unit = str(rows["unit"].iloc[0]) if "unit" in rows and isinstance(rows["unit"].iloc[0], str) else ""
    divisor, unit_name = display_unit(unit, rows.loc[rows["source"] == "posterior", "p50"])
    quantiles = ["p05", "p25", "p50", "p75", "p95"]
    rows = rows.assign(**{name: rows[name].astype(float) / divisor for name in quantiles})
    axes.set_ylabel(unit_name, fontsize=7.5)
    axes.tick_params(labelsize=7)
    rows = rows.assign(x=[_middle(p) for p in rows["period"]])
    for order, (source, colour) in enumerate(SOURCES.items()):
        part = rows[rows["source"] == source].sort_values("x")
        if part["x"].notna().any():
            axes.fill_between(part["x"], part["p05"], part["p95"], color=colour, alpha=0.22, linewidth=0)
            axes.fill_between(part["x"], part["p25"], part["p75"], color=colour, alpha=0.30, linewidth=0)
            axes.plot(part["x"], part["p50"], color=colour, linewidth=1.3)
        else:
            for row in part.to_dict("records"):
                axes.vlines(order, row["p05"], row["p95"], color=colour, linewidth=3, alpha=0.35)
                axes.vlines(order, row["p25"], row["p75"], color=colour, linewidth=6, alpha=0.55)
                axes.plot(order, row["p50"], marker="o", markersize=4, color=colour)
    if rows["x"].notna().any():
        axes.set_xlim(FIRST_YEAR, FIRST_YEAR + len(YEARS))
        ticks = np.arange(FIRST_YEAR, FIRST_YEAR + len(YEARS) + 1, 2)
        axes.set_xticks(ticks, labels=[f"{t}" for t in ticks])
    else:
        axes.set_xlim(-0.7, 1.7)
        axes.set_xticks([0, 1], labels=list(SOURCES))
    lowest, highest = rows["p05"].min(), rows["p95"].max()
    if lowest > 0 and highest > 30 * lowest:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 3.0), numticks=6))
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(style.tick_text))


def _middle(period: object) -> float:
    try:
        parsed = parse_period(str(period))
    except PeriodError:
        return math.nan
    return FIRST_YEAR + (parsed.start + parsed.end + 1) / 24
