SELECT o.* FROM outcomes o JOIN latest_backtest b ON b.run_id = o.run_id ORDER BY quantity, period;
