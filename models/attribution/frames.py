"""The three analyses of sensitivity of one run, on the same draws."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from models.attribution.power_scaling import THIN_TO, log_parts, power_scaling, thinned
from models.attribution.prior_posterior import assumptions_learned, drivers_learned
from models.attribution.sensitivity import (
    SENSITIVITY_YEARS,
    driver_features,
    headline_targets,
    paired_draws,
    series_targets,
    variance_shares,
)
from models.draws.joint import Draws
from models.inference.problem import Problem
from models.systems.series import Series


def sensitivity_frames(
    problem: Problem,
    raw: Mapping[str, np.ndarray],
    drawn: Draws,
    series: Sequence[Series] = (),
) -> dict[str, pd.DataFrame]:
    """Compute variance shares, prior against posterior, and power-scaling.

    Parameters
    ----------
    problem : Problem
    raw : mapping of str to ndarray (posterior draw, ...)
        All blocks of the posterior (`models.inference.fit.Fit.flat`).
    drawn : Draws
        What `models.draws.simulate.simulate` made of it, without fresh blocks; at least the headline
        quantities.
    series : sequence of Series
        Systems, whose yearly totals in USD become targets of the variance shares.

    Returns
    -------
    dict of str to DataFrame
        'variance_shares' (`models.attribution.sensitivity.SHARE_COLUMNS`), 'learned'
        (`models.attribution.prior_posterior.LEARNED_COLUMNS`), 'power_scaling'
        (`models.attribution.power_scaling.SCALING_COLUMNS`).
    """
    n_posterior, years = len(next(iter(raw.values()))), SENSITIVITY_YEARS
    simulated, posterior = paired_draws(drawn.n_draws, n_posterior)
    headline, totals = headline_targets(drawn, years), series_targets(series, years)
    targets = {y: {k: v[simulated] for k, v in (headline[y] | totals[y]).items()} for y in years}
    used = {name: np.asarray(values)[posterior] for name, values in raw.items()}
    few = thinned(len(posterior), THIN_TO)
    few_targets = {y: {k: headline[y][k][simulated][few] for k in headline[y]} for y in years}
    return {
        "variance_shares": variance_shares(driver_features(problem, used, years), targets),
        "learned": pd.concat(
            [assumptions_learned(problem, used), drivers_learned(problem, used)], ignore_index=True
        ),
        "power_scaling": power_scaling(log_parts(problem, used, few), few_targets),
    }


def sensitivity_tables(
    problem: Problem,
    raw: Mapping[str, np.ndarray],
    drawn: Draws,
    step: int,
    totals: Sequence[Series],
) -> dict[str, pd.DataFrame]:
    """Say what the headline and the systems hang on: drivers, assumptions, figures.

    Parameters
    ----------
    problem : Problem
    raw : mapping of str to ndarray (posterior draw, ...)
    drawn : Draws
    step : int
        Every so many draws are looked at.
    totals : sequence of Series
        Totals of the systems, on those draws.

    Returns
    -------
    dict of DataFrame
        Tables ``sensitivities``, ``learning`` and ``power_scalings``.
    """
    n_posterior = len(next(iter(raw.values())))
    simulated, posterior = (at[::step] for at in paired_draws(drawn.n_draws, n_posterior))
    found = sensitivity_frames(
        problem,
        {name: values[posterior] for name, values in raw.items()},
        drawn.taken(simulated),
        totals,
    )
    tables = {"sensitivities": "variance_shares", "learning": "learned", "power_scalings": "power_scaling"}
    return {table: found[name] for table, name in tables.items()}
