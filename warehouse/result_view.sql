-- Rows of all runs: those of the last in this file, those of earlier ones in the archive. A run that said what another had
-- said before has the other's rows, under its own name and as-of day.
CREATE OR REPLACE VIEW {{view}} AS
SELECT {{columns}}
FROM (FROM {{recent}} {{archived}}) f
JOIN run_rows h ON h.rows_of = f.run_id AND h.table_name = {{name}};
COMMENT ON VIEW {{view}} IS {{comment}};
