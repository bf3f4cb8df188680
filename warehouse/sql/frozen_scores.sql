SELECT s.* FROM frozen_scores s JOIN runs scorer ON scorer.run_id = s.run_id
QUALIFY row_number() OVER (PARTITION BY s.frozen_run_id, s.quantity, s.period ORDER BY scorer.run_number DESC) = 1;
