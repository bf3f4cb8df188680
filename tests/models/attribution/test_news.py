"""The pull of a figure, where it is known in closed form: a linear world with Gaussian errors."""

from itertools import permutations

import numpy as np
import pytest

from models.attribution.news import Estimate, Player, between, estimates, joined, stretches
from models.attribution.pooled import BLOCKS, State
from models.attribution.weighted_quantiles import WeightedQuantiles, standard_error
from models.vocabulary.results.news import NEW, REVISED, RULES, RULES_TOGETHER, TOGETHER

N_PARAMETERS, N_FIGURES, N_DRAWS = 4, 12, 8_000
BEFORE = np.arange(N_FIGURES) < 8
AFTER = np.arange(N_FIGURES) != 3
"""Four figures are new, and one is withdrawn."""
PLAYERS = (3, 8, 9, 10, 11)
Z95 = 1.6448536269514722


class World:
    """Parameters with a standard normal prior, figures that are sums of them with known errors."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.slope = rng.standard_normal((N_FIGURES, N_PARAMETERS)) / 3
        self.error = rng.uniform(0.8, 1.4, N_FIGURES)
        truth = rng.standard_normal(N_PARAMETERS)
        self.printed = self.slope @ truth + self.error * rng.standard_normal(N_FIGURES)
        self.of_interest = rng.standard_normal((2, N_PARAMETERS))
        self.rng = rng

    def posterior(self, member: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        scaled = self.slope[member] / self.error[member, None]
        covariance = np.linalg.inv(np.eye(N_PARAMETERS) + scaled.T @ scaled)
        return covariance @ scaled.T @ (self.printed[member] / self.error[member]), covariance

    def quantiles(self, member: np.ndarray) -> np.ndarray:
        """Quantiles of what is of interest in closed form, (series, level)."""
        mean, covariance = self.posterior(member)
        middle = self.of_interest @ mean
        spread = np.sqrt(np.einsum("ij,jk,ik->i", self.of_interest, covariance, self.of_interest))
        return middle[:, None] + spread[:, None] * np.array([-Z95, 0.0, Z95])

    def draws(self, member: np.ndarray) -> np.ndarray:
        return self.rng.multivariate_normal(*self.posterior(member), N_DRAWS)

    def density(self, draws: np.ndarray, member: np.ndarray) -> np.ndarray:
        off = (self.printed - draws @ self.slope.T) / self.error
        return -0.5 * (off**2)[:, member].sum(axis=1)


def _path(reverse: bool) -> list[State]:
    states = []
    for boundary in range(len(PLAYERS) + 1):
        member = BEFORE.copy()
        for player in PLAYERS[boundary:] if reverse else PLAYERS[:boundary]:
            member[player] = AFTER[player]
        states.append(State(0, member))
    return states


@pytest.mark.parametrize("sources", [(BEFORE,), (AFTER,), (BEFORE, AFTER)], ids=["earlier", "later", "both"])
def test_the_pull_of_each_figure_is_that_of_the_closed_form(sources):
    world = World(seed=2)
    forward, backward = _path(reverse=False), _path(reverse=True)
    own = [State(0, member) for member in sources]
    draws = np.concatenate([world.draws(member) for member in sources])
    source = np.repeat(np.arange(len(sources)), N_DRAWS)
    block = np.tile(np.arange(N_DRAWS) * BLOCKS // N_DRAWS, len(sources))
    states = [*forward, *backward]
    density = {state.key: world.density(draws, state.member) for state in [*states, *own]}
    found = estimates(states, own, density, {0: world.of_interest @ draws.T}, source, block)
    there, back = [found[s.key] for s in forward], [found[s.key] for s in backward]
    assert stretches(there, back) == [range(i, i + 1) for i in range(len(PLAYERS))]
    exact = [[world.quantiles(s.member) for s in path] for path in (forward, backward)]
    off, errors = [], []
    for i in range(len(PLAYERS)):
        pull = between(there, back, range(i, i + 1))
        wanted = (exact[0][i + 1] - exact[0][i] + exact[1][i] - exact[1][i + 1]) / 2
        errors.append(standard_error(pull[1:]))
        off.append((pull[0] - wanted) / errors[-1])
    # Errors from sixteen blocks are themselves uncertain (Student's t with fifteen degrees of freedom).
    assert np.abs(off).max() < 4.0
    assert np.sqrt(np.mean(np.square(off))) < 1.6
    assert np.max(errors) < 0.05 * np.ptp(world.quantiles(AFTER), axis=1).min()
    parts = sum(between(there, back, stretch)[0] for stretch in stretches(there, back))
    assert np.allclose(parts, there[-1].quantiles[0] - there[0].quantiles[0])


def test_two_runs_with_nothing_in_common_are_told_as_one_move():
    """As three months of new figures make them: all weights of a draw are those of its own run."""
    world = World(seed=2)
    world.printed[8:] += 60.0 * np.sign(world.printed[8:])
    forward, backward, own = _path(reverse=False), _path(reverse=True), [State(0, BEFORE), State(0, AFTER)]
    draws = np.concatenate([world.draws(member) for member in (BEFORE, AFTER)])
    source = np.repeat([0, 1], N_DRAWS)
    block = np.tile(np.arange(N_DRAWS) * BLOCKS // N_DRAWS, 2)
    density = {s.key: world.density(draws, s.member) for s in [*forward, *backward, *own]}
    found = estimates([*forward, *backward], own, density, {0: world.of_interest @ draws.T}, source, block)
    there, back = [found[s.key] for s in forward], [found[s.key] for s in backward]
    assert stretches(there, back) == [range(1), range(1, len(PLAYERS))], "the withdrawn one, and the four new"
    whole = between(there, back, range(len(PLAYERS)))
    wanted = world.quantiles(AFTER) - world.quantiles(BEFORE)
    assert np.abs((whole[0] - wanted) / standard_error(whole[1:])).max() < 4.0
    assert found[own[0].key].pareto_k == found[own[1].key].pareto_k == -np.inf


def test_two_orders_are_all_orders_where_only_pairs_work_together():
    rng = np.random.default_rng(1)
    alone, pair = rng.standard_normal(4), np.triu(rng.standard_normal((4, 4)), 1)

    def value(players) -> float:
        taken = np.isin(np.arange(4), list(players)).astype(float)
        return alone @ taken + taken @ pair @ taken

    orders = list(permutations(range(4)))
    shapley = np.zeros(4)
    for order in orders:
        for place, player in enumerate(order):
            shapley[player] += value(order[: place + 1]) - value(order[:place])

    def path(reverse: bool) -> list[Estimate]:
        known = [range(i, 4) if reverse else range(i) for i in range(5)]
        return [Estimate(np.full((1, 1, 1), value(players)), 0.0) for players in known]

    found = [between(path(False), path(True), range(i, i + 1)).item() for i in range(4)]
    assert np.allclose(found, shapley / len(orders))


def test_figures_whose_weights_rest_on_few_draws_stand_together():
    def path(*k: float) -> list[Estimate]:
        return [Estimate(np.zeros((1, 1, 1)), one) for one in k]

    there, back = path(0.1, 0.9, 0.3, 0.2, 0.1), path(0.1, 0.2, 0.3, 0.8, 0.9)
    # The ends are the two runs themselves, whatever their weights.
    assert stretches(there, back) == [range(2), range(2, 4)]
    assert stretches(path(0.9), path(0.9)) == []


def test_rules_that_cannot_be_told_apart_from_figures_are_named():
    rules, one, other = Player(RULES), Player(NEW, ()), Player(REVISED, ())
    assert joined([rules]) is rules
    assert joined([one, other]).part == TOGETHER
    assert joined([rules, one]).part == RULES_TOGETHER
    assert joined([one, rules, other]).part == RULES_TOGETHER


def test_quantiles_of_equal_weights_are_those_of_the_draws():
    values = np.random.default_rng(5).standard_normal((3, 4_000))
    read = WeightedQuantiles(values, np.arange(4_000) % 4)
    found = read(np.full(4_000, 0.5))
    assert found.shape == (5, 3, 3)
    assert np.allclose(found[0], np.quantile(values, [0.05, 0.5, 0.95], axis=1).T, atol=4e-3)
    # A draw of twice the weight is two draws.
    twice = np.where(np.arange(4_000) < 1_000, 2.0, 1.0)
    doubled = np.concatenate([values, values[:, :1_000]], axis=1)
    assert np.allclose(read(twice)[0], np.quantile(doubled, [0.05, 0.5, 0.95], axis=1).T, atol=4e-3)
