FROM latest_backtest;
