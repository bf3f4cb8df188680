-- Where do the process steps and the published orders disagree about equipment in 2026?
SELECT bottom.item, bottom.p50 / 1e6 AS bottom_up_million_usd, top.p50 / 1e6 AS top_down_million_usd, bottom.p50 / top.p50 AS bottom_up_over_top_down,
    bottom.p05 <= top.p95 AND top.p05 <= bottom.p95 AS intervals_meet
FROM equipment_forecast bottom
JOIN equipment_forecast top ON top.item = bottom.item AND top.period = bottom.period AND top.measure = bottom.measure AND top.part = 'top_down'
WHERE bottom.measure = 'usd' AND bottom.part = 'bottom_up' AND bottom.period = '2026'
ORDER BY abs(ln(bottom.p50 / top.p50)) DESC, bottom.item;
