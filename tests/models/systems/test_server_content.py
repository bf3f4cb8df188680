"""Memory in servers: money is GB times price, multiples are ratios, the report stands beside."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.evidence.evidence import Evidence
from models.systems.report_2024.server_content import REPORT
from models.systems.series import yearly_values
from models.systems.server_content import bill_shares, server_content
from tests.models.systems.shares_world import AS_OF, drawn, tables, values

DRAWN = drawn()
SAID = {"published_on": "2024-01-23", "scale": "log", "period": "2024-01", "kind": "assumption"}
NUMBERS = {
    "report-0038": {"low": 320, "high": 640},
    "report-0042": {"value": 2048},
    "report-0043": {"value": 640},
    "report-0054": {"low": 4, "high": 8},
    "report-0056": {"low": 4, "high": 8},
}
ROWS = [{**SAID, "figure_id": name, "metric": "server_dram_capacity", **v} for name, v in NUMBERS.items()]


def run(*rows, as_of=AS_OF, change=None):
    found = tables(*rows)
    if change is not None:
        change(found)
    return server_content(DRAWN, Evidence(**found), as_of, np.random.default_rng(4))


def test_hbm_is_the_chains():
    out = run()
    gb, usd = (values(out, "ai_training", m, "hbm") for m in ("gb", "usd"))
    expected = DRAWN["hbm_gb_per_accelerator"] * DRAWN["accelerators_per_server"]
    np.testing.assert_allclose(gb, expected[:, :28], rtol=1e-5)
    np.testing.assert_allclose(usd / gb, DRAWN["hbm_price_usd_per_gb"][:, :28], rtol=1e-5)


@pytest.mark.parametrize("memory", ["dram", "nand"])
def test_one_price_for_all_servers(memory):
    out = run()
    per_gb = [
        values(out, server, "usd", memory) / values(out, server, "gb", memory)
        for server in ("ordinary", "high_performance", "ai_training", "ai_inference")
    ]
    for other in per_gb[1:]:
        np.testing.assert_allclose(other, per_gb[0], rtol=1e-4)


def test_memory_is_the_sum_of_its_kinds():
    out = run()
    parts = sum(values(out, "ai_training", "usd", m).astype(float) for m in ("dram", "nand", "hbm"))
    np.testing.assert_allclose(values(out, "ai_training", "usd", "memory"), parts, rtol=1e-5)
    both = sum(values(out, "ai_training", "gb", m).astype(float) for m in ("dram", "hbm"))
    np.testing.assert_allclose(values(out, "ai_training", "gb", "dram_and_hbm"), both, rtol=1e-5)


def test_multiples_are_ratios_of_servers():
    out = run()
    multiple = values(out, "ai_training_vs_ordinary", "multiple", "nand_gb")
    expected = values(out, "ai_training", "gb", "nand") / values(out, "ordinary", "gb", "nand")
    np.testing.assert_allclose(multiple, expected, rtol=1e-5)


def test_bill_shares_never_pass_one():
    out = run()
    lines = ("cpu", "dram", "nand")
    for server in ("ordinary", "high_performance"):
        total = sum(values(out, server, "bom_share", c).astype(float) for c in lines)
        assert total.max() <= 1 + 1e-5
    _, whole = bill_shares({"server": np.array([5.0]), "gpu": np.array([4.0]), "hbm": np.array([3.0])})
    assert whole[0] == 5.0


def test_the_report_is_stated_and_recomputed():
    out = run(*ROWS)
    stated, again = (
        values(out, "ai_training_vs_ordinary", "multiple", f"dram_and_hbm_gb:report_{kind}")
        for kind in ("stated", "recomputed")
    )
    assert stated.min() >= 4
    assert stated.max() <= 8
    # (2048 + 640) GB over 320 to 640 GB is 4.2 to 8.4, and a few per cent of rounding.
    assert 3.9 < again.min() < 4.4
    assert 7.9 < again.max() < 9.1
    np.testing.assert_array_equal(again[:, 0], again[:, -1])


def test_before_the_report_there_is_nothing_to_set():
    out = run(*ROWS, as_of=date(2024, 1, 22))
    assert not [s for s in out if "report" in s.part]
    with_report = run(*ROWS)
    np.testing.assert_array_equal(
        values(out, "ordinary", "gb", "dram"), values(with_report, "ordinary", "gb", "dram")
    )


def test_rules_use_the_inputs_they_name():
    for (item, measure, part), (_, inputs, rule) in REPORT.items():
        asked = []

        def value(number, asked=asked):
            asked.append(number)
            return 1.0

        rule(value)
        assert set(asked) == set(inputs), (item, measure, part)


def test_figures_behind_a_range_are_named_but_not_measured():
    out = run({**SAID, "figure_id": "report-0038", "low": 320, "high": 640, "metric": "server_dram_capacity"})
    series = next(s for s in out if (s.item, s.measure, s.part) == ("ordinary", "gb", "dram"))
    assert series.figure_ids == ("report-0038",)
    assert series.trust == "few figures"


def test_a_server_is_rows_and_a_bad_row_is_named():
    def add(found):
        row = {**found["server_content"].iloc[0].to_dict(), "server": "edge", "p05": 16, "p95": 64}
        found["server_content"] = pd.concat([found["server_content"], pd.DataFrame([row])], ignore_index=True)

    out = run(change=add)
    edge = values(out, "edge", "gb", "dram")[:, 7]
    assert 25 < np.median(edge) < 41
    assert np.isfinite(yearly_values(next(s for s in out if s.item == "ai_training_vs_edge"))).all()

    def spoil(found):
        found["server_content"].loc[0, "p05"] = 1e9

    with pytest.raises(ValueError, match=r"server_content.csv, ordinary dram: p05 1e\+09 must lie below"):
        run(change=spoil)
