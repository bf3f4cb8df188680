"""Figures proposed from the text of a page: words, amounts and periods of a sentence, tied by rules."""
