"""Sections of the nightly page, put together for a tab of the app."""

from typing import Final

from dashboards.blocks import section_block, table_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.page import MakesSection, render_part
from dashboards.sections.drivers import drivers_section
from dashboards.sections.fans import fan_chart
from dashboards.sections.gate import gate_section
from dashboards.sections.news import news_section
from dashboards.sections.prospective import prospective_section
from dashboards.sections.publishers import publishers_section
from dashboards.sections.record import record_section
from dashboards.sections.scores import scores_section
from dashboards.tables import headline_table

PARTS: Final[dict[str, tuple[MakesSection, ...]]] = {
    "posterior": (drivers_section, publishers_section, gate_section),
    "scoreboard": (scores_section, prospective_section, record_section),
}


def part(frames: ReportFrames, name: str) -> str:
    """Render the sections of one of `PARTS`."""
    gallery = Gallery(frames.provenance)
    return render_part(frames, [section(frames, gallery) for section in PARTS[name]])


def forecast_part(frames: ReportFrames, quantity: str) -> str:
    """Render a quantity's fan chart, whose points open their source, the headline table, and the news."""
    headline = headline_table(frames.forecast, frames.binding)
    table = table_block(headline, numeric=headline.columns[2:])
    sections = [
        section_block("fan", "", [fan_chart(frames, quantity)]),
        section_block("headline", "Headline", [table]),
        news_section(frames, Gallery(frames.provenance)),
    ]
    return render_part(frames, sections)
