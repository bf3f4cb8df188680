"""Errors of figures: by assumption, or as a posterior learned them, from one place."""

from datetime import date
from math import exp, sqrt

import numpy as np
import pytest

from models.evidence.assumptions import read_priors
from models.evidence.figure_errors import FigureErrors
from models.evidence.tables.shared import FIGURE_KINDS
from models.inference.operator import KINDS, TOPICS
from models.inference.problem import parameter_shapes
from models.inference.scales import SCALE_BLOCKS, learned_scales
from models.scoring.outcomes import outcomes
from tests.market import MARKET
from tests.models.forecast_world import assumptions, evidence_figures, fake_fit, figure, figures

TODAY = date(2026, 11, 28)
PRIORS = read_priors(assumptions(), TODAY)


def assumed(name):
    return float(PRIORS[name].natural(np.array(PRIORS[name].loc)))


def test_without_a_posterior_the_medians_of_the_assumptions_stand():
    errors = FigureErrors(PRIORS, {})
    assert errors.own("actual", "hbm") == pytest.approx(assumed("noise.actual"))
    assert errors.undated == pytest.approx(assumed("noise.undated_level"))
    k = exp(-assumed("foresight_lost_per_year.dram") * 0.7)
    moved = 0.7 * assumed("driver.dram_revenue_ex_hbm_usd.volatility")
    assert errors.ahead("dram", "dram", 0.7) == pytest.approx(sqrt(k * (1 - k)) * moved)
    assert errors.ahead("dram", "dram", 0.0) == 0.0


def test_what_was_learned_takes_the_place_of_the_assumption_and_only_there():
    learned = {"noise.actual": 0.01, "noise.topic_factor.hbm": 3.0, "foresight_lost_per_year.hbm": 0.2}
    errors = FigureErrors(PRIORS, learned | {"driver.hbm_server_penetration.volatility": 0.5})
    assert errors.own("actual", "hbm") == pytest.approx(0.03)
    assert errors.own("actual", "dram") == pytest.approx(0.01)
    assert errors.own("forecast", "hbm") == pytest.approx(3.0 * assumed("noise.forecast"))
    k = exp(-0.2)
    assert errors.ahead("hbm", "hbm", 1.0) == pytest.approx(sqrt(k * (1 - k)) * 0.5)


def test_an_outcome_is_as_uncertain_as_was_learned():
    rows = figures(figure("late", 17e9, period="2024", kind="actual", published_on="2025-02-20"))
    known = assumptions()
    as_assumed = outcomes(rows, known, TODAY, MARKET)
    as_learned = outcomes(rows, known, TODAY, MARKET, scales={"noise.actual": 0.3})
    assert as_assumed["log_sd"].tolist() == pytest.approx([assumed("noise.actual")])
    assert as_learned["log_sd"].tolist() == pytest.approx([0.3])
    assert as_learned["value"].tolist() == as_assumed["value"].tolist()


def test_learned_scales_are_the_posterior_s_medians_under_the_assumptions_names():
    fit = fake_fit(TODAY, evidence_figures(), draws=200, spread=0.0)
    flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in fit.raw.items()}
    # At the prior's middle they are the assumptions themselves.
    at_middle = learned_scales(fit.problem, flat)
    assert set(at_middle) == {name for names in SCALE_BLOCKS.values() for name in names}
    for name, value in at_middle.items():
        assert value == pytest.approx(1.0 if "topic_factor" in name else assumed(name)), name
    flat["log_noise_kind"] = flat["log_noise_kind"] + 1.0
    moved = learned_scales(fit.problem, flat)
    kind = KINDS.index("actual")
    ratio = moved["noise.actual"] / at_middle["noise.actual"]
    assert ratio == pytest.approx(exp(fit.problem.scale["log_noise_kind"][kind]))
    assert moved[f"noise.topic_factor.{TOPICS[0]}"] == at_middle[f"noise.topic_factor.{TOPICS[0]}"]
    del flat["log_noise_kind"]
    assert "noise.actual" not in learned_scales(fit.problem, flat), "an older posterior may have kept none"


def test_every_block_of_scales_is_a_parameter_of_the_model():
    shapes = parameter_shapes(fake_fit(TODAY, evidence_figures(), draws=4).problem.operator, MARKET)
    assert {name: shapes[name] for name in SCALE_BLOCKS} == {
        name: (len(names),) for name, names in SCALE_BLOCKS.items()
    }


def test_every_kind_of_figure_that_is_taken_in_has_an_error_of_its_own():
    # The operator refuses a whole fit for one that it does not know.
    assert sorted(KINDS) == sorted(FIGURE_KINDS)
