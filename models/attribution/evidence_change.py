"""What differs between the evidence of several runs: one stack of all their figures, and who has which.

A figure that was revised stands in the stack once a version; a run is the set of the rows that it knew, with
the products, assumptions and mapping of its own ("rules"). A figure that came to be read otherwise because a
rule changed, its printed row being the same, belongs to the rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from models.evidence.chain_evidence import ChainEvidence
from models.evidence.known import known_figures
from models.inference.from_evidence import resolved_figures, usable_figures
from models.inference.operator import PUBLISHER_MINIMUM, Operator, build_operator, vintage_weights
from models.inference.problem import Problem, build_problem
from models.vocabulary.market import Market
from models.vocabulary.results.news import NEW, REVISED, WITHDRAWN
from models.vocabulary.rows import rows_of
from models.vocabulary.units import VALUE_COLUMNS

PRINTED = (
    *("source_id", "origin_id", "metric", "entity", "segment", "period", "fiscal_year_end_month"),
    *(*VALUE_COLUMNS, "unit", "kind", "definition", "not_used_reason", "publisher", "published_on"),
    *("published_precision", "accessed_on"),
)
"""What makes a row of figures another statement; notes, titles and addresses do not."""
READ = (
    *("origin_id", "publisher", "period", "fiscal_year_end_month", *VALUE_COLUMNS, "kind"),
    *("published_on", "published_precision", "accessed_on", "quantity", "per_quantity", "aggregation"),
    *("scale", "definition"),
)
"""What the model reads of a figure that is mapped."""


@dataclass(frozen=True)
class Version:
    """Evidence of a run.

    Attributes
    ----------
    evidence : ChainEvidence
        What was visible on its day.
    as_of : date
    """

    evidence: ChainEvidence
    as_of: date


@dataclass(frozen=True)
class Change:
    """A figure that differs between two versions.

    Attributes
    ----------
    kind : str
        `NEW`, `REVISED` or `WITHDRAWN`.
    figure_id, publisher, about : str
    known_on : date
        When the figure, or the version of it that counts now, became known.
    rows : ndarray of int
        Rows of the stack that come or go with it.
    """

    kind: str
    figure_id: str
    publisher: str
    about: str
    known_on: date
    rows: np.ndarray


@dataclass(frozen=True)
class Stack:
    """All figures of several versions, and the rules under which they were read.

    Attributes
    ----------
    problems : tuple of Problem
        One for each set of rules that differs, with the operator of all figures.
    rules : tuple of int
        Of each version, which of them.
    member : ndarray of bool (version, figure)
    read_otherwise : ndarray of int
        Rows that come and go with the rules, between the first and the second version.
    changes : tuple of Change
        Between the first and the second version, in the order in which they became known.
    """

    problems: tuple[Problem, ...]
    rules: tuple[int, ...]
    member: np.ndarray
    read_otherwise: np.ndarray
    changes: tuple[Change, ...]

    @property
    def operator(self) -> Operator:
        """Operator of all figures."""
        return self.problems[0].operator

    @property
    def only_figures_differ(self) -> bool:
        """Whether the first two versions have the same products, assumptions and rules."""
        return self.rules[0] == self.rules[1] and not len(self.read_otherwise)

    def weights(self, member: np.ndarray) -> np.ndarray:
        """Weight of each figure where just some of them are known, (figure,)."""
        figures = self.operator.figures
        out = np.zeros(len(figures))
        out[member] = vintage_weights(figures[member].reset_index(drop=True), date.max)
        return out

    def without_bias(self, member: np.ndarray) -> np.ndarray:
        """Say which of some figures have a publisher with too few of them for a bias, (figure,)."""
        biased_by = self.operator.figures["biased_by"]
        counted = biased_by[member & (biased_by != "").to_numpy()].value_counts()
        few = set(self.operator.publishers[1:]) - set(counted.index[counted >= PUBLISHER_MINIMUM])
        return biased_by.isin(few).to_numpy() & member


def stacked(versions: Sequence[Version]) -> Stack:
    """Stack the figures of versions; what changed is what differs between the first two.

    Raises
    ------
    ValueError
        They differ in product classes or HBM generations: their parameters are not the same.
    """
    market = versions[0].evidence.market
    if any(version.evidence.market != market for version in versions):
        raise ValueError("product classes or HBM generations differ")
    read = [_read(version) for version in versions]
    every = pd.concat(read).drop_duplicates("row_id").reset_index(drop=True)
    ids = every["figure_id"] + "#" + every.groupby("figure_id").cumcount().astype(str)
    row_of = dict(zip(ids, every["row_id"], strict=True))
    operator = build_operator(every.assign(figure_id=ids), market)
    row_ids = operator.figures["figure_id"].map(row_of)
    operator.figures["figure_id"] = operator.figures["figure_id"].str.rpartition("#")[0]
    member = np.array([row_ids.isin(frame["row_id"]) for frame in read], dtype=bool)
    problems: list[Problem] = []
    rules = [_rule_of(_problem(version, versions, market, operator), problems) for version in versions]
    changes, otherwise = _changes(operator.figures, member, versions[0], versions[1])
    return Stack(tuple(problems), tuple(rules), member, otherwise, changes)


def _read(version: Version) -> pd.DataFrame:
    """Figures of a version that inform the chain, each with an id of what is read of it."""
    usable = usable_figures(resolved_figures(version.evidence))
    known = known_figures(usable, version.as_of)
    return known.assign(row_id=known["figure_id"] + _text(known, READ))


def _text(figures: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """Put the cells of some columns together, a line a figure."""
    present = [c for c in columns if c in figures.columns]
    parts = [figures[c].astype(object).where(figures[c].notna(), "").astype(str) for c in present]
    return sum((("|" + part) for part in parts), pd.Series("", index=figures.index, dtype=object))


def _problem(version: Version, versions: Sequence[Version], market: Market, operator: Operator) -> Problem:
    """Problem of a version's rules; names that only others assume are taken from them."""
    assumptions = version.evidence.assumptions
    for other in versions:
        theirs = other.evidence.assumptions
        lacking = theirs[~theirs["assumption"].isin(assumptions["assumption"])]
        # No figure of the version needs them: they say nothing yet, whatever they are.
        assumptions = pd.concat([assumptions, lacking.assign(known_since="2021-01-01")], ignore_index=True)
    products = version.evidence.products
    return build_problem(pd.DataFrame(), products, assumptions, market, version.as_of, operator)


def _rule_of(problem: Problem, known: list[Problem]) -> int:
    """Place of a problem among those with other rules; it is added where it is new."""
    for i, other in enumerate(known):
        if same_rules(problem, other):
            return i
    known.append(problem)
    return len(known) - 1


def same_rules(one: Problem, other: Problem) -> bool:
    """Say whether two problems have the same priors and the same catalogue of products."""
    pairs = [(getattr(one, name), getattr(other, name)) for name in ("loc", "scale", "fixed")]
    return all(a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a) for a, b in pairs)


def _changes(
    figures: pd.DataFrame, member: np.ndarray, earlier: Version, later: Version
) -> tuple[tuple[Change, ...], np.ndarray]:
    """Figures that differ between two versions, and the rows that only another rule made differ."""
    printed = [
        dict(zip(f["figure_id"], _text(f, PRINTED), strict=True))
        for f in (earlier.evidence.figures, later.evidence.figures)
    ]
    found: list[Change] = []
    otherwise: list[int] = []
    differing = np.flatnonzero(member[0] != member[1])
    for figure_id, rows in figures.iloc[differing].groupby("figure_id", sort=False):
        before, after = (texts.get(figure_id) for texts in printed)
        at = figures.index.get_indexer(rows.index)
        if before == after:
            otherwise.extend(at)
            continue
        kind = NEW if before is None else WITHDRAWN if after is None else REVISED
        newest = next(rows_of(rows[member[1][at]]), None) or next(rows_of(rows))
        ratio = f" over {newest.per_quantity}" if newest.per_quantity else ""
        about = f"{newest.quantity}{ratio} {newest.period}"
        found.append(Change(kind, str(figure_id), newest.publisher, about, newest.known_on, at))
    found.sort(key=lambda change: (change.known_on, change.figure_id))
    return tuple(found), np.array(sorted(otherwise), dtype=int)
