# ruff: noqa: E501 - rows and queries are easier to read uncut
"""Queries of analysts: what is refused and what is meant, macros against NumPy, one data dictionary."""

import pytest

import tests.warehouse.synthetic_warehouse as synthetic
from warehouse.builds import swap_in
from warehouse.connect import connect
from warehouse.errors import WarehouseError
from warehouse.query import query


def test_analysts_cannot_write(two_nights):
    for sql in ("DELETE FROM figures", "CREATE TABLE x (a INTEGER)", "UPDATE runs SET as_of = NULL"):
        with pytest.raises(WarehouseError, match="read-only"):
            query(two_nights, sql)
    with pytest.raises(WarehouseError, match="hbm_forcast"):
        query(two_nights, "FROM hbm_forcast")
    with pytest.raises(WarehouseError, match="empty"):
        query(two_nights, "-- nothing")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT probability_above('hbm_revenu_usd', '2026', 1)", "nearest: hbm_revenue_usd"),
        ("SELECT quantile_of('hbm_revenue_usd', '2026q3', 0.5)", "nearest: .*2026Q3"),
        ("SELECT quantile_of('hbm_revenue_usd', '2030', 0.5)", "no such period; nearest: 2027, 2026, 2025"),
        ("SELECT quantile_of('hbm_revenue_usd', '2019Q2', 0.5)", "nearest: 2021Q2, 2021Q"),
        ("SELECT quantile_of_ratio('hbm_revenue_usd', 'dram_revenue', '2026', 0.5)", "dram_revenue_usd"),
        ("SELECT quantile_given_above('hbm_revenue_usd', '2026', 0.5, 'cowos_wafers', '2026', 1e15)", "no draw has"),
        # Rows, counted or filtered, are checked as single numbers are.
        ("SELECT count(*) FROM draws_of('equipment/tcb/usd/totl', '2026')", "equipment/tcb/usd/total"),
        ("SELECT count(*) FROM ratio_draws('hbm_revenue_usd', 'x', '2026')", "no such quantity"),
        ("SELECT count(*) FROM growth_draws('hbm_revenue_usd', '2026', '2015')", "no such period"),
        ("FROM paired_draws('hbm_revenue_usd', '2026', 'cowos_wafer', '2026')", "cowos_wafers"),
        ("FROM quantiles_of('hbm_revenue_usd', '20226')", "2026"),
        ("FROM interval_given_above('hbm_revenue_usd', '2026', 'cowos_wafer', '2026', 1)", "cowos_wafers"),
        ("FROM interval_given_below(NULL, '2026', 'cowos_wafers', '2026', 1)", "not NULL"),
        ("SELECT count(*) FROM draws_of_run('night-1', 'hbm_bit_gb', '2024')", "hbm_bits_gb"),
        ("SELECT count(*) FROM draws_of_run('night-9', 'hbm_bits_gb', '2024')", "night-1"),
        ("SELECT count(*) FROM changes_between('night-1', 'nigth-2')", "no published run nigth-2; nearest: night-2"),
        # A level is written as everybody's SQL does.
        ("SELECT quantile_of('hbm_revenue_usd', '2026', 95)", "as 0.95"),
        ("SELECT quantile_of_ratio('hbm_revenue_usd', 'dram_revenue_usd', '2026', 950)", "level 950"),
        ("SELECT quantile_of('hbm_revenue_usd', '2026', -0.5)", "level -0.5"),
        ("SELECT quantile_given_below('hbm_revenue_usd', '2026', 95, 'cowos_wafers', '2026', 1e15)", "as 0.95"),
    ],
)  # fmt: skip
def test_a_wrong_name_or_level_is_an_error_that_names_the_nearest(two_nights, sql, said):
    with pytest.raises(WarehouseError, match=said):
        query(two_nights, sql)


def test_views_of_draws_that_are_gone_say_so(state):
    for path in (state / "draws").glob("*/*.parquet"):
        path.unlink()
    swap_in(state, lambda connection: None, scopes=())
    with pytest.raises(WarehouseError, match="no draws any more; hbmcast nightly --force"):
        query(state, "SELECT count(*) FROM draws_of('hbm_revenue_usd', '2026')")


def test_macros_agree_with_numpy(two_nights, draws):
    np = synthetic.np
    index = synthetic.PERIODS.index
    revenue, wafers = (draws[q][:, index("2026")].astype(float) for q in ("hbm_revenue_usd", "cowos_wafers"))
    level = float(np.median(wafers))
    wanted = {
        "quantile_of('hbm_revenue_usd', '2026', 0.05)": np.percentile(revenue, 5),
        "quantile_of(of_quantity := 'hbm_revenue_usd', in_period := '2026', level := 0.975)": np.percentile(
            revenue, 97.5
        ),
        f"quantile_given_above('hbm_revenue_usd', '2026', 0.5, 'cowos_wafers', '2026', {level})": np.median(
            revenue[wafers > level]
        ),
        f"quantile_given_below('hbm_revenue_usd', '2026', 0.5, 'cowos_wafers', '2026', {level})": np.median(
            revenue[wafers < level]
        ),
        "probability_of_ratio_above('hbm_revenue_usd', 'cowos_wafers', '2026', 150000)": np.mean(
            revenue / wafers > 150_000
        ),
        f"(SELECT p95 FROM interval_given_below('hbm_revenue_usd', '2026', 'cowos_wafers', '2026', {level}))": np.percentile(
            revenue[wafers < level], 95
        ),
        "(SELECT value FROM quantiles_of('hbm_revenue_usd', '2026') WHERE level_per_mille = 900)": np.percentile(
            revenue, 90
        ),
        "(SELECT value FROM forecast_quantiles WHERE level_per_mille = 900 AND quantity = 'hbm_revenue_usd' AND period = '2026')": np.percentile(
            revenue, 90
        ),
    }
    found = query(
        two_nights, "SELECT " + ", ".join(f"{sql} AS c{i}" for i, sql in enumerate(wanted))
    ).to_pylist()[0]
    np.testing.assert_allclose(list(found.values()), list(wanted.values()), rtol=1e-9)


def test_forecast_as_of_takes_the_latest_vintage_known_then(two_nights):
    sql = "SELECT DISTINCT run_id FROM forecast_as_of('{}')"
    assert query(two_nights, sql.format("2026-01-02")).to_pylist() == [{"run_id": "night-2"}]
    assert query(two_nights, sql.format("2026-01-01")).to_pylist() == []


def test_everything_has_a_comment(two_nights):
    missing = query(
        two_nights,
        "SELECT kind, name, column_name FROM data_dictionary WHERE coalesce(comment, '') = ''",
    ).to_pylist()
    assert missing == []
    kinds = query(two_nights, "SELECT kind, count(*) AS n FROM data_dictionary GROUP BY kind").to_pylist()
    assert {row["kind"] for row in kinds} == {"table", "column", "view", "macro"}
    listed = "SELECT count(*) AS n FROM duckdb_columns() WHERE database_name = current_database()"
    (whole,) = query(two_nights, listed).to_pylist()
    assert {"kind": "column", **whole} in kinds  # those of views too


@pytest.mark.parametrize(
    ("view", "column", "said"),
    [
        ("supply_chain_in_force", "status", "How far it is"),  # not that of a run, which it reads too
        ("hbm_forecast", "p05", "5 % quantile"),
        ("freshness", "overdue", "by the clock"),
        ("materials_forecast", "part", "bottom_up"),
    ],
)
def test_a_column_of_a_view_is_explained_by_the_table_it_comes_from(two_nights, view, column, said):
    sql = f"SELECT comment FROM data_dictionary WHERE name = '{view}' AND column_name = '{column}'"
    assert said in query(two_nights, sql).to_pylist()[0]["comment"]


def test_office_programs_can_show_every_column(two_nights):
    """ODBC clients leave out lists, maps, wide and unsigned integers, and times with a zone."""
    hidden = (
        r"U.*INT.*|HUGEINT|UUID|TIME|INTERVAL|BLOB|.*WITH TIME ZONE.*|.*\[\]|STRUCT.*|MAP.*|DECIMAL\(38.*"
    )
    sql = f"SELECT name, column_name, data_type FROM data_dictionary WHERE regexp_full_match(data_type, '{hidden}')"
    assert query(two_nights, sql).to_pylist() == []


def test_levels_growth_and_ratios_are_told_apart(two_nights):
    levels = query(two_nights, "SELECT figure_id, unit FROM latest_figure_fit").to_pylist()
    assert {"figure_id": "hbm-0002", "unit": "USD"} in levels
    assert "hbm-0004" not in {row["figure_id"] for row in levels}
    relative = query(two_nights, "SELECT figure_id, measure, unit FROM latest_relative_fit").to_pylist()
    assert relative == [{"figure_id": "hbm-0004", "measure": "growth", "unit": "fraction"}]


def test_every_view_can_be_read(two_nights):
    views = query(two_nights, "SELECT name FROM data_dictionary WHERE kind = 'view'").to_pylist()
    assert len(views) > 20
    with connect(two_nights) as connection:
        for view in views:
            connection.execute(f"FROM {view['name']}").fetchall()
