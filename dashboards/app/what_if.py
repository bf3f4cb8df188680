"""What-if: shocks set with sliders, run through the chain on the posterior draws that are kept."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from dashboards import grammar
from dashboards.blocks import ChartBlock, Section, section_block, table_block
from dashboards.frames import ReportFrames
from dashboards.grammar import Spec
from dashboards.labels import number, quantity_title, quantity_unit, words
from dashboards.tables import headline_quantities
from models.draws.joint import Draws, collect
from models.draws.simulate import simulate
from models.evidence.evidence import Evidence
from models.evidence.validation import message
from models.inference.fit import Fit
from models.inference.from_evidence import resolved_figures
from models.inference.problem import Problem
from models.scenarios.makers import shocked_makers
from models.scenarios.own import own_scenario
from models.scenarios.run import maker_shares, run_scenario
from models.systems.run import system_evidence
from models.vocabulary.periods import N_QUARTERS, QUARTERS, YEARS, quarter_of_day
from models.vocabulary.rows import records

WHAT_IF_DRAWS: Final = 2_048
"""Pairs of draws: a difference draw by draw is far narrower than the forecast, and answers shall be quick."""
NOW: Final = "as_of+0"
LOOK: Final = (
    "Look at the change on the right: it is taken within each draw, and far surer than either forecast; on "
    "the left, whether the bands with and without the shocks still overlap."
)


@dataclass(frozen=True)
class Slider:
    """A driver, or several that move together, as a factor.

    Attributes
    ----------
    name : str
    label : str
    drivers : tuple of str
        As `data/scenarios.csv` names them.
    """

    name: str
    label: str
    drivers: tuple[str, ...]


RAMPS: Final = {"at once": 0, "over two quarters": 2, "over a year": 4}
"""Over how many quarters a change is reached."""
FACTORS: Final = (
    Slider("penetration", "AI penetration of servers", ("hbm_server_penetration",)),
    Slider("price", "HBM price per GB", ("hbm_base_price_usd_per_gb",)),
    Slider("hbm_capacity", "HBM (TSV) capacity", ("hbm_tsv_capacity_wafers_per_month",)),
    Slider(
        "cowos_capacity",
        "CoWoS capacity",
        ("cowos_capacity_tsmc_wafers_per_month", "cowos_capacity_others_wafers_per_month"),
    ),
)
LATE_MIX: Final = "product_mix"
"""All launches of accelerators."""


@dataclass(frozen=True)
class Basis:
    """What what-ifs about one run rest on: its posterior draws, and the joint draws that they give.

    Attributes
    ----------
    problem : Problem
    raw : dict of ndarray (draw, ...)
        `WHAT_IF_DRAWS` of the posterior's, spread evenly over its chains.
    evidence : Evidence
        As systems take it.
    drawn : Draws
        Without any shock; draw i belongs to row i of `raw`.
    seed : int
    """

    problem: Problem
    raw: dict[str, np.ndarray]
    evidence: Evidence
    drawn: Draws
    seed: int

    @cached_property
    def shares(self) -> dict[str, np.ndarray]:
        """Makers' shares of TSV capacity (draw, quarter): they cost seconds, so they are computed once."""
        return maker_shares(self.drawn, self.evidence, self.problem.as_of, self.seed)


@dataclass(frozen=True)
class Answer:
    """A what-if and how long it took.

    Attributes
    ----------
    table : DataFrame
        As `models.scenarios.run.run_scenario` gives it.
    shocks : tuple of str
        In words.
    seconds : float
    """

    table: pd.DataFrame
    shocks: tuple[str, ...]
    seconds: float


def basis_of(fit: Fit, known: Evidence, seed: int) -> Basis:
    """Take some of the posterior's draws and run the chain on them once.

    Parameters
    ----------
    fit : Fit
    known : Evidence
        Of the day of the fit.
    seed : int
        That of the run.

    Returns
    -------
    Basis
        Of `WHAT_IF_DRAWS` draws, or as many as the posterior has.
    """
    whole = fit.flat()
    n = len(next(iter(whole.values())))
    at = np.unique(np.linspace(0, n - 1, min(n, WHAT_IF_DRAWS)).astype(int))
    raw = {name: values[at].astype(np.float32) for name, values in whole.items()}
    drawn = collect(simulate(fit.problem, raw, len(at), seed))
    return Basis(fit.problem, raw, system_evidence(known, resolved_figures(known)), drawn, seed)


def quarters_ahead(as_of: date | str) -> dict[str, str]:
    """Give the quarters in which a shock can begin, in words: what remains of this one first."""
    now = quarter_of_day(pd.Timestamp(as_of).date())
    return {f"now ({QUARTERS[now]})": NOW} | {q: q for q in QUARTERS[now + 1 : N_QUARTERS]}


def shocks_of(
    factors: Mapping[str, float], late: Mapping[str, float]
) -> tuple[list[str], list[str], tuple[str, ...]]:
    """Write what the sliders say as `models.scenarios.own.own_scenario` takes it, without those not moved.

    Parameters
    ----------
    factors : mapping of str to float
        Name of a slider of `FACTORS` to factor; 1 is no shock.
    late : mapping of str to float
        Driver, class or maker to quarters of delay; 0 is none.

    Returns
    -------
    multiply, delay : list of str
    shown : tuple of str
        The same in words.
    """
    multiply, delay, shown = [], [], []
    for slider in FACTORS:
        factor = factors.get(slider.name, 1.0)
        if abs(factor - 1.0) > 1e-9:
            multiply += [f"{driver}={factor:g}" for driver in slider.drivers]
            shown.append(f"{slider.label} {100 * (factor - 1):+.0f} %")
    for what, size in late.items():
        if what and size > 0:
            delay.append(f"{what}={size:g}")
            name = "all launches" if what == LATE_MIX else words(what)
            shown.append(f"{name} {size:g} quarter{'s' * (size != 1)} late")
    return multiply, delay, tuple(shown)


def answer(
    basis: Basis,
    factors: Mapping[str, float],
    late: Mapping[str, float],
    first: str = NOW,
    ramp: int = 0,
    quantities: Sequence[str] = (),
) -> Answer | None:
    """Run what the sliders say, paired with the forecast draw by draw.

    Parameters
    ----------
    basis : Basis
    factors, late : mapping
        As for `shocks_of`.
    first : str
        Quarter from which on, as 2027Q1 or as_of+0.
    ramp : int
        Quarters until a shock has its size.
    quantities : sequence of str
        Without any the headline quantities.

    Returns
    -------
    Answer or None
        None where no slider is moved.

    Raises
    ------
    ValueError
        A shock is none the model knows; the message says what there is.
    """
    begun = time.perf_counter()
    multiply, delay, shown = shocks_of(factors, late)
    if not shown:
        return None
    rows, refused = own_scenario(
        multiply, delay, first, QUARTERS[N_QUARTERS - 1], ramp, basis.evidence, "the review app"
    )
    if len(refused):
        raise ValueError(" ".join(message(row) for row in records(refused)))
    table = run_scenario(
        basis.problem, basis.raw, rows, basis.drawn.n_draws, basis.seed, (), basis.evidence,
        tuple(quantities or headline_quantities()), basis.drawn,
        shares=basis.shares if shocked_makers(rows) else None,
    )  # fmt: skip
    return Answer(table, shown, time.perf_counter() - begun)


def what_if_section(frames: ReportFrames, found: Answer) -> Section:
    """Make the section that shows a what-if beside the forecast."""
    as_of = pd.Timestamp(frames.provenance.as_of)
    table = found.table
    years = [year for year in YEARS if int(year) >= as_of.year]
    shown = change_table(table, years)
    charts = [_chart(frames, str(q), part) for q, part in table.groupby("quantity", sort=False)]
    numeric = [str(name) for name in shown if name not in ("Quantity", "Unit")]
    return section_block(
        "what-if", "; ".join(found.shocks), [table_block(shown, numeric=numeric), *charts],
        f"{int(table['n_draws'].iloc[0]):,} pairs of draws in {found.seconds:.2f} s. A what-if is a "
        "statement about drivers, not a forecast: it has no probability, and other drivers stay as they are.",
    )  # fmt: skip


def change_table(table: pd.DataFrame, years: Sequence[str]) -> pd.DataFrame:
    """Lay out medians without and with the shocks and the change with its 90 % interval, as text."""
    lines = []
    for row in records(table[table["period"].isin(list(years))]):
        divisor, unit = quantity_unit(row["quantity"], row["unit"], [row["base_p50"]])
        middle, low, high = (f"{100 * row[f'relative_{level}']:+.1f}" for level in ("p50", "p05", "p95"))
        lines.append({
            "Quantity": quantity_title(row["quantity"]), "Unit": unit, "Year": row["period"],
            "Without": number(row["base_p50"] / divisor), "With": number(row["scenario_p50"] / divisor),
            "Change, % (90 %)": f"{middle} ({low} to {high})", "P(lower)": f"{row['probability_lower']:.0%}",
        })  # fmt: skip
    return pd.DataFrame(lines)


def _chart(frames: ReportFrames, quantity: str, rows: pd.DataFrame) -> ChartBlock:
    """Quarters with and without the shocks, and what they change draw by draw."""
    divisor, unit = quantity_unit(quantity, str(rows["unit"].iloc[0]), rows["base_p95"])
    part = rows[rows["period_kind"] == "quarter"]
    x = [grammar.middle_of(str(period)) for period in part["period"]]

    def fan(key: str, name: str, colour: str, by: float) -> Spec:
        named = part.rename(columns={f"{key}_{level}": level for level in ("p05", "p50", "p95")})
        return grammar.fan(key, name, x, named, by, colour=colour)

    both = [fan("base", "without", "blue", divisor), fan("scenario", "with", "orange", divisor)]
    levels = part[["base_p05", "base_p95", "scenario_p05", "scenario_p95"]].to_numpy(float) / divisor
    y = grammar.value_axis(levels.ravel(), log=None)
    heading = f"Quarterly, {unit}" + (", log scale" if y["type"] == "log" else "")
    changes = 100 * part[["relative_p05", "relative_p95"]].to_numpy(float).ravel()
    change = grammar.value_axis([*changes, 0.0], zero=False, signed=True)
    zero = {"type": "rule", "axis": "y", "key": "zero", "name": "no change", "at": 0.0, "dash": ""}
    panels = [
        grammar.panel(heading, grammar.YEAR_AXIS, y, both),
        grammar.panel(
            "Change within each draw, %",
            grammar.YEAR_AXIS,
            change,
            [fan("relative", "change", "purple", 0.01), zero],
        ),
    ]
    legend = [grammar.entry("base", "without the shocks", "blue", "band")]
    legend.append(grammar.entry("scenario", "with them", "orange", "band"))
    legend.append(grammar.entry("relative", "change", "purple", "band"))
    foot = grammar.footline(frames.provenance, unit, "90 %")
    return grammar.chart_block(
        f"what-if-{quantity}", quantity_title(quantity), LOOK, panels, foot, unit, legend=legend, columns=2,
        least=330,
    )  # fmt: skip
