"""The page's charts as data: a chart has panels, a panel two axes and marks; ``static/*.js`` draws them.

Marks are ``fan`` (median and bands along the horizontal axis), ``line``, ``points``, ``interval`` (median and
bands of one item each), ``bars`` and ``rule``. All numbers are in the unit that is shown.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final, Unpack

import numpy as np
import pandas as pd

from dashboards.blocks import ChartBlock, NothingBlock
from dashboards.looks import ChartLook, ChartSpec, FanLook, IntervalLook, PanelLook, Spec
from dashboards.style import Provenance
from models.vocabulary.periods import FIRST_YEAR, YEARS, parse_period

OF_QUANTITY, OF_FIGURE = "of the quantity", "of a published figure"
"""What an interval holds: the thing itself, or what somebody would print about it."""
BANDS: Final = ("p05", "p10", "p25", "p50", "p75", "p90", "p95")
TWO_BANDS, THREE_BANDS = "50 and 90 %", "50, 80 and 90 %"
"""Levels of intervals, as a foot says them."""
DIGITS = 5
LOG_FROM_RATIO = 12.0
"""A linear axis hides the first years of anything that grows more than this."""
YEAR_AXIS: Final[Spec] = {
    "type": "linear",
    "min": FIRST_YEAR,
    "max": FIRST_YEAR + len(YEARS) + 0.05,
    "ticks": [[FIRST_YEAR + i + 0.5, year] for i, year in enumerate(YEARS)],
    "slots": [FIRST_YEAR + i for i in range(len(YEARS) + 1)],
}
"""Horizontal axis of everything that runs over the grid, in decimal years."""


def rounded(value: float | None) -> float | None:
    """Round a number to `DIGITS` significant digits; None where there is none."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{float(value):.{DIGITS}g}")


def numbers(values: Iterable[Any], divisor: float = 1.0) -> list[float | None]:
    """Round each of some values in the unit shown."""
    if isinstance(values, pd.Series | np.ndarray) and values.dtype.kind in "iuf":
        array = np.asarray(values, dtype=float) / divisor
    else:
        array = (
            pd.to_numeric(pd.Series(list(values), dtype=object), errors="coerce").to_numpy(float) / divisor
        )
    return [float(f"{v:.{DIGITS}g}") if math.isfinite(v) else None for v in array]


def places(values: Iterable[Any]) -> list[float]:
    """Round places on an axis of decimal years to an hour."""
    return [round(float(v), 4) for v in values]


def quantiles(rows: pd.DataFrame, divisor: float = 1.0) -> Spec:
    """Columns p05 to p95 of a frame, those there are."""
    return {name: numbers(rows[name], divisor) for name in BANDS if name in rows}


def middle_of(period: str, level: bool = False) -> float:
    """Where a period stands on `YEAR_AXIS`: its middle, its end where it is a quarter's level."""
    parsed = parse_period(period)
    start, end = FIRST_YEAR + parsed.start / 12, FIRST_YEAR + (parsed.end + 1) / 12
    return end if level and parsed.kind == "quarter" else (start + end) / 2


def fan(
    key: str, name: str, x: Sequence[float], rows: pd.DataFrame, divisor: float = 1.0, **look: Unpack[FanLook]
) -> Spec:
    """Make a fan: median and bands along the horizontal axis.

    Parameters
    ----------
    key, name : str
        What switches it on and off, and what it is called.
    x : sequence of float
        A place for each row.
    rows : pandas.DataFrame
        Columns p05 to p95 as there are, ``p50`` among them, and ``period``.
    divisor : float
    **look
        ``shape`` ('area' or 'slot'), ``width`` of a slot, ``colour``, ``labelled``, ``outline``.

    Returns
    -------
    dict
    """
    return {
        "type": "fan", "key": key, "name": name, "x": places(x), "periods": [str(p) for p in rows["period"]],
        "shape": "area", "colour": "blue", **quantiles(rows, divisor), **look,
    }  # fmt: skip


def interval(
    key: str,
    name: str,
    at: Sequence[float],
    rows: pd.DataFrame,
    divisor: float = 1.0,
    **look: Unpack[IntervalLook],
) -> Spec:
    """Make intervals: median and bands of one item each, in a row or at a place.

    Parameters
    ----------
    key, name : str
    at : sequence of float
        Row of each item from the top, or its place on the horizontal axis.
    rows : pandas.DataFrame
        Columns p05 to p95 as there are, ``p50`` among them.
    divisor : float
    **look
        ``colour``, or ``colours`` of each; ``words`` said of each instead of its numbers; ``hollow``;
        ``shift`` (parts of a row, or pixels); ``thin``.

    Returns
    -------
    dict
    """
    return {
        "type": "interval",
        "key": key,
        "name": name,
        "at": list(at),
        "colour": "blue",
        **quantiles(rows, divisor),
        **look,
    }


def panel(title: str, x: Spec, y: Spec, marks: Sequence[Spec], **more: Unpack[PanelLook]) -> Spec:
    """Make a panel.

    Parameters
    ----------
    title : str
    x, y : dict
        Axes.
    marks : sequence of dict
    **more
        ``sub`` (a line under the title), ``kind``, ``height``, ``small``, ``rowHeight``, ``wide`` (a line of
        the chart to itself).

    Returns
    -------
    dict
    """
    return {"title": title, "x": x, "y": y, "marks": list(marks), **more}


def rows_axis(labels: Sequence[str]) -> Spec:
    """Vertical axis of named rows, the first on top."""
    return {"type": "rows", "labels": list(labels)}


def value_axis(
    values: Iterable[Any], *, zero: bool = True, log: bool | None = False, signed: bool = False
) -> Spec:
    """Axis that holds all of some values.

    Parameters
    ----------
    values : iterable of float
        In the unit shown; missing ones are passed over.
    zero : bool
        Begins at zero unless all lies in a narrow band far from it.
    log : bool or None
        None takes a log axis where the largest value is `LOG_FROM_RATIO` times the smallest.
    signed : bool
        Ticks above zero have a plus.

    Returns
    -------
    dict
    """
    seen = np.array([v for v in values if v is not None and math.isfinite(v)], float)
    if not len(seen):
        seen = np.array([0.0, 1.0])
    low, high = float(seen.min()), float(seen.max())
    if log is None:
        log = low > 0 and high > LOG_FROM_RATIO * low
    if log and low > 0:
        return {"type": "log", "min": rounded(low / 1.25), "max": rounded(high * 1.25)}
    edge = 0.08 * (high - low or abs(high) or 1.0)
    bottom = 0.0 if zero and 0 <= low <= 0.45 * high else low - edge
    return {"type": "linear", "min": rounded(bottom), "max": rounded(high + edge), "signed": signed}


def entry(key: str, label: str, colour: str, shape: str = "box", fixed: bool = False) -> Spec:
    """Make a line of the legend; a fixed one can't be switched off.

    Parameters
    ----------
    key : str
        Of the marks that it stands for.
    label : str
    colour : str
        A name of the palette.
    shape : str
        How it is shown: box, circle, line, ...
    fixed : bool
    """
    return {"key": key, "label": label, "colour": colour, "shape": shape, "fixed": fixed}


def footline(provenance: Provenance, unit: str, levels: str, of: str = OF_QUANTITY, note: str = "") -> str:
    """Say unit, level and kind of interval, as-of day and run of a chart.

    Parameters
    ----------
    provenance : dashboards.style.Provenance
    unit : str
    levels : str
        '50, 80 and 90 %'; empty where nothing is an interval.
    of : str
        `OF_QUANTITY` or `OF_FIGURE`.
    note : str

    Returns
    -------
    str
    """
    parts = [f"Unit: {unit}"]
    if levels:
        parts.append(f"{provenance.interval_text} intervals {of}, {levels}")
    parts += [f"as of {provenance.as_of}", f"run {provenance.run_id}"]
    return " · ".join(parts) + (f". {note}" if note else "")


def chart_block(
    name: str,
    title: str,
    look: str,
    panels: Sequence[Spec],
    foot: str,
    unit: str = "",
    **more: Unpack[ChartLook],
) -> ChartBlock:
    """Make a chart of the page.

    Parameters
    ----------
    name : str
        Anchor; no other chart has it.
    title : str
    look : str
        A sentence that says what to look for.
    panels : sequence of dict
        From `panel`.
    foot : str
        From `footline`.
    unit : str
        Goes into the CSV.
    **more
        ``legend`` (list of `entry`), ``steps`` (quantity whose earlier runs can be stepped through),
        ``columns`` (panels side by side), ``least`` (pixels a panel needs), ``off`` (keys switched off).

    Returns
    -------
    ChartBlock
    """
    spec: ChartSpec = {
        "title": title, "look": look, "foot": foot, "unit": unit, "panels": list(panels), **more
    }  # fmt: skip
    return {"kind": "chart", "id": name, "spec": spec}


def nothing_block(title: str, reason: str) -> NothingBlock:
    """Say in place of a chart that there is nothing to show, and why."""
    return {"kind": "nothing", "title": title, "reason": reason}
