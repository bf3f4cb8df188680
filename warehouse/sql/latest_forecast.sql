FROM latest_forecast ORDER BY quantity, period;
