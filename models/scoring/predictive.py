"""What a publication would print: the predictive distribution of a published figure of a given kind.

The same lines as the likelihood (`models.inference.operator`, `models.inference.observation`), run forward:
terms, definition offset, publisher bias, shared street error, own noise, and at last the rounding of the
print. What the posterior knows of (a publisher, a street error's target and half-year, a definition) is taken
from it, draw by draw; what it does not know is drawn from its prior, one value per label and draw, so that
figures of one unknown publisher err together.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
import pandas as pd
from scipy.stats import kstest

from models.draws.printed_scale import to_printed_scale
from models.evidence.assumptions import Prior
from models.evidence.mapping import LESS_ONE
from models.inference.fit import Fit
from models.inference.observation import log_points, printed
from models.inference.operator import Operator, build_operator
from models.inference.problem import quantity_rows, with_news, working_values
from models.scoring.scores import COVERAGE_LEVELS, SCORING_BLOCK_DRAWS, covered, pit_values
from models.vocabulary.market import Market
from models.vocabulary.rows import records
from models.vocabulary.units import half_unit

QUANTILES = (0.05, 0.25, 0.50, 0.75, 0.95)


@dataclass
class Predictive:
    """Draws of published figures.

    Attributes
    ----------
    figures : DataFrame
        Figures that can be predicted, with the columns of `models.inference.operator.Operator.figures`.
    unmapped : DataFrame
        ``figure_id, reason`` of those that can't.
    draws : ndarray (draw, figure)
        On the working scale: log of the figure, of 1 + growth, or logit of a share.
    y : ndarray (figure,)
        The published numbers on that scale; the bound where only one is given.
    censored : ndarray (figure,)
        1 where "over y" was published, -1 where "under y", 0 otherwise.
    """

    figures: pd.DataFrame
    unmapped: pd.DataFrame
    draws: np.ndarray
    y: np.ndarray
    censored: np.ndarray


def predictive(fit: Fit, figures: pd.DataFrame, priors: Mapping[str, Prior], seed: int) -> Predictive:
    """Draw what publications of the kind of the given figures would print.

    Parameters
    ----------
    fit : Fit
        Posterior; its draws are all used.
    figures : DataFrame
        As `models.inference.operator.build_operator` wants them, in base units, with ``published_unit`` and
        ``unit_factor`` where the rounding of the print is to count.
    priors : mapping of str to Prior
        Assumptions known at the posterior's date, for definitions it has not met.
    seed : int

    Returns
    -------
    Predictive
    """
    own = with_news(_operator(figures, fit.problem.market), fit.problem)
    unknown = [d for d in own.definitions[1:] if not _knows_definition(d, fit.problem.operator, priors)]
    lost = own.figures["definition"].isin(unknown)
    if lost.any():
        reasons = [
            {"figure_id": f, "reason": f"definition {d!r} has no offset in the assumptions known at the time"}
            for f, d in own.figures.loc[lost, ["figure_id", "definition"]].itertuples(index=False)
        ]
        kept = set(own.figures.loc[~lost, "figure_id"])
        rest = predictive(fit, figures[figures["figure_id"].isin(kept)], priors, seed)
        unused = pd.concat([own.unused, pd.DataFrame(reasons), rest.unmapped], ignore_index=True)
        return Predictive(rest.figures, unused, rest.draws, rest.y, rest.censored)
    rng = np.random.default_rng(seed)
    theta = {k: np.asarray(v, float) for k, v in working_values(fit.flat(), fit.problem.data()).items()}
    obs = _relabelled(own, fit, theta, priors, rng)
    n_draws = theta["driver_level"].shape[0]
    draws = np.empty((n_draws, len(own.figures)))
    for first in range(0, n_draws if len(own.figures) else 0, SCORING_BLOCK_DRAWS):
        # In blocks: all classes and quarters of all draws at once would take gigabytes.
        block = {k: v[first : first + SCORING_BLOCK_DRAWS] for k, v in theta.items()}
        points = log_points(np, quantity_rows(block, fit.problem), obs)
        draws[first : first + SCORING_BLOCK_DRAWS] = printed(points, block, obs, rng)
    draws += _rounding(figures, own.figures, rng, draws.shape)
    return Predictive(own.figures, own.unused, draws, own.arrays["y"], own.arrays["censored"])


def _operator(figures: pd.DataFrame, market: Market) -> Operator:
    """Stack the figures; an operator without any figure where none can be read."""
    # `build_operator` wants at least one readable figure: a probe goes last and is taken out again.
    probe = {
        **{"figure_id": "probe", "origin_id": "probe", "publisher": "", "quantity": "server_shipments"},
        **{"per_quantity": "", "aggregation": "sum", "scale": "log", "definition": "", "period": "2024"},
        **{"fiscal_year_end_month": math.nan, "value": 1.0, "low": math.nan, "high": math.nan},
        **{"kind": "actual", "published_on": "2025-01-01", "published_precision": "day"},
    }
    own = build_operator(pd.DataFrame([*records(figures[list(probe)]), probe]), market)
    own.figures = own.figures.iloc[:-1]
    per_figure = set(own.arrays) - {"point_row", "point_quarter", "point_weight", "sum_rows"}
    own.arrays = {k: v[:-1] if k in per_figure else v for k, v in own.arrays.items()}
    return own


def _knows_definition(definition: str, operator: Operator, priors: Mapping[str, Prior]) -> bool:
    return definition in operator.definitions or f"definition_offset.{definition}" in priors


def _relabelled(
    own: Operator,
    fit: Fit,
    theta: dict[str, np.ndarray],
    priors: Mapping[str, Prior],
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Point error terms at the posterior's labels; new labels get prior draws, added to `theta`."""
    operator = fit.problem.operator
    n_draws = theta["driver_level"].shape[0]
    obs = dict(own.arrays)
    labels = {
        "definition": ("definition_offset", operator.definitions),
        "publisher": ("publisher_bias", operator.publishers),
        "street_target": ("street_target", operator.street_targets),
        "street_time": ("street_time", operator.street_times),
    }
    for column, (block, known) in labels.items():
        # Index 0 means none.
        position = {label: i for i, label in enumerate(known)}
        wanted = _labels(own, operator, column)
        new = [label for label in dict.fromkeys(wanted.ravel()) if label not in position]
        if column == "definition":
            offsets = [priors[f"definition_offset.{d}"] for d in new]
            added: list[np.ndarray] = [_definition_draws(offset, n_draws, rng) for offset in offsets]
        else:
            # Where a part is switched off in the fit (scale 0), it stays off.
            scale = float(np.max(fit.problem.scale[block], initial=0.0)) if len(known) > 1 else 1.0
            added = [np.asarray(scale * rng.standard_normal(n_draws)) for _ in new]
        theta[block] = np.column_stack([theta[block], *added]) if added else theta[block]
        position |= {label: len(known) + i for i, label in enumerate(new)}
        at = np.array([position[label] for label in wanted.ravel()], dtype=np.int64)
        obs[column] = at.reshape(wanted.shape)
    return obs


def _labels(own: Operator, fitted: Operator, column: str) -> np.ndarray:
    """Labels of each figure's error terms, (figure,), or (figure, component) of the street's."""
    if column == "publisher":
        return _biased_by(own, fitted).to_numpy(object)
    if column == "definition":
        return own.figures["definition"].to_numpy(object)
    known = {"street_target": own.street_targets, "street_time": own.street_times}[column]
    return np.array(known, object)[own.arrays[column]]


def _biased_by(own: Operator, fitted: Operator) -> pd.Series:
    """Who bends each figure: its publisher, except where he reports what the model takes for a result.

    Somebody else's "actual" is an estimate of the same thing, and has its publisher's bias.
    """
    results = fitted.figures.loc[fitted.figures["kind"] == "actual", ["publisher", "quantity"]]
    reported = set(results.itertuples(index=False, name=None))
    is_result = [
        row.kind == "actual" and (row.publisher, row.quantity) in reported for row in own.figures.itertuples()
    ]
    return own.figures["publisher"].mask(np.array(is_result, bool), "")


def _definition_draws(offset: Prior, n_draws: int, rng: np.random.Generator) -> np.ndarray:
    return offset.loc + offset.scale * rng.standard_normal(n_draws)


def _rounding(
    figures: pd.DataFrame, used: pd.DataFrame, rng: np.random.Generator, shape: tuple[int, ...]
) -> np.ndarray:
    """Draw rounding errors of the prints on the working scale, (draw, figure)."""
    by_id = {row["figure_id"]: row for row in records(figures)}
    halves = np.array([_half_working(by_id[figure_id]) for figure_id in used["figure_id"]], float)
    return rng.uniform(-1.0, 1.0, shape) * halves if len(halves) else np.zeros(shape)


def _half_working(figure: Mapping[str, Any]) -> float:
    """Half a printed unit on the working scale; a range or a bound carries its own width, not a rounding."""
    value = float(figure["value"])
    factor = float(figure.get("unit_factor", 1.0))
    if not math.isfinite(value) or not factor:
        return 0.0
    half = half_unit(value / factor) * factor
    shift = 1.0 if figure["aggregation"] in LESS_ONE else 0.0
    slope = 1.0 / (value + shift)
    if figure["scale"] == "logit":
        slope = 1.0 / (value * (1.0 - value))
    return abs(half * slope)


def placed(result: Predictive) -> pd.DataFrame:
    """Say where every figure falls in its predictive distribution.

    Returns
    -------
    DataFrame
        One row per figure of `result.figures`: ``figure_id, quantity, period, publisher, kind,
        horizon_years``, ``predicted_p05 ... predicted_p95`` in the base unit, ``pit`` (share of the
        expectation below the number; None for one-sided figures), ``probability`` (for one-sided figures:
        that a figure of that kind lies beyond the bound; None otherwise), ``inside_50|80|90`` (None for
        one-sided figures).
    """
    pit = pit_values(result.draws, result.y) if len(result.y) else np.empty(0)
    inside = (
        {level: covered(result.draws, result.y, level) for level in COVERAGE_LEVELS} if len(result.y) else {}
    )
    rows = []
    for i, figure in enumerate(records(result.figures)):
        quantiles = to_printed_scale(
            np.quantile(result.draws[:, i], QUANTILES), figure["is_logit"], figure["aggregation"] in LESS_ONE
        )
        one_sided = bool(result.censored[i])
        beyond = 1.0 - pit[i] if result.censored[i] > 0 else pit[i]
        rows.append(
            {
                **{name: figure[name] for name in ("figure_id", "quantity", "per_quantity", "aggregation")},
                **{name: figure[name] for name in ("period", "publisher", "kind")},
                "horizon_years": figure["horizon"],
                **{
                    f"predicted_p{q * 100:02.0f}": float(v) for q, v in zip(QUANTILES, quantiles, strict=True)
                },
                "pit": None if one_sided else float(pit[i]),
                "probability": float(beyond) if one_sided else None,
                **{f"inside_{k}": None if one_sided else bool(v[i]) for k, v in inside.items()},
            }
        )
    return pd.DataFrame(rows, dtype=object)


class Calibration(TypedDict):
    """How well a table of predictions is calibrated.

    Attributes
    ----------
    coverage : dict of str to float or None
        By '50', '80', '90', shares; None without figures.
    pit : list of float
    ks_p : float or None
        P-value of the Kolmogorov-Smirnov test of uniformity; None with fewer than two figures.
    n : int
        Two-sided figures.
    """

    coverage: dict[str, float | None]
    pit: list[float]
    ks_p: float | None
    n: int


def summary(table: pd.DataFrame) -> Calibration:
    """Overall coverage and uniformity of the two-sided figures.

    Returns
    -------
    Calibration
    """
    two_sided = table[table["pit"].notna()] if len(table) else table
    pit = [float(p) for p in two_sided["pit"]] if len(two_sided) else []
    coverage = {
        str(level): float(np.mean(two_sided[f"inside_{level}"].astype(float))) if pit else None
        for level in COVERAGE_LEVELS
    }
    ks_p = float(kstest(pit, "uniform").pvalue) if len(pit) > 1 else None
    return {"coverage": coverage, "pit": pit, "ks_p": ks_p, "n": len(pit)}
