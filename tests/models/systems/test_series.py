from datetime import date

import numpy as np
import pytest

from models.draws.convergence import convergence
from models.systems.output_tables import lineage, summarise, tail_errors, trust_label
from models.systems.series import Series, yearly_values

AS_OF = date(2025, 1, 31)


def series(values, yearly="sum", **kind):
    return Series("equipment", "tcb", "usd", "total", "USD", yearly, np.asarray(values, np.float32), **kind)


@pytest.fixture
def draws():
    return np.random.default_rng(1).lognormal(size=(400, 28))


def test_years_are_made_by_each_rule(draws):
    quarters = draws.astype(np.float32).reshape(400, 7, 4)
    np.testing.assert_allclose(yearly_values(series(draws)), quarters.sum(axis=2), rtol=1e-6)
    np.testing.assert_allclose(yearly_values(series(draws, "mean")), quarters.mean(axis=2), rtol=1e-6)
    np.testing.assert_array_equal(yearly_values(series(draws, "end")), quarters[..., -1])


def test_the_year_of_a_ratio_is_the_ratio_of_years(draws):
    above, below = draws, 2 + draws**2
    kinds = {"numerator": above, "denominator": below}
    found = yearly_values(series(above / below, "ratio", **kinds))
    sums = [v.reshape(400, 7, 4).sum(axis=2) for v in (above, below)]
    np.testing.assert_allclose(found, sums[0] / sums[1], rtol=1e-5)
    ends = yearly_values(series(above / below, "ratio", ratio_of="end", **kinds))
    np.testing.assert_allclose(ends, (above / below)[:, 3::4], rtol=1e-5)


def test_the_table_has_every_period_and_ordered_quantiles(draws):
    table = summarise([series(draws, n_figures=2)], "run", AS_OF, n_chains=4)
    assert len(table) == 35
    assert set(table["period_kind"]) == {"quarter", "year"}
    levels = table[["p05", "p10", "p25", "p50", "p75", "p90", "p95"]].to_numpy()
    assert (np.diff(levels, axis=1) >= 0).all()
    np.testing.assert_allclose(table["p50"].to_numpy()[:28], np.quantile(draws, 0.5, axis=0), rtol=1e-5)
    assert (table["mcse_p95"] > 0).all()
    assert set(table["trust"]) == {"few figures"}


def test_few_draws_have_no_error_rather_than_a_wrong_one():
    table = summarise([series(np.ones((10, 28)))], "run", AS_OF, n_chains=4)
    assert table["mcse_p05"].isna().all()


def test_trust_follows_the_figures_unless_the_system_says_otherwise(draws):
    assert [trust_label(series(draws, n_figures=n)) for n in (0, 1, 5)] == [
        "assumed",
        "few figures",
        "measured",
    ]
    assert trust_label(series(draws, n_figures=9, trust="assumed")) == "assumed"


def test_a_series_that_cannot_be_read_is_named(draws):
    with pytest.raises(ValueError, match="tcb usd total: shape"):
        yearly_values(series(draws[:, :27]))
    with pytest.raises(ValueError, match="needs its numerator"):
        yearly_values(series(draws, "ratio"))
    with pytest.raises(ValueError, match="'median' is not one of"):
        yearly_values(series(draws, "median"))
    with pytest.raises(ValueError, match="published twice"):
        summarise([series(draws), series(draws)], "run", AS_OF, n_chains=4)


def test_lineage_names_each_input_once(draws):
    one = series(draws, inputs=("hbm_stacks", "equipment.price"), figure_ids=("f-1",))
    rows = lineage([one, one], "run", ["hbm_stacks"])
    assert rows[["input_kind", "input_name"]].to_numpy().tolist() == [
        ["quantity", "hbm_stacks"],
        ["assumption", "equipment.price"],
        ["figure", "f-1"],
    ]


def test_periods_that_are_alike_have_the_same_row(draws):
    """A launch is one date in all quarters: it is summed up once, and told of each of them."""
    varied, constant = series(draws, "end"), series(np.repeat(draws[:, :1], 28, axis=1), "end")
    columns = ["p05", "p50", "p95", "mean", "mcse_p05", "mcse_p95"]
    first = summarise([varied], "run", AS_OF, n_chains=4)[columns].iloc[0]
    found = summarise([constant], "run", AS_OF, n_chains=4)[columns]
    assert len(found) == 35
    assert (found == first).all(axis=None)


def test_no_series_is_an_empty_table():
    assert "p50" in summarise([], "run", AS_OF, n_chains=4).columns


def test_tail_errors_are_those_of_the_gate(draws):
    chains = np.ascontiguousarray(draws.T).reshape(28, 4, 100)
    rows = np.ascontiguousarray(draws.T)
    found, wanted = tail_errors(rows, 4, np.sort(rows, axis=1)), convergence(chains)
    for name in ("mcse_p05", "mcse_p95"):
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-6)
