"""From printed rows to readings known by a date."""
