"""How good past forecasts were, as the latest backtest says."""

from typing import Any

import numpy as np
import pandas as pd

from dashboards.blocks import Section, section_block, table_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.labels import number
from dashboards.sections.score_charts import (
    CHANCE,
    coverage_chart,
    name_of,
    pit_chart,
    skill_chart,
    skill_in_words,
)
from models.vocabulary.opponents import NOBODY
from models.vocabulary.rows import records

NOT_SCORED = "No backtest is stored: nothing here says how good the forecast is until `hbmcast backtest` ran."
COMMITTED = (
    "No backtest ran here yet. These scores came with the code: measured on {run_at} by version "
    "{code_version}, which may not be the one that made this forecast. `hbmcast backtest` makes your own."
)


def scores_section(frames: ReportFrames, _gallery: Gallery) -> Section:
    """Make the section of the page that says how good past forecasts were.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames

    Returns
    -------
    Section
        Without a backtest one sentence that says so.
    """
    title, board = "Scores: how good past forecasts were", frames.scoreboard
    if board.empty:
        return section_block("scores", title, [], NOT_SCORED)
    backtest = str(board["run_id"].iloc[0])
    cells = pd.DataFrame({
        "Quantity": [name_of(q) for q in board["quantity"]],
        "Horizon": board["horizon_group"],
        "Against": board["opponent"].replace(NOBODY, "– (all our forecasts)"),
        "Forecasts": board["n"].astype(str),
        "Targets": board["n_targets"].astype(str),
        "Independent": _counts(board, "n_independent"),
        "CRPS": [number(v, 2) for v in board["crps"]],
        "Theirs": [number(v, 2) for v in board["opponent_crps"]],
        "Skill": [skill_in_words(row) for row in records(board)],
        "Without two": _numbers(board, "skill_without_two"),
        "Of medians": _numbers(board, "skill_of_medians"),
        **{f"In {k} %": [_share(v) for v in board[f"coverage_{k}"]] for k in (50, 80, 90)},
        "In 80 % by chance": [_chance(row) for row in records(board)],
    })  # fmt: skip
    committed = "code_version" in board
    return section_block(
        "scores", title,
        [
            *([] if committed else [pit_chart(frames)]),
            coverage_chart(frames),
            skill_chart(frames),
            table_block(cells, numeric=cells.columns[3:], summary=f"The whole scoreboard, {len(cells)} rows"),
        ],
        *([COMMITTED.format(**records(board)[0])] if committed else []),
        f"Backtest {backtest}: the model fitted again as of past days, each seeing only what was published "
        "by then, and scored against what was published later. Forecasts of one target at many as-of days "
        "err together, so the number of targets says more than the number of forecasts; independent are "
        "those that share no evidence (a year and its quarters are one).",
        "Skill is the share by which our CRPS (of the log, lower is better) lies below the opponent's on the "
        "same days and targets: 0.25 is a quarter better, below zero is worse. Each opponent has the spread "
        "of its own past errors known by the day, so that a distribution meets a distribution. Beside it: "
        "skill without the two targets that weigh most, and of the medians alone.",
        "By chance: where nine in ten calibrated forecasts would lie on these targets and days. Of two "
        "years' revenue nearly all forecasts are inside or nearly all outside, whoever makes them.",
    )  # fmt: skip


def _counts(board: pd.DataFrame, name: str) -> list[str]:
    """Whole numbers of a column; scores of before it have none."""
    return ["–" if pd.isna(v) else f"{v:.0f}" for v in board.get(name, pd.Series(np.nan, board.index))]


def _numbers(board: pd.DataFrame, name: str) -> list[str]:
    return ["–" if pd.isna(v) else f"{v:.2f}" for v in board.get(name, pd.Series(np.nan, board.index))]


def _share(value: float) -> str:
    return "–" if pd.isna(value) else f"{100 * value:.0f} %"


def _chance(row: dict[str, Any]) -> str:
    low, high = (row.get(end, float("nan")) for end in CHANCE)
    return "–" if pd.isna(low) else f"{100 * low:.0f}–{100 * high:.0f} %"
