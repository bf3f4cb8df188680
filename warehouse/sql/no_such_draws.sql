SELECT no_such_draws($quantity::VARCHAR, $period::VARCHAR);
