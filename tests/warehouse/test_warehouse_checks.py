# ruff: noqa: E501 - rows and queries are easier to read uncut
"""Every check finds nothing in a good warehouse, and finds a row planted against it."""

import re

import duckdb
import pytest

from models.draws.forecast_gate import gross_gb_per_wafer
from models.evidence.assumptions import prior_from_quantiles
from warehouse.checker import Check, check_published, load_checks, run_checks
from warehouse.connect import connect
from warehouse.tables import ARCHIVED, RESULTS, recent, stored

CHECKS = {check.name: check for check in load_checks()}
NOW = "TIMESTAMP '2026-01-02'"
BOOK = f"1, false, {NOW}, 'night-0', 'hash'"
TCB = "WHERE run_id = 'night-2' AND period = '2026' AND item = 'tcb' AND part = 'total'"
DRAW = "WHERE draw = 7 AND period = '2026Q1'"


def wafer(gb: float) -> str:
    """Statement that gives one draw a number of GB per wafer."""
    return f"INSERT INTO draws BY NAME SELECT * REPLACE ('hbm_gb_per_wafer' AS quantity, {gb} AS value) FROM draws {DRAW} AND quantity = 'cowos_wafers'"


# What to plant for each check: statements on a copy of a good warehouse whose draws are a table.
PLANTED = {
    "accelerator_mix_sums_to_one": [
        f"UPDATE draws SET value = value + 0.01 {DRAW} AND quantity = 'accelerator_mix_china'"
    ],
    "generation_shares_sum_to_one": [
        f"UPDATE draws SET value = value + 0.01 {DRAW} AND quantity = 'hbm_generation_share_hbm3'"
    ],
    "revenue_is_bits_times_price": [
        f"UPDATE draws SET value = value * 1.001 {DRAW} AND quantity = 'hbm_price_usd_per_gb'"
    ],
    "annual_is_sum_of_quarters": [
        f"UPDATE draws SET value = value * 1.001 {DRAW} AND quantity = 'cowos_wafers'"
    ],
    "hbm_bits_within_limits": [
        f"UPDATE draws SET value = value * 0.5 {DRAW} AND quantity = 'hbm_bits_supply_gb'"
    ],
    "cowos_wafers_within_limits": [
        f"UPDATE draws SET value = value * 0.5 {DRAW} AND quantity = 'cowos_wafers_supply'"
    ],
    "cowos_capacity_parts_sum": [
        f"UPDATE draws SET value = value * 1.1 {DRAW} AND quantity = 'cowos_capacity_others_wafers_per_month'"
    ],
    "nothing_ships_before_its_launch": [
        "UPDATE draws SET value = 2000 WHERE draw = 7 AND period = '2026Q1' AND quantity = 'accelerator_shipments_class_nvidia_rubin'"
    ],
    "hbm_gb_per_wafer_fits": [wafer(5000.0)],
    "draws_finite_and_not_negative": [
        f"UPDATE draws SET value = 'nan' {DRAW} AND quantity = 'dram_revenue_usd'"
    ],
    "draws_complete": [f"DELETE FROM draws {DRAW} AND quantity = 'dram_revenue_usd'"],
    "draws_cover_headline": ["DELETE FROM draws WHERE quantity = 'cowos_wafers' AND period = '2024'"],
    "draws_cover_forecast": ["DELETE FROM draws WHERE quantity = 'dram_revenue_usd' AND period = '2024'"],
    "draws_match_forecast": [
        "UPDATE draws SET value = value * 1.3 WHERE quantity = 'hbm_revenue_usd' AND period = '2026'"
    ],
    "forecast_quantiles_monotone": [
        "UPDATE recent_forecast SET p25 = p75 * 2 WHERE run_id = 'night-2' AND period = '2026' AND quantity = 'hbm_bits_gb'"
    ],
    "forecast_values_valid": [
        "UPDATE recent_forecast SET ess = NULL WHERE run_id = 'night-2' AND period = '2026' AND quantity = 'hbm_bits_gb'"
    ],
    "forecast_rows_unique": [
        "INSERT INTO recent_forecast FROM recent_forecast WHERE run_id = 'night-2' AND period = '2026' AND quantity = 'hbm_bits_gb'"
    ],
    "forecast_quantities_known": [
        "UPDATE recent_forecast SET unit = 'TB' WHERE run_id = 'night-2' AND period = '2026' AND quantity = 'hbm_bits_gb'"
    ],
    "headline_periods_complete": [
        "DELETE FROM recent_forecast WHERE run_id = 'night-2' AND period = '2026Q3' AND quantity = 'hbm_bits_gb'"
    ],
    "headline_monte_carlo_error": [
        "UPDATE recent_forecast SET mcse_p95 = 0.02 * p95 WHERE run_id = 'night-2' AND period = '2026' AND quantity = 'hbm_bits_gb'"
    ],
    "binding_sums_to_one": [
        "UPDATE recent_binding SET probability = 0.6 WHERE run_id = 'night-2' AND period = '2026Q2' AND stage = 'cowos'"
    ],
    "diagnostics_passed": [
        "INSERT INTO recent_diagnostics VALUES ('night-2', 'r_hat', 1.2, 1.01, false, '')"
    ],
    "no_figure_from_the_future": [
        "UPDATE sources SET published_on = '2026-01', published_precision = 'month', accessed_on = '2026-02-01' "
        "WHERE source_id = 's2'"
    ],
    "archive_complete": [
        "INSERT INTO archives VALUES ('archive/forecast/warehouse-000001.parquet', 'forecast', 1, 1, true)"
    ],
    "frozen_forecasts_there": [
        f"INSERT INTO frozen_forecasts VALUES ('night-2', DATE '2026-01-02', {NOW}, 'frozen/night-2.parquet', 'hash', 1, 1, 1)"
    ],
    "frozen_forecasts_unchanged": [
        f"INSERT INTO frozen_forecasts VALUES ('night-2', DATE '2026-01-02', {NOW}, 'frozen/night-2.parquet', 'hash', 1, 1, 1)"
    ],
    "figure_fit_traces_to_figures": [
        "INSERT INTO recent_figure_fit (run_id, figure_id, used) VALUES ('night-2', 'nobody-0001', true)"
    ],
    "figure_sources_resolve": [
        f"INSERT INTO figures (figure_id, source_id, metric, period, value, version, withdrawn, ingested_at, ingest_run_id, content_hash) "
        f"VALUES ('x-1', 'no-source', 'hbm_revenue', '2024', 1, {BOOK})"
    ],
    "figure_origins_resolve": ["UPDATE figures SET origin_id = 'nobody-0001' WHERE figure_id = 'hbm-0003'"],
    "figure_metrics_known": ["UPDATE figures SET metric = 'no_metric' WHERE figure_id = 'hbm-0003'"],
    "dates_readable": ["UPDATE assumptions SET known_since = 'spring' WHERE assumption = 'stack_yield'"],
    "figures_have_a_number": ["UPDATE figures SET value = NULL WHERE figure_id = 'hbm-0003'"],
    "rejected_rows": [
        "INSERT INTO rejected_figures (file, reason, version, withdrawn, ingested_at, ingest_run_id, content_hash) "
        f"VALUES ('figures/x.csv', 'broken', {BOOK})"
    ],
    "versions_unique": ["UPDATE figures SET version = 3 WHERE figure_id = 'hbm-0003'"],
    "rows_trace_to_runs": [
        "UPDATE recent_forecast SET run_id = 'nobody' WHERE run_id = 'night-1' AND period = '2026'"
    ],
    "system_quantiles_monotone": [
        f"UPDATE recent_system_forecast SET p25 = p75 * 2 {TCB} AND measure = 'usd'"
    ],
    "system_rows_unique": [f"INSERT INTO recent_system_forecast FROM recent_system_forecast {TCB}"],
    "system_shares_possible": [
        "UPDATE recent_system_forecast SET p50 = 1.2 WHERE run_id = 'night-2' AND period = '2026' AND system = 'roadmap'"
    ],
    "equipment_not_negative": [f"UPDATE recent_system_forecast SET p05 = -1, p50 = -1 {TCB}"],
    "supplier_shares_sum_to_one": [
        "UPDATE recent_system_forecast SET mean = 0.5 WHERE run_id = 'night-2' AND period = '2026' AND item = 'samsung'"
    ],
    "system_lineage_present": [
        "DELETE FROM recent_system_lineage WHERE run_id = 'night-2' AND item = 'plating'"
    ],
    "system_lineage_resolves": [
        "INSERT INTO recent_system_lineage VALUES ('night-2', 'equipment', 'tcb', 'usd', 'assumption', 'nobody.knows')"
    ],
    "system_figures_counted": [f"UPDATE recent_system_forecast SET n_figures = 2 {TCB}"],
    "sensitivity_shares_sum_to_one": [
        "UPDATE recent_sensitivities SET share = 0.6 WHERE run_id = 'night-2' AND driver = 'rest'"
    ],
    "scenario_values_valid": [
        "UPDATE recent_scenarios SET difference_p05 = 1e15 WHERE run_id = 'night-2' AND period = '2026'"
    ],
    "systems_complete": [
        "INSERT INTO recent_diagnostics VALUES ('night-2', 'system_failed:equipment', 0, NULL, NULL, 'left out: KeyError')"
    ],
    "system_parts_sum_to_totals": [
        "UPDATE system_draws SET value = value * 1.01 WHERE draw = 4 AND period = '2026' AND item = 'all_categories'"
    ],
    "equipment_usd_is_tools_times_price": [
        "UPDATE system_draws SET value = value * 1.001 WHERE draw = 4 AND period = '2026' AND measure = 'usd_per_tool'"
    ],
    "suppliers_sum_to_industry": [
        "UPDATE system_draws SET value = value + 0.01 WHERE draw = 4 AND period = '2026' AND item = 'samsung' AND part = 'bits'"
    ],
    "system_draws_match_forecast": [
        "DELETE FROM system_draws WHERE draw = 4 AND period = '2026' AND quantity = 'equipment/tcb/usd/total'"
    ],
    "runs_consistent": ["UPDATE runs SET status = 'failed' WHERE run_id = 'night-1'"],
    "tables_did_not_shrink": [
        f"INSERT INTO builds SELECT max(build) + 1, {NOW}, 'figures', 1 FROM builds WHERE table_name = 'figures'"
    ],
}


@pytest.fixture(scope="module")
def copy(two_nights) -> duckdb.DuckDBPyConnection:
    """The good warehouse copied into memory, so that rows can be planted, with its draws as a table."""
    connection = connect(two_nights, alone=True)
    connection.execute(
        "CREATE TEMP TABLE kept AS FROM draws; CREATE TEMP TABLE beside AS FROM system_draws; "
        "USE memory; COPY FROM DATABASE warehouse TO memory"
    )
    connection.execute("DROP VIEW draws; CREATE TABLE draws AS FROM kept; DELETE FROM rejected_figures")
    connection.execute("DROP VIEW system_draws; CREATE TABLE system_draws AS FROM beside")
    # Rows that night-2 shares with night-1 get its own name, so that they can be planted alone.
    for table in ARCHIVED:
        shared = f"FROM run_rows WHERE table_name = '{table}' AND run_id = 'night-2' AND rows_of = 'night-1'"
        columns = RESULTS[table].columns
        named = "'night-2' AS run_id" + ", DATE '2026-01-02' AS as_of" * ("as_of" in columns)
        connection.execute(
            f"INSERT INTO {recent(table)} SELECT * REPLACE ({named}) FROM {recent(table)} "
            f"WHERE run_id = 'night-1' AND (SELECT count(*) {shared}) > 0"
        )
    connection.execute("UPDATE run_rows SET rows_of = run_id")
    return connection


def findings(copy: duckdb.DuckDBPyConnection, check: Check) -> list:
    return [f for f in run_checks(copy, (check.scope,)) if f.name == check.name]


def test_every_check_has_a_planted_row():
    assert set(PLANTED) == set(CHECKS)


def test_a_good_warehouse_has_no_findings(copy):
    assert run_checks(copy) == []


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_check_fires(copy, name):
    copy.execute("BEGIN")
    try:
        for sql in PLANTED[name]:
            copy.execute(sql)
        found = [copy.execute(CHECKS[name].sql).fetchall()]
        assert found[0], name
    finally:
        copy.execute("ROLLBACK")


@pytest.mark.parametrize(
    ("class_", "period", "units", "fires"),
    [
        ("nvidia_rubin", "2026Q2", 50_000, False),
        ("nvidia_rubin", "2026Q1", 900, False),
        ("nvidia_rubin", "2026Q1", 1_100, True),
        ("nvidia_hopper", "2022Q1", 1_100, True),
        ("nvidia_hopper", "2022Q2", 1_100, False),
        ("unheard_of", "2026Q1", 1_100, True),
        ("unheard_of", "2026Q2", 1e6, False),
    ],
)
def test_samples_ship_in_the_quarter_before_a_launch_and_nothing_before(copy, class_, period, units, fires):
    """The as-of day lies in 2026Q1: what nobody has announced may ship from 2026Q2 on."""
    copy.execute("BEGIN")
    try:
        copy.execute(
            f"INSERT INTO draws BY NAME SELECT * REPLACE ('accelerator_shipments_class_{class_}' AS quantity, '{period}' AS period, "
            f"{units} AS value) FROM draws WHERE period = '2026Q1' AND quantity = 'cowos_wafers'"
        )
        found = copy.execute(CHECKS["nothing_ships_before_its_launch"].sql).fetchall()
        assert bool(found) is fires
    finally:
        copy.execute("ROLLBACK")


def test_gb_of_a_wafer_are_held_to_the_bound_of_the_gate(copy):
    """The same number in SQL as in Python; without a die in the assumptions nothing is let through."""
    bound = gross_gb_per_wafer(
        {
            "hbm.die_area_mm2.hbm9": prior_from_quantiles(108, 128, "lognormal"),
            "hbm.die_gbit.hbm9": prior_from_quantiles(23.5, 26, "lognormal"),
        },
        "hbm9",
    )
    check = CHECKS["hbm_gb_per_wafer_fits"].sql
    for gb, known, fires in ((0.999, True, False), (1.001, True, True), (0.5, False, True)):
        copy.execute("BEGIN")
        try:
            copy.execute(wafer(gb * bound))
            for name, p05, p95 in (("die_area_mm2", 108, 128), ("die_gbit", 23.5, 26)) * known:
                copy.execute(
                    "INSERT INTO assumptions (assumption, p05, p95, shape, basis, known_since, version, withdrawn, ingested_at, "
                    f"ingest_run_id, content_hash) VALUES ('hbm.{name}.hbm9', {p05}, {p95}, 'lognormal', 'judgement', '2021', {BOOK})"
                )
            assert bool(copy.execute(check).fetchall()) is fires, gb
        finally:
            copy.execute("ROLLBACK")


def test_a_monte_carlo_error_is_held_to_what_the_gate_took_of_the_run(copy):
    check = CHECKS["headline_monte_carlo_error"].sql
    copy.execute("BEGIN")
    try:
        copy.execute(
            "UPDATE recent_forecast SET mcse_p95 = 0.015 * p95 WHERE run_id = 'night-2' AND period = '2026'"
        )
        assert copy.execute(check).fetchall()
        copy.execute(
            "INSERT INTO recent_diagnostics VALUES ('night-2', 'headline_mcse_year', 0.015, 0.02, true, '')"
        )
        assert not copy.execute(check).fetchall()
    finally:
        copy.execute("ROLLBACK")


def test_a_source_read_on_a_day_still_needs_a_date_of_its_own(copy):
    copy.execute("BEGIN")
    try:
        copy.execute(
            "UPDATE sources SET published_on = 'spring', accessed_on = '2026-01-01' WHERE source_id = 's2'"
        )
        assert ("sources", "s2", "spring") in copy.execute(CHECKS["dates_readable"].sql).fetchall()
    finally:
        copy.execute("ROLLBACK")


@pytest.mark.parametrize(
    ("table", "key"), [(name, table.recorded) for name, table in RESULTS.items() if table.recorded]
)
def test_rows_of_every_table_of_results_trace_to_their_run(copy, table, key):
    copy.execute("BEGIN")
    try:
        columns = copy.execute(
            f"SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '{stored(table)}'"
        ).fetchall()
        some = {"VARCHAR": "'nobody'", "DATE": "DATE '2026-01-02'", "TIMESTAMP": NOW, "BOOLEAN": "true"}
        listed = "SELECT constraint_text FROM duckdb_constraints() WHERE table_name = ? AND constraint_type = 'CHECK'"
        allowed = "".join(text for (text,) in copy.execute(listed, [stored(table)]).fetchall())
        words = dict(re.findall(r"(\w+) IN \(('[^']*')", allowed))
        values = ", ".join(words.get(name, some.get(kind, "1")) for name, kind in dict(columns).items())
        copy.execute(f"INSERT INTO {stored(table)} ({', '.join(dict(columns))}) VALUES ({values})")
        assert (table, "nobody") in copy.execute(CHECKS["rows_trace_to_runs"].sql).fetchall(), key
    finally:
        copy.execute("ROLLBACK")


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        # Of an item too small to show in the sum of all; of numbers that are another draw's.
        ("system_parts_sum_to_totals", "UPDATE system_draws SET value = value * 1.001 WHERE item = 'tcb' AND part = 'hbm'"),
        ("suppliers_sum_to_industry", "UPDATE system_draws SET draw = 118 - draw"),
        ("system_draws_match_forecast", "UPDATE system_draws SET draw = 6 WHERE draw = 4"),
        ("system_draws_match_forecast", "UPDATE system_draws SET value = value * 1.5"),
        ("equipment_usd_is_tools_times_price", "UPDATE system_draws SET value = 0 WHERE measure = 'tools' AND draw = 4"),
    ],
)  # fmt: skip
def test_joint_draws_of_systems_that_are_not_joint_are_seen(copy, name, sql):
    copy.execute("BEGIN")
    try:
        copy.execute(sql)
        assert copy.execute(CHECKS[name].sql).fetchall()
    finally:
        copy.execute("ROLLBACK")


def test_findings_say_severity_rows_and_remedy(copy):
    copy.execute("BEGIN")
    try:
        copy.execute(PLANTED["forecast_quantiles_monotone"][0])
        (found,) = findings(copy, CHECKS["forecast_quantiles_monotone"])
    finally:
        copy.execute("ROLLBACK")
    assert (found.severity, found.n_rows) == ("error", 1)
    assert "hbm_bits_gb" in found.describe()
    assert "Remedy" in found.describe()


def test_a_check_that_cannot_run_has_not_passed(copy):
    copy.execute("BEGIN")
    try:
        copy.execute("ALTER TABLE recent_binding RENAME COLUMN stage TO stages")
        (found,) = findings(copy, CHECKS["binding_sums_to_one"])
    finally:
        copy.execute("ROLLBACK")
    assert found.severity == "error"
    assert "stage" in found.describe()


def test_check_without_header_is_refused(tmp_path):
    (tmp_path / "bad.sql").write_text(
        "-- check: x\n-- severity: error\n-- scope: run\nSELECT 1", encoding="utf-8"
    )
    with pytest.raises(ValueError, match="remedy"):
        load_checks(tmp_path)


def test_published_file_can_be_checked(two_nights):
    assert [f.name for f in check_published(two_nights)] == ["rejected_rows"]
