SELECT DISTINCT source_id, licence_note FROM sources ORDER BY ALL;
