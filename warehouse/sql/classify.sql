-- What the staged rows are against the latest version of each: new, changed or unchanged.
CREATE OR REPLACE TEMP TABLE latest_version AS
FROM {{table}} QUALIFY row_number() OVER (PARTITION BY {{keys}} ORDER BY version DESC) = 1;
CREATE OR REPLACE TEMP TABLE classified AS
SELECT {{staged_columns}}, coalesce(c.version, 0) AS old_version,
    CASE
        WHEN c.version IS NULL THEN 'new'
        -- The values themselves are compared, not their hashes: another release may print a number differently.
        WHEN c.withdrawn OR row({{staged_columns}}) IS DISTINCT FROM row({{current_columns}}) THEN 'changed'
        ELSE 'unchanged'
    END AS outcome
FROM staged s LEFT JOIN latest_version c ON {{key_match}};
