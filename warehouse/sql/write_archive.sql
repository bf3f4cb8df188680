-- In the order of the runs: a reader of one run skips the row groups of others.
COPY (FROM previous.{{table}} WHERE list_contains($runs, run_id) ORDER BY run_id) TO {{path}} (FORMAT parquet, COMPRESSION zstd);
