"""The hedgehog: what was forecast of a year, night by night and vintage by vintage, against what came."""

from datetime import date, timedelta
from typing import Any, Final

import pandas as pd

from dashboards import grammar
from dashboards.blocks import ChartBlock, NothingBlock, Section, section_block
from dashboards.chart_cache import Gallery
from dashboards.evidence import QUARTER_SPREAD, place_figures
from dashboards.frames import ReportFrames
from dashboards.grammar import Spec
from dashboards.labels import quantity_title, quantity_unit
from dashboards.steps import earlier_runs, thinned
from dashboards.style import decimal_year
from dashboards.tables import headline_quantities
from models.vocabulary.opponents import MEDIAN_DAYS
from models.vocabulary.periods import YEARS
from models.vocabulary.quantities import TRACKED

SHOWN_YEARS: Final = YEARS[2:]
FIGURES_YEARS: Final = 3.0
"""How far back the street is shown before the first forecast of ours, which alone says nothing."""
SHORT_YEARS: Final = 1.5
ALONE: Final = "one day's forecast, and no other day, figure or outcome to lay beside it"
LOOK: Final = (
    "Look how the blue medians walk to the line of what came, how often it lay inside their 80 % bars, and "
    "who was nearer: we or the street's median (orange)."
)


def record_section(frames: ReportFrames, _gallery: Gallery) -> Section:
    """Make the section of forecasts against what came."""
    headline = headline_quantities()
    shown = [*headline, *(name for name in TRACKED if name not in headline)]
    blocks = [hedgehog_chart(frames, name) for name in shown]
    vintages = (
        ""
        if len(frames.vintages)
        else " No backtest with kept forecasts here: only published runs are drawn."
    )
    return section_block(
        "record",
        "Every forecast against what came",
        blocks,
        "One panel a year. From left to right the day of the forecast; each bar is the 80 % interval and the "
        "median that was forecast on that day, by a published run or by a vintage of the backtest (the model "
        "fitted again on what was known then). Orange: the street, the median of each publisher's newest "
        f"figure of the last {MEDIAN_DAYS} days. Faint points: the figures themselves, joined where a "
        f"publisher revised them.{vintages}",
    )


def forecasts_of(frames: ReportFrames, quantity: str) -> pd.DataFrame:
    """Put together what vintages and runs forecast of a quantity.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    quantity : str

    Returns
    -------
    pandas.DataFrame
        ``day (datetime.date), by, period, p10, p50, p90``.
    """
    columns = ["day", "by", "period", "p10", "p50", "p90"]
    own, as_of = frames.provenance.run_id, pd.Timestamp(frames.provenance.as_of).date()
    kept = thinned(earlier_runs(frames.history, own, as_of))
    parts = []
    if len(frames.vintages):
        parts.append(frames.vintages.assign(by="vintage"))
    if len(frames.history):
        history = frames.history[frames.history["run_id"].isin(kept["run_id"])]
        parts.append(history.assign(by="run " + history["run_id"].astype(str)))
    if not parts:
        parts = [frames.forecast.assign(by=f"run {own}", as_of=as_of)]
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[rows["quantity"] == quantity]
    rows = rows.assign(day=pd.to_datetime(rows["as_of"]).dt.date, period=rows["period"].astype(str))
    return rows.loc[rows["day"] <= as_of, columns].sort_values("day")


def about_year(points: pd.DataFrame, year: str) -> pd.DataFrame:
    """Take the figures about a year, or about a level at its end.

    Parameters
    ----------
    points : pandas.DataFrame
        From `dashboards.evidence.place_figures`.
    year : str

    Returns
    -------
    pandas.DataFrame
        With ``day``, the day from which each was known.
    """
    place = points["x"].astype(float)
    whole = points["panel"].eq("year") & place.floordiv(1).eq(float(year))
    # Points of one day are spread a little to both sides of it.
    end = points["aggregation"].eq("end") & points["panel"].eq("quarter")
    end &= (place - (float(year) + 1)).abs() < QUARTER_SPREAD
    shown = points[whole | end].copy()
    shown["day"] = [date.fromisoformat(day) for day in shown["known_on"]]
    return shown


def street_median(points: pd.DataFrame, days: list[date]) -> list[float | None]:
    """Median of each publisher's newest figure of the last `MEDIAN_DAYS`, on each of some days.

    Parameters
    ----------
    points : pandas.DataFrame
        ``publisher, day (datetime.date), value``, of one target in its own definition.
    days : list of datetime.date

    Returns
    -------
    list of float or None
        None where nobody had said anything.
    """
    known = points.dropna(subset=["value", "day"]).sort_values("day")
    found: list[float | None] = []
    for day in days:
        seen = known[(known["day"] >= day - timedelta(days=MEDIAN_DAYS)) & (known["day"] <= day)]
        newest = seen.groupby("publisher")["value"].last()
        found.append(float(newest.median()) if len(newest) else None)
    return found


def hedgehog_chart(frames: ReportFrames, quantity: str) -> ChartBlock | NothingBlock:
    """Make the chart of every forecast of a quantity's years against what came.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    quantity : str

    Returns
    -------
    ChartBlock or NothingBlock
    """
    title = quantity_title(quantity)
    own = frames.forecast[frames.forecast["quantity"] == quantity]
    if own.empty:
        return grammar.nothing_block(title, f"no forecast of {quantity} in this run")
    unit = str(own["unit"].iloc[0])
    divisor, name = quantity_unit(quantity, unit, own["p95"])
    told = forecasts_of(frames, quantity)
    about = frames.evidence[frames.evidence["quantity"] == quantity]
    points, _ = place_figures(about, unit)
    points = points[points["used"].fillna(False).astype(bool)]
    years = [year for year in SHOWN_YEARS if (told["period"] == year).any()]
    drawn = {
        year: _year(frames, told[told["period"] == year], about_year(points, year), year, quantity, divisor)
        for year in years
    }
    panels = [panel for panel in drawn.values() if panel]
    if not panels:
        return grammar.nothing_block(title, ALONE)
    alone = ", ".join(year for year, panel in drawn.items() if not panel)
    legend = [
        grammar.entry("ours", "ours, median and 80 %", "blue", "line"),
        grammar.entry("street", "the street's median", "orange", "line"),
        grammar.entry("figures", "published figures", "grey", "dot"),
        grammar.entry("came", "what came", "black", "dash"),
    ]
    note = "What came is as the backtest reads it." + (f" Not drawn: {alone} ({ALONE})." if alone else "")
    foot = grammar.footline(frames.provenance, name, "80 %", note=note)
    return grammar.chart_block(
        f"record-{quantity}", title, LOOK, panels, foot, name, legend=legend, columns=3, least=270
    )  # fmt: skip


def _year(
    frames: ReportFrames, told: pd.DataFrame, shown: pd.DataFrame, year: str, quantity: str, divisor: float
) -> Spec | None:
    """Make a year's panel; None where a single day's forecast would stand alone on it."""
    place = grammar.places(decimal_year(day) for day in told["day"])
    as_of = decimal_year(frames.provenance.as_of)
    valued = shown.loc[shown["value"].notna(), "day"]
    known = [day for day in valued if as_of - FIGURES_YEARS <= decimal_year(day) <= as_of]
    outcome = _outcome(frames, year, quantity)
    if told["day"].nunique() < 2 and not known and outcome is None:
        return None
    first = min([*place, as_of - 0.5, *map(decimal_year, known)])
    days = sorted({*told["day"], *known})
    named = [f"{day}, {by}" for day, by in zip(told["day"], told["by"], strict=True)]
    own = shown[shown["definition"].fillna("").astype(str).str.strip() == ""]
    street = {
        "type": "line", "key": "street", "name": "the street's median", "colour": "orange",
        "x": grammar.places(decimal_year(day) for day in days), "periods": [str(day) for day in days],
        "y": grammar.numbers([float("nan") if v is None else v for v in street_median(own, days)], divisor),
    }  # fmt: skip
    path = {
        "type": "line",
        "key": "ours",
        "name": "ours",
        "colour": "blue",
        "weight": 1.1,
        "silent": True,
        "x": place,
        "y": grammar.numbers(told["p50"], divisor),
    }
    ours = grammar.interval(
        "ours", "ours", place, told[["p10", "p50", "p90"]], divisor, thin=True, periods=named
    )
    marks: list[Spec] = [*_published(shown, divisor), street, path, ours]
    seen = shown.loc[shown["day"].isin(known), "value"]
    values = [
        *ours["p10"],
        *ours["p90"],
        *(v for v in street["y"] if v is not None),
        *(seen.dropna() / divisor),
    ]
    if outcome is not None:
        value = grammar.rounded(outcome / divisor)
        rule = {"type": "rule", "key": "came", "name": "what came", "axis": "y", "at": value}
        marks.append(rule | {"label": f"what came: {value:,.4g}"})
        values.append(value)
    x = {"type": "linear", "min": round(first - 0.1, 3), "max": round(as_of + 0.1, 3)}
    x["ticks"] = _ticks(first, as_of)
    return grammar.panel(year, x, grammar.value_axis(values, log=None), marks, height=220)


def _ticks(first: float, last: float) -> list[list[Any]]:
    """Mark the turns of the years; of the quarters too, where a year would be most of the axis."""
    turns = range(4 * int(first), 4 * int(last) + 5, 1 if last - first < SHORT_YEARS else 4)
    return [[n / 4, f"{n // 4}-{3 * (n % 4) + 1:02d}" if n % 4 else str(n // 4)] for n in turns]


def _published(shown: pd.DataFrame, divisor: float) -> list[Spec]:
    """Mark the figures about a year, joined where a publisher revised them."""
    shown = shown.dropna(subset=["value"]).sort_values("day")
    marks: list[Spec] = []
    for publisher, part in [("published figure", shown), *shown.groupby("publisher")]:
        mark = {
            "key": "figures",
            "name": str(publisher),
            "colour": "grey",
            "y": grammar.numbers(part["value"], divisor),
            "x": grammar.places(decimal_year(day) for day in part["day"]),
        }
        if not marks:
            figures = part["figure_id"].tolist()
            marks.append(mark | {"type": "points", "figure": figures, "faint": [True] * len(part)})
        elif len(part) > 1:
            marks.append(mark | {"type": "line", "weight": 0.8, "opacity": 0.5, "silent": True})
    return marks


def _outcome(frames: ReportFrames, year: str, quantity: str) -> float | None:
    """Outcome of a year; of a level that of its last quarter."""
    outcomes = frames.outcomes
    if outcomes.empty:
        return None
    is_level = (frames.forecast.loc[frames.forecast["quantity"] == quantity, "yearly"] == "end").any()
    periods = [year, f"{year}Q4"] if is_level else [year]
    own = outcomes[(outcomes["quantity"] == quantity) & outcomes["period"].astype(str).isin(periods)]
    return float(own.sort_values("period")["value"].iloc[-1]) if len(own) else None
