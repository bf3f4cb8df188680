"""What `sample` makes of the sampler's draws, with a sampler that draws nothing."""

from types import SimpleNamespace

import numpy as np
import pytest

from models.inference import fit
from models.inference.pymc_model import padded_shapes
from models.inference.warm_start import Beginning
from models.inference.whitening import no_whitening
from tests.market import MARKET
from tests.models.small_problem import problem

CHAINS, DRAWS, THIN = 2, 5, 3
BEFORE, STEPS = 0.13, (0.11, 0.15)


class Labelled:
    """An array as the sampler hands it over."""

    def __init__(self, values):
        self.values = values


@pytest.fixture
def sampled(monkeypatch):
    """Run `sample` on given divergences of all draws, (chain, draws x thin)."""
    of = problem()
    size = sum(int(np.prod(shape)) for shape in padded_shapes(of.operator, MARKET).values())
    compiled = SimpleNamespace(n_dim=size, with_data=lambda **_: compiled)
    white = np.random.default_rng(1).standard_normal((CHAINS, DRAWS * THIN, size))
    beginning = Beginning(no_whitening(size), np.zeros((1, size)), step=BEFORE)
    monkeypatch.setattr(fit, "find_beginning", lambda *_: beginning)
    monkeypatch.setattr(fit, "starting_at", lambda compiled, _: compiled)

    def run(diverging, asked=lambda **_: None):
        steps = np.repeat(np.array(STEPS)[:, None], DRAWS * THIN, axis=1)
        energy = np.arange(CHAINS * DRAWS * THIN).reshape(CHAINS, -1)
        statistics = {"diverging": diverging, "energy": energy, "step_size": steps}
        trace = SimpleNamespace(
            posterior={"white": Labelled(white)},
            sample_stats={name: Labelled(values) for name, values in statistics.items()},
        )
        monkeypatch.setattr(fit, "sampled", lambda _, **given: asked(**given) or trace)
        return fit.sample(compiled, of, seed=1, draws=DRAWS, chains=CHAINS, thin=THIN)

    return run


@pytest.mark.parametrize("at", range(THIN))
def test_a_divergence_between_kept_draws_counts(sampled, at):
    """Thinning drops draws, not what the sampler said of them: one of three marks the kept draw."""
    diverging = np.zeros((CHAINS, DRAWS * THIN), bool)
    diverging[1, 2 * THIN + at] = True
    found = sampled(diverging).statistics
    wanted = np.zeros((CHAINS, DRAWS), bool)
    wanted[1, 2] = True
    np.testing.assert_array_equal(found["diverging"], wanted)
    np.testing.assert_array_equal(found["energy"][0], np.arange(0, DRAWS * THIN, THIN))


def test_the_size_of_a_step_is_handed_on(sampled):
    """A run begins with the step of the one before it, and leaves the one that it ended with."""
    given = {}
    none = np.zeros((CHAINS, DRAWS * THIN), bool)
    found = sampled(none, asked=lambda **asked: given.update(asked))
    assert given["initial_step"] == BEFORE
    assert found.beginning.step == pytest.approx(np.mean(STEPS))
    assert found.warm_start.step == found.beginning.step
