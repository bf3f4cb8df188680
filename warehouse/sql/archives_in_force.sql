SELECT table_name, file, bytes FROM archives WHERE in_force ORDER BY file;
