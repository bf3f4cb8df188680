"""Charts of past forecasts: PIT histograms, coverage and skill of the latest backtest."""

from typing import Any, Final

import pandas as pd

from dashboards import grammar
from dashboards.blocks import ChartBlock, NothingBlock
from dashboards.frames import ReportFrames
from dashboards.grammar import Spec
from dashboards.labels import quantity_title, system_title
from dashboards.sections.predictive import histogram
from models.scoring.horizons import ALL, LONG, SHORT
from models.vocabulary.opponents import ALL_SYSTEMS, NOBODY, RIVALS, SLASH
from models.vocabulary.rows import records

SHOWN: Final = (
    *(ALL, "hbm_revenue_usd", "hbm_bits_gb", "cowos_capacity_tsmc_wafers_per_month", "dram_revenue_usd"),
    *("server_shipments", ALL_SYSTEMS),
)
HORIZONS: Final = {SHORT: "blue", LONG: "vermillion", ALL: "black"}
"""Colour of each horizon."""
MOST_PUBLISHERS = 14
SKILL_SHOWN = (-1.0, 1.0)
CHANCE_LEVEL, CHANCE = 80, ("coverage_80_calibrated_low", "coverage_80_calibrated_high")
PIT_LOOK: Final = (
    "Look at the ends: high at both, intervals were too narrow; high at the right, forecasts were too low."
)
COVERAGE_LOOK: Final = (
    "Look how far the points lie from the dashed line, and whether the grey bar explains it."
)
SKILL_LOOK: Final = (
    "Look at what lies right of zero with its whole bar: there we were better, and not by chance."
)


def pit_chart(frames: ReportFrames) -> ChartBlock | NothingBlock:
    """Make PIT histograms of the backtest's forecasts, over all quantities and per quantity.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
        Its pits: ``quantity, period, metric, value``.

    Returns
    -------
    ChartBlock or NothingBlock
        With the bands that chance alone would fill.
    """
    title, pits = "PIT histograms of past forecasts", frames.pits
    widened = pits["metric"].eq("pit_with_outcome_error") if len(pits) else pd.Series(dtype=bool)
    rows = (pits[widened] if widened.any() else pits).dropna(subset=["value"]) if len(pits) else pits
    if rows.empty:
        return grammar.nothing_block(title, "no PIT in the latest backtest")
    ours = ~rows["quantity"].str.contains(SLASH, regex=False)
    parts = {ALL: rows[ours], ALL_SYSTEMS: rows[~ours]}
    parts |= {name: rows[rows["quantity"] == name] for name in SHOWN if name not in parts}
    panels = []
    for name in (name for name in SHOWN if len(parts[name])):
        n, targets = len(parts[name]), len(parts[name][["quantity", "period"]].drop_duplicates())
        heading = f"{name_of(name)} (n={n}, {_targets(targets)})"
        values = parts[name]["value"].to_numpy(float)
        panels.append(histogram(values, heading, [(targets, 0.3), (n, 0.5)], 100 / n))
    what = "the outcome's own error counted in" if widened.any() else "against the bare outcome"
    note = (
        f"PIT: predictive probability of a lower value, {what}. Grey: 90 % of what chance gives a bin, "
        "dark if all forecasts were independent, light if only the targets are. Backtest "
        f"{_backtest(frames)}."
    )
    foot = grammar.footline(frames.provenance, "% of the forecasts per bin", "", note=note)
    return grammar.chart_block("pit-forecasts", title, PIT_LOOK, panels, foot, "%", columns=4, least=210)


def _backtest(frames: ReportFrames) -> str:
    return str(frames.scoreboard["run_id"].iloc[0])


def coverage_chart(frames: ReportFrames) -> ChartBlock | NothingBlock:
    """Make the chart of how many outcomes fell inside the 50, 80 and 90 % intervals, by horizon.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
        Its scoreboard.

    Returns
    -------
    ChartBlock or NothingBlock
    """
    title, board = "Coverage of past intervals", frames.scoreboard
    rows = board[(board["opponent"] == NOBODY) & board["quantity"].isin(SHOWN)]
    if rows.empty:
        return grammar.nothing_block(title, "no coverage in the latest backtest")
    names = [name for name in SHOWN if name in set(rows["quantity"])]
    whole = rows[rows["horizon_group"] == ALL].set_index("quantity")
    labels = [
        f"{name_of(q)} (n={whole['n'].loc[q]}, {_targets(whole['n_targets'].loc[q])})"
        if q in whole.index
        else name_of(q)
        for q in names
    ]
    x = {"type": "linear", "min": 0.0, "max": 100.0, "label": "% of the outcomes inside"}
    panels = [
        grammar.panel(
            f"{level} % interval",
            x,
            grammar.rows_axis(labels),
            _coverage_marks(rows, names, level),
            rowHeight=30,
        )
        for level in (50, 80, 90)
    ]
    counted = "coverage_80_of_value" in rows and rows["coverage_80_of_value"].notna().any()
    note = (
        "Intervals are those of the outcome with its own error."
        if counted
        else "Against the outcome's value, as if it had no error of its own."
    )
    note += f" Grey: where nine in ten calibrated forecasts would lie. Backtest {_backtest(frames)}."
    unit = "% of the outcomes inside the interval"
    foot = grammar.footline(frames.provenance, unit, grammar.THREE_BANDS, note=note)
    return grammar.chart_block(
        "coverage", title, COVERAGE_LOOK, panels, foot, "%", legend=_legend(rows), columns=3
    )


def _coverage_marks(rows: pd.DataFrame, names: list[str], level: int) -> list[Spec]:
    """Mark what intervals of a level should cover, and what they covered at each horizon."""
    rule = {"type": "rule", "key": "level", "name": "as it should be", "at": float(level)}
    marks = [rule, *_chance_bars(rows, names, level)]
    for step, (horizon, colour) in enumerate(HORIZONS.items()):
        part = rows[rows["horizon_group"] == horizon].dropna(subset=[f"coverage_{level}"])
        if part.empty:
            continue
        shown = pd.DataFrame({"p50": 100 * part[f"coverage_{level}"]})
        marks.append(
            grammar.interval(
                horizon,
                _horizon(horizon),
                [names.index(q) for q in part["quantity"]],
                shown,
                colour=colour,
                shift=0.26 * (step - 1),
                thin=True,
                words=[
                    f"{v:.0f} % of {n} forecasts, {_targets(t)}"
                    for v, n, t in zip(shown["p50"], part["n"], part["n_targets"], strict=True)
                ],
            )
        )
    return marks


def _chance_bars(rows: pd.DataFrame, names: list[str], level: int) -> list[Spec]:
    """Mark where calibrated forecasts would lie by chance, over all horizons."""
    if level != CHANCE_LEVEL or not set(CHANCE) <= set(rows):
        return []
    part = rows[rows["horizon_group"] == ALL].dropna(subset=list(CHANCE))
    low, high = (100 * part[end].astype(float) for end in CHANCE)
    return [
        {
            "type": "bars",
            "key": "chance",
            "name": "by chance",
            "colour": "light",
            "opacity": 0.6,
            "at": [names.index(q) for q in part["quantity"]],
            "from": grammar.numbers(low),
            "to": grammar.numbers(high),
            "words": [f"{a:.0f} to {b:.0f} %" for a, b in zip(low, high, strict=True)],
        }
    ]


def _legend(rows: pd.DataFrame) -> list[Spec]:
    there = [horizon for horizon in HORIZONS if horizon in set(rows["horizon_group"])]
    return [grammar.entry(horizon, _horizon(horizon), HORIZONS[horizon], "dot") for horizon in there]


def skill_chart(frames: ReportFrames) -> ChartBlock | NothingBlock:
    """Make the chart of the skill against each opponent with its bootstrap interval.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
        Its scoreboard.

    Returns
    -------
    ChartBlock or NothingBlock
    """
    title, unit, board = "Skill against opponents", "share by which our CRPS is lower", frames.scoreboard
    rows = board[board["opponent"].ne(NOBODY) & board["skill"].notna()]
    if rows.empty:
        return grammar.nothing_block(title, "no opponent in the latest backtest")
    rivals = rows[rows["opponent"].isin(RIVALS) & rows["quantity"].isin(SHOWN)]
    others = rows[~rows["opponent"].isin(RIVALS) & rows["quantity"].eq(ALL) & rows["horizon_group"].eq(ALL)]
    others = others.sort_values("n", ascending=False).head(MOST_PUBLISHERS)
    by_rival = rivals[rivals["quantity"] == ALL]
    over = rivals[(rivals["horizon_group"] == LONG) & (rivals["quantity"] != ALL)]
    over = over.assign(opponent=over["quantity"] + "|" + over["opponent"])
    pairs = [pair for q in SHOWN for r in RIVALS if (pair := f"{q}|{r}") in set(over["opponent"])]
    parts = [
        ("All quantities of the chain", by_rival, list(dict.fromkeys(by_rival["opponent"]))),
        ("All quantities, against each publisher", others, list(others["opponent"])),
        ("Per quantity, over six months", over, pairs),
    ]
    panels = [_forest(*part) for part in parts if part[2]]
    worse = int((rows["skill"] < SKILL_SHOWN[0]).sum())
    note = (
        "Right of zero: we are better. Hollow: too few targets for an interval. n: targets."
        + (f" {worse} rows below -1 are in the table only." if worse else "")
        + f" Backtest {_backtest(frames)}."
    )
    foot = grammar.footline(frames.provenance, unit, "90 %, bootstrap over targets", "of the skill", note)
    return grammar.chart_block(
        "skill", title, SKILL_LOOK, panels, foot, "skill", legend=_legend(rows), columns=2, least=420
    )  # fmt: skip


def _forest(heading: str, part: pd.DataFrame, names: list[str]) -> Spec:
    groups = [horizon for horizon in HORIZONS if horizon in set(part["horizon_group"])]
    marks: list[Spec] = [{"type": "rule", "key": "zero", "name": "no skill", "at": 0.0, "dash": ""}]
    for horizon in groups:
        rows = part[(part["horizon_group"] == horizon) & (part["skill"] >= SKILL_SHOWN[0])]
        shown = rows.rename(columns={"skill_low": "p05", "skill": "p50", "skill_high": "p95"})
        marks.append(
            grammar.interval(
                horizon,
                _horizon(horizon),
                [names.index(name) for name in rows["opponent"]],
                shown,
                colour=HORIZONS[horizon],
                thin=True,
                hollow=rows["skill_low"].isna().tolist(),
                shift=0.26 * (list(HORIZONS).index(horizon) - 1) if len(groups) > 1 else 0.0,
                words=[
                    f"{skill_in_words(row)} on {row['n']} forecasts, {_targets(row['n_targets'])}"
                    for row in records(rows)
                ],
            )
        )
    largest = part.groupby("opponent")["n_targets"].max()
    labels = [f"{_rival(name)} (n={largest[name]})" for name in names]
    # Beside a panel of few rows a long one would leave a hole.
    wide = len(names) > MOST_PUBLISHERS
    x = {"type": "linear", "min": SKILL_SHOWN[0], "max": SKILL_SHOWN[1], "signed": True, "label": "skill"}
    return grammar.panel(heading, x, grammar.rows_axis(labels), marks, rowHeight=26, wide=wide)


def _targets(count: int) -> str:
    return f"{count} target{'' if count == 1 else 's'}"


def _rival(name: str) -> str:
    quantity, _, rival = name.rpartition("|")
    return (f"{name_of(quantity)}: " if quantity else "") + rival.removeprefix("publisher: ")


def _horizon(horizon: str) -> str:
    return "all horizons" if horizon == "all" else horizon


def name_of(quantity: str) -> str:
    """Name of a row of the scoreboard in words."""
    if quantity in (ALL, ALL_SYSTEMS):
        return "all of the chain" if quantity == ALL else ALL_SYSTEMS
    return system_title(quantity) if SLASH in quantity else quantity_title(quantity)


def skill_in_words(row: dict[str, Any]) -> str:
    """Skill of a row of the scoreboard with its interval; a dash where there is none."""
    if pd.isna(row["skill"]):
        return "–"
    interval = "" if pd.isna(row["skill_low"]) else f" ({row['skill_low']:.2f} to {row['skill_high']:.2f})"
    return f"{row['skill']:.2f}{interval}"
