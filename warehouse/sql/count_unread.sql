-- Refused rows that may stand for a row of the table: of figures those without a name, of another table any row of its
-- file, and whatever stands in no file of the evidence folder (a feed).
SELECT count(*) FROM rejected_current
WHERE CASE
    WHEN starts_with(file, 'figures/') THEN $table = 'figures' AND figure_id IS NULL
    WHEN NOT contains(file, '/') THEN file = $file
    ELSE figure_id IS NULL
END;
