-- A row that is private now takes the place of the one that was not.
DELETE FROM {{table}} t WHERE EXISTS (
    FROM (FROM private.{{table}} WHERE ingested_at <= $moment QUALIFY row_number() OVER (PARTITION BY {{keys}} ORDER BY version DESC) = 1) p
    WHERE NOT p.withdrawn AND {{key_match}}
);
