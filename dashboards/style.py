"""Where a chart comes from, and the style of the images that ArviZ draws."""

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

# Okabe-Ito: told apart with every common form of colour blindness, and in grey print by lightness.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#6b6b6b"

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


@dataclass(frozen=True, slots=True)
class Provenance:
    """What every plot must say about where it comes from.

    Attributes
    ----------
    run_id : str
        The run whose draws are shown.
    as_of : datetime.date or str
        Last day whose publications the run has seen.
    interval_kind : str
        Kind of all intervals shown, as the forecast table stores it.
    """

    run_id: str
    as_of: date | str
    interval_kind: str = "equal_tailed"

    @property
    def interval_text(self) -> str:
        """The interval kind in words."""
        return self.interval_kind.replace("_", "-")

    @property
    def as_of_year(self) -> float:
        """The as-of date as a decimal year (2026-07-01 is about 2026.5)."""
        return decimal_year(self.as_of)


def decimal_year(day: date | str) -> float:
    """Turn a date into a decimal year, the horizontal axis of all plots over time."""
    if not isinstance(day, date):
        day = date.fromisoformat(str(day)[:10])
    days = (date(day.year + 1, 1, 1) - date(day.year, 1, 1)).days
    return day.year + (day.timetuple().tm_yday - 1) / days


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


def data_uri(svg: str) -> str:
    """Return an SVG as a ``data:`` URI, so that the report is one file."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode('ascii')}"
