"""How marks, panels and charts may look (`dashboards.grammar` makes them): ``static/*.js`` reads it."""

from collections.abc import Sequence
from typing import Any, Literal, TypedDict


class FanLook(TypedDict, total=False):
    """How a fan looks; ``width`` is that of a slot."""

    shape: Literal["area", "slot"]
    width: float
    colour: str
    labelled: bool
    outline: bool


class IntervalLook(TypedDict, total=False):
    """How intervals look; ``shift`` is in parts of a row, or pixels."""

    colour: str
    colours: Sequence[str]
    words: Sequence[str]
    periods: Sequence[str]
    hollow: bool | Sequence[bool]
    shift: float
    thin: bool


class PanelLook(TypedDict, total=False):
    """How a panel looks."""

    sub: str
    kind: str
    height: int
    small: bool
    rowHeight: int
    wide: bool


type Spec = dict[str, Any]
"""A mark, an axis or a panel as data: which keys it has hangs on its ``type``."""


class ChartLook(TypedDict, total=False):
    """What a chart has besides its panels."""

    legend: Sequence[Spec]
    steps: str
    columns: int
    least: int
    off: Sequence[str]


class ChartSpec(ChartLook):
    """A chart as the page's scripts read it."""

    title: str
    look: str
    foot: str
    unit: str
    panels: list[Spec]
