"""Which stage of the chain limits shipments: probabilities per quarter and per year."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from dashboards import style
from dashboards.blocks import section_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.labels import STAGES
from models.vocabulary.periods import FIRST_YEAR, YEARS, parse_period

STAGE_LOOKS = {"demand": (style.LIGHT_GREY, ""), "hbm": (style.BLUE, ""), "cowos": (style.ORANGE, "")}


def binding_section(frames: ReportFrames, gallery: Gallery) -> dict[str, Any]:
    """Make the section of what limits shipments."""
    return section_block(
        "binding",
        "What limits shipments",
        [gallery.chart(binding_chart, frames.binding, dated=True)],
        "How far demand, HBM supply or CoWoS supply binds: the share of a small relief of each that would "
        "reach shipments, mean over the joint draws. Customers and makers differ: each binds a part.",
    )


def binding_chart(binding: pd.DataFrame, provenance: style.Provenance) -> Figure:
    """Draw the probability that each stage binds: a stacked area per quarter, stacked bars per year.

    Parameters
    ----------
    binding : pandas.DataFrame
        Rows of one run: ``period, stage, probability, mcse``; probabilities sum to 1 per period.
    provenance : style.Provenance

    Returns
    -------
    matplotlib.figure.Figure
    """
    title = "Which stage limits accelerator shipments"
    if binding.empty:
        return style.empty_figure(title, provenance, "probability, %", "no binding probabilities in this run")
    table = binding.pivot_table(index="period", columns="stage", values="probability", aggfunc="first")
    table = table.reindex(columns=[s for s in STAGES if s in table.columns])
    parsed = {period: parse_period(str(period)) for period in table.index}
    table["x"] = [FIRST_YEAR + (parsed[p].start + parsed[p].end + 1) / 24 for p in table.index]
    table["kind"] = [parsed[p].kind for p in table.index]
    largest_error = binding["mcse"].max() if "mcse" in binding else np.nan
    with style.plot_style():
        figure = style.new_figure(12.0, 3.6)
        left, right = figure.subplots(1, 2, width_ratios=[1.12, 1.0])
        stages = [c for c in table.columns if c in STAGES]
        quarters = table[table["kind"] == "quarter"].sort_values("x")
        years = table[table["kind"] == "year"].sort_values("x")
        colours = [STAGE_LOOKS[s][0] for s in stages]
        left.stackplot(
            quarters["x"], *[quarters[s] for s in stages], labels=[STAGES[s] for s in stages], colors=colours,
            linewidth=0.6, edgecolor="white",
        )  # fmt: skip
        base = np.zeros(len(years))
        for stage, colour in zip(stages, colours, strict=True):
            heights = years[stage].to_numpy(dtype=float)
            right.bar(
                years["x"], heights, bottom=base, width=0.86, color=colour, edgecolor="white", linewidth=0.6
            )
            for x, bottom, height in zip(years["x"], base, heights, strict=True):
                if height >= 0.07:
                    right.text(
                        x, bottom + height / 2, f"{height:.0%}", ha="center", va="center", fontsize=7.5,
                        color="white" if stage == "hbm" else "black",
                    )  # fmt: skip
            base = base + heights
        for axes, kind in ((left, "quarterly"), (right, "yearly")):
            axes.set_title(kind, fontsize=9, color=style.GREY)
            axes.set_xlim(FIRST_YEAR, FIRST_YEAR + len(YEARS))
            axes.set_xticks(np.arange(len(YEARS)) + FIRST_YEAR + 0.5, labels=YEARS)
            axes.set_ylim(0, 1)
            axes.yaxis.set_major_formatter(PercentFormatter(1.0))
            axes.grid(visible=False, axis="x")
            axes.axvline(provenance.as_of_year, color=style.BLACK, linewidth=1.0, linestyle=(0, (4, 3)))
        left.set_ylabel("probability that the stage binds, %")
        handles, labels = left.get_legend_handles_labels()
        figure.legend(
            handles[::-1], labels[::-1], loc="outside right upper", title="limited by", alignment="left"
        )
        note = "Probabilities of the three stages sum to 100 %; dashed: as of."
        if np.isfinite(largest_error):
            note += f" Largest Monte Carlo standard error {100 * largest_error:.2g} percentage points."
        return style.finish(figure, title, provenance, "probability, %", "", note)
