-- Questions to the joint draws of the run served (views draws and system_draws). Every answer comes from the same draws, so
-- ratios, conditions and joint probabilities are right. A quantity is one of the chain, or a series of a system by its name
-- system/item/measure/part ('equipment/tcb/usd/total'); with both in one question, the draws that both have answer it.
-- Quantile levels are integers per mille: 50 is the 5 % quantile.
-- Arguments may be named with :=; no argument may have the name of a column. A quantity or period without draws is an
-- error, not a NULL.

CREATE MACRO draws_of(of_quantity, in_period) AS TABLE
    SELECT d.draw, d.value::DOUBLE AS value FROM draws d WHERE d.quantity = of_quantity AND d.period = in_period
    UNION ALL
    SELECT s.draw, s.value::DOUBLE FROM system_draws s WHERE s.quantity = of_quantity AND s.period = in_period;
COMMENT ON MACRO TABLE draws_of IS 'draws_of(of_quantity, in_period): draw and value';

CREATE MACRO draws_of_run(of_run_id, of_quantity, in_period) AS TABLE
    SELECT d.draw, d.value::DOUBLE AS value
    FROM read_parquet(coalesce(getvariable('hbmcast_state'), {{state}}) || {{run_folder}} || of_run_id || '/*draws.parquet', hive_partitioning = false) d
    WHERE d.quantity = of_quantity AND d.period = in_period;
COMMENT ON MACRO TABLE draws_of_run IS 'draws_of_run(of_run_id, of_quantity, in_period): draw and value of an earlier run whose draws are still kept';

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

CREATE MACRO quantile_of(of_quantity, in_period, level_per_mille) AS (
    SELECT CASE WHEN count(*) = 0 THEN error('no draws of ' || of_quantity || ' in ' || in_period) ELSE quantile_cont(x.value, level_per_mille / 1000) END
    FROM draws_of(of_quantity, in_period) x
);
COMMENT ON MACRO quantile_of IS 'quantile_of(of_quantity, in_period, level_per_mille)';

CREATE MACRO probability_above(of_quantity, in_period, level) AS (
    SELECT CASE WHEN count(*) = 0 THEN error('no draws of ' || of_quantity || ' in ' || in_period) ELSE avg((x.value > level)::INTEGER) END
    FROM draws_of(of_quantity, in_period) x
);
COMMENT ON MACRO probability_above IS 'probability_above(of_quantity, in_period, level): probability that the quantity is above level, in its unit';

CREATE MACRO quantile_of_ratio(of_numerator, to_denominator, in_period, level_per_mille) AS (
    SELECT CASE WHEN count(*) = 0 THEN error('no draws of ' || of_numerator || ' and ' || to_denominator || ' in ' || in_period) ELSE quantile_cont(x.value, level_per_mille / 1000) END
    FROM ratio_draws(of_numerator, to_denominator, in_period) x
);
COMMENT ON MACRO quantile_of_ratio IS 'quantile_of_ratio(of_numerator, to_denominator, in_period, level_per_mille)';

CREATE MACRO probability_of_ratio_above(of_numerator, to_denominator, in_period, level) AS (
    SELECT CASE WHEN count(*) = 0 THEN error('no draws of ' || of_numerator || ' and ' || to_denominator || ' in ' || in_period) ELSE avg((x.value > level)::INTEGER) END
    FROM ratio_draws(of_numerator, to_denominator, in_period) x
);
COMMENT ON MACRO probability_of_ratio_above IS 'probability_of_ratio_above(of_numerator, to_denominator, in_period, level)';

CREATE MACRO probability_of_growth_above(of_quantity, in_period, from_period, growth) AS (
    SELECT CASE WHEN count(*) = 0 THEN error('no draws of ' || of_quantity || ' in ' || in_period || ' and ' || from_period) ELSE avg((x.value > growth)::INTEGER) END
    FROM growth_draws(of_quantity, in_period, from_period) x
);
COMMENT ON MACRO probability_of_growth_above IS 'probability_of_growth_above(of_quantity, in_period, from_period, growth): growth as a fraction, 0.5 is 50 %';

CREATE MACRO probability_both_above(of_quantity, in_period, level, and_quantity, and_period, and_level) AS (
    SELECT CASE WHEN count(*) = 0 THEN error('no draws of ' || of_quantity || ' in ' || in_period || ' and ' || and_quantity || ' in ' || and_period)
        ELSE avg((x.value > level AND x.other_value > and_level)::INTEGER) END
    FROM paired_draws(of_quantity, in_period, and_quantity, and_period) x
);
COMMENT ON MACRO probability_both_above IS 'probability_both_above(of_quantity, in_period, level, and_quantity, and_period, and_level)';

CREATE MACRO probability_above_given_above(of_quantity, in_period, level, given_quantity, given_period, given_level) AS (
    SELECT CASE WHEN count(*) = 0 THEN error('no draw has ' || given_quantity || ' in ' || given_period || ' above the given level') ELSE avg((x.value > level)::INTEGER) END
    FROM paired_draws(of_quantity, in_period, given_quantity, given_period) x WHERE x.other_value > given_level
);
COMMENT ON MACRO probability_above_given_above IS 'probability_above_given_above(of_quantity, in_period, level, given_quantity, given_period, given_level)';

CREATE MACRO correlation_of(of_quantity, in_period, with_quantity, with_period) AS (
    SELECT CASE WHEN count(*) = 0 THEN error('no draws of ' || of_quantity || ' in ' || in_period || ' and ' || with_quantity || ' in ' || with_period) ELSE corr(x.value, x.other_value) END
    FROM paired_draws(of_quantity, in_period, with_quantity, with_period) x
);
COMMENT ON MACRO correlation_of IS 'correlation_of(of_quantity, in_period, with_quantity, with_period): Pearson correlation over draws';

CREATE MACRO quantile_given_above(of_quantity, in_period, level_per_mille, given_quantity, given_period, given_level) AS (
    SELECT CASE WHEN count(*) = 0 THEN error('no draw has ' || given_quantity || ' in ' || given_period || ' above the given level') ELSE quantile_cont(x.value, level_per_mille / 1000) END
    FROM paired_draws(of_quantity, in_period, given_quantity, given_period) x WHERE x.other_value > given_level
);
COMMENT ON MACRO quantile_given_above IS 'quantile_given_above(of_quantity, in_period, level_per_mille, given_quantity, given_period, given_level)';

CREATE MACRO quantile_given_below(of_quantity, in_period, level_per_mille, given_quantity, given_period, given_level) AS (
    SELECT CASE WHEN count(*) = 0 THEN error('no draw has ' || given_quantity || ' in ' || given_period || ' below the given level') ELSE quantile_cont(x.value, level_per_mille / 1000) END
    FROM paired_draws(of_quantity, in_period, given_quantity, given_period) x WHERE x.other_value < given_level
);
COMMENT ON MACRO quantile_given_below IS 'quantile_given_below(of_quantity, in_period, level_per_mille, given_quantity, given_period, given_level)';

CREATE MACRO interval_given_above(of_quantity, in_period, given_quantity, given_period, given_level) AS TABLE
    SELECT quantile_cont(x.value, 0.05) AS p05, quantile_cont(x.value, 0.25) AS p25, quantile_cont(x.value, 0.5) AS p50,
        quantile_cont(x.value, 0.75) AS p75, quantile_cont(x.value, 0.95) AS p95, avg(x.value) AS mean, count(*) AS n_draws
    FROM paired_draws(of_quantity, in_period, given_quantity, given_period) x WHERE x.other_value > given_level;
COMMENT ON MACRO TABLE interval_given_above IS 'interval_given_above(of_quantity, in_period, given_quantity, given_period, given_level): quantiles of of_quantity over the n_draws draws in which given_quantity is above given_level';

CREATE MACRO interval_given_below(of_quantity, in_period, given_quantity, given_period, given_level) AS TABLE
    SELECT quantile_cont(x.value, 0.05) AS p05, quantile_cont(x.value, 0.25) AS p25, quantile_cont(x.value, 0.5) AS p50,
        quantile_cont(x.value, 0.75) AS p75, quantile_cont(x.value, 0.95) AS p95, avg(x.value) AS mean, count(*) AS n_draws
    FROM paired_draws(of_quantity, in_period, given_quantity, given_period) x WHERE x.other_value < given_level;
COMMENT ON MACRO TABLE interval_given_below IS 'interval_given_below(of_quantity, in_period, given_quantity, given_period, given_level): quantiles of of_quantity over the n_draws draws in which given_quantity is below given_level';

CREATE MACRO forecast_as_of(day) AS TABLE
    SELECT f.* FROM forecast f
    WHERE f.run_id = (SELECT r.run_id FROM runs r WHERE r.status = 'published' AND r.as_of <= day::DATE ORDER BY r.as_of DESC, r.run_number DESC LIMIT 1);
COMMENT ON MACRO TABLE forecast_as_of IS 'forecast_as_of(day): the published forecast with the latest as_of not after day';

CREATE MACRO changes_between(earlier_run_id, later_run_id) AS TABLE
    SELECT a.quantity, a.period, a.unit, a.p05 AS earlier_p05, a.p50 AS earlier_p50, a.p95 AS earlier_p95,
        b.p05 AS later_p05, b.p50 AS later_p50, b.p95 AS later_p95, b.p50 / nullif(a.p50, 0) - 1 AS change_of_median
    FROM forecast a JOIN forecast b ON b.quantity = a.quantity AND b.period = a.period
    WHERE a.run_id = earlier_run_id AND b.run_id = later_run_id;
COMMENT ON MACRO TABLE changes_between IS 'changes_between(earlier_run_id, later_run_id): medians and 90 % intervals side by side';

CREATE MACRO news_of(of_quantity, in_period, since_which) AS TABLE
    SELECT n.part, n.publisher, n.about, n.known_on, n.p50, n.error_p50, n.p05, n.error_p05, n.p95, n.error_p95, n.unit, n.figure_ids, n.pareto_k,
        n.earlier_run_id, n.earlier_as_of, n.earlier_p05, n.earlier_p50, n.earlier_p95
    FROM news n JOIN latest_run r ON r.run_id = n.run_id
    WHERE n.quantity = of_quantity AND n.period = in_period AND n.since = since_which
    ORDER BY n.part = 'whole' DESC, abs(n.p50) DESC;
COMMENT ON MACRO TABLE news_of IS 'news_of(of_quantity, in_period, since_which): what moved the forecast served since the ''last run'' or a ''month ago'': the whole move of median and 90 % interval, then its parts, largest first';
