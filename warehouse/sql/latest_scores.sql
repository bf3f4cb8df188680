SELECT s.* FROM scores s JOIN latest_backtest b ON b.run_id = s.run_id;
