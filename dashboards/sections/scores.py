"""How good past forecasts were: PIT histograms, coverage and skill of the latest backtest."""

from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from scipy.stats import binom

from dashboards import style
from dashboards.blocks import section_block, table_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.labels import number, quantity_title, system_title
from models.scoring.horizons import ALL, LONG, SHORT
from models.scoring.scoreboard import ALL_SYSTEMS, NOBODY, SLASH
from models.vocabulary.opponents import RIVALS
from models.vocabulary.rows import records

SHOWN: Final = (
    *(ALL, "hbm_revenue_usd", "hbm_bits_gb", "cowos_capacity_tsmc_wafers_per_month", "dram_revenue_usd"),
    *("server_shipments", ALL_SYSTEMS),
)
HORIZONS: Final = {
    SHORT: ("o", style.BLUE),
    LONG: ("D", style.VERMILLION),
    ALL: ("s", style.BLACK),
}
PIT_BINS = 10
MOST_PUBLISHERS = 14
SKILL_SHOWN = (-1.0, 1.0)
CHANCE_LEVEL, CHANCE = 80, ("coverage_80_calibrated_low", "coverage_80_calibrated_high")
NOT_SCORED = "No backtest is stored: nothing here says how good the forecast is until `hbmcast backtest` ran."
COMMITTED = (
    "No backtest ran here yet. These scores came with the code: measured on {run_at} by version "
    "{code_version}, which may not be the one that made this forecast. `hbmcast backtest` makes your own."
)


def scores_section(frames: ReportFrames, gallery: Gallery) -> dict[str, Any]:
    """Make the section of the page that says how good past forecasts were.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
    gallery : dashboards.chart_cache.Gallery

    Returns
    -------
    dict
        Without a backtest one sentence that says so.
    """
    title, board, pits = "Scores: how good past forecasts were", frames.scoreboard, frames.pits
    if board.empty:
        return section_block("scores", title, [], NOT_SCORED)
    backtest = str(board["run_id"].iloc[0])
    cells = pd.DataFrame({
        "Quantity": [_name(q) for q in board["quantity"]],
        "Horizon": board["horizon_group"],
        "Against": board["opponent"].replace(NOBODY, "– (all our forecasts)"),
        "Forecasts": board["n"].astype(str),
        "Targets": board["n_targets"].astype(str),
        "Independent": _counts(board, "n_independent"),
        "CRPS": [number(v, 2) for v in board["crps"]],
        "Theirs": [number(v, 2) for v in board["opponent_crps"]],
        "Skill": [_skill(row) for row in records(board)],
        "Without two": _numbers(board, "skill_without_two"),
        "Of medians": _numbers(board, "skill_of_medians"),
        **{f"In {k} %": [_share(v) for v in board[f"coverage_{k}"]] for k in (50, 80, 90)},
        "In 80 % by chance": [_chance(row) for row in records(board)],
    })  # fmt: skip
    committed = "code_version" in board
    return section_block(
        "scores", title,
        [
            *([] if committed else [gallery.chart(pit_chart, pits, backtest)]),
            gallery.chart(coverage_chart, board, backtest),
            gallery.chart(skill_chart, board, backtest),
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
        "By chance: where nine in ten forecasts that are right would lie on these targets and days. Of two "
        "years' revenue nearly all forecasts are inside or nearly all outside, whoever makes them.",
    )  # fmt: skip


def _counts(board: pd.DataFrame, name: str) -> list[str]:
    """Whole numbers of a column; scores of before it have none."""
    return ["–" if pd.isna(v) else f"{v:.0f}" for v in board.get(name, pd.Series(np.nan, board.index))]


def _numbers(board: pd.DataFrame, name: str) -> list[str]:
    return ["–" if pd.isna(v) else f"{v:.2f}" for v in board.get(name, pd.Series(np.nan, board.index))]


def pit_chart(pits: pd.DataFrame, backtest: str, provenance: style.Provenance) -> Figure:
    """Draw PIT histograms of the backtest's forecasts, over all quantities and per quantity.

    Parameters
    ----------
    pits : pandas.DataFrame
        ``quantity, period, metric, value``.
    backtest : str
    provenance : style.Provenance

    Returns
    -------
    matplotlib.figure.Figure
        With the band that chance alone would fill.
    """
    title, unit = "PIT histograms of past forecasts", "% of the forecasts per bin"
    widened = pits["metric"].eq("pit_with_outcome_error") if len(pits) else pd.Series(dtype=bool)
    rows = (pits[widened] if widened.any() else pits).dropna(subset=["value"]) if len(pits) else pits
    if rows.empty:
        return style.empty_figure(title, provenance, unit, "no PIT in the latest backtest")
    ours = ~rows["quantity"].str.contains(SLASH, regex=False)
    parts = {ALL: rows[ours], ALL_SYSTEMS: rows[~ours]}
    parts |= {name: rows[rows["quantity"] == name] for name in SHOWN if name not in parts}
    shown = [(name, parts[name]) for name in SHOWN if len(parts[name])]
    with style.plot_style():
        figure, panels = style.panel_grid(len(shown), 4, 2.0, 0.95)
        for axes, (name, part) in zip(panels, shown, strict=True):
            _histogram(axes, part, name)
        what = "the outcome's own error counted in" if widened.any() else "against the bare outcome"
        return style.finish(
            figure, title, provenance, unit, "",
            f"PIT: predictive probability of a lower value, {what}; flat when calibrated, high at both ends "
            "when intervals are too narrow, high at the right when forecasts were too low.\n"
            "Grey: 90 % of what chance gives a bin, dark if all forecasts were independent, light if only "
            f"the targets are. Backtest {backtest}.",
        )  # fmt: skip


def _histogram(axes: Axes, part: pd.DataFrame, name: str) -> None:
    n, targets = len(part), len(part[["quantity", "period"]].drop_duplicates())
    for trials, alpha in ((targets, 0.35), (n, 0.75)):
        low, high = binom.ppf([0.05, 0.95], trials, 1 / PIT_BINS) / trials
        axes.axhspan(low, high, color=style.LIGHT_GREY, alpha=alpha, linewidth=0)
    axes.axhline(1 / PIT_BINS, color=style.GREY, linewidth=0.8)
    axes.hist(
        part["value"], bins=list(np.linspace(0, 1, PIT_BINS + 1)), weights=np.full(n, 1 / n),
        color=style.BLUE, alpha=0.75, rwidth=0.92, zorder=2,
    )  # fmt: skip
    axes.set_title(f"{_name(name)}\nn={n}, {targets} targets", fontsize=8)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.5, 1], labels=["0", "0.5", "1"])
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.grid(visible=False, axis="x")


def coverage_chart(board: pd.DataFrame, backtest: str, provenance: style.Provenance) -> Figure:
    """Draw how many outcomes fell inside the 50, 80 and 90 % intervals, by horizon.

    Parameters
    ----------
    board : pandas.DataFrame
        View ``scoreboard``.
    backtest : str
    provenance : style.Provenance

    Returns
    -------
    matplotlib.figure.Figure
    """
    title, unit = "Coverage of past intervals", "% of the outcomes inside the interval"
    rows = board[(board["opponent"] == NOBODY) & board["quantity"].isin(SHOWN)]
    if rows.empty:
        return style.empty_figure(title, provenance, unit, "no coverage in the latest backtest")
    names = [name for name in SHOWN if name in set(rows["quantity"])]
    with style.plot_style():
        figure = style.new_figure(12.0, 1.25 + 0.34 * len(names))
        panels = figure.subplots(1, 3, sharey=True)
        for axes, level in zip(panels, (50, 80, 90), strict=True):
            axes.axvline(level, color=style.BLACK, linewidth=0.9, linestyle=(0, (4, 3)))
            for step, (horizon, (marker, colour)) in enumerate(HORIZONS.items()):
                part = rows[rows["horizon_group"] == horizon]
                place = [names.index(name) + 0.24 * (step - 1) for name in part["quantity"]]
                axes.scatter(
                    100 * part[f"coverage_{level}"], place, marker=marker, s=22, color=colour,
                    label=_horizon(horizon), zorder=3, clip_on=False,
                )  # fmt: skip
                if level == CHANCE_LEVEL and set(CHANCE) <= set(part):
                    low, high = (100 * part[end].astype(float) for end in CHANCE)
                    axes.hlines(place, low, high, color=style.LIGHT_GREY, linewidth=5, zorder=1)
            axes.set_title(f"{level} % interval", fontsize=9, color=style.GREY)
            axes.set_xlim(0, 100)
            axes.set_ylim(len(names) - 0.5, -0.5)
            axes.set_xlabel("% of the outcomes inside")
        whole = rows[rows["horizon_group"] == "all"].set_index("quantity")
        panels[0].set_yticks(
            range(len(names)),
            labels=[f"{_name(q)} (n={whole['n'].loc[q]}, {whole['n_targets'].loc[q]} targets)"
                    if q in whole.index else _name(q) for q in names],
        )  # fmt: skip
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", ncols=3)
        counted = "coverage_80_of_value" in rows and rows["coverage_80_of_value"].notna().any()
        note = (
            "Intervals are those of the outcome with its own error."
            if counted
            else "Against the outcome's value, as if it had no error of its own."
        )
        return style.finish(
            figure, title, provenance, unit, "50, 80 and 90 %",
            f"Dashed: as it should be. {note} Grey: where nine in ten forecasts that are right would lie on "
            f"these targets and days. Backtest {backtest}.",
        )  # fmt: skip


def skill_chart(board: pd.DataFrame, backtest: str, provenance: style.Provenance) -> Figure:
    """Draw the skill against each opponent with its bootstrap interval.

    Parameters
    ----------
    board : pandas.DataFrame
        View ``scoreboard``.
    backtest : str
    provenance : style.Provenance

    Returns
    -------
    matplotlib.figure.Figure
    """
    title, unit = "Skill against opponents", "share by which our CRPS is lower"
    rows = board[board["opponent"].ne(NOBODY) & board["skill"].notna()]
    if rows.empty:
        return style.empty_figure(title, provenance, unit, "no opponent in the latest backtest")
    rivals = rows[rows["opponent"].isin(RIVALS) & rows["quantity"].isin(SHOWN)]
    others = rows[~rows["opponent"].isin(RIVALS) & rows["quantity"].eq(ALL) & rows["horizon_group"].eq("all")]
    others = others.sort_values("n", ascending=False).head(MOST_PUBLISHERS)
    by_rival = rivals[rivals["quantity"] == ALL]
    over = rivals[(rivals["horizon_group"] == "over six months") & (rivals["quantity"] != ALL)]
    over = over.assign(opponent=over["quantity"] + "|" + over["opponent"])
    pairs = [pair for q in SHOWN for r in RIVALS if (pair := f"{q}|{r}") in set(over["opponent"])]
    panels = [
        ("all quantities of the chain", by_rival, list(dict.fromkeys(by_rival["opponent"]))),
        ("all quantities, against each publisher", others, list(others["opponent"])),
        ("per quantity, over six months", over, pairs),
    ]
    panels = [panel for panel in panels if panel[2]]
    with style.plot_style():
        figure = style.new_figure(12.0, 1.4 + 0.27 * max(len(panel[2]) for panel in panels))
        grid = figure.subplots(1, len(panels), squeeze=False)[0]
        for axes, (heading, part, names) in zip(grid, panels, strict=True):
            _forest(axes, part, names)
            axes.set_title(heading, fontsize=9, color=style.GREY)
        handles = {
            label: handle
            for axes in grid
            for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        figure.legend(handles.values(), handles.keys(), loc="outside upper right", ncols=3)
        worse = int((rows["skill"] < SKILL_SHOWN[0]).sum())
        return style.finish(
            figure, title, provenance, unit, "90 %, bootstrap over targets",
            "Right of zero: we are better. Hollow: too few targets for an interval. n: targets."
            + (f" {worse} rows below -1 are in the table only." if worse else "")
            + f" Backtest {backtest}.",
        )  # fmt: skip


def _forest(axes: Axes, part: pd.DataFrame, names: list[str]) -> None:
    axes.axvline(0, color=style.BLACK, linewidth=0.9)
    groups = [horizon for horizon in HORIZONS if horizon in set(part["horizon_group"])]
    for horizon in groups:
        marker, colour = HORIZONS[horizon]
        rows = part[(part["horizon_group"] == horizon) & (part["skill"] >= SKILL_SHOWN[0])]
        step = 0.24 * (list(HORIZONS).index(horizon) - 1) if len(groups) > 1 else 0.0
        place = np.array([names.index(name) + step for name in rows["opponent"]])
        sure = rows["skill_low"].notna().to_numpy()
        axes.hlines(place, rows["skill_low"], rows["skill_high"], color=colour, linewidth=1.8, alpha=0.6)
        axes.scatter(rows["skill"][sure], place[sure], marker=marker, s=22, color=colour, zorder=3)
        unsure = rows["skill"][~sure]
        axes.scatter(unsure, place[~sure], marker=marker, s=20, facecolor="white", edgecolor=colour, zorder=3)
        axes.scatter([], [], marker=marker, s=22, color=colour, label=_horizon(horizon))
    largest = part.groupby("opponent")["n_targets"].max()
    axes.set_yticks(range(len(names)), labels=[f"{_rival(name)} (n={largest[name]})" for name in names])
    axes.tick_params(axis="y", labelsize=7.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(*SKILL_SHOWN)
    axes.set_xlabel("skill")


def _name(quantity: str) -> str:
    if quantity in (ALL, ALL_SYSTEMS):
        return "all of the chain" if quantity == ALL else ALL_SYSTEMS
    return system_title(quantity) if SLASH in quantity else quantity_title(quantity)


def _rival(name: str) -> str:
    quantity, _, rival = name.rpartition("|")
    return (f"{_name(quantity)}: " if quantity else "") + rival.removeprefix("publisher: ")


def _horizon(horizon: str) -> str:
    return "all horizons" if horizon == "all" else horizon


def _share(value: float) -> str:
    return "–" if pd.isna(value) else f"{100 * value:.0f} %"


def _chance(row: dict[str, Any]) -> str:
    low, high = (row.get(end, float("nan")) for end in CHANCE)
    return "–" if pd.isna(low) else f"{100 * low:.0f}–{100 * high:.0f} %"


def _skill(row: dict[str, Any]) -> str:
    if pd.isna(row["skill"]):
        return "–"
    interval = "" if pd.isna(row["skill_low"]) else f" ({row['skill_low']:.2f} to {row['skill_high']:.2f})"
    return f"{row['skill']:.2f}{interval}"
