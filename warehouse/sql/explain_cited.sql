-- Figures that the words of an assumption or a row of a catalogue cite.
SELECT f.figure_id, f.metric, f.entity, f.segment, f.period, f.value, f.low, f.high, f.unit, f.kind, f.publisher, f.effective_published_on, f.title, f.url
FROM figures_current f WHERE list_contains($ids, f.figure_id) ORDER BY f.figure_id;
