-- Which rows of the evidence files are refused at present, why, and how are they mended?
SELECT file, row_number, figure_id, field, value, reason, remedy FROM rejected_current ORDER BY file, row_number, field;
