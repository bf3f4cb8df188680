"""The gate: each threshold alone holds a run back, and says why."""

from dataclasses import fields
from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.chain.drivers import constants
from models.draws.gate import COLUMNS, diagnose, gate_passed, gate_reason, identity_residuals
from models.draws.joint import PERIODS, Draws
from models.draws.thresholds import THRESHOLDS, Thresholds, thresholds_of
from models.inference.posterior import named
from models.vocabulary.drivers import DRIVERS
from models.vocabulary.periods import N_QUARTERS
from models.vocabulary.quantities import HEADLINES
from tests.market import MARKET

SHAPE = (4, 500)


def good_run() -> dict:
    generator = np.random.default_rng(1)
    keys = [(q, p) for q in HEADLINES for p in PERIODS]
    mixing = pd.DataFrame(keys, columns=["quantity", "period"]).assign(
        ess_bulk=900.0, ess_tail=800.0, rhat=1.002
    )
    forecast = mixing[["quantity", "period"]].assign(p05=10.0, p95=20.0, mcse_p05=0.05, mcse_p95=0.1)
    forecast["as_of"] = date(2026, 11, 22)
    forecast["period_kind"] = ["quarter" if "Q" in p else "year" for p in forecast["period"]]
    return {
        "run_id": "run",
        "posterior": named(
            {
                "driver_level": generator.standard_normal((*SHAPE, len(DRIVERS))),
                "constant": generator.standard_normal((*SHAPE, len(constants(MARKET)))),
            },
            {
                "diverging": np.zeros(SHAPE, bool),
                "energy": generator.standard_normal(SHAPE),
                "depth": np.full(SHAPE, 5),
            },
            MARKET,
        ),
        "mixing": mixing,
        "forecast": forecast,
        "figure_fit": pd.DataFrame({"used": True, "pit": np.linspace(0.01, 0.99, 100)}),
        "identities": identity_residuals(Draws(chain_values()), MARKET),
    }


def chain_values() -> dict[str, np.ndarray]:
    """Draws that fulfil every identity, without the chain."""
    generator = np.random.default_rng(2)

    def flow(level: float) -> np.ndarray:
        quarters = level * generator.lognormal(0, 0.2, (50, N_QUARTERS))
        return np.concatenate([quarters, quarters.reshape(50, -1, 4).sum(axis=2)], axis=1)

    values = {q.name: flow(10.0) for q in MARKET.quantities}
    values["hbm_price_usd_per_gb"] = values["hbm_revenue_usd"] / values["hbm_bits_gb"]
    for prefix, members in (
        ("accelerator_mix_", MARKET.class_names),
        ("hbm_generation_share_", MARKET.generation_names),
    ):
        total = sum(values[prefix + m] for m in members)
        values |= {prefix + m: values[prefix + m] / total for m in members}
    for limit in ("hbm_bits_demand_gb", "hbm_bits_supply_gb"):
        values[limit] = values["hbm_bits_gb"] * 1.1
    for limit in ("cowos_wafers_demand", "cowos_wafers_supply"):
        values[limit] = values["cowos_wafers"] * 1.1
    return values


def test_a_good_run_passes():
    found = diagnose(**good_run())
    assert tuple(found.columns) == COLUMNS
    assert gate_passed(found), gate_reason(found)
    assert gate_reason(found) == ""
    assert found["name"].is_unique


def spoil(run: dict, what: str) -> None:
    if what == "divergences":
        run["posterior"].statistics["diverging"][0, :2] = True
    elif what == "e_bfmi":
        statistics = run["posterior"].statistics
        statistics["energy"] = np.cumsum(statistics["energy"], axis=1)
    elif what == "rhat_parameters":
        run["posterior"].raw["constant"][0] += 3
    elif what in ("rhat", "ess_bulk", "ess_tail"):
        run["mixing"].loc[17, what] = {"rhat": 1.02, "ess_bulk": 399.0, "ess_tail": np.nan}[what]
    elif what == "coverage_50":
        run["figure_fit"]["pit"] = 0.5
    elif what == "coverage_90":
        run["figure_fit"].loc[:30, "pit"] = 0.999
    elif what == "headline_mcse_year":
        run["forecast"].loc[run["forecast"]["period"] == "2026", "mcse_p95"] = 0.21
    else:
        raise AssertionError(what)


@pytest.mark.parametrize(
    "what",
    [
        "divergences",
        "e_bfmi",
        "rhat_parameters",
        "rhat",
        "ess_bulk",
        "ess_tail",
        "coverage_50",
        "coverage_90",
        "headline_mcse_year",
    ],
)
def test_each_threshold_holds_a_run_back(what):
    run = good_run()
    spoil(run, what)
    found = diagnose(**run)
    failed = found.loc[[p is False for p in found["passed"]], "name"].tolist()
    assert what in failed
    assert set(failed) <= {what, "coverage_80", "coverage_50", "coverage_90"}
    assert not gate_passed(found)
    reason = gate_reason(found)
    assert what in reason
    assert "\n" not in reason


def test_the_parameter_that_mixes_worst_is_named():
    run = good_run()
    run["posterior"].raw["driver_level"][0, :, DRIVERS.index("hbm_other_use")] += 3
    found = diagnose(**run).set_index("name")
    assert found.loc["rhat_parameters", "detail"] == "level, hbm_other_use"


def broken(what: str) -> dict[str, np.ndarray]:
    values = chain_values()
    name, factor = {
        "identity_annual_is_the_sum_of_quarters": ("dram_bits_gb", 1.00001),
        "identity_revenue_is_bits_times_price": ("hbm_price_usd_per_gb", 1.00001),
        "identity_accelerator_mix_sum_to_one": ("accelerator_mix_china", 1.01),
        "identity_HBM_generations_sum_to_one": ("hbm_generation_share_hbm4", 1.01),
        "identity_shipped_beyond_a_limit": ("cowos_wafers_supply", 0.9),
        "identity_not_finite_or_negative": ("fill_rate", np.nan),
    }[what]
    values[name] = values[name].copy()
    values[name][3, -1] *= factor
    return values


@pytest.mark.parametrize(
    "what",
    [
        "identity_annual_is_the_sum_of_quarters",
        "identity_revenue_is_bits_times_price",
        "identity_accelerator_mix_sum_to_one",
        "identity_HBM_generations_sum_to_one",
        "identity_shipped_beyond_a_limit",
        "identity_not_finite_or_negative",
    ],
)
def test_each_identity_holds_a_run_back(what):
    run = good_run() | {"identities": identity_residuals(Draws(broken(what)), MARKET)}
    found = diagnose(**run)
    # A limit is a sum over the year as well: bending one number may break both.
    assert what in found.loc[[p is False for p in found["passed"]], "name"].tolist()
    assert what in gate_reason(found)


def test_a_residual_that_is_not_a_number_never_passes():
    run = good_run()
    run["identities"] = dict(run["identities"]) | {"revenue is bits times price": float("nan")}
    assert not gate_passed(diagnose(**run))


@pytest.mark.parametrize(("passed", "holds_back"), [(False, True), (True, False), (None, False)])
def test_what_the_gate_reads_in_the_forecast_decides_too(passed, holds_back):
    row = ("prior_conflict", 3.3, 3.0, passed, "launch delay, nvidia_rubin -3.30")
    found = diagnose(**good_run(), of_the_forecast=[row])
    assert gate_passed(found) is not holds_back
    assert ("prior_conflict" in gate_reason(found)) is holds_back


def test_few_figures_only_inform_about_coverage():
    run = good_run()
    run["figure_fit"] = pd.DataFrame({"used": True, "pit": [0.5] * (THRESHOLDS.coverage_minimum - 1)})
    found = diagnose(**run).set_index("name")
    assert found.loc["coverage_50", "passed"] is None
    assert gate_passed(found.reset_index())


def test_headline_errors_of_quarters_only_inform():
    run = good_run()
    run["forecast"].loc[run["forecast"]["period"] == "2025Q1", "mcse_p05"] = 0.5
    found = diagnose(**run)
    assert gate_passed(found)
    assert found.set_index("name").loc["headline_mcse_quarter", "value"] == pytest.approx(0.05)


def test_headline_errors_decide_for_forecast_years_and_not_for_history():
    for year, passes in (("2023", True), ("2024", False), ("2027", False)):
        run = good_run()
        run["forecast"].loc[run["forecast"]["period"] == year, "mcse_p95"] = 0.21
        assert gate_passed(diagnose(**run)) is passes, year


@pytest.mark.parametrize(("as_of", "decides"), [(date(2025, 12, 31), True), (date(2025, 12, 30), False)])
def test_headline_errors_decide_up_to_two_years_ahead(as_of, decides):
    run = good_run()
    run["forecast"]["as_of"] = as_of
    run["forecast"].loc[run["forecast"]["period"] == "2027", "mcse_p95"] = 0.21
    assert gate_passed(diagnose(**run)) is not decides


def test_headline_errors_three_years_out_only_inform():
    run = good_run()
    run["forecast"]["as_of"] = date(2024, 12, 31)
    run["forecast"].loc[run["forecast"]["period"] == "2027", "mcse_p95"] = 0.21
    found = diagnose(**run)
    assert gate_passed(found)
    later = found.set_index("name").loc["headline_mcse_later_year"]
    assert later["value"] > THRESHOLDS.headline_error
    assert "--draws" in later["detail"]


def test_thresholds_can_be_loosened_in_one_place():
    run = good_run()
    spoil(run, "divergences")
    assert gate_passed(diagnose(**run, thresholds=Thresholds(divergent_share=0.01)))


def test_a_first_forecast_may_be_half_as_inexact_again_and_nothing_else():
    changed = {
        field.name: (getattr(THRESHOLDS, field.name), getattr(thresholds_of(True), field.name))
        for field in fields(Thresholds)
        if getattr(THRESHOLDS, field.name) != getattr(thresholds_of(True), field.name)
    }
    assert changed == {"headline_error": (0.01, 0.015), "divergent_share": (0.0002, 0.0003)}
    run = good_run()
    run["forecast"].loc[run["forecast"]["period"] == "2025", "mcse_p95"] = 0.25
    assert gate_passed(diagnose(**run, thresholds=thresholds_of(True)))
    assert not gate_passed(diagnose(**run, thresholds=thresholds_of(False)))


def test_nothing_measured_is_no_pass():
    empty = diagnose(**good_run()).iloc[:0]
    assert not gate_passed(empty)
    assert gate_reason(empty) == "gate: nothing was measured"
