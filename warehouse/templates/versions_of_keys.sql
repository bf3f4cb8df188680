UNION ALL SELECT {{name}}, row({{keys}})::VARCHAR, list(version ORDER BY version) FROM {{table}} GROUP BY {{keys}}
