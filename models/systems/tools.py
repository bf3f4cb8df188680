"""Tools that the process steps call for, before any figure is looked at: needed, bought, and at what price.

Equations: DESIGN.md section 3 and the head of `models.systems.equipment`.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from models.evidence.assumptions import prior_from_quantiles
from models.systems.activity import (
    FULL_USE,
    ROUTES,
    Assumed,
    added,
    full_use_inputs,
    missing_as_empty,
    start_inputs,
)
from models.systems.reconcile import PARTS
from models.vocabulary.market import Market
from models.vocabulary.periods import FIRST_YEAR, N_QUARTERS

HOURS_PER_QUARTER = 365.25 * 24 / 4
QUARTERS_AHEAD = 6
PRICE_YEAR = 2023.0
REASONS = ("new_capacity", "replacement")


@dataclass
class Category:
    """Tools and USD of one category before figures, by part and reason, each (draw, 28), and its inputs."""

    tools: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)
    usd: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)
    inputs: set[str] = field(default_factory=set)

    def add(self, part: str, bought: dict[str, np.ndarray], price: np.ndarray) -> None:
        """Add a step's tools at their price.

        Parameters
        ----------
        part : str
            hbm or cowos.
        bought : dict of str to ndarray (draw, quarter)
            Tools by the reason they are bought for.
        price : ndarray (draw, 1) or (draw, quarter)
            USD a tool.
        """
        for reason, tools in bought.items():
            for table, values in ((self.tools, tools), (self.usd, tools * price)):
                table[part, reason] = table.get((part, reason), 0.0) + values

    def by_part(self, measure: str) -> dict[str, np.ndarray]:
        """Add up new capacity and replacement of ``tools`` or ``usd`` by part, (draw, quarter) each."""
        table = getattr(self, measure)
        parts = [p for p in PARTS if (p, "new_capacity") in table]
        return {p: added(table[p, reason] for reason in REASONS) for p in parts}


def bottom_up(
    process: pd.DataFrame,
    starts: dict[str, np.ndarray],
    routes: dict[str, np.ndarray],
    assumed: Assumed,
    market: Market,
) -> dict[str, Category]:
    """Tools and USD of each category from its steps, before any figure is looked at.

    Parameters
    ----------
    process : DataFrame
        Rows of data/process.csv.
    starts : dict of ndarray (draw, 28)
        Per quarter at full use, by unit.
    routes : dict of ndarray (draw, 28)
    assumed : Assumed
    market : Market

    Returns
    -------
    dict of str to Category
    """
    years = FIRST_YEAR + (np.arange(N_QUARTERS) + 0.5) / 4 - PRICE_YEAR
    trend = (1 + assumed("equipment.price_growth")) ** years
    common = assumed("equipment.common_error")
    rests_on = full_use_inputs(market)
    found: dict[str, Category] = {}
    for row in missing_as_empty(process).to_dict("records"):
        _check(row)
        tool = str(row["equipment"])
        passes = assumed.between(
            prior_from_quantiles(float(row["passes_p05"]), float(row["passes_p95"]), "lognormal"),
            f"passes|{row['step']}",
        )
        per_hour = starts[row["touches"]] * routes[row["route"]] / HOURS_PER_QUARTER
        speed = (
            assumed(f"equipment.throughput.{tool}")
            * assumed("equipment.uptime", tool)
            * assumed("equipment.pass_yield", tool)
        )
        needed = common * per_hour * passes / speed
        lead, lifetime = assumed("equipment.lead_quarters"), assumed("equipment.lifetime_years", tool)
        category = found.setdefault(str(row["category"]), Category())
        price = assumed(f"equipment.price.{tool}") * trend
        category.add(str(row["part"]), tools_bought(needed, lead, lifetime), price)
        category.inputs |= {
            f"equipment.throughput.{tool}",
            f"equipment.price.{tool}",
            *(f"equipment.{name}" for name in ("uptime", "pass_yield", "lifetime_years", "lead_quarters")),
            *(
                f"equipment.{name}"
                for name in ("price_growth", "common_error", "bottom_up_error", "path_error")
            ),
            *rests_on[row["part"]],
            *(start_inputs(market) if row["touches"] in ("hbm_die", "hbm_stack") else ()),
        }
    return found


def tools_bought(
    needed: np.ndarray, lead_quarters: np.ndarray, lifetime_years: np.ndarray
) -> dict[str, np.ndarray]:
    """Tools delivered per quarter for new capacity and for replacement.

    Idle tools are used again before new ones are bought, so the installed base is the most ever needed and
    deliveries are never negative. Past the grid's end the base is taken to grow as in the last four quarters;
    the first quarter's rise is taken from the second, there being nothing before it.

    Parameters
    ----------
    needed : ndarray (draw, 28)
        Tools that the capacity at each quarter's end calls for.
    lead_quarters : ndarray (draw, 1)
        Centre of a triangle of two quarters either way over which deliveries come before capacity.
    lifetime_years : ndarray (draw, 1)

    Returns
    -------
    dict of ndarray (draw, 28)
        By `REASONS`.
    """
    installed = np.maximum.accumulate(needed, axis=1)
    rise = np.diff(installed, axis=1)
    rise = np.concatenate([rise[:, :1], rise], axis=1)
    beyond = np.repeat(rise[:, -4:].mean(axis=1, keepdims=True), QUARTERS_AHEAD, axis=1)
    rise = np.concatenate([rise, beyond], axis=1)
    ahead = np.arange(QUARTERS_AHEAD + 1)
    weight = np.maximum(0.0, 1 - np.abs(ahead - np.clip(lead_quarters, 0, QUARTERS_AHEAD)) / 2)
    weight /= weight.sum(axis=1, keepdims=True)
    new = added(weight[:, [k]] * rise[:, k : k + N_QUARTERS] for k in ahead)
    return {"new_capacity": new, "replacement": installed / lifetime_years / 4}


def _check(row: dict) -> None:
    for column, allowed in (("touches", FULL_USE), ("route", ROUTES), ("part", PARTS)):
        if row[column] not in allowed:
            raise ValueError(
                f"process.csv, step {row['step']}: {column} {row[column]!r} is not one of "
                + ", ".join(allowed)
            )
