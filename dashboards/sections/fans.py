"""Fan charts: a quantity's intervals per quarter and per year, with the published figures as points."""

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
from dashboards.evidence import place_figures
from dashboards.frames import ReportFrames
from dashboards.labels import FAN_QUANTITIES, RELATED_QUANTITIES, number, quantity_title, quantity_unit
from models.vocabulary.periods import FIRST_YEAR, YEARS, parse_period

# Shape and colour both tell the kind, so that the chart also reads in grey print.
KINDS = {
    "actual": ("o", style.BLACK),
    "estimate": ("s", style.VERMILLION),
    "forecast": ("D", style.GREEN),
    "guidance": ("^", style.PURPLE),
    "other": ("X", style.GREY),
}
FAINT, STRONG = 0.28, 0.9
LOG_FROM_RATIO = 12.0  # a linear axis hides the first years of anything that grows more than this
AXIS_SLACK = 4.0  # points farther than this factor beyond the 90 % band are counted, not drawn


def fans_section(frames: ReportFrames, gallery: Gallery) -> dict[str, Any]:
    """Make the section of the headline quantities' fan charts."""
    return section_block(
        "fans",
        "Fan charts with the published figures",
        [_fan(frames, gallery, quantity) for quantity in FAN_QUANTITIES],
        "Bands: 50, 80 and 90 % intervals. Points: published figures; hollow: in another definition, "
        "which the model offsets; faint: not used (superseded, an echo, or as the evidence table "
        "says). Bars: published ranges; arrows: one-sided statements such as ‘over 100 bn’.",
    )


def related_section(frames: ReportFrames, gallery: Gallery) -> dict[str, Any]:
    """Make the section of the fan charts of related quantities."""
    return section_block(
        "related",
        "Fan charts of closely related quantities",
        [_fan(frames, gallery, quantity) for quantity in RELATED_QUANTITIES],
        "Many figures are about these; through the chain they move the headline quantities too.",
    )


def _fan(frames: ReportFrames, gallery: Gallery, quantity: str) -> dict[str, Any]:
    rows, figures = (frame[frame["quantity"] == quantity] for frame in (frames.forecast, frames.evidence))
    return gallery.chart(fan_chart, rows, figures, quantity, dated=True)


def fan_chart(
    forecast: pd.DataFrame,
    evidence: pd.DataFrame,
    quantity: str,
    provenance: style.Provenance,
    scale: str = "auto",
) -> Figure:
    """Draw one quantity's fan chart, quarterly on the left and yearly on the right.

    Parameters
    ----------
    forecast : pandas.DataFrame
        Rows of the forecast table of one run (``quantity, period, period_kind, unit, p05`` .. ``p95``).
    evidence : pandas.DataFrame
        Published figures with `dashboards.evidence.EVIDENCE_COLUMNS`; may be empty.
    quantity : str
    provenance : style.Provenance
    scale : {'auto', 'linear', 'log'}
        Vertical axis; 'auto' takes log where the medians grow more than twelvefold.

    Returns
    -------
    matplotlib.figure.Figure
        Says so in words when the run has no forecast of the quantity.
    """
    title = quantity_title(quantity)
    rows = forecast[forecast["quantity"] == quantity]
    if rows.empty:
        return style.empty_figure(title, provenance, "none", f"no forecast of {quantity} in this run")
    unit = str(rows["unit"].iloc[0])
    made = str(rows["yearly"].iloc[0])
    points, not_drawn = place_figures(evidence[evidence["quantity"] == quantity], unit)
    divisor, name = quantity_unit(quantity, unit, rows["p95"])
    with style.plot_style():
        figure = style.new_figure(12.0, 4.3)
        panels = figure.subplots(1, 2, width_ratios=[1.12, 1.0])
        notes = []
        for axes, kind, draw in zip(panels, ("quarter", "year"), (_quarterly, _yearly), strict=True):
            part = rows[rows["period_kind"] == kind]
            band = _scaled(part, divisor, ["p05", "p10", "p25", "p50", "p75", "p90", "p95"])
            band["x"] = [_place_of(p, kind, made == "end") for p in band["period"]]
            band = band.sort_values("x")
            shown = _scaled(points[points["panel"] == kind], divisor, ["value", "low", "high"])
            if band.empty:
                axes.text(
                    0.5, 0.5, f"no {kind}ly forecast", ha="center", transform=axes.transAxes, color=style.GREY
                )
            else:
                draw(axes, band)
                notes.append(_limits(axes, band, shown, scale))
            _points(axes, shown)
            _frame(axes, provenance, _heading(made, kind), name)
        _legend(figure, points)
        style.finish(
            figure, title, provenance, name, "50, 80 and 90 %",
            _note(len(points), not_drawn, sum(notes)),
        )  # fmt: skip
    return figure


def _place_of(period: str, kind: str, level: bool) -> float:
    parsed = parse_period(period)
    start, end = FIRST_YEAR + parsed.start / 12, FIRST_YEAR + (parsed.end + 1) / 12
    return end if level and kind == "quarter" else (start + end) / 2


def _heading(made: str, kind: str) -> str:
    if kind == "quarter":
        return "quarterly, level at the quarter's end" if made == "end" else "quarterly"
    how = {
        "sum": "sum of the quarters",
        "end": "level at the year's end",
        "ratio": "ratio of the yearly sums",
    }
    return "yearly" + (f", {how[made]}" if made in how else "") + "; blue numbers: medians"


def _scaled(frame: pd.DataFrame, divisor: float, columns: list[str]) -> pd.DataFrame:
    frame = frame.copy()
    frame[columns] = frame[columns].astype(float) / divisor
    return frame


def _quarterly(axes: Axes, band: pd.DataFrame) -> None:
    for level, (low, high) in style.INTERVALS.items():
        axes.fill_between(
            band["x"], band[low], band[high], color=style.BLUE, alpha=style.BAND_ALPHA[level], linewidth=0
        )
    axes.plot(band["x"], band["p50"], color=style.BLUE, linewidth=1.6)


def _yearly(axes: Axes, band: pd.DataFrame) -> None:
    for level, (low, high) in style.INTERVALS.items():
        axes.bar(
            band["x"], band[high] - band[low], bottom=band[low], width=0.9, color=style.BLUE,
            alpha=style.BAND_ALPHA[level], linewidth=0,
        )  # fmt: skip
    axes.hlines(band["p50"], band["x"] - 0.45, band["x"] + 0.45, color=style.BLUE, linewidth=1.8)
    for x, median in zip(band["x"], band["p50"], strict=True):
        # At the foot of the slot, where no point hides it.
        axes.annotate(
            number(median), (x, 0), xycoords=("data", "axes fraction"), xytext=(0, 3),
            textcoords="offset points", fontsize=7.5, color=style.BLUE, fontweight="bold", ha="center",
            zorder=6,
        )  # fmt: skip


def _limits(axes: Axes, band: pd.DataFrame, points: pd.DataFrame, scale: str) -> int:
    """Set scale and limits from the bands, stretched to points near them; count the points left outside."""
    medians = band["p50"]
    positive = bool((band["p05"] > 0).all())
    log = scale == "log" or (scale == "auto" and positive and medians.max() > LOG_FROM_RATIO * medians.min())
    low, high = float(band["p05"].min()), float(band["p95"].max())
    seen = points[["value", "low", "high"]].to_numpy(dtype=float)
    # The near end of a range is enough to have it on the chart.
    top = np.fmax.reduce(seen, axis=1) if len(seen) else np.empty(0)
    bottom = np.fmin.reduce(seen, axis=1) if len(seen) else np.empty(0)
    floor = low / AXIS_SLACK if log else min(low, 0.0)
    inside = (bottom <= high * AXIS_SLACK) & (top >= floor)
    low = min([low, *bottom[inside]])
    high = max([high, *np.minimum(top[inside], high * AXIS_SLACK)])
    if log:
        axes.set_yscale("log")
        axes.set_ylim(max(low, floor) / 1.5, high * 1.25)
    else:
        # What moves in a narrow band fills the chart; everything else starts at zero.
        bottom_edge = low - 0.35 * (high - low) if low > 0.45 * high else min(low * 1.08, 0.0)
        axes.set_ylim(bottom_edge, high + 0.08 * (high - bottom_edge))
    return int((~inside).sum())


def _points(axes: Axes, points: pd.DataFrame) -> None:
    for row in points.to_dict("records"):
        marker, colour = KINDS.get(row["kind"], KINDS["other"])
        used = bool(row["used"]) if row["used"] == row["used"] else False
        hollow = isinstance(row["definition"], str) and bool(row["definition"].strip())
        look: dict[str, Any] = {
            "color": colour,
            "alpha": STRONG if used else FAINT,
            "zorder": 5 if used else 4,
        }
        value, low, high = (row[name] for name in ("value", "low", "high"))
        if np.isfinite(low) and np.isfinite(high):
            axes.vlines(row["x"], low, high, linewidth=2.2 if not np.isfinite(value) else 1.2, **look)
        elif not np.isfinite(value):
            # A one-sided statement is an arrow from its bound, not a point.
            bound, up = (low, True) if np.isfinite(low) else (high, False)
            axes.annotate(
                "", (row["x"], bound), xytext=(0, 13 if up else -13), textcoords="offset points",
                annotation_clip=True,
                arrowprops={"arrowstyle": "<|-", "shrinkA": 0, "shrinkB": 0, "linewidth": 1.0, **look},
            )  # fmt: skip
            axes.hlines(bound, row["x"] - 0.035, row["x"] + 0.035, linewidth=1.4, **look)
        if np.isfinite(value):
            axes.plot(
                row["x"], value, marker=marker, markersize=4.0, linestyle="none", markeredgewidth=0.8,
                markerfacecolor="white" if hollow else colour, markeredgecolor=colour,
                alpha=look["alpha"], zorder=look["zorder"],
            )  # fmt: skip
            if row["panel"] == "quarter" and row["half_width"] > 0.13:
                axes.hlines(
                    value, row["x"] - row["half_width"], row["x"] + row["half_width"], linewidth=0.9, **look
                )


def _frame(axes: Axes, provenance: style.Provenance, kind: str, unit_name: str) -> None:
    first, last = FIRST_YEAR, FIRST_YEAR + len(YEARS)
    axes.set_xlim(first, last + 0.05)
    axes.set_xticks(np.arange(first, last) + 0.5, labels=YEARS)
    axes.set_xticks(np.arange(first, last + 1), minor=True)
    axes.grid(visible=False, axis="x")
    axes.grid(visible=True, axis="x", which="minor")
    axes.tick_params(axis="x", which="major", length=0)
    log = axes.get_yscale() == "log"
    axes.set_title(kind, fontsize=9, color=style.GREY)
    axes.set_ylabel(unit_name + (" (log scale)" if log else ""))
    if log:
        axes.yaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(style.tick_text))
    if first <= provenance.as_of_year <= last:
        axes.axvline(provenance.as_of_year, color=style.BLACK, linewidth=1.0, linestyle=(0, (4, 3)), zorder=3)
        axes.annotate(
            "as of", (provenance.as_of_year, 1), xycoords=("data", "axes fraction"), xytext=(-3, -2),
            fontsize=7.5, textcoords="offset points", ha="right", va="top",
        )  # fmt: skip


def _legend(figure: Figure, points: pd.DataFrame) -> None:
    handles: list[Line2D | Patch] = [Line2D([], [], color=style.BLUE, linewidth=1.6, label="median")]
    # The bands lie on one another, so the inner ones are darker than their own alpha.
    for level, alpha in ((50, 0.58), (80, 0.36), (90, 0.18)):
        handles.append(Patch(facecolor=style.BLUE, alpha=alpha, label=f"{level} % interval"))
    handles.append(Line2D([], [], color=style.BLACK, linestyle=(0, (4, 3)), linewidth=1.0, label="as of"))
    if len(points):
        # A heading inside the one legend: two legends would not stay clear of each other.
        handles.append(Line2D([], [], linestyle="none", label=""))
        handles.append(Line2D([], [], linestyle="none", label="published figures"))
        kinds = points["kind"].where(points["kind"].isin(list(KINDS)), "other")
        for kind, (marker, colour) in KINDS.items():
            if count := int((kinds == kind).sum()):
                handles.append(_dot(marker, colour, colour, f"{kind} (n={count})"))
        hollow = points["definition"].map(lambda text: isinstance(text, str) and bool(text.strip()))
        faint = _dot("s", style.GREY, style.GREY, "not used")
        faint.set_alpha(FAINT)
        bounds = points[["low", "high"]].notna().sum(axis=1)
        looks = (
            (hollow, _dot("s", style.GREY, "white", "other definition")),
            (~points["used"].fillna(False).astype(bool), faint),
            (bounds.eq(2), _dot("|", style.GREY, style.GREY, "published range", size=10)),
            (
                bounds.eq(1) & points["value"].isna(),
                _dot(r"$\uparrow$", style.GREY, style.GREY, "one-sided", size=9),
            ),
        )
        handles += [handle for present, handle in looks if present.any()]
    figure.legend(handles=handles, loc="outside right upper", title="forecast", alignment="left")


def _dot(marker: str, edge: str, face: str, label: str, size: float = 5) -> Line2D:
    return Line2D(
        [],
        [],
        marker=marker,
        linestyle="none",
        markersize=size,
        color=edge,
        markerfacecolor=face,
        label=label,
    )


def _note(n_drawn: int, not_drawn: dict[str, int], outside: int) -> str:
    """Say what the chart leaves out, so that nothing is dropped silently."""
    text = f"{n_drawn} published figures drawn; those of one period from left to right by date of publication"
    if not_drawn:
        text += "; not on this chart: " + ", ".join(
            f"{n} ({reason})" for reason, n in sorted(not_drawn.items())
        )
    if outside:
        text += f"; {outside} beyond the axis"
    return text + "."
