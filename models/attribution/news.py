"""What moved a forecast between two runs, split into what each figure, the rules and the code did.

The posterior draws that both runs rest on are weighted to stand for every state on the way from the earlier
run to the later one: its figures so far, its rules. The draws of both posteriors count together
(`models.attribution.pooled`), so that a state in the middle is near to one or the other. Weights are smoothed
(PSIS), and a state is trusted while their Pareto shape stays below the limit.

What a figure did depends on what came before it. It is taken in the order of publication and in the reverse
order, and averaged: that is the Shapley value exactly where no more than two figures work together, and takes
two states a figure instead of one for each of all subsets. Between two states that can be trusted in both
orders lies one figure, or several whose parts can't be told apart and that stand together.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from models.attribution.evidence_change import Change, Stack, Version, stacked
from models.attribution.pooled import Sampled, State, log_densities, log_mixture, pooled, yearly
from models.attribution.weighted_quantiles import COLUMNS, WeightedQuantiles, standard_error
from models.inference.left_out import PARETO_LIMIT
from models.inference.reweighting import smoothed_weights
from models.vocabulary.periods import HEADLINE_YEARS
from models.vocabulary.quantities import HEADLINES
from models.vocabulary.results.news import CODE, NOISE, RULES, RULES_TOGETHER, TOGETHER, WHOLE

KEYS = tuple((quantity, year) for quantity in HEADLINES for year in HEADLINE_YEARS)
SOURCE_DRAWS = 9_000
SOURCE_DRAWS_OF_TWO_RULES = 4_000
"""Under other rules every figure is weighed anew, not only those that differ."""


@dataclass(frozen=True)
class Run:
    """A published run.

    Attributes
    ----------
    version : Version
    forecast : DataFrame
        Its rows of ``forecast``, with ``quantity, period, unit, p05, p50, p95`` and their ``mcse_...``.
    sample : str
        Names the posterior that was sampled, for it or for the run that it was weighted from.
    """

    version: Version
    forecast: pd.DataFrame
    sample: str


@dataclass(frozen=True)
class Player:
    """One thing that changed."""

    part: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Part:
    """What a player did to the quantiles, of all draws and of each block, and its weights' largest k."""

    player: Player
    move: np.ndarray
    pareto_k: float


@dataclass(frozen=True)
class Estimate:
    """Quantiles under a state, of all draws and of each block (1 + block, key, level), and the weights' k."""

    quantiles: np.ndarray
    pareto_k: float


def news(
    earlier: Run, later: Run, sources: Sequence[Sampled], seed: int, same_code: bool = True
) -> pd.DataFrame:
    """Split the move of every headline quantity between two runs into its parts.

    Parameters
    ----------
    earlier, later : Run
    sources : sequence of Sampled
        The posteriors behind them, by the code of now: those of both runs, or the one behind both, or where
        the earlier run is of other code only the later run's.
    seed : int
        Of parameters that one posterior has and the other has not.
    same_code : bool
        Whether the earlier run is of the same code; if not, what nothing else explains is the code's.

    Returns
    -------
    DataFrame
        Columns of the table ``news`` from ``quantity`` on: of each quantity and year the whole move and its
        parts, which add up to it.

    Raises
    ------
    ValueError
        The runs differ in product classes or HBM generations, a posterior is of another model, or there is
        none.
    """
    if not sources:
        raise ValueError("no posterior behind them is kept")
    stack = stacked([earlier.version, later.version, *(source.version for source in sources)])
    players = _players(stack)
    independent = earlier.sample != later.sample
    if not players:
        return _table(earlier.forecast, later.forecast, [], None, same_code, independent)
    forward, backward = _path(stack, players, False), _path(stack, players, True)
    found = _estimated(stack, sources, [*forward, *backward], seed)
    there = [found[state.key] for state in forward]
    back = [found[state.key] for state in backward]
    parts = [
        Part(joined(players[s.start : s.stop]), between(there, back, s), _worst(there, back, s))
        for s in stretches(there, back)
    ]
    moved = there[-1].quantiles - there[0].quantiles
    return _table(earlier.forecast, later.forecast, parts, moved, same_code, independent)


def unmoved(earlier: pd.DataFrame, later: pd.DataFrame, same_code: bool = True) -> pd.DataFrame:
    """Compare two forecasts from one posterior: what differs is noise, or the code's.

    Parameters
    ----------
    earlier, later : DataFrame
        As `Run.forecast`.
    same_code : bool

    Returns
    -------
    DataFrame
        As `news` gives it.
    """
    return _table(earlier, later, [], None, same_code, independent=False)


def _players(stack: Stack) -> list[Player]:
    """List what changed in the order in which it is taken: the rules, then figures as they became known."""
    other_rules = stack.rules[0] != stack.rules[1] or len(stack.read_otherwise)
    return [
        *([Player(RULES)] if other_rules else []),
        *(Player(change.kind, (change,)) for change in stack.changes),
    ]


def _path(stack: Stack, players: Sequence[Player], reverse: bool) -> list[State]:
    """States between the runs; state i has the first i players, in reverse all but the first i.

    In reverse they stand in the same order all the same: state i and state i of the other path lie at one
    boundary between players.
    """
    states = []
    for boundary in range(len(players) + 1):
        member, rules = stack.member[0].copy(), stack.rules[0]
        for player in players[boundary:] if reverse else players[:boundary]:
            rows = [change.rows for change in player.changes]
            at = np.concatenate(rows) if rows else stack.read_otherwise
            member[at] = stack.member[1][at]
            rules = stack.rules[1] if player.part == RULES else rules
        states.append(State(rules, member))
    return states


def _estimated(
    stack: Stack, sources: Sequence[Sampled], states: Sequence[State], seed: int
) -> dict[Hashable, Estimate]:
    """Quantiles under each state, by its key."""
    rules = {state.rules for state in states}
    pool = pooled(stack, sources, SOURCE_DRAWS_OF_TWO_RULES if len(rules) > 1 else SOURCE_DRAWS, seed)
    own = [State(stack.rules[2 + i], stack.member[2 + i]) for i in range(len(sources))]
    density = log_densities(stack, pool, [*states, *own])
    values = {rule: yearly(stack, pool, rule, KEYS, seed) for rule in rules}
    return estimates(states, own, density, values, pool.source, pool.block)


def estimates(
    states: Sequence[State],
    own: Sequence[State],
    density: Mapping[Hashable, np.ndarray],
    values: Mapping[int, np.ndarray],
    source: np.ndarray,
    block: np.ndarray,
) -> dict[Hashable, Estimate]:
    """Weight the draws of all sources to stand for each state, and read the quantiles off.

    Parameters
    ----------
    states : sequence of State
    own : sequence of State
        Of each source.
    density : mapping of state's key to ndarray (draw,)
        Log densities, up to a constant of each draw.
    values : mapping of rules to ndarray (series, draw)
    source, block : ndarray of int (draw,)
        As in `models.attribution.pooled.Pool`.

    Returns
    -------
    dict of state's key to Estimate
    """
    mixture = log_mixture(np.array([density[state.key] for state in own]), source)
    read = {rules: WeightedQuantiles(series, block) for rules, series in values.items()}
    out: dict[Hashable, Estimate] = {}
    for state in states:
        if state.key not in out:
            weight, k = smoothed_weights(density[state.key] - mixture)
            out[state.key] = Estimate(read[state.rules](weight), k)
    return out


def stretches(there: Sequence[Estimate], back: Sequence[Estimate]) -> list[range]:
    """Stretches of players between boundaries whose two states can be trusted."""
    last = len(there) - 1
    inner = [b for b in range(1, last) if max(there[b].pareto_k, back[b].pareto_k) <= PARETO_LIMIT]
    return [range(a, b) for a, b in pairwise([0, *inner, last]) if b > a]


def between(there: Sequence[Estimate], back: Sequence[Estimate], players: range) -> np.ndarray:
    """Mean of what a stretch of players moves in either order, (1 + block, key, level)."""
    one = there[players.stop].quantiles - there[players.start].quantiles
    other = back[players.start].quantiles - back[players.stop].quantiles
    return (one + other) / 2


def _worst(there: Sequence[Estimate], back: Sequence[Estimate], players: range) -> float:
    return max(path[b].pareto_k for path in (there, back) for b in (players.start, players.stop))


def joined(players: Sequence[Player]) -> Player:
    """Make one part of the players of a stretch; rules are named beside the figures."""
    if len(players) == 1:
        return players[0]
    part = RULES_TOGETHER if any(player.part == RULES for player in players) else TOGETHER
    return Player(part, tuple(change for player in players for change in player.changes))


def _table(
    earlier: pd.DataFrame,
    later: pd.DataFrame,
    parts: Sequence[Part],
    moved: np.ndarray | None,
    same_code: bool,
    independent: bool,
) -> pd.DataFrame:
    """Lay parts out in rows, the whole first and what is left last; `moved` is what all move together."""
    before, after = _published(earlier), _published(later)
    whole = np.array([after[level] - before[level] for level in COLUMNS]).T
    left = whole - sum((part.move[0] for part in parts), np.zeros_like(whole))
    by_weights = np.zeros_like(whole) if moved is None else standard_error(moved[1:])
    # Draws of one posterior behind both runs: what their quantiles miss they miss alike.
    sampling = np.array([np.hypot(before[f"mcse_{p}"], after[f"mcse_{p}"]) for p in COLUMNS]).T
    own = sampling if independent else np.zeros_like(sampling)
    rest = Player(NOISE if same_code else CODE)
    rows = [
        (Player(WHOLE), whole, own if own.any() else by_weights, np.nan),
        *((part.player, part.move[0], standard_error(part.move[1:]), part.pareto_k) for part in parts),
        (rest, left, np.hypot(own, by_weights), np.nan),
    ]
    return pd.concat([_rows(before, *row) for row in rows], ignore_index=True)


def _rows(
    before: pd.DataFrame, player: Player, move: np.ndarray, error: np.ndarray, pareto_k: float
) -> pd.DataFrame:
    """Rows of one part, one a quantity and year."""
    changes = player.changes
    return pd.DataFrame(
        {
            "quantity": [quantity for quantity, _ in KEYS],
            "period": [year for _, year in KEYS],
            "unit": before["unit"].to_numpy(),
            "part": player.part,
            "figure_ids": " ".join(c.figure_id for c in changes) or None,
            "publisher": "; ".join(dict.fromkeys(c.publisher for c in changes)) or None,
            "about": _about(changes),
            "known_on": max((c.known_on for c in changes), default=None),
            **{level: move[:, i] for i, level in enumerate(COLUMNS)},
            **{f"error_{level}": error[:, i] for i, level in enumerate(COLUMNS)},
            **{f"earlier_{level}": before[level].to_numpy() for level in COLUMNS},
            "pareto_k": pareto_k if np.isfinite(pareto_k) else np.nan,
        }
    )


def _published(forecast: pd.DataFrame) -> pd.DataFrame:
    """Rows of a forecast in the order of `KEYS`."""
    return forecast.set_index(["quantity", "period"]).loc[list(KEYS)]


def _about(changes: Sequence[Change]) -> str | None:
    """Say what figures are about; of several how many there are."""
    if len(changes) > 1:
        return f"{len(changes)} figures"
    return changes[0].about if changes else None
