"""Running one system on joint draws and summing it up: what a night, a backtest and a scenario share."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from models.draws.joint import Draws
from models.evidence.evidence import Evidence
from models.evidence.tables.described import SYSTEM_EVIDENCE
from models.systems.output_checks import faults
from models.systems.output_tables import kept_years, lineage, summarise
from models.systems.registry import system_function
from models.systems.series import Series, usd_totals
from models.vocabulary.systems import System

SYSTEM_DRAWS = 4_000
"""The systems rest on so many of the joint draws, evenly spread: their intervals are wide by assumption, each
row has its Monte Carlo error, and all of them would cost the night a minute."""


class SystemRun(NamedTuple):
    """What one system gives on one set of draws.

    Attributes
    ----------
    forecast, lineage : DataFrame
        Rows of `system_forecast` and `system_lineage`.
    totals : list of Series
        Totals in USD.
    kept : dict of ndarray (draw, 7)
        Years by series: the draws that are kept.
    n_series : int
    """

    forecast: pd.DataFrame
    lineage: pd.DataFrame
    totals: list[Series]
    kept: dict[str, np.ndarray]
    n_series: int


def system_evidence(known: Evidence, resolved: pd.DataFrame) -> Evidence:
    """Put together what a system may read: all evidence of a day, with its figures mapped and in base units.

    Parameters
    ----------
    known : Evidence
        All evidence visible on a day.
    resolved : DataFrame
        As `models.inference.from_evidence.resolved_figures` gives it.
    """
    return replace(known, figures=resolved)


def describes_systems(evidence: Evidence) -> bool:
    """Whether any table that only systems read has a row."""
    tables = evidence.tables()
    return any(len(tables[name]) for name in SYSTEM_EVIDENCE)


def thinned(drawn: Draws) -> tuple[Draws, int]:
    """Take about `SYSTEM_DRAWS` of the joint draws, evenly spread.

    Returns
    -------
    fewer : Draws
    step : int
        Every so many draws are taken, from the first on.
    """
    step = max(1, drawn.n_draws // SYSTEM_DRAWS)
    return drawn.taken(slice(None, None, step)), step


def random_stream(seed: int, label: str) -> np.random.Generator:
    """Return a stream of random numbers that depends on the seed and the label alone.

    So a system draws the same numbers whatever other systems there are.
    """
    return np.random.default_rng([seed, *label.encode()])


def system_series(
    system: System,
    drawn: Draws,
    evidence: Evidence,
    as_of: date,
    seed: int,
    totals: Sequence[Series] = (),
) -> list[Series]:
    """Run one system with its own random numbers.

    Parameters
    ----------
    system : System
    drawn : Draws
    evidence : Evidence
        As `system_evidence` gives it.
    as_of : date
    seed : int
    totals : sequence of Series
        Totals in USD of the systems before it, for one that `needs_totals`.
    """
    stream = random_stream(seed, system.stream)
    options = {"demand": totals} if system.needs_totals else {}
    return system_function(system)(drawn, evidence, as_of, stream, **options)


def run_system(
    system: System,
    drawn: Draws,
    evidence: Evidence,
    as_of: date,
    seed: int,
    run_id: str,
    n_chains: int,
    totals: Sequence[Series] = (),
) -> SystemRun:
    """Run one system and sum it up.

    Parameters
    ----------
    system, drawn, evidence, as_of, seed, totals
        As in `system_series`.
    run_id : str
    n_chains : int
        Chains of the posterior under the draws.

    Raises
    ------
    Exception
        Whatever the system raises; ValueError when what it gives can't be published.
    """
    series = system_series(system, drawn, evidence, as_of, seed, totals)
    forecast = summarise(series, run_id, as_of, n_chains)
    rests_on = lineage(series, run_id, list(evidence.market.by_name))
    if found := faults(forecast, rests_on):
        raise ValueError("; ".join(found))
    return SystemRun(forecast, rests_on, usd_totals(series), kept_years(series), len(series))


def joined_tables(runs: Sequence[SystemRun]) -> dict[str, pd.DataFrame]:
    """Tables `system_forecast` and `system_lineage` of all systems that ran; none when none did."""
    if not runs:
        return {}
    return {
        "system_forecast": pd.concat([run.forecast for run in runs], ignore_index=True),
        "system_lineage": pd.concat([run.lineage for run in runs], ignore_index=True),
    }


def diagnostics_with_systems(diagnostics: pd.DataFrame, rows: Sequence[tuple]) -> pd.DataFrame:
    """Add the systems' rows to the table `diagnostics`; they only inform, so no gate reads them."""
    if not rows:
        return diagnostics
    more = pd.DataFrame(rows, columns=list(diagnostics.columns)).astype(
        {"value": float, "threshold": float, "passed": object}
    )
    return pd.concat([diagnostics, more], ignore_index=True)
