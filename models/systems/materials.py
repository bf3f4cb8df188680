"""Materials demand of HBM stacking and CoWoS by quarter, in USD and in amounts.

    amount = units made x route share x intensity;  USD = amount x price       (DESIGN.md section 3)

row by row of data/materials.csv. Published sizes of whole markets bound the sums from above; nothing
published gives the HBM or CoWoS part of any material, so the intervals are those of the assumptions: wide.
"""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.draws.joint import Draws
from models.evidence.evidence import Evidence
from models.evidence.known import known_by, newest_of_each
from models.systems.activity import (
    MADE,
    ROUTES,
    Assumed,
    added,
    assume,
    made,
    made_inputs,
    missing_as_empty,
    route_shares,
    stacks_and_dies,
    start_inputs,
)
from models.systems.reconcile import PARTS, correct, observed
from models.systems.series import Series
from models.vocabulary.market import Market

SYSTEM = "materials"
ALL = "all_materials"
_KEY = ["material", "part", "form", "touches"]


def materials(
    drawn: Draws,
    evidence: Evidence,
    as_of: date,
    rng: np.random.Generator,
) -> list[Series]:
    """Forecast the demand for materials.

    Parameters
    ----------
    drawn : Draws
    evidence : Evidence
        'materials', 'assumptions', 'system_evidence', 'figures' (resolved, in base units), and the market's
        tables.
    as_of : date
    rng : numpy Generator
        As in `models.systems.equipment.equipment`.

    Returns
    -------
    list of Series
        For each material and for 'all_materials', measure 'usd': total, hbm, cowos, and bottom_up where a
        market bounds it; 'amount' by part and form; and what is made: 'hbm_stacks' and 'hbm_dies' by
        generation, good ones shipped.

    Raises
    ------
    KeyError
        An assumption or quantity is missing, named.
    ValueError
        A row of materials.csv or system_evidence.csv can't be read, named.
    """
    n_draws = drawn.n_draws
    market = evidence.market
    assumed = assume(evidence.assumptions, as_of, n_draws, rng)
    rows = newest_of_each(known_by(evidence.materials, as_of), _KEY)
    before, amounts, inputs = bottom_up(
        rows, made(drawn, assumed, market), route_shares(assumed), assumed, market
    )
    units = evidence.assumptions.set_index("assumption")["unit"].groupby(level=0).last()
    series: list[Series] = []
    totals: dict[str, np.ndarray] = {}
    figure_ids: dict[str, None] = {}
    for name, parts in before.items():
        data = observed(SYSTEM, name, evidence.system_evidence, evidence.figures, as_of, assumed)
        factor, _, used = correct({"usd": parts}, data, SYSTEM, assumed, f"correction|{name}")
        after = {p: (values * factor[p]).astype(np.float32) for p, values in parts.items()}
        for part, values in after.items():
            totals[part] = totals.get(part, 0.0) + values
        figure_ids |= dict.fromkeys(used.figure_ids)
        series += _usd(name, after, used.figure_ids, inputs[name], used.trust())
        for (part, form, intensity), amount in amounts[name].items():
            unit = str(units[intensity]).partition("/")[0]
            label, corrected = "_".join(filter(None, (part, form))), _f32(amount * factor[part])
            series.append(
                Series(
                    SYSTEM,
                    name,
                    "amount",
                    label,
                    unit,
                    "sum",
                    corrected,
                    inputs=inputs[name],
                    trust="assumed",
                )
            )
        if len(used.y):
            up = _f32(added(parts.values()))
            series.append(
                Series(
                    SYSTEM, name, "usd", "bottom_up", "USD", "sum", up, inputs=inputs[name], trust="assumed"
                )
            )
    everything = tuple(sorted(set().union(*inputs.values()))) if inputs else ()
    if totals:
        series += _usd(ALL, totals, tuple(figure_ids), everything, "assumed")
    return series + _made_series(drawn, assumed, market)


def bottom_up(
    rows: pd.DataFrame,
    units: dict[str, np.ndarray],
    routes: dict[str, np.ndarray],
    assumed: Assumed,
    market: Market,
) -> tuple[
    dict[str, dict[str, np.ndarray]],
    dict[str, dict[tuple[str, str, str], np.ndarray]],
    dict[str, tuple[str, ...]],
]:
    """Cost and amount of each material before any figure is looked at.

    Parameters
    ----------
    rows : DataFrame
        Rows of data/materials.csv.
    units : dict of ndarray (draw, 28)
        Made per quarter, by `models.systems.activity.MADE`.
    routes : dict of ndarray (draw, 28)
    assumed : Assumed
    market : Market

    Returns
    -------
    usd : dict of dict of ndarray (draw, 28)
        By material and part.
    amounts : dict of dict of ndarray (draw, 28)
        By material, then part, form and name of the intensity; in the unit above the intensity's '/'.
    inputs : dict of tuple of str
        What each material rests on.

    Raises
    ------
    ValueError
        A row names a form, a part or what it touches in a word that is not known.
    """
    amounts: dict[str, dict[tuple[str, str, str], np.ndarray]] = {}
    usd: dict[str, dict[str, np.ndarray]] = {}
    inputs: dict[str, set[str]] = {}
    rests_on = made_inputs(market)
    for row in missing_as_empty(rows).to_dict("records"):
        for column, allowed in (("touches", MADE), ("route", ROUTES), ("part", PARTS)):
            if row[column] not in allowed:
                raise ValueError(
                    f"materials.csv, {row['material']}: {column} {row[column]!r} is not one of "
                    + ", ".join(allowed)
                )
        intensity, price = f"materials.intensity.{row['intensity']}", f"materials.price.{row['price']}"
        amount = units[row["touches"]] * routes[row["route"]] * assumed(intensity)
        key = (str(row["part"]), str(row["form"]), intensity)
        forms = amounts.setdefault(str(row["material"]), {})
        forms[key] = forms.get(key, 0.0) + amount
        parts = usd.setdefault(str(row["material"]), {})
        parts[row["part"]] = parts.get(row["part"], 0.0) + amount * assumed(price)
        inputs.setdefault(str(row["material"]), set()).update(
            (intensity, price, "materials.bottom_up_error", "materials.path_error", *rests_on[row["part"]])
        )
        if row["touches"] in ("hbm_die_made", "hbm_stack_made"):
            inputs[str(row["material"])].update(start_inputs(market))
    return usd, amounts, {name: tuple(sorted(found)) for name, found in inputs.items()}


def _usd(
    name: str, parts: dict[str, np.ndarray], figure_ids: tuple[str, ...], inputs: tuple[str, ...], trust: str
) -> list[Series]:
    common: dict[str, Any] = {
        "n_figures": len(figure_ids),
        "inputs": inputs,
        "figure_ids": figure_ids,
        "trust": trust,
    }
    whole = _f32(added(v.astype(float) for v in parts.values()))
    return [
        Series(SYSTEM, name, "usd", part, "USD", "sum", values, **common)
        for part, values in {"total": whole, **parts}.items()
    ]


def _made_series(drawn: Draws, assumed: Assumed, market: Market) -> list[Series]:
    """Good stacks and dies by generation; stacks x layers = dies in every draw."""
    stacks, dies = stacks_and_dies(drawn, assumed, market)
    series = []
    for item, table, unit, rests in (
        ("hbm_stacks", stacks, "stacks", ("hbm.die_gbit", "equipment.layers_per_stack")),
        ("hbm_dies", dies, "dies", ("hbm.die_gbit",)),
    ):
        inputs = tuple(f"{name}.{g}" for name in rests for g in table)
        inputs += tuple(f"hbm_bits_{g}_gb" for g in table)
        groups = {"total": added(table.values()), **table}
        series += [
            Series(SYSTEM, item, unit, part, unit, "sum", _f32(values), inputs=inputs)
            for part, values in groups.items()
        ]
    return series


def _f32(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float32)
