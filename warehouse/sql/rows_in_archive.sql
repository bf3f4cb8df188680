UPDATE run_rows SET file = $file WHERE table_name = $table_name AND list_contains($runs, rows_of);
