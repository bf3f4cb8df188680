"""Where the sampler begins: at the most likely point, or where an earlier run of it ended."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from models.inference import pilot
from models.inference.fit import beginning_from
from models.inference.packing import joined, split
from models.inference.parameter_names import axis_names
from models.inference.posterior import Posterior
from models.inference.problem import parameter_shapes
from models.inference.pymc_model import padded_shapes
from models.inference.warm_start import PLACES, Beginning, spread, warm_start
from models.inference.whitening import RANK, unwhiten, whiten, whitening_from_curvature
from tests.market import MARKET
from tests.models.forecast_world import figure
from tests.models.small_problem import problem

SIZE = 7


def test_the_curvature_is_that_of_all_positions_whatever_the_number_of_cores(monkeypatch):
    precision = np.geomspace(0.1, 1e4, SIZE)
    monkeypatch.setattr(pilot, "gradient_function", lambda _: lambda x: -precision * x**3 / 3)
    compiled = SimpleNamespace(n_dim=SIZE)
    positions = [np.zeros(SIZE), np.ones(SIZE), np.full(SIZE, 2.0)]
    one, two = (pilot.mean_curvature(compiled, positions, cores) for cores in (1, 2))
    np.testing.assert_array_equal(one, two)
    np.testing.assert_allclose(one, np.diag(precision) * 5.0 / 3.0, rtol=1e-3)


def test_chains_begin_at_one_of_the_places_by_their_seed():
    @dataclass(frozen=True)
    class Compiled:
        initial_point_func: object = None

    places = np.eye(4)
    first = pilot.starting_at(Compiled(), places).initial_point_func
    found = [first(seed) for seed in range(40)]
    assert {int(np.argmax(place)) for place in found} == {0, 1, 2, 3}
    np.testing.assert_array_equal(first(3), first(3))


@pytest.fixture
def beginning() -> tuple[object, Beginning]:
    """A problem, and where its chains might begin."""
    of = problem([figure("one", 3e9, period="2023", kind="estimate"), *of_publisher("Middle")])
    shapes, rng = padded_shapes(of.operator, MARKET), np.random.default_rng(1)
    # What only pads is a standard normal of its own: no direction has a part in it.
    real = {name: np.ones((1, *shape)) for name, shape in shapes.items()}
    for name, (length, *_) in parameter_shapes(of.operator, MARKET).items():
        real[name][:, length:] = 0.0
    real = joined(real)[0]
    root = rng.standard_normal((real.size, 2 * RANK)) * real[:, None]
    whitening = whitening_from_curvature(np.eye(real.size) + root @ root.T / 9.0, real * 0.3)
    return of, Beginning(whitening, spread(rng.standard_normal((300, real.size)) * real))


def of_publisher(name: str) -> list:
    """Figures enough for a bias of its own."""
    return [
        figure(f"{name}{year}", 4e9, period=str(year), kind="estimate", publisher=name)
        for year in (2022, 2023, 2024)
    ]


def as_posterior(of, beginning: Beginning) -> Posterior:
    start = warm_start(beginning, parameter_shapes(of.operator, MARKET))
    return Posterior({}, {}, axis_names(MARKET, of.operator), None, start)


def test_whitening_is_undone(beginning):
    _, found = beginning
    assert found.places.shape[0] == PLACES
    vectors = unwhiten(np, found.places, found.whitening)
    np.testing.assert_allclose(whiten(vectors, found.whitening), found.places, atol=1e-9)


def test_the_same_problem_begins_where_the_last_ended(beginning):
    of, before = beginning
    after = beginning_from(as_posterior(of, before), of)
    for name, values in before.whitening.items():
        np.testing.assert_array_equal(after.whitening[name], values, err_msg=name)
    only_pads = ~np.any(before.places, axis=0)
    np.testing.assert_allclose(after.places[:, ~only_pads], before.places[:, ~only_pads], atol=1e-9)
    assert 0.8 < after.places[:, only_pads].std() < 1.2


def test_another_publisher_begins_at_its_prior_and_moves_nobody_else(beginning):
    of, before = beginning
    # Before the one that was there, by the alphabet.
    more = problem(
        [figure("one", 3e9, period="2023", kind="estimate"), *of_publisher("A"), *of_publisher("Middle")]
    )
    assert more.operator.publishers == ["", "A", "Middle"]
    after = beginning_from(as_posterior(of, before), more)
    old, new = (
        split(unwhiten(np, at.places, at.whitening), padded_shapes(p.operator, MARKET))
        for p, at in ((of, before), (more, after))
    )
    assert len(np.unique(new["publisher_bias"][:, 1])) == PLACES
    np.testing.assert_allclose(new["publisher_bias"][:, 2], old["publisher_bias"][:, 1], atol=1e-9)
    np.testing.assert_allclose(new["driver_level"], old["driver_level"], atol=1e-9)


def test_a_posterior_that_kept_nothing_begins_nothing(beginning):
    assert beginning_from(Posterior({}), beginning[0]) is None
