UNION ALL SELECT {{name}}, {{keys}}::VARCHAR, list(version ORDER BY version) FROM {{table}} GROUP BY {{keys}}
