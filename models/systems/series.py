"""What every system hands back: named series of joint draws, their years, and the table of their intervals.

A system never summarises: sums and ratios are made draw by draw, quantiles last.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from models.draws.convergence import MINIMUM_DRAWS, effective_sample_size, split_chains
from models.draws.quantiles import LEVELS, exact_quantiles
from models.draws.simulate import PERIODS
from models.draws.summary import PERIOD_KINDS, quantile_columns
from models.vocabulary.periods import N_QUARTERS, YEARS

YEARLY = ("sum", "end", "ratio", "mean")
SYSTEMS = (
    "equipment",
    "materials",
    "packaging",
    "server_content",
    "supplier",
    "roadmap",
    "cowos_variant",
    "substitution",
)
TRUST = ("measured", "few figures", "assumed")
MEASURED_FIGURES = 5
"""From this many figures on a series counts as measured: a round number, a label for readers, no estimate."""
KEYS = ("system", "item", "measure", "part", "period")
DEFAULT_CHAINS = 4
TAILS = (5, 95)
_QUARTERS_A_YEAR = 4
_ONE_SIGMA = (0.1586553, 0.8413447)


@dataclass(frozen=True)
class Series:
    """One quantity of a system, by draw and quarter.

    Attributes
    ----------
    system : str
        One of `SYSTEMS`.
    item : str
        What it is about: an equipment category, a material, a supplier, a generation.
    measure : str
        'usd', 'tools', 'gb', 'share', 'wafers_per_month', 'ratio', ...
    part : str
        'total' or the part of it: 'hbm', 'cowos', 'new_capacity', 'replacement', 'bottom_up', 'top_down', ...
    unit : str
        Unit of the quarterly value.
    yearly : {'sum', 'end', 'ratio', 'mean'}
        How a year is made of its quarters.
    values : ndarray (draw, 28) of float32
        Draw i belongs to draw i of the chain.
    n_figures : int
        Published figures that inform it.
    inputs : tuple of str
        Names of the chain's quantities and of the assumptions it rests on.
    figure_ids : tuple of str
        The figures counted in `n_figures`.
    numerator, denominator : ndarray (draw, 28), optional
        For 'ratio': the year is the ratio of their years.
    ratio_of : {'sum', 'end'}
        How the years of numerator and denominator are made.
    trust : str
        One of `TRUST` where the number of figures alone misleads (upper bounds only, say); else empty.
    """

    system: str
    item: str
    measure: str
    part: str
    unit: str
    yearly: str
    values: np.ndarray
    n_figures: int = 0
    inputs: tuple[str, ...] = ()
    figure_ids: tuple[str, ...] = ()
    numerator: np.ndarray | None = None
    denominator: np.ndarray | None = None
    ratio_of: str = "sum"
    trust: str = ""

    @property
    def name(self) -> str:
        """Name among quantities: system/item/measure/part."""
        return f"{self.system}/{self.item}/{self.measure}/{self.part}"


def quarters(drawn: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """Quarters of a quantity of the chain, (draw, 28), in double precision."""
    if name not in drawn:
        raise KeyError(f"quantity {name!r} is not among the draws")
    return drawn[name][:, :N_QUARTERS].astype(float)


def series_of(
    system: str,
    item: str,
    measure: str,
    part: str,
    unit: str,
    yearly: str,
    values: np.ndarray,
    figure_ids: tuple[str, ...],
    inputs: tuple[str, ...],
    *ratio: np.ndarray,
    trust: str = "",
) -> Series:
    """Make a series of double-precision values (draw, 28); `ratio` is numerator and denominator, if any."""
    above, below = (x.astype(np.float32) for x in ratio) if ratio else (None, None)
    return Series(
        *(system, item, measure, part, unit, yearly, values.astype(np.float32)),
        *(len(figure_ids), inputs, figure_ids, above, below),
        trust=trust,
    )


def usd_totals(series: Sequence[Series]) -> list[Series]:
    """Totals in USD: what sensitivities look at, and what domestic shares are shares of."""
    return [one for one in series if (one.measure, one.part) == ("usd", "total")]


def trust_label(series: Series) -> str:
    """Say in a word how far a series rests on figures: its own label, else by their number."""
    if series.trust:
        return series.trust
    if series.n_figures >= MEASURED_FIGURES:
        return "measured"
    return "few figures" if series.n_figures else "assumed"


def yearly_values(series: Series) -> np.ndarray:
    """Make years of quarters, draw by draw.

    Returns
    -------
    ndarray of float32 (draw, 7)
        A ratio of nothing to nothing is not a number.

    Raises
    ------
    ValueError
        Unknown rule, wrong shape, or a ratio without its two parts.
    """
    _check(series)
    if series.yearly != "ratio":
        return _years(series.values, series.yearly)
    assert series.numerator is not None
    assert series.denominator is not None
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = _years(series.numerator, series.ratio_of) / _years(series.denominator, series.ratio_of)
    return ratio.astype(np.float32)


def summarise(
    series: Sequence[Series],
    run_id: str,
    as_of: date,
    n_chains: int = DEFAULT_CHAINS,
    n_posterior: int | None = None,
    workers: int = 2,
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
    n_posterior : int, optional
        Posterior draws under the draws, where fewer: the errors rest on the first pass through the posterior,
        as in `models.draws.summary`.
    workers : int
        Threads.

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
        columns = dict(zip(quantile_columns(LEVELS), exact_quantiles(draws, LEVELS), strict=True))
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
                **tail_errors(draws[:n_posterior], n_chains),
                "n_draws": len(draws),
                "n_figures": one.n_figures,
                "trust": trust_label(one),
            }
        )

    with ThreadPoolExecutor(workers) as pool:
        frames = list(pool.map(frame, series))
    return pd.concat(frames, ignore_index=True)


def tail_errors(draws: np.ndarray, n_chains: int) -> dict[str, np.ndarray]:
    """Monte Carlo errors of p05 and p95: as `models.draws.convergence` finds, without what isn't published.

    Parameters
    ----------
    draws : ndarray (draw, period)
        Chain by chain.
    n_chains : int

    Returns
    -------
    dict of str to ndarray (period,)
        ``mcse_p05, mcse_p95``; zero for a period that doesn't vary, not a number with too few draws or a
        value that isn't finite. Source: Vehtari and others, arXiv:1903.08008, section 4.4.
    """
    length, n_periods = len(draws) // n_chains, draws.shape[1]
    if length < MINIMUM_DRAWS:
        return {f"mcse_p{level:02d}": np.full(n_periods, np.nan) for level in TAILS}
    kept = np.ascontiguousarray(draws[: length * n_chains].T)
    ordered = np.sort(kept, axis=1)
    size, chains = kept.shape[1], kept.reshape(n_periods, n_chains, length)
    finite, found = np.isfinite(ordered[:, 0] + ordered[:, -1]), {}
    row = np.arange(n_periods)
    for level in TAILS:
        cut = np.quantile(ordered, level / 100, axis=1)
        below = (chains <= cut[:, None, None]).astype(float)
        ess = effective_sample_size(split_chains(below))
        low, high = (
            betaincinv(ess * level / 100 + 1, ess * (1 - level / 100) + 1, p) * size - 1 for p in _ONE_SIGMA
        )
        first = np.floor(np.maximum(np.nan_to_num(low), 0)).astype(int)
        last = np.ceil(np.minimum(np.nan_to_num(high), size - 1)).astype(int)
        error = (ordered[row, last].astype(float) - ordered[row, first]) / 2
        found[f"mcse_p{level:02d}"] = np.where(finite, error, np.nan)
    return found


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


def _check(series: Series) -> None:
    name = f"{series.system} {series.item} {series.measure} {series.part}"
    if series.yearly not in YEARLY:
        raise ValueError(f"{name}: yearly {series.yearly!r} is not one of {', '.join(YEARLY)}")
    for values in (series.values, series.numerator, series.denominator):  # noqa: PD011 (no pandas)
        if values is not None and (values.ndim != 2 or values.shape[1] != N_QUARTERS):
            raise ValueError(f"{name}: shape {values.shape}, want (draw, {N_QUARTERS})")
    if series.yearly == "ratio" and (series.numerator is None or series.denominator is None):
        raise ValueError(f"{name}: a ratio needs its numerator and denominator")


def _years(values: np.ndarray, rule: str) -> np.ndarray:
    quarters = values.reshape(len(values), len(YEARS), _QUARTERS_A_YEAR)
    if rule == "end":
        return quarters[..., -1].astype(np.float32)
    # In double precision, so that sums of parts meet their total to float32 rounding; four slices are added
    # seven times quicker than an axis of four.
    total = quarters[..., 0].astype(float)
    for i in range(1, _QUARTERS_A_YEAR):
        total += quarters[..., i]
    return (total / _QUARTERS_A_YEAR if rule == "mean" else total).astype(np.float32)


def _empty() -> pd.DataFrame:
    columns = ["run_id", "as_of", *KEYS, "period_kind", "unit", *quantile_columns(LEVELS), "mean"]
    return pd.DataFrame(columns=[*columns, "mcse_p05", "mcse_p95", "n_draws", "n_figures", "trust"])
