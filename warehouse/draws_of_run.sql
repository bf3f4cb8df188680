-- As with the views of draws: after moving the state folder SET VARIABLE hbmcast_state = '<new folder>'.
CREATE OR REPLACE MACRO draws_of_run(of_run_id, of_quantity, in_period) AS TABLE
    WITH found AS MATERIALIZED (
        SELECT d.draw, d.value::DOUBLE AS value
        FROM read_parquet(coalesce(getvariable('hbmcast_state'), {{state}}) || {{run_folder}} || coalesce(of_run_id, 'NULL') || '/*draws.parquet', hive_partitioning = false) d
        WHERE d.quantity = of_quantity AND d.period = in_period
    )
    SELECT f.draw, f.value FROM found f
    UNION ALL
    -- Series of systems are not among the forecasts of the chain: their draws alone say whether there are any.
    SELECT error(m.message)::INTEGER, error(m.message)::DOUBLE FROM (
        SELECT CASE
            WHEN NOT coalesce(contains(of_quantity, '/'), false) THEN no_such_forecast(of_run_id, of_quantity, in_period)
            WHEN NOT EXISTS (FROM found) THEN 'no draws of ' || of_quantity || ' in ' || coalesce(in_period, 'NULL') || ' in run ' || of_run_id || '; nearest: ' || nearest_quantities(of_quantity)
        END AS message
    ) m WHERE raised(m.message);
COMMENT ON MACRO TABLE draws_of_run IS 'draws_of_run(of_run_id, of_quantity, in_period): draw and value of an earlier run whose draws are still kept';
