"""Figures that no fit has seen, each with where it falls in what such a publication was expected to print."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.evidence.assumptions import read_priors
from models.evidence.chain_evidence import ChainEvidence
from models.evidence.checks.reference import definition_keys
from models.inference.fit import Fit
from models.scoring.external_figures import SHOWN, plain, report_rows, seen_by, to_contract, usable_newcomers
from models.scoring.predictive import placed, predictive, summary

_SOURCE = ["source_id", "publisher", "published_on", "published_precision"]


def scored_figures(
    fit: Fit,
    known: ChainEvidence,
    raw: pd.DataFrame,
    sources: pd.DataFrame | None,
    seed: int,
    today: date,
) -> dict[str, Any]:
    """Score a table of figures.

    Parameters
    ----------
    fit : Fit
    known : ChainEvidence
        Its 'metrics', 'exchange_rates', 'sources', 'assumptions'.
    raw : DataFrame of str
        Either format of `models.scoring.external_figures.to_contract`.
    sources : DataFrame or None
        Sources that came with it.
    seed : int
    today : date
        Figures may be published after the posterior's day, but not after today.

    Returns
    -------
    dict
        ``scored`` (count), ``unmapped`` (list), ``coverage`` ({'50', '80', '90'}), ``pit`` (list),
        ``pit_uniform_p`` (Kolmogorov-Smirnov), ``figures`` (list), ``read_as`` (list: cells read in another
        form than printed). Scored and unmapped add up to all rows.

    Raises
    ------
    HeaderError
        The columns are those of neither format.
    """
    figures, own_sources = to_contract(raw)
    every = [
        own_sources[_SOURCE],
        known.sources[_SOURCE],
        *([] if sources is None else [sources[_SOURCE]]),
    ]
    usable, unmapped, read_as = usable_newcomers(
        figures,
        pd.concat(every, ignore_index=True),
        known.metrics,
        known.exchange_rates,
        definition_keys(known.assumptions.to_dict("records")),
        today,
    )
    rows: list[dict[str, Any]] = []
    table = pd.DataFrame()
    if len(usable):
        result = predictive(fit, usable, read_priors(known.assumptions, fit.problem.as_of), seed)
        table = placed(result)
        seen = seen_by(fit.problem.operator, fit.problem.weight, result.figures, result.y)
        rows = report_rows(usable, table, seen)
        unmapped += _not_predicted(usable, result.unmapped)
    totals = summary(table)
    return {
        "scored": len(rows),
        "unmapped": sorted(unmapped, key=lambda row: row["row"]),
        "coverage": totals["coverage"],
        "pit": totals["pit"],
        "pit_uniform_p": totals["ks_p"],
        "figures": rows,
        "read_as": read_as,
    }


def _not_predicted(usable: pd.DataFrame, unmapped: pd.DataFrame) -> list[dict[str, Any]]:
    by_id = {row["figure_id"]: row for row in usable.to_dict("records")}
    listed = []
    for figure_id, reason in unmapped[["figure_id", "reason"]].itertuples(index=False):
        row = by_id[figure_id]
        shown = {name: plain(row.get(name)) for name in SHOWN}
        listed.append(
            {"row": int(row["row"]), "figure_id": row["given_id"], **shown, "reason": reason, "remedy": ""}
        )
    return listed


def thinned(fit: Fit, n_draws: int) -> Fit:
    """Give a posterior with about so many of its draws, evenly spread: for a look, not for a forecast.

    Parameters
    ----------
    fit : Fit
    n_draws : int
        Over all chains.
    """
    n_chains, n_each = next(iter(fit.raw.values())).shape[:2]
    step = max(1, n_chains * n_each // n_draws)
    return Fit(fit.problem, {name: np.asarray(values[:, ::step]) for name, values in fit.raw.items()}, {})
