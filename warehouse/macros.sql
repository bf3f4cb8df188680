-- Questions to the joint draws of the run served (views draws and system_draws). Every answer comes from the same draws, so
-- ratios, conditions and joint probabilities are right. A quantity is one of the chain, or a series of a system by its name
-- system/item/measure/part ('equipment/tcb/usd/total'); with both in one question, the draws that both have answer it.
-- Levels of quantiles lie between 0 and 1: 0.95 is the 95 % quantile.
-- Arguments may be named with :=; no argument may have the name of a column. A run, quantity or period that is not there is
-- an error that names the nearest ones, not a NULL and not no rows.

-- Stands in a condition, since a column that nobody asks for is never computed; where others set conditions on a column
-- of the same row it stands there too, since a row that can't meet them is dropped unseen.
CREATE MACRO raised(message) AS (
    CASE WHEN message IS NOT NULL THEN error(message)::BOOLEAN ELSE false END
);
COMMENT ON MACRO raised IS 'raised(message): an error with this message; false where it is NULL';

CREATE MACRO has_draws(of_quantity, in_period) AS (
    EXISTS (SELECT 1 FROM draws d WHERE d.quantity = of_quantity AND d.period = in_period)
    OR EXISTS (SELECT 1 FROM system_draws s WHERE s.quantity = of_quantity AND s.period = in_period)
);
COMMENT ON MACRO has_draws IS 'has_draws(of_quantity, in_period): whether the run served has draws of it';

CREATE MACRO nearest_quantities(of_quantity) AS (
    SELECT string_agg(n.quantity, ', ') FROM (
        SELECT k.quantity FROM (SELECT DISTINCT f.quantity FROM latest_forecast f UNION ALL SELECT DISTINCT s.quantity FROM system_draws s) k
        ORDER BY contains(k.quantity, of_quantity) DESC, jaro_winkler_similarity(k.quantity, of_quantity) DESC, k.quantity LIMIT 5
    ) n
);
COMMENT ON MACRO nearest_quantities IS 'nearest_quantities(of_quantity): quantities with draws whose names are most like a word';

-- Both subqueries stand behind a condition, so that the names are only read where one is wrong.
CREATE MACRO no_such_draws(of_quantity, in_period) AS (
    SELECT CASE
        WHEN of_quantity IS NULL OR in_period IS NULL THEN 'a quantity and a period are wanted, not NULL'
        WHEN NOT EXISTS (SELECT 1 FROM draws) THEN 'the run served has no draws any more; hbmcast nightly --force makes a run that has'
        WHEN p.periods IS NULL THEN 'no draws of ' || of_quantity || ' in ' || in_period || ': there is no such quantity; nearest: ' || nearest_quantities(of_quantity)
        ELSE 'no draws of ' || of_quantity || ' in ' || in_period || ': there is no such period; nearest: ' || p.periods
    END
    FROM (
        SELECT string_agg(n.period, ', ') AS periods FROM (
            SELECT k.period FROM (
                SELECT DISTINCT f.period FROM latest_forecast f WHERE f.quantity = of_quantity
                UNION SELECT DISTINCT s.period FROM system_draws s WHERE s.quantity = of_quantity
            ) k
            -- A year for a year, and the nearest in time: 2027 for 2030. What is no period is a misspelt one.
            ORDER BY CASE WHEN regexp_full_match(in_period, '[0-9]{4}(Q[1-4])?') THEN
                    abs(length(k.period) - length(in_period)) * 1000 + abs(left(k.period, 4)::INTEGER - left(in_period, 4)::INTEGER)
                END,
                jaro_winkler_similarity(k.period, in_period) DESC, k.period LIMIT 5
        ) n
    ) p
    WHERE NOT coalesce(has_draws(of_quantity, in_period), false)
);
COMMENT ON MACRO no_such_draws IS 'no_such_draws(of_quantity, in_period): what is wrong with the names and what comes nearest; NULL where there are draws';

CREATE MACRO checked_level(level) AS (
    CASE WHEN level BETWEEN 0 AND 1 THEN true
    ELSE error('level ' || coalesce(level::VARCHAR, 'NULL') || ' is no level of a quantile: write it between 0 and 1, as 0.95 for the 95 % quantile') END
);
COMMENT ON MACRO checked_level IS 'checked_level(level): true, or an error where it does not lie between 0 and 1';

CREATE MACRO checked_number(number) AS (
    CASE WHEN number IS NOT NULL AND NOT isnan(number::DOUBLE) THEN true
    ELSE error('a number is wanted to compare with, not ' || coalesce(number::VARCHAR, 'NULL')) END
);
COMMENT ON MACRO checked_number IS 'checked_number(number): true, or an error where it is NULL or not a number';

CREATE MACRO draws_of(of_quantity, in_period) AS TABLE
    SELECT d.draw, d.value::DOUBLE AS value FROM draws d WHERE d.quantity = of_quantity AND d.period = in_period
    UNION ALL
    SELECT s.draw, s.value::DOUBLE FROM system_draws s WHERE s.quantity = of_quantity AND s.period = in_period
    UNION ALL
    SELECT error(m.message)::INTEGER, error(m.message)::DOUBLE FROM (SELECT no_such_draws(of_quantity, in_period) AS message) m WHERE raised(m.message);
COMMENT ON MACRO TABLE draws_of IS 'draws_of(of_quantity, in_period): draw and value';

CREATE MACRO nearest_runs(of_run_id) AS (
    SELECT string_agg(n.run_id, ', ') FROM (
        SELECT r.run_id FROM runs r WHERE r.status = 'published' ORDER BY jaro_winkler_similarity(r.run_id, of_run_id) DESC, r.run_number DESC LIMIT 3
    ) n
);
COMMENT ON MACRO nearest_runs IS 'nearest_runs(of_run_id): published runs whose ids are most like a word';

CREATE MACRO no_such_forecast(of_run_id, of_quantity, in_period) AS (
    SELECT CASE
        WHEN of_run_id IS NULL OR of_quantity IS NULL OR in_period IS NULL THEN 'a run, a quantity and a period are wanted, not NULL'
        WHEN NOT EXISTS (SELECT 1 FROM forecast f WHERE f.run_id = of_run_id) THEN 'no published run ' || of_run_id || '; nearest: ' || coalesce(nearest_runs(of_run_id), 'none')
        WHEN NOT EXISTS (SELECT 1 FROM forecast f WHERE f.run_id = of_run_id AND f.quantity = of_quantity)
            THEN 'no draws of ' || of_quantity || ' in run ' || of_run_id || '; nearest: ' || nearest_quantities(of_quantity)
        WHEN NOT EXISTS (SELECT 1 FROM forecast f WHERE f.run_id = of_run_id AND f.quantity = of_quantity AND f.period = in_period)
            THEN 'no draws of ' || of_quantity || ' in ' || in_period || '; periods are years and quarters, as 2027 and 2027Q4'
    END
);
COMMENT ON MACRO no_such_forecast IS 'no_such_forecast(of_run_id, of_quantity, in_period): what is wrong with the names; NULL where the run has such a forecast';

CREATE MACRO ratio_draws(of_numerator, to_denominator, in_period) AS TABLE
    SELECT n.draw, n.value / nullif(d.value, 0) AS value
    FROM draws_of(of_numerator, in_period) n JOIN draws_of(to_denominator, in_period) d ON d.draw = n.draw;
COMMENT ON MACRO TABLE ratio_draws IS 'ratio_draws(of_numerator, to_denominator, in_period): draw and ratio of two quantities in one period';

CREATE MACRO growth_draws(of_quantity, in_period, from_period) AS TABLE
    SELECT a.draw, a.value / nullif(b.value, 0) - 1 AS value
    FROM draws_of(of_quantity, in_period) a JOIN draws_of(of_quantity, from_period) b ON b.draw = a.draw;
COMMENT ON MACRO TABLE growth_draws IS 'growth_draws(of_quantity, in_period, from_period): draw and growth as a fraction (0.5 is 50 %)';

CREATE MACRO paired_draws(of_quantity, in_period, with_quantity, with_period) AS TABLE
    SELECT a.draw, a.value, b.value AS other_value
    FROM draws_of(of_quantity, in_period) a JOIN draws_of(with_quantity, with_period) b ON b.draw = a.draw;
COMMENT ON MACRO TABLE paired_draws IS 'paired_draws(of_quantity, in_period, with_quantity, with_period): draw, value, other_value';

CREATE MACRO quantiles_of(of_quantity, in_period) AS TABLE
    SELECT unnest([50, 100, 250, 500, 750, 900, 950]) AS level_per_mille, unnest(q.quantiles) AS value
    FROM (SELECT quantile_cont(x.value, [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]) AS quantiles FROM draws_of(of_quantity, in_period) x) q;
COMMENT ON MACRO TABLE quantiles_of IS 'quantiles_of(of_quantity, in_period): level_per_mille and value';

CREATE MACRO quantile_of(of_quantity, in_period, level) AS (
    SELECT CASE WHEN NOT checked_level(level) THEN NULL WHEN count(*) = 0 THEN error('no draws of ' || of_quantity || ' in ' || in_period) ELSE quantile_cont(x.value, least(greatest(level, 0), 1)) END
    FROM draws_of(of_quantity, in_period) x
);
COMMENT ON MACRO quantile_of IS 'quantile_of(of_quantity, in_period, level): level between 0 and 1, 0.95 is the 95 % quantile';

CREATE MACRO probability_above(of_quantity, in_period, level) AS (
    SELECT CASE WHEN NOT (checked_number(level)) THEN NULL WHEN count(*) = 0 THEN error('no draws of ' || of_quantity || ' in ' || in_period) ELSE avg((x.value > level)::INTEGER) END
    FROM draws_of(of_quantity, in_period) x
);
COMMENT ON MACRO probability_above IS 'probability_above(of_quantity, in_period, level): probability that the quantity is above level, in its unit';

CREATE MACRO quantile_of_ratio(of_numerator, to_denominator, in_period, level) AS (
    SELECT CASE WHEN NOT checked_level(level) THEN NULL WHEN count(*) = 0 THEN error('no draws of ' || of_numerator || ' and ' || to_denominator || ' in ' || in_period) ELSE quantile_cont(x.value, least(greatest(level, 0), 1)) END
    FROM ratio_draws(of_numerator, to_denominator, in_period) x
);
COMMENT ON MACRO quantile_of_ratio IS 'quantile_of_ratio(of_numerator, to_denominator, in_period, level): level between 0 and 1, 0.95 is the 95 % quantile';

CREATE MACRO probability_of_ratio_above(of_numerator, to_denominator, in_period, level) AS (
    SELECT CASE WHEN NOT (checked_number(level)) THEN NULL WHEN count(*) = 0 THEN error('no draws of ' || of_numerator || ' and ' || to_denominator || ' in ' || in_period) ELSE avg((x.value > level)::INTEGER) END
    FROM ratio_draws(of_numerator, to_denominator, in_period) x
);
COMMENT ON MACRO probability_of_ratio_above IS 'probability_of_ratio_above(of_numerator, to_denominator, in_period, level)';

CREATE MACRO probability_of_growth_above(of_quantity, in_period, from_period, growth) AS (
    SELECT CASE WHEN NOT (checked_number(growth)) THEN NULL WHEN count(*) = 0 THEN error('no draws of ' || of_quantity || ' in ' || in_period || ' and ' || from_period) ELSE avg((x.value > growth)::INTEGER) END
    FROM growth_draws(of_quantity, in_period, from_period) x
);
COMMENT ON MACRO probability_of_growth_above IS 'probability_of_growth_above(of_quantity, in_period, from_period, growth): growth as a fraction, 0.5 is 50 %';

CREATE MACRO probability_both_above(of_quantity, in_period, level, and_quantity, and_period, and_level) AS (
    SELECT CASE WHEN NOT (checked_number(level) AND checked_number(and_level)) THEN NULL WHEN count(*) = 0 THEN error('no draws of ' || of_quantity || ' in ' || in_period || ' and ' || and_quantity || ' in ' || and_period)
        ELSE avg((x.value > level AND x.other_value > and_level)::INTEGER) END
    FROM paired_draws(of_quantity, in_period, and_quantity, and_period) x
);
COMMENT ON MACRO probability_both_above IS 'probability_both_above(of_quantity, in_period, level, and_quantity, and_period, and_level)';

CREATE MACRO probability_above_given_above(of_quantity, in_period, level, given_quantity, given_period, given_level) AS (
    SELECT CASE WHEN NOT (checked_number(level) AND checked_number(given_level)) THEN NULL WHEN count(*) = 0 THEN error('no draw has ' || given_quantity || ' in ' || given_period || ' above ' || given_level) ELSE avg((x.value > level)::INTEGER) END
    FROM paired_draws(of_quantity, in_period, given_quantity, given_period) x WHERE x.other_value > given_level
);
COMMENT ON MACRO probability_above_given_above IS 'probability_above_given_above(of_quantity, in_period, level, given_quantity, given_period, given_level)';

CREATE MACRO correlation_of(of_quantity, in_period, with_quantity, with_period) AS (
    SELECT CASE WHEN count(*) = 0 THEN error('no draws of ' || of_quantity || ' in ' || in_period || ' and ' || with_quantity || ' in ' || with_period) ELSE corr(x.value, x.other_value) END
    FROM paired_draws(of_quantity, in_period, with_quantity, with_period) x
);
COMMENT ON MACRO correlation_of IS 'correlation_of(of_quantity, in_period, with_quantity, with_period): Pearson correlation over draws';

CREATE MACRO quantile_given_above(of_quantity, in_period, level, given_quantity, given_period, given_level) AS (
    SELECT CASE WHEN NOT (checked_number(given_level)) THEN NULL WHEN NOT checked_level(level) THEN NULL WHEN count(*) = 0 THEN error('no draw has ' || given_quantity || ' in ' || given_period || ' above ' || given_level) ELSE quantile_cont(x.value, least(greatest(level, 0), 1)) END
    FROM paired_draws(of_quantity, in_period, given_quantity, given_period) x WHERE x.other_value > given_level
);
COMMENT ON MACRO quantile_given_above IS 'quantile_given_above(of_quantity, in_period, level, given_quantity, given_period, given_level): level between 0 and 1, 0.95 is the 95 % quantile';

CREATE MACRO quantile_given_below(of_quantity, in_period, level, given_quantity, given_period, given_level) AS (
    SELECT CASE WHEN NOT (checked_number(given_level)) THEN NULL WHEN NOT checked_level(level) THEN NULL WHEN count(*) = 0 THEN error('no draw has ' || given_quantity || ' in ' || given_period || ' below ' || given_level) ELSE quantile_cont(x.value, least(greatest(level, 0), 1)) END
    FROM paired_draws(of_quantity, in_period, given_quantity, given_period) x WHERE x.other_value < given_level
);
COMMENT ON MACRO quantile_given_below IS 'quantile_given_below(of_quantity, in_period, level, given_quantity, given_period, given_level): level between 0 and 1, 0.95 is the 95 % quantile';

CREATE MACRO interval_given_above(of_quantity, in_period, given_quantity, given_period, given_level) AS TABLE
    SELECT quantile_cont(x.value, 0.05) AS p05, quantile_cont(x.value, 0.25) AS p25, quantile_cont(x.value, 0.5) AS p50,
        quantile_cont(x.value, 0.75) AS p75, quantile_cont(x.value, 0.95) AS p95, avg(x.value) AS mean, count(*) AS n_draws
    FROM paired_draws(of_quantity, in_period, given_quantity, given_period) x WHERE x.other_value > given_level
    HAVING checked_number(given_level) AND NOT raised(CASE WHEN count(*) = 0 THEN 'no draw has ' || given_quantity || ' in ' || given_period || ' above ' || given_level END);
COMMENT ON MACRO TABLE interval_given_above IS 'interval_given_above(of_quantity, in_period, given_quantity, given_period, given_level): quantiles of of_quantity over the n_draws draws in which given_quantity is above given_level';

CREATE MACRO interval_given_below(of_quantity, in_period, given_quantity, given_period, given_level) AS TABLE
    SELECT quantile_cont(x.value, 0.05) AS p05, quantile_cont(x.value, 0.25) AS p25, quantile_cont(x.value, 0.5) AS p50,
        quantile_cont(x.value, 0.75) AS p75, quantile_cont(x.value, 0.95) AS p95, avg(x.value) AS mean, count(*) AS n_draws
    FROM paired_draws(of_quantity, in_period, given_quantity, given_period) x WHERE x.other_value < given_level
    HAVING checked_number(given_level) AND NOT raised(CASE WHEN count(*) = 0 THEN 'no draw has ' || given_quantity || ' in ' || given_period || ' below ' || given_level END);
COMMENT ON MACRO TABLE interval_given_below IS 'interval_given_below(of_quantity, in_period, given_quantity, given_period, given_level): quantiles of of_quantity over the n_draws draws in which given_quantity is below given_level';

CREATE MACRO forecast_as_of(day) AS TABLE
    SELECT f.* FROM forecast f
    WHERE f.run_id = (SELECT r.run_id FROM runs r WHERE r.status = 'published' AND r.as_of <= day::DATE ORDER BY r.as_of DESC, r.run_number DESC LIMIT 1)
        OR raised(CASE WHEN day IS NULL THEN 'a day is wanted, as ''2026-12-31'', not NULL' END);
COMMENT ON MACRO TABLE forecast_as_of IS 'forecast_as_of(day): the published forecast with the latest as_of not after day; no rows where there is none (hbmcast nightly --as-of DAY makes one)';

CREATE MACRO changes_between(earlier_run_id, later_run_id) AS TABLE
    SELECT a.quantity, a.period, a.unit, a.p05 AS earlier_p05, a.p50 AS earlier_p50, a.p95 AS earlier_p95,
        b.p05 AS later_p05, b.p50 AS later_p50, b.p95 AS later_p95, b.p50 / nullif(a.p50, 0) - 1 AS change_of_median
    FROM forecast a JOIN forecast b ON b.quantity = a.quantity AND b.period = a.period
    WHERE a.run_id = earlier_run_id AND b.run_id = later_run_id
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM (SELECT unnest([earlier_run_id, later_run_id]) AS run_id) m
    WHERE raised(CASE WHEN NOT EXISTS (SELECT 1 FROM forecast f WHERE f.run_id = m.run_id) THEN 'no published run ' || coalesce(m.run_id, 'NULL') || '; nearest: ' || coalesce(nearest_runs(m.run_id), 'none') END);
COMMENT ON MACRO TABLE changes_between IS 'changes_between(earlier_run_id, later_run_id): medians and 90 % intervals side by side';

CREATE MACRO no_such_news(of_quantity, in_period, since_which) AS (
    SELECT CASE
        WHEN of_quantity IS NULL OR in_period IS NULL OR since_which IS NULL THEN 'a quantity, a period and since when are wanted, not NULL'
        WHEN since_which NOT IN ('last run', 'month ago') THEN 'news is told since the ''last run'' or a ''month ago'', not since ''' || since_which || ''''
        WHEN NOT EXISTS (SELECT 1 FROM latest_forecast f WHERE f.quantity = of_quantity) THEN 'no news of ' || of_quantity || ': there is no such quantity; nearest: ' || nearest_quantities(of_quantity)
        WHEN NOT EXISTS (SELECT 1 FROM latest_forecast f WHERE f.quantity = of_quantity AND f.period = in_period)
            THEN 'no news of ' || of_quantity || ' in ' || in_period || '; periods are years and quarters, as 2027 and 2027Q4'
        ELSE (
            SELECT 'news is not told of ' || of_quantity || ' in ' || in_period || ', but of ' || string_agg(DISTINCT n.quantity, ', ' ORDER BY n.quantity) || ' in ' || string_agg(DISTINCT n.period, ', ' ORDER BY n.period)
            FROM recent_news n JOIN served_rows r ON r.table_name = 'news' AND r.rows_of = n.run_id
            HAVING count(*) > 0 AND NOT coalesce(bool_or(n.quantity = of_quantity AND n.period = in_period), false)
        )
    END
);
COMMENT ON MACRO no_such_news IS 'no_such_news(of_quantity, in_period, since_which): what is wrong with the names; NULL where news is told of it, or the run served says none at all (a first run)';

CREATE MACRO news_of(of_quantity, in_period, since_which) AS TABLE
    SELECT n.part, n.publisher, n.about, n.known_on, n.p50, n.error_p50, n.p05, n.error_p05, n.p95, n.error_p95, n.unit, n.figure_ids, n.pareto_k,
        n.earlier_run_id, n.earlier_as_of, n.earlier_p05, n.earlier_p50, n.earlier_p95
    FROM recent_news n JOIN served_rows r ON r.table_name = 'news' AND r.rows_of = n.run_id
    WHERE n.quantity = of_quantity AND n.period = in_period AND n.since = since_which
    UNION ALL
    SELECT error(m.message)::VARCHAR, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM (SELECT no_such_news(of_quantity, in_period, since_which) AS message) m WHERE raised(m.message)
    ORDER BY part = 'whole' DESC, abs(p50) DESC;
COMMENT ON MACRO TABLE news_of IS 'news_of(of_quantity, in_period, since_which): what moved the forecast served since the ''last run'' or a ''month ago'': the whole move of median and 90 % interval, then its parts, largest first';
