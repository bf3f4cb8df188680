-- Equal numbers of rows, and none of the one that is not among the other's.
SELECT (SELECT count(*) FROM {{table}} WHERE run_id = $run_id) = (SELECT count(*) FROM {{table}} WHERE run_id = $rows_of)
    AND NOT EXISTS (
        SELECT {{columns}} FROM {{table}} WHERE run_id = $run_id
        EXCEPT ALL SELECT {{columns}} FROM {{table}} WHERE run_id = $rows_of
    );
