FROM prospective_scoreboard ORDER BY NOT prospective, quantity, horizon_group;
