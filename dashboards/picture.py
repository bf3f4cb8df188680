"""One picture of a forecast: what the README shows, and what fits into a mail."""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dashboards.drawing import finish, new_figure, plot_style, svg_text
from dashboards.labels import quantity_title, quantity_unit
from dashboards.style import BLUE, GREY, Provenance
from warehouse import read
from warehouse.atomic import written_whole
from warehouse.errors import WarehouseError

QUANTITIES = ("hbm_revenue_usd", "cowos_capacity_wafers_per_month")
BANDS = (("p05", "p95", 0.18), ("p25", "p75", 0.34))


def write_picture(state: Path, path: Path, run_id: str | None = None) -> Path:
    """Write the headline fans of a run as an SVG.

    Parameters
    ----------
    state : Path
        State folder; only read.
    path : Path
        File to write.
    run_id : str, optional
        Without it, the run served.

    Returns
    -------
    Path

    Raises
    ------
    WarehouseError
        When nothing is published yet, or no run has that id.
    """
    forecast = read.forecast(state, run_id)
    if forecast.empty:
        raise WarehouseError("no run is published yet; run `hbmcast nightly` first")
    with written_whole(Path(path)) as unfinished:
        unfinished.write_text(svg_text(headline_fans(forecast)), encoding="utf-8")
    return Path(path)


def headline_fans(forecast: pd.DataFrame) -> Figure:
    """Draw HBM revenue and CoWoS capacity by quarter: medians, 50 % and 90 % intervals.

    Parameters
    ----------
    forecast : pandas.DataFrame
        Rows of one run: run_id, as_of, quantity, period, unit, p05, p25, p50, p75, p95.

    Returns
    -------
    matplotlib.figure.Figure
    """
    provenance = Provenance(
        str(forecast["run_id"].iloc[0]), f"{pd.Timestamp(forecast['as_of'].iloc[0]):%Y-%m-%d}"
    )
    with plot_style():
        figure = new_figure(9.6, 3.4)
        for axes, quantity in zip(figure.subplots(1, 2), QUANTITIES, strict=True):
            _fan(axes, forecast[forecast["quantity"] == quantity], quantity, provenance)
        return finish(
            figure, "HBM and CoWoS by quarter", provenance, "as at each chart", "50 % (dark) and 90 %",
            "Dotted: the as-of day. What lies left of it is estimated from published figures too.",
        )  # fmt: skip


def _fan(axes: Axes, rows: pd.DataFrame, quantity: str, provenance: Provenance) -> None:
    quarters = rows[rows["period"].str.contains("Q")].sort_values("period")
    divisor, unit = quantity_unit(quantity, str(quarters["unit"].iloc[0]), quarters["p50"])
    middle = [int(period[:4]) + (int(period[-1]) - 0.5) / 4 for period in quarters["period"]]
    for low, high, alpha in BANDS:
        axes.fill_between(
            middle, quarters[low] / divisor, quarters[high] / divisor, color=BLUE, alpha=alpha, lw=0
        )
    axes.plot(middle, quarters["p50"] / divisor, color=BLUE, lw=1.6)
    axes.axvline(provenance.as_of_year, color=GREY, lw=1, ls=":")
    axes.set_title(f"{quantity_title(quantity)}, {unit}")
    axes.set_xlim(2021, 2028)
    axes.set_ylim(bottom=0)
