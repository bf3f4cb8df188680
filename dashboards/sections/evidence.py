"""The published figures behind the fan charts: used, or why not."""

from typing import Any

import pandas as pd

from dashboards.blocks import Section, section_block, table_block
from dashboards.chart_cache import Gallery
from dashboards.evidence import GROWTH_AGGREGATIONS, evidence_table, figure_unit, value_and_range
from dashboards.frames import ReportFrames
from dashboards.labels import (
    FAN_QUANTITIES,
    RELATED_QUANTITIES,
    number,
    quantity_title,
)
from models.vocabulary.rows import records
from models.vocabulary.units import VALUE_COLUMNS


def evidence_section(frames: ReportFrames, gallery: Gallery) -> Section:
    """Make the section of the figures behind the fan charts."""
    blocks = []
    for quantity in (*FAN_QUANTITIES, *RELATED_QUANTITIES):
        rows = evidence_table(frames.evidence, quantity)
        n_used = int(rows["status"].eq("used").sum())
        cells = pd.DataFrame({
            "Figure": rows["figure_id"],
            "Period": rows["period"].astype(str),
            "Value": [_statement(r) for r in records(rows)],
            "Kind": rows["kind"],
            "Metric": [" · ".join(str(v) for v in r if isinstance(v, str) and v) for r in
                       rows[["metric", "entity", "segment"]].itertuples(index=False)],
            "Publisher": rows["source"],
            "Published": rows["published_on"].astype(str).str[:10],
            "Used": rows["status"],
            "Link": rows["url"].fillna("").astype(str),
        })  # fmt: skip
        blocks.append(table_block(
            cells, links=("Link",), row_css=["" if s == "used" else "off" for s in rows["status"]],
            summary=f"{quantity_title(quantity)}: {len(rows)} figures, {n_used} used",
        ))  # fmt: skip
    text = (
        "Every figure that this run could see for the quantities of the fan charts. A figure in grey is not "
        "used, for the reason given. Figures about other quantities inform these too, through the model."
    )
    return section_block("evidence", "Evidence per headline quantity", blocks, text)


def _statement(row: dict[str, Any]) -> str:
    """Write a published value, range or bound with its unit."""
    values = [row[k] for k in VALUE_COLUMNS if pd.notna(row[k])]
    growth = " growth" if row["aggregation"] in GROWTH_AGGREGATIONS else ""
    divisor, unit = figure_unit(row, values)
    value, low, high = (number(row[k] / divisor) if pd.notna(row[k]) else "" for k in VALUE_COLUMNS)
    return f"{value_and_range(value, low, high)} {unit}{growth}"
