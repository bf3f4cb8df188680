INSERT INTO recent_diagnostics VALUES ($run_id, $name, $value, 0, false, $detail);
