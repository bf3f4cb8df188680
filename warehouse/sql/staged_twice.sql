SELECT {{keys}}, count(*) AS n FROM staged GROUP BY {{keys}} HAVING n > 1 ORDER BY ALL LIMIT 5;
