SELECT DISTINCT s.system, s.item FROM latest_system_forecast s ORDER BY s.system, s.item;
