-- Evidence: the rows in force. These views need the tables of evidence and nothing else, so that they can be laid over
-- what had been taken in by an earlier moment; the views of the tables that carry only their own dates are generated.

CREATE MACRO effective_date(printed, printed_precision) AS (
    -- When a statement starts to exist: a month-only date counts from the month's end, a year-only one from 31 December.
    CASE
        WHEN printed_precision = 'year' OR length(printed) = 4 THEN make_date(TRY_CAST(left(printed, 4) AS BIGINT), 12, 31)
        WHEN printed_precision = 'month' OR length(printed) = 7 THEN last_day(TRY_CAST(left(printed, 7) || '-01' AS DATE))
        ELSE TRY_CAST(printed AS DATE)
    END
);
COMMENT ON MACRO effective_date IS 'effective_date(printed, precision): first day on which a statement dated so counts as known';

CREATE VIEW sources_current AS
SELECT *,
    -- Known from the end of the printed span, or from the day it was read where that is earlier.
    -- Of a date that can't be read it is none: least() alone would take the other.
    CASE WHEN effective_date(published_on, published_precision) IS NOT NULL THEN least(
        effective_date(published_on, published_precision),
        greatest(effective_date(nullif(accessed_on, ''), NULL), TRY_CAST(left(published_on || '-01-01', 10) AS DATE))
    ) END AS effective_published_on
FROM (FROM sources QUALIFY row_number() OVER (PARTITION BY source_id ORDER BY version DESC) = 1) latest
WHERE NOT withdrawn;
COMMENT ON VIEW sources_current IS 'Latest version of each source, with the day from which it counts as known';
COMMENT ON COLUMN sources_current.effective_published_on IS 'Day from which it counts as known';

CREATE VIEW figures_current AS
SELECT f.*, s.publisher, s.relayed_by, s.title, s.url, s.published_on, s.published_precision, s.accessed_on, s.effective_published_on
FROM (FROM figures QUALIFY row_number() OVER (PARTITION BY figure_id ORDER BY version DESC) = 1) f
LEFT JOIN sources_current s USING (source_id)
WHERE NOT f.withdrawn;
COMMENT ON VIEW figures_current IS 'Latest version of each figure with its source; effective_published_on is the day from which it counts as known';
COMMENT ON COLUMN figures_current.effective_published_on IS 'Day from which it counts as known';

CREATE VIEW metrics_current AS
FROM (FROM metrics QUALIFY row_number() OVER (PARTITION BY metric, entity, segment, unit ORDER BY version DESC) = 1) latest
WHERE NOT withdrawn;
COMMENT ON VIEW metrics_current IS 'Latest version of each mapping rule';

CREATE VIEW products_current AS
SELECT *, effective_date(announced_on, NULL) AS effective_announced_on
FROM (FROM products QUALIFY row_number() OVER (PARTITION BY vendor, product, announced_on ORDER BY version DESC) = 1) latest
WHERE NOT withdrawn;
COMMENT ON VIEW products_current IS 'Latest version of each product, with the day from which it counts as known';
COMMENT ON COLUMN products_current.effective_announced_on IS 'Day from which it counts as known';

CREATE VIEW assumptions_current AS
SELECT *, effective_date(known_since, NULL) AS effective_known_since
FROM (FROM assumptions QUALIFY row_number() OVER (PARTITION BY assumption, known_since ORDER BY version DESC) = 1) latest
WHERE NOT withdrawn;
COMMENT ON VIEW assumptions_current IS 'Latest version of each assumption, with the day from which it counts as known; one with several rows holds as the latest known says';
COMMENT ON COLUMN assumptions_current.effective_known_since IS 'Day from which it counts as known';

CREATE VIEW corrections_current AS
FROM (FROM corrections QUALIFY row_number() OVER (PARTITION BY figure_id, field ORDER BY version DESC) = 1) latest
WHERE NOT withdrawn;
COMMENT ON VIEW corrections_current IS 'Latest version of each correction';

CREATE VIEW exchange_rates_current AS
FROM (FROM exchange_rates QUALIFY row_number() OVER (PARTITION BY currency, year ORDER BY version DESC) = 1) latest
WHERE NOT withdrawn;
COMMENT ON VIEW exchange_rates_current IS 'Latest version of each exchange rate';

CREATE VIEW rejected_current AS
FROM (FROM rejected_figures QUALIFY row_number() OVER (PARTITION BY file, row_number, field, reason ORDER BY version DESC) = 1) latest
WHERE NOT withdrawn;
COMMENT ON VIEW rejected_current IS 'Rows of the evidence files that are refused at present';
