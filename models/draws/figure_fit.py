"""Each figure beside what the posterior predicts for it, and why a figure informs nothing."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from models.draws.printed_scale import to_printed_scale
from models.draws.quantiles import OUTER_LEVELS, exact_quantiles
from models.evidence.mapping import GROWTH, LESS_ONE
from models.inference.figure_residuals import figure_residuals
from models.inference.problem import Problem
from models.vocabulary.rows import rows_of

FIGURE_DRAWS = 4000


def figure_fit(
    problem: Problem,
    raw: Mapping[str, np.ndarray],
    run_id: str,
    seed: int,
    resolved: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Compare what the model would have expected each publication to print with what it printed.

    The expectation is of *a figure of that kind*: with its publisher's bias, shared errors and noise.

    Parameters
    ----------
    problem : Problem
    raw : mapping of str to ndarray (posterior draw, ...)
    run_id : str
    seed : int
        Of the noise.
    resolved : DataFrame, optional
        All figures (`models.inference.from_evidence.resolved_figures`); those without a quantity are added
        with their reason.

    Returns
    -------
    DataFrame
        ``run_id, figure_id, quantity, period, measure, per_quantity, unit, published_value, predicted_p05,
        predicted_p50, predicted_p95, pit, weight, used, reason`` in natural units; a growth rate as a
        fraction. A one-sided figure has no pit.
    """
    operator = problem.operator
    figures, obs = operator.figures, operator.arrays
    n = len(next(iter(raw.values())))
    at = np.unique(np.linspace(0, n - 1, min(n, FIGURE_DRAWS)).astype(int))
    every = np.arange(len(figures))
    residuals = figure_residuals(problem, {name: values[at] for name, values in raw.items()}, every)
    expected = residuals.printed(np.random.default_rng(seed))
    one_sided = obs["censored"] != 0
    low, middle, high = (_natural(q, problem) for q in exact_quantiles(expected, OUTER_LEVELS))
    units = {} if resolved is None else dict(zip(resolved["figure_id"], resolved["unit"], strict=True))
    frame = pd.DataFrame(
        {
            "run_id": run_id,
            "figure_id": figures["figure_id"].to_numpy(),
            "quantity": figures["quantity"].to_numpy(),
            "period": figures["period"].to_numpy(),
            "measure": [measure_of(row.aggregation, row.per_quantity) for row in rows_of(figures)],
            "per_quantity": figures["per_quantity"].replace("", None).to_numpy(),
            "unit": [units.get(figure_id) for figure_id in figures["figure_id"]],
            "published_value": [_as_printed(value) for value in _natural(obs["y"], problem)],
            "predicted_p05": low,
            "predicted_p50": middle,
            "predicted_p95": high,
            "pit": np.where(one_sided, np.nan, (expected <= obs["y"]).mean(axis=0)),
            "weight": problem.weight,
            "used": problem.weight > 0,
            "reason": [
                _unused_reason(row.known_on, w, problem)
                for row, w in zip(rows_of(figures), problem.weight, strict=True)
            ],
        }
    )
    return pd.concat([frame, _left_out(problem, resolved, run_id)], ignore_index=True)


def measure_of(aggregation: str, per_quantity: str) -> str:
    """Say what a figure measures of its quantity: its level, its growth, or its ratio to another one.

    Growth of a ratio is growth; an excess (supply over demand less one) is a ratio.
    """
    if aggregation in GROWTH:
        return "growth"
    return "ratio" if per_quantity or aggregation in LESS_ONE else "level"


def _natural(working: np.ndarray, problem: Problem) -> np.ndarray:
    """Carry figures (..., figure) from the working scale to the printed one."""
    is_less_one = problem.operator.figures["aggregation"].isin(LESS_ONE).to_numpy()
    return to_printed_scale(working, problem.operator.arrays["is_logit"] > 0, is_less_one)


def _as_printed(value: float) -> float:
    """Give a printed number its digits back: on the working scale and back they gather dust at the 16th."""
    return float(f"{value:.12g}")


def _unused_reason(known_on: date, weight: float, problem: Problem) -> str | None:
    if weight > 0:
        return None
    if known_on > problem.as_of:
        return f"published after {problem.as_of}"
    return (
        "replaced by a newer figure of the same publisher for the same target, or its publisher is withheld"
    )


def _left_out(problem: Problem, resolved: pd.DataFrame | None, run_id: str) -> pd.DataFrame:
    """Figures that never became an observation, with the reason."""
    unused = problem.operator.unused
    rows: dict[str, tuple[str | None, ...]] = {
        f: (None, None, None, None, None, r)
        for f, r in zip(unused["figure_id"], unused["reason"], strict=True)
    }
    if resolved is not None:
        known = set(problem.operator.figures["figure_id"])
        for row in rows_of(resolved):
            if row.figure_id in known:
                continue
            found = row.unmapped_reason if not row.mapped else "informs no quantity of the chain"
            reason = rows[row.figure_id][-1] if row.figure_id in rows else found
            measure = measure_of(row.aggregation, row.per_quantity) if row.quantity else None
            about = (row.quantity, row.period, measure, row.per_quantity or None, row.unit)
            rows[row.figure_id] = (*about, reason or "not used")
    frame = pd.DataFrame(
        [(figure_id, *found) for figure_id, found in rows.items()],
        columns=["figure_id", "quantity", "period", "measure", "per_quantity", "unit", "reason"],
    )
    return frame.assign(
        run_id=run_id,
        published_value=np.nan,
        predicted_p05=np.nan,
        predicted_p50=np.nan,
        predicted_p95=np.nan,
        pit=np.nan,
        weight=0.0,
        used=False,
    )
