"""What differs between two evidences is found, and the stack of both stands for each of them exactly."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from models.attribution.evidence_change import Version, stacked
from models.attribution.pooled import Sampled, State, log_densities, log_mixture, pooled
from models.inference.from_evidence import problem_from_evidence
from models.inference.observation import log_likelihood, log_points
from models.inference.parameter_names import axis_names
from models.inference.posterior import named
from models.inference.problem import parameter_shapes, quantity_rows, working_values
from models.inference.reweighting import carried_over
from models.vocabulary.results.news import NEW, REVISED, WITHDRAWN
from tests.evidence import evidence_of_tables
from tests.flows.small_state import evidence

DAY = date(2026, 3, 31)
NEWER = ("hbm_revenue", "2026", 60.0e9, "forecast", "2026-03-20", "Yolo")
# Gart gets its third figure with these, and with it a bias of its own.
THIRD = (
    ("hbm_revenue", "2025", 30.0e9, "forecast", "2025-03-15", "Gart"),
    ("hbm_revenue", "2026", 50.0e9, "forecast", "2025-07-15", "Gart"),
)


def _versions(more=(NEWER, *THIRD)) -> tuple[Version, Version]:
    before, after = evidence(), evidence(*more)
    figures = after["figures"]
    figures.loc[figures["figure_id"] == "t-0005", "value"] = 16.0e9
    after["figures"] = figures[figures["figure_id"] != "t-0009"].reset_index(drop=True)
    joined = [
        {**tables, "figures": tables["figures"].drop(columns=["definition"]).assign(definition="")}
        for tables in (before, after)
    ]
    return Version(evidence_of_tables(joined[0]), DAY), Version(evidence_of_tables(joined[1]), DAY)


def _posterior(version: Version, n: int = 12):
    problem = problem_from_evidence(version.evidence, version.as_of)
    rng = np.random.default_rng(4)
    shapes = parameter_shapes(problem.operator, problem.market)
    raw = {name: 0.3 * rng.standard_normal((2, n, *shape)) for name, shape in shapes.items()}
    return problem, named(raw, {}, problem.market, problem.operator)


def test_new_revised_and_withdrawn_figures_are_told_apart_in_the_order_they_became_known():
    stack = stacked(_versions())
    kinds = [(change.kind, change.figure_id, change.publisher) for change in stack.changes]
    assert kinds == [
        (WITHDRAWN, "t-0009", "Forcetrend"),
        (REVISED, "t-0005", "Yolo"),
        (NEW, "t-0016", "Gart"),
        (NEW, "t-0017", "Gart"),
        (NEW, "t-0015", "Yolo"),
    ]
    assert [change.known_on for change in stack.changes] == sorted(c.known_on for c in stack.changes)
    assert stack.rules[0] == stack.rules[1]
    assert not len(stack.read_otherwise)


def test_what_only_a_rule_changes_belongs_to_the_rules():
    before, after = _versions(more=())
    metrics = after.evidence.metrics.copy()
    at = (metrics["metric"] == "server_shipments") & (metrics["entity"].isin(["industry", "*"]))
    metrics.loc[at, "definition"] = "server_count_digitimes"
    moved = Version(replace(before.evidence, metrics=metrics), DAY)
    stack = stacked([before, moved])
    assert stack.changes == ()
    read = stack.operator.figures.iloc[stack.read_otherwise]
    assert set(read["quantity"]) == {"server_shipments"}


def test_other_assumptions_are_other_rules_and_other_classes_are_no_comparison():
    before, _ = _versions()
    assumptions = before.evidence.assumptions.copy()
    at = assumptions["assumption"] == "driver.server_shipments.drift"
    assert at.any()
    assumptions.loc[at, "p95"] = (assumptions.loc[at, "p95"].astype(float) + 0.1).astype(str)
    other = Version(replace(before.evidence, assumptions=assumptions), DAY)
    assert stacked([before, other, before]).rules == (0, 1, 0)
    classes = before.evidence.product_classes
    with pytest.raises(ValueError, match="classes"):
        stacked([before, Version(replace(before.evidence, product_classes=classes.iloc[:-1]), DAY)])


@pytest.mark.parametrize("which", [0, 1], ids=["earlier", "later"])
def test_the_stack_gives_each_version_the_likelihood_of_its_own_problem(which):
    versions = _versions()
    stack = stacked([*versions, versions[which]])
    problem, posterior = _posterior(versions[which])
    sampled = Sampled(versions[which], posterior)
    pool = pooled(stack, [sampled], 100, seed=1)
    ends = [State(stack.rules[i], stack.member[i]) for i in (0, 1)]
    found = log_densities(stack, pool, ends)
    flat = posterior.flat()
    theta = working_values(flat, problem.data())
    points = log_points(np, quantity_rows(theta, problem), problem.operator.arrays)
    exact = (problem.weight * log_likelihood(np, points, theta, problem.operator.arrays)).sum(axis=1)
    # What counts alike in both versions is left out of both: compare the differences between draws.
    same = log_densities(stack, pool, [*ends, State(0, np.zeros_like(ends[0].member))])
    own = same[ends[which].key]
    assert np.allclose(own - own[0], exact - exact[0], atol=1e-9)
    moved = found[ends[1].key] - found[ends[0].key]
    assert np.allclose(moved, same[ends[1].key] - same[ends[0].key], atol=1e-9)


def test_draws_keep_their_parameters_by_name_and_get_new_ones_from_the_prior():
    before, after = _versions()
    _, posterior = _posterior(before, n=2_000)
    problem = problem_from_evidence(after.evidence, DAY)
    shapes = parameter_shapes(problem.operator, problem.market)
    names = axis_names(problem.market, problem.operator)
    raw = carried_over(posterior, shapes, names, seed=1)
    assert {name: values.shape[1:] for name, values in raw.items()} == shapes
    flat = posterior.flat()
    new = names["publisher"].index("Gart")
    assert "Gart" not in posterior.names["publisher"]
    assert abs(raw["publisher_bias"][:, new].std() - 1.0) < 0.05
    for i, name in enumerate(names["publisher"]):
        if name in posterior.names["publisher"]:
            old = flat["publisher_bias"][:, posterior.names["publisher"].index(name)]
            assert np.array_equal(raw["publisher_bias"][:, i], old)
    with pytest.raises(ValueError, match="lacks the block"):
        carried_over(posterior, {**shapes, "tides": (3,)}, names, seed=1)


def test_the_mixture_finds_the_constants_of_its_sources():
    rng = np.random.default_rng(2)
    source = np.repeat([0, 1], [4_000, 8_000])
    draws = np.concatenate([rng.normal(0.0, 1.0, 4_000), rng.normal(1.0, 0.7, 8_000)])
    densities = np.array([-(draws**2) / 2, -(((draws - 1.0) / 0.7) ** 2) / 2 + 5.0])
    mixture = log_mixture(densities, source)
    exact = np.log(np.exp(densities[0]) / 3 + 2 / 3 * np.exp(densities[1] - 5.0) / 0.7)
    assert np.ptp(mixture - exact) < 0.05
