FROM data_dictionary WHERE comment IS NOT NULL ORDER BY kind, name, column_name;
