"""Which driver carries how much of a target's variance, from the joint draws themselves.

Shares are Shapley values of R squared (Lindeman, Merenda and Gold; see Groemping, J. Stat. Software 17(1),
2006) of a linear regression of the log target on the drivers of its year, averaged over orders of the
drivers.

Limits. Drivers are correlated in a posterior: figures pin down products of them, so Shapley shares what they
carry together among them, and a driver has a share in a target that it doesn't enter, where figures tie the
two together (NVIDIA's revenue per accelerator in accelerators, say). Linear on logs: what the minimum of
demand and supply bends lands in the rest, as does whatever is drawn afresh outside the chain (a tool's
price). A share says what varies now, not what would move the target if it were shocked: that is a scenario.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.linalg import solve_triangular

from models.chain.drivers import block_shapes, drivers
from models.chain.equations import class_mix
from models.draws.joint import PERIODS, Draws
from models.inference.problem import Problem, working_values
from models.systems.series import Series, usd_totals, yearly_values
from models.vocabulary.drivers import CLASS_ATTRIBUTES, DRIVERS
from models.vocabulary.periods import N_QUARTERS, YEARS
from models.vocabulary.quantities import HEADLINES
from models.vocabulary.results.systems import SYSTEMS as SYSTEM_RESULTS
from models.vocabulary.tables import made_columns

SENSITIVITY_YEARS = ("2025", "2026", "2027")
REST = "rest"
"""What no driver carries linearly: bends, quarters within the year, and what other systems draw afresh."""
SHARE_COLUMNS = made_columns(SYSTEM_RESULTS, "sensitivities")
ORDERS = 200
LEAST_DRAWS_PER_FEATURE = 5
_CHUNK_DRAWS = 500
_RIDGE = 1e-9
Features = dict[str, np.ndarray]


def driver_features(
    problem: Problem, raw: Mapping[str, np.ndarray], years: Sequence[str] = SENSITIVITY_YEARS
) -> dict[str, Features]:
    """Describe each driver in each year, draw by draw.

    Parameters
    ----------
    problem : Problem
    raw : mapping of str to ndarray (draw, ...)
        Posterior draws on their standard-normal scale; draw i of the features is draw i of these.
    years : sequence of str

    Returns
    -------
    dict of year to dict of driver to ndarray (draw, feature)
        A path driver: log of its mean over the year, and log of its last quarter over its first. The product
        mix, the contents of the classes and the premia of the generations: logs of the sums over classes that
        the chain takes, each with the other parts held at their mean.
    """
    n = len(next(iter(raw.values())))
    chunks = [
        _features_of(
            problem,
            {k: np.asarray(raw[k], float)[i : i + _CHUNK_DRAWS] for k in block_shapes(problem.market)},
        )
        for i in range(0, n, _CHUNK_DRAWS)
    ]
    whole = {key: np.concatenate([c[key] for c in chunks]) for key in chunks[0]}
    return {year: _of_year(whole, problem, YEARS.index(year)) for year in years}


def headline_targets(
    drawn: Draws, years: Sequence[str] = SENSITIVITY_YEARS
) -> dict[str, dict[str, np.ndarray]]:
    """Yearly draws of the headline, {year: {target: (draw,)}}."""
    at = {year: PERIODS.index(year) for year in years}
    return {year: {q: np.asarray(drawn[q][:, at[year]], float) for q in HEADLINES} for year in years}


def series_targets(
    series: Sequence[Series], years: Sequence[str] = SENSITIVITY_YEARS
) -> dict[str, dict[str, np.ndarray]]:
    """Yearly draws of the systems' totals in USD, {year: {system/item/usd: (draw,)}}.

    A total that is nothing in some draw (a step not yet in use) has no log and is left out of that year.
    """
    out: dict[str, dict[str, np.ndarray]] = {year: {} for year in years}
    for one in usd_totals(series):
        values = yearly_values(one).astype(float)
        for year in years:
            found = values[:, YEARS.index(year)]
            if np.isfinite(found).all() and (found > 0).all():
                out[year][f"{one.system}/{one.item}/{one.measure}"] = found
    return out


def paired_draws(n_draws: int, n_posterior: int) -> tuple[np.ndarray, np.ndarray]:
    """Pair simulated draws with the posterior draws they rest on, each posterior draw once.

    `models.draws.simulate.simulate` goes through the posterior in order first, or spreads fewer draws over
    it.

    Returns
    -------
    simulated, posterior : ndarray of int (pair,)
    """
    n = min(n_draws, n_posterior)
    at = np.arange(n)
    return at, at * n_posterior // n


def variance_shares(
    features: Mapping[str, Features],
    targets: Mapping[str, Mapping[str, np.ndarray]],
    orders: int = ORDERS,
    seed: int = 0,
) -> pd.DataFrame:
    """Share of each target's log variance that each driver carries.

    Parameters
    ----------
    features : mapping of year to mapping of driver to ndarray (draw, feature)
    targets : mapping of year to mapping of target to ndarray (draw,)
        Positive; draw i beside draw i of the features.
    orders : int
        Random orders of the drivers, each also backwards.
    seed : int

    Returns
    -------
    DataFrame
        `SHARE_COLUMNS`, one row per target, year and driver, and one for `REST`; shares of a target add up to
        one. ``correlation``: of the log target with the driver's first feature. ``noise_floor``: the share
        that features without any say would get by chance. ``log_sd``: standard deviation of the log target.

    Raises
    ------
    ValueError
        A target that is not finite and positive, draws that don't match, or too few of them.
    """
    frames = []
    for year, wanted in targets.items():
        if wanted:
            logs = {name: _log(values, name, year) for name, values in wanted.items()}
            frames.append(_shares_of_year(year, features[year], logs, orders, seed))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(SHARE_COLUMNS))


def _shares_of_year(
    year: str, features: Features, logs: dict[str, np.ndarray], orders: int, seed: int
) -> pd.DataFrame:
    y = np.stack(list(logs.values()), axis=1)
    n = len(y)
    # What does not vary (a quarter that is history in every draw) explains nothing and would divide by zero.
    kept = {
        name: block[:, block.std(axis=0) > 1e-12 * (1 + np.abs(block).max(axis=0))]
        for name, block in features.items()
    }
    if wrong := sorted(name for name, block in kept.items() if len(block) != n):
        raise ValueError(f"{year}: targets have {n} draws, driver {wrong[0]} has {len(kept[wrong[0]])}")
    x = np.concatenate(list(kept.values()), axis=1)
    if n < LEAST_DRAWS_PER_FEATURE * x.shape[1]:
        raise ValueError(f"{year}: {n} draws are too few for {x.shape[1]} features of the drivers")
    x, z = (_standardised(values) for values in (x, y))
    among, with_target = x.T @ x / n, x.T @ z / n
    groups = np.repeat(np.arange(len(kept)), [block.shape[1] for block in kept.values()])
    share = _shapley(among, with_target, groups, len(kept), orders, seed)
    first = [int(np.argmax(groups == g)) if (groups == g).any() else -1 for g in range(len(kept))]
    rows = []
    for t, target in enumerate(logs):
        common = {"target": target, "period": year, "log_sd": float(y[:, t].std()), "n_draws": n}
        rows += [
            {
                **common,
                "driver": name,
                "share": share[g, t],
                "correlation": with_target[first[g], t] if first[g] >= 0 else 0.0,
                "noise_floor": kept[name].shape[1] / n,
                "n_features": kept[name].shape[1],
            }
            for g, name in enumerate(kept)
        ]
        rest = {"share": 1.0 - share[:, t].sum(), "correlation": np.nan, "noise_floor": 0.0, "n_features": 0}
        rows.append({**common, "driver": REST, **rest})
    return pd.DataFrame(rows)[list(SHARE_COLUMNS)]


def _shapley(
    among: np.ndarray, with_target: np.ndarray, groups: np.ndarray, n_groups: int, orders: int, seed: int
) -> np.ndarray:
    """Mean gain in R squared of each group over orders, (group, target).

    In one order the gains come from one Cholesky factor: of the correlations of the features in that order,
    ``L^-1 r`` has the semipartial correlations, whose squares add up to R squared.
    """
    rng = np.random.default_rng(seed)
    total = np.zeros((n_groups, with_target.shape[1]))
    for _ in range(orders):
        forward = rng.permutation(n_groups)
        for order in (forward, forward[::-1]):
            at = np.concatenate([np.flatnonzero(groups == g) for g in order])
            factor = np.linalg.cholesky(among[np.ix_(at, at)] + _RIDGE * np.eye(len(at)))
            gain = solve_triangular(factor, with_target[at], lower=True) ** 2
            np.add.at(total, groups[at], gain)
    return total / (2 * orders)


def _features_of(problem: Problem, raw: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Drivers of a chunk of draws: paths (draw, quarter) and class inputs (draw, class, quarter)."""
    with np.errstate(over="ignore", under="ignore"):
        inputs = drivers(np, working_values(raw, problem.data()), problem.fixed, problem.market)
        mix = class_mix(np, inputs["mix_log_weight"])
    n, q = len(mix), slice(N_QUARTERS)
    out = {name: inputs[name][:, q] for name in DRIVERS}
    out["mix"] = mix[..., q]
    for name in (*(f"class_{a}" for a in CLASS_ATTRIBUTES), "generation_premium"):
        values = np.asarray(inputs[name])
        out[name] = np.broadcast_to(values, (*values.shape[:-1], mix.shape[-1]))[..., q]
    leads = [np.asarray(w)[..., 0] for key in ("hbm_lead", "cowos_lead") for w in inputs[key][1:]]
    out["leads"] = np.stack([np.broadcast_to(w, (n,)) for w in leads], axis=1)
    return out


def _of_year(whole: dict[str, np.ndarray], problem: Problem, year: int) -> Features:
    at = slice(4 * year, 4 * year + 4)
    out: Features = {}
    for name in DRIVERS:
        path = whole[name][:, at]
        out[name] = np.log(np.stack([path.mean(axis=1), path[:, -1] / path[:, 0]], axis=1))
    mix = whole["mix"][..., at].mean(axis=-1)
    middle = mix.mean(axis=0)
    generation = problem.fixed["generation_of_class"][..., 4 * year]
    premium = whole["generation_premium"][..., at].mean(axis=-1)
    contents = {a: whole[f"class_{a}"][..., at].mean(axis=-1) for a in CLASS_ATTRIBUTES}
    on_cowos = problem.fixed["on_cowos"][:, 0]
    of_mix = [
        mix @ contents["hbm_gb"].mean(axis=0),
        mix @ contents["hbm_stacks"].mean(axis=0),
        mix @ (on_cowos / contents["packages_per_wafer"].mean(axis=0)),
        mix @ generation.T @ premium.mean(axis=0),
    ]
    out["product_mix"] = np.log(np.stack(of_mix, axis=1))
    out["class_hbm_gb"] = np.log(contents["hbm_gb"] @ middle)[:, None]
    out["class_hbm_stacks"] = np.log(contents["hbm_stacks"] @ middle)[:, None]
    per_wafer = (on_cowos / contents["packages_per_wafer"]) @ middle
    out["class_packages_per_wafer"] = np.log(per_wafer)[:, None]
    out["generation_premium"] = np.log(premium @ (generation @ middle))[:, None]
    out["lead_times"] = whole["leads"]
    return out


def _log(values: Any, name: str, year: str) -> np.ndarray:
    values = np.asarray(values, float)
    if not (np.isfinite(values).all() and (values > 0).all()):
        raise ValueError(f"target {name} of {year} is not finite and positive in every draw")
    return np.log(values)


def _standardised(values: np.ndarray) -> np.ndarray:
    sd = values.std(axis=0)
    return (values - values.mean(axis=0)) / np.where(sd > 0, sd, 1.0)
