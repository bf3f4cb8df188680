"""Evidence both ways: from a number of the forecast to its figures, and from a figure to what it pulls."""

from typing import Any, Final

import pandas as pd

from dashboards.app.what_if import Basis
from dashboards.evidence import figure_facts
from dashboards.frames import ReportFrames
from dashboards.labels import number, parameter_words, quantity_title, quantity_unit
from dashboards.sections.systems import REST
from dashboards.tables import headline_quantities
from models.attribution.without_figure import WithoutFigure, without_figure
from models.vocabulary.periods import YEARS, PeriodError, parse_period
from models.vocabulary.rows import records

FIGURE_COLUMNS: Final = (
    "figure", "publisher", "printed", "pull", "expected", "period", "published", "kind", "PIT", "weight",
    "used",
)  # fmt: skip
MOST_DRIVERS = 6


def digits_or_nothing(value: float | None) -> str:
    """Write a number of a table of figures; nothing where the model expects nothing of the figure."""
    return "" if pd.isna(value) else f"{value:.2f}"


FIGURE_FORMATS: Final = dict.fromkeys(("pull", "PIT", "weight"), digits_or_nothing)


def quantities_in(frames: ReportFrames) -> dict[str, str]:
    """Give the quantities of a run, in words, the headline first."""
    headline = headline_quantities()
    there = set(frames.forecast["quantity"])
    order = [*(q for q in headline if q in there), *sorted(there - set(headline))]
    titles = [quantity_title(q) for q in order]
    # Two quantities may read alike: their names tell them apart.
    return {t if titles.count(t) == 1 else f"{t} ({q})": q for t, q in zip(titles, order, strict=True)}


def number_in_words(frames: ReportFrames, quantity: str, period: str) -> str:
    """Say a number of the forecast with its intervals.

    Parameters
    ----------
    frames : ReportFrames
    quantity : str
        As the table ``forecast`` names it.
    period : str
        '2026' or '2026Q1'.

    Returns
    -------
    str
        In the unit of the page; where the run has no such forecast, that it has none.
    """
    rows = frames.forecast
    rows = rows[(rows["quantity"] == quantity) & (rows["period"] == period)]
    if rows.empty:
        return f"This run has no forecast of {quantity} in {period}."
    row = rows.iloc[0]
    divisor, unit = quantity_unit(quantity, str(row["unit"]), [row["p50"]])

    def between(low: str, high: str) -> str:
        return f"{number(row[low] / divisor)} to {number(row[high] / divisor)}"

    return (
        f"{quantity_title(quantity)}, {period}: median {number(row['p50'] / divisor)} {unit}; 50 %: "
        f"{between('p25', 'p75')}; 80 %: {between('p10', 'p90')}; 90 %: {between('p05', 'p95')}"
    )


def figures_of(frames: ReportFrames, quantity: str, period: str = "") -> pd.DataFrame:
    """List the published figures that speak of a quantity, the strongest pull first.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    quantity : str
    period : str
        Only figures whose period has a month in common with it; all without it.

    Returns
    -------
    DataFrame
        `FIGURE_COLUMNS`. ``pull``: how far the print lies from what the model expects of such a figure, in
        standard deviations; ``weight``: how much it counts in the posterior.
    """
    rows = frames.evidence[frames.evidence["quantity"] == quantity].drop_duplicates("figure_id")
    if period:
        asked = parse_period(period)
        meets = [_overlap(row, asked.start, asked.end) for row in records(rows)]
        rows = rows[pd.Series(meets, index=rows.index, dtype=bool)]
    facts = figure_facts(frames, set(rows["figure_id"]))
    weights = frames.figure_fit.drop_duplicates("figure_id").set_index("figure_id")["weight"]
    lines = [
        {
            "figure": id_, "publisher": fact["publisher"], "published": fact["published"],
            "period": fact["period"], "printed": fact["printed"], "kind": fact["kind"],
            "expected": fact["expected"], "PIT": fact["pit"], "pull": fact["pull"],
            "weight": float(weights.get(id_, float("nan"))), "used": fact["used"],
        }
        for id_, fact in facts.items()
    ]  # fmt: skip
    table = pd.DataFrame(lines, columns=list(FIGURE_COLUMNS))
    numeric = {name: pd.to_numeric(table[name], errors="coerce") for name in ("PIT", "pull", "weight")}
    table = table.assign(**numeric)
    return table.sort_values("pull", key=abs, ascending=False, na_position="last", ignore_index=True)


def figure_in_words(frames: ReportFrames, figure_id: str) -> dict[str, str]:
    """Give what is known of a figure, to be shown line by line; empty for one that the run did not see."""
    fact = figure_facts(frames, {figure_id}).get(figure_id)
    if fact is None:
        return {}
    by = fact["publisher"] + (f", via {fact['relayed_by']}" if fact["relayed_by"] else "")
    pull = "–" if fact["pull"] is None else f"{fact['pull']:+.2f} standard deviations (PIT {fact['pit']:.3f})"
    return {
        "figure": figure_id, "about": f"{fact['about']}, {fact['period']}", "printed": fact["printed"],
        "kind": fact["kind"], "published by": by, "published on": fact["published"], "title": fact["title"],
        "address": fact["url"], "the model expected": fact["expected"] or "–", "pull": pull,
        "used": fact["used"], "note": fact["note"],
    }  # fmt: skip


def effect_of(frames: ReportFrames, basis: Basis, figure_id: str) -> WithoutFigure:
    """Weigh the draws as if a figure had not been published.

    Parameters
    ----------
    frames : ReportFrames
        Their as-of day says from which year on it is looked at.
    basis : Basis
        Posterior and joint draws of the run.
    figure_id : str

    Returns
    -------
    WithoutFigure
        The headline quantities, year by year.

    Raises
    ------
    ValueError
        It does not inform the chain.
    """
    years = [year for year in YEARS if int(year) >= pd.Timestamp(frames.provenance.as_of).year]
    return without_figure(
        basis.problem, basis.raw, basis.drawn, figure_id, headline_quantities(), years or YEARS[-1:]
    )


def effect_table(effect: WithoutFigure) -> pd.DataFrame:
    """Lay out what a figure does to the headline as text, the largest effect first."""
    lines: list[dict[str, Any]] = []
    for row in records(effect.table):
        divisor, unit = quantity_unit(row["quantity"], row["unit"], [row["p50"]])
        lines.append({
            "quantity": quantity_title(row["quantity"]), "year": row["period"], "unit": unit,
            "median": number(row["p50"] / divisor), "without it": number(row["without_p50"] / divisor),
            "it moves the median by, %": round(100 * row["moved_p50"] / row["p50"], 2),
            "± (standard error), %": round(100 * row["error_p50"] / row["p50"], 2),
            "90 % without it": f"{number(row['without_p05'] / divisor)} to "
                               f"{number(row['without_p95'] / divisor)}",
        })  # fmt: skip
    table = pd.DataFrame(lines)
    return table.sort_values("it moves the median by, %", key=abs, ascending=False, ignore_index=True)


def hangs_on(frames: ReportFrames, quantity: str, period: str) -> str:
    """Say which drivers carry most of the variance of a number; empty where it was not split up.

    Parameters
    ----------
    frames : ReportFrames
    quantity, period : str
        As the table ``sensitivities`` has them.
    """
    rows = frames.sensitivities
    rows = rows[(rows["target"] == quantity) & (rows["period"] == period)] if len(rows) else rows
    if rows.empty:
        return ""
    largest = records(rows.sort_values("share", ascending=False).head(MOST_DRIVERS))
    names = ["no driver alone" if r["driver"] == REST else parameter_words(str(r["driver"])) for r in largest]
    parts = [f"{name} {100 * row['share']:.0f} %" for name, row in zip(names, largest, strict=True)]
    return f"Its interval hangs on: {', '.join(parts)} (shares of the variance of its logarithm)."


def _overlap(row: dict[str, Any], start: int, end: int) -> bool:
    try:
        own = parse_period(str(row["period"]), row.get("fiscal_year_end_month"))
    except PeriodError:
        return False
    return own.start <= end and own.end >= start
