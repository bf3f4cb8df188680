"""Prior against posterior: which assumptions the figures have taught, and which are merely assumed."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from models.chain.drivers import block_shapes, drivers
from models.inference.parameter_names import BLOCKS, assumption_names, axis_names
from models.inference.problem import Problem, working_values
from models.vocabulary.drivers import DRIVERS
from models.vocabulary.periods import N_QUARTERS, YEARS
from models.vocabulary.results.systems import SYSTEMS as SYSTEM_RESULTS
from models.vocabulary.tables import made_columns

LEARNED, PARTLY, ASSUMED = "learned", "partly learned", "assumed"
LEARNED_RATIO, PARTLY_RATIO, PARTLY_SHIFT = 0.5, 0.9, 0.5
"""Labels: a posterior half as wide as its prior is learned; one nine tenths as wide, or moved by half a prior
standard deviation, partly so. Round numbers for readers: the ratio and the shift stand beside them."""
LEARNED_COLUMNS = made_columns(SYSTEM_RESULTS, "learning")
PRIOR_DRAWS = 2000
_CHUNK_DRAWS = 500


def state_of(sd_ratio: float, shift: float) -> str:
    """Name what the figures did to an assumption.

    Parameters
    ----------
    sd_ratio : float
        Posterior standard deviation over the prior's.
    shift : float
        Posterior mean less the prior's, in prior standard deviations.
    """
    if sd_ratio < LEARNED_RATIO:
        return LEARNED
    return PARTLY if sd_ratio < PARTLY_RATIO or abs(shift) > PARTLY_SHIFT else ASSUMED


def parameter_names(problem: Problem) -> dict[str, list[str]]:
    """Assumption behind each element of each parameter block that holds assumptions."""
    names = axis_names(problem.market, problem.operator)
    return {block: found for block in BLOCKS if (found := assumption_names(block, names))}


def assumptions_learned(problem: Problem, raw: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Compare the posterior of each assumption with its prior.

    Parameters
    ----------
    problem : Problem
    raw : mapping of str to ndarray (draw, ...)
        Free parameters on their standard-normal scale, where every prior has mean 0 and deviation 1.

    Returns
    -------
    DataFrame
        `LEARNED_COLUMNS`, kind 'assumption', no period. Elements that the data pin at a number (the offset of
        no definition) are left out.
    """
    rows = []
    for block, names in parameter_names(problem).items():
        values, scale = np.asarray(raw[block], float), np.broadcast_to(problem.scale[block], len(names))
        for i, name in enumerate(names):
            if scale[i] > 0:
                rows.append(_row(name, "assumption", "", values[:, i].std(), values[:, i].mean()))
    return pd.DataFrame(rows, columns=list(LEARNED_COLUMNS))


def drivers_learned(problem: Problem, raw: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Compare the posterior of each driver's yearly path with its prior, on logs.

    A path can be learned while its level and drift look assumed: figures pin down their sum with the shocks.

    Parameters
    ----------
    problem : Problem
    raw : mapping of str to ndarray (draw, ...)

    Returns
    -------
    DataFrame
        `LEARNED_COLUMNS`, kind 'driver', one row per driver and year.
    """
    rng = np.random.default_rng(0)
    prior = {
        name: rng.standard_normal((PRIOR_DRAWS, *shape))
        for name, shape in block_shapes(problem.market).items()
    }
    before, after = _log_years(problem, prior), _log_years(problem, raw)
    rows = []
    for name in DRIVERS:
        for y, year in enumerate(YEARS):
            old, new = before[name][:, y], after[name][:, y]
            shift = (new.mean() - old.mean()) / old.std()
            rows.append(_row(name, "driver", year, new.std() / old.std(), shift))
    return pd.DataFrame(rows, columns=list(LEARNED_COLUMNS))


def _row(name: str, kind: str, period: str, sd_ratio: float, shift: float) -> tuple:
    return name, kind, period, float(sd_ratio), float(shift), state_of(float(sd_ratio), float(shift))


def _log_years(problem: Problem, raw: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Log of each driver's yearly mean, (draw, year)."""
    found: dict[str, list[np.ndarray]] = {name: [] for name in DRIVERS}
    n, data = len(next(iter(raw.values()))), problem.data()
    for start in range(0, n, _CHUNK_DRAWS):
        part = {
            k: np.asarray(raw[k], float)[start : start + _CHUNK_DRAWS] for k in block_shapes(problem.market)
        }
        with np.errstate(over="ignore", under="ignore"):
            inputs = drivers(np, working_values(part, data), problem.fixed, problem.market)
        for name in DRIVERS:
            quarters = inputs[name][:, :N_QUARTERS].reshape(len(inputs[name]), len(YEARS), 4)
            found[name].append(np.log(quarters.mean(axis=-1)))
    return {name: np.concatenate(parts) for name, parts in found.items()}
