SELECT v.* FROM vintage_forecasts v JOIN latest_backtest b ON b.run_id = v.run_id ORDER BY as_of, quantity, period;
