FROM committed_scoreboard ORDER BY quantity <> 'all', quantity, horizon_group, opponent;
