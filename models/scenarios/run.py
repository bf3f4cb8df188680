"""Scenarios: the same chain on the same posterior draws with shocked drivers, paired draw by draw.

A scenario is a statement about drivers, not a forecast: it carries no probability of its own, nothing is
conditioned on it, and drivers that it doesn't name stay as they are (no second-round effects). How a row acts
on a driver stands in `models.scenarios.shocks`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.draws.joint import PERIODS, Draws, collect
from models.draws.quantiles import OUTER_LEVELS, exact_quantiles
from models.draws.simulate import simulate
from models.draws.summary import PERIOD_KINDS, quantile_columns
from models.evidence.evidence import Evidence
from models.inference.problem import Problem
from models.scenarios.makers import capacity_shares, industry_factor, maker_factors, shocked_makers
from models.scenarios.shocks import HBM_CAPACITY, chain_shock, share_shock
from models.systems.series import Series, usd_totals, yearly_values
from models.systems.substitution import substitution
from models.systems.supplier import supplier
from models.vocabulary.results.systems import SYSTEMS as SYSTEM_RESULTS
from models.vocabulary.systems import SUBSTITUTION_PREFIX
from models.vocabulary.tables import made_columns

DIFFERENCE_COLUMNS = made_columns(SYSTEM_RESULTS, "scenarios")
_SYSTEM_KEY = 12
SystemFunction = Callable[..., list[Series]]


def run_scenario(
    problem: Problem,
    raw: Mapping[str, np.ndarray],
    rows: pd.DataFrame,
    n_draws: int,
    seed: int,
    systems: Sequence[SystemFunction] = (),
    evidence: Evidence | None = None,
    quantities: tuple[str, ...] | None = None,
    base: Draws | None = None,
    workers: int = 2,
    shares: Mapping[str, np.ndarray] | None = None,
) -> pd.DataFrame:
    """Run one scenario beside the base forecast, on the same draws.

    Parameters
    ----------
    problem : Problem
        Its as-of day places windows that are counted from it.
    raw : mapping of str to ndarray (posterior draw, ...)
    rows : DataFrame
        Rows of one scenario, as `models.evidence.checks.scenarios.read_scenarios` accepts them.
    n_draws, seed : int
        As in `simulate`; the same as the base run's, where `base` is given.
    systems : sequence of callable
        Systems to compare as well, ``(drawn, evidence, as_of, rng) -> list of Series``; each gets the same
        random numbers in both runs. `models.systems.substitution.substitution` gets the scenario's shocks,
        and the totals of the systems before it.
    evidence : Evidence, optional
        What the systems need.
    quantities : tuple of str, optional
        Quantities to compare; all otherwise.
    base : Draws, optional
        Those of the base run with the same draws and seed; simulated otherwise.
    workers : int
    shares : mapping of str to ndarray (draw, quarter), optional
        `maker_shares` of the base, for rows that name makers; computed otherwise.

    Returns
    -------
    DataFrame
        `DIFFERENCE_COLUMNS`, one row per quantity and period; of a system by `Series.name`.

    Raises
    ------
    ValueError
        Rows of none or several scenarios, a window off the grid, or a base with another number of draws.
    """
    names = sorted(set(rows["scenario"]))
    if len(names) != 1:
        raise ValueError(
            f"want the rows of one scenario, not of {len(names)}: {', '.join(names) or '(none)'}"
        )
    as_of, known_units = problem.as_of, problem.market.by_name
    plain = base if base is not None else collect(simulate(problem, raw, n_draws, seed, workers=workers))
    if (found := plain.n_draws) != n_draws:
        raise ValueError(f"the base has {found} draws, the scenario {n_draws}: they can't be paired")
    factors: dict[str, np.ndarray] = {}
    left, of_base = None, {}
    if shocked_makers(rows):
        if shares is None and supplier in systems:
            # What the system makes of the base, its shares among it, is made once.
            place = systems.index(supplier)
            of_base[place] = supplier(plain, evidence or Evidence(), as_of, _stream(seed, place))
            shares = capacity_shares(of_base[place])
        shares = shares or maker_shares(plain, evidence or Evidence(), as_of, seed, len(systems))
        factors = maker_factors(rows, plain.quarters(HBM_CAPACITY), shares, as_of, seed)
        left = industry_factor(shares, factors)
    shock = chain_shock(rows, as_of, seed, problem.market, left)
    other = collect(simulate(problem, raw, n_draws, seed, workers=workers, shock=shock))
    kept = quantities or tuple(plain.by_quantity)
    frames = [paired_differences(names[0], q, known_units[q].unit, plain[q], other[q]) for q in kept]
    totals: tuple[list[Series], list[Series]] = ([], [])
    for i, system in enumerate(systems):
        runs = []
        for drawn, rows_of_run, known in zip((plain, other), (None, rows), totals, strict=True):
            stream = _stream(seed, i)
            options: dict[str, Any] = {}
            if system is substitution:
                options["demand"] = known
                if rows_of_run is not None:
                    options["shock"] = share_shock(rows_of_run, as_of, seed)
            if system is supplier and rows_of_run is not None:
                options |= {"left_of": factors, "observed": plain}
            is_made = rows_of_run is None and i in of_base
            runs.append(
                of_base[i] if is_made else system(drawn, evidence or Evidence(), as_of, stream, **options)
            )
            known += usd_totals(runs[-1])
        frames += [_series_differences(names[0], a, b) for a, b in zip(*runs, strict=True)]
    return pd.concat(frames, ignore_index=True)


def maker_shares(
    plain: Draws, evidence: Evidence, as_of: date, seed: int, place: int = 0
) -> dict[str, np.ndarray]:
    """Compute each maker's share of TSV capacity (draw, quarter), as the system of suppliers does.

    Parameters
    ----------
    plain : Draws
        The base run.
    evidence : Evidence
    as_of : date
    seed : int
    place : int
        Of the suppliers among the systems of the scenario.
    """
    return capacity_shares(supplier(plain, evidence, as_of, _stream(seed, place)))


def _stream(seed: int, place: int) -> np.random.Generator:
    """Random numbers of the system at a place: the same with and without the shocks."""
    return np.random.default_rng([seed, _SYSTEM_KEY, place])


def moved_systems(rows: pd.DataFrame) -> list[SystemFunction]:
    """Systems that a scenario shocks itself: of domestic shares and of makers the chain does not show it."""
    shocked = any(str(driver).startswith(SUBSTITUTION_PREFIX) for driver in rows["driver"])
    return [*([supplier] if shocked_makers(rows) else []), *([substitution] if shocked else [])]


def most_moved(table: pd.DataFrame, n_series: int) -> list[str]:
    """Name the series of systems that a scenario moves most in its last year, the most moved first.

    Parameters
    ----------
    table : DataFrame
        `DIFFERENCE_COLUMNS`, as `run_scenario` gives them.
    n_series : int
        How many at most.
    """
    of_systems = table[table["quantity"].str.contains("/") & (table["period_kind"] == "year")]
    last = of_systems[of_systems["period"] == of_systems["period"].max()]
    moved = last["relative_p50"].abs().sort_values(ascending=False, kind="stable")
    return list(last.loc[moved[moved > 0].index[:n_series], "quantity"])


def paired_differences(
    scenario: str, quantity: str, unit: str, base: np.ndarray, other: np.ndarray
) -> pd.DataFrame:
    """Compare two runs draw by draw: quantiles of both, of their difference and of their relative difference.

    Parameters
    ----------
    scenario, quantity, unit : str
    base, other : ndarray (draw, period)
        Periods as `models.draws.joint.PERIODS`.

    Returns
    -------
    DataFrame
        `DIFFERENCE_COLUMNS`, one row per period. A relative difference to nothing is not a number.
    """
    base, other = base.astype(float), other.astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = other / base - 1
    parts = {"base": base, "scenario": other, "difference": other - base, "relative": relative}
    columns = {
        f"{name}_{level}": found
        for name, values in parts.items()
        for level, found in zip(
            quantile_columns(OUTER_LEVELS), exact_quantiles(values, OUTER_LEVELS), strict=True
        )
    }
    frame = pd.DataFrame(
        {
            "scenario": scenario,
            "quantity": quantity,
            "period": PERIODS,
            "period_kind": PERIOD_KINDS,
            "unit": unit,
            **columns,
            "probability_lower": (other < base).mean(axis=0),
            "n_draws": len(base),
        }
    )
    return frame[list(DIFFERENCE_COLUMNS)]


def _series_differences(scenario: str, base: Series, other: Series) -> pd.DataFrame:
    draws = [np.concatenate([s.values, yearly_values(s)], axis=1) for s in (base, other)]  # noqa: PD011
    return paired_differences(scenario, base.name, base.unit, *draws)
