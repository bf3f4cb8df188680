-- As with the views of draws: after moving the state folder SET VARIABLE hbmcast_state = '<new folder>'.
CREATE OR REPLACE MACRO draws_of_run(of_run_id, of_quantity, in_period) AS TABLE
    SELECT d.draw, d.value::DOUBLE AS value
    FROM read_parquet(coalesce(getvariable('hbmcast_state'), {{state}}) || {{run_folder}} || of_run_id || '/*draws.parquet', hive_partitioning = false) d
    WHERE d.quantity = of_quantity AND d.period = in_period
    UNION ALL
    -- Series of systems are not among the forecasts of the chain: nothing is said of them here.
    SELECT error(m.message)::INTEGER, error(m.message)::DOUBLE FROM (SELECT CASE WHEN NOT contains(of_quantity, '/') THEN no_such_forecast(of_run_id, of_quantity, in_period) END AS message) m WHERE raised(m.message);
COMMENT ON MACRO TABLE draws_of_run IS 'draws_of_run(of_run_id, of_quantity, in_period): draw and value of an earlier run whose draws are still kept';
