SELECT * EXCLUDE (run_id, finished_at) FROM joint_scoreboard ORDER BY metric, opponent;
