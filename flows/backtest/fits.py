"""Fitting the vintages of a backtest that are missing, here or on a cluster."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from flows.backtest.plan import CHAINS, Plan
from flows.runtime.artifacts import save_posterior
from flows.runtime.fan_out import Outcome, fan_out
from flows.runtime.once import compiled_model
from flows.runtime.task_runner_settings import THREADS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from flows.runtime.progress import Progress
    from models.inference.posterior import Posterior
    from models.inference.problem import Problem


class VintageFit(NamedTuple):
    """What the fit of one vintage rests on.

    Parameters
    ----------
    model : str
        Name of the compiled model, the same for all vintages of a backtest.
    problem : Problem
    seed : int
    draws : int
        Draws a chain.
    """

    model: str
    problem: "Problem"
    seed: int
    draws: int


def fit_missing(plan: Plan, missing: "Mapping[date, tuple[Problem, Path]]", progress: "Progress") -> None:
    """Sample the vintages, several at a time; each is kept as soon as it is done.

    Parameters
    ----------
    plan : Plan
        Its settings say where.
    missing : mapping
        Problem and file of the posterior, by day.
    progress : Progress
    """
    if not missing:
        return
    pairs, model, runner = list(missing.values()), uuid4().hex, plan.settings.task_runner
    if runner == THREADS:
        with progress.stage("compile", "Compiling the model"):
            compiled_model(model, pairs[0][0])
    with progress.stage("fit", f"Fitting {len(missing)} vintages") as report:
        done = 0

        def keep(position: int, posterior: "Outcome[Posterior]") -> None:
            nonlocal done
            problem, file = pairs[position]
            save_posterior(file, posterior(), as_of=problem.as_of.isoformat(), seed=plan.settings.seed)
            done += 1
            report(done / len(pairs), f"{done} of {len(pairs)}")

        each = -(-plan.draws // CHAINS)
        fits = (VintageFit(model, problem, plan.settings.seed, each) for problem, _ in pairs)
        fan_out(fitted, fits, keep, runner, min(plan.cores, len(pairs)))


def fitted(asked: VintageFit) -> "Posterior":
    """Fit one vintage on one processor, with the model that this process has compiled."""
    from models.inference.fit import sample
    from models.inference.posterior import named
    from models.scoring.vintages import chain_blocks

    problem = asked.problem
    compiled = compiled_model(asked.model, problem)
    found = sample(compiled, problem, asked.seed, asked.draws, CHAINS, cores=1)
    return named(chain_blocks(found.raw, problem.market), found.statistics, problem.market)
