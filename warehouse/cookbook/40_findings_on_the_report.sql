-- Which of the findings on the report could be computed again from the figures, and do they still stand?
SELECT topic_group, outcome, count(*) AS findings, list(finding_id ORDER BY finding_id) AS which
FROM report_audit GROUP BY topic_group, outcome ORDER BY topic_group, outcome;
