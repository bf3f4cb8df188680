UNION SELECT {{name}}, run_id FROM {{table}} ANTI JOIN {{recorded}} USING (run_id)
