"""A query that comes over a port: it selects from what is published, and reaches nothing else."""

import pytest

from warehouse.errors import WarehouseError
from warehouse.query import query


def asked(state, sql, **options):
    return query(state, sql, confined=True, **options).to_pylist()


def test_tables_draws_and_macros_answer(two_nights):
    assert asked(two_nights, "SELECT count(*) AS n FROM draws")[0]["n"] > 0
    assert asked(two_nights, "DESCRIBE draws")
    sql = "SELECT probability_above('hbm_revenue_usd', '2026', 5e10) AS p"
    assert asked(two_nights, sql) == query(two_nights, sql).to_pylist()


def test_a_column_of_another_house_is_answered_with_ours(two_nights):
    with pytest.raises(WarehouseError, match=r"no column 'Median'.*p50"):
        asked(two_nights, "SELECT Median FROM latest_forecast")


@pytest.mark.parametrize(
    "sql",
    [
        "PIVOT headline_forecast ON period USING first(p50) GROUP BY quantity",
        "WITH q AS (PIVOT (SELECT 1 AS a, 2 AS b) ON a USING sum(b)) FROM q",
        "SET VARIABLE level = 0.5; SELECT quantile_of('hbm_revenue_usd', '2026', getvariable('level')) AS p",
        "CREATE TEMP TABLE mine AS SELECT 1 AS a; FROM mine",
    ],
)
def test_what_writes_no_file_is_run(two_nights, sql):
    assert asked(two_nights, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO '{state}/draws/x.csv'",
        "COPY (PIVOT (SELECT 1 AS a, 2 AS b) ON a USING sum(b)) TO '{state}/draws/x.csv'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{state}/draws/x.csv'",
        "EXPORT DATABASE '{state}/draws/x'",
        "PREPARE p AS COPY (SELECT 1) TO '{state}/draws/x.csv'; EXECUTE p",
        "ATTACH '{state}/draws/x.duckdb'",
        "SET enable_external_access = true",
        "SET allow_unsigned_extensions = true",
        "SET memory_limit = '1TB'",
        "SELECT 1; COPY (SELECT 1) TO '{state}/draws/x.csv'",
    ],
)
def test_nothing_but_select_is_run(two_nights, sql):
    before = set(two_nights.rglob("*"))
    with pytest.raises(WarehouseError, match="only SELECT"):
        asked(two_nights, sql.format(state=two_nights))
    assert set(two_nights.rglob("*")) == before


@pytest.mark.parametrize(
    "sql",
    [
        "FROM read_text('{secret}')",
        "FROM read_blob('{secret}')",
        "FROM sniff_csv('{secret}')",
        "FROM read_csv('{state}/VERSION')",
        "FROM glob('{state}/*')",
    ],
)
def test_no_other_file_is_reached(two_nights, tmp_path, sql):
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret")
    (two_nights / "VERSION").write_text("1\n")
    with pytest.raises(WarehouseError, match="Permission"):
        asked(two_nights, sql.format(secret=secret, state=two_nights))


def test_memory_and_disk_are_limited(two_nights):
    sql = (
        "SELECT current_setting('memory_limit') AS memory, current_setting('max_temp_directory_size') AS disk"
    )
    (confined,), (free,) = asked(two_nights, sql), query(two_nights, sql).to_pylist()
    assert confined["disk"] == "9.3 GiB"  # 10 GB
    # Half of the machine's, where DuckDB alone would take four fifths.
    assert confined["memory"] != free["memory"]


def test_a_query_that_never_ends_is_ended(two_nights):
    endless = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range + b.range = -1"
    with pytest.raises(WarehouseError, match=r"took longer than 0\.3 s"):
        asked(two_nights, endless, seconds=0.3)
