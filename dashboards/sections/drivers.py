"""Posterior against prior: conflicts first, then the drivers over time."""

import re
from typing import Final

import pandas as pd

from dashboards import grammar
from dashboards.blocks import ChartBlock, NothingBlock, Section, section_block
from dashboards.chart_cache import Gallery
from dashboards.frames import ReportFrames
from dashboards.grammar import Spec
from dashboards.labels import display_unit, parameter_words, quantity_title
from models.vocabulary.periods import FIRST_YEAR, YEARS

MOST_CONFLICTS = 24
LISTED_SD, FAILED_SD = 2.0, 3.0
"""From how many prior standard deviations on a moved mean is a conflict, and fails the run (the gate)."""
SOURCES: Final = {"prior": "grey", "posterior": "blue"}
CONFLICT_LOOK: Final = (
    "Look for bars beyond 2: there the figures contradict what was assumed. Beyond 3 a run is not published."
)
DRIVER_LOOK: Final = (
    "Look where blue is as wide as grey: there the figures have taught nothing, and you read the assumption."
)


def drivers_section(frames: ReportFrames, _gallery: Gallery) -> Section:
    """Make the section of what was assumed and what the figures made of it."""
    return section_block(
        "drivers", "Posterior against prior", [conflicts_chart(frames), drivers_chart(frames)]
    )


def assumption_title(name: str) -> str:
    """Name of an assumption in words: 'class.packages_per_wafer[nvidia_hopper]' and the like.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
        'Packages per wafer, NVIDIA Hopper'.
    """
    base, _, element = name.partition("[")
    parts = base.split(".")
    kind = {"driver": "", "class": "", "noise": "noise: ", "definition_offset": "definition: "}.get(parts[0])
    said = parts[1:] if kind is not None and len(parts) > 1 else parts
    text = (kind or "") + ", ".join(parameter_words(part) for part in said)
    text += f", {parameter_words(element.rstrip(']'))}" if element else ""
    return re.sub(r"\s+", " ", text[:1].upper() + text[1:])


def conflicts_chart(frames: ReportFrames) -> ChartBlock | NothingBlock:
    """Make the chart of how far the mean of each assumption moved, in its prior's standard deviations.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
        Reads the table ``learning``: ``name, kind, period, sd_ratio, shift``.

    Returns
    -------
    ChartBlock or NothingBlock
        The largest first.
    """
    title, learning = "What the figures moved most", frames.table("learning")
    rows = learning[learning["kind"] == "assumption"].dropna(subset=["shift"]) if len(learning) else learning
    if rows.empty:
        return grammar.nothing_block(title, "no comparison of prior and posterior stored for this run")
    rows = rows.reindex(rows["shift"].abs().sort_values(ascending=False).index)
    beyond = int((rows["shift"].abs() > LISTED_SD).sum())
    shown = rows.head(MOST_CONFLICTS)
    known = frames.assumptions
    said = dict(zip(known["assumption"], known["description"], strict=True)) if len(known) else {}
    colours = [
        "vermillion" if abs(shift) > FAILED_SD else "orange" if abs(shift) > LISTED_SD else "blue"
        for shift in shown["shift"]
    ]
    told = [
        f"{row.shift:+.2f} prior standard deviations; spread {row.sd_ratio:.2f} of the prior's"
        + (f". {said[row.name]}" if said.get(row.name) else "")
        for row in shown[["name", "shift", "sd_ratio"]].itertuples(index=False)
    ]
    bars = {
        "type": "bars", "key": "shift", "name": "moved", "colours": colours, "at": list(range(len(shown))),
        "to": grammar.numbers(shown["shift"]), "words": told,
    }  # fmt: skip
    rules = [
        {"type": "rule", "key": "rule", "name": "limit", "at": at, "colour": "ink" if at == 0 else "soft",
         "dash": "" if at == 0 else "4 3"}
        for at in (-FAILED_SD, -LISTED_SD, 0.0, LISTED_SD, FAILED_SD)
    ]  # fmt: skip
    widest = max(FAILED_SD + 0.3, float(shown["shift"].abs().max()) * 1.05)
    x = {"type": "linear", "min": -widest, "max": widest, "signed": True,
         "label": "prior standard deviations; right: higher than assumed"}  # fmt: skip
    y = grammar.rows_axis([assumption_title(name) for name in shown["name"]])
    note = f"{beyond} of {len(rows)} beyond {LISTED_SD:g}; the {len(shown)} largest are shown."
    foot = grammar.footline(frames.provenance, "prior standard deviations", "", note=note)
    return grammar.chart_block(
        "conflicts", title, CONFLICT_LOOK, [grammar.panel("", x, y, [*rules, bars])], foot, "prior sd"
    )


def drivers_chart(frames: ReportFrames) -> ChartBlock | NothingBlock:
    """Make the chart of each driver's prior (grey) and posterior (blue) over time.

    Parameters
    ----------
    frames : dashboards.frames.ReportFrames
        Its drivers: ``driver, period, source ('prior'|'posterior'), p05`` .. ``p95`` and, if known, ``unit``.
        A driver without a period is one number and drawn as two intervals.

    Returns
    -------
    ChartBlock or NothingBlock
    """
    title, drivers = "Drivers over time", frames.drivers
    if drivers.empty:
        return grammar.nothing_block(title, "no driver quantiles stored for this run")
    panels = [_driver(part, str(name)) for name, part in drivers.groupby("driver", sort=False)]
    legend = [grammar.entry(source, source, colour, "band") for source, colour in SOURCES.items()]
    foot = grammar.footline(frames.provenance, "as each panel says", grammar.TWO_BANDS)
    return grammar.chart_block(
        "driver-panels",
        title,
        DRIVER_LOOK,
        panels,
        foot,
        "as each panel says",
        legend=legend,
        columns=4,
        least=230,
    )


def _driver(rows: pd.DataFrame, name: str) -> Spec:
    unit = str(rows["unit"].iloc[0]) if "unit" in rows and isinstance(rows["unit"].iloc[0], str) else ""
    divisor, unit_name = display_unit(unit, rows.loc[rows["source"] == "posterior", "p50"])
    dated = rows["period"].astype(str).str.match(r"\d{4}").any()
    marks, values = [], []
    for place, (source, colour) in enumerate(SOURCES.items()):
        part = rows[rows["source"] == source]
        if dated:
            at = [grammar.middle_of(str(period)) for period in part["period"]]
            marks.append(grammar.fan(source, source, at, part, divisor, colour=colour))
        else:
            marks.append(grammar.interval(source, source, [place] * len(part), part, divisor, colour=colour))
        values += [*marks[-1]["p05"], *marks[-1]["p95"]]
    x = (
        {
            "type": "linear",
            "min": FIRST_YEAR,
            "max": FIRST_YEAR + len(YEARS),
            "ticks": [[year, str(year)] for year in range(FIRST_YEAR, FIRST_YEAR + len(YEARS) + 1, 2)],
        }
        if dated
        else {"type": "linear", "min": -0.7, "max": 1.7, "ticks": [[0, "prior"], [1, "posterior"]]}
    )
    y = grammar.value_axis(values, log=None if min(v for v in values if v is not None) > 0 else False)
    return grammar.panel(quantity_title(name), x, y, marks, height=178, small=True, sub=unit_name)
