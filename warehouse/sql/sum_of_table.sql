SELECT {{name}} AS table_name, count(*) AS n_rows, sum(hash(t)::HUGEINT) AS sum_of_hashes FROM {{table}} t
