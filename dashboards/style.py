"""Where a chart comes from, and the colours of what is drawn."""

import base64
from dataclasses import dataclass
from datetime import date

# Okabe-Ito: told apart with every common form of colour blindness, and in grey print by lightness.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILLION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"
GREY = "#6b6b6b"
N_SLOWEST = 8
"""Parameters that the checks of the sampler draw: those that mix slowest."""


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


def data_uri(svg: str) -> str:
    """Return an SVG as a ``data:`` URI, so that the report is one file."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode('ascii')}"
