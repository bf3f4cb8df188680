"""The PyMC model is the chain and the observation model, and nothing else."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.chain.drivers import drivers
from models.chain.equations import chain, stacked
from models.inference.observation import log_likelihood, log_points
from models.inference.operator import build_operator
from models.inference.problem import SWITCHES, build_problem, parameter_shapes, predict, working_values
from models.inference.pymc_model import (
    build_pymc_model,
    model_data,
    packed_data,
    padded_shapes,
    split,
    standardised,
)
from models.inference.whitening import RANK, no_whitening, unwhiten
from tests.market import MARKET
from tests.models.forecast_world import assumptions, figure, figures, products
from tests.models.small_problem import AS_OF, draws_of_prior, every_kind_of_figure, problem


@pytest.fixture(scope="module")
def small():
    return problem()


@pytest.fixture(scope="module")
def log_density(small):
    """Log density of the PyMC model of a problem without a compiler: (vector, packed data) to a number."""
    import pytensor
    from pytensor.compile.mode import Mode

    model = build_pymc_model(small)
    assert [v.name for v in model.free_RVs] == ["white"]
    mode = Mode("py", None)
    function = pytensor.function(model.value_vars, model.logp(), mode=mode, on_unused_input="ignore")

    def evaluate(vector, packed):
        for name, values in packed.items():
            model[name].set_value(values)
        return float(function(vector))

    return evaluate


def size_of(of):
    return sum(int(np.prod(s)) for s in padded_shapes(of.operator, MARKET).values())


def density_on_numpy(of, vector):
    data = model_data(of)
    raw, log_jacobian = standardised(np, split(vector, padded_shapes(of.operator, MARKET)), data, MARKET)
    theta = working_values(raw, data)
    obs = {k.removeprefix("obs_"): v for k, v in data.items() if k.startswith("obs_")}
    rows = stacked(np, chain(np, drivers(np, theta, of.fixed, MARKET), MARKET), MARKET)
    figures_part = (data["weight"] * log_likelihood(np, log_points(np, rows, obs), theta, obs)).sum()
    return -0.5 * sum((v**2).sum() for v in raw.values()) + log_jacobian + figures_part


def test_the_compiled_density_is_the_written_one(small, log_density):
    generator = np.random.default_rng(1)
    for _ in range(3):
        vector = generator.standard_normal(size_of(small))
        found = log_density(vector, packed_data(small))
        assert found == pytest.approx(density_on_numpy(small, vector), rel=1e-10)


def test_another_vintage_needs_only_other_data(small, log_density):
    """Same compiled function, the data of an earlier date: fewer figures, other priors, other products."""
    earlier = problem(as_of=date(2024, 3, 31))
    assert earlier.weight.sum() < small.weight.sum()
    shared = build_problem(figures(), products(), assumptions(), MARKET, date(2024, 3, 31), small.operator)
    vector = np.random.default_rng(2).standard_normal(size_of(small))
    found = log_density(vector, packed_data(shared))
    assert found == pytest.approx(density_on_numpy(shared, vector), rel=1e-10)
    assert found != pytest.approx(log_density(vector, packed_data(small)), rel=1e-4)


def test_whitening_changes_the_coordinates_and_not_the_density(small, log_density):
    generator = np.random.default_rng(3)
    n = size_of(small)
    direction, _ = np.linalg.qr(generator.standard_normal((n, RANK)))
    whitening = {
        "center": generator.standard_normal(n),
        "direction": direction.T.copy(),
        "shrink": generator.uniform(-0.8, 0.5, RANK),
    }
    vector = generator.standard_normal(n)
    found = log_density(vector, packed_data(small, whitening))
    assert found == pytest.approx(log_density(unwhiten(np, vector, whitening), packed_data(small)), rel=1e-9)
    np.testing.assert_array_equal(unwhiten(np, vector, no_whitening(n)), vector)


def test_the_change_of_volume_is_right(small):
    """The Jacobian of the volatility coordinates against finite differences of the map itself."""
    data = model_data(small)
    n = size_of(small)
    vector = np.random.default_rng(4).standard_normal(n)

    def flat(vectors):
        raw, log_jacobian = standardised(
            np, split(vectors, padded_shapes(small.operator, MARKET)), data, MARKET
        )
        return np.concatenate([v.reshape(len(vectors), -1) for v in raw.values()], axis=1), log_jacobian

    step = 1e-6
    up, down = (flat(vector + sign * step * np.eye(n))[0] for sign in (1, -1))
    sign, volume = np.linalg.slogdet((up - down) / (2 * step))
    assert sign == 1
    assert flat(vector[None])[1][0] == pytest.approx(volume, abs=1e-5)


def test_figures_without_weight_do_not_move_the_density(small, log_density):
    # A quantity whose labels come last, so that the other labels keep their places in the vector.
    planted = figure("planted", 9e12, quantity="server_shipments", period="2026", published_on="2026-01-01")
    planted["publisher"] = "House Z"
    both = build_operator(figures(*every_kind_of_figure(), planted), MARKET)
    with_it = build_problem(figures(), products(), assumptions(), MARKET, AS_OF, both)
    assert with_it.weight[list(both.figures["figure_id"]).index("planted")] == 0
    vector = np.random.default_rng(5).standard_normal(size_of(small))
    seen = density_on_numpy(with_it, np.pad(vector, (0, size_of(with_it) - len(vector))))
    assert seen == pytest.approx(density_on_numpy(small, vector), rel=1e-9)


def test_split_cuts_every_parameter_once(small):
    n = size_of(small)
    pieces = split(np.arange(n, dtype=float), padded_shapes(small.operator, MARKET))
    np.testing.assert_array_equal(np.concatenate([v.ravel() for v in pieces.values()]), np.arange(n))
    assert {k: v.shape for k, v in pieces.items()} == padded_shapes(small.operator, MARKET)
    grid = split(np.zeros((2, 3, n)), padded_shapes(small.operator, MARKET))
    assert all(v.shape[:2] == (2, 3) for v in grid.values())


def test_problem_keeps_its_figures_in_the_order_of_its_weights(small):
    assert len(small.weight) == len(small.operator.figures) == small.operator.counts["figures"]
    assert set(parameter_shapes(small.operator, MARKET)) == set(small.loc) == set(small.scale)
    assert list(predict(draws_of_prior(small, 2), small)) == list(MARKET.row_names)


@pytest.mark.parametrize("name", SWITCHES)
def test_each_switch_changes_the_density(small, name):
    rows = [
        *every_kind_of_figure(),
        figure("echo", 1.6e10, period="2026", publisher="House Q", origin_id="forecast"),
    ]
    whole, without = problem(rows), problem(rows, switch_off=(name,))
    vector = np.random.default_rng(6).standard_normal(size_of(whole))
    assert abs(density_on_numpy(whole, vector) - density_on_numpy(without, vector)) > 1e-3
    # Only where it is asked for: a problem made without the switch is untouched by one made with it.
    again = problem(rows)
    assert density_on_numpy(again, vector) == density_on_numpy(whole, vector)


def test_a_switch_leaves_a_shared_operator_alone():
    shared = problem().operator
    before = {k: v.copy() for k, v in shared.arrays.items()}
    off = build_problem(
        figures(), products(), assumptions(), MARKET, AS_OF, shared, switch_off=("censoring",)
    )
    assert (off.operator.arrays["censored"] == 0).all()
    for name, values in before.items():
        np.testing.assert_array_equal(shared.arrays[name], values, err_msg=name)


def test_an_unknown_switch_is_an_error():
    with pytest.raises(ValueError, match=r"unknown switches \['magic'\]; known: publisher_bias"):
        problem(switch_off=("magic",))


def test_a_vintage_knows_only_its_own_assumptions_and_products():
    late = pd.DataFrame(
        [
            {
                "assumption": "premium.hbm4",
                "p05": 90,
                "p95": 99,
                "shape": "lognormal",
                "known_since": "2025-07-01",
            }
        ]
    )
    table = pd.concat([assumptions(), late], ignore_index=True)
    planted = products().iloc[[-1]].assign(announced_on="2025-07-01", product="Planted", hbm_gb=9999)
    known = problem()
    told = build_problem(
        figures(*every_kind_of_figure()), pd.concat([products(), planted]), table, MARKET, AS_OF
    )
    for name, values in known.data().items():
        np.testing.assert_array_equal(told.data()[name], values, err_msg=name)
