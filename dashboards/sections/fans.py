"""Fan charts: a quantity's intervals per quarter and per year, with the published figures as points."""

from typing import Final

import numpy as np
import pandas as pd

from dashboards import grammar
from dashboards.blocks import ChartBlock, NothingBlock, Section, section_block
from dashboards.chart_cache import Gallery
from dashboards.evidence import place_figures
from dashboards.frames import ReportFrames
from dashboards.grammar import Spec
from dashboards.labels import FAN_QUANTITIES, RELATED_QUANTITIES, quantity_title, quantity_unit
from models.vocabulary.units import VALUE_COLUMNS

# Shape and colour both tell the kind, so that the chart also reads in grey print.
KINDS: Final = {
    "actual": ("circle", "black"),
    "estimate": ("square", "vermillion"),
    "forecast": ("diamond", "green"),
    "guidance": ("triangle", "purple"),
    "other": ("cross", "grey"),
}
AXIS_SLACK = 4.0
"""Points farther than this factor beyond the 90 % band are counted, not drawn."""
LOOK: Final = (
    "Look where the points lie against the bands of their period, and whether the newest (right-most within "
    "a year) pull to one side."
)


def fans_section(frames: ReportFrames, _gallery: Gallery) -> Section:
    """Make the section of the headline quantities' fan charts."""
    return section_block(
        "fans",
        "Fan charts with the published figures",
        [fan_chart(frames, quantity) for quantity in FAN_QUANTITIES],
        "Bands: 50, 80 and 90 % intervals. Points: published figures, those of one period from left to right "
        "by publication; hollow: in another definition, which the model offsets; faint: not used. Bars: "
        "published ranges; arrows: one-sided statements such as ‘over 100 bn’; stars: what came, as the "
        "backtest reads it.",
        "Hover or tap reads a value; a click on a point opens its source. ◀ and ▶ (or the arrow keys) lay an "
        "earlier run or a vintage of the backtest over the present one and dim what was published after it.",
    )


def related_section(frames: ReportFrames, _gallery: Gallery) -> Section:
    """Make the section of the fan charts of related quantities."""
    return section_block(
        "related",
        "Fan charts of closely related quantities",
        [fan_chart(frames, quantity) for quantity in RELATED_QUANTITIES],
        "Many figures are about these; through the chain they move the headline quantities too.",
    )


def fan_chart(
    frames: ReportFrames, quantity: str, title: str = "", look: str = LOOK, mark_at: float | None = None
) -> ChartBlock | NothingBlock:
    """Make one quantity's fan chart, quarterly and yearly.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    quantity : str
    title, look : str
        Instead of the quantity's name and the usual sentence.
    mark_at : float, optional
        A value to be marked across the chart, in the unit shown.

    Returns
    -------
    ChartBlock or NothingBlock
        Block of the page; says so in words when the run has no forecast of the quantity.
    """
    title = title or quantity_title(quantity)
    rows = frames.forecast[frames.forecast["quantity"] == quantity]
    if rows.empty:
        return grammar.nothing_block(title, f"no forecast of {quantity} in this run")
    unit, made = str(rows["unit"].iloc[0]), str(rows["yearly"].iloc[0])
    points, not_drawn = place_figures(frames.evidence[frames.evidence["quantity"] == quantity], unit)
    divisor, name = quantity_unit(quantity, unit, rows["p95"])
    outcomes = (
        frames.outcomes[frames.outcomes["quantity"] == quantity] if len(frames.outcomes) else frames.outcomes
    )
    panels, outside = [], 0
    for kind in ("quarter", "year"):
        part = rows[rows["period_kind"] == kind].copy()
        if part.empty:
            continue
        part["x"] = [grammar.middle_of(str(p), made == "end") for p in part["period"]]
        part = part.sort_values("x")
        shown = points[points["panel"] == kind]
        y, beyond = _limits(part, shown, divisor)
        outside += beyond
        marks = [
            _forecast(part, divisor, kind),
            *_figures(shown, divisor),
            *_outcomes(outcomes, part, divisor),
        ]
        day = round(frames.provenance.as_of_year, 4)
        marks.append({"type": "rule", "key": "as of", "name": "as of", "at": day, "label": "as of"})
        if mark_at is not None:
            marks.append(
                {"type": "rule", "axis": "y", "key": "mark", "name": "mark", "at": mark_at, "dash": ""}
            )
        heading = f"{_heading(made, kind)}, {name}" + (", log scale" if y["type"] == "log" else "")
        panels.append(grammar.panel(heading, grammar.YEAR_AXIS, y, marks, kind=kind))
    foot = grammar.footline(
        frames.provenance, name, grammar.THREE_BANDS, note=_note(len(points), not_drawn, outside)
    )
    return grammar.chart_block(
        f"fan-{quantity}", title, look, panels, foot, name, legend=_legend(points, outcomes), steps=quantity,
        columns=2, least=330,
    )  # fmt: skip


def _forecast(part: pd.DataFrame, divisor: float, kind: str) -> Spec:
    look = {"shape": "slot", "width": 0.9, "labelled": True} if kind == "year" else {"shape": "area"}
    return grammar.fan("fan", "forecast", part["x"].tolist(), part, divisor, **look)


def _figures(points: pd.DataFrame, divisor: float) -> list[Spec]:
    """Points of each kind, with what the chart needs to open their source."""
    kinds = points["kind"].where(points["kind"].isin(list(KINDS)), "other")
    marks = []
    for kind, (shape, colour) in KINDS.items():
        part = points[kinds == kind]
        if len(part):
            marks.append({
                "type": "points", "key": kind, "name": kind, "shape": shape, "colour": colour,
                "x": grammar.places(part["x"]), "y": grammar.numbers(part["value"], divisor),
                "low": grammar.numbers(part["low"], divisor), "high": grammar.numbers(part["high"], divisor),
                "span": grammar.numbers(part["half_width"].where(part["panel"] == "quarter", 0.0)),
                "figure": part["figure_id"].tolist(), "periods": part["period"].astype(str).tolist(),
                "day": part["known_on"].astype(str).tolist(),
                "faint": (~part["used"].fillna(False).astype(bool)).tolist(), "hollow": _other(part).tolist(),
            })  # fmt: skip
    return marks


def _other(points: pd.DataFrame) -> pd.Series:
    return points["definition"].map(lambda text: isinstance(text, str) and bool(text.strip())).astype(bool)


def _outcomes(outcomes: pd.DataFrame, part: pd.DataFrame, divisor: float) -> list[Spec]:
    """Mark what came of periods on this panel, as the backtest reads it."""
    place = dict(zip(part["period"].astype(str), part["x"], strict=True))
    known = outcomes[outcomes["period"].astype(str).isin(list(place))] if len(outcomes) else outcomes
    if known.empty:
        return []
    return [{
        "type": "points", "key": "came", "name": "what came", "shape": "star", "colour": "black",
        "x": grammar.places(known["period"].astype(str).map(place)),
        "y": grammar.numbers(known["value"], divisor),
        "periods": known["period"].astype(str).tolist(),
        "words": [
            f"what came of {period}, known on {str(day)[:10]}: {grammar.rounded(value / divisor):,}"
            for period, day, value in known[["period", "known_on", "value"]].itertuples(index=False)
        ],
    }]  # fmt: skip


def _heading(made: str, kind: str) -> str:
    if kind == "quarter":
        return "Quarterly, level at the quarter's end" if made == "end" else "Quarterly"
    how = {
        "sum": "sum of the quarters",
        "end": "level at the year's end",
        "ratio": "ratio of the yearly sums",
    }
    return "Yearly" + (f", {how[made]}" if made in how else "")


def _limits(part: pd.DataFrame, points: pd.DataFrame, divisor: float) -> tuple[Spec, int]:
    """Axis from the bands, stretched to points near them; and the number of points left outside."""
    medians = part["p50"] / divisor
    log = bool((part["p05"] > 0).all()) and medians.max() > grammar.LOG_FROM_RATIO * medians.min()
    low, high = float(part["p05"].min() / divisor), float(part["p95"].max() / divisor)
    seen = points[list(VALUE_COLUMNS)].to_numpy(float) / divisor
    # The near end of a range is enough to have it on the chart.
    top = np.fmax.reduce(seen, axis=1) if len(seen) else np.empty(0)
    bottom = np.fmin.reduce(seen, axis=1) if len(seen) else np.empty(0)
    floor = low / AXIS_SLACK if log else min(low, 0.0)
    inside = (bottom <= high * AXIS_SLACK) & (top >= floor)
    low = max(min([low, *bottom[inside]]), floor)
    high = max([high, *np.minimum(top[inside], high * AXIS_SLACK)])
    return grammar.value_axis([low, high], log=log), int((~inside).sum())


def _legend(points: pd.DataFrame, outcomes: pd.DataFrame) -> list[Spec]:
    entries = [grammar.entry("fan", "forecast, median and bands", "blue", "band")]
    kinds = points["kind"].where(points["kind"].isin(list(KINDS)), "other")
    for kind, (_, colour) in KINDS.items():
        if count := int((kinds == kind).sum()):
            entries.append(grammar.entry(kind, f"{kind} ({count})", colour, "dot"))
    if len(outcomes):
        entries.append(grammar.entry("came", "what came", "black", "dot"))
    return entries


def _note(n_drawn: int, not_drawn: dict[str, int], outside: int) -> str:
    """Say what the chart leaves out, so that nothing is dropped silently."""
    text = f"{n_drawn or 'No'} published figure{'' if n_drawn == 1 else 's'} drawn"
    if not_drawn:
        text += "; not on this chart: " + ", ".join(
            f"{n} ({reason})" for reason, n in sorted(not_drawn.items())
        )
    if outside:
        text += f"; {outside} beyond the axis"
    return text + "."
