"""`hbmcast leave-out`: how the served posterior predicts figures and publishers that are left out of it.

Single figures are left out by importance weights. So are publishers where the weights allow it (Pareto k);
the others are left out of a fit of their own.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple
from uuid import uuid4

import typer

from flows.commands.options import FormatOption, OutputOption, StateOption
from flows.runtime.errors import HbmcastError
from flows.runtime.fan_out import Outcome, fan_out
from flows.runtime.once import compiled_model
from flows.runtime.preparation import prepare_environment, prepare_state
from flows.runtime.settings import resolve
from flows.runtime.task_runner_settings import THREADS
from flows.server.ephemeral import start_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import pandas as pd

    from flows.runtime.progress import Progress
    from models.evidence.chain_evidence import ChainEvidence
    from models.inference.problem import Problem

MINIMUM_FIGURES = 5
CHAINS, REFIT_DRAWS = 2, 1_000


def leave_out(
    refit: Annotated[
        bool, typer.Option("--refit/--no-refit", help="Fit anew where importance weights are not enough.")
    ] = True,
    minimum: Annotated[
        int, typer.Option(help="Publishers with fewer figures in use are not left out.")
    ] = MINIMUM_FIGURES,
    format: FormatOption = None,
    output: OutputOption = None,
    state: StateOption = None,
) -> None:
    """Leave each figure and each publisher out of the served forecast; say what it predicts for them."""
    from flows.commands.formats import chosen_format, write_parts
    from flows.runtime.progress import Progress
    from models.scoring.leave_out import coverage_by, surprises
    from warehouse.left_out import publish_left_out

    chosen = chosen_format(format, output)
    settings = resolve(state=state)
    prepare_environment(settings.state)
    prepare_state(settings.state)
    start_for(settings.task_runner)
    run_id, rows = left_out_rows(settings.state, refit, minimum, settings.seed, Progress())
    publish_left_out(settings.state, run_id, rows)
    singly = rows[rows["left_out"] == rows["figure_id"]]
    by_publisher = rows[rows["left_out"] != rows["figure_id"]]
    publishers = coverage_by(by_publisher, "publisher")
    method = by_publisher.groupby("publisher")["method"].first()
    publishers["method"] = publishers["publisher"].map(method).fillna("")
    columns = ["figure_id", "publisher", "quantity", "period", "pit", "pareto_k", "tail"]
    parts = {
        "Figures left out one by one": coverage_by(singly, "quantity"),
        "Publishers left out": publishers,
        "Figures that surprise most (tail: twice the smaller tail probability)": surprises(singly)[columns],
    }
    write_parts(parts, chosen, output)
    print(f"table left_out, run {run_id}", file=sys.stderr)


def left_out_rows(
    state: Path, refit: bool, minimum: int, seed: int, progress: "Progress"
) -> "tuple[str, pd.DataFrame]":
    """Leave figures and publishers out of the posterior of the run served (fitted again where it is gone).

    Parameters
    ----------
    state : Path
    refit : bool
        Whether to fit anew without a publisher whose weights are not to be trusted; otherwise its rows keep
        the weights' method and their k.
    minimum : int
        Figures in use that a publisher needs.
    seed : int
    progress : Progress

    Returns
    -------
    run_id : str
    rows : DataFrame
        As `models.scoring.leave_out.leave_out`.

    Raises
    ------
    HbmcastError
        No run is served.
    """
    import pandas as pd

    from flows.night.posterior import load_fit
    from models.inference.left_out import PARETO_LIMIT
    from models.scoring.leave_out import figure_draws, leave_out
    from warehouse.read import latest_run

    run = latest_run(state)
    if run is None:
        raise HbmcastError("nothing is published yet", "Run `hbmcast nightly` first")
    settings = resolve(state=state, seed=seed)
    fit, known = load_fit(settings)
    problem = fit.problem
    figures = problem.operator.figures
    with progress.stage("weights", "Leaving out by weights"):
        draws = figure_draws(problem, fit.flat(), seed)
        singly = leave_out(problem, draws, figures["figure_id"])
        counted = figures.loc[problem.weight > 0, "publisher"].value_counts()
        enough = sorted(counted.index[counted >= minimum])
        # Publishers with fewer figures are put together under no name, and dropped.
        grouped = leave_out(problem, draws, figures["publisher"].where(figures["publisher"].isin(enough), ""))
        grouped = grouped[grouped["left_out"] != ""]
    doubtful = sorted(set(grouped.loc[grouped["pareto_k"] > PARETO_LIMIT, "left_out"]))
    if refit and doubtful:
        anew = _refitted(known, problem, doubtful, seed, settings.task_runner, progress)
        grouped = pd.concat([grouped[~grouped["left_out"].isin(doubtful)], anew], ignore_index=True)
    return str(run["run_id"]), pd.concat([singly, grouped], ignore_index=True)


class PublisherRefit(NamedTuple):
    """What the fit without one publisher rests on.

    Parameters
    ----------
    model : str
        Name of the compiled model, the same for all publishers.
    without : Problem
        Of the fit without it.
    weight : ndarray (figure,)
        Weights in the fit of all figures.
    publisher : str
    seed : int
    cores : int
    """

    model: str
    without: "Problem"
    weight: "np.ndarray"
    publisher: str
    seed: int
    cores: int


def _refitted(
    known: "ChainEvidence",
    problem: "Problem",
    publishers: list[str],
    seed: int,
    runner: str,
    progress: "Progress",
) -> "pd.DataFrame":
    """Fit without each publisher in turn, with one compiled model, and predict its figures."""
    import pandas as pd

    from models.inference.from_evidence import problem_from_evidence

    model, here = uuid4().hex, runner == THREADS
    # Here one fit at a time takes all cores; a cluster has one for each fit.
    at_once, cores = (1, os.cpu_count() or 1) if here else (os.cpu_count() or 1, 1)
    if here:
        with progress.stage("compile", "Compiling the model"):
            compiled_model(model, problem)

    def asked() -> "Iterator[PublisherRefit]":
        for publisher in publishers:
            left_out = frozenset({publisher})
            without = problem_from_evidence(known, problem.as_of, problem.operator, withhold=left_out)
            yield PublisherRefit(model, without, problem.weight, publisher, seed, cores)

    parts: dict[int, pd.DataFrame] = {}
    with progress.stage("refit", f"Fitting without each of {len(publishers)} publishers") as report:

        def keep(position: int, rows: "Outcome[pd.DataFrame]") -> None:
            parts[position] = rows()
            report(len(parts) / len(publishers), publishers[position])

        fan_out(rows_without, asked(), keep, runner, at_once)
    return pd.concat([parts[i] for i in sorted(parts)], ignore_index=True)


def rows_without(asked: PublisherRefit) -> "pd.DataFrame":
    """Fit without a publisher, and predict its figures."""
    from models.inference.fit import sample
    from models.scoring.leave_out import figure_draws, refitted

    compiled = compiled_model(asked.model, asked.without)
    found = sample(compiled, asked.without, asked.seed, REFIT_DRAWS // CHAINS, CHAINS, asked.cores)
    draws = figure_draws(asked.without, found.flat(), asked.seed)
    return refitted(asked.without, draws, asked.weight, asked.publisher)
