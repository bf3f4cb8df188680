"""Images that Matplotlib draws: their style, title and provenance line, and the block of the page.

Matplotlib takes seconds to load: whoever shows kept images only does without this module.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from dashboards.blocks import FigureBlock
from dashboards.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, Provenance

CHAIN_COLOURS = (BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY, BLACK, GREY)

_RC = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.labelsize": 9.0,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": f"cycler('color', {list(CHAIN_COLOURS)})",
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.0,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "figure.dpi": 100,
    "savefig.dpi": 130,
    # Text stays text: a third of the size, sharp at every size, and searchable.
    "svg.fonttype": "none",
    "svg.hashsalt": "hbmcast",
}

# The layout is computed with the first; the next ones, on systems without it, have letters as wide.
_DRAWN_WITH, _SHOWN_WITH = "'DejaVu Sans', sans-serif", "'DejaVu Sans', Verdana, Geneva, sans-serif"


@contextmanager
def plot_style() -> Iterator[None]:
    """Matplotlib settings of the report, in force inside the ``with`` block only."""
    with mpl.rc_context(_RC):
        yield


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure that no global registry holds, so that a nightly run leaks no memory.

    Parameters
    ----------
    width, height : float
        Size in inches.

    Returns
    -------
    matplotlib.figure.Figure
    """
    return Figure(figsize=(width, height))


def finish(
    figure: Figure, title: str, provenance: Provenance, unit: str, interval: str, note: str = ""
) -> Figure:
    """Put the title above and the provenance line below a figure, and lay it out between them.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    title : str
        What is shown, above the plots.
    provenance : Provenance
    unit : str
        Unit of the values, in words.
    interval : str
        Interval levels shown, e.g. '50, 80 and 90 %'; empty when the plot shows no interval.
    note : str
        One more sentence for the line below the plots.

    Returns
    -------
    matplotlib.figure.Figure
        The same figure.
    """
    parts = [f"Unit: {unit}"]
    if interval:
        parts.append(f"{provenance.interval_text} intervals, {interval}")
    parts += [f"as of {provenance.as_of}", f"run {provenance.run_id}"]
    footer = "  ·  ".join(parts) + (f"\n{note}" if note else "")
    height = figure.get_figheight()
    below, above = (0.20 + 0.16 * footer.count("\n") + 0.08) / height, 0.34 / height
    figure.text(0.008, 1 - 0.07 / height, title, ha="left", va="top", fontsize=11.5, fontweight="bold")
    figure.text(
        0.008, 0.06 / height, footer, ha="left", va="bottom", fontsize=7.5, color=GREY, linespacing=1.35
    )
    figure.set_layout_engine(
        ConstrainedLayoutEngine(rect=(0, below, 1, 1 - below - above), w_pad=0.06, h_pad=0.06, hspace=0.03)
    )
    return figure


def empty_figure(title: str, provenance: Provenance, unit: str, reason: str) -> Figure:
    """Say on a figure of its own that there is nothing to show, and why.

    Parameters
    ----------
    title : str
    provenance : Provenance
    unit : str
    reason : str
        Shown in the middle of the figure.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with plot_style():
        figure = new_figure(10.5, 1.6)
        figure.text(0.5, 0.55, reason, ha="center", va="center", color=GREY, style="italic")
        return finish(figure, title, provenance, unit, "")


def svg_text(figure: Figure) -> str:
    """Render a figure as SVG.

    Parameters
    ----------
    figure : matplotlib.figure.Figure

    Returns
    -------
    str
        The same figure gives the same text: there is no date in it.
    """
    buffer = io.StringIO()
    with plot_style():
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue().replace(_DRAWN_WITH, _SHOWN_WITH)


def figure_block(figure: Figure) -> FigureBlock:
    """Render a figure for the page.

    Parameters
    ----------
    figure : matplotlib.figure.Figure

    Returns
    -------
    FigureBlock
        The page needs ``source`` besides, which `dashboards.chart_cache` makes of ``svg``.
    """
    width, height = (round(100 * inches) for inches in figure.get_size_inches())
    # Title and provenance line stand in for the picture where it can't be seen.
    texts = [t.get_text() for t in figure.texts if t.get_text()]
    return {
        "kind": "figure",
        "svg": svg_text(figure),
        "alt": ". ".join(texts),
        "width": width,
        "height": height,
    }
