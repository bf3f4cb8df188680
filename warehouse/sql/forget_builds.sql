DELETE FROM builds WHERE build <= (SELECT max(b.build) FROM builds b WHERE b.table_name = builds.table_name) - $n;
