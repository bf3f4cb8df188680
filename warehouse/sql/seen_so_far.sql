-- Runs there were, and the most rows that any table of the published file had.
SELECT (SELECT count(*) FROM previous.runs), (SELECT coalesce(max(row_count), 0) FROM previous.builds);
