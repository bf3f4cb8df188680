INSERT INTO archives (file, table_name, row_count, bytes, in_force) VALUES ($file, $table_name, $row_count, $bytes, true);
