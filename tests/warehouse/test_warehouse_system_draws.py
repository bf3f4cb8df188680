"""Draws of the systems: written under the chain's numbers, placed and pruned with the run's, years only."""

import numpy as np
import pyarrow.parquet as pq
import pytest

import tests.warehouse.synthetic_systems as systems
import tests.warehouse.synthetic_warehouse as synthetic
from models.systems.output_tables import KEPT_PARTS, kept_years
from models.systems.series import yearly_values
from models.vocabulary.periods import YEARS
from warehouse.draws import write_system_draws
from warehouse.errors import PublishError
from warehouse.layout import draws_file, system_draws_file
from warehouse.publish import publish_run
from warehouse.query import query


def test_rows_bear_the_chain_s_draw_numbers(tmp_path):
    blocks = [{"a/b/usd/total": np.arange(14.0).reshape(2, 7)}, {"c/d/usd/total": np.ones((2, 7))}]
    path = tmp_path / "new" / "draws.parquet"
    write_system_draws(path, YEARS, blocks, 3)
    table = pq.read_table(path).to_pandas()
    assert len(table) == 28
    assert sorted(set(table["draw"])) == [0, 3]
    row = table[(table["quantity"] == "a/b/usd/total") & (table["period"] == "2022") & (table["draw"] == 3)]
    assert row["value"].tolist() == [8.0]


def test_no_systems_leave_an_empty_file_and_a_wrong_shape_is_named(tmp_path):
    write_system_draws(tmp_path / "none.parquet", YEARS, [], 3)
    assert pq.read_table(tmp_path / "none.parquet").num_rows == 0
    with pytest.raises(PublishError, match="draws of b are not of shape"):
        write_system_draws(tmp_path / "x.parquet", YEARS, [{"a": np.ones((2, 7)), "b": np.ones((3, 7))}], 3)


def test_kept_are_the_years_of_totals_and_of_what_adds_up_to_them(draws):
    every = systems.series(draws)
    found = kept_years(every)
    assert set(found) == {s.name for s in every if s.part in KEPT_PARTS}
    assert "equipment/tcb/usd/total" in found
    assert "equipment/tcb/usd/bottom_up" not in found
    for one in every:
        if one.name in found:
            np.testing.assert_array_equal(found[one.name], yearly_values(one))
            assert found[one.name].shape == (len(draws["hbm_bits_gb"]) // systems.STEP, len(YEARS))


def test_the_view_shows_what_was_kept(two_nights, draws):
    kept = systems.kept(draws)
    (found,) = query(
        two_nights,
        "SELECT count(*) AS n, count(DISTINCT quantity) AS series, max(draw) AS last, "
        "bool_and(concat_ws('/', system, item, measure, part) = quantity) AS named FROM system_draws",
    ).to_pylist()
    series = sum(len(block) for block in kept)
    n_draws = len(draws["hbm_bits_gb"]) // systems.STEP
    assert found == {
        "n": series * n_draws * len(YEARS),
        "series": series,
        "last": systems.STEP * (n_draws - 1),
        "named": True,
    }


def test_they_lie_beside_the_chain_s_and_go_with_them(state, two_nights, draws):
    for run_id in ("night-1", "night-2"):
        assert (state / system_draws_file(run_id)).is_file()
        assert (state / system_draws_file(run_id)).parent == (state / draws_file(run_id)).parent
    # A run without systems shows none, and its macros say so.
    synthetic.publish(state, "night-3", draws)
    assert query(state, "SELECT count(*) AS n FROM system_draws").to_pylist() == [{"n": 0}]
    assert not (state / system_draws_file("night-3")).exists()
    (kept,) = query(
        state, "SELECT count(*) AS n FROM draws_of_run('night-2', 'equipment/tcb/usd/total', '2026')"
    ).to_pylist()
    assert kept["n"] == 60


def test_without_the_chain_s_draws_they_are_refused(state, tmp_path):
    write_system_draws(tmp_path / "alone.parquet", YEARS, [], 1)
    frames = synthetic.frames(synthetic.joint_draws(n=40), "x", synthetic.date(2026, 1, 2))
    run = {"run_id": "x", "as_of": synthetic.date(2026, 1, 2)}
    with pytest.raises(PublishError, match="without the chain's"):
        publish_run(state, run, frames, system_draws_parquet=tmp_path / "alone.parquet")
