FROM revision_chains WHERE published_on <= $as_of ORDER BY publisher, metric, entity, segment, period, unit, step;
