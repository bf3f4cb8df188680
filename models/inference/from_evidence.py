"""From evidence to a problem: figures mapped and in base units, and one vintage of those that inform it."""

from datetime import date

import pandas as pd

from models.evidence.chain_evidence import ChainEvidence
from models.evidence.mapping import resolve
from models.inference.operator import Operator, build_operator
from models.inference.problem import Problem, build_problem
from models.vocabulary.units import to_metric_units


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
    """Build the problem of one vintage from evidence.

    Parameters
    ----------
    evidence : ChainEvidence
    as_of : date
    operator : Operator, optional
        From `shared_operator`: the figures of the evidence are not read then.
    switch_off, withhold
        As of `build_problem`.
    """
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
