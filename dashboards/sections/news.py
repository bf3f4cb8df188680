"""What moved the headline since an earlier run, split into parts."""

from typing import Any, Final

import pandas as pd

from dashboards import grammar
from dashboards.blocks import ChartBlock, NothingBlock, Section, section_block, table_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.labels import number, quantity_title, quantity_unit
from dashboards.news_words import part_in_words, sentences, signed
from dashboards.tables import headline_quantities, years_asked
from models.vocabulary.results.news import WHOLE
from models.vocabulary.rows import records

MOST_PARTS = 12
NEXT_SHOWN = 10
LOOK: Final = (
    "Look at the longest bars: they say which figures moved the median, and by how much. The parts add up to "
    "the whole move on top."
)
NEXT: Final = (
    "The table: the figures that, if they came tomorrow as their publishers usually print, would "
    "narrow a 90 % interval most."
)
NOTHING: Final = "What moved is split into parts from the second run on; of this run nothing is."


def news_section(frames: ReportFrames, _gallery: Gallery) -> Section:
    """Make the section of what moved the headline."""
    title, news = "News: what moved the headline", frames.table("news")
    following = next_table(frames.table("value_of_next_figure"))
    asked = [table_block(following, numeric=("Narrower by", "±"))] if len(following) else []
    if news.empty:
        return section_block("news", title, asked, NOTHING, *([NEXT] if asked else []))
    as_of = pd.Timestamp(frames.provenance.as_of).date()
    # Years that are over move by little that a reader acts on; an unchanged forecast by nothing at all.
    asked_for = news[news["period"].isin(years_asked(as_of))] if years_asked(as_of) else news
    moved = asked_for[
        asked_for.groupby(["since", "quantity", "period"])["p50"].transform(lambda p: p.abs().max()) > 0
    ]
    blocks = [
        news_chart(frames, moved[moved["quantity"] == name], name)
        for name in headline_quantities() if name in set(moved["quantity"])
    ]  # fmt: skip
    told = sentences(news, as_of)
    return section_block("news", title, [*blocks, *asked], *told, *([NEXT] if asked else []))


def next_table(following: pd.DataFrame) -> pd.DataFrame:
    """List the figures that would narrow an interval most, each with the interval it would narrow most.

    Parameters
    ----------
    following : pandas.DataFrame
        Table ``value_of_next_figure`` of the run; may be without columns.

    Returns
    -------
    pandas.DataFrame
        All text; without rows where the run says nothing of them.
    """
    if following.empty:
        return pd.DataFrame()
    best = following.sort_values("narrowing", ascending=False, kind="stable")
    best = best.drop_duplicates(["publisher", "like_figure_id", "figure_period"]).head(NEXT_SHOWN)
    rows = []
    for row in records(best):
        divisor, unit = quantity_unit(row["quantity"], row["unit"], [row["width"]])
        now, then = number(row["width"] / divisor), number(row["expected_width"] / divisor)
        rows.append({
            "Figure of tomorrow": f"{row['publisher']}: {quantity_title(row['figure_quantity'])} "
                                  f"{row['figure_period']} ({row['kind']})",
            "Would narrow": f"{quantity_title(row['quantity'])} {row['period']}",
            "90 % interval": f"{now} to {then} {unit} wide",
            "Narrower by": f"{100 * row['narrowing']:.0f} %",
            "±": f"{100 * row['error']:.1f} %",
        })  # fmt: skip
    return pd.DataFrame(rows)


def news_chart(frames: ReportFrames, news: pd.DataFrame, quantity: str) -> ChartBlock | NothingBlock:
    """Make the chart of the parts of a quantity's move, a panel for each year and earlier run.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    news : pandas.DataFrame
        Rows of the table ``news`` about the quantity.
    quantity : str

    Returns
    -------
    ChartBlock or NothingBlock
    """
    divisor, unit = quantity_unit(quantity, str(news["unit"].iloc[0]), news["earlier_p50"])
    panels = []
    for (since, period), part in news.groupby(["since", "period"], sort=True):
        order = (
            part["p50"].abs().where(part["part"] != WHOLE, float("inf")).sort_values(ascending=False).index
        )
        shown = part.loc[order].head(MOST_PARTS + 1)
        error = 1.645 * shown["error_p50"].fillna(0.0)
        move = shown["p50"] / divisor
        values = [*(move - error / divisor), *(move + error / divisor), 0.0]
        x = grammar.value_axis(values, zero=False, signed=True)
        labels = [part_in_words(row) for row in records(shown)]
        bars = {
            "type": "bars", "key": "move", "name": "move of the median", "at": list(range(len(shown))),
            "to": grammar.numbers(move),
            "colours": ["grey" if p == WHOLE else "blue" if m >= 0 else "vermillion"
                        for p, m in zip(shown["part"], move, strict=True)],
            "words": [_words(row, divisor, unit) for row in records(shown)],
        }  # fmt: skip
        zero = {"type": "rule", "key": "zero", "name": "no move", "at": 0.0, "dash": ""}
        heading = f"{period}, since the {since} (as of {str(part['earlier_as_of'].iloc[0])[:10]})"
        panels.append(grammar.panel(heading, x, grammar.rows_axis(labels), [zero, bars]))
    foot = grammar.footline(
        frames.provenance, f"{unit}, move of the median", "", note=f"The {MOST_PARTS} largest parts."
    )
    return grammar.chart_block(
        f"news-{quantity}", quantity_title(quantity), LOOK, panels, foot, unit, columns=2, least=420
    )  # fmt: skip


def _words(row: dict[str, Any], divisor: float, unit: str) -> str:
    ends = ", ".join(
        f"{level} {signed(row[name] / divisor, 3)}"
        for level, name in (("5 %", "p05"), ("95 %", "p95"))
        if pd.notna(row[name])
    )
    error = f" ± {number(row['error_p50'] / divisor, 2)}" if pd.notna(row["error_p50"]) else ""
    trust = (
        ""
        if pd.isna(row.get("pareto_k")) or row["pareto_k"] <= 0.7
        else "; not to be trusted (Pareto k above 0.7)"
    )
    figures = f"; {row['figure_ids']}" if isinstance(row.get("figure_ids"), str) and row["figure_ids"] else ""
    return f"median {signed(row['p50'] / divisor, 3)}{error} {unit}; {ends}{figures}{trust}"
