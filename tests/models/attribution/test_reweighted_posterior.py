"""A posterior weighted for other evidence: held to the closed form, and refused where it can't be trusted."""

from dataclasses import replace

import numpy as np
import pytest

from models.attribution.evidence_change import Version, stacked
from models.attribution.pooled import Sampled
from models.attribution.reweighted_posterior import Reweighted, reweighted
from models.inference.from_evidence import problem_from_evidence
from models.inference.parameter_names import axis_names
from models.inference.problem import parameter_shapes
from models.inference.reweighting import effective_share, resampled, smoothed_weights
from tests.evidence import evidence_of_tables
from tests.flows.small_state import evidence
from tests.models.attribution.test_evidence_change import DAY, _posterior
from tests.models.attribution.test_news import AFTER, BEFORE, N_DRAWS, World

SERVERS = ("server_shipments", "2024", 13.95e6, "estimate", "2026-03-20", "Sold")
MORE = ("hbm_revenue", "2026", 60.0e9, "forecast", "2026-03-20", "Yolo")


def version(*more: tuple) -> Version:
    return Version(evidence_of_tables(evidence(*more)), DAY)


def weighed(sampled: Sampled, tonight: Version, most: int, least: float) -> Reweighted:
    return reweighted(stacked([sampled.version, tonight]), sampled, tonight, 1, most, least)


@pytest.fixture(scope="module")
def sampled() -> Sampled:
    base = version()
    return Sampled(base, _posterior(base, n=200)[1])


def test_weighted_draws_have_the_quantiles_of_the_closed_form():
    world = World(seed=2)
    draws = world.draws(BEFORE)
    weight, k = smoothed_weights(world.density(draws, AFTER) - world.density(draws, BEFORE))
    taken = resampled(weight, 4, seed=3)
    assert k < 0.5
    assert np.all(np.bincount(taken // (N_DRAWS // 4)) == N_DRAWS // 4)
    found = np.quantile(draws[taken] @ world.of_interest.T, [0.05, 0.5, 0.95], axis=0).T
    wanted = world.quantiles(AFTER)
    # Standard errors of quantiles of a normal, with as many draws as count.
    sd = (wanted[:, 2] - wanted[:, 0]) / 3.29
    error = sd[:, None] * np.array([2.11, 1.25, 2.11]) / np.sqrt(effective_share(weight) * N_DRAWS)
    assert np.abs((found - wanted) / error).max() < 4.0
    # It is another posterior than before, by far.
    assert np.abs((world.quantiles(BEFORE) - wanted) / error).max() > 10.0


def test_evidence_that_says_the_same_keeps_every_draw(sampled):
    found = weighed(sampled, version(), 0, 1.0 - 1e-9)
    assert (found.refused, found.n_figures, found.pareto_k) == ("", 0, -np.inf)
    assert all(np.array_equal(found.posterior.raw[name], v) for name, v in sampled.posterior.raw.items())


def test_a_figure_that_says_little_weighs_the_draws(sampled):
    tonight = version(SERVERS)
    found = weighed(sampled, tonight, 1, 0.1)
    assert found.refused == ""
    assert (found.n_figures, found.pareto_k < 0.7, 0.1 < found.effective_share < 1.0) == (1, True, True)
    problem = problem_from_evidence(tonight.evidence, DAY)
    shapes = parameter_shapes(problem.operator, problem.market)
    raw, chains = found.posterior.raw, sampled.posterior.n_chains
    assert {name: values.shape[2:] for name, values in raw.items()} == shapes
    assert found.posterior.names == axis_names(problem.market, problem.operator)
    # Each chain keeps to itself, in its order: some draws twice, some gone.
    for chain in range(chains):
        before = sampled.posterior.raw["driver_level"][chain][:, 0]
        place = [int(np.flatnonzero(before == value)[0]) for value in raw["driver_level"][chain][:, 0]]
        assert place == sorted(place)
        assert len(set(place)) < len(place)


@pytest.mark.parametrize(
    ("more", "most", "least", "why"),
    [
        ((SERVERS, MORE), 1, 0.0, "2 figures differ, more than 1"),
        ((SERVERS,), 1, 0.999, "of the draws count"),
    ],
)
def test_what_the_draws_cant_stand_for_is_refused(sampled, more, most, least, why):
    found = weighed(sampled, version(*more), most, least)
    assert found.posterior is None
    assert why in found.refused


def test_other_assumptions_are_no_matter_of_weights(sampled):
    tonight = version()
    assumptions = tonight.evidence.assumptions.copy()
    at = assumptions["assumption"] == "driver.server_shipments.drift"
    assumptions.loc[at, "p95"] = (assumptions.loc[at, "p95"].astype(float) + 0.1).astype(str)
    other = replace(tonight, evidence=replace(tonight.evidence, assumptions=assumptions))
    assert not stacked([sampled.version, other]).only_figures_differ
    assert stacked([sampled.version, version(SERVERS)]).only_figures_differ
