"""Supply and demand: the ratio, the shortfall, what limits shipments and since when."""

from typing import Final

import pandas as pd

from dashboards import grammar
from dashboards.blocks import ChartBlock, NothingBlock, Section, section_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.grammar import Spec
from dashboards.labels import STAGES
from dashboards.sections.fans import fan_chart
from models.vocabulary.periods import YEARS

COLOURS: Final = {"demand": "light", "hbm": "blue", "cowos": "orange"}
RATIO_LOOK: Final = "Look where the band crosses one: below it there is less HBM than is wanted."
SHORT_LOOK: Final = "Look at the width: how much of what is wanted stays unmade is known only roughly."
LIMIT_LOOK: Final = (
    "Look at which colour fills most of a quarter, and when it began to: that stage is what a little more of "
    "would help."
)
TITLE = "Which stage limits accelerator shipments"


def balance_section(frames: ReportFrames, _gallery: Gallery) -> Section:
    """Make the section of supply and demand."""
    ratio = fan_chart(frames, "hbm_sufficiency", title="HBM supply over demand", look=RATIO_LOOK, mark_at=1.0)
    short = fan_chart(frames, "shortfall", title="Part of the accelerators wanted that stays unmade",
                      look=SHORT_LOOK)  # fmt: skip
    since = binding_since(frames.binding, pd.Timestamp(frames.provenance.as_of))
    return section_block(
        "balance",
        "Supply and demand, and what limits shipments",
        [ratio, short, binding_chart(frames)],
        "How far demand, HBM supply or CoWoS supply binds: the share of a small relief of each that would "
        "reach shipments, mean over the joint draws. Customers and makers differ: each binds a part.",
        *([since] if since else []),
    )


def binding_since(binding: pd.DataFrame, as_of: pd.Timestamp) -> str:
    """Say which stage limits shipments most in the quarter of the as-of day, and since when without a break.

    Parameters
    ----------
    binding : pandas.DataFrame
        ``period, stage, probability`` of one run.
    as_of : pandas.Timestamp

    Returns
    -------
    str
        Empty where the run has no such quarter.
    """
    if binding.empty:
        return ""
    quarters = binding[binding["period"].astype(str).str.contains("Q")]
    table = quarters.pivot_table(index="period", columns="stage", values="probability").sort_index()
    largest = {str(period): str(stage) for period, stage in table.idxmax(axis=1).items()}
    now = f"{as_of.year}Q{as_of.quarter}"
    if now not in largest:
        return ""
    stage, since = largest[now], now
    for period in sorted((one for one in largest if one < now), reverse=True):
        if largest[period] != stage:
            break
        since = period
    until = next((period for period in sorted(largest) if period > now and largest[period] != stage), None)
    share = 100 * float(table[stage].loc[[now]].iloc[0])
    after = (
        f"until {until}, when {STAGES[largest[until]]} takes its place"
        if until
        else f"to the end of {YEARS[-1]}"
    )
    return (
        f"Most limiting in {now}: {STAGES[stage]} ({share:.0f} %), without a break "
        f"since {since} and, as it looks now, {after}."
    )


def binding_chart(frames: ReportFrames) -> ChartBlock | NothingBlock:
    """Make the chart of how far each stage binds, per quarter and per year.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames

    Returns
    -------
    ChartBlock or NothingBlock
    """
    binding = frames.binding
    if binding.empty:
        return grammar.nothing_block(TITLE, "no binding probabilities in this run")
    panels = []
    axis = {"type": "linear", "min": 0.0, "max": 100.0}
    for kind, width in (("quarter", 0.25), ("year", 0.9)):
        rows = binding[binding["period"].astype(str).str.contains("Q") == (kind == "quarter")]
        table = rows.pivot_table(index="period", columns="stage", values="probability").sort_index() * 100
        if table.empty:
            continue
        at = grammar.places(grammar.middle_of(str(period)) for period in table.index)
        base, marks = pd.Series(0.0, table.index), []
        for stage in (s for s in STAGES if s in table):
            top = base + table[stage]
            marks.append({
                "type": "bars", "key": stage, "name": STAGES[stage], "colour": COLOURS[stage], "width": width,
                "at": at, "from": grammar.numbers(base), "to": grammar.numbers(top),
                "periods": [str(period) for period in table.index],
                "words": [f"{share:.0f} %" for share in table[stage]],
            })  # fmt: skip
            base = top
        marks.append(as_of_rule(frames))
        panels.append(grammar.panel(f"{kind.title()}ly, %", grammar.YEAR_AXIS, axis, marks, height=230))
    error = binding["mcse"].max() if "mcse" in binding else float("nan")
    note = "The three sum to 100 %."
    if pd.notna(error):
        note += f" Largest Monte Carlo standard error {100 * error:.2g} percentage points."
    legend = [
        grammar.entry(s, f"limited by {STAGES[s]}", COLOURS[s]) for s in STAGES if s in set(binding["stage"])
    ]
    foot = grammar.footline(frames.provenance, "probability that the stage binds, %", "", note=note)
    return grammar.chart_block(
        "binding-stages", TITLE, LIMIT_LOOK, panels, foot, "%", legend=legend, columns=2
    )


def as_of_rule(frames: ReportFrames) -> Spec:
    """Mark the as-of day on a chart over time."""
    at = frames.provenance.as_of_year
    return {"type": "rule", "key": "as of", "name": "as of", "at": round(at, 4), "label": "as of"}
