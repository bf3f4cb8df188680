SELECT s.as_of, s.quantity, s.period, s.horizon_group, s.metric, s.value FROM scores s JOIN latest_backtest b ON b.run_id = s.run_id
WHERE s.opponent = 'hbmcast' AND s.metric IN ('pit', 'pit_with_outcome_error') ORDER BY ALL;
