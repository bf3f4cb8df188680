"""Figures that no fit has seen, each with where it falls in what such a publication was expected to print."""

import math
from datetime import date
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from models.evidence.assumptions import read_priors
from models.evidence.chain_evidence import ChainEvidence
from models.evidence.checks.reference import definition_keys
from models.inference.fit import Fit
from models.inference.operator import Operator
from models.scoring.external_figures import SHOWN, plain, to_contract, usable_newcomers
from models.scoring.predictive import placed, predictive, summary
from models.vocabulary.rows import records
from models.vocabulary.units import VALUE_COLUMNS

_SOURCE = ["source_id", "publisher", "published_on", "published_precision"]


class ScoredFigures(TypedDict):
    """Figures of a table, and where each falls; scored and unmapped ones add up to all rows.

    Attributes
    ----------
    scored : int
    unmapped : list of dict
        Figures that could not be scored, with reason and remedy.
    coverage, pit
        As in `models.scoring.predictive.Calibration`.
    pit_uniform_p : float or None
        Its ``ks_p``.
    figures : list of dict
        From `report_rows`.
    read_as : list of dict
        Cells read in another form than printed.
    """

    scored: int
    unmapped: list[dict[str, Any]]
    coverage: dict[str, float | None]
    pit: list[float]
    pit_uniform_p: float | None
    figures: list[dict[str, Any]]
    read_as: list[dict[str, Any]]


def scored_figures(
    fit: Fit,
    known: ChainEvidence,
    raw: pd.DataFrame,
    sources: pd.DataFrame | None,
    seed: int,
    today: date,
) -> ScoredFigures:
    """Score a table of figures.

    Parameters
    ----------
    fit : Fit
    known : ChainEvidence
        Its 'metrics', 'exchange_rates', 'sources', 'assumptions'.
    raw : DataFrame of str
        Either format of `models.scoring.external_figures.to_contract`.
    sources : DataFrame or None
        Sources that came with it.
    seed : int
    today : date
        Figures may be published after the posterior's day, but not after today.

    Returns
    -------
    ScoredFigures

    Raises
    ------
    HeaderError
        The columns are those of neither format.
    """
    figures, own_sources = to_contract(raw)
    every = [
        own_sources[_SOURCE],
        known.sources[_SOURCE],
        *([] if sources is None else [sources[_SOURCE]]),
    ]
    usable, unmapped, read_as = usable_newcomers(
        figures,
        pd.concat(every, ignore_index=True),
        known.metrics,
        known.exchange_rates,
        definition_keys(known.assumptions.to_dict("records")),
        today,
    )
    rows: list[dict[str, Any]] = []
    table = pd.DataFrame()
    if len(usable):
        result = predictive(fit, usable, read_priors(known.assumptions, fit.problem.as_of), seed)
        table = placed(result)
        seen = seen_by(fit.problem.operator, fit.problem.weight, result.figures, result.y)
        rows = report_rows(usable, table, seen)
        unmapped += _not_predicted(usable, result.unmapped)
    totals = summary(table)
    return {
        "scored": len(rows),
        "unmapped": sorted(unmapped, key=lambda row: row["row"]),
        "coverage": totals["coverage"],
        "pit": totals["pit"],
        "pit_uniform_p": totals["ks_p"],
        "figures": rows,
        "read_as": read_as,
    }


def seen_by(operator: Operator, weight: np.ndarray, usable: pd.DataFrame, y: np.ndarray) -> list[bool]:
    """Say which figures the posterior has seen: same publisher, quantity, period and number.

    Parameters
    ----------
    operator : Operator
        Of the posterior.
    weight : ndarray (figure,)
        Its weights: what has none was not visible, or was replaced since.
    usable : DataFrame
        Columns ``publisher, quantity, aggregation, period``.
    y : ndarray
        Their numbers on the working scale.
    """
    columns = ["publisher", "quantity", "aggregation", "period"]
    visible = operator.figures[weight > 0]
    known = {
        (*key, round(float(value), 6))
        for key, value in zip(
            visible[columns].itertuples(index=False, name=None), operator.arrays["y"][weight > 0], strict=True
        )
    }
    rows = zip(usable[columns].itertuples(index=False, name=None), y, strict=True)
    return [(*key, round(float(value), 6)) in known for key, value in rows]


def report_rows(usable: pd.DataFrame, table: pd.DataFrame, seen: list[bool]) -> list[dict[str, Any]]:
    """Join what was printed with where it falls, numbers in the unit that was printed.

    Parameters
    ----------
    usable : DataFrame
        From `models.scoring.external_figures.usable_newcomers`.
    table : DataFrame
        From `models.scoring.predictive.placed`.
    seen : list of bool
        From `seen_by`, in the order of `table`.
    """
    by_id = {row["figure_id"]: row for row in records(usable)}
    rows = []
    for found, was_seen in zip(records(table), seen, strict=True):
        row = by_id[found["figure_id"]]
        factor = float(row["unit_factor"])
        numbers = {name: plain(_unscaled(row[name], factor)) for name in VALUE_COLUMNS}
        predicted = {
            name: plain(float(found[name]) / factor) for name in found if str(name).startswith("predicted_")
        }
        inside = {str(name): found[name] for name in found if str(name).startswith("inside_")}
        rows.append(
            {
                "row": int(row["row"]),
                "figure_id": row["given_id"],
                **{name: plain(row[name]) for name in SHOWN if name not in (*VALUE_COLUMNS, "unit")},
                **numbers,
                "unit": row["published_unit"],
                "published_on": row["published_on"],
                "quantity": row["quantity"],
                "horizon_years": float(found["horizon_years"]),
                **predicted,
                "pit": found["pit"],
                "probability": found["probability"],
                **inside,
                "in_fit": was_seen,
            }
        )
    return sorted(rows, key=lambda row: row["row"])


def _unscaled(value: float, factor: float) -> float:
    # Twelve digits: dividing back must not print 0.30000000000000004.
    return float(f"{value / factor:.12g}") if math.isfinite(value) else value


def _not_predicted(usable: pd.DataFrame, unmapped: pd.DataFrame) -> list[dict[str, Any]]:
    by_id = {row["figure_id"]: row for row in usable.to_dict("records")}
    listed = []
    for figure_id, reason in unmapped[["figure_id", "reason"]].itertuples(index=False):
        row = by_id[figure_id]
        shown = {name: plain(row.get(name)) for name in SHOWN}
        listed.append(
            {"row": int(row["row"]), "figure_id": row["given_id"], **shown, "reason": reason, "remedy": ""}
        )
    return listed


def thinned(fit: Fit, n_draws: int) -> Fit:
    """Give a posterior with about so many of its draws, evenly spread: for a look, not for a forecast.

    Parameters
    ----------
    fit : Fit
    n_draws : int
        Over all chains.
    """
    n_chains, n_each = next(iter(fit.raw.values())).shape[:2]
    step = max(1, n_chains * n_each // n_draws)
    return Fit(fit.problem, {name: np.asarray(values[:, ::step]) for name, values in fit.raw.items()}, {})
