"""From a problem to a posterior: one compiled model, sampled by nutpie."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.evidence.chain_evidence import ChainEvidence
from models.inference.compiling import compile_model, import_compilers
from models.inference.from_evidence import problem_from_evidence
from models.inference.left_out import LOO_DRAWS, left_out
from models.inference.packing import split
from models.inference.parameter_names import axis_names
from models.inference.pilot import ALL_TUNING_DRAWS, find_beginning, sampled, starting_at
from models.inference.posterior import Posterior, flattened
from models.inference.problem import Problem, parameter_shapes, predict
from models.inference.pymc_model import packed_data, padded_shapes, standardised
from models.inference.reweighting import in_order
from models.inference.warm_start import Beginning, WarmStart, begun, spread, warm_start
from models.inference.whitening import unwhiten

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

CHAINS = 4
PILOT_SHARE = 0.1
TUNING_DRAWS = 150
"""Draws that tune the size of a step, in a whitening that was found before."""
THIN, FIRST_THIN = 2, 1
"""One draw of so many is kept, of a first forecast each: of as many draws kept a second half as many again
count, but of as many drawn, which is what somebody waits for, two thirds as many."""
MIXTURE_SHARE = 9
"""One draw of the posteriors that lack a figure to so many drawn of the posterior, until there are as many as
weights look at. One figure in twenty needs them."""
MIXTURE_TUNING_DRAWS = 75
"""The mixture's chains begin where the posterior's are, and weights correct what they tell."""
TARGET_ACCEPTANCE = 0.9
"""At 0.8 a chain stood still for sixty draws in a corner of the posterior; a turn is 31 steps at either."""
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
    beginning : Beginning, optional
        Where a run of a posterior much like it may begin: its whitening, places and step.
    left_out : DataFrame, optional
        Each figure left out (`models.inference.left_out`).
    """

    problem: Problem
    raw: dict[str, np.ndarray]
    statistics: dict[str, np.ndarray]
    seconds: dict[str, float] = field(default_factory=dict)
    beginning: Beginning | None = None
    left_out: pd.DataFrame | None = None

    @property
    def n_chains(self) -> int:
        """Number of chains."""
        return next(iter(self.raw.values())).shape[0]

    def flat(self) -> dict[str, np.ndarray]:
        """Parameters with chain and draw in one axis, (chain * draw, ...), chain by chain."""
        return flattened(self.raw)

    @property
    def warm_start(self) -> WarmStart | None:
        """What the next run may begin with, by block."""
        if self.beginning is None:
            return None
        return warm_start(self.beginning, parameter_shapes(self.problem.operator, self.problem.market))

    def quantities(self) -> dict[str, np.ndarray]:
        """Run the chain on every posterior draw: its rows (`Market.row_names`), (chain * draw, quarter)."""
        return predict(self.flat(), self.problem)


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
    beginning: Beginning | None = None,
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
    chains, cores : int
    tune : int
    thin : int
        Every thin-th draw is kept. Neighbours tell little of what moves slowly and much of the rest.
    progress : callable, optional
        Called with the share done, 0 to 1, and a few words.
    beginning : Beginning, optional
        Of a posterior much like it. Otherwise a pilot run finds it.

    Returns
    -------
    Fit
    """
    started = time.perf_counter()
    say = progress or (lambda _share, _words="": None)
    if beginning is None:
        say(PILOT_SHARE / 2, "pilot run")
        beginning = find_beginning(compiled, problem, seed, cores)
    whitening = beginning.whitening
    compiled = starting_at(compiled.with_data(**packed_data(problem, whitening)), beginning.places)

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
        initial_step=beginning.step,
        **ALL_TUNING_DRAWS,
    )
    white = np.asarray(trace.posterior["white"].values)[:, ::thin]
    as_sampled = split(unwhiten(np, white, whitening), padded_shapes(problem.operator, problem.market))
    blocks, _ = standardised(np, as_sampled, problem.data(), problem.market)
    # Padded error terms are dropped again: blocks are vectors there.
    raw = {
        k: blocks[k][:, :, : shape[0]]
        for k, shape in parameter_shapes(problem.operator, problem.market).items()
    }
    found = {k: np.asarray(trace.sample_stats[k].values) for k in STATISTICS if k in trace.sample_stats}
    statistics = {k: v[:, ::thin] for k, v in found.items()}
    # A divergence between kept draws counts all the same.
    statistics["diverging"] = found["diverging"].reshape(chains, draws, thin).any(axis=-1)
    seconds = {"sample": time.perf_counter() - started}
    places = spread(white.reshape(-1, white.shape[-1]))
    # The sampler varies it a little from draw to draw.
    step = float(np.median(found["step_size"]))
    return Fit(problem, raw, statistics, seconds, Beginning(whitening, places, step))


def fit(
    evidence: ChainEvidence,
    as_of: date,
    seed: int,
    draws: int,
    chains: int = CHAINS,
    progress: Callable[..., None] | None = None,
    switch_off: tuple[str, ...] = (),
    withhold: frozenset[str] = frozenset(),
    earlier: Posterior | None = None,
    thin: int = THIN,
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
    earlier : Posterior, optional
        One of much the same evidence and the same model, with a warm start: the chains begin there, without a
        pilot run.
    thin : int
        As in `sample`.

    Returns
    -------
    Fit

    Raises
    ------
    ValueError
        The earlier posterior is of another model.
    """
    problem = problem_from_evidence(evidence, as_of, switch_off=switch_off, withhold=withhold)
    beginning = beginning_from(earlier, problem) if earlier else None
    if progress:
        progress(0.0, "compiling")
    started = time.perf_counter()
    import_compilers()
    imported = time.perf_counter()
    compiled = compile_model(problem)
    after = time.perf_counter()
    result = sample(
        compiled,
        problem,
        seed,
        -(-draws // chains),
        chains,
        thin=thin,
        progress=progress,
        beginning=beginning,
    )
    sampled = time.perf_counter()
    if progress:
        progress(1.0, "leaving figures out")

    def sample_mixture(share: np.ndarray) -> dict[str, np.ndarray]:
        mixture = replace(problem, left_out_share=share)
        n = -(-min(draws * thin // MIXTURE_SHARE, LOO_DRAWS) // chains)
        tune = MIXTURE_TUNING_DRAWS
        found = sample(compiled, mixture, seed + 1, n, chains, tune=tune, thin=1, beginning=result.beginning)
        return found.flat()

    result.left_out = left_out(problem, result.flat(), sample_mixture)
    result.seconds |= {
        "import": imported - started,
        "compile": after - imported,
        "leave_out": time.perf_counter() - sampled,
    }
    return result


def beginning_from(earlier: Posterior, problem: Problem) -> Beginning | None:
    """Where the chains of a problem begin after an earlier posterior; None where it kept no warm start.

    Raises
    ------
    ValueError
        The earlier posterior is of another model.
    """
    if earlier.warm_start is None:
        return None
    shapes = parameter_shapes(problem.operator, problem.market)
    names = axis_names(problem.market, problem.operator)
    rows = in_order(earlier.warm_start.rows, earlier.names, shapes, names, np.zeros)
    return begun(replace(earlier.warm_start, rows=rows))
