"""The sampler as a night uses it (nutpie, pilot run, whitening), on a density known in closed form.

The model's own density costs minutes to compile; that it is the written one is tested in test_pymc_model.py.
"""

from dataclasses import replace

import numpy as np
import pytest

import models.inference.compiling as compiling
import models.inference.fit as fit
import models.inference.pilot as pilot
from models.inference.packing import layout_of, pack, unpack
from models.inference.parameter_names import axis_names
from models.inference.posterior import Posterior, from_datatree, to_datatree
from models.inference.pymc_model import model_data, packed_data, padded_shapes, part
from models.inference.warm_start import Beginning
from models.inference.whitening import no_whitening, unwhiten
from tests.market import MARKET
from tests.models.small_problem import problem

CENTRE, SPREAD = 2.0, 0.05
"""Of the sum of the constants, over the root of their number: far from round, and off centre."""
DRAWS, TUNE = 150, 150


def place_of_constants(small) -> np.ndarray:
    """Unit vector along the constants, in the sampled vector."""
    shapes = padded_shapes(small.operator, MARKET).items()
    pieces = [np.full(int(np.prod(shape)), float(name == "constant")) for name, shape in shapes]
    along = np.concatenate(pieces)
    return along / np.linalg.norm(along)


def known_model(small):
    """A model with the data of the real one: standard normal but along the constants, times a weight."""
    import pymc as pm
    import pytensor.tensor as pt

    values = model_data(small)
    layout, packed = layout_of(values), pack(values)
    along = place_of_constants(small)
    with pm.Model() as model:
        floats, ints = (pt.specify_shape(pm.Data(k, v), v.shape) for k, v in packed.items())
        data = unpack(floats, ints, layout)
        white = pm.Flat("white", shape=values["white_center"].shape)
        vector = unwhiten(pt, white, part(data, "white_"))
        # The weight of the first figure is data: another vintage needs no compiling.
        off = ((vector * along).sum() - CENTRE) / SPREAD
        pm.Potential("known", -0.5 * (vector**2).sum() - 0.5 * data["weight"][0] * off**2)
        # A constant: nutpie knows only data that the density depends on.
        pm.Potential("used", 1e-9 * ints.sum())
    return model


@pytest.fixture(scope="module")
def small():
    made = problem()
    return replace(made, weight=np.ones_like(made.weight))


@pytest.fixture(scope="module")
def compiled(small):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "build_pymc_model", known_model)
        return compiling.compile_model(small)


@pytest.fixture(scope="module")
def beginning(compiled, small) -> Beginning:
    """Where the pilot run lets chains begin."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pilot, "PILOT_POSITIONS", 4)
        patch.setattr(pilot, "STRETCH_DRAWS", 60)
        return pilot.find_beginning(compiled, small, seed=1, cores=2)


def sampled(compiled, small, beginning, seed=1, cores=2, tune=TUNE):
    return fit.sample(
        compiled, small, seed, DRAWS, chains=2, cores=cores, tune=tune, thin=2, beginning=beginning
    )


@pytest.fixture(scope="module")
def found(compiled, small, beginning):
    return sampled(compiled, small, beginning)


def along_constants(raw) -> np.ndarray:
    return raw["constant"].sum(axis=-1) / np.sqrt(raw["constant"].shape[-1])


def test_the_compiled_gradient_is_that_of_the_density(compiled, small):
    size = compiled.n_dim
    gradient = pilot.gradient_function(compiled.with_data(**packed_data(small, no_whitening(size))))
    at, along = np.random.default_rng(2).standard_normal(size), place_of_constants(small)
    np.testing.assert_allclose(gradient(at), -at - along * (along @ at - CENTRE) / SPREAD**2, rtol=1e-9)


def test_the_pilot_run_finds_what_is_not_round(beginning, small):
    along = place_of_constants(small)
    white = np.random.default_rng(3).standard_normal((500, len(along)))
    spread = (unwhiten(np, white, beginning.whitening) @ along).std()
    assert spread == pytest.approx(SPREAD / np.sqrt(1 + SPREAD**2), rel=0.2)


def is_of_the_density(found) -> None:
    along = along_constants(found.raw)
    assert along.shape == (2, DRAWS)
    shrunk = CENTRE / (1 + SPREAD**2)
    # Errors of the mean and of the spread of a hundred independent draws, five times.
    assert along.mean() == pytest.approx(shrunk, abs=0.5 * SPREAD)
    assert along.std() == pytest.approx(SPREAD, rel=0.4)
    rest = np.concatenate([v.ravel() for k, v in found.raw.items() if k.startswith("log_noise")])
    assert rest.std() == pytest.approx(1.0, rel=0.1)
    assert abs(rest.mean()) < 0.1
    assert not found.statistics["diverging"].any()
    assert np.median(found.statistics["n_steps"]) <= 15, "whitened, it is round"


def test_the_draws_are_those_of_the_density(found):
    is_of_the_density(found)


def test_a_warm_refit_gives_them_too(found, compiled, small):
    """Its beginning is kept under the names of the blocks, read again, and carried over."""
    names = axis_names(MARKET, small.operator)
    kept = from_datatree(to_datatree(Posterior(found.raw, found.statistics, names, None, found.warm_start)))
    beginning = fit.beginning_from(kept, small)
    assert beginning.step == pytest.approx(np.median(found.statistics["step_size"]), rel=0.1)
    again = sampled(compiled, small, beginning, seed=5)
    is_of_the_density(again)
    assert not np.array_equal(again.raw["constant"], found.raw["constant"])


def test_the_same_seed_gives_the_same_whatever_the_number_of_cores(found, compiled, small, beginning):
    one_core, other = (sampled(compiled, small, beginning, seed, cores=1) for seed in (1, 2))
    for name, values in found.raw.items():
        np.testing.assert_array_equal(one_core.raw[name], values, err_msg=name)
    assert not np.array_equal(other.raw["constant"], found.raw["constant"])


def test_another_vintage_needs_only_other_data(compiled, small):
    nothing_said = replace(small, weight=np.zeros_like(small.weight))
    places = np.random.default_rng(4).standard_normal((2, compiled.n_dim))
    found = sampled(compiled, nothing_said, Beginning(no_whitening(compiled.n_dim), places))
    assert abs(along_constants(found.raw).mean()) < 0.5
    assert along_constants(found.raw).std() == pytest.approx(1.0, rel=0.3)
