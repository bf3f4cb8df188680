"""What moved the headline since an earlier run, split into parts."""

from typing import Any, Final

import pandas as pd

from dashboards import grammar
from dashboards.blocks import section_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.grammar import Spec
from dashboards.labels import quantity_title, quantity_unit
from dashboards.tables import headline_quantities
from models.vocabulary.results.news import LAST_RUN, WHOLE
from models.vocabulary.rows import records

MOST_PARTS = 12
PARTS_IN_WORDS = 2
LOOK: Final = (
    "Look at the longest bars: they say which figures moved the median, and by how much. The parts add up to "
    "the whole move on top."
)


def news_section(frames: ReportFrames, _gallery: Gallery) -> dict[str, Any]:
    """Make the section of what moved the headline."""
    title, news = "News: what moved the headline", frames.table("news")
    if news.empty:
        return section_block(
            "news", title, [], "This run says nothing of what moved it: it was not split into parts."
        )
    blocks = [
        news_chart(frames, news[news["quantity"] == name], name)
        for name in headline_quantities() if name in set(news["quantity"])
    ]  # fmt: skip
    return section_block("news", title, blocks)


def news_in_words(news: pd.DataFrame, quantity: str, period: str) -> str:
    """Say in one sentence what moved a quantity since the last run most.

    Parameters
    ----------
    news : pandas.DataFrame
        Table ``news`` of the run; may be without columns.
    quantity, period : str

    Returns
    -------
    str
        Empty where the table says nothing of it.
    """
    rows = news[(news["quantity"] == quantity) & (news["period"] == period)] if len(news) else news
    rows = rows[rows["since"] == LAST_RUN] if len(rows) else rows
    if rows.empty or not (rows["part"] == WHOLE).any():
        return ""
    divisor, unit = quantity_unit(quantity, str(rows["unit"].iloc[0]), rows["earlier_p50"])
    parts = rows[rows["part"] != WHOLE]
    largest = parts.loc[parts["p50"].abs().sort_values(ascending=False).index].head(PARTS_IN_WORDS)
    whole = float(rows.loc[rows["part"] == WHOLE, "p50"].iloc[0]) / divisor
    said = "; ".join(f"{_part(row)} {row['p50'] / divisor:+.2g}" for row in records(largest))
    return f"{period} moved by {whole:+.2g} {unit} since the {LAST_RUN}" + (f": {said}" if said else "")


def news_chart(frames: ReportFrames, news: pd.DataFrame, quantity: str) -> Spec:
    """Make the chart of the parts of a quantity's move, a panel for each year and earlier run.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    news : pandas.DataFrame
        Rows of the table ``news`` about the quantity.
    quantity : str

    Returns
    -------
    dict
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
        labels = [_part(row) for row in records(shown)]
        bars = {
            "type": "bars", "key": "move", "name": "move of the median", "at": list(range(len(shown))),
            "to": grammar.numbers(move),
            "colours": ["grey" if p == WHOLE else "blue" if m >= 0 else "vermillion"
                        for p, m in zip(shown["part"], move, strict=True)],
            "words": [_words(row, divisor, unit) for row in records(shown)],
        }  # fmt: skip
        earlier = f"{part['earlier_run_id'].iloc[0]}, as of {str(part['earlier_as_of'].iloc[0])[:10]}"
        zero = {"type": "rule", "key": "zero", "name": "no move", "at": 0.0, "dash": ""}
        heading = f"{period}, since the {since} ({earlier})"
        panels.append(grammar.panel(heading, x, grammar.rows_axis(labels), [zero, bars]))
    foot = grammar.footline(
        frames.provenance, f"{unit}, move of the median", "", note=f"The {MOST_PARTS} largest parts."
    )
    return grammar.chart_block(
        f"news-{quantity}", quantity_title(quantity), LOOK, panels, foot, unit, columns=2, least=420
    )  # fmt: skip


def _part(row: dict[str, Any]) -> str:
    if row["part"] == WHOLE:
        return "the whole move"
    who = ", ".join(
        text for text in (row.get("publisher"), row.get("about")) if isinstance(text, str) and text
    )
    return f"{row['part']}: {who}" if who else str(row["part"])


def _words(row: dict[str, Any], divisor: float, unit: str) -> str:
    ends = ", ".join(
        f"{level} {row[name] / divisor:+.3g}"
        for level, name in (("5 %", "p05"), ("95 %", "p95"))
        if pd.notna(row[name])
    )
    error = f" ± {row['error_p50'] / divisor:.2g}" if pd.notna(row["error_p50"]) else ""
    trust = (
        ""
        if pd.isna(row.get("pareto_k")) or row["pareto_k"] <= 0.7
        else "; not to be trusted (Pareto k above 0.7)"
    )
    figures = f"; {row['figure_ids']}" if isinstance(row.get("figure_ids"), str) and row["figure_ids"] else ""
    return f"median {row['p50'] / divisor:+.3g}{error} {unit}; {ends}{figures}{trust}"
