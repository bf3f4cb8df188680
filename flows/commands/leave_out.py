"""`hbmcast leave-out`: how the served posterior predicts figures and publishers that are left out of it.

Single figures are left out by importance weights. So are publishers where the weights allow it (Pareto k);
the others are left out of a fit of their own.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.options import FormatOption, StateOption
from flows.runtime.errors import HbmcastError
from flows.runtime.settings import prepare_environment, prepare_state, resolve

if TYPE_CHECKING:
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
    state: StateOption = None,
) -> None:
    """Leave each figure and each publisher out of the served forecast; say what it predicts for them."""
    from flows.commands.formats import chosen_format, write_parts
    from flows.runtime.progress import Progress
    from models.scoring.leave_out import coverage_by, surprises
    from warehouse.left_out import publish_left_out

    chosen = chosen_format(format)
    settings = resolve(state=state)
    prepare_environment(settings.state)
    prepare_state(settings.state)
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
    write_parts(parts, chosen)
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
    fit, known = load_fit(resolve(state=state, seed=seed), for_as_of=False)
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
        anew = _refitted(known, problem, doubtful, seed, progress)
        grouped = pd.concat([grouped[~grouped["left_out"].isin(doubtful)], anew], ignore_index=True)
    return str(run["run_id"]), pd.concat([singly, grouped], ignore_index=True)


def _refitted(
    known: "ChainEvidence", problem: "Problem", publishers: list[str], seed: int, progress: "Progress"
) -> "pd.DataFrame":
    """Fit without each publisher in turn, with one compiled model, and predict its figures."""
    import pandas as pd

    from models.inference.fit import compile_model, problem_from_evidence, sample
    from models.scoring.leave_out import figure_draws, refitted

    with progress.stage("compile", "Compiling the model"):
        compiled = compile_model(problem)
    parts = []
    with progress.stage("refit", f"Fitting without each of {len(publishers)} publishers") as report:
        for i, publisher in enumerate(publishers):
            report(i / len(publishers), publisher)
            without = problem_from_evidence(
                known, problem.as_of, problem.operator, withhold=frozenset({publisher})
            )
            found = sample(compiled, without, seed, REFIT_DRAWS // CHAINS, CHAINS)
            draws = figure_draws(without, found.flat(), seed)
            parts.append(refitted(without, draws, problem.weight, publisher))
    return pd.concat(parts, ignore_index=True)
