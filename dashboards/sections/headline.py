"""The headline quantities of every year in one table."""

from typing import Any

from dashboards.blocks import section_block, table_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.tables import headline_table


def headline_section(frames: ReportFrames, gallery: Gallery) -> dict[str, Any]:
    """Make the section of the headline table."""
    headline = headline_table(frames.forecast, frames.binding)
    first = [
        "first" if quantity != before else ""
        for quantity, before in zip(headline["Quantity"], headline["Quantity"].shift(), strict=True)
    ]
    # On the page a name stands once, above its years.
    again = [not mark for mark in first]
    headline.loc[again, ["Quantity", "Unit"]] = ""
    return section_block(
        "headline",
        "Headline table",
        [table_block(headline, numeric=headline.columns[3:], row_css=first)],
        f"Intervals are {frames.provenance.interval_text} and come from joint draws: rows must not be "
        "added up.",
    )
