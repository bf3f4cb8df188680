"""The first screen: headline quantities as small fans, what changed, and what is probable."""

from typing import Any, Final

import pandas as pd

from dashboards import grammar
from dashboards.blocks import Card, ChartBlock, Section, section_block, table_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.futures import in_words, statements
from dashboards.labels import STAGES, number, quantity_title, quantity_unit
from dashboards.news_words import news_in_words
from dashboards.steps import A_MONTH_AGO, THE_LAST_RUN, change_in_words, compared
from dashboards.tables import headline_quantities, headline_table, years_asked
from models.vocabulary.periods import YEARS
from models.vocabulary.rows import records, rows_of

INTERVALS: Final = (("50 %", "p25", "p75"), ("80 %", "p10", "p90"), ("90 %", "p05", "p95"))
STAR: Final = " Look at what moved: a star says that the new median lies outside the earlier 50 %."
SMALL_YEARS: Final = YEARS[2:]


def headline_section(frames: ReportFrames, _gallery: Gallery) -> Section:
    """Make the section of the first screen, with the table of all years folded away."""
    before = compared(frames)
    cards = [card for name in headline_quantities() if (card := headline_card(frames, name, before))]
    headline = headline_table(frames.forecast, frames.binding)
    first = [
        "first" if quantity != above else ""
        for quantity, above in zip(headline["Quantity"], headline["Quantity"].shift(), strict=True)
    ]
    # On the page a name stands once, above its years.
    headline.loc[[not mark for mark in first], ["Quantity", "Unit"]] = ""
    against = [
        f"{words}: {rows['run_id'].iloc[0]}, as of {str(rows['as_of'].iloc[0])[:10]}"
        for words, rows in before.items()
    ]
    return section_block(
        "headline",
        "Headline",
        [
            {"kind": "cards", "cards": cards, "limits": _limits(frames)},
            table_block(
                headline, numeric=headline.columns[3:], row_css=first, summary="All years in one table",
            ),
        ],
        f"Medians, and {frames.provenance.interval_text} intervals of the quantity. They come from joint "
        "draws: rows must not be added up."
        + (STAR if against else ""),
        "Compared with " + "; ".join(against) + "." if against else "No earlier run is kept to compare with.",
    )  # fmt: skip


def headline_card(frames: ReportFrames, quantity: str, before: dict[str, pd.DataFrame]) -> Card | None:
    """Make the card of a quantity: a small fan, numbers of two years, changes and probabilities.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    quantity : str
    before : dict of str to pandas.DataFrame
        From `dashboards.steps.compared`.

    Returns
    -------
    Card or None
        None when the run has no forecast of the quantity.
    """
    rows = frames.forecast[(frames.forecast["quantity"] == quantity) & frames.forecast["period"].isin(YEARS)]
    if rows.empty:
        return None
    unit = str(rows["unit"].iloc[0])
    divisor, name = quantity_unit(quantity, unit, rows["p50"])
    as_of = pd.Timestamp(frames.provenance.as_of).date()
    years = [year for year in (years_asked(as_of) or YEARS[-2:]) if year in set(rows["period"])]
    at = {str(row["period"]): row for row in records(rows)}
    lines = [("Median", "median", [number(at[year]["p50"] / divisor) for year in years])]
    lines += [
        (
            level,
            "",
            [f"{number(at[y][low] / divisor)} to {number(at[y][high] / divisor)}" for y in years],
        )
        for level, low, high in INTERVALS
    ]
    for words in (THE_LAST_RUN, A_MONTH_AGO):
        if (then := before.get(words)) is None:
            continue
        earlier = _earlier(then, quantity)
        cells = [change_in_words(at[year]["p50"], earlier.get(year)) for year in years]
        lines.append((f"since {words}", "change", cells))
    return {
        "title": quantity_title(quantity), "unit": name, "years": years, "fan": f"fan-{quantity}",
        "chart": _small_fan(quantity, name, rows, divisor, frames),
        "lines": [{"name": line, "css": css, "cells": cells} for line, css, cells in lines],
        "statements": [
            *statements(frames.drawn, quantity, unit, as_of),
            *([why] if (why := news_in_words(frames.table("news"), quantity, years[-1])) else []),
        ],
    }  # fmt: skip


def _earlier(then: pd.DataFrame, quantity: str) -> dict[str, dict[str, Any]]:
    return {str(row["period"]): row for row in records(then[then["quantity"] == quantity])}


def _small_fan(
    quantity: str, unit: str, rows: pd.DataFrame, divisor: float, frames: ReportFrames
) -> ChartBlock:
    shown = rows[rows["period"].isin(SMALL_YEARS)].sort_values("period")
    places = [float(period) for period in shown["period"]]
    fan = grammar.fan("fan", "forecast", places, shown, divisor, shape="slot", width=0.86)
    axis = {
        "type": "linear", "min": places[0] - 0.5, "max": places[-1] + 0.5, "slots": [],
        "ticks": [[x, str(int(x))] for x in places],
    }  # fmt: skip
    y = grammar.value_axis(grammar.numbers([0.0, *shown["p95"]], divisor))
    one = grammar.panel("", axis, y, [fan], kind="year", height=128, small=True)
    foot = grammar.footline(frames.provenance, unit, grammar.THREE_BANDS)
    title = quantity_title(quantity)
    return grammar.chart_block(
        f"head-{quantity}", title, f"Median and bands per year of {title}.", [one], foot, unit
    )


def _limits(frames: ReportFrames) -> list[str]:
    """Say what limits shipments, as so many of twenty futures."""
    years = years_asked(pd.Timestamp(frames.provenance.as_of).date())
    said = []
    for year in years:
        rows = frames.binding[frames.binding["period"] == year] if len(frames.binding) else frames.binding
        parts = [
            f"{STAGES[row.stage]} {in_words(float(row.probability)).removeprefix('in ')}"
            for row in rows_of(rows.sort_values("probability", ascending=False))
            if row.stage in STAGES
        ]
        if parts:
            said.append(f"{year}: " + ", ".join(parts))
    return said
