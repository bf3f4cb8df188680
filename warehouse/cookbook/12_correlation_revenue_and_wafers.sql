-- How closely do HBM revenue and CoWoS wafers of 2026 move together?
SELECT correlation_of('hbm_revenue_usd', '2026', 'cowos_wafers', '2026') AS correlation;
