-- What the checks of draws hold them against.
SELECT 'rows of ' || table_name AS what, rows_of AS found FROM served_rows WHERE table_name IN ('forecast', 'system_forecast')
UNION ALL
SELECT 'quarter', year(r.as_of) || 'Q' || quarter(r.as_of) FROM latest_run r
UNION ALL
SELECT 'quantities', md5(string_agg(q::VARCHAR, '|' ORDER BY q.quantity)) FROM quantities q
UNION ALL
SELECT 'products', md5(string_agg(p::VARCHAR, '|' ORDER BY p::VARCHAR))
FROM products_current p JOIN latest_run r ON p.effective_announced_on <= r.as_of
UNION ALL
SELECT 'assumptions', md5(string_agg(a::VARCHAR, '|' ORDER BY a::VARCHAR))
FROM assumptions_current a JOIN latest_run r ON coalesce(a.effective_known_since, r.as_of) <= r.as_of
ORDER BY ALL;
