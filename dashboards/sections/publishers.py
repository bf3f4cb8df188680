"""How far each publisher stands from the rest, always with the number of figures behind it."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from dashboards import style
from dashboards.blocks import section_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames

MOST_ROWS = 45


def publishers_section(frames: ReportFrames, gallery: Gallery) -> dict[str, Any]:
    """Make the section of the publishers' biases."""
    return section_block(
        "publishers",
        "Publisher bias",
        [gallery.chart(publisher_bias_chart, frames.publisher_bias)],
        "How far each publisher stands above or below what the other figures imply.",
    )


def publisher_bias_chart(bias: pd.DataFrame, provenance: style.Provenance) -> Figure:
    """Draw each publisher's bias with its 90 % interval and n.

    Parameters
    ----------
    bias : pandas.DataFrame
        ``publisher, topic, n, p05, p50, p95``; bias on the log (shares: logit) scale of the published value;
        positive: publishes above what the other figures say.
    provenance : style.Provenance

    Returns
    -------
    matplotlib.figure.Figure
        The publishers with most figures; the note says how many are left out.
    """
    title = "Publisher bias"
    unit = "log points x 100 (about %)"
    if bias.empty:
        return style.empty_figure(title, provenance, unit, "no publisher bias stored for this run")
    ordered = bias.sort_values(["n", "publisher"], ascending=[False, True])
    rows = ordered.head(MOST_ROWS).iloc[::-1].reset_index(drop=True)
    with style.plot_style():
        figure = style.new_figure(12.0, 1.3 + 0.21 * len(rows))
        axes = figure.subplots()
        place = rows.index.to_numpy()
        axes.axvline(0, color=style.BLACK, linewidth=0.8)
        # Blue where the 90 % interval excludes zero: only there have the figures said something.
        clear = (rows["p05"] > 0) | (rows["p95"] < 0)
        colours = [style.BLUE if c else style.GREY for c in clear]
        axes.hlines(place, 100 * rows["p05"], 100 * rows["p95"], color=colours, linewidth=2, alpha=0.75)
        axes.scatter(100 * rows["p50"], place, color=colours, s=22, zorder=3)
        topics = rows["topic"].fillna("").astype(str)
        names = rows["publisher"].astype(str) + topics.where(topics.eq(""), " · " + topics)
        axes.set_yticks(place, labels=[f"{name}  (n={n})" for name, n in zip(names, rows["n"], strict=True)])
        axes.set_ylim(-0.7, len(rows) - 0.3)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:+.0f}" if v else "0"))
        axes.set_xlabel(
            "bias, log points x 100 (about %); right of zero: publishes higher than the other figures imply"
        )
        note = (
            "Shrunk towards zero: with few figures a bias can't be told from chance. "
            "Blue: 90 % interval excludes zero. Shares: logit points."
        )
        if len(ordered) > len(rows):
            note += f" {len(ordered) - len(rows)} publishers with fewer figures not shown."
        return style.finish(figure, title, provenance, unit, "90 %", note)
