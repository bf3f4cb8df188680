"""The gate reads the forecast: conflicts with priors, figures left out, physics and age each hold it back."""

from datetime import date, timedelta

import numpy as np
import pytest

from models.draws import forecast_gate
from models.draws.forecast_gate import (
    CONFLICT_LIMIT,
    SAMPLE_UNITS,
    STALE_DAYS,
    age_rows,
    conflict_rows,
    gross_gb_per_wafer,
    physics_rows,
)
from models.draws.joint import Draws
from models.evidence.assumptions import read_priors
from models.evidence.chain_evidence import ChainEvidence
from models.evidence.known import known_products
from models.inference import left_out as left_out_module
from models.inference.operator import TOPICS
from models.inference.posterior import named
from models.inference.problem import parameter_shapes
from models.vocabulary.opponents import OURSELVES
from models.vocabulary.periods import N_QUARTERS, QUARTERS, YEARS, quarter_of_day
from tests.market import MARKET
from tests.models.forecast_world import assumptions, figure, products
from tests.models.small_problem import AS_OF, problem

RUBIN = MARKET.class_names.index("nvidia_rubin")
N_DRAWS = 2000


@pytest.fixture(scope="module")
def small():
    return problem()


# -- prior against posterior


def posterior_of(small, moves=()):
    """Draws whose mean is that of the prior to the digit, but for (block, position, prior deviations)."""
    generator = np.random.default_rng(3)
    raw = {}
    for block, shape in parameter_shapes(small.operator, MARKET).items():
        draws = generator.standard_normal((2, 50, *shape))
        raw[block] = draws - draws.mean(axis=(0, 1))
    for block, position, deviations in moves:
        raw[block][..., *position] += deviations
    return named(raw, {}, MARKET, small.operator)


def conflict(small, *moves):
    (row,) = conflict_rows(posterior_of(small, moves), small)
    return row


def test_a_posterior_where_its_prior_is_passes(small):
    name, value, threshold, passed, _ = conflict(small)
    assert (name, threshold, passed) == ("prior_conflict", CONFLICT_LIMIT, True)
    assert value == pytest.approx(0.0, abs=1e-12)


def test_a_launch_that_figures_pull_out_of_its_prior_holds_the_run_back(small):
    """Rubin of the forecast of 28 November 2026 shipped 3.3 deviations before its announced launch."""
    _, value, _, passed, detail = conflict(small, ("class_launch_delay", (RUBIN,), -3.3))
    assert passed is False
    assert value == pytest.approx(3.3)
    assert detail == "launch delay, nvidia_rubin -3.30"


def test_what_moved_by_two_deviations_is_listed_farthest_first(small):
    moves = (("driver_level", (0,), 2.2), ("class_launch_delay", (RUBIN,), -2.7), ("class_size", (0,), 1.9))
    _, value, _, passed, detail = conflict(small, *moves)
    assert passed is True
    assert value == pytest.approx(2.7)
    assert detail == "launch delay, nvidia_rubin -2.70; level, server_shipments +2.20"
    _, _, _, _, nothing_beyond = conflict(small, ("class_size", (0,), 1.9))
    assert nothing_beyond == f"largest: class size, {MARKET.class_names[0]} +1.90"


def test_shocks_and_errors_of_figures_are_no_named_parameters(small):
    """A shock is what the figures are there to say; a place of a block that is pinned moves nothing."""
    free = (("shock_smooth", (0, 1), 5.0), ("street_target", (1,), 5.0), ("definition_offset", (0,), 9.0))
    assert conflict(small, *free)[3] is True
    assert conflict(small, ("definition_offset", (1,), 3.5))[3] is False


def test_nothing_named_is_no_pass(small):
    empty = named({"shock_smooth": np.zeros((2, 5, 3, 3))}, {}, MARKET)
    assert conflict_rows(empty, small)[0][3] is False


# -- physics


def world(n=1000) -> Draws:
    """Draws of a world where each class ships from its launch on and nothing before its samples."""
    known = known_products(products(), AS_OF)
    out = {
        "hbm_gb_per_wafer": np.full((n, N_QUARTERS + len(YEARS)), 800.0),
        "hbm_price_usd_per_gb": np.full((n, N_QUARTERS + len(YEARS)), 12.0),
        "dram_price_ex_hbm_usd_per_gb": np.full((n, N_QUARTERS + len(YEARS)), 4.0),
    }
    for name in MARKET.class_names:
        launches = list(known.loc[known["class"] == name, "launch_quarter"])
        first = min((QUARTERS.index(q) if q in QUARTERS else 0) for q in launches) if launches else None
        first = quarter_of_day(AS_OF) + 2 if first is None else first
        quarters = np.where(np.arange(N_QUARTERS) >= first, 50_000.0, 0.0)
        quarters[max(first - 1, 0)] = max(quarters[max(first - 1, 0)], 2_500.0)
        years = quarters.reshape(-1, 4).sum(axis=1)
        out[f"accelerator_shipments_class_{name}"] = np.tile(np.concatenate([quarters, years]), (n, 1))
    return Draws(out)


def physics(drawn, table=None):
    known = known_products(products() if table is None else table, AS_OF)
    found = physics_rows(drawn, known, read_priors(assumptions(), AS_OF), MARKET, AS_OF)
    return {row[0]: row[1:] for row in found}


def test_a_world_that_could_be_passes():
    found = physics(world())
    assert found["ships_before_launch"][2] is True
    assert found["ships_before_launch"][0] == 0.0
    assert found["hbm_gb_per_wafer"][2] is True


def planted(name, quarter, units, draws):
    drawn = world()
    drawn[f"accelerator_shipments_class_{name}"][:draws, quarter] = units
    return drawn


def test_a_product_that_ships_two_quarters_before_its_launch_holds_the_run_back():
    launch = QUARTERS.index("2026Q3")
    value, _, passed, detail = physics(planted("nvidia_rubin", launch - 2, 2 * SAMPLE_UNITS, 20))[
        "ships_before_launch"
    ]
    assert value == pytest.approx(0.02)
    assert passed is False
    assert "nvidia_rubin" in detail
    # Samples and risk production in the quarter before, and a few engineering samples earlier, may be.
    assert physics(planted("nvidia_rubin", launch - 1, 5 * SAMPLE_UNITS, 1000))["ships_before_launch"][2]
    assert physics(planted("nvidia_rubin", launch - 4, 0.5 * SAMPLE_UNITS, 1000))["ships_before_launch"][2]


def test_a_class_that_nobody_has_announced_ships_nothing_up_to_today():
    table = products()[products()["class"] != "nvidia_rubin_ultra"]
    today = quarter_of_day(AS_OF)
    found = physics(planted("nvidia_rubin_ultra", today, 2 * SAMPLE_UNITS, 20), table)["ships_before_launch"]
    assert (found[0], found[2]) == (pytest.approx(0.02), False)
    assert physics(planted("nvidia_rubin_ultra", today + 1, 1e6, 1000), table)["ships_before_launch"][2]


def test_a_launch_beyond_the_grid_is_a_launch():
    """A class put off to 2028 may ship samples in its last quarters, and nothing in 2026."""
    table = products()
    put_off = table.assign(
        launch_quarter=table["launch_quarter"].mask(table["class"] == "nvidia_rubin_ultra", "2028Q2")
    )
    found = physics(planted("nvidia_rubin_ultra", QUARTERS.index("2026Q4"), 2e4, 500), put_off)
    assert found["ships_before_launch"][2] is False


def test_a_wafer_that_holds_more_than_fits_on_it_holds_the_run_back():
    priors = read_priors(assumptions(), AS_OF)
    bound = max(gross_gb_per_wafer(priors, g) for g in MARKET.generation_names)
    for value, passes in ((0.999 * bound, True), (1.001 * bound, False), (np.nan, False)):
        drawn = world()
        drawn["hbm_gb_per_wafer"][7, 13] = value
        found = physics(drawn)["hbm_gb_per_wafer"]
        assert found[1] == pytest.approx(bound)
        assert found[2] is passes, value


def test_gross_gb_of_a_wafer_by_hand():
    """At the medians: whole dies by Ferris-Prabhu times Gb over eight; the bound lies above."""
    priors = read_priors(assumptions(), AS_OF)
    area, gbit = (np.exp(priors[f"hbm.{name}.hbm3e"].loc) for name in ("die_area_mm2", "die_gbit"))
    by_hand = np.pi * 300.0**2 / (4 * area) * np.exp(-2 * np.sqrt(area) / 300.0) * gbit / 8
    assert gross_gb_per_wafer(priors, "hbm3e", 0.0) == pytest.approx(by_hand, rel=1e-12)
    assert by_hand < gross_gb_per_wafer(priors, "hbm3e") < 2 * by_hand


def test_hbm_cheaper_than_dram_is_said_and_does_not_decide():
    drawn = world()
    drawn["dram_price_ex_hbm_usd_per_gb"][:250, N_QUARTERS + YEARS.index("2026")] = 20.0
    found = physics(drawn)
    assert found["hbm_cheaper_than_dram_2026"][0] == pytest.approx(0.25)
    assert found["hbm_cheaper_than_dram_2025"][0] == 0.0
    assert found["hbm_cheaper_than_dram_2026"][2] is None


# -- age


def test_the_newest_figure_of_each_topic_has_an_age():
    servers = {"quantity": "server_shipments", "period": "2024"}
    newest = (AS_OF - timedelta(days=STALE_DAYS + 1)).isoformat()
    rows = [
        figure("fresh", 1e10, published_on=(AS_OF - timedelta(days=STALE_DAYS)).isoformat()),
        figure("older", 1e10, published_on="2024-02-01", publisher="B"),
        figure("judged", 1e10, published_on=AS_OF.isoformat(), publisher=OURSELVES),
        figure("old-1", 1e7, published_on="2024-03-01", publisher="B", **servers),
        figure("old-2", 1e7, published_on=newest, publisher="C", **servers),
    ]
    of = problem(rows)
    found = {row[0]: row[1:] for row in age_rows(of)}
    assert set(found) == {f"newest_figure_{t}" for t in TOPICS}
    assert found["newest_figure_hbm"][0] == STALE_DAYS
    assert "old" not in found["newest_figure_hbm"][3]
    assert found["newest_figure_server"][0] == STALE_DAYS + 1
    assert found["newest_figure_server"][3] == f"days since {newest}: old"
    assert np.isnan(found["newest_figure_dram"][0])
    assert found["newest_figure_dram"][3] == "no figure"
    assert {row[2] for row in found.values()} == {None}, "age is said, and does not decide"
    # A figure without weight is nobody's news.
    of.weight[of.operator.figures["figure_id"] == "fresh"] = 0.0
    again = {row[0]: row[1:] for row in age_rows(of)}
    assert again["newest_figure_hbm"][0] == (AS_OF - date(2024, 2, 1)).days


def test_all_parts_stand_in_the_rows_of_the_forecast(small, monkeypatch):
    monkeypatch.setattr(left_out_module, "LOO_DRAWS", 40)
    found = forecast_gate.forecast_rows(
        small, posterior_of(small), world(20), ChainEvidence(assumptions=assumptions(), products=products())
    )
    names = [row[0] for row in found]
    assert len(set(names)) == len(names)
    for start in (
        "prior_conflict",
        "left_out_topic_",
        "left_out_kind_",
        "ships_",
        "hbm_gb",
        "newest_figure_",
    ):
        assert any(name.startswith(start) for name in names), start
