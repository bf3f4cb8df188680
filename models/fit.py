"""From evidence to a posterior: mapped figures, one compiled model, nutpie."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.evidence import Operator, build_operator
from models.mapping import resolve
from models.model import Problem, build_problem, build_pymc_model, packed_data, padded_shapes, parameter_shapes, predict, split, standardised
from models.units import to_metric_units
from models.whitening import colour, no_whitening, whitening_at_mode

CHAINS = 4
WHITEN = True
TUNING_DRAWS = 800
TARGET_ACCEPTANCE = 0.85
SCALE_BLOCKS = frozenset(
    {"driver_log_volatility", "log_street_scale", "log_noise_kind", "log_noise_topic", "log_noise_other"}
)
STATISTICS = ("diverging", "energy", "n_steps", "depth", "step_size", "logp")


@dataclass
class Fit:
    """A posterior and what it was computed from.

    Attributes
    ----------
    problem : Problem
    raw : dict of ndarray (chain, draw, ...)
        Free parameters on their standard-normal scale.
    statistics : dict of ndarray (chain, draw)
        Sampler statistics of `STATISTICS`.
    seconds : dict
        Wall time of ``compile`` and ``sample``.
    """

    problem: Problem
    raw: dict[str, np.ndarray]
    statistics: dict[str, np.ndarray]
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def n_chains(self) -> int:
        """Number of chains."""
        return next(iter(self.raw.values())).shape[0]

    def flat(self) -> dict[str, np.ndarray]:
        """Parameters with chain and draw in one axis, (chain * draw, ...), chain by chain."""
        return {k: v.reshape((-1, *v.shape[2:])) for k, v in self.raw.items()}

    def quantities(self) -> dict[str, np.ndarray]:
        """Quantities of `models.chain.ROW_NAMES` for every posterior draw, (chain * draw, quarter)."""
        return predict(self.flat(), self.problem)


def resolved_figures(evidence: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Map all figures and convert them to base units.

    Parameters
    ----------
    evidence : dict of DataFrame
        'figures' (with the columns of their source), 'metrics' and 'exchange_rates'; 'sources' where the
        figures lack the source's columns.

    Returns
    -------
    DataFrame
        Every figure, with ``quantity, mapped, unmapped_reason`` and the other columns of
        `models.mapping.resolve`.
    """
    figures = to_metric_units(resolve(evidence["figures"], evidence["metrics"]), evidence["exchange_rates"])
    if "published_precision" in figures.columns:
        return figures
    columns = ["source_id", "publisher", "published_on", "published_precision", "title", "url"]
    return figures.merge(evidence["sources"][columns], on="source_id", how="left", validate="many_to_one")


def usable_figures(resolved: pd.DataFrame) -> pd.DataFrame:
    """Figures that inform a quantity of the chain."""
    return resolved[resolved["mapped"] & (resolved["quantity"].fillna("") != "")].reset_index(drop=True)


def problem_from_evidence(
    evidence: dict[str, pd.DataFrame], as_of: date, operator: Operator | None = None, **options: Any
) -> Problem:
    """Build the problem of one vintage from evidence frames; `options` as in `build_problem`."""
    figures = usable_figures(resolved_figures(evidence)) if operator is None else pd.DataFrame()
    return build_problem(figures, evidence["products"], evidence["assumptions"], as_of, operator, **options)


def shared_operator(evidence: dict[str, pd.DataFrame], as_of: date) -> Operator:
    """Operator of all figures published by a date, to share between earlier vintages."""
    return build_operator(usable_figures(resolved_figures(evidence)), as_of)


def compile_model(problem: Problem) -> Any:
    """Compile the model once; `sample` swaps in the data of other vintages with the same operator.

    Returns
    -------
    nutpie compiled model
    """
    import nutpie

    return nutpie.compile_pymc_model(build_pymc_model(problem))


def sample(
    compiled: Any,
    problem: Problem,
    seed: int,
    draws: int,
    chains: int = CHAINS,
    cores: int = 2,
    tune: int = TUNING_DRAWS,
    progress: Callable[[float], None] | None = None,
) -> Fit:
    """Sample the posterior of a problem with a compiled model.

    Parameters
    ----------
    compiled : nutpie compiled model
        From `compile_model`, of a problem with the same shapes.
    problem : Problem
        Its data replace the compiled model's.
    seed : int
        The same seed gives the same posterior, whatever the number of cores.
    draws : int
        Draws a chain.
    chains, cores, tune : int
    progress : callable, optional
        Called with the share done, 0 to 1.

    Returns
    -------
    Fit
    """
    import nutpie

    started = time.perf_counter()
    whitening = find_whitening(compiled, problem) if WHITEN else no_whitening(compiled.n_dim)
    compiled = compiled.with_data(**packed_data(problem, whitening))
    sampler = nutpie.sample(
        compiled, draws=draws, tune=tune, chains=chains, cores=cores, seed=seed, progress_bar=False,
        target_accept=TARGET_ACCEPTANCE, blocking=False,
    )
    trace = _wait(sampler, progress)
    vector = colour(np.asarray(trace.posterior["white"].values), whitening)
    blocks, _ = standardised(np, split(vector, problem.operator), problem.data())
    # Padded error terms are dropped again: blocks are vectors there.
    raw = {k: blocks[k][:, :, : shape[0]] for k, shape in parameter_shapes(problem.operator).items()}
    statistics = {k: np.asarray(trace.sample_stats[k].values) for k in STATISTICS if k in trace.sample_stats}
    return Fit(problem, raw, statistics, {"sample": time.perf_counter() - started})


def find_whitening(compiled: Any, problem: Problem, start: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Mode and curvature of a problem's posterior, from the compiled log density; scales are held at `start`."""
    function = compiled.logp_func
    shared = {variable.name: variable for variable in function.get_shared()}
    for name, values in packed_data(problem).items():
        shared[name].set_value(values)

    def value_and_gradient(x: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = function(x)
        return float(value), np.asarray(gradient)

    free = np.concatenate([
        np.full(int(np.prod(shape)), name not in SCALE_BLOCKS)
        for name, shape in padded_shapes(problem.operator).items()
    ])
    return whitening_at_mode(value_and_gradient, free, np.zeros(free.size) if start is None else start)


def _wait(sampler: Any, progress: Callable[[float], None] | None) -> Any:
    del progress  # nutpie's own progress bar writes to the terminal; the flow shows the stage
    return sampler.wait()


def fit(
    evidence: dict[str, pd.DataFrame],
    as_of: date,
    seed: int,
    draws: int,
    chains: int = CHAINS,
    progress: Callable[[float], None] | None = None,
    **options: Any,
) -> Fit:
    """Fit one vintage from evidence.

    Parameters
    ----------
    evidence : dict of DataFrame
        'figures', 'sources', 'metrics', 'products', 'assumptions', 'exchange_rates'.
    as_of : date
    seed : int
    draws : int
        Posterior draws in all; divided among `chains`.
    chains : int
    progress : callable, optional
    **options
        As in `models.model.build_problem`.

    Returns
    -------
    Fit
    """
    problem = problem_from_evidence(evidence, as_of, **options)
    started = time.perf_counter()
    compiled = compile_model(problem)
    compiled_after = time.perf_counter() - started
    result = sample(compiled, problem, seed, -(-draws // chains), chains, progress=progress)
    result.seconds["compile"] = compiled_after
    return result
