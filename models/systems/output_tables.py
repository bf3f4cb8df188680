"""Series summed up: the tables `system_forecast` and `system_lineage`, and the draws that are kept."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import pandas as pd

from models.draws.convergence import MINIMUM_DRAWS, quantile_error
from models.draws.joint import PERIODS
from models.draws.quantiles import LEVELS, quantiles_in_order
from models.draws.summary import PERIOD_KINDS, quantile_columns
from models.systems.series import Series, yearly_values

MEASURED_FIGURES = 5
"""From this many figures on a series counts as measured: a round number, a label for readers, no estimate."""
ROW_KEY = ("system", "item", "measure", "part", "period")
TAILS = (5, 95)
THREADS = 2
KEPT_PARTS = frozenset(
    (
        *("total", "hbm", "cowos"),
        *("bits", "revenue", "tsv_capacity"),  # suppliers
        *("capacity", "allocation"),  # CoWoS makers and their customers
        *("of_hbm_revenue", "china", "domestic"),
    )
)
"""Parts of series whose draws are kept: totals, what adds up to them, shares. Breakdowns and what
a report states are left out; so are quarters, which would take four times the place."""


def trust_label(series: Series) -> str:
    """Say in a word how far a series rests on figures: its own label, else by their number."""
    if series.trust:
        return series.trust
    if series.n_figures >= MEASURED_FIGURES:
        return "measured"
    return "few figures" if series.n_figures else "assumed"


def summarise(
    series: Sequence[Series],
    run_id: str,
    as_of: date,
    n_chains: int,
) -> pd.DataFrame:
    """Summarise series over draws: table `system_forecast`.

    Parameters
    ----------
    series : sequence of Series
        No two with the same system, item, measure and part.
    run_id : str
    as_of : date
    n_chains : int
        Chains of the posterior under the draws, which stand chain by chain; Monte Carlo errors count their
        autocorrelation. Draws that don't divide evenly lose the last few, for the errors only.

    Returns
    -------
    DataFrame
        One row per series and period, columns as the table. Fewer draws a chain than diagnostics need: the
        errors are not numbers.

    Raises
    ------
    ValueError
        A series that can't be read, or two with one name.
    """
    names = [(s.system, s.item, s.measure, s.part) for s in series]
    if len(set(names)) < len(names):
        twice = sorted({n for n in names if names.count(n) > 1})
        raise ValueError(f"series published twice: {', '.join(' '.join(n) for n in twice)}")
    if not series:
        return _empty()

    def frame(one: Series) -> pd.DataFrame:
        draws = np.concatenate([one.values, yearly_values(one)], axis=1)  # noqa: PD011 (no pandas)
        distinct, at = _distinct(np.ascontiguousarray(draws.T))
        ordered = np.sort(distinct, axis=1)
        errors = tail_errors(distinct, n_chains, ordered)
        columns = dict(zip(quantile_columns(LEVELS), quantiles_in_order(ordered)[:, at], strict=True))
        return pd.DataFrame(
            {
                "run_id": run_id,
                "as_of": as_of,
                "system": one.system,
                "item": one.item,
                "measure": one.measure,
                "part": one.part,
                "period": PERIODS,
                "period_kind": PERIOD_KINDS,
                "unit": one.unit,
                **columns,
                "mean": draws.mean(axis=0, dtype=float),
                **{name: found[at] for name, found in errors.items()},
                "n_draws": len(draws),
                "n_figures": one.n_figures,
                "trust": trust_label(one),
            }
        )

    with ThreadPoolExecutor(THREADS) as pool:
        frames = list(pool.map(frame, series))
    return pd.concat(frames, ignore_index=True)


def tail_errors(draws: np.ndarray, n_chains: int, ordered: np.ndarray) -> dict[str, np.ndarray]:
    """Monte Carlo errors of p05 and p95: as `models.draws.convergence` finds, without what isn't published.

    Parameters
    ----------
    draws : ndarray (period, draw)
        Chain by chain.
    n_chains : int
    ordered : ndarray (period, draw)
        The same in order.

    Returns
    -------
    dict of str to ndarray (period,)
        ``mcse_p05, mcse_p95``; zero for a period that doesn't vary, not a number with too few draws or a
        value that isn't finite. Source: Vehtari and others, arXiv:1903.08008, section 4.4.
    """
    n_periods, n = draws.shape
    length = n // n_chains
    if length < MINIMUM_DRAWS:
        return {f"mcse_p{level:02d}": np.full(n_periods, np.nan) for level in TAILS}
    kept = draws[:, : length * n_chains]
    if kept.shape != draws.shape:
        ordered = np.sort(kept, axis=1)
    chains = kept.reshape(n_periods, n_chains, length)
    finite, found = np.isfinite(ordered[:, 0] + ordered[:, -1]), {}
    for level in TAILS:
        error, _ = quantile_error(chains, ordered, level / 100)
        found[f"mcse_p{level:02d}"] = np.where(finite, error, np.nan)
    return found


def _distinct(periods: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keep of (period, draw) what differs from its neighbour: a launch is one date in all quarters.

    Returns
    -------
    distinct : ndarray (kept, draw)
    at : ndarray of int (period,)
        Where each period stands among them.
    """
    differs = np.ones(len(periods), bool)
    differs[1:] = (periods[1:] != periods[:-1]).any(axis=1)
    return periods[differs], np.cumsum(differs) - 1


def lineage(series: Sequence[Series], run_id: str, quantities: Sequence[str]) -> pd.DataFrame:
    """List what each series rests on: table `system_lineage`.

    Parameters
    ----------
    series : sequence of Series
    run_id : str
    quantities : sequence of str
        Names of the chain's quantities; any other input is an assumption.

    Returns
    -------
    DataFrame
        ``run_id, system, item, measure, input_kind, input_name``, each once.
    """
    known = set(quantities)
    rows: dict[tuple[str, ...], None] = {}
    for one in series:
        kinds = [("quantity" if name in known else "assumption", name) for name in one.inputs]
        for kind, name in [*kinds, *(("figure", figure_id) for figure_id in one.figure_ids)]:
            rows[one.system, one.item, one.measure, kind, name] = None
    columns = ["system", "item", "measure", "input_kind", "input_name"]
    frame = pd.DataFrame(list(rows), columns=columns)
    frame.insert(0, "run_id", run_id)
    return frame


def kept_years(series: Sequence[Series]) -> dict[str, np.ndarray]:
    """Years of the series whose draws are kept.

    Parameters
    ----------
    series : sequence of Series

    Returns
    -------
    dict of str to ndarray of float32 (draw, 7)
        By `Series.name`; draw i belongs to draw i of the series, periods as
        `models.vocabulary.periods.YEARS`.
    """
    return {one.name: yearly_values(one) for one in series if one.part in KEPT_PARTS}


def _empty() -> pd.DataFrame:
    columns = ["run_id", "as_of", *ROW_KEY, "period_kind", "unit", *quantile_columns(LEVELS), "mean"]
    return pd.DataFrame(columns=[*columns, "mcse_p05", "mcse_p95", "n_draws", "n_figures", "trust"])
