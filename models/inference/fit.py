"""From evidence to a posterior: mapped figures, one compiled model, nutpie."""

import ctypes
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.evidence.chain_evidence import ChainEvidence
from models.evidence.mapping import resolve
from models.inference.left_out import left_out
from models.inference.operator import Operator, build_operator
from models.inference.posterior import flattened
from models.inference.problem import Problem, build_problem, parameter_shapes, predict
from models.inference.pymc_model import build_pymc_model, packed_data, split, standardised
from models.inference.whitening import curvature, no_whitening, unwhiten, whitening_from_curvature
from models.vocabulary.units import to_metric_units

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

CHAINS = 4
PILOT_TUNING, PILOT_DRAWS, PILOT_POSITIONS = 300, 60, 40
PILOT_SHARE = 0.2
TUNING_DRAWS = 500
THIN = 2
MIXTURE_SHARE = 3
"""One draw of the posteriors that lack a figure to so many of the posterior."""
TARGET_ACCEPTANCE = 0.8
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
        Wall time of ``import``, ``compile``, ``sample`` and ``leave_out``.
    whitening : dict of ndarray
        The change of variables it was sampled in.
    left_out : DataFrame, optional
        Each figure left out (`models.inference.left_out`).
    """

    problem: Problem
    raw: dict[str, np.ndarray]
    statistics: dict[str, np.ndarray]
    seconds: dict[str, float] = field(default_factory=dict)
    whitening: dict[str, np.ndarray] = field(default_factory=dict)
    left_out: pd.DataFrame | None = None

    @property
    def n_chains(self) -> int:
        """Number of chains."""
        return next(iter(self.raw.values())).shape[0]

    def flat(self) -> dict[str, np.ndarray]:
        """Parameters with chain and draw in one axis, (chain * draw, ...), chain by chain."""
        return flattened(self.raw)

    def quantities(self) -> dict[str, np.ndarray]:
        """Run the chain on every posterior draw: its rows (`Market.row_names`), (chain * draw, quarter)."""
        return predict(self.flat(), self.problem)


def resolved_figures(evidence: ChainEvidence) -> pd.DataFrame:
    """Map all figures and convert them to base units.

    Parameters
    ----------
    evidence : ChainEvidence
        'figures' (with the columns of their source), 'metrics' and 'exchange_rates'; 'sources' where the
        figures lack the source's columns.

    Returns
    -------
    DataFrame
        Every figure, with ``quantity, mapped, unmapped_reason`` and the other columns of
        `models.evidence.mapping.resolve`.
    """
    figures = to_metric_units(resolve(evidence.figures, evidence.metrics), evidence.exchange_rates)
    if "published_precision" in figures.columns:
        return figures
    columns = ["source_id", "publisher", "published_on", "published_precision", "accessed_on", "title", "url"]
    return figures.merge(evidence.sources[columns], on="source_id", how="left", validate="many_to_one")


def usable_figures(resolved: pd.DataFrame) -> pd.DataFrame:
    """Figures that inform a quantity of the chain."""
    return resolved[resolved["mapped"] & (resolved["quantity"].fillna("") != "")].reset_index(drop=True)


def problem_from_evidence(
    evidence: ChainEvidence,
    as_of: date,
    operator: Operator | None = None,
    switch_off: tuple[str, ...] = (),
    withhold: frozenset[str] = frozenset(),
) -> Problem:
    """Build the problem of one vintage from evidence; the other arguments as in `build_problem`."""
    figures = usable_figures(resolved_figures(evidence)) if operator is None else pd.DataFrame()
    return build_problem(
        figures,
        evidence.products,
        evidence.assumptions,
        evidence.market,
        as_of,
        operator,
        switch_off,
        withhold,
    )


def shared_operator(evidence: ChainEvidence, as_of: date) -> Operator:
    """Operator of all figures published by a date, to share between earlier vintages."""
    return build_operator(usable_figures(resolved_figures(evidence)), evidence.market, as_of)


def import_compilers() -> None:
    """Load the libraries that compile the model, so that their loading is not taken for compiling."""
    for name in ("nutpie", "pymc", "pytensor.link.numba.dispatch"):
        import_module(name)


def compile_model(problem: Problem) -> "CompiledPyMCModel":
    """Compile the model once; `sample` swaps in the data of other vintages with the same operator.

    Returns
    -------
    nutpie compiled model
    """
    import nutpie

    return nutpie.compile_pymc_model(build_pymc_model(problem))


def sample(
    compiled: "CompiledPyMCModel",
    problem: Problem,
    seed: int,
    draws: int,
    chains: int = CHAINS,
    cores: int = 2,
    tune: int = TUNING_DRAWS,
    thin: int = THIN,
    progress: Callable[..., None] | None = None,
    whitening: dict[str, np.ndarray] | None = None,
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
    thin : int
        Every thin-th draw is kept: neighbours tell little, and kept draws cost memory and disk.
    progress : callable, optional
        Called with the share done, 0 to 1, and a few words.
    whitening : dict of ndarray, optional
        Of a posterior much like it; found by a pilot run otherwise.

    Returns
    -------
    Fit
    """
    started = time.perf_counter()
    say = progress or (lambda _share, _words="": None)
    if whitening is None:
        say(PILOT_SHARE / 2, "pilot run")
        whitening = find_whitening(compiled, problem, seed, cores)
    compiled = compiled.with_data(**packed_data(problem, whitening))

    def watch(states: list[Any]) -> None:
        done = sum(s.finished_draws for s in states) / max(1, sum(s.total_draws for s in states))
        say(PILOT_SHARE + (1 - PILOT_SHARE) * done, "sampling")

    trace = sampled(
        compiled,
        draws=draws * thin,
        tune=tune,
        chains=chains,
        cores=cores,
        seed=seed,
        save_warmup=False,
        target_accept=TARGET_ACCEPTANCE,
        progress_callback=watch if progress else None,
    )
    vector = unwhiten(np, np.asarray(trace.posterior["white"].values)[:, ::thin], whitening)
    blocks, _ = standardised(
        np, split(vector, problem.operator, problem.market), problem.data(), problem.market
    )
    # Padded error terms are dropped again: blocks are vectors there.
    raw = {
        k: blocks[k][:, :, : shape[0]]
        for k, shape in parameter_shapes(problem.operator, problem.market).items()
    }
    found = {k: np.asarray(trace.sample_stats[k].values) for k in STATISTICS if k in trace.sample_stats}
    statistics = {k: v[:, ::thin] for k, v in found.items()}
    # A divergence between kept draws counts all the same.
    statistics["diverging"] = found["diverging"].reshape(chains, draws, thin).any(axis=-1)
    return Fit(problem, raw, statistics, {"sample": time.perf_counter() - started}, whitening)


def sampled(compiled: "CompiledPyMCModel", **asked: Any) -> Any:
    """Run the sampler to its end, or stop it and raise what came in between.

    Left to itself it takes Ctrl-C for a wish to go on with the draws that there are.
    """
    import nutpie

    sampler = nutpie.sample(compiled, blocking=False, progress_bar=False, **asked)
    try:
        return sampler.wait()
    except BaseException:
        sampler.cancel()
        raise


def find_whitening(
    compiled: "CompiledPyMCModel", problem: Problem, seed: int, cores: int
) -> dict[str, np.ndarray]:
    """Whitening of a problem's posterior from the curvature at a few draws of a short pilot run."""
    plain = no_whitening(compiled.n_dim)
    compiled = compiled.with_data(**packed_data(problem, plain))
    pilot = sampled(compiled, draws=PILOT_DRAWS, tune=PILOT_TUNING, chains=2, cores=cores, seed=seed)
    draws = np.asarray(pilot.posterior["white"].values).reshape(-1, compiled.n_dim)
    positions = draws[np.linspace(0, len(draws) - 1, PILOT_POSITIONS).astype(int)]
    # Summed in the order of the positions: the same to the digit whatever the number of cores.
    with ThreadPoolExecutor(cores) as threads:
        each = threads.map(lambda at: curvature(gradient_function(compiled), at), positions)
        hessian = sum(each, np.zeros((compiled.n_dim, compiled.n_dim))) / len(positions)
    return whitening_from_curvature(hessian, draws.mean(axis=0))


def gradient_function(compiled: "CompiledPyMCModel") -> Callable[[np.ndarray], np.ndarray]:
    """Gradient of the compiled log density, by the very function the sampler calls."""
    function, user_data, size = compiled.compiled_logp_func.ctypes, compiled.user_data, compiled.n_dim
    doubles = ctypes.POINTER(ctypes.c_double)
    out, value = np.zeros(size), np.zeros(())

    def gradient(x: np.ndarray) -> np.ndarray:
        x = np.ascontiguousarray(x, dtype=float)
        code = function(
            size,
            x.ctypes.data_as(doubles),
            out.ctypes.data_as(doubles),
            value.ctypes.data_as(doubles),
            user_data.ctypes.data_as(ctypes.c_void_p),
        )
        if code:
            raise FloatingPointError(f"the log density is not finite at a pilot draw (code {code})")
        return out.copy()

    return gradient


def fit(
    evidence: ChainEvidence,
    as_of: date,
    seed: int,
    draws: int,
    chains: int = CHAINS,
    progress: Callable[..., None] | None = None,
    switch_off: tuple[str, ...] = (),
    withhold: frozenset[str] = frozenset(),
) -> Fit:
    """Fit one vintage from evidence.

    Parameters
    ----------
    evidence : ChainEvidence
        'figures', 'sources', 'metrics', 'products', 'assumptions', 'exchange_rates', 'product_classes',
        'hbm_generations'.
    as_of : date
    seed : int
    draws : int
        Posterior draws in all; divided among `chains`.
    chains : int
    progress : callable, optional
    switch_off, withhold
        As in `models.inference.problem.build_problem`.

    Returns
    -------
    Fit
    """
    problem = problem_from_evidence(evidence, as_of, switch_off=switch_off, withhold=withhold)
    if progress:
        progress(0.0, "compiling")
    started = time.perf_counter()
    import_compilers()
    imported = time.perf_counter()
    compiled = compile_model(problem)
    after = time.perf_counter()
    result = sample(compiled, problem, seed, -(-draws // chains), chains, progress=progress)
    sampled = time.perf_counter()
    if progress:
        progress(1.0, "leaving figures out")

    def sample_mixture(share: np.ndarray) -> dict[str, np.ndarray]:
        mixture = replace(problem, left_out_share=share)
        n = -(-draws // chains // MIXTURE_SHARE)
        return sample(compiled, mixture, seed + 1, n, chains, thin=1, whitening=result.whitening).flat()

    result.left_out = left_out(problem, result.flat(), sample_mixture)
    result.seconds |= {
        "import": imported - started,
        "compile": after - imported,
        "leave_out": time.perf_counter() - sampled,
    }
    return result
