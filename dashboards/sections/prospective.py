"""How the forecasts published here fared: frozen on their night, scored when outcomes arrived."""

import pandas as pd

from dashboards.blocks import Section, section_block, table_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.labels import quantity_title

TITLE = "Prospective scores: what was published here against what came"
EXPLAINED = (
    "Every published night keeps its quantiles and 200 joint draws for good, under a hash. A forecast is "
    "prospective when it was published before its outcome and was no rerun of history; this is the score "
    "that counts. Forecasts of one target err together: targets say more than forecasts."
)
NOTHING = "None of the frozen forecasts has met an outcome yet."


def prospective_section(frames: ReportFrames, _gallery: Gallery) -> Section:
    """Make the section of the page that scores the forecasts published from this state folder.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    """
    board = frames.prospective
    if board.empty:
        return section_block("prospective", TITLE, [], EXPLAINED, NOTHING)
    cells = pd.DataFrame({
        "Quantity": [quantity_title(q) for q in board["quantity"]],
        "Horizon": board["horizon_group"],
        "Forecast": ["prospective" if p else "rerun of history" for p in board["prospective"]],
        "Forecasts": board["n"].astype(str),
        "Targets": board["n_targets"].astype(str),
        "CRPS": [f"{v:.2f}" for v in board["crps"]],
        "Error of the median": [f"{v:.2f}" for v in board["absolute_error"]],
        **{f"In {k} %": [f"{100 * v:.0f} %" for v in board[f"coverage_{k}"]] for k in (50, 80, 90)},
    })  # fmt: skip
    table = table_block(
        cells, numeric=cells.columns[3:], summary=f"Scores of frozen forecasts, {len(cells)} rows"
    )
    return section_block("prospective", TITLE, [table], EXPLAINED)
