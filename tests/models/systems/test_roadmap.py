"""Generations, heights, dies and launches: the identities, the figures, the dates."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.evidence.assumptions import Prior, read_priors
from models.evidence.evidence import Evidence
from models.evidence.known import known_products
from models.systems.launches import first_accelerators, milestones
from models.systems.roadmap import roadmap
from models.systems.series import yearly_values
from models.systems.stack_heights import HEIGHTS, catalogue_heights, stacks_by_class, usual_heights
from tests.market import MARKET
from tests.models.systems.shares_world import AS_OF, drawn, tables, values

DRAWN = drawn()
TWELVE = {
    "metric": "hbm_generation_share",
    "entity": "industry",
    "segment": "12Hi within HBM3E",
    "period": "2025",
}
MILESTONE = {"metric": "milestone_year", "scale": "log", "value": 2026, "kind": "guidance"}


def run(*rows, as_of=AS_OF):
    return roadmap(DRAWN, Evidence(**tables(*rows)), as_of, np.random.default_rng(4))


def test_stacks_times_layers_are_dies_and_dies_times_gb_are_gb():
    out = run({**TWELVE, "value": 0.5})
    for item in (*MARKET.generation_names, "all"):
        stacks, dies = (values(out, item, m, "total").astype(float) for m in ("stacks", "dies"))
        layers = values(out, item, "layers", "mean")
        np.testing.assert_allclose(stacks * layers, dies, rtol=1e-5)
        per_stack, per_die = (values(out, item, m, "bottom_up") for m in ("gb_per_stack", "gb_per_die"))
        np.testing.assert_allclose(layers * per_die, per_stack, rtol=1e-5)


def test_generations_and_heights_add_up_to_the_chains_stacks():
    out = run()
    whole = DRAWN["hbm_stacks"][:, :28]
    for items in (MARKET.generation_names, [f"height_{h}" for h in HEIGHTS]):
        np.testing.assert_allclose(
            sum(values(out, i, "stacks", "total").astype(float) for i in items), whole, rtol=1e-5
        )
    for measures in (
        [(g, "bits") for g in MARKET.generation_names],
        [(f"accelerator_{c}", "accelerators") for c in MARKET.class_names],
        [("hbm3e", f"{h}_high") for h in HEIGHTS],
    ):
        total = sum(values(out, i, "share", part).astype(float) for i, part in measures)
        np.testing.assert_allclose(total, 1, atol=1e-5)


def test_a_figure_about_heights_moves_its_generation_only():
    low, high = run({**TWELVE, "value": 0.15}), run({**TWELVE, "value": 0.8})
    for generation, least, most in (("hbm3e", 0.2, 1), ("hbm3", -0.02, 0.02)):
        change = values(high, generation, "share", "12_high")[:, 18].mean()
        change -= values(low, generation, "share", "12_high")[:, 18].mean()
        assert least < change < most


def test_the_chains_own_gb_stand_beside_the_dies():
    out = run()
    ratio = values(out, "all", "ratio", "chain_over_bottom_up")
    both = [values(out, "all", "gb_per_stack", part) for part in ("chain", "bottom_up")]
    np.testing.assert_allclose(ratio, both[0] / both[1], rtol=1e-5)


def test_catalogue_moves_the_split_from_a_launch_on():
    products = known_products(tables()["products"], AS_OF)
    priors = read_priors(tables()["assumptions"], AS_OF)
    usual = [priors[name] for name in usual_heights("hbm3e")]
    stacks = stacks_by_class(DRAWN, products, priors, MARKET, AS_OF)["hbm3e"]
    split = catalogue_heights(products, "hbm3e", usual, 3.0, stacks, MARKET)
    np.testing.assert_allclose(split.sum(axis=0), 1)
    assert split[HEIGHTS.index(12), -1] > split[HEIGHTS.index(12), 0]


def test_a_product_counts_as_much_as_the_stacks_of_its_class():
    low, high = ("A", "nvidia_hopper", "2021Q1", 8), ("B", "amd_mi200_mi300", "2021Q1", 12)
    columns = ["product", "class", "launch_quarter", "stack_height"]
    products = pd.DataFrame([low, high], columns=columns).assign(hbm_generation="hbm3")
    stacks = np.zeros((len(MARKET.class_names), 28))
    stacks[MARKET.class_names.index("nvidia_hopper")], stacks[MARKET.class_names.index("amd_mi200_mi300")] = (
        9.0,
        1.0,
    )
    even = [Prior(0.0, 1.0, "lognormal")] * len(HEIGHTS)
    split = catalogue_heights(products, "hbm3", even, 4.0, stacks, MARKET)[:, -1]
    np.testing.assert_allclose(split, (np.full(4, 0.25) + 4 * np.array([0, 0.9, 0.1, 0])) / 5)


def test_what_a_launch_shifts_adds_up_to_nothing():
    out = run()
    changes = [values(out, "launch_hbm4", "share_change", g) for g in MARKET.generation_names]
    np.testing.assert_allclose(np.sum(changes, axis=0), 0, atol=1e-5)
    start = first_accelerators(known_products(tables()["products"], AS_OF), MARKET)["hbm4"]
    bits, own = DRAWN["hbm_bits_gb"], DRAWN["hbm_bits_hbm4_gb"]
    after, before = (slice(start, start + 4), slice(start - 4, start))
    expected = own[:, after].sum(axis=1) / bits[:, after].sum(axis=1)
    expected = expected - own[:, before].sum(axis=1) / bits[:, before].sum(axis=1)
    np.testing.assert_allclose(changes[-1][:, 0], expected, atol=1e-5)


def test_guidance_slips_and_actuals_do_not():
    said = {**MILESTONE, "segment": "hbm4_mass_production", "period": "2026Q1"}
    launched = [
        values(run({**said, "kind": kind}), "sk_hynix_hbm4", "launch_year", "mass_production")[:, 0]
        for kind in ("actual", "guidance")
    ]
    assert launched[0].min() >= 2026
    assert launched[0].max() <= 2026.25
    assert launched[1].std() > 2 * launched[0].std()


def test_two_dates_that_differ_are_both_kept():
    rows = [
        {**MILESTONE, "segment": "hbm3_production", "period": p, "kind": "actual", "entity": "Samsung"}
        for p in ("2022Q1", "2023Q3")
    ]
    year = values(run(*rows), "samsung_hbm3", "launch_year", "mass_production")[:, 0]
    assert 0.3 < (year < 2023).mean() < 0.7


def test_launched_turns_on_in_the_quarter_of_the_launch():
    out = run()
    year = values(out, "micron_hbm4", "launch_year", "mass_production")[:, 0]
    on = values(out, "micron_hbm4", "launched", "mass_production")
    assert set(np.unique(on)) <= {0, 1}
    assert (np.diff(on, axis=1) >= 0).all()
    np.testing.assert_array_equal(on[:, 23], year < 2027)


def test_a_sample_is_no_production():
    rows = tables(
        {**MILESTONE, "segment": "hbm3e_12hi_sample", "period": "2024Q1"},
        {**MILESTONE, "segment": "hbm_next_launch", "entity": "Micron", "period": "2026"},
    )["figures"]
    found = milestones(rows, MARKET, AS_OF)
    assert list(found["generation"]) == ["hbm4"]
    assert milestones(rows, MARKET, date(2024, 1, 1)).empty


def test_an_early_vintage_knows_no_late_generation():
    out = run(as_of=date(2023, 6, 30))
    year = values(out, "sk_hynix_hbm4", "launch_year", "mass_production")[:, 0]
    assert np.quantile(year, 0.95) - np.quantile(year, 0.05) > 0.8
    assert np.isfinite(yearly_values(out[0])).all()


@pytest.mark.parametrize("generation", MARKET.generation_names)
def test_usual_split_stands_where_no_product_is_known(generation):
    empty = pd.DataFrame(columns=["class", "stack_height", "hbm_generation", "launch_quarter"])
    priors = read_priors(tables()["assumptions"], AS_OF)
    usual = [priors[name] for name in usual_heights(generation)]
    split = catalogue_heights(empty, generation, usual, 3.0, np.zeros((len(MARKET.class_names), 28)), MARKET)
    expected = np.exp([p.loc for p in usual])
    np.testing.assert_allclose(split, np.tile(expected / expected.sum(), (28, 1)).T)


def test_taller_generations_take_fewer_stacks_for_their_bits():
    out = run()
    stacks, bits = (
        np.stack([values(out, g, measure, "total").astype(float) for g in MARKET.generation_names])
        for measure in ("stacks", "gb")
    )
    per_stack = np.stack([values(out, g, "gb_per_stack", "bottom_up") for g in MARKET.generation_names])
    needed = bits / per_stack
    np.testing.assert_allclose(stacks / stacks.sum(axis=0), needed / needed.sum(axis=0), rtol=1e-4)
