"""Every table of a run that belongs to the chain, from its posterior and its joint draws."""

from datetime import date

import pandas as pd

from models.draws.figure_fit import figure_fit
from models.draws.forecast_gate import forecast_rows
from models.draws.gate import diagnose, identity_residuals
from models.draws.joint import Draws
from models.draws.summary import binding_frame, forecast_frames, posterior_drivers, publisher_bias
from models.draws.thresholds import thresholds_of
from models.evidence.chain_evidence import ChainEvidence
from models.inference.posterior import Posterior
from models.inference.problem import Problem
from models.vocabulary.market import quantity_frame


def tables_of_run(
    run_id: str,
    as_of: date,
    seed: int,
    problem: Problem,
    posterior: Posterior,
    drawn: Draws,
    resolved: pd.DataFrame,
    evidence: ChainEvidence,
    is_first: bool = False,
) -> dict[str, pd.DataFrame]:
    """Make the tables of the chain.

    Parameters
    ----------
    run_id : str
    as_of : date
    seed : int
    problem : Problem
    posterior : Posterior
    drawn : Draws
        Every quantity.
    resolved : DataFrame
        All visible figures, mapped.
    evidence : ChainEvidence
        Its products and assumptions give the bounds that the gate holds the draws to.
    is_first : bool
        Whether it is a state's first forecast (`models.draws.thresholds.thresholds_of`).

    Returns
    -------
    dict of str to DataFrame
        ``quantities, forecast, binding, diagnostics, posterior_drivers, publisher_bias, figure_fit``.
    """
    flat, lengths = posterior.flat(), (posterior.n_chains, posterior.n_draws)
    forecast, mixing = forecast_frames(drawn, problem.market, *lengths, run_id, as_of)
    fitted = figure_fit(problem, flat, run_id, seed, resolved)
    residuals = identity_residuals(drawn, problem.market)
    gate = forecast_rows(problem, posterior, drawn, evidence)
    return {
        "quantities": quantity_frame(problem.market),
        "forecast": forecast,
        "binding": binding_frame(drawn, *lengths, run_id),
        "diagnostics": diagnose(
            run_id, posterior, mixing, forecast, fitted, residuals, gate, thresholds_of(is_first)
        ),
        "posterior_drivers": posterior_drivers(problem, flat, run_id, seed),
        "publisher_bias": publisher_bias(problem, flat, run_id),
        "figure_fit": fitted,
    }
