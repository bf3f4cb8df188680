INSERT INTO {{table}} BY NAME
FROM (FROM private.{{table}} WHERE ingested_at <= $moment QUALIFY row_number() OVER (PARTITION BY {{keys}} ORDER BY version DESC) = 1)
WHERE NOT withdrawn;
