-- check: No row of the evidence files is refused
-- severity: warning
-- scope: evidence
-- remedy: see the view rejected_current for each row, its reason and remedy
SELECT file, row_number, field, value, reason, remedy FROM rejected_current ORDER BY ALL;
