"""What a run must pass before it is served."""

from dashboards.blocks import Section, section_block, table_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.tables import diagnostics_table


def gate_section(frames: ReportFrames, gallery: Gallery) -> Section:
    """Make the section of the gate."""
    gate = diagnostics_table(frames.diagnostics)
    return section_block(
        "gate",
        "Gate: what a run must pass before it is served",
        [table_block(gate, numeric=("Value", "Threshold"), bad=("Passed", "NO"))],
    )
